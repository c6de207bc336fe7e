use crate::wire::{HeaderName, RequestHead, ResponseHead, names};

use super::redirect::{url, with_status};
use super::{Around, Flow, error};

/// A field and its value, as they are sent.
pub type Field = (HeaderName, Box<[u8]>);

/// Fields that browsers want for safety, and which hosts are served (features 6, headers).
#[derive(Debug, Default)]
pub struct Secure {
    /// Lower case; empty: every host.
    pub allowed_hosts: Box<[Box<[u8]>]>,
    /// Where the host may stand besides `Host`.
    pub host_headers: Box<[HeaderName]>,
    /// Fields and values that say that a proxy before us spoke TLS.
    pub tls_headers: Box<[Field]>,
    /// `Strict-Transport-Security`, sent over TLS only unless forced.
    pub sts: Option<Box<[u8]>>,
    pub force_sts: bool,
    /// `Public-Key-Pins`, sent over TLS only.
    pub key_pins: Option<Field>,
    /// What every answer gets.
    pub fields: Box<[Field]>,
    /// Clients that come without TLS, or to another host, are sent elsewhere.
    pub elsewhere: Option<Elsewhere>,
    /// `isDevelopment`: hosts and STS are left alone.
    pub development: bool,
}

/// What v2 did with clients that do not come to the right place over TLS.
#[derive(Debug)]
pub struct Elsewhere {
    /// `sslRedirect`.
    pub tls_only: bool,
    /// 301, or 307 with `sslTemporaryRedirect`.
    pub status: u16,
    /// `sslHost`; empty: the host that was asked for.
    pub host: Box<[u8]>,
    /// `sslForceHost`.
    pub one_host: bool,
}

impl Secure {
    /// True when any option of it is set.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.allowed_hosts.is_empty()
            || self.sts.is_some()
            || self.key_pins.is_some()
            || !self.fields.is_empty()
            || self.elsewhere.is_some()
    }

    /// Turns the request around where its host is not served, or is to be asked otherwise.
    pub(super) fn turns(&self, head: &RequestHead, secure: bool) -> Option<Flow> {
        if let Some(answer) = self.refuses(head) {
            return Some(Flow::Answer(answer, b"Bad Host\n".into()));
        }
        let rules = self.elsewhere.as_ref()?;
        let host = self.host(head);
        let right = if rules.host.is_empty() {
            host
        } else {
            &rules.host
        };
        let lacks_tls = rules.tls_only && !secure && !self.development;
        if !lacks_tls && (!rules.one_host || host == right) {
            return None;
        }
        Some(with_status(rules.status, &url(b"https", &[right], head)))
    }

    /// The answer to a host that is not served (500, as Traefik's).
    fn refuses(&self, head: &RequestHead) -> Option<ResponseHead> {
        if self.development || self.allowed_hosts.is_empty() {
            return None;
        }
        let host = self.host(head).to_ascii_lowercase();
        let served = self.allowed_hosts.iter().any(|known| **known == *host);
        (!served).then(|| error(500))
    }

    /// The host that the client asked for, as far as the proxies before us tell it.
    fn host<'head>(&'head self, head: &'head RequestHead) -> &'head [u8] {
        let mut named = self
            .host_headers
            .iter()
            .filter_map(|name| head.value(name))
            .filter(|value| !value.is_empty());
        named.next().unwrap_or_else(|| head.host())
    }

    pub(super) fn is_secure(&self, head: &RequestHead, around: &Around) -> bool {
        let told = |(name, value): &Field| head.value(name) == Some(&**value);
        around.secure || self.tls_headers.iter().any(told)
    }

    pub(super) fn on_response(&self, secure: bool, response: &mut ResponseHead) {
        for (name, value) in &self.fields {
            response.set(name, value);
        }
        if let Some(sts) = &self.sts
            && (secure || self.force_sts)
            && !self.development
        {
            response.set(&names::STRICT_TRANSPORT_SECURITY, sts);
        }
        if let Some((name, pins)) = &self.key_pins
            && secure
            && !self.development
        {
            response.set(name, pins);
        }
    }
}
