//! Classes: chunk parsing, chunk extensions, trailers, Expect.

use crate::harness::{Heard, Router, Server, Site, all_are_refused, pause, with_lines};

const CHUNKED: &str = "Transfer-Encoding: chunked";

#[test]
fn a_malformed_chunk_never_completes_a_request() {
    let bodies = [
        ("bare LF behind the size", "5\nabcde\r\n0\r\n\r\n"),
        ("bare CR behind the size", "5\rabcde\r\n0\r\n\r\n"),
        ("bare LF behind the data", "5\r\nabcde\n0\r\n\r\n"),
        ("bare LF behind the last size", "5\r\nabcde\r\n0\n\r\n"),
        ("bare LF at the end", "5\r\nabcde\r\n0\r\n\n"),
        ("two bytes too many", "5\r\nabcdefg\r\n0\r\n\r\n"),
        ("no line end behind the data", "5\r\nabcde0\r\n\r\n"),
        ("empty size", "\r\nabcde\r\n0\r\n\r\n"),
        ("hex prefix", "0x5\r\nabcde\r\n0\r\n\r\n"),
        ("a sign", "+5\r\nabcde\r\n0\r\n\r\n"),
        ("negative", "-5\r\nabcde\r\n0\r\n\r\n"),
        ("an underscore", "0_5\r\nabcde\r\n0\r\n\r\n"),
        ("a space in front", " 5\r\nabcde\r\n0\r\n\r\n"),
        ("letters", "g\r\nabcde\r\n0\r\n\r\n"),
        ("a comma", "5,5\r\nabcde\r\n0\r\n\r\n"),
        (
            "overflow of 64 bits",
            "10000000000000005\r\nabcde\r\n0\r\n\r\n",
        ),
        ("2^63", "8000000000000000\r\nabcde\r\n0\r\n\r\n"),
        ("EXT.TERM", "5;a\nb\r\nabcde\r\n0\r\n\r\n"),
        ("a bare CR in an extension", "5;a\rb\r\nabcde\r\n0\r\n\r\n"),
        ("a line end in quotes", "5;a=\"\r\n\"\r\nabcde\r\n0\r\n\r\n"),
        ("NUL in an extension", "5;a\0\r\nabcde\r\n0\r\n\r\n"),
        (
            "a trailer without a colon",
            "5\r\nabcde\r\n0\r\nabc\r\n\r\n",
        ),
        ("a folded trailer", "5\r\nabcde\r\n0\r\nA: b\r\n c\r\n\r\n"),
        ("a trailer with a bare LF", "5\r\nabcde\r\n0\r\nA: b\n\r\n"),
        ("a trailer with NUL", "5\r\nabcde\r\n0\r\nA: \0\r\n\r\n"),
    ];
    let server = Server::ok();
    let router = Router::to(&server);
    for (name, body) in bodies {
        let mut client = router.connect();
        client.send(with_lines(CHUNKED, body)).finish();
        let (bytes, _) = client.until_end();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(
            text.is_empty() || text.starts_with("HTTP/1.1 400 "),
            "{name}: {text}"
        );
        for heard in server.heard() {
            assert!(!matches!(heard, Heard::Request(_)), "{name}: {heard:?}");
        }
    }
    assert_eq!(router.get("/").status, 200);
}

#[test]
fn a_malformed_chunk_behind_a_good_one_cuts_the_server_off() {
    let server = Server::ok();
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send(with_lines(CHUNKED, "5\r\nabcde\r\n"));
    assert_eq!(server.hears(), Heard::Connection);
    pause(100);
    client.send("0\n\r\n");
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 400 "),
        "{text}"
    );
    let Heard::Rest(rest) = server.hears() else {
        panic!("the server took a broken body for a whole one");
    };
    assert!(rest.ends_with("5\r\nabcde\r\n"), "{rest}");
}

#[test]
fn a_body_that_ends_too_early_never_completes_a_request() {
    let table = [
        ("Content-Length: 10", "abc"),
        (CHUNKED, "5\r\nabc"),
        (CHUNKED, "5\r\nabcde\r\n"),
        (CHUNKED, "5\r\nabcde\r\n0\r\n"),
    ];
    let server = Server::ok();
    let router = Router::to(&server);
    for (lines, body) in table {
        let mut client = router.connect();
        client.send(with_lines(lines, body)).finish();
        client.until_end();
        pause(50);
        for heard in server.heard() {
            assert!(!matches!(heard, Heard::Request(_)), "{lines}: {heard:?}");
        }
    }
}

#[test]
fn chunk_extensions_do_not_reach_the_server_and_have_a_bound() {
    let server = Server::ok();
    let router = Router::to(&server);
    let body = "3;a=b;c=\"d\"\r\nabc\r\n2 ; e\r\nde\r\n0;f\r\n\r\n";
    let answer = router.ask(with_lines(CHUNKED, body));
    if answer.status == 200 {
        let request = server.hears_request();
        assert!(
            !request.contains(';') && request.contains("abc"),
            "{request}"
        );
    } else {
        assert_eq!(answer.status, 400);
    }
    server.heard();
    // A byte of payload for a thousand of extension.
    let line = format!("1;{}\r\na\r\n", "x".repeat(1000));
    let mut client = router.connect();
    client.send(with_lines(CHUNKED, &line.repeat(1000)));
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 4"), "{text}");
    for heard in server.heard() {
        assert!(!matches!(heard, Heard::Request(_)), "{heard:?}");
    }
}

#[test]
fn trailers_are_neither_announced_nor_passed_nor_merged() {
    let server = Server::ok();
    let router = Router::to(&server);
    let lines = "Trailer: X-Forwarded-For, X-Secret\r\nTransfer-Encoding: chunked";
    let body = "3\r\nabc\r\n0\r\nX-Forwarded-For: 6.6.6.6\r\nX_Forwarded_For: 6.6.6.6\r\n\
                X-Secret: s\r\n\r\n";
    let answer = router.ask(with_lines(lines, body));
    assert_eq!(answer.status, 200);
    let request = server.hears_request();
    for name in ["trailer", "6.6.6.6", "secret"] {
        assert!(!request.to_lowercase().contains(name), "{request}");
    }
    assert!(request.contains("abc"), "{request}");
}

#[test]
fn a_client_that_waits_for_100_gets_it() {
    let server = Server::start(|peer| {
        while let Some(head) = peer.head() {
            assert!(head.contains("\r\nExpect: 100-continue\r\n"), "{head}");
            peer.send("HTTP/1.1 100 Continue\r\n\r\n");
            while peer.more().is_some() {
                let body = peer.take();
                if body == b"hello" {
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
                    break;
                }
            }
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send(with_lines("Expect: 100-continue\r\nContent-Length: 5", ""));
    let interim = client.answer();
    assert_eq!(interim.status, 100, "{}", interim.head);
    client.send("hello");
    assert_eq!(client.answer().text(), "hello");
}

#[test]
fn a_client_that_waits_for_100_may_be_refused_instead() {
    let server = Server::start(|peer| {
        if peer.head().is_some() {
            peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send(with_lines("Expect: 100-continue\r\nContent-Length: 5", ""));
    let answer = client.answer();
    assert_eq!(answer.status, 413, "{}", answer.head);
    // Whether the five bytes come now is the client's choice: they must not become a request.
    client.send("GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n");
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(!text.contains("200"), "{text}");
}

#[test]
fn an_unknown_expectation_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let cases = ["y 100-continue", "100-continue, x", "x", "100-continue\x0b"].map(|value| {
        let lines = format!("Expect: {value}\r\nContent-Length: 0");
        (value, with_lines(&lines, ""), [400, 417].as_slice())
    });
    all_are_refused(&router, &server, &cases);
}

#[test]
fn large_bodies_come_whole_both_ways() {
    let server = Server::start(|peer| {
        while let Some(request) = peer.request() {
            let (_, body) = request.split_once("\r\n\r\n").unwrap();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            peer.send(answer).send(body);
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    let body = "0123456789abcdef".repeat(512 * 1024 / 16);
    for size in [1, 4095, 4096, 65_536, 131_072, 131_073, body.len()] {
        let body = &body[..size];
        client.send(with_lines(&format!("Content-Length: {size}"), body));
        let answer = client.answer();
        assert_eq!(answer.status, 200);
        assert!(answer.text() == body, "{size}");
    }
}

#[test]
fn a_body_above_any_buffer_flows() {
    let server = Server::start(|peer| {
        if peer.head().is_some() {
            let piece = [b'x'; 1 << 16];
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 33554432\r\n\r\n");
            for _ in 0..512 {
                peer.send(piece);
            }
            peer.wait_for_end();
        }
    });
    let router = Site::to(server.address()).start();
    let answer = router.get("/");
    assert_eq!(answer.body.len(), 32 << 20);
}
