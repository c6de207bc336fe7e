//! Classes: slowloris, slow body, slow read, data dribble: each wait has an end.

use crate::harness::{Heard, Router, Server, Site, pause, with_lines};

fn with_timeout(server: &Server, name: &str) -> Router {
    Site::to(server.address())
        .entry(&format!(
            "transport:\n  respondingTimeouts:\n    {name}: 400ms"
        ))
        .start()
}

#[test]
fn a_slow_head_ends_at_the_read_timeout() {
    let server = Server::ok();
    let router = with_timeout(&server, "readTimeout");
    server.heard();
    for start in ["", "G", "GET / HTTP/1.1\r\nHost: test\r\nA: "] {
        let mut client = router.connect();
        client.send(start);
        let (bytes, _) = client.until_end();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            text.is_empty() || text.starts_with("HTTP/1.1 408 "),
            "{start:?}: {text}"
        );
    }
    assert_eq!(server.heard(), []);
}

#[test]
fn a_dribbled_head_does_not_outlive_the_read_timeout() {
    let server = Server::ok();
    let router = with_timeout(&server, "readTimeout");
    server.heard();
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n");
    for _ in 0..30 {
        client.send("A: b\r\n");
        pause(50);
    }
    client.send("\r\n");
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 408 "),
        "{text}"
    );
    assert_eq!(server.heard(), []);
}

#[test]
fn a_slow_body_ends_at_the_read_timeout() {
    let server = Server::ok();
    let router = with_timeout(&server, "readTimeout");
    let bodies = [
        ("Content-Length: 10", "abc"),
        ("Transfer-Encoding: chunked", "5\r\nabc"),
    ];
    for (lines, body) in bodies {
        let mut client = router.connect();
        client.send(with_lines(lines, body));
        let (bytes, _) = client.until_end();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(" 200 "), "{lines}: {text}");
    }
    for heard in server.heard() {
        assert!(!matches!(heard, Heard::Request(_)), "{heard:?}");
    }
    assert_eq!(router.get("/").status, 200);
}

#[test]
fn an_idle_connection_ends_at_the_idle_timeout() {
    let server = Server::ok();
    let router = with_timeout(&server, "idleTimeout");
    let mut client = router.connect();
    assert_eq!(client.get("/").text(), "ok");
    pause(100);
    assert_eq!(client.get("/").text(), "ok");
    assert!(client.is_closed());
}

#[test]
fn a_client_that_does_not_read_ends_at_the_write_timeout() {
    let server = Server::start(|peer| {
        if peer.head().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n");
            for _ in 0..1000 {
                peer.send(vec![b'x'; 1_000_000]);
            }
        }
        peer.wait_for_end();
    });
    let router = with_timeout(&server, "writeTimeout");
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    pause(2000);
    let (bytes, _) = client.until_end();
    assert!(bytes.len() < 100_000_000, "{} bytes", bytes.len());
}

#[test]
fn a_stalled_reader_holds_little_memory_and_nobody_up() {
    let server = Server::start(|peer| {
        while let Some(head) = peer.head() {
            if head.starts_with("GET /small ") {
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                continue;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            for _ in 0..100 {
                peer.send(vec![b'x'; 1_000_000]);
            }
        }
    });
    let router = Router::to(&server);
    let before = router.memory_bytes();
    let mut stalled: Vec<_> = (0..20).map(|_| router.connect()).collect();
    for client in &mut stalled {
        client.send("GET /large HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    pause(1000);
    assert_eq!(router.get("/small").text(), "ok");
    let grown = router.memory_bytes().saturating_sub(before);
    assert!(grown < 32 << 20, "{grown} bytes for 20 stalled readers");
}

#[test]
fn a_server_that_stops_reading_does_not_hold_its_client_for_ever() {
    let server = Server::start(|peer| {
        peer.head();
        pause(3000);
    });
    let router = with_timeout(&server, "readTimeout");
    let mut client = router.connect();
    client.send(with_lines("Content-Length: 100000000", ""));
    for _ in 0..40 {
        client.send(vec![b'x'; 1 << 18]);
        pause(10);
    }
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(!text.contains(" 200 "), "{text}");
}
