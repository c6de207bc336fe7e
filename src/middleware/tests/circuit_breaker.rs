use crate::base::Tick;
use crate::board::Spans;

use super::*;

const SPANS: Spans = Spans {
    check: Duration::from_millis(100),
    fallback: Duration::from_secs(10),
    recovery: Duration::from_secs(10),
};

fn breaker(expression: &str, status: u16) -> Middleware {
    let step = CircuitBreaker::new(expression, SPANS, status).unwrap();
    Middleware::CircuitBreaker(Box::new(step))
}

fn at(millis: u64) -> Around {
    Around {
        now: Tick::from_nanos(millis * 1_000_000),
        ..PLAIN
    }
}

/// A request that enters at one time and is answered at another; the refusal if it does not.
fn ask(step: &Middleware, status: u16, (from, to): (u64, u64)) -> Option<String> {
    let (mut head, mut slot) = (get("/"), Slot::default());
    if let Some(refusal) = answer_of(step.on_request(&mut head, &at(from), &mut slot)) {
        return Some(refusal);
    }
    let mut response = plain(status);
    let flow = step.on_response(
        &mut head,
        &mut response,
        (Outcome::Answered, &at(to)),
        &mut slot,
    );
    assert!(matches!(flow, Flow::Next));
    None
}

/// Whether a breaker is tripped after answers with these statuses, each within so many
/// milliseconds.
fn trips(expression: &str, answers: &[(u16, u64)]) -> bool {
    let step = breaker(expression, 503);
    for (turn, (status, millis)) in (1..).zip(answers) {
        ask(&step, *status, (turn * 200, turn * 200 + millis));
    }
    ask(&step, 200, (9_000, 9_001)).is_some()
}

/// An expression, answers, whether they trip it.
type Row = (&'static str, &'static [(u16, u64)], bool);

#[test]
fn each_function_measures_what_it_says() {
    const OK: (u16, u64) = (200, 5);
    let table: [Row; 14] = [
        ("NetworkErrorRatio() > 0.3", &[OK, (502, 1), OK], true),
        ("NetworkErrorRatio() > 0.3", &[OK, (504, 1), OK], true),
        ("NetworkErrorRatio() > 0.3", &[OK, OK, OK, (502, 1)], false),
        ("NetworkErrorRatio() > 0.3", &[(500, 1), (503, 1)], false),
        // One bad answer is enough (features 15b.12).
        ("NetworkErrorRatio() > 0.3", &[(502, 1)], true),
        (
            "ResponseCodeRatio(500, 600, 0, 600) > 0.25",
            &[OK, (500, 1)],
            true,
        ),
        (
            "ResponseCodeRatio(500, 600, 0, 600) > 0.25",
            &[OK, OK, OK, (599, 1)],
            false,
        ),
        (
            "ResponseCodeRatio(400, 404, 400, 500) >= 0.5",
            &[OK, (403, 1), (404, 1)],
            true,
        ),
        (
            "ResponseCodeRatio(400, 404, 400, 500) >= 0.5",
            &[OK, (404, 1)],
            false,
        ),
        (
            "LatencyAtQuantileMS(50.0) > 50",
            &[(200, 60), (200, 70), OK],
            true,
        ),
        (
            "LatencyAtQuantileMS(50.0) > 50",
            &[OK, OK, (200, 60)],
            false,
        ),
        ("LatencyAtQuantileMS(99) > 50", &[OK, OK, (200, 60)], true),
        (
            "NetworkErrorRatio() > 0.9 || LatencyAtQuantileMS(99) > 50",
            &[(200, 60)],
            true,
        ),
        (
            "NetworkErrorRatio() > 0.9 && LatencyAtQuantileMS(99) > 50",
            &[(200, 60)],
            false,
        ),
    ];
    for (expression, answers, expected) in table {
        assert_eq!(
            trips(expression, answers),
            expected,
            "{expression} {answers:?}"
        );
    }
}

#[test]
fn it_answers_for_the_service_and_then_lets_in_more_and_more() {
    let step = breaker("ResponseCodeRatio(500, 600, 0, 600) > 0.5", 529);
    assert_eq!(ask(&step, 500, (1000, 1001)), None);
    let refused = "529 \nContent-Length: 0\n\n";
    assert_eq!(ask(&step, 200, (1002, 1002)).as_deref(), Some(refused));
    assert_eq!(ask(&step, 200, (10_900, 10_900)).as_deref(), Some(refused));
    // Recovering from 11.001 on: of the first hundred requests few, later more.
    let share = |from: u64| {
        let inside = (0..100).filter(|n| ask(&step, 200, (from + n, from + n)).is_none());
        inside.count()
    };
    let shares = [11_100, 13_000, 15_000, 20_000].map(share);
    assert!(
        shares.is_sorted() && shares[0] < 5 && shares[3] > 40,
        "{shares:?}"
    );
    assert_eq!(share(30_000), 100);
    let plain = breaker("NetworkErrorRatio() > 0.1", 503);
    assert_eq!(ask(&plain, 502, (1, 2)), None);
    let refused = ask(&plain, 502, (3, 3)).unwrap();
    assert_eq!(
        refused,
        "503 Service Unavailable\nContent-Length: 0\n\nService Unavailable"
    );
}

#[test]
fn each_router_trips_alone() {
    let step = breaker("NetworkErrorRatio() > 0.1", 503);
    let other = step.anew().unwrap();
    assert_eq!(ask(&step, 502, (1, 2)), None);
    assert!(ask(&step, 200, (3, 3)).is_some());
    assert!(ask(&other, 200, (3, 3)).is_none());
}

#[test]
fn an_expression_that_is_none_is_refused() {
    for wrong in [
        "",
        "true",
        "NetworkErrors() > 1",
        "LatencyAtQuantileMS() > 1",
    ] {
        assert!(CircuitBreaker::new(wrong, SPANS, 503).is_err(), "{wrong}");
    }
}
