//! The compress and contentType middlewares: real clients, streams, bodies of any size.

use std::io::Read;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::{Answer, Client, Nginx, Router, Server, Site, pause, wait_for};

fn site(site: Site, middlewares: &str) -> Router {
    site.router(
        "r",
        "PathPrefix(`/`)",
        "s",
        &format!("middlewares: [{middlewares}]"),
    )
    .middleware("compress", "compress: {}")
    .middleware(
        "brotli",
        "compress:\n  encodings: [br]\n  defaultEncoding: br",
    )
    .middleware("type", "contentType: {}")
    .start()
}

fn before(server: &Server, middlewares: &str) -> Router {
    site(Site::new().service("s", &[server.address()]), middlewares)
}

fn ask(client: &mut Client, lines: &str) -> Answer {
    client.send(format!("GET /file HTTP/1.1\r\nHost: test\r\n{lines}\r\n"));
    client.answer()
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(bytes);
    reader.read_to_end(&mut text).unwrap();
    text
}

fn curl(arguments: &[&str]) -> (String, Vec<u8>) {
    let output = Command::new("curl")
        .arg("-sS")
        .args(arguments)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    (said, output.stdout)
}

/// Bytes that gain by compression and do not vanish.
fn text(length: usize) -> Vec<u8> {
    let words = (0_u32..).flat_map(|n| format!("{} {}\n", n % 977, n.wrapping_mul(n)).into_bytes());
    words.take(length).collect()
}

#[test]
fn curl_reads_every_encoding_of_files_of_any_size() {
    let nginx = Nginx::start("");
    let router = site(Site::new().service("s", &[nginx.address()]), "compress");
    let url = format!("http://{}/file", router.web());
    for size in [0, 1, 1023, 1024, 5000, 131_072, 600_000] {
        let text = text(size);
        std::fs::write(nginx.files().join("file"), &text).unwrap();
        for encoding in ["gzip", "br", "zstd"] {
            for version in ["--http1.1", "--http1.0"] {
                let accept = format!("Accept-Encoding: {encoding}");
                let told = ["--compressed", "-H", &accept, version, &url];
                assert!(curl(&told).1 == text, "{encoding} {version} {size}");
                let (_, head) = curl(&["-o/dev/null", "-D-", "-H", &accept, version, &url]);
                let head = String::from_utf8(head).unwrap();
                let named = head.contains(&format!("Content-Encoding: {encoding}\r\n"));
                assert_eq!(named, size >= 1024, "{head}");
                assert!(head.contains("\r\nETag: "), "{head}");
                assert!(head.contains("\r\nVary: Accept-Encoding\r\n"), "{head}");
                assert_eq!(head.contains("Content-Length: "), size < 1024, "{head}");
                assert_eq!(head.contains("Accept-Ranges: "), size < 1024, "{head}");
            }
        }
    }
    let nothing = curl(&["-o/dev/null", "-D-", &url]).1;
    let nothing = String::from_utf8(nothing).unwrap();
    assert!(!nothing.contains("Content-Encoding"), "{nothing}");
    assert!(!nothing.contains("Vary"), "{nothing}");
    let part = curl(&["-H", "Accept-Encoding: gzip", "-r", "0-1999", &url]).1;
    assert!(part == text(2000), "a part of a body is left alone");
}

#[test]
fn one_connection_carries_compressed_answers_one_after_the_other() {
    let nginx = Nginx::start("");
    let router = site(Site::new().service("s", &[nginx.address()]), "compress");
    let text = text(200_000);
    std::fs::write(nginx.files().join("file"), &text).unwrap();
    let mut client = router.connect();
    for _ in 0..50 {
        let answer = ask(&mut client, "Accept-Encoding: gzip\r\n");
        assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
        assert!(gunzip(&answer.body) == text);
        let plain = ask(&mut client, "");
        assert_eq!(plain.header("Content-Encoding"), None);
        assert!(plain.body == text);
    }
    client.send("HEAD /file HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
    let head = client.answer_to("HEAD");
    assert_eq!(head.header("Content-Length"), Some("200000"));
    assert_eq!(head.header("Content-Encoding"), None);
}

#[test]
fn an_event_reaches_the_client_at_once() {
    for middlewares in ["compress", "compress, type"] {
        let seen_events = Arc::new(AtomicUsize::new(0));
        let seen_by_client = Arc::clone(&seen_events);
        let server = Server::start(move |peer| {
            if peer.request().is_none() {
                return;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
            // The next event comes only when the client has seen this one.
            for number in 2..5 {
                wait_for("the client to see it", || {
                    let seen = seen_by_client.load(Ordering::Relaxed);
                    (seen + 1 >= number).then_some(())
                });
                peer.send(format!("data: {number}\n\n"));
            }
        });
        let router = before(&server, middlewares);
        let mut client = router.connect();
        client.send("GET / HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
        let answer = client.answer_head();
        assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
        let mut bytes = Vec::new();
        let mut seen = [0; 36];
        for number in 1..5 {
            let wanted = number * 9;
            loop {
                bytes.extend(client.chunk());
                let mut reader = flate2::read::GzDecoder::new(bytes.as_slice());
                if reader.read_exact(&mut seen[..wanted]).is_ok() {
                    break;
                }
            }
            let event = format!("data: {number}\n\n");
            assert!(seen[..wanted].ends_with(event.as_bytes()));
            seen_events.store(number, Ordering::Relaxed);
        }
    }
}

#[test]
fn a_slow_body_of_known_length_is_not_held_back() {
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n");
            peer.send([b'a'; 1000]);
            // The rest never comes while the client waits for what is there.
            peer.wait_for_end();
        }
    });
    let router = before(&server, "compress");
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
    assert_eq!(
        client.answer_head().header("Content-Encoding"),
        Some("gzip")
    );
    let mut bytes = Vec::new();
    let mut seen = [0; 1000];
    while flate2::read::GzDecoder::new(bytes.as_slice())
        .read_exact(&mut seen)
        .is_err()
    {
        bytes.extend(client.chunk());
    }
    assert_eq!(seen, [b'a'; 1000]);
}

#[test]
fn a_body_that_breaks_off_does_not_look_complete() {
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            peer.send(text(50_000));
        }
    });
    let router = before(&server, "compress");
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n");
    let (bytes, _) = client.until_end();
    assert!(!bytes.ends_with(b"0\r\n\r\n"));
}

#[test]
fn chunked_bodies_are_taken_apart_and_trailers_dropped() {
    let body = "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Secret: a\r\n\r\n";
    let server = Server::answering(format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"
    ));
    let router = before(&server, "compress");
    let mut client = router.connect();
    for _ in 0..3 {
        let answer = ask(&mut client, "Accept-Encoding: gzip\r\n");
        // Short, but its length was not known beforehand.
        assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
        assert_eq!(gunzip(&answer.body), b"hello world");
    }
}

#[test]
fn what_middlewares_answer_is_compressed_too() {
    let server = Server::ok();
    let query = "x".repeat(2000);
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [brotli, gone]")
        .middleware(
            "brotli",
            "compress:\n  encodings: [gzip]\n  minResponseBodyBytes: 1",
        )
        .middleware("gone", "ipAllowList:\n  sourceRange: [192.0.2.1]")
        .start();
    let answer = router.ask(format!(
        "GET /?{query} HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n"
    ));
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("Content-Encoding"), Some("gzip"));
    assert_eq!(gunzip(&answer.body), b"Forbidden");
}

#[test]
fn a_large_body_leaves_others_their_turn() {
    let nginx = Nginx::start("");
    let router = site(Site::new().service("s", &[nginx.address()]), "brotli");
    std::fs::write(nginx.files().join("file"), text(2_000_000)).unwrap();
    std::fs::write(nginx.files().join("small"), "ok").unwrap();
    let mut large = router.connect();
    large.send("GET /file HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(large.answer_head().header("Content-Encoding"), Some("br"));
    // While the large one is under way, small ones are answered.
    let mut small = router.connect();
    for _ in 0..20 {
        assert_eq!(small.get("/small").text(), "ok");
        pause(5);
    }
    let rest = std::iter::from_fn(|| Some(large.chunk()).filter(|chunk| !chunk.is_empty()));
    assert!(rest.map(|chunk| chunk.len()).sum::<usize>() > 100_000);
}

#[test]
fn a_type_is_found_out_where_the_middleware_asks_for_it() {
    let table = [
        (
            "Content-Length: 15",
            "<!DOCTYPE html>",
            Some("text/html; charset=utf-8"),
        ),
        (
            "Content-Length: 5",
            "hello",
            Some("text/plain; charset=utf-8"),
        ),
        ("Content-Length: 2\r\nContent-Type: a/b", "{}", Some("a/b")),
        ("Content-Length: 0", "", None),
        (
            "Transfer-Encoding: chunked",
            "3\r\n%PD\r\n5\r\nF-1.7\r\n0\r\n\r\n",
            Some("application/pdf"),
        ),
    ];
    for (lines, body, expected) in table {
        let server = Server::answering(format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{body}"));
        let with = before(&server, "type");
        let mut client = with.connect();
        for _ in 0..2 {
            let answer = ask(&mut client, "");
            assert_eq!(answer.header("Content-Type"), expected, "{lines}");
            assert!(!answer.body.is_empty() || body.is_empty(), "{lines}");
        }
        let packed = ask(&mut client, "Accept-Encoding: gzip\r\n");
        assert_eq!(packed.header("Content-Type"), expected, "{lines}");
        let without = before(&server, "compress").get("/");
        let told = lines.contains("Content-Type").then_some("a/b");
        assert_eq!(without.header("Content-Type"), told, "{lines}");
    }
}

#[test]
fn a_type_is_found_out_before_the_body_is_compressed() {
    let html = format!("<html>{}", "a".repeat(5000));
    let server = Server::answering(format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{html}",
        html.len()
    ));
    for order in ["type, compress", "compress, type"] {
        let router = before(&server, order);
        let answer = ask(&mut router.connect(), "Accept-Encoding: gzip\r\n");
        assert_eq!(answer.header("Content-Encoding"), Some("gzip"), "{order}");
        assert_eq!(
            answer.header("Content-Type"),
            Some("text/html; charset=utf-8"),
            "{order}"
        );
        assert_eq!(gunzip(&answer.body), html.as_bytes(), "{order}");
    }
}
