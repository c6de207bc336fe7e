//! Heads: read, edited, written. The request is what a browser sends.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};

use ringway::base::Page;
use ringway::wire::{
    AnswerTo, BodyLength, BodyReader, ForwardedRules, HeadRules, HeaderName, Method, Peer, Render,
    RequestHead, ResponseHead, Step, Version,
};

use crate::Subject;

pub(crate) const BROWSER: &[u8] = b"GET /shop/items/4711?color=blue&size=xl HTTP/1.1\r\n\
Host: shop.example.org\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n\
Accept-Language: en-US,en;q=0.5\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\n\
Referer: https://shop.example.org/shop\r\n\
Connection: keep-alive\r\n\
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=1\r\n\
Upgrade-Insecure-Requests: 1\r\n\
Sec-Fetch-Dest: document\r\n\
Sec-Fetch-Mode: navigate\r\n\
Sec-Fetch-Site: same-origin\r\n\
Priority: u=0, i\r\n\
\r\n";

const SMALL: &[u8] = b"GET /small HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n";

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\n\
Server: nginx/1.22.1\r\n\
Date: Mon, 23 Nov 2026 12:00:00 GMT\r\n\
Content-Type: text/html; charset=utf-8\r\n\
Content-Length: 104\r\n\
Connection: keep-alive\r\n\
Cache-Control: private, max-age=0\r\n\
Vary: Accept-Encoding\r\n\
\r\n";

pub(crate) fn subjects() -> Vec<Subject> {
    vec![
        Subject {
            name: "wire/parse-small",
            operations: 1000,
            batch: 1,
            prepare: || parse(SMALL),
        },
        Subject {
            name: "wire/parse-browser",
            operations: 1000,
            batch: 1,
            prepare: || parse(BROWSER),
        },
        Subject {
            name: "wire/rewrite-browser",
            operations: 1000,
            batch: 1,
            prepare: rewrite,
        },
        Subject {
            name: "wire/parse-answer",
            operations: 1000,
            batch: 1,
            prepare: parse_answer,
        },
        Subject {
            name: "wire/pass-answer",
            operations: 1000,
            batch: 1,
            prepare: pass_answer,
        },
        Subject {
            name: "wire/chunks-64k",
            operations: 100,
            batch: 1,
            prepare: chunks,
        },
    ]
}

/// From received bytes to a head; filling the page is in it, as the kernel would do that.
fn parse(text: &'static [u8]) -> Box<dyn FnMut()> {
    let rules = HeadRules::default();
    let mut head = RequestHead::new();
    Box::new(move || {
        let mut page = Page::head();
        page.append(text);
        head.clear();
        let step = head.parse(black_box(&mut page), &rules);
        assert_eq!(step, Ok(Step::Done));
        black_box(head.host());
    })
}

/// What a proxy does to a head between reading and sending it: the forwarded fields, a shorter
/// path, one field less and one more, and all of it written out.
fn rewrite() -> Box<dyn FnMut()> {
    let mut head = parsed(BROWSER);
    let rules = ForwardedRules {
        server: b"edge-1".as_slice().into(),
        ..ForwardedRules::default()
    };
    let peer = Peer::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 17)), &rules);
    let gone = name("Referer");
    let added = name("X-Shop");
    let before = head.checkpoint();
    Box::new(move || {
        head.forward(&rules, &peer, false);
        head.set_path(b"/items/4711");
        head.remove(&gone);
        head.set(&added, b"berlin");
        let mut out = Page::head();
        head.render(&mut out, &Render::default());
        assert!(black_box(out.len()) > 512);
        head.restore(&before);
    })
}

fn parse_answer() -> Box<dyn FnMut()> {
    let mut head = ResponseHead::new();
    Box::new(move || answer_into(&mut head))
}

/// An answer's head, read and written.
fn pass_answer() -> Box<dyn FnMut()> {
    let mut head = ResponseHead::new();
    Box::new(move || {
        answer_into(&mut head);
        let to = AnswerTo {
            version: Version::Http11,
            keep_alive: true,
            date: b"Mon, 23 Nov 2026 12:00:00 GMT",
            head: false,
        };
        let mut out = Page::head();
        head.render(&mut out, &to);
        assert!(black_box(out.len()) > 150);
    })
}

/// 64 KiB in chunks of 8 KiB, as servers send them.
fn chunks() -> Box<dyn FnMut()> {
    let mut text = Vec::new();
    for _ in 0..8 {
        text.extend_from_slice(b"2000\r\n");
        text.extend_from_slice(&[b'x'; 0x2000]);
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"0\r\n\r\n");
    Box::new(move || {
        let mut reader = BodyReader::new(BodyLength::Chunked);
        let mut page = Page::bulk();
        page.append(&text);
        while !reader.is_ended() {
            let piece = reader.feed(black_box(&mut page));
            assert!(black_box(piece).is_ok());
        }
        assert_eq!(reader.decoded_bytes(), 64 * 1024);
    })
}

pub(crate) fn parsed(text: &[u8]) -> RequestHead {
    let mut head = RequestHead::new();
    let mut page = Page::head();
    page.append(text);
    let step = head.parse(&mut page, &HeadRules::default());
    assert_eq!(step, Ok(Step::Done), "the example is a good request");
    head
}

/// Reads the example of an answer.
pub(crate) fn answer_into(head: &mut ResponseHead) {
    let mut page = Page::head();
    page.append(ANSWER);
    head.clear();
    let step = head.parse(black_box(&mut page), Method::Get);
    assert_eq!(step, Ok(Step::Done), "the example is a good answer");
}

fn name(text: &str) -> HeaderName {
    HeaderName::new(text).expect("the example is a good name")
}
