use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::{Options, serve};
use crate::engine::{self, Choice, ShardOptions};

/// Serves until the test process ends.
fn start() -> SocketAddr {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let shard = ShardOptions {
            driver: engine::select(Choice::Auto).unwrap().driver,
            cpu: None,
            on_panic: None,
            pulse: None,
        };
        let listener = engine::bind(SocketAddr::from(([127, 0, 0, 1], 0)), false).unwrap();
        tell.send(listener.local_addr()).unwrap();
        let options = Options {
            name: "one".to_owned(),
            verbose: false,
        };
        engine::run(shard, || serve(listener, options))
            .unwrap()
            .unwrap();
    });
    told.recv().unwrap()
}

/// Sends all of it, then reads until the server closes.
fn talk(bytes: impl AsRef<[u8]>) -> String {
    let mut stream = TcpStream::connect(start()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(bytes.as_ref()).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    String::from_utf8_lossy(&all).into_owned()
}

const LAST: &str = "GET /bench HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

#[test]
fn pipelined_requests_are_answered_in_their_order() {
    let text = talk(format!(
        "GET /x HTTP/1.1\r\nHost: a\r\nX-B: c\r\n\r\n\
         POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n503\
         GET /health HTTP/1.1\r\nHost: a\r\n\r\n\
         HEAD /data?size=9 HTTP/1.1\r\nHost: a\r\n\r\n\
         GET /data?size=4 HTTP/1.1\r\nHost: a\r\n\r\n{LAST}"
    ));
    let heads: Vec<_> = text.split("HTTP/1.1 ").skip(1).collect();
    assert!(heads[0].starts_with("200 OK\r\nDate: "), "{text}");
    assert!(heads[0].contains("\r\n\r\nName: one\nHostname: "), "{text}");
    assert!(
        heads[0].ends_with("\nGET /x HTTP/1.1\r\nHost: a\r\nX-B: c\r\n\r\n"),
        "{text}"
    );
    assert!(heads[1].starts_with("200 OK\r\n"), "{text}");
    assert!(
        heads[2].starts_with("503 Service Unavailable\r\n"),
        "{text}"
    );
    assert!(heads[3].contains("Content-Length: 9\r\n") && heads[3].ends_with("\r\n\r\n"));
    assert!(heads[4].ends_with("\r\n\r\n|AB|"), "{text}");
    assert!(heads[5].contains("Connection: close\r\n") && heads[5].ends_with("\r\n\r\n1"));
}

#[test]
fn many_pipelined_requests_get_as_many_answers() {
    let requests = "GET /bench HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5000);
    let text = talk(format!("{requests}{LAST}"));
    assert_eq!(text.matches("HTTP/1.1 200 OK\r\n").count(), 5001);
}

#[test]
fn a_body_is_shown_however_it_was_framed() {
    let text = talk(
        "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
         3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    );
    assert!(
        text.contains("Transfer-Encoding: chunked\r\n") && text.ends_with("\r\n\r\nabcde"),
        "{text}"
    );
}

#[test]
fn a_large_answer_comes_whole() {
    let text = talk(
        "GET /data?size=3&unit=MB&attachment=true HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("Content-Disposition: attachment; filename=data.txt"));
    assert_eq!(body.len(), 3 << 20);
    assert!(body.starts_with("|ABC") && body.ends_with('|'));
}

#[test]
fn what_is_malformed_is_refused_and_ends_the_connection() {
    let text =
        talk("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(text.starts_with("HTTP/1.1 400 Bad Request\r\n"), "{text}");
    assert_eq!(text.matches("HTTP/1.1").count(), 1, "{text}");
}

#[test]
fn an_old_client_gets_its_answer_and_the_end() {
    let text = talk("GET /bench HTTP/1.0\r\n\r\n");
    assert!(text.contains("Connection: close\r\n") && text.ends_with("\r\n\r\n1"));
}

#[test]
fn a_websocket_hears_what_it_says() {
    let mut bytes = b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        .to_vec();
    bytes.extend([0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
    bytes.extend([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);
    let text = talk(&bytes);
    assert!(text.starts_with("HTTP/1.1 101 "), "{text}");
    assert!(
        text.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
        "{text}"
    );
    let (_, frames) = text.split_once("\r\n\r\n").unwrap();
    assert!(frames.contains("\u{2}hi"), "{text}");
}

#[test]
fn a_websocket_of_another_version_is_told_ours() {
    let text = talk(
        "GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
         Connection: close\r\n\r\n",
    );
    assert!(
        text.starts_with("HTTP/1.1 426 Upgrade Required\r\n"),
        "{text}"
    );
    assert!(text.contains("Sec-WebSocket-Version: 13\r\n"), "{text}");
}
