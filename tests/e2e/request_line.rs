//! Class: request line, version, HTTP/0.9, absolute-form.

use crate::harness::{Refused, Router, Server, Site, all_are_refused, with_request_line};

#[test]
fn a_malformed_request_line_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let lines = [
        ("two spaces", "GET  / HTTP/1.1"),
        ("a tab", "GET\t/ HTTP/1.1"),
        ("a space in front", " GET / HTTP/1.1"),
        ("a space behind", "GET / HTTP/1.1 "),
        ("a space in the target", "GET /a b HTTP/1.1"),
        ("no target", "GET HTTP/1.1"),
        ("no version, HTTP/0.9", "GET /"),
        ("no slash in front", "GET a HTTP/1.1"),
        ("version in lower case", "GET / http/1.1"),
        ("version without a dot", "GET / HTTP/11"),
        ("version with a sign", "GET / HTTP/+1.1"),
        ("version of two digits", "GET / HTTP/1.10"),
        ("a method that is no token", "GE(T / HTTP/1.1"),
        ("an empty method", " / HTTP/1.1"),
        ("NUL in the target", "GET /\0 HTTP/1.1"),
        ("a control character in the target", "GET /\x01 HTTP/1.1"),
        ("a bare CR in the target", "GET /\ra HTTP/1.1"),
        ("a vertical tab", "GET\x0b/ HTTP/1.1"),
        ("a fragment", "GET /a#b HTTP/1.1"),
        ("half an escape", "GET /%2 HTTP/1.1"),
        ("an escape of no hex", "GET /%zz HTTP/1.1"),
        ("asterisk without OPTIONS", "GET * HTTP/1.1"),
        ("absolute-form without a host", "GET http:///a HTTP/1.1"),
        ("absolute-form with user", "GET http://a@b/ HTTP/1.1"),
    ];
    let cases: Vec<Refused<'_>> = lines
        .iter()
        .map(|(name, line)| (*name, with_request_line(line), [400, 505].as_slice()))
        .collect();
    all_are_refused(&router, &server, &cases);
}

#[test]
fn another_major_version_is_told_so() {
    let server = Server::ok();
    let router = Router::to(&server);
    let cases: Vec<Refused<'_>> = ["HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/9.9"]
        .into_iter()
        .map(|version| {
            let line = format!("GET / {version}");
            (version, with_request_line(&line), [400, 505].as_slice())
        })
        .collect();
    all_are_refused(&router, &server, &cases);
}

#[test]
fn another_protocol_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let hello = b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03 0123456789 0123456789\r\n\r\n";
    let cases = [
        (
            "HTTP/2 without TLS",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(),
            [400, 505].as_slice(),
        ),
        ("TLS", hello.to_vec(), &[400]),
        (
            "SSH",
            b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n".to_vec(),
            &[400],
        ),
        ("SMTP", b"EHLO mail.test\r\nQUIT\r\n\r\n".to_vec(), &[400]),
    ];
    all_are_refused(&router, &server, &cases);
}

#[test]
fn connect_is_not_served() {
    let server = Server::ok();
    let router = Router::to(&server);
    let cases = [
        (
            "authority-form",
            with_request_line("CONNECT test:443 HTTP/1.1"),
            [501].as_slice(),
        ),
        (
            "origin-form",
            with_request_line("CONNECT / HTTP/1.1"),
            [400, 501].as_slice(),
        ),
    ];
    all_are_refused(&router, &server, &cases);
}

#[test]
fn the_host_of_an_absolute_target_wins_over_the_field() {
    let one = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\none");
    let two = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\ntwo");
    let router = Site::new()
        .service("one", &[one.address()])
        .service("two", &[two.address()])
        .router("one", "Host(`one.test`)", "one", "")
        .router("two", "Host(`two.test`)", "two", "")
        .start();
    let answer = router.ask("GET http://two.test/a?b HTTP/1.1\r\nHost: one.test\r\n\r\n");
    assert_eq!(answer.text(), "two");
    let request = two.hears_request();
    assert!(request.starts_with("GET /a?b HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nHost: two.test\r\n"), "{request}");
    assert!(!request.contains("one.test"), "{request}");
}

#[test]
fn options_of_the_whole_server_are_answered_or_passed_as_an_asterisk() {
    let server = Server::ok();
    let router = Router::to(&server);
    let answer = router.ask(with_request_line("OPTIONS * HTTP/1.1"));
    assert!(
        [200, 204, 400, 404].contains(&answer.status),
        "{}",
        answer.head
    );
    for heard in server.heard() {
        if let crate::harness::Heard::Request(text) = heard {
            assert!(text.starts_with("OPTIONS * HTTP/1.1\r\n"), "{text}");
        }
    }
}

#[test]
fn a_few_empty_lines_before_a_request_are_borne() {
    let server = Server::ok();
    let router = Router::to(&server);
    assert_eq!(
        router
            .ask("\r\n\r\nGET / HTTP/1.1\r\nHost: test\r\n\r\n")
            .status,
        200
    );
    let endless = "\r\n".repeat(10_000);
    let refused = format!("{endless}GET / HTTP/1.1\r\nHost: test\r\n\r\n").into_bytes();
    server.heard();
    all_are_refused(
        &router,
        &server,
        &[("endless empty lines", refused, &[400, 431])],
    );
}

#[test]
fn a_request_line_may_come_byte_by_byte() {
    let server = Server::ok();
    let router = Router::to(&server);
    let mut client = router.connect();
    client.dribble("GET /a%20b?c HTTP/1.1\r\nHost: test\r\nA: b\r\n\r\n");
    assert_eq!(client.answer().status, 200);
    assert!(
        server
            .hears_request()
            .starts_with("GET /a%20b?c HTTP/1.1\r\n")
    );
}
