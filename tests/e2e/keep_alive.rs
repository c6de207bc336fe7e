//! Connections of clients: reuse, pipelining, limits on their life.

use crate::harness::{Heard, Router, Server, Site};

#[test]
fn many_requests_share_one_connection_to_the_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let mut client = router.connect();
    for _ in 0..20 {
        assert_eq!(client.get("/").text(), "ok");
    }
    let heard = server.heard();
    let connections = heard.iter().filter(|heard| **heard == Heard::Connection);
    assert_eq!((connections.count(), heard.len()), (1, 21));
}

#[test]
fn pipelined_answers_keep_the_order_of_their_requests() {
    let server = Server::start(|peer| {
        while let Some(request) = peer.request() {
            let path = request.split(' ').nth(1).unwrap();
            if path.ends_with('0') {
                crate::harness::pause(30);
            }
            peer.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{path}",
                path.len()
            ));
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    let requests: String = (0..50)
        .map(|number| format!("GET /{number} HTTP/1.1\r\nHost: test\r\n\r\n"))
        .collect();
    client.send(requests);
    for number in 0..50 {
        assert_eq!(client.answer().text(), format!("/{number}"));
    }
}

#[test]
fn a_stream_of_requests_means_the_same_however_it_is_cut() {
    let server = Server::start(|peer| {
        while let Some(request) = peer.request() {
            let length = request.len();
            peer.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{request}"
            ));
        }
    });
    let router = Router::to(&server);
    let stream = b"GET /a HTTP/1.1\r\nHost: test\r\n\r\n\
        POST /b HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello\
        POST /c HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n\
        3\r\nabc\r\n0a\r\n0123456789\r\n0\r\n\r\n\
        GET /d?e HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    let mut seed = 1_u64;
    for _ in 0..20 {
        let mut client = router.connect();
        let mut rest = stream.as_slice();
        while !rest.is_empty() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let size = usize::try_from(seed >> 59).unwrap() + 1;
            let (piece, behind) = rest.split_at(size.min(rest.len()));
            client.send(piece);
            rest = behind;
        }
        for (path, body) in [("/a", ""), ("/b", "hello"), ("/c", ""), ("/d?e", "")] {
            let seen = client.answer().text();
            assert!(seen.contains(&format!(" {path} HTTP/1.1\r\n")), "{seen}");
            assert!(seen.ends_with(body), "{seen}");
            if path == "/c" {
                let (_, body) = seen.split_once("\r\n\r\n").unwrap();
                let letters: String = body.split("\r\n").filter(|line| line.len() > 2).collect();
                assert_eq!(letters, "abc0123456789", "{seen}");
            }
        }
        assert!(client.is_closed());
    }
}

#[test]
fn what_is_malformed_ends_a_pipeline_behind_what_was_sound() {
    let server = Server::ok();
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send(
        "GET /a HTTP/1.1\r\nHost: test\r\n\r\nGET /b HTTP/1.1\r\nHost: a@b\r\n\r\n\
         GET /c HTTP/1.1\r\nHost: test\r\n\r\n",
    );
    assert_eq!(client.answer().text(), "ok");
    assert_eq!(client.answer().status, 400);
    assert!(client.is_closed());
    assert!(server.hears_request().starts_with("GET /a "));
    assert_eq!(server.heard(), []);
}

#[test]
fn a_client_that_says_close_gets_the_end() {
    let server = Server::ok();
    let router = Router::to(&server);
    let table = [
        ("HTTP/1.1", "Connection: close\r\n", true),
        ("HTTP/1.1", "Connection: Close, TE\r\n", true),
        ("HTTP/1.1", "Connection: keep-alive, close\r\n", true),
        ("HTTP/1.0", "", true),
        ("HTTP/1.0", "Connection: keep-alive\r\n", false),
        ("HTTP/1.1", "", false),
    ];
    for (version, fields, ends) in table {
        let mut client = router.connect();
        client.send(format!("GET / {version}\r\nHost: test\r\n{fields}\r\n"));
        let answer = client.answer();
        assert_eq!(answer.text(), "ok");
        if ends {
            assert!(client.is_closed(), "{version} {fields}");
        } else {
            assert_eq!(client.get("/").text(), "ok", "{version} {fields}");
        }
    }
}

#[test]
fn a_client_that_leaves_takes_its_request_along() {
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            // Nobody is left to answer: the router ends the connection.
            peer.wait_for_end();
            peer.say("over");
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    server.hears_request();
    drop(client);
    assert_eq!(server.hears(), Heard::Rest("over".to_owned()));
}

#[test]
fn a_connection_ends_after_so_many_requests() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("transport:\n  keepAliveMaxRequests: 3")
        .start();
    let mut client = router.connect();
    for _ in 0..2 {
        let answer = client.get("/");
        assert_eq!(answer.header("Connection"), None, "{}", answer.head);
    }
    let answer = client.get("/");
    assert_eq!(
        answer.header("Connection"),
        Some("close"),
        "{}",
        answer.head
    );
    assert!(client.is_closed());
}

#[test]
fn a_connection_ends_after_so_much_time() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("transport:\n  keepAliveMaxTime: 300ms")
        .start();
    let mut client = router.connect();
    assert_eq!(client.get("/").header("Connection"), None);
    crate::harness::pause(400);
    let answer = client.get("/");
    assert_eq!(
        answer.header("Connection"),
        Some("close"),
        "{}",
        answer.head
    );
    assert!(client.is_closed());
}
