use crate::wire::{RequestHead, names};

use super::text;

use super::{Around, Flow, reason, redirect_status};

/// Sends the client to the same place under another scheme (features 6, redirectScheme).
#[derive(Debug)]
pub struct RedirectScheme {
    scheme: Box<str>,
    /// `:port`, or nothing where it is the scheme's own.
    port: Box<str>,
    permanent: bool,
}

impl RedirectScheme {
    #[must_use]
    pub fn new(scheme: &str, port: &str, permanent: bool) -> Self {
        let own = matches!((scheme, port), ("http", "80") | ("https", "443"));
        let port = if port.is_empty() || own {
            String::new()
        } else {
            format!(":{port}")
        };
        Self {
            scheme: scheme.into(),
            port: port.into(),
            permanent,
        }
    }

    pub(super) fn on_request(&self, head: &RequestHead, around: &Around) -> Flow {
        let host = without_port(head.host());
        let target = self.target(host, head.path(), head.query());
        if target == current(head, around) {
            return Flow::Next;
        }
        let status = redirect_status(head.method(), self.permanent);
        let mut answer = text(status);
        answer.set(&names::LOCATION, &target);
        Flow::Answer(answer, reason(status))
    }

    fn target(&self, host: &[u8], path: &[u8], query: Option<&[u8]>) -> Vec<u8> {
        url(
            self.scheme.as_bytes(),
            &[host, self.port.as_bytes()],
            path,
            query,
        )
    }
}

/// The URL as the client asked for it, as far as it can be known here.
pub(super) fn current(head: &RequestHead, around: &Around) -> Vec<u8> {
    let scheme: &[u8] = match head.value(&names::X_FORWARDED_PROTO) {
        Some(b"https" | b"wss") => b"https",
        Some(b"http" | b"ws") => b"http",
        Some(other) => other,
        None if around.secure => b"https",
        None => b"http",
    };
    url(scheme, &[head.host()], head.path(), head.query())
}

fn url(scheme: &[u8], authority: &[&[u8]], path: &[u8], query: Option<&[u8]>) -> Vec<u8> {
    let mut url = [scheme, b"://"].concat();
    for part in authority {
        url.extend_from_slice(part);
    }
    url.extend_from_slice(path);
    if let Some(query) = query {
        url.push(b'?');
        url.extend_from_slice(query);
    }
    url
}

/// `host:80` -> `host`; `[::1]:80` -> `[::1]`.
fn without_port(host: &[u8]) -> &[u8] {
    let end = match memchr::memrchr(b':', host) {
        Some(colon) if !host[colon..].contains(&b']') => colon,
        Some(_) | None => host.len(),
    };
    &host[..end]
}
