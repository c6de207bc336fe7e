use super::*;
use crate::base::limits::{CONNECTION_OPTIONS_MAX, HEADER_COUNT_MAX, HEADER_NAME_BYTES_MAX};

#[test]
fn malformed_lines_are_refused() {
    let table = [
        ("A b: c", Fault::HeaderName),
        ("A : b", Fault::HeaderName),
        ("A\t: b", Fault::HeaderName),
        (": b", Fault::HeaderName),
        (" A: b", Fault::HeaderName),
        ("\tA: b", Fault::HeaderName),
        ("A: b\r\n folded", Fault::HeaderName),
        ("A: b\r\n\tfolded", Fault::HeaderName),
        ("A", Fault::HeaderName),
        ("A\0: b", Fault::HeaderName),
        ("A\u{1}: b", Fault::HeaderName),
        ("A\u{7f}: b", Fault::HeaderName),
        ("\u{e4}: b", Fault::HeaderName),
        ("A(: b", Fault::HeaderName),
        ("A,B: c", Fault::HeaderName),
        ("A: b\0c", Fault::HeaderValue),
        ("A: \0", Fault::HeaderValue),
        ("A: b\u{1}", Fault::HeaderValue),
        ("A: b\u{b}c", Fault::HeaderValue),
        ("A: b\u{1b}c", Fault::HeaderValue),
        ("A: b\u{7f}", Fault::HeaderValue),
        ("A: b\rc", Fault::HeaderValue),
        ("A: b\r\rc", Fault::HeaderValue),
        ("A: b\r", Fault::HeaderValue),
        ("A: b\nB: c", Fault::LineEnd),
        ("A:\nB: c", Fault::LineEnd),
        ("\nB: c", Fault::LineEnd),
    ];
    for (lines, expected) in table {
        assert_eq!(fault_of_lines(lines), Some(expected), "{lines:?}");
    }
}

#[test]
fn a_bare_line_feed_ends_no_line() {
    for text in [
        "GET / HTTP/1.1\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\n",
        "GET / HTTP/1.1\nHost: a\n\n",
        "GET / HTTP/1.1\r\nHost: a\r\nB: c\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ] {
        assert_eq!(fault(text), Some(Fault::LineEnd), "{text:?}");
    }
}

#[test]
fn values_may_hold_what_the_standard_allows() {
    for value in [
        "",
        "b",
        "a b",
        "a\tb",
        "\u{e4}\u{f6}",
        "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    ] {
        assert_eq!(fault_of_lines(&format!("A: {value}")), None, "{value:?}");
    }
    let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nA: \xff\x80\r\n\r\n";
    let head = read_with(bytes, &HeadRules::default()).unwrap();
    let name = HeaderName::new("a").unwrap();
    assert_eq!(head.value(&name), Some(&b"\xff\x80"[..]));
}

#[test]
fn lines_go_out_without_superfluous_blanks() {
    assert_eq!(
        forwarded_lines("A:b\r\nB: c\r\nC: \t d \t \r\nD:\r\nE: "),
        ["A: b", "B: c", "C: d", "D: ", "E: "]
    );
}

#[test]
fn a_few_empty_lines_may_stand_before_a_request() {
    let request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for count in 0..=5 {
        let text = "\r\n".repeat(count) + request;
        let expected = (count == 5).then_some(Fault::EmptyLines);
        assert_eq!(fault(&text), expected, "{count}");
    }
    assert_eq!(fault(&format!("\r{request}")), Some(Fault::LineEnd));
    let mut head = read(&format!("\r\n\r\n{request}next")).unwrap();
    assert_eq!(head.head_bytes(), request.len() + 4);
    assert_eq!(rendered(&head, &Render::default()), request);
    assert_eq!(head.take_rest().as_slice(), b"next");
}

#[test]
fn malformed_request_lines_are_refused() {
    let table = [
        ("GET /\r\n", Fault::RequestLine),
        ("GET\r\n", Fault::RequestLine),
        ("GET / \r\n", Fault::RequestLine),
        ("GET  / HTTP/1.1\r\n", Fault::RequestLine),
        ("GET /  HTTP/1.1\r\n", Fault::RequestLine),
        (" GET / HTTP/1.1\r\n", Fault::RequestLine),
        ("GET\t/ HTTP/1.1\r\n", Fault::RequestLine),
        ("GET /a b HTTP/1.1\r\n", Fault::RequestLine),
        ("GET /a\tb HTTP/1.1\r\n", Fault::RequestLine),
        ("GET /a\0 HTTP/1.1\r\n", Fault::RequestLine),
        ("GET /a\u{7f} HTTP/1.1\r\n", Fault::RequestLine),
        ("G(T / HTTP/1.1\r\n", Fault::RequestLine),
        ("G\0T / HTTP/1.1\r\n", Fault::RequestLine),
        ("GET / http/1.1\r\n", Fault::RequestLine),
        ("GET / HTTP/1,1\r\n", Fault::RequestLine),
        ("GET / HTTP/1\r\n", Fault::RequestLine),
        ("GET / HTTPS/1.1\r\n", Fault::RequestLine),
        ("GET / XTTP/1.1\r\n", Fault::RequestLine),
        ("GET / HTTP/1.1 \r\n", Fault::LineEnd),
        ("GET / HTTP/1.10\r\n", Fault::LineEnd),
        ("GET / HTTP/1.1\r\r\n", Fault::LineEnd),
        ("GET / HTTP/2.0\r\n", Fault::Version),
        ("GET / HTTP/0.9\r\n", Fault::Version),
        ("GET / HTTP/1.2\r\n", Fault::Version),
        ("PRI * HTTP/2.0\r\n", Fault::Version),
    ];
    for (line, expected) in table {
        let text = format!("{line}Host: a\r\n\r\n");
        assert_eq!(fault(&text), Some(expected), "{line:?}");
    }
}

#[test]
fn a_tls_hello_is_no_request() {
    let hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";
    let fault = read_with(hello, &HeadRules::default()).err();
    assert_eq!(fault, Some(Fault::RequestLine));
}

#[test]
fn connect_is_not_served() {
    for target in ["a:443", "/", "*", "http://a/"] {
        let text = format!("CONNECT {target} HTTP/1.1\r\nHost: a:443\r\n\r\n");
        assert_eq!(fault(&text), Some(Fault::Connect), "{target}");
    }
}

#[test]
fn a_method_is_taken_as_it_is_spelled() {
    let table = [
        ("GET", Method::Get),
        ("get", Method::Other),
        ("PATCH", Method::Patch),
        ("M-SEARCH", Method::Other),
        ("PROPFIND", Method::Other),
    ];
    for (method, expected) in table {
        let head = read(&format!("{method} / HTTP/1.1\r\nHost: a\r\n\r\n")).unwrap();
        assert_eq!(head.method(), expected);
        assert_eq!(text(head.method_text()), method);
    }
}

#[test]
fn names_with_underscores_meet_the_fate_that_the_entry_point_chose() {
    let bytes = b"GET / HTTP/1.1\r\nHost: a\r\nA_B: c\r\nA-B: d\r\n\r\n";
    let table = [
        (
            Underscore::Keep,
            Ok("GET / HTTP/1.1\r\nHost: a\r\nA_B: c\r\nA-B: d\r\n\r\n"),
        ),
        (
            Underscore::Delete,
            Ok("GET / HTTP/1.1\r\nHost: a\r\nA-B: d\r\n\r\n"),
        ),
        (Underscore::Reject, Err(Fault::HeaderUnderscore)),
    ];
    for (underscore, expected) in table {
        let rules = HeadRules {
            underscore,
            ..HeadRules::default()
        };
        let result = read_with(bytes, &rules).map(|head| rendered(&head, &Render::default()));
        assert_eq!(result, expected.map(str::to_owned));
    }
}

#[test]
fn too_many_fields_are_refused() {
    let head = |count: usize| {
        let lines = "A: b\r\n".repeat(count - 1);
        format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n")
    };
    assert_eq!(fault(&head(HEADER_COUNT_MAX)), None);
    assert_eq!(
        fault(&head(HEADER_COUNT_MAX + 1)),
        Some(Fault::HeadersTooMany)
    );
    assert_eq!(Fault::HeadersTooMany.status(), 431);
}

#[test]
fn too_many_connection_options_are_refused() {
    let lines = |count: usize| format!("Connection: {}", vec!["a"; count].join(","));
    assert_eq!(fault_of_lines(&lines(CONNECTION_OPTIONS_MAX)), None);
    assert_eq!(
        fault_of_lines(&lines(CONNECTION_OPTIONS_MAX + 1)),
        Some(Fault::HeadersTooMany)
    );
}

#[test]
fn a_name_that_is_too_long_is_refused() {
    let line = |len: usize| format!("{}: b", "a".repeat(len));
    assert_eq!(fault_of_lines(&line(HEADER_NAME_BYTES_MAX)), None);
    assert_eq!(
        fault_of_lines(&line(HEADER_NAME_BYTES_MAX + 1)),
        Some(Fault::HeadTooLarge)
    );
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let rules = HeadRules {
        header_bytes_max: 100,
        ..HeadRules::default()
    };
    let head = |pad: usize| {
        let value = "b".repeat(pad);
        format!("GET / HTTP/1.1\r\nHost: a\r\nA: {value}\r\n\r\nbody")
    };
    let fits = 100 - (head(0).len() - 4);
    let outcome = |text: &str| read_with(text.as_bytes(), &rules).err();
    assert_eq!(outcome(&head(fits)), None);
    assert_eq!(outcome(&head(fits + 1)), Some(Fault::HeadTooLarge));
    assert_eq!(outcome(&head(5000)), Some(Fault::HeadTooLarge));
    let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "b".repeat(200));
    assert_eq!(outcome(&long), Some(Fault::TargetTooLong));
    assert_eq!(Fault::TargetTooLong.status(), 414);
    assert_eq!(Fault::HeadTooLarge.status(), 431);
}
