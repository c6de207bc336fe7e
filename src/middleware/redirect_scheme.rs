use crate::wire::{RequestHead, names};

use super::redirect::{to, url, without_port};
use super::{Around, Flow};

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
        let port = format!(":{port}");
        let is_said = port != ":" && !is_own(scheme.as_bytes(), port.as_bytes());
        Self {
            scheme: scheme.into(),
            port: if is_said { port.into() } else { "".into() },
            permanent,
        }
    }

    pub(super) fn on_request(&self, head: &RequestHead, around: &Around) -> Flow {
        let host = without_port(head.host());
        let target = url(self.scheme.as_bytes(), &[host, self.port.as_bytes()], head);
        if target == asked_for(head, around) {
            return Flow::Next;
        }
        to(head, &target, self.permanent)
    }
}

/// The URL that the client asked for, as far as the proxies before us say it, without a port
/// that the scheme implies.
fn asked_for(head: &RequestHead, around: &Around) -> Vec<u8> {
    let scheme: &[u8] = match head.value(&names::X_FORWARDED_PROTO) {
        Some(b"wss") => b"https",
        Some(b"ws") => b"http",
        Some(told) if !told.is_empty() => told,
        Some(_) | None if around.secure => b"https",
        Some(_) | None => b"http",
    };
    let host = without_port(head.host());
    let port = &head.host()[host.len()..];
    let port = if is_own(scheme, port) { b"" } else { port };
    url(scheme, &[host, port], head)
}

/// `:80` is http's own, `:443` https's.
fn is_own(scheme: &[u8], port: &[u8]) -> bool {
    matches!((scheme, port), (b"http", b":80") | (b"https", b":443"))
}
