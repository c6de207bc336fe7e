use super::*;
use crate::wire::BodyLength;

const WISH: Collect = Collect {
    memory_bytes: 10,
    bytes_max: Some(100),
};

fn step(request: Option<Collect>, response: Option<Collect>, retry: &str) -> Middleware {
    let rules = BufferingRules {
        request,
        response,
        request_bytes_max: Some(100),
        response_bytes_max: Some(100),
    };
    Middleware::Buffering(Box::new(Buffering::new(rules, retry).unwrap()))
}

fn post(framing: &str) -> RequestHead {
    request(&format!("POST / HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n"))
}

fn answer(status: u16, length: BodyLength) -> ResponseHead {
    let mut head = plain(status);
    head.set_body(length);
    head
}

/// `next`, `whole` where a body is to be read first, or the answer.
fn told(flow: Flow) -> String {
    if let Flow::Collect(WISH) | Flow::Store(WISH) = flow {
        return "whole".to_owned();
    }
    answer_of(flow).unwrap_or_else(|| "next".to_owned())
}

const TOO_LARGE: &str = "413 Request Entity Too Large";

#[test]
fn bodies_are_taken_in_first_or_refused() {
    let step = step(Some(WISH), Some(WISH), "");
    for (framing, expected) in [
        ("Content-Length: 100", "whole"),
        ("Transfer-Encoding: chunked", "whole"),
        ("Content-Length: 101", TOO_LARGE),
        ("Content-Length: 0", "next"),
        ("Accept: a", "next"),
    ] {
        let flow = step.on_request(&mut post(framing), &PLAIN, &mut Slot::default());
        let found = told(flow);
        assert_eq!(found.lines().next(), Some(expected), "{framing}");
    }
    let mut head = post("Transfer-Encoding: chunked");
    let collected = |head: &mut RequestHead, what| {
        answer_of(step.on_collected(head, what, &PLAIN, &mut Slot::default()))
    };
    assert_eq!(collected(&mut head, Collected::Whole { bytes: 7 }), None);
    assert_eq!(
        collected(&mut head, Collected::TooLarge).as_deref(),
        Some("413 Request Entity Too Large\nContent-Length: 0\n\nRequest Entity Too Large")
    );
}

#[test]
fn answers_are_taken_in_first_or_replaced() {
    let step = step(Some(WISH), Some(WISH), "");
    let out = |status, length| {
        let (mut head, mut slot) = (get("/"), Slot::default());
        let out = (Outcome::Answered, &PLAIN);
        let mut response = answer(status, length);
        let flow = step.on_response(&mut head, &mut response, out, &mut slot);
        told(flow)
    };
    assert_eq!(out(200, BodyLength::Length(100)), "whole");
    assert_eq!(out(200, BodyLength::Chunked), "whole");
    assert_eq!(out(101, BodyLength::None), "next");
    let replaced = "500 Internal Server Error\nContent-Length: 0\n\nInternal Server Error";
    assert_eq!(out(200, BodyLength::Length(101)), replaced);
    let stored = |what| answer_of(step.on_stored(what));
    assert_eq!(stored(Collected::Whole { bytes: 100 }), None);
    assert_eq!(stored(Collected::TooLarge).as_deref(), Some(replaced));
}

#[test]
fn what_is_switched_off_passes_within_its_announced_bounds() {
    let step = step(None, None, "");
    let pass = |framing: &str| {
        answer_of(step.on_request(&mut post(framing), &PLAIN, &mut Slot::default()))
    };
    assert_eq!(pass("Content-Length: 100"), None);
    assert_eq!(pass("Transfer-Encoding: chunked"), None);
    assert!(pass("Content-Length: 101").unwrap().starts_with(TOO_LARGE));
    let told = (Outcome::Answered, &PLAIN);
    let (mut head, mut slot) = (get("/"), Slot::default());
    let mut response = answer(200, BodyLength::Chunked);
    let flow = step.on_response(&mut head, &mut response, told, &mut slot);
    assert!(matches!(flow, Flow::Next));
}

/// How often a request is sent when each answer has this status.
fn tries(retry: &str, framing: &str, (status, outcome): (u16, Outcome)) -> u32 {
    let step = step(Some(WISH), None, retry);
    let (mut head, mut slot) = (post(framing), Slot::default());
    if let Flow::Collect(_) = step.on_request(&mut head, &PLAIN, &mut slot) {
        let whole = Collected::Whole { bytes: 1 };
        assert!(matches!(
            step.on_collected(&mut head, whole, &PLAIN, &mut slot),
            Flow::Next
        ));
    }
    let mut count = 1;
    while let Flow::Again { .. } =
        step.on_response(&mut head, &mut plain(status), (outcome, &PLAIN), &mut slot)
    {
        count += 1;
    }
    count
}

#[test]
fn the_expression_says_when_to_ask_again() {
    const BODY: &str = "Content-Length: 1";
    const UNSENT: Outcome = Outcome::NeverSent;
    const ANSWERED: Outcome = Outcome::Answered;
    let table = [
        ("IsNetworkError() && Attempts() < 3", BODY, (502, UNSENT), 3),
        (
            "IsNetworkError() && Attempts() < 3",
            BODY,
            (504, ANSWERED),
            3,
        ),
        (
            "IsNetworkError() && Attempts() < 3",
            BODY,
            (500, ANSWERED),
            1,
        ),
        (
            "ResponseCode() == 500 && Attempts() <= 3",
            BODY,
            (500, ANSWERED),
            4,
        ),
        ("ResponseCode() >= 500", BODY, (503, ANSWERED), 10),
        // Only with a body (features 15b.8).
        ("ResponseCode() >= 500", "Accept: a", (503, ANSWERED), 1),
        ("ResponseCode() >= 500", BODY, (503, Outcome::Local), 1),
        ("", BODY, (503, ANSWERED), 1),
    ];
    for (retry, framing, out, expected) in table {
        assert_eq!(
            tries(retry, framing, out),
            expected,
            "{retry} {framing} {out:?}"
        );
    }
    let rules = || BufferingRules {
        request: None,
        response: None,
        request_bytes_max: None,
        response_bytes_max: None,
    };
    assert!(Buffering::new(rules(), "Attempts()").is_err());
    assert!(Buffering::new(rules(), "NetworkErrorRatio() > 1").is_err());
}
