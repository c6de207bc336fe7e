use super::*;
use crate::middleware::Reply;
use crate::wire::{BodyLength, ForwardedRules, Peer};

/// The fields by name, by pattern, the lines of a yes, what the server sees.
type Row = (
    Texts<'static>,
    Option<&'static str>,
    &'static str,
    &'static str,
);

fn names_of(texts: Texts<'_>) -> Box<[HeaderName]> {
    texts
        .iter()
        .map(|text| HeaderName::new(text).unwrap())
        .collect()
}

pub(super) fn plain_step() -> ForwardAuth {
    ForwardAuth {
        address: Address {
            host: b"auth:81".as_slice().into(),
            path: b"/check/me".as_slice().into(),
            query: Some(b"a=b".as_slice().into()),
        },
        trust: false,
        response_fields: Box::default(),
        response_pattern: None,
        request_fields: Box::default(),
        cookies: Box::default(),
        user_field: None,
        body: None,
        reply_bytes_max: Some(1000),
        keep_location: false,
        keep_method: false,
        sign_in: None,
    }
}

/// As it comes from an entry point that trusts its peers, or does not.
fn arrived(text: &str, trusted: bool) -> RequestHead {
    let mut head = request(text);
    let rules = ForwardedRules {
        insecure: trusted,
        ..ForwardedRules::default()
    };
    let peer = Peer::new(PLAIN.peer, &rules);
    head.forward(&rules, &peer, false);
    head
}

fn question(step: ForwardAuth, head: &mut RequestHead) -> String {
    let step = Middleware::ForwardAuth(step);
    let call = call_of(step.on_request(head, &PLAIN, &mut Slot::default()));
    assert_eq!(call.timeout, Duration::from_secs(30));
    sent(&call.head)
}

fn reply(text: &str) -> ResponseHead {
    let mut response = ResponseHead::new();
    let mut page = Page::copy_of(text.as_bytes());
    let asked = crate::wire::Method::Get;
    assert_eq!(response.parse(&mut page, asked), Ok(Step::Done), "{text}");
    response
}

/// What becomes of a request that the auth server answers so.
fn told(step: ForwardAuth, head: &mut RequestHead, text: &str) -> (Flow, ResponseHead, Slot) {
    let mut response = reply(text);
    let mut slot = Slot::default();
    let step = Middleware::ForwardAuth(step);
    let flow = step.on_reply(head, Reply::Answered(&mut response), &PLAIN, &mut slot);
    (flow, response, slot)
}

const LYING: &str = "POST /a/b?c=d HTTP/1.1\r\nHost: example.com:8080\r\nContent-Length: 3\r\n\
    Cookie: s=1\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\n\
    X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\n\
    X-Forwarded-Port: 1\r\nX-Forwarded-Uri: /evil\r\nX-Forwarded-Method: EVIL\r\n\
    X-Forwarded-Prefix: /evil\r\nX_Forwarded_Uri: /evil\r\nX-Forwarded_Host: evil\r\n\
    Proxy-Authorization: Basic x\r\n\r\n";

#[test]
fn the_question_tells_what_was_asked_and_nothing_that_a_stranger_says() {
    // The entry point trusts the peer, the middleware does not: all is said anew.
    for trusted in [false, true] {
        let text = question(plain_step(), &mut arrived(LYING, trusted));
        let mut lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "GET /check/me?a=b HTTP/1.1");
        assert_eq!(lines[1], "Host: auth:81");
        lines[2..].sort_unstable();
        let mut expected = vec![
            "Cookie: s=1",
            "Proxy-Authorization: Basic x",
            "X-Forwarded-For: 192.0.2.7",
            "X-Forwarded-Host: example.com:8080",
            "X-Forwarded-Method: POST",
            "X-Forwarded-Port: 8080",
            "X-Forwarded-Proto: http",
            "X-Forwarded-Uri: /a/b?c=d",
            "X-Real-Ip: 192.0.2.7",
        ];
        expected.sort_unstable();
        assert_eq!(lines[2..], expected, "{text}");
    }
}

#[test]
fn whoever_is_trusted_may_say_it_himself() {
    let step = ForwardAuth {
        trust: true,
        ..plain_step()
    };
    let text = question(step, &mut arrived(LYING, true));
    for line in [
        "X-Forwarded-For: 10.0.0.1, 192.0.2.7",
        "X-Forwarded-Host: evil",
        "X-Forwarded-Method: EVIL",
        "X-Forwarded-Port: 1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Uri: /evil",
        "X-Forwarded-Prefix: /evil",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(!text.contains('_'), "{text}");
}

#[test]
fn the_fields_of_the_question_can_be_chosen() {
    let step = ForwardAuth {
        request_fields: names_of(&["cookie"]),
        keep_method: true,
        ..plain_step()
    };
    let text = question(step, &mut arrived(LYING, false));
    assert!(text.starts_with("POST /check/me?a=b HTTP/1.1\n"), "{text}");
    assert!(
        text.contains("\nContent-Length: 0") && text.contains("\nCookie: s=1\n"),
        "{text}"
    );
    assert!(
        !text.contains("X-Real-Ip") && !text.contains("Proxy-"),
        "{text}"
    );
    assert!(text.contains("\nX-Forwarded-Uri: /a/b?c=d"), "{text}");
}

#[test]
fn the_body_goes_along_where_it_is_wanted_and_fits() {
    let step = Middleware::ForwardAuth(ForwardAuth {
        body: Some(Some(5)),
        ..plain_step()
    });
    let mut head = arrived(LYING, false);
    let mut slot = Slot::default();
    let flow = step.on_request(&mut head, &PLAIN, &mut slot);
    let Flow::Collect(wish) = flow else {
        panic!("{flow:?}")
    };
    assert_eq!(wish.bytes_max, Some(5));
    let flow = step.on_collected(&mut head, Collected::Whole { bytes: 3 }, &PLAIN, &mut slot);
    let Flow::Call(call) = flow else {
        panic!("{flow:?}")
    };
    assert!(call.with_body);
    assert_eq!(call.head.body(), BodyLength::Length(3));
    let flow = step.on_collected(&mut head, Collected::TooLarge, &PLAIN, &mut slot);
    assert_eq!(
        answer_of(flow).unwrap(),
        "401 Unauthorized\nContent-Length: 0\n\n"
    );
    // Without a body there is nothing to read.
    let flow = step.on_request(&mut get("/"), &PLAIN, &mut slot);
    assert!(matches!(flow, Flow::Call(_)), "{flow:?}");
}

#[test]
fn a_yes_replaces_what_the_client_says_in_every_spelling() {
    let table: [Row; 6] = [
        (&["X-User"], None, "X-User: me\r\n", "X-User: me"),
        (
            &["x-user"],
            None,
            "X-User: me\r\nX-User: you\r\n",
            "X-User: me|X-User: you",
        ),
        // Not said: the client's are gone all the same.
        (&["X-User"], None, "", ""),
        (
            &[],
            Some("^X-Us"),
            "X-User: me\r\nX-Other: a\r\n",
            "X-User: me",
        ),
        (&[], Some("^X-Us"), "", ""),
        (
            &["X-User", "Host", "Content-Length", "Connection"],
            None,
            "X-User: a\r\n",
            "X-User: a",
        ),
    ];
    for (fields, pattern_text, lines, expected) in table {
        let step = ForwardAuth {
            response_fields: names_of(fields),
            response_pattern: pattern_text.map(pattern),
            ..plain_step()
        };
        let mut head = arrived(
            "GET / HTTP/1.1\r\nHost: a\r\nX-User: root\r\nX_User: root\r\nx-uSer: root\r\n\r\n",
            false,
        );
        let text = format!("HTTP/1.1 204 No Content\r\n{lines}\r\n");
        let (flow, ..) = told(step, &mut head, &text);
        assert!(matches!(flow, Flow::Next), "{flow:?}");
        let text = sent(&head);
        let users: Vec<&str> = text
            .lines()
            .filter(|line| line.to_lowercase().replace('_', "-").starts_with("x-user"))
            .collect();
        assert_eq!(
            users.join("|"),
            expected,
            "{fields:?} {pattern_text:?} {lines:?}"
        );
        assert!(text.contains("\nHost: a\n"), "{text}");
    }
}

#[test]
fn a_no_is_the_answer_with_its_place_made_absolute() {
    let table = [
        ("302 Found", "/login", false, Some("http://auth:81/login")),
        (
            "302 Found",
            "login?x",
            false,
            Some("http://auth:81/check/login?x"),
        ),
        ("302 Found", "https://x/", false, Some("https://x/")),
        ("302 Found", "/login", true, Some("/login")),
        ("401 Unauthorized", "", false, Some("")),
        ("302 Found", ":x", false, None),
    ];
    for (status, location, keep_location, expected) in table {
        let step = ForwardAuth {
            keep_location,
            ..plain_step()
        };
        let text = format!(
            "HTTP/1.1 {status}\r\nLocation: {location}\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\
             WWW-Authenticate: x\r\nContent-Length: 2\r\n\r\n"
        );
        let (flow, response, _) = told(step, &mut get("/"), &text);
        match expected {
            None => assert_eq!(
                answer_of(flow).unwrap(),
                "500 Internal Server Error\nContent-Length: 0\n\n"
            ),
            Some(expected) => {
                assert!(matches!(flow, Flow::Relay), "{flow:?}");
                assert_eq!(response.value(&names::LOCATION), Some(expected.as_bytes()));
                let text = answered(&response, b"");
                assert!(
                    text.starts_with(status) && !text.contains("X-Hop"),
                    "{text}"
                );
            }
        }
    }
}

#[test]
fn whoever_must_sign_in_is_sent_there() {
    let step = || ForwardAuth {
        sign_in: Some(b"https://login.example.com/?a".as_slice().into()),
        ..plain_step()
    };
    let denied = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
    let (flow, ..) = told(step(), &mut get("/"), denied);
    assert_eq!(
        answer_of(flow).unwrap(),
        "302 Found\nLocation: https://login.example.com/?a\nContent-Length: 0\n\nFound"
    );
    let (flow, ..) = told(step(), &mut get("/"), &denied.replace("401", "403"));
    assert!(matches!(flow, Flow::Relay), "{flow:?}");
}

#[test]
fn a_question_without_a_reply_lets_nobody_in() {
    let table = [
        (CallFault::Unreachable, "500 Internal Server Error"),
        (CallFault::TooLarge, "401 Unauthorized"),
    ];
    for (fault, expected) in table {
        let step = Middleware::ForwardAuth(plain_step());
        let failed = Reply::Failed(fault);
        let flow = step.on_reply(&mut get("/"), failed, &PLAIN, &mut Slot::default());
        let answer = answer_of(flow).unwrap();
        assert_eq!(answer, format!("{expected}\nContent-Length: 0\n\n"));
    }
}

#[test]
fn cookies_of_a_yes_reach_the_client_in_place_of_the_servers() {
    let step = || ForwardAuth {
        cookies: [b"s".as_slice().into(), b"t".as_slice().into()].into(),
        user_field: Some(HeaderName::new("X-Who").unwrap()),
        ..plain_step()
    };
    let yes = "HTTP/1.1 200 OK\r\nX-Who: me\r\nSet-Cookie: s=new; Path=/\r\nSet-Cookie: z=1\r\n\
               Content-Length: 0\r\n\r\n";
    let mut head = get("/");
    let (flow, _, mut slot) = told(step(), &mut head, yes);
    assert!(matches!(flow, Flow::Next), "{flow:?}");
    let Slot::ForwardAuth(verdict) = &slot else {
        panic!("{slot:?}")
    };
    assert_eq!(verdict.user(), Some(b"me".as_slice()));
    let mut response = reply(
        "HTTP/1.1 200 OK\r\nSet-Cookie: s=old\r\nSet-Cookie: u=1\r\nSet-Cookie: t=2\r\n\
         Content-Length: 0\r\n\r\n",
    );
    leave(
        &Middleware::ForwardAuth(step()),
        &mut head,
        &mut response,
        &mut slot,
    );
    let lines: Vec<&[u8]> = response.values(&names::SET_COOKIE).collect();
    assert_eq!(lines, [b"u=1".as_slice(), b"s=new; Path=/"]);
}
