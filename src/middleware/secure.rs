use crate::wire::{HeaderName, RequestHead, ResponseHead, names};

use super::{Around, error};

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
    /// `isDevelopment`: hosts and STS are left alone.
    pub development: bool,
}

impl Secure {
    /// True when any option of it is set.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        !self.allowed_hosts.is_empty()
            || self.sts.is_some()
            || self.key_pins.is_some()
            || !self.fields.is_empty()
    }

    /// The answer to a host that is not served (500, as Traefik's).
    pub(super) fn refuses(&self, head: &RequestHead) -> Option<ResponseHead> {
        if self.development || self.allowed_hosts.is_empty() {
            return None;
        }
        let named = self
            .host_headers
            .iter()
            .filter_map(|name| head.value(name))
            .find(|value| !value.is_empty());
        let host = named.unwrap_or_else(|| head.host()).to_ascii_lowercase();
        let served = self.allowed_hosts.iter().any(|known| **known == *host);
        (!served).then(|| error(500))
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
