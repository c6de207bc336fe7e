//! Classes: CL.TE, TE.CL, TE.TE, CL.0, 0.CL: where a request ends is never in doubt.

use crate::harness::{Heard, Refused, Router, Server, all_are_refused, with_lines};

const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n";

fn refused<'text>(
    lines: &'text [(&'text str, &'text str)],
    body: &str,
    statuses: &'text [u16],
) -> Vec<Refused<'text>> {
    let cases = lines.iter();
    cases
        .map(|(name, lines)| (*name, with_lines(lines, body), statuses))
        .collect()
}

#[test]
fn two_framings_in_one_request_reach_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let lines = [
        ("CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked"),
        ("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 6"),
        (
            "CL.TE of nothing",
            "Content-Length: 0\r\nTransfer-Encoding: chunked",
        ),
        (
            "in other case",
            "content-length: 6\r\ntransfer-encoding: chunked",
        ),
        (
            "far apart",
            "Content-Length: 6\r\nA: b\r\nTransfer-Encoding: chunked",
        ),
    ];
    let body = format!("0\r\n\r\n{SMUGGLED}");
    all_are_refused(&router, &server, &refused(&lines, &body, &[400]));
}

#[test]
fn an_obfuscated_transfer_encoding_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let lines = [
        ("another word", "Transfer-Encoding: xchunked"),
        ("a word behind", "Transfer-Encoding: chunked x"),
        ("a sign", "Transfer-Encoding: =chunked"),
        ("quotes", "Transfer-Encoding: \"chunked\""),
        ("a vertical tab", "Transfer-Encoding: \x0bchunked"),
        ("a form feed", "Transfer-Encoding: chunked\x0c"),
        ("NUL", "Transfer-Encoding: chunked\0"),
        ("a space before the colon", "Transfer-Encoding : chunked"),
        ("a tab before the colon", "Transfer-Encoding\t: chunked"),
        ("a space in front", " Transfer-Encoding: chunked"),
        ("folded", "Transfer-Encoding:\r\n chunked"),
        ("a bare CR in front", "A: b\rTransfer-Encoding: chunked"),
        ("a bare LF in front", "A: b\nTransfer-Encoding: chunked"),
        (
            "twice",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        ),
        ("chunked twice", "Transfer-Encoding: chunked, chunked"),
        ("identity behind", "Transfer-Encoding: chunked, identity"),
        ("identity in front", "Transfer-Encoding: identity, chunked"),
        (
            "identity beside",
            "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
        ),
        ("another coding", "Transfer-Encoding: gzip, chunked"),
        ("another coding alone", "Transfer-Encoding: gzip"),
        ("identity alone", "Transfer-Encoding: identity"),
        ("empty", "Transfer-Encoding:"),
        ("a comma", "Transfer-Encoding: ,chunked"),
        ("a parameter", "Transfer-Encoding: chunked;a=b"),
    ];
    let body = format!("0\r\n\r\n{SMUGGLED}");
    all_are_refused(&router, &server, &refused(&lines, &body, &[400, 501]));
}

#[test]
fn transfer_encoding_in_http_1_0_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let bytes = format!(
        "POST / HTTP/1.0\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{SMUGGLED}"
    );
    let cases = [("HTTP/1.0", bytes.into_bytes(), [400].as_slice())];
    all_are_refused(&router, &server, &cases);
}

#[test]
fn a_doubtful_content_length_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let lines = [
        ("a sign", "Content-Length: +5"),
        ("negative", "Content-Length: -5"),
        ("hex", "Content-Length: 0x5"),
        ("a list", "Content-Length: 5, 5"),
        ("a list of two", "Content-Length: 5, 6"),
        ("two numbers", "Content-Length: 5 5"),
        ("empty", "Content-Length:"),
        ("a comma", "Content-Length: 5,"),
        ("a point", "Content-Length: 5.0"),
        ("an exponent", "Content-Length: 5e0"),
        ("an underscore", "Content-Length: 1_0"),
        ("too large", "Content-Length: 99999999999999999999"),
        ("2^64 and five", "Content-Length: 18446744073709551621"),
        ("2^63", "Content-Length: 9223372036854775808"),
        ("two that differ", "Content-Length: 5\r\nContent-Length: 6"),
        (
            "two in other case",
            "Content-Length: 5\r\ncontent-length: 6",
        ),
        ("a vertical tab", "Content-Length: \x0b5"),
        ("NUL", "Content-Length: 5\0"),
        ("a space before the colon", "Content-Length : 5"),
        ("folded", "Content-Length:\r\n 5"),
        ("an empty name beside", "Content-Length: 5\r\n: 6"),
        ("letters", "Content-Length: five"),
    ];
    all_are_refused(&router, &server, &refused(&lines, SMUGGLED, &[400]));
}

#[test]
fn the_body_of_a_get_is_no_second_request() {
    let server = Server::ok();
    let router = Router::to(&server);
    let length = SMUGGLED.len();
    let mut client = router.connect();
    client.send(format!(
        "GET / HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{SMUGGLED}"
    ));
    assert_eq!(client.answer().status, 200);
    let request = server.hears_request();
    assert!(request.starts_with("GET / HTTP/1.1\r\n"), "{request}");
    assert!(
        request.ends_with(&format!("\r\n\r\n{SMUGGLED}")),
        "{request}"
    );
    client.send("GET /next HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    assert!(server.hears_request().starts_with("GET /next "));
}

#[test]
fn a_body_that_the_answer_did_not_wait_for_is_no_second_request() {
    // The server answers the head alone: the body must not be taken for what comes next,
    // neither by the server nor by the router.
    let server = Server::start(|peer| {
        while let Some(head) = peer.head() {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            assert!(!head.contains("/smuggled"), "{head}");
        }
    });
    let router = Router::to(&server);
    let length = SMUGGLED.len();
    let mut client = router.connect();
    client.send(format!(
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n"
    ));
    assert_eq!(client.answer().status, 200);
    client.send(SMUGGLED);
    let (bytes, _) = {
        client.send("GET /next HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        client.until_end()
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.matches("HTTP/1.1").count() <= 1, "{text}");
    for heard in server.heard() {
        if let Heard::Request(text) | Heard::Rest(text) = heard {
            assert!(!text.starts_with("GET /smuggled"), "{text}");
        }
    }
}

#[test]
fn what_stands_behind_a_body_is_the_next_request() {
    let server = Server::ok();
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send(
        "POST /a HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
         3\r\nabc\r\n0\r\n\r\nGET /b HTTP/1.1\r\nHost: test\r\n\r\n\
         POST /c HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi\
         GET /d HTTP/1.1\r\nHost: test\r\n\r\n",
    );
    for path in ["/a", "/b", "/c", "/d"] {
        assert_eq!(client.answer().status, 200);
        let request = server.hears_request();
        assert!(
            request.contains(&format!(" {path} HTTP/1.1\r\n")),
            "{request}"
        );
    }
}
