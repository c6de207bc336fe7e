use std::fmt::Write as _;

use super::{Heard, Router, Server};

/// A request that must not pass: a name, its bytes, and the statuses that may refuse it.
pub(crate) type Refused<'text> = (&'text str, Vec<u8>, &'text [u16]);

/// Each request is answered with one of its statuses, its connection is closed, and the server
/// hears nothing of it, not even a connection.
pub(crate) fn all_are_refused(router: &Router, server: &Server, cases: &[Refused<'_>]) {
    let mut faults = String::new();
    for (name, bytes, statuses) in cases {
        let mut client = router.connect();
        client.send(bytes);
        let (answer, _) = client.until_end();
        let text = String::from_utf8_lossy(&answer);
        let status = text.split(' ').nth(1).and_then(|code| code.parse().ok());
        if !status.is_some_and(|status| statuses.contains(&status)) {
            writeln!(faults, "{name}: {text:?}, wanted {statuses:?}").unwrap();
        }
        if text.matches("HTTP/1.").count() > 1 {
            writeln!(faults, "{name}: answered more than once: {text:?}").unwrap();
        }
        let heard: Vec<Heard> = server.heard();
        if !heard.is_empty() {
            writeln!(faults, "{name}: reached the server: {heard:?}").unwrap();
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert_eq!(router.get("/").status, 200, "the router serves no more");
}

/// A request with these lines in its head, besides `Host`, and this behind it.
pub(crate) fn with_lines(lines: &str, body: &str) -> Vec<u8> {
    format!("POST / HTTP/1.1\r\nHost: test\r\n{lines}\r\n\r\n{body}").into_bytes()
}

/// A request with this request line.
pub(crate) fn with_request_line(line: &str) -> Vec<u8> {
    format!("{line}\r\nHost: test\r\n\r\n").into_bytes()
}
