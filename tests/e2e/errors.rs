//! The error answers that clients and scripts know (status, body, fields).

use std::net::{SocketAddr, TcpListener};

use crate::harness::{Router, Server, Site, free_address};

#[test]
fn no_router_is_404() {
    let router = Site::new().start();
    let answer = router.get("/nowhere");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (404, "404 page not found\n")
    );
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/plain; charset=utf-8")
    );
    assert_eq!(answer.header("X-Content-Type-Options"), Some("nosniff"));
    assert_eq!(answer.header("Content-Length"), Some("19"));
}

#[test]
fn no_server_is_503() {
    let router = Site::new()
        .service("s", &[])
        .router("r", "PathPrefix(`/`)", "s", "")
        .start();
    let answer = router.get("/");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (503, "no available server\n")
    );
    assert_eq!(
        answer.header("Content-Type"),
        Some("text/plain; charset=utf-8")
    );
}

#[test]
fn a_server_that_refuses_is_502() {
    let router = Site::to(free_address()).start();
    let answer = router.get("/");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (502, "Bad Gateway")
    );
}

#[test]
fn a_server_that_hangs_up_is_502() {
    let server = Server::start(|peer| {
        peer.head();
    });
    let router = Router::to(&server);
    // POST: it is not sent a second time.
    let answer = router.ask("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (502, "Bad Gateway")
    );
}

#[test]
fn a_server_that_says_nothing_is_504() {
    let server = Server::start(|peer| {
        peer.head();
        peer.wait_for_end();
    });
    let router = Site::new()
        .service_with("s", &[server.address()], "serversTransport: quick")
        .router("r", "PathPrefix(`/`)", "s", "")
        .transport(
            "quick",
            "forwardingTimeouts:\n  responseHeaderTimeout: 200ms",
        )
        .start();
    let answer = router.get("/");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (504, "Gateway Timeout")
    );
    assert_eq!(router.get("/").status, 504);
}

#[test]
fn a_server_that_does_not_take_a_connection_is_504() {
    // A listener whose queue is full takes no more.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let mut waiting = Vec::new();
    for _ in 0..5000 {
        let brief = std::time::Duration::from_millis(20);
        match std::net::TcpStream::connect_timeout(&address, brief) {
            Ok(stream) => waiting.push(stream),
            Err(_) => break,
        }
    }
    let router = Site::new()
        .service_with("s", &[address], "serversTransport: quick")
        .router("r", "PathPrefix(`/`)", "s", "")
        .transport("quick", "forwardingTimeouts:\n  dialTimeout: 200ms")
        .start();
    let answer = router.get("/");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (504, "Gateway Timeout")
    );
}

#[test]
fn a_refusal_has_a_date_and_keeps_the_connection_where_it_can() {
    let router = Site::new().start();
    let mut client = router.connect();
    for _ in 0..3 {
        let answer = client.get("/nowhere");
        assert_eq!(answer.status, 404);
        assert!(answer.header("Date").is_some(), "{}", answer.head);
    }
    client.send("HEAD /nowhere HTTP/1.1\r\nHost: test\r\n\r\n");
    let answer = client.answer_to("HEAD");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (404, Some("19"))
    );
    assert_eq!(client.get("/nowhere").status, 404);
}

#[test]
fn a_refused_body_does_not_become_a_request() {
    let router = Site::new().start();
    let mut client = router.connect();
    client.send("POST /nowhere HTTP/1.1\r\nHost: test\r\nContent-Length: 43\r\n\r\n");
    assert_eq!(client.answer().status, 404);
    client.send("GET /smuggled HTTP/1.1\r\nHost: smuggled\r\n\r\nx");
    client.send("GET /b HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // One answer for /b, or none when the connection was closed: never two.
    assert!(text.matches("HTTP/1.1").count() <= 1, "{text}");
}
