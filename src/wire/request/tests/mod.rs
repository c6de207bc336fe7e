mod forward;
mod framing;
mod host;
mod lines;
mod pieces;
mod target;

use super::*;
use crate::wire::names;
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

/// The fault of a GET that has these lines besides Host.
fn fault_of_lines(lines: &str) -> Option<Fault> {
    fault(&format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n"))
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

/// The lines of a forwarded GET that has these lines besides Host, without those that every
/// forwarded request gets.
fn forwarded_lines(lines: &str) -> Vec<String> {
    let text = forwarded(&format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n\r\n"));
    let ours = "X-Real-Ip: 192.0.2.7|X-Forwarded-Proto: http|X-Forwarded-Port: 80|\
                X-Forwarded-Host: a|X-Forwarded-Server: edge|X-Forwarded-For: 192.0.2.7";
    text.split("\r\n")
        .skip(2)
        .filter(|line| !line.is_empty() && !ours.split('|').any(|our| our == *line))
        .map(str::to_owned)
        .collect()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}
