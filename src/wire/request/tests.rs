use super::*;
use crate::wire::{Fault, Step};

/// Parses a whole head with Traefik's default rules.
fn read(text: &str) -> Result<RequestHead, Fault> {
    read_with(text.as_bytes(), &HeadRules::default())
}

fn read_with(text: &[u8], rules: &HeadRules) -> Result<RequestHead, Fault> {
    let mut head = RequestHead::new();
    let mut page = Page::copy_of(text);
    match head.parse(&mut page, rules)? {
        Step::Done => Ok(head),
        Step::Partial => panic!("partial: {}", String::from_utf8_lossy(text)),
    }
}

/// The fault of a head, or None when it is accepted.
fn fault(text: &str) -> Option<Fault> {
    read(text).err()
}

fn stranger() -> (ForwardedRules, Peer) {
    let rules = ForwardedRules {
        server: b"edge"[..].into(),
        ..ForwardedRules::default()
    };
    let peer = Peer::new([192, 0, 2, 7].into(), &rules);
    (rules, peer)
}

/// What a server gets for a request of a stranger.
fn forwarded(text: &str) -> String {
    let (rules, peer) = stranger();
    let mut head = read(text).unwrap();
    head.forward(&rules, &peer, false);
    rendered(&head, &Render::default())
}

fn rendered(head: &RequestHead, how: &Render<'_>) -> String {
    let mut out = Page::head();
    head.render(&mut out, how);
    String::from_utf8(out.as_slice().to_vec()).unwrap()
}

#[test]
fn a_plain_request_is_forwarded_as_it_came() {
    let text = "GET /a/b?c=d HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent: curl\r\n\
                Connection: keep-alive\r\nAccept: */*\r\n\r\n";
    let expected = "GET /a/b?c=d HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent: curl\r\n\
                    Accept: */*\r\nX-Real-Ip: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n\
                    X-Forwarded-Port: 8080\r\nX-Forwarded-Host: example.com:8080\r\n\
                    X-Forwarded-Server: edge\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n";
    assert_eq!(forwarded(text), expected);
}

#[test]
fn what_comes_behind_a_head_stays_behind_it() {
    let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /";
    let mut head = read(text).unwrap();
    assert_eq!(head.take_rest().as_slice(), b"helloGET /");
    assert_eq!(head.take_rest().as_slice(), b"");
    assert_eq!(head.body(), BodyLength::Length(5));
    assert_eq!(head.host(), b"a");
}

#[test]
fn ambiguous_framing_is_refused() {
    let table = [
        (
            "Content-Length: 5\r\nTransfer-Encoding: chunked",
            Fault::FramingTwice,
        ),
        (
            "Transfer-Encoding: chunked\r\nContent-Length: 5",
            Fault::FramingTwice,
        ),
        (
            "Content-Length: 5\r\nContent-Length: 5",
            Fault::ContentLength,
        ),
        ("Content-Length: 5, 5", Fault::ContentLength),
        ("Content-Length: +5", Fault::ContentLength),
        ("Transfer-Encoding: xchunked", Fault::TransferEncoding),
    ];
    for (fields, expected) in table {
        let text = format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n");
        assert_eq!(fault(&text), Some(expected), "{fields}");
    }
}
