//! Each kind as tables: a head as it came in, what becomes of it.

mod basic_auth;
mod buffering;
mod circuit_breaker;
mod compress;
mod content_type;
mod digest_auth;
mod errors;
mod forward_auth;
mod headers;
mod in_flight_req;
mod ip_allow_list;
mod paths;
mod properties;
mod rate_limit;
mod redirects;
mod retry;
mod strip_prefix;

use regex_automata::meta::Regex;

use crate::base::Page;
use crate::wire::{AnswerTo, HeadRules, HeaderName, Render, Step, Version};

use super::*;

type Texts<'list> = &'list [&'list str];

/// A whole head, parsed as an entry point does it.
fn request(text: &str) -> RequestHead {
    request_with(text, &HeadRules::default())
}

/// As it comes: the entry point does not clean paths (`sanitizePath: false`).
fn uncleaned(text: &str) -> RequestHead {
    let rules = HeadRules {
        sanitize_path: false,
        ..HeadRules::default()
    };
    request_with(text, &rules)
}

fn request_with(text: &str, rules: &HeadRules) -> RequestHead {
    let mut head = RequestHead::new();
    let mut page = Page::copy_of(text.as_bytes());
    assert_eq!(head.parse(&mut page, rules), Ok(Step::Done), "{text}");
    head
}

fn get(path: &str) -> RequestHead {
    request(&format!("GET {path} HTTP/1.1\r\nHost: example.com\r\n\r\n"))
}

/// A client at 192.0.2.7 without TLS.
const PLAIN: Around = Around {
    peer: IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7)),
    secure: false,
    now: Tick::ZERO,
};

const TLS: Around = Around {
    secure: true,
    ..PLAIN
};

/// What one step makes of a request: the answer as it is sent, or none when it goes on.
fn pass(step: &Middleware, head: &mut RequestHead, around: &Around) -> Option<String> {
    answer_of(step.on_request(head, around, &mut Slot::default()))
}

/// The answer as it is sent, or none when the request goes on.
fn answer_of(flow: Flow) -> Option<String> {
    if let Flow::Answer(response, body) = flow {
        return Some(answered(&response, body.as_slice()));
    }
    assert!(matches!(flow, Flow::Next), "{flow:?}");
    None
}

/// `status reason`, then the fields but Date, then the body.
fn answered(response: &ResponseHead, body: &[u8]) -> String {
    let to = AnswerTo {
        version: Version::Http11,
        keep_alive: true,
        date: &[b'x'; 29],
        head: false,
    };
    let mut out = Page::head();
    response.render(&mut out, &to);
    let text = [out.as_slice(), body].concat();
    let text = String::from_utf8(text).unwrap();
    let date = format!("Date: {}\r\n", "x".repeat(29));
    text.strip_prefix("HTTP/1.1 ")
        .unwrap()
        .replace(&date, "")
        .replace("\r\n", "\n")
}

/// The head as a server gets it.
fn sent(head: &RequestHead) -> String {
    let mut out = Page::head();
    head.render(&mut out, &Render::default());
    let text = String::from_utf8(out.as_slice().to_vec()).unwrap();
    text.replace("\r\n", "\n").trim_end().to_owned()
}

/// The target that a server gets, and all values of one field joined by `|`.
fn target_and(head: &RequestHead, name: &HeaderName) -> (String, String) {
    let line = sent(head);
    let target = line.split(' ').nth(1).unwrap().to_owned();
    let values: Vec<&[u8]> = head.values(name).collect();
    (target, String::from_utf8(values.join(&b"|"[..])).unwrap())
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// The way out: nothing else than going on is expected.
fn leave(step: &Middleware, head: &mut RequestHead, response: &mut ResponseHead, slot: &mut Slot) {
    let flow = step.on_response(head, response, (Outcome::Answered, &PLAIN), slot);
    assert!(matches!(flow, Flow::Next), "{flow:?}");
}

/// The request that a step wants to be sent.
fn call_of(flow: Flow) -> Call {
    if let Flow::Call(call) = flow {
        return *call;
    }
    panic!("{flow:?}");
}
