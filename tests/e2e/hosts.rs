//! Class: Host: duplicates, userinfo, comma, ports.

use crate::harness::{Refused, Router, Server, Site, all_are_refused};

#[test]
fn a_doubtful_host_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let fields = [
        ("none", ""),
        ("two", "Host: a\r\nHost: b\r\n"),
        ("the same twice", "Host: a\r\nHost: a\r\n"),
        ("two in other case", "Host: a\r\nhOST: b\r\n"),
        ("user", "Host: a@b\r\n"),
        ("user and password", "Host: a:b@c\r\n"),
        ("comma", "Host: a, b\r\n"),
        ("comma without space", "Host: a,b\r\n"),
        ("space", "Host: a b\r\n"),
        ("path", "Host: a/b\r\n"),
        ("query", "Host: a?b\r\n"),
        ("fragment", "Host: a#b\r\n"),
        ("backslash", "Host: a\\b\r\n"),
        ("control character", "Host: a\x01\r\n"),
        ("port that is no number", "Host: a:b\r\n"),
        ("port with a sign", "Host: a:+80\r\n"),
        ("two ports", "Host: a:80:81\r\n"),
        ("half a bracket", "Host: [::1\r\n"),
        ("bracket without an address", "Host: [a]\r\n"),
        ("text behind a bracket", "Host: [::1]a\r\n"),
        ("folded", "Host: a\r\n b\r\n"),
    ];
    let cases: Vec<Refused<'_>> = fields
        .iter()
        .map(|(name, fields)| {
            let bytes = format!("GET / HTTP/1.1\r\n{fields}\r\n").into_bytes();
            (*name, bytes, [400].as_slice())
        })
        .collect();
    all_are_refused(&router, &server, &cases);
}

#[test]
fn a_host_is_the_same_in_any_case_with_a_port_and_with_a_dot_behind() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "Host(`a.test`)", "s", "")
        .start();
    let table = [
        ("a.test", 200),
        ("A.Test", 200),
        ("a.test:8000", 200),
        ("a.test.", 200),
        ("a.test.:80", 200),
        ("b.a.test", 404),
        ("a.test.b", 404),
    ];
    for (host, status) in table {
        let answer = router.ask(format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        assert_eq!(answer.status, status, "{host}");
        if status == 200 {
            let request = server.hears_request();
            assert!(
                request.contains(&format!("\r\nHost: {host}\r\n")),
                "{request}"
            );
        }
    }
}
