//! Buffering and retry: bodies that are taken in whole, and requests that are sent again.

use crate::harness::{Heard, Server, Site, wait_for, with_lines};

fn buffered(server: &Server, options: &str) -> Site {
    Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [m]")
        .middleware("m", &format!("buffering:\n{options}"))
}

/// A server that answers with what it was sent, in chunks.
fn echo() -> Server {
    Server::start(|peer| {
        while let Some(request) = peer.request() {
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for part in body.as_bytes().chunks(10_000) {
                peer.send(format!("{:x}\r\n", part.len()))
                    .send(part)
                    .send("\r\n");
            }
            peer.send("0\r\n\r\n");
        }
    })
}

#[test]
fn bodies_of_any_size_come_through_whole() {
    let server = echo();
    // In memory, on the border, and on disk.
    let router = buffered(
        &server,
        "  memRequestBodyBytes: 20000\n  memResponseBodyBytes: 20000",
    )
    .start();
    for size in [1, 19_999, 20_000, 20_001, 300_000, 3_000_000] {
        let body: String = ('a'..='z').cycle().take(size).collect();
        let lines = format!("Content-Length: {size}");
        let answer = router.ask(with_lines(&lines, &body));
        assert_eq!(answer.status, 200);
        assert!(answer.text() == body, "{size}");
        // It is known whole by then.
        assert_eq!(
            answer.header("Content-Length"),
            Some(size.to_string().as_str())
        );
    }
    let answer = router.ask(with_lines(
        "Transfer-Encoding: chunked",
        "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
    ));
    assert_eq!(answer.text(), "abc");
}

#[test]
fn the_server_hears_nothing_before_the_body_is_here() {
    let server = echo();
    let router = buffered(&server, "  maxRequestBodyBytes: 100").start();
    let mut client = router.connect();
    client.send(with_lines("Transfer-Encoding: chunked", "2\r\nab\r\n"));
    crate::harness::pause(200);
    assert_eq!(server.heard(), []);
    client.send("0\r\n\r\n");
    assert_eq!(client.answer().text(), "ab");
    let request = server.heard().into_iter().find_map(|heard| match heard {
        Heard::Request(text) => Some(text),
        Heard::Connection | Heard::Rest(_) => None,
    });
    let request = request.unwrap();
    assert!(request.contains("\r\nContent-Length: 2\r\n"), "{request}");
}

#[test]
fn a_request_that_is_too_large_reaches_no_server() {
    let server = echo();
    let router = buffered(&server, "  maxRequestBodyBytes: 10").start();
    for (lines, body) in [
        ("Content-Length: 11", "12345678901"),
        (
            "Transfer-Encoding: chunked",
            "b\r\n12345678901\r\n0\r\n\r\n",
        ),
    ] {
        let answer = router.ask(with_lines(lines, body));
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (413, "Request Entity Too Large"),
            "{lines}"
        );
    }
    assert_eq!(server.heard(), []);
    assert_eq!(
        router
            .ask(with_lines("Content-Length: 10", "1234567890"))
            .status,
        200
    );
}

#[test]
fn an_answer_that_is_too_large_is_an_error() {
    for (framing, body) in [
        ("Content-Length: 11", "12345678901"),
        (
            "Transfer-Encoding: chunked",
            "b\r\n12345678901\r\n0\r\n\r\n",
        ),
    ] {
        let server = Server::answering(format!("HTTP/1.1 200 OK\r\n{framing}\r\n\r\n{body}"));
        let router = buffered(&server, "  maxResponseBodyBytes: 10").start();
        let answer = router.get("/");
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (500, "Internal Server Error"),
            "{framing}"
        );
    }
}

#[test]
fn an_answer_that_breaks_off_is_an_error() {
    let server = Server::start(|peer| {
        peer.request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
    });
    let router = buffered(&server, "  memResponseBodyBytes: 100").start();
    assert_eq!(router.get("/").status, 502);
}

#[test]
fn answers_without_a_body_pass() {
    let server = Server::start(|peer| {
        while let Some(request) = peer.request() {
            peer.send(if request.starts_with("HEAD") {
                "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
            } else {
                "HTTP/1.1 204 No Content\r\n\r\n"
            });
        }
    });
    let router = buffered(&server, "  memResponseBodyBytes: 100").start();
    assert_eq!(router.get("/").status, 204);
    let mut client = router.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
    let answer = client.answer_to("HEAD");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (200, Some("10"))
    );
}

/// Fails so often, then answers; the answer says how often it was asked, and with what.
fn moody(failures: usize, failure: &'static str) -> Server {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    Server::start(move |peer| {
        while let Some(request) = peer.request() {
            let turn = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            if turn < failures {
                peer.send(failure);
            } else {
                let text = format!("{} {body}", turn + 1);
                let length = text.len();
                peer.send(format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{text}"
                ));
            }
        }
    })
}

const UNAVAILABLE: &str = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 3\r\n\r\nno\n";

#[test]
fn a_retry_expression_sends_the_body_again() {
    let server = moody(2, UNAVAILABLE);
    let options =
        "  memRequestBodyBytes: 2\n  retryExpression: \"ResponseCode() == 503 && Attempts() <= 2\"";
    let router = buffered(&server, options).start();
    let ask = || router.ask(with_lines("Content-Length: 5", "hello"));
    assert_eq!(ask().text(), "3 hello");
    let server = moody(9, UNAVAILABLE);
    let router = buffered(&server, options).start();
    let answer = router.ask(with_lines("Content-Length: 5", "hello"));
    assert_eq!((answer.status, answer.text().as_str()), (503, "no\n"));
}

fn retried(server: &Server, options: &str) -> Site {
    Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [m]")
        .middleware(
            "m",
            &format!("retry:\n  attempts: 3\n  initialInterval: 1ms\n{options}"),
        )
}

#[test]
fn a_status_is_asked_again_with_the_body() {
    let server = moody(2, UNAVAILABLE);
    let router = retried(&server, "  status: [\"500-599\"]").start();
    let put = |body: &str| {
        let length = body.len();
        router.ask(format!(
            "PUT / HTTP/1.1\r\nHost: test\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    };
    assert_eq!(put("hello").text(), "3 hello");
    // The last try's answer is the answer.
    let server = moody(9, UNAVAILABLE);
    let router = retried(&server, "  status: [\"503\"]").start();
    let answer = router.get("/");
    assert_eq!((answer.status, answer.text().as_str()), (503, "no\n"));
    let requests = server.heard();
    let requests = requests
        .iter()
        .filter(|heard| matches!(heard, Heard::Request(_)));
    assert_eq!(requests.count(), 3);
}

#[test]
fn a_post_is_asked_again_only_when_that_is_wanted() {
    for (options, expected) in [
        ("  status: [\"503\"]", 503),
        ("  status: [\"503\"]\n  retryNonIdempotentMethod: true", 200),
        // A body that is too large to be kept is sent once, and is no error.
        (
            "  status: [\"503\"]\n  retryNonIdempotentMethod: true\n  maxRequestBodyBytes: 4",
            503,
        ),
    ] {
        let server = moody(2, UNAVAILABLE);
        let router = retried(&server, options).start();
        let answer = router.ask(with_lines("Content-Length: 5", "hello"));
        assert_eq!(answer.status, expected, "{options}");
    }
}

#[test]
fn a_middlewares_own_answer_is_not_asked_again() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [m, limit]")
        .middleware("m", "retry:\n  attempts: 5\n  status: [\"429\"]")
        .middleware(
            "limit",
            "rateLimit:\n  average: 1\n  period: 1h\n  burst: 2",
        )
        .start();
    let mut statuses = (0..3).map(|_| router.get("/").status).collect::<Vec<_>>();
    assert_eq!(statuses.pop(), Some(429));
    wait_for("all that was asked", || {
        let heard = server.heard();
        let requests = heard
            .iter()
            .filter(|heard| matches!(heard, Heard::Request(_)));
        (requests.count() == 2).then_some(())
    });
}
