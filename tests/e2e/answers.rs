//! Classes: garbage and doubly framed answers, early answers, 1xx, HEAD/204/304, unsolicited 101,
//! surplus bytes: never delivered as complete, never used again.

use crate::harness::{Client, Heard, Peer, Router, Server, with_lines};

/// Answers the first request on each connection with `answer` and then waits for the end.
fn saying(answer: impl Into<Vec<u8>>) -> Server {
    let answer = answer.into();
    Server::start(move |peer| {
        if peer.request().is_some() {
            peer.send(&answer);
            peer.wait_for_end();
        }
    })
}

/// As [`saying`], and then ends the connection.
fn saying_and_closing(answer: impl Into<Vec<u8>>) -> Server {
    let answer = answer.into();
    Server::start(move |peer| {
        if peer.request().is_some() {
            peer.send(&answer).finish();
            peer.wait_for_end();
        }
    })
}

/// What a server may say that is no answer, and why.
const NO_ANSWERS: [(&str, &[u8]); 20] = [
    ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    ("another protocol", b"ICY 200 OK\r\n\r\n"),
    ("no status", b"HTTP/1.1 OK\r\n\r\n"),
    ("two digits", b"HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"),
    (
        "four digits",
        b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n",
    ),
    ("letters", b"HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n"),
    (
        "status 099",
        b"HTTP/1.1 099 OK\r\nContent-Length: 0\r\n\r\n",
    ),
    ("version 2", b"HTTP/2 200 OK\r\nContent-Length: 0\r\n\r\n"),
    (
        "two spaces",
        b"HTTP/1.1  200 OK\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "NUL in a value",
        b"HTTP/1.1 200 OK\r\nA: b\0c\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "a bare CR in a value",
        b"HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "an empty name",
        b"HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "a space before the colon",
        b"HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
    ),
    (
        "two framings",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "two lengths",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    ),
    (
        "a signed length",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nabcde",
    ),
    (
        "a negative length",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabcde",
    ),
    (
        "an unknown coding",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nabcde",
    ),
    (
        "an obfuscated coding",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "101 unasked",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nHTTP/1.1 200",
    ),
];

#[test]
fn an_answer_that_is_none_is_500() {
    for (name, answer) in NO_ANSWERS {
        let server = saying_and_closing(answer);
        let router = Router::to(&server);
        let answer = router.get("/");
        assert_eq!(answer.status, 500, "{name}: {}", answer.head);
        assert_eq!(answer.text(), "Internal Server Error", "{name}");
    }
}

#[test]
fn an_answer_without_end_of_its_head_is_cut_off() {
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\n");
            let line = format!("A: {}\r\n", "b".repeat(1000));
            for _ in 0..64 {
                peer.send(line.repeat(64));
            }
            peer.wait_for_end();
        }
    });
    let router = Router::to(&server);
    let answer = router.get("/");
    assert!([500, 502].contains(&answer.status), "{}", answer.head);
}

/// What the client gets of an answer, and whether it can take it for a whole one.
fn is_complete(router: &Router, request: &str) -> (String, bool) {
    let mut client = router.connect();
    client.send(request);
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return (text, false);
    };
    let lower = head.to_lowercase();
    let length = lower
        .split("content-length: ")
        .nth(1)
        .and_then(|rest| rest.split("\r\n").next()?.parse::<usize>().ok());
    let whole = match length {
        Some(length) => body.len() >= length,
        None if lower.contains("transfer-encoding: chunked") => body.ends_with("0\r\n\r\n"),
        None => true,
    };
    (text, whole)
}

#[test]
fn an_answer_that_ends_too_early_is_never_delivered_as_complete() {
    let answers: [(&str, &[u8]); 7] = [
        (
            "a length",
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        ),
        (
            "chunks",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        ),
        (
            "half a chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        ),
        (
            "no last line",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n",
        ),
        (
            "a malformed chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\nx\r\n\r\n",
        ),
        (
            "a bare LF behind a chunk",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\n0\r\n\r\n",
        ),
        (
            "an overflow",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nabcde",
        ),
    ];
    for (name, answer) in answers {
        let server = saying_and_closing(answer);
        let router = Router::to(&server);
        let (text, complete) = is_complete(
            &router,
            "GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
        );
        let is_refusal = text.starts_with("HTTP/1.1 5");
        assert!(is_refusal || !complete, "{name}: {text}");
    }
}

#[test]
fn surplus_bytes_are_no_answer_to_anybody() {
    let poison = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    let answers = [
        (
            "a length",
            format!("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok{poison}"),
        ),
        (
            "chunks",
            format!(
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n{poison}"
            ),
        ),
        ("204", format!("HTTP/1.1 204 No Content\r\n\r\n{poison}")),
        (
            "304",
            format!("HTTP/1.1 304 Not Modified\r\nContent-Length: 6\r\n\r\n{poison}"),
        ),
    ];
    for (name, answer) in answers {
        let server = saying(answer);
        let router = Router::to(&server);
        let mut client = router.connect();
        for _ in 0..5 {
            let answer = client.get("/");
            assert!(
                !answer.text().contains("poison"),
                "{name}: {}",
                answer.text()
            );
        }
        for _ in 0..5 {
            assert_eq!(
                server.hears(),
                Heard::Connection,
                "{name}: a connection was used again"
            );
            assert!(matches!(server.hears(), Heard::Request(_)), "{name}");
        }
    }
}

#[test]
fn the_body_of_an_answer_to_head_is_no_answer_to_anybody() {
    let server = saying("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
    let router = Router::to(&server);
    let mut client = router.connect();
    for _ in 0..3 {
        client.send("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
        let answer = client.answer_to("HEAD");
        assert_eq!(
            (answer.status, answer.header("Content-Length")),
            (200, Some("6"))
        );
    }
    let answer = client.get("/");
    assert_eq!(answer.text(), "poison");
}

#[test]
fn an_answer_nobody_asked_for_is_not_delivered() {
    // The server speaks before it is asked, on a connection that waits in the pool.
    let server = Server::start(|peer| {
        while peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            crate::harness::pause(50);
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
        }
    });
    let router = Router::to(&server);
    for _ in 0..3 {
        assert_eq!(router.get("/").text(), "ok");
        crate::harness::pause(150);
    }
}

fn interim(peer: &mut Peer, first: &str) {
    while peer.request().is_some() {
        peer.send(first)
            .send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    }
}

#[test]
fn an_early_hint_passes() {
    let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
    let server = Server::start(move |peer| interim(peer, hint));
    let router = Router::to(&server);
    let mut client = router.connect();
    for _ in 0..2 {
        let first = client.get("/");
        assert_eq!(first.status, 103, "{}", first.head);
        assert_eq!(first.header("Link"), Some("</a.css>; rel=preload"));
        assert_eq!(client.answer().text(), "ok");
    }
}

#[test]
fn a_100_nobody_waits_for_is_no_answer() {
    let server = Server::start(|peer| interim(peer, "HTTP/1.1 100 Continue\r\n\r\n"));
    let router = Router::to(&server);
    let mut client = router.connect();
    for _ in 0..2 {
        let mut answer = client.get("/");
        while answer.status == 100 {
            answer = client.answer();
        }
        assert_eq!(answer.text(), "ok");
    }
}

#[test]
fn interim_answers_without_end_are_cut_off() {
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            for _ in 0..10_000 {
                peer.send("HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n");
            }
            peer.wait_for_end();
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(text.matches("HTTP/1.1 103").count() <= 64, "{}", text.len());
}

#[test]
fn an_interim_answer_goes_to_no_client_that_knows_none() {
    let hint = "HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n";
    let server = Server::start(move |peer| interim(peer, hint));
    let router = Router::to(&server);
    let answer = router.ask("GET / HTTP/1.0\r\nHost: test\r\n\r\n");
    assert_eq!(answer.text(), "ok", "{}", answer.head);
}

#[test]
fn an_early_answer_reaches_a_client_that_still_sends() {
    let server = Server::start(|peer| {
        if peer.head().is_some() {
            peer.send(
                "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig",
            );
            peer.finish();
            peer.wait_for_end();
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send(with_lines("Content-Length: 10000000", ""));
    client.send(vec![b'x'; 1_000_000]);
    let answer = client.answer();
    assert_eq!((answer.status, answer.text()), (413, "big".to_owned()));
}

#[test]
fn an_answer_without_length_ends_with_its_connection() {
    let server = saying_and_closing("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nhello");
    let router = Router::to(&server);
    let answer = router.get("/");
    assert_eq!(answer.text(), "hello", "{}", answer.head);
    let answer = router.ask("GET / HTTP/1.0\r\nHost: test\r\n\r\n");
    assert_eq!(answer.text(), "hello", "{}", answer.head);
    assert_eq!(answer.header("Transfer-Encoding"), None);
}

#[test]
fn an_old_client_gets_chunks_as_a_stream() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n",
    );
    let router = Router::to(&server);
    let answer = router.ask("GET / HTTP/1.0\r\nHost: test\r\n\r\n");
    assert_eq!(answer.text(), "abcde", "{}", answer.head);
    assert_eq!(answer.header("Transfer-Encoding"), None, "{}", answer.head);
    let mut client = router.connect();
    for _ in 0..2 {
        assert_eq!(client.get("/").text(), "abcde");
    }
}

#[test]
fn trailers_of_an_answer_do_not_become_its_fields() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nSet-Cookie: a=b\r\n\r\n",
    );
    let router = Router::to(&server);
    let mut client: Client = router.connect();
    for _ in 0..2 {
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        let answer = client.answer();
        assert_eq!(answer.header("Set-Cookie"), None);
        assert_eq!(answer.text(), "ok");
    }
}

#[test]
fn an_answer_in_pieces_of_a_byte_is_the_same() {
    let server = Server::start(|peer| {
        let answer = "HTTP/1.1 200 OK\r\nA: b\r\nTransfer-Encoding: chunked\r\n\r\n\
                      3\r\nabc\r\n0\r\n\r\n";
        while peer.request().is_some() {
            for byte in answer.as_bytes() {
                peer.send([*byte]);
            }
        }
    });
    let router = Router::to(&server);
    let answer = router.get("/");
    assert_eq!(
        (answer.text(), answer.header("A")),
        ("abc".to_owned(), Some("b"))
    );
}
