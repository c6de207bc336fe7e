use super::super::cors::Cors;
use super::super::secure::Secure;
use super::*;

type Pairs<'text> = &'text [(&'text str, &'text str)];

fn custom(request: Pairs<'_>, response: Pairs<'_>) -> Headers {
    Headers::new(request.iter().copied(), response.iter().copied()).unwrap()
}

fn listed(names: &[&str], patterns: &[&str]) -> Origins {
    Origins::Listed {
        names: names.iter().map(|name| name.as_bytes().into()).collect(),
        patterns: patterns.iter().map(|text| pattern(text)).collect(),
    }
}

fn cors(origins: Origins) -> Cors {
    Cors {
        origins,
        credentials: false,
        methods: None,
        headers: None,
        expose: None,
        max_age: None,
        vary: false,
    }
}

/// What the client gets for a request whose server answers with `fields`.
fn round(step: Headers, head: &str, around: &Around, fields: Pairs<'_>) -> String {
    let step = Middleware::Headers(step);
    let mut slot = Slot::default();
    let mut head = request(head);
    if let Some(answer) = answer_of(step.on_request(&mut head, around, &mut slot)) {
        return answer;
    }
    let mut response = plain(200);
    for (name, value) in fields {
        response.append(&HeaderName::new(name).unwrap(), value.as_bytes());
    }
    step.on_response(
        &mut head,
        &mut response,
        (Outcome::Answered, around),
        &mut slot,
    );
    answered(&response, b"")
}

const FROM_A: &str = "GET / HTTP/1.1\r\nHost: h\r\nOrigin: https://a\r\n\r\n";
const FROM_B: &str = "GET / HTTP/1.1\r\nHost: h\r\nOrigin: https://b\r\n\r\n";
const FROM_NOWHERE: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const PREFLIGHT: &str = "OPTIONS / HTTP/1.1\r\nHost: h\r\nOrigin: https://a\r\n\
                         Access-Control-Request-Method: PUT\r\n\r\n";

#[test]
fn request_fields_are_set_and_deleted() {
    let step = custom(
        &[
            ("x-one", "1"),
            ("X-Two", ""),
            ("Host", "other:81"),
            ("Transfer-Encoding", "chunked"),
            ("Content-Length", "7"),
            ("Connection", "close"),
        ],
        &[],
    );
    let mut head = request(
        "POST / HTTP/1.1\r\nHost: h\r\nX-One: a\r\nx-one: b\r\nX-Two: c\r\n\
         Content-Length: 2\r\n\r\n",
    );
    assert_eq!(pass(&Middleware::Headers(step), &mut head, &PLAIN), None);
    let expected = "POST / HTTP/1.1\nHost: other:81\nContent-Length: 2\nX-One: 1";
    assert_eq!(sent(&head), expected);
}

#[test]
fn response_fields_are_set_over_the_servers() {
    let step = custom(
        &[],
        &[
            ("X-One", "1"),
            ("Server", ""),
            ("Content-Length", "9"),
            ("Connection", "close"),
        ],
    );
    let fields = [
        ("Server", "nginx"),
        ("X-One", "a"),
        ("X-One", "b"),
        ("X-Two", "2"),
    ];
    let found = round(step, FROM_NOWHERE, &PLAIN, &fields);
    assert_eq!(found, "200 OK\nX-Two: 2\nX-One: 1\nContent-Length: 0\n\n");
}

#[test]
fn what_cannot_be_sent_cannot_be_set() {
    let of = |name, value| Headers::new([(name, value)].into_iter(), std::iter::empty());
    let fault = of("a b", "x").unwrap_err();
    assert_eq!(fault, HeaderFault::Name("a b".to_owned()));
    let fault = of("X-A", "a\r\nb").unwrap_err();
    assert_eq!(fault, HeaderFault::Value("X-A".to_owned()));
    let fault = of("Host", "a/b").unwrap_err();
    assert_eq!(fault, HeaderFault::Host("a/b".to_owned()));
}

#[test]
fn an_origin_that_is_listed_may_read() {
    let table = [
        (listed(&["https://a"], &[]), FROM_A, "https://a"),
        (listed(&["https://a"], &[]), FROM_B, ""),
        (listed(&["https://a"], &[]), FROM_NOWHERE, ""),
        (listed(&[], &["^https://[a-b]$"]), FROM_B, "https://b"),
        (listed(&[], &["^https://c$"]), FROM_B, ""),
        (Origins::Any, FROM_B, "*"),
        (Origins::Any, FROM_NOWHERE, "*"),
    ];
    for (origins, head, allowed) in table {
        let step = Headers::default().with_cors(Some(cors(origins)));
        let found = round(step, head, &PLAIN, &[]);
        let line = format!("Access-Control-Allow-Origin: {allowed}\n");
        let line = if allowed.is_empty() { "" } else { &line };
        assert_eq!(
            found,
            format!("200 OK\n{line}Content-Length: 0\n\n"),
            "{head}"
        );
    }
}

#[test]
fn a_star_with_credentials_names_the_origin() {
    let rules = || Cors {
        credentials: true,
        ..cors(Origins::Any)
    };
    let found = round(
        Headers::default().with_cors(Some(rules())),
        FROM_B,
        &PLAIN,
        &[],
    );
    let expected = "200 OK\nAccess-Control-Allow-Origin: https://b\n\
                    Access-Control-Allow-Credentials: true\nContent-Length: 0\n\n";
    assert_eq!(found, expected);
}

#[test]
fn cors_fields_win_over_the_servers_and_over_custom_ones() {
    let rules = Cors {
        expose: Some(b"X-One,X-Two"[..].into()),
        vary: true,
        ..cors(listed(&["https://a"], &[]))
    };
    let step = custom(&[], &[("Access-Control-Allow-Origin", "https://custom")]);
    let server = [
        ("Access-Control-Allow-Origin", "https://server"),
        ("Vary", "Accept"),
    ];
    let found = round(step.with_cors(Some(rules)), FROM_A, &PLAIN, &server);
    let expected = "200 OK\nVary: Accept\nAccess-Control-Allow-Origin: https://a\n\
                    Access-Control-Expose-Headers: X-One,X-Two\nVary: Origin\n\
                    Content-Length: 0\n\n";
    assert_eq!(found, expected);
}

#[test]
fn vary_names_the_origin_once() {
    let rules = Cors {
        vary: true,
        ..cors(listed(&[], &[]))
    };
    assert!(rules.is_wanted());
    let step = Headers::default().with_cors(Some(rules));
    let found = round(step, FROM_NOWHERE, &PLAIN, &[("Vary", "Origin")]);
    assert_eq!(found, "200 OK\nVary: Origin\nContent-Length: 0\n\n");
}

#[test]
fn a_preflight_is_answered_before_the_server_and_the_hosts() {
    let rules = || Cors {
        credentials: true,
        methods: Some(b"GET,PUT"[..].into()),
        headers: Some(b"X-One"[..].into()),
        max_age: Some(b"100"[..].into()),
        expose: Some(b"X-Two"[..].into()),
        ..cors(listed(&["https://a"], &[]))
    };
    let hosts = || Secure {
        allowed_hosts: [b"other"[..].into()].into(),
        ..Secure::default()
    };
    let step = || {
        custom(&[], &[("X-Custom", "1")])
            .with_cors(Some(rules()))
            .with_secure(Some(hosts()))
    };
    let expected = "200 OK\nAccess-Control-Allow-Credentials: true\n\
                    Access-Control-Allow-Headers: X-One\nAccess-Control-Allow-Methods: GET,PUT\n\
                    Access-Control-Max-Age: 100\nAccess-Control-Allow-Origin: https://a\n\
                    Content-Length: 0\n\n";
    assert_eq!(round(step(), PREFLIGHT, &PLAIN, &[]), expected);
    // A foreign origin is answered too, and is not told that it may (15b.11).
    let foreign = PREFLIGHT.replace("https://a", "https://b");
    let expected = expected.replace("Access-Control-Allow-Origin: https://a\n", "");
    assert_eq!(round(step(), &foreign, &PLAIN, &[]), expected);
    for other in [
        PREFLIGHT.replace("OPTIONS", "PUT"),
        PREFLIGHT.replace("Origin: https://a\r\n", ""),
        PREFLIGHT.replace("Access-Control-Request-Method: PUT\r\n", ""),
    ] {
        let found = round(step(), &other, &PLAIN, &[]);
        assert!(found.starts_with("500 "), "{other} {found}");
    }
}

#[test]
fn only_hosts_that_are_listed_are_served() {
    const BAD: &str = "500 Internal Server Error\nContent-Type: text/plain; charset=utf-8\n\
                       X-Content-Type-Options: nosniff\nContent-Length: 0\n\nBad Host\n";
    let rules = |development| Secure {
        allowed_hosts: [b"h"[..].into(), b"i:81"[..].into()].into(),
        host_headers: [HeaderName::new("X-Real-Host").unwrap()].into(),
        development,
        ..Secure::default()
    };
    let table = [
        ("Host: h\r\n", true),
        ("Host: H\r\n", true),
        ("Host: h:81\r\n", false),
        ("Host: i:81\r\n", true),
        ("Host: x\r\n", false),
        ("Host: x\r\nX-Real-Host: h\r\n", true),
        ("Host: h\r\nX-Real-Host: x\r\n", false),
        ("Host: h\r\nX-Real-Host: \r\n", true),
    ];
    for (fields, expected) in table {
        let head = format!("GET / HTTP/1.1\r\n{fields}\r\n");
        let step = |development| Headers::default().with_secure(Some(rules(development)));
        let found = round(step(false), &head, &PLAIN, &[]);
        let refused = (!expected).then_some(BAD);
        assert_eq!(
            (found != "200 OK\nContent-Length: 0\n\n").then_some(&*found),
            refused
        );
        let found = round(step(true), &head, &PLAIN, &[]);
        assert_eq!(found, "200 OK\nContent-Length: 0\n\n");
    }
}

#[test]
fn the_host_that_was_set_is_the_one_that_is_judged() {
    let rules = Secure {
        allowed_hosts: [b"inner"[..].into()].into(),
        ..Secure::default()
    };
    let step = custom(&[("Host", "inner")], &[]).with_secure(Some(rules));
    let found = round(step, FROM_NOWHERE, &PLAIN, &[]);
    assert_eq!(found, "200 OK\nContent-Length: 0\n\n");
}

#[test]
fn transport_security_is_said_over_tls() {
    let rules = |force_sts, development| Secure {
        tls_headers: [(names::X_FORWARDED_PROTO.clone(), b"https"[..].into())].into(),
        sts: Some(b"max-age=60"[..].into()),
        key_pins: Some((
            HeaderName::new("Public-Key-Pins").unwrap(),
            b"pin"[..].into(),
        )),
        force_sts,
        development,
        ..Secure::default()
    };
    let proxied = "GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-Proto: https\r\n\r\n";
    let both = "Strict-Transport-Security: max-age=60\nPublic-Key-Pins: pin\n";
    let table = [
        (FROM_NOWHERE, PLAIN, false, false, ""),
        (FROM_NOWHERE, TLS, false, false, both),
        (proxied, PLAIN, false, false, both),
        (
            FROM_NOWHERE,
            PLAIN,
            true,
            false,
            "Strict-Transport-Security: max-age=60\n",
        ),
        (FROM_NOWHERE, TLS, true, true, ""),
    ];
    for (head, around, force, development, fields) in table {
        let step = Headers::default().with_secure(Some(rules(force, development)));
        let found = round(step, head, &around, &[]);
        assert_eq!(found, format!("200 OK\n{fields}Content-Length: 0\n\n"));
    }
}

#[test]
fn custom_fields_win_over_those_for_safety() {
    let frame = HeaderName::new("X-Frame-Options").unwrap();
    let rules = Secure {
        fields: [(frame, b"DENY"[..].into())].into(),
        ..Secure::default()
    };
    let step = custom(&[], &[("X-Frame-Options", "SAMEORIGIN")]).with_secure(Some(rules));
    let found = round(step, FROM_NOWHERE, &PLAIN, &[("X-Frame-Options", "ALLOW")]);
    let expected = "200 OK\nX-Frame-Options: SAMEORIGIN\nContent-Length: 0\n\n";
    assert_eq!(found, expected);
}
