//! What redirectScheme and redirectRegex share: the URL that was asked for, and the answer.

use crate::wire::{Method, RequestHead, names, reason_of};

use super::{Flow, plain};

/// Sends the client to `target`; a text that is no URL cannot be sent to (features 15b.9).
pub(super) fn to(head: &RequestHead, target: &[u8], permanent: bool) -> Flow {
    // Another method than GET is kept by 307 and 308.
    let status = match (head.method() == Method::Get, permanent) {
        (true, false) => 302,
        (true, true) => 301,
        (false, false) => 307,
        (false, true) => 308,
    };
    with_status(status, target)
}

/// As [`to`], with this status.
pub(super) fn with_status(status: u16, target: &[u8]) -> Flow {
    let Some(location) = location(target) else {
        return Flow::Answer(plain(502), reason_of(502).as_bytes().into());
    };
    let mut answer = plain(status);
    answer.set(&names::LOCATION, &location);
    Flow::Answer(answer, reason_of(status).as_bytes().into())
}

/// `scheme://authority/path?query` of a request.
pub(super) fn url(scheme: &[u8], authority: &[&[u8]], head: &RequestHead) -> Vec<u8> {
    let mut url = [scheme, b"://"].concat();
    for part in authority {
        url.extend_from_slice(part);
    }
    url.extend_from_slice(head.path());
    if let Some(query) = head.query() {
        url.push(b'?');
        url.extend_from_slice(query);
    }
    url
}

/// True for a text that a client can be sent to.
#[must_use]
pub fn is_url(text: &[u8]) -> bool {
    location(text).is_some()
}

/// The URL as a `Location` field holds it. None for what Go's `url.Parse` refuses: control
/// characters, a host or port that can be none, an incomplete escape in the path.
fn location(url: &[u8]) -> Option<Vec<u8>> {
    if url.iter().any(u8::is_ascii_control) || url.starts_with(b":") {
        return None;
    }
    let behind = memchr::memmem::find(url, b"//").filter(|at| is_scheme(&url[..*at]));
    let authority_at = behind.map_or(0, |at| at + 2);
    let end = |from: usize, stops: &[u8]| {
        let found = url[from..].iter().position(|byte| stops.contains(byte));
        found.map_or(url.len(), |at| from + at)
    };
    let path_at = match behind {
        Some(_) => end(authority_at, b"/?#"),
        None => 0,
    };
    if !is_authority(&url[authority_at..path_at])
        || !escapes_are_whole(&url[path_at..end(path_at, b"?#")])
    {
        return None;
    }
    let mut location = Vec::with_capacity(url.len());
    for byte in url {
        match byte {
            b' ' | b'"' | b'<' | b'>' | 0x80.. => {
                location.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
            byte => location.push(*byte),
        }
    }
    Some(location)
}

/// Nothing, or `scheme:`.
fn is_scheme(text: &[u8]) -> bool {
    match text {
        [] => true,
        [scheme @ .., b':'] => {
            scheme.first().is_some_and(u8::is_ascii_alphabetic)
                && scheme
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte))
        }
        _ => false,
    }
}

/// `[user@]host[:port]` with no space in it and a port of digits.
fn is_authority(text: &[u8]) -> bool {
    let host = match memchr::memrchr(b'@', text) {
        Some(at) => &text[at + 1..],
        None => text,
    };
    let port = &host[without_port(host).len()..];
    !text.contains(&b' ') && port.iter().skip(1).all(u8::is_ascii_digit)
}

fn escapes_are_whole(path: &[u8]) -> bool {
    memchr::memchr_iter(b'%', path).all(|at| {
        path.get(at + 1..at + 3)
            .is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit))
    })
}

/// `host:80` -> `host`; `[::1]:80` -> `[::1]`.
pub(super) fn without_port(host: &[u8]) -> &[u8] {
    let end = match memchr::memrchr(b':', host) {
        Some(colon) if !host[colon..].contains(&b']') => colon,
        Some(_) | None => host.len(),
    };
    &host[..end]
}
