use crate::wire::{HeaderName, RequestHead, ResponseHead, names};

use super::cors::Cors;
use super::secure::Secure;
use super::{Around, Flow, Slot};

/// Sets and deletes fields of requests and answers, speaks CORS, and adds the fields that
/// browsers want for safety (features 6, headers).
#[derive(Debug, Default)]
pub struct Headers {
    request: Box<[Change]>,
    /// `customRequestHeaders.Host`, which is no header field here but the request's host.
    host: Option<Box<[u8]>>,
    response: Box<[Change]>,
    cors: Option<Cors>,
    secure: Option<Secure>,
}

/// One field that gets a new value, or (when empty) goes.
#[derive(Debug)]
struct Change {
    name: HeaderName,
    value: Box<[u8]>,
}

/// A field that cannot be sent as it is written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HeaderFault {
    Name(String),
    Value(String),
    /// A host that no request can have.
    Host(String),
}

/// What the way out must remember of the request.
#[derive(Debug)]
pub struct Seen {
    /// `Origin`, for CORS.
    origin: Box<[u8]>,
    /// The request came over TLS, here or before a proxy that says so.
    secure: bool,
}

impl Headers {
    /// Takes `(name, value)` pairs; an empty value deletes the field.
    ///
    /// # Errors
    /// A name that is no token, or a value with control characters.
    pub fn new<'text>(
        request: impl Iterator<Item = (&'text str, &'text str)>,
        response: impl Iterator<Item = (&'text str, &'text str)>,
    ) -> Result<Self, HeaderFault> {
        let mut request = changes(request)?;
        let host = request.iter().position(|change| change.name == names::HOST);
        let host = host.map(|place| request.swap_remove(place).value);
        if let Some(host) = host.as_ref().filter(|host| !is_host(host)) {
            let text = String::from_utf8_lossy(host).into_owned();
            return Err(HeaderFault::Host(text));
        }
        let response = changes(response)?.into();
        Ok(Self {
            request: request.into(),
            host,
            response,
            cors: None,
            secure: None,
        })
    }

    /// True when nothing is to be done: Traefik refuses to build such a middleware.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.request.is_empty()
            && self.response.is_empty()
            && self.host.is_none()
            && self.cors.is_none()
            && self.secure.is_none()
    }

    #[must_use]
    pub fn with_cors(mut self, cors: Option<Cors>) -> Self {
        self.cors = cors;
        self
    }

    #[must_use]
    pub fn with_secure(mut self, secure: Option<Secure>) -> Self {
        self.secure = secure;
        self
    }

    pub(super) fn on_request(
        &self,
        head: &mut RequestHead,
        around: &Around,
        slot: &mut Slot,
    ) -> Flow {
        if let Some(answer) = self.cors.as_ref().and_then(|cors| cors.preflight(head)) {
            return Flow::Answer(answer, b"".into());
        }
        let origin = self.cors.is_some().then(|| head.value(&names::ORIGIN));
        let origin: Box<[u8]> = origin.flatten().unwrap_or_default().into();
        for change in &self.request {
            if change.value.is_empty() {
                head.remove(&change.name);
            } else {
                head.set(&change.name, &change.value);
            }
        }
        if let Some(host) = self.host.as_ref().filter(|host| !host.is_empty()) {
            head.set_host(host);
        }
        if self.cors.is_none() && self.secure.is_none() {
            return Flow::Next;
        }
        // After the changes, which may have set the host, or a field that speaks of TLS.
        let rules = self.secure.as_ref();
        let secure = rules.is_some_and(|rules| rules.is_secure(head, around));
        *slot = Slot::Headers(Seen { origin, secure });
        rules
            .and_then(|rules| rules.turns(head, secure))
            .unwrap_or(Flow::Next)
    }

    pub(super) fn on_response(&self, response: &mut ResponseHead, slot: &Slot) -> Flow {
        let seen = if let Slot::Headers(seen) = slot {
            Some(seen)
        } else {
            None
        };
        if let (Some(seen), Some(secure)) = (seen, &self.secure) {
            secure.on_response(seen.secure, response);
        }
        for change in &self.response {
            if change.value.is_empty() {
                response.remove(&change.name);
            } else {
                response.set(&change.name, &change.value);
            }
        }
        if let (Some(seen), Some(cors)) = (seen, &self.cors) {
            cors.on_response(&seen.origin, response);
        }
        Flow::Next
    }
}

/// True when a request can be given this host.
fn is_host(text: &[u8]) -> bool {
    let mut head = RequestHead::new();
    head.set_host(text);
    head.host() == text
}

/// Fields that speak about a connection or frame a body: they are Ringway's own affair, and a
/// configuration that names them changes nothing (as in Traefik).
const CONNECTION_FIELDS: [&HeaderName; 9] = [
    &names::CONNECTION,
    &names::CONTENT_LENGTH,
    &names::KEEP_ALIVE,
    &names::PROXY_CONNECTION,
    &names::TE,
    &names::TRAILER,
    &names::TRANSFER_ENCODING,
    &names::UPGRADE,
    &names::EXPECT,
];

/// True for a field of [`CONNECTION_FIELDS`], and for Host, which is none to be copied.
pub(super) fn is_of_connection(name: &HeaderName) -> bool {
    *name == names::HOST || CONNECTION_FIELDS.contains(&name)
}

fn changes<'text>(
    pairs: impl Iterator<Item = (&'text str, &'text str)>,
) -> Result<Vec<Change>, HeaderFault> {
    let change = |(name, value): (&str, &str)| {
        let field = HeaderName::new(name).map_err(|_| HeaderFault::Name(name.to_owned()))?;
        if value
            .bytes()
            .any(|byte| byte < b' ' && byte != b'\t' || byte == 0x7f)
        {
            return Err(HeaderFault::Value(name.to_owned()));
        }
        Ok(Change {
            name: field,
            value: value.as_bytes().into(),
        })
    };
    let ours = |change: &Result<Change, HeaderFault>| {
        change
            .as_ref()
            .is_ok_and(|change| CONNECTION_FIELDS.contains(&&change.name))
    };
    pairs.map(change).filter(|change| !ours(change)).collect()
}
