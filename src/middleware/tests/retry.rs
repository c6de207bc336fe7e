use super::*;

/// Milliseconds; none where the request goes on.
type Pauses<'list> = &'list [Option<u128>];

/// Attempts, the first pause, what comes out each time; the pauses.
type Row = (u32, u64, &'static [Outcome], Pauses<'static>);

fn rules(attempts: u32, millis: u64) -> RetryRules {
    RetryRules {
        attempts,
        initial_interval: Duration::from_millis(millis),
        timeout: None,
        body_bytes_max: Some(100),
        statuses: Statuses::default(),
        on_network_error: true,
        any_method: false,
    }
}

fn statuses(texts: &[&str]) -> Statuses {
    let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
    Statuses::read(&texts).unwrap()
}

/// Walks in, then sees `outcomes` come out; says how long each pause was, none for going on.
fn pauses(step: &Middleware, head: &mut RequestHead, outcomes: &[Outcome]) -> Vec<Option<u128>> {
    let mut slot = Slot::default();
    assert!(matches!(
        step.on_request(head, &PLAIN, &mut slot),
        Flow::Next
    ));
    let mut response = ResponseHead::new();
    outcomes
        .iter()
        .map(|outcome| {
            let told = (*outcome, &PLAIN);
            let flow = step.on_response(head, &mut response, told, &mut slot);
            if let Flow::Again { after } = flow {
                Some(after.as_millis())
            } else {
                assert!(matches!(flow, Flow::Next), "{flow:?}");
                None
            }
        })
        .collect()
}

#[test]
fn attempts_count_the_first_one() {
    const UNSENT: Outcome = Outcome::NeverSent;
    let table: [Row; 7] = [
        (1, 100, &[UNSENT], &[None]),
        (2, 100, &[UNSENT, UNSENT], &[Some(100), None]),
        (
            3,
            100,
            &[UNSENT, UNSENT, UNSENT],
            &[Some(100), Some(141), None],
        ),
        (3, 0, &[UNSENT, Outcome::Answered], &[Some(0), None]),
        // What was begun, or answered by anybody, is not sent again.
        (3, 100, &[Outcome::Failed], &[None]),
        (3, 100, &[Outcome::Answered], &[None]),
        (3, 100, &[Outcome::Local], &[None]),
    ];
    for (attempts, millis, outcomes, expected) in table {
        let step = Middleware::Retry(Retry::new(rules(attempts, millis)));
        let found = pauses(&step, &mut get("/"), outcomes);
        assert_eq!(found, expected, "{attempts} {outcomes:?}");
    }
}

#[test]
fn the_next_try_begins_with_the_request_as_it_entered() {
    let step = Middleware::Retry(Retry::new(rules(2, 0)));
    let mut head = get("/api/x");
    let mut slot = Slot::default();
    let before = sent(&head);
    assert!(matches!(
        step.on_request(&mut head, &PLAIN, &mut slot),
        Flow::Next
    ));
    let strip = Middleware::StripPrefix(StripPrefix::new(&["/api".to_owned()], false));
    assert_eq!(pass(&strip, &mut head, &PLAIN), None);
    assert_ne!(sent(&head), before);
    let mut response = ResponseHead::new();
    let told = (Outcome::NeverSent, &PLAIN);
    let flow = step.on_response(&mut head, &mut response, told, &mut slot);
    assert!(matches!(flow, Flow::Again { .. }));
    assert_eq!(sent(&head), before);
}

/// A request line with its length, and what became of it.
#[derive(Clone, Copy)]
struct Case {
    method: &'static str,
    bytes: u64,
    outcome: Outcome,
    status: u16,
}

const GET: Case = Case {
    method: "GET",
    bytes: 0,
    outcome: Outcome::Answered,
    status: 503,
};

const POST: Case = Case {
    method: "POST",
    bytes: 5,
    ..GET
};

/// Whether the case is tried again; what is collected has at most 100 bytes.
fn is_tried_again(rules: RetryRules, case: Case) -> bool {
    let step = Middleware::Retry(Retry::new(rules));
    let mut head = request(&format!(
        "{} / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n",
        case.method, case.bytes
    ));
    let mut slot = Slot::default();
    if let Flow::Collect(wish) = step.on_request(&mut head, &PLAIN, &mut slot) {
        assert_eq!(wish.bytes_max, Some(100));
        let collected = if case.bytes <= 100 {
            Collected::Whole { bytes: case.bytes }
        } else {
            Collected::TooLarge
        };
        let flow = step.on_collected(&mut head, collected, &PLAIN, &mut slot);
        // Too large for being sent twice is no fault (features 15b.8).
        assert!(matches!(flow, Flow::Next));
    }
    let mut response = plain(case.status);
    let told = (case.outcome, &PLAIN);
    let flow = step.on_response(&mut head, &mut response, told, &mut slot);
    matches!(flow, Flow::Again { .. })
}

fn by_status() -> RetryRules {
    RetryRules {
        statuses: statuses(&["502-504", "429"]),
        ..rules(3, 0)
    }
}

#[test]
fn some_statuses_are_not_good_enough() {
    let table = [
        (GET, true),
        (Case { status: 429, ..GET }, true),
        (Case { status: 500, ..GET }, false),
        (Case { status: 200, ..GET }, false),
        // Broken off halfway: what the client would see counts.
        (
            Case {
                outcome: Outcome::Failed,
                status: 502,
                ..GET
            },
            true,
        ),
        // A middleware's own answer would be the same again.
        (
            Case {
                outcome: Outcome::Local,
                ..GET
            },
            false,
        ),
        (
            Case {
                outcome: Outcome::NeverSent,
                status: 502,
                ..POST
            },
            true,
        ),
        // A server has seen it, and might do it twice.
        (POST, false),
        (
            Case {
                method: "PATCH",
                ..POST
            },
            false,
        ),
        (
            Case {
                method: "PUT",
                ..POST
            },
            true,
        ),
        (
            Case {
                method: "PUT",
                bytes: 101,
                ..POST
            },
            false,
        ),
    ];
    for (case, expected) in table {
        let found = is_tried_again(by_status(), case);
        assert_eq!(found, expected, "{} {}", case.method, case.status);
    }
}

#[test]
fn what_may_be_repeated_is_a_choice() {
    let any_method = RetryRules {
        any_method: true,
        ..by_status()
    };
    assert!(is_tried_again(any_method, POST));
    let no_network = RetryRules {
        on_network_error: false,
        ..by_status()
    };
    let unsent = Case {
        outcome: Outcome::NeverSent,
        ..GET
    };
    assert!(!is_tried_again(no_network, unsent));
}

#[test]
fn no_try_begins_after_the_timeout() {
    let late = |millis: u64| {
        let step = Middleware::Retry(Retry::new(RetryRules {
            timeout: Some(Duration::from_secs(1)),
            ..rules(9, 100)
        }));
        let (mut head, mut slot) = (get("/"), Slot::default());
        assert!(matches!(
            step.on_request(&mut head, &PLAIN, &mut slot),
            Flow::Next
        ));
        let around = Around {
            now: PLAIN.now + Duration::from_millis(millis),
            ..PLAIN
        };
        let told = (Outcome::NeverSent, &around);
        let flow = step.on_response(&mut head, &mut plain(502), told, &mut slot);
        matches!(flow, Flow::Next)
    };
    assert!(!late(0));
    assert!(!late(899));
    // The pause counts, too.
    assert!(late(900));
    assert!(late(5000));
}
