//! The head of a request: read once, edited by middlewares, written to a server.

mod forward;
mod host;
mod parse;
mod render;

#[cfg(test)]
mod tests;

pub use forward::{ForwardedRules, Peer, ServerLine};
pub use render::Render;
pub(super) use render::render_length;

use super::body::BodyLength;
use super::fields::{Fields, FieldsBefore, Marks, Span};
use super::names::{HeaderName, MANAGED, id};
use super::scan::Progress;
use crate::base::Page;
use crate::base::limits::HEAD_SCRATCH_BYTES_MAX;

/// What an entry point asks of request heads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadRules {
    /// Bytes of a head; more is 431.
    pub header_bytes_max: usize,
    /// What to do with names that hold an underscore (features 2.17).
    pub underscore: Underscore,
    /// Take dot segments and doubled slashes out of the path (features 2.14).
    pub sanitize_path: bool,
    /// Send `;` in a query as `%3B` instead of `&` (features 2.13).
    pub encode_query_semicolons: bool,
}

impl Default for HeadRules {
    /// Traefik's defaults.
    fn default() -> Self {
        Self {
            header_bytes_max: 1024 * 1024,
            underscore: Underscore::Keep,
            sanitize_path: true,
            encode_query_semicolons: false,
        }
    }
}

/// The fate of header fields whose name holds an underscore.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Underscore {
    #[default]
    Keep,
    Delete,
    /// The request is answered 400.
    Reject,
}

/// A request method. Case counts: `get` is another method than `GET`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Delete,
    Options,
    Patch,
    Trace,
    Connect,
    Other,
}

impl Method {
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        match text {
            b"GET" => Self::Get,
            b"HEAD" => Self::Head,
            b"POST" => Self::Post,
            b"PUT" => Self::Put,
            b"DELETE" => Self::Delete,
            b"OPTIONS" => Self::Options,
            b"PATCH" => Self::Patch,
            b"TRACE" => Self::Trace,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }

    /// Doing it twice does no more than doing it once (RFC 9110 9.2.2).
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        match self {
            Self::Get | Self::Head | Self::Put | Self::Delete | Self::Options | Self::Trace => true,
            Self::Post | Self::Patch | Self::Connect | Self::Other => false,
        }
    }
}

/// The versions that this room speaks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Version {
    Http10,
    Http11,
}

impl Version {
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
        }
    }
}

/// Yes-or-no answers about a head.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Facts(u16);

impl Facts {
    const KEEP_ALIVE: Self = Self(1);
    const EXPECTS_CONTINUE: Self = Self(2);
    /// The target is `*`.
    const ASTERISK: Self = Self(4);
    /// Connection names fields besides close, keep-alive and upgrade.
    const NAMES_FIELDS: Self = Self(8);
    /// TE lists `trailers`.
    const TAKES_TRAILERS: Self = Self(16);
    /// The path holds an escape.
    const ESCAPED: Self = Self(32);
    /// The request line that came is the one to send.
    const LINE_KEPT: Self = Self(1024);
    /// The Host field that came is the one to send.
    const HOST_KEPT: Self = Self(2048);
    /// The Content-Length field that came is written as we would write it.
    const LENGTH_KEPT: Self = Self(4096);
    const SAYS_CLOSE: Self = Self(64);
    const SAYS_KEEP_ALIVE: Self = Self(128);
    const SAYS_UPGRADE: Self = Self(256);
    /// Connection names TE.
    const NAMES_TE: Self = Self(512);

    const fn has(self, fact: Self) -> bool {
        self.0 & fact.0 != 0
    }

    const fn set(&mut self, fact: Self) {
        self.0 |= fact.0;
    }

    const fn unset(&mut self, fact: Self) {
        self.0 &= !fact.0;
    }
}

/// What a request is aimed at: the part of a head, besides its fields, that can be edited.
#[derive(Clone, Copy, Debug, Default)]
struct Aim {
    path: Span,
    routing_path: Span,
    query: Option<Span>,
    host: Span,
    canonical_host: Span,
    /// The port that the host names.
    port: Option<Span>,
    /// The address to append to X-Forwarded-For.
    forwarded_for: Option<Span>,
    facts: Facts,
}

/// The head of a request. Pooled by its user: [`RequestHead::clear`] keeps its allocations.
#[derive(Debug)]
pub struct RequestHead {
    fields: Fields,
    progress: Progress,
    head_bytes: usize,
    method: Method,
    version: Version,
    method_text: Span,
    target: Span,
    aim: Aim,
    upgrade: Option<Span>,
    body: BodyLength,
    /// For work on paths that are not in their one spelling yet.
    scratch: Vec<u8>,
}

/// A state of a head to come back to, for one more attempt.
#[derive(Debug)]
pub struct Edits {
    fields: FieldsBefore,
    aim: Aim,
}

impl Default for RequestHead {
    fn default() -> Self {
        Self::new()
    }
}

impl RequestHead {
    #[must_use]
    pub fn new() -> Self {
        Self {
            fields: Fields::default(),
            progress: Progress::default(),
            head_bytes: 0,
            method: Method::Other,
            version: Version::Http11,
            method_text: Span::default(),
            target: Span::default(),
            aim: Aim::default(),
            upgrade: None,
            body: BodyLength::None,
            scratch: Vec::new(),
        }
    }

    /// Forgets the request; gives its page back and keeps its own allocations.
    pub fn clear(&mut self) {
        self.fields.clear();
        self.progress = Progress::default();
        self.head_bytes = 0;
        self.aim = Aim::default();
        self.upgrade = None;
        self.body = BodyLength::None;
        if self.scratch.capacity() > HEAD_SCRATCH_BYTES_MAX {
            self.scratch = Vec::new();
        }
    }

    /// The bytes that came behind the head: body, or further requests. Empty when there are
    /// none. To be taken once.
    pub fn take_rest(&mut self) -> Page {
        self.fields.take_rest(self.head_bytes)
    }

    #[must_use]
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The method as sent.
    #[must_use]
    pub fn method_text(&self) -> &[u8] {
        self.fields.text(self.method_text)
    }

    #[must_use]
    pub const fn version(&self) -> Version {
        self.version
    }

    /// Size of the head as it came in.
    #[must_use]
    pub const fn head_bytes(&self) -> usize {
        self.head_bytes
    }

    /// `host[:port]` as sent; the authority of an absolute-form target wins over the Host field
    /// (RFC 9112 3.2.2). Empty when an HTTP/1.0 request has none.
    #[must_use]
    pub fn host(&self) -> &[u8] {
        self.fields.text(self.aim.host)
    }

    /// The host in lower case without port and brackets; a trailing dot stays.
    #[must_use]
    pub fn canonical_host(&self) -> &[u8] {
        self.fields.text(self.aim.canonical_host)
    }

    /// The escaped path that the server sees; `*` for the target of a general OPTIONS.
    #[must_use]
    pub fn path(&self) -> &[u8] {
        self.fields.text(self.aim.path)
    }

    /// The path that rules are matched against (features 4.1).
    #[must_use]
    pub fn routing_path(&self) -> &[u8] {
        self.fields.text(self.aim.routing_path)
    }

    /// What stands behind the `?`, without it.
    #[must_use]
    pub fn query(&self) -> Option<&[u8]> {
        self.aim.query.map(|query| self.fields.text(query))
    }

    /// The target as sent, for the access log.
    #[must_use]
    pub fn raw_target(&self) -> &[u8] {
        self.fields.text(self.target)
    }

    /// `OPTIONS *`: about this server as a whole.
    #[must_use]
    pub const fn is_asterisk(&self) -> bool {
        self.aim.facts.has(Facts::ASTERISK)
    }

    /// Whether the path holds an escape; if not, no escape in it can be denied.
    #[must_use]
    pub const fn has_escapes(&self) -> bool {
        self.aim.facts.has(Facts::ESCAPED)
    }

    /// Begins a request of our own, without fields and body. `path` is in escaped form.
    pub fn new_request(&mut self, method: &[u8], host: &[u8], path: &[u8]) {
        self.clear();
        self.method = Method::of(method);
        self.version = Version::Http11;
        self.method_text = self.fields.keep(method);
        self.set_path(path);
        self.set_host(host);
    }

    /// Takes over what another request says of its sender, but not what concerns its connection
    /// or its body. Without `managed`, what only a trusted peer may say is left out.
    pub fn copy_fields(&mut self, from: &Self, managed: bool, wanted: impl Fn(&[u8]) -> bool) {
        let left_out = if managed { 0 } else { MANAGED };
        self.fields.copy(&from.fields, left_out, wanted);
    }

    /// Says where the request came from as `of` does, one that it is sent beside.
    pub fn forward_as(&mut self, of: &Self) {
        self.aim.forwarded_for = of
            .forwarded_for()
            .map(|peer| self.fields.keep(of.fields.text(peer)));
    }

    /// Replaces the path by one in escaped form; see [`super::path::is_clean`].
    /// Bytes that may not stand in a target are escaped.
    pub fn set_path(&mut self, path: &[u8]) {
        self.aim.facts.unset(Facts::LINE_KEPT);
        let span = self.fields.keep_with(|arena| parse::keep_path(path, arena));
        self.aim_at(span);
    }

    /// Replaces the query. Bytes that may not stand in a target are escaped.
    pub fn set_query(&mut self, query: Option<&[u8]>) {
        self.aim.facts.unset(Facts::LINE_KEPT);
        self.aim.query = query.map(|query| {
            self.fields
                .keep_with(|arena| parse::keep_query(query, arena))
        });
    }

    /// Replaces the host that the server is told; a text that is no host is not taken.
    pub fn set_host(&mut self, host: &[u8]) {
        if host::read(host).is_ok() {
            self.aim.facts.unset(Facts::HOST_KEPT);
            let span = self.fields.keep(host);
            self.aim_host(span);
        }
    }

    /// The values of all live fields of one name.
    pub fn values<'here>(
        &'here self,
        name: &'here HeaderName,
    ) -> impl Iterator<Item = &'here [u8]> {
        self.fields.values(name)
    }

    /// The value of the first live field of one name.
    #[must_use]
    pub fn value<'here>(&'here self, name: &'here HeaderName) -> Option<&'here [u8]> {
        self.fields.values(name).next()
    }

    /// Name and value of each live field. Host and Transfer-Encoding are none of them: they
    /// are [`RequestHead::host`] and [`RequestHead::body`].
    pub fn headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.pairs()
    }

    /// Removes all fields of that name.
    pub fn remove(&mut self, name: &HeaderName) {
        if self.is_ours(name) {
            return;
        }
        self.fields.remove(name);
    }

    /// Notes that a field which the writer of the head cares for is touched; true for Host.
    fn is_ours(&mut self, name: &HeaderName) -> bool {
        if name.id() == id::CONTENT_LENGTH {
            self.aim.facts.unset(Facts::LENGTH_KEPT);
        }
        name.id() == id::HOST
    }

    /// Removes all fields of that name and of its spellings with `_` in place of `-`, which
    /// servers that make variables of headers take for the same.
    pub fn remove_spellings(&mut self, name: &HeaderName) {
        self.remove(name);
        if self.fields.underscores() {
            let name = name.as_str().as_bytes();
            self.fields.mark(Marks::DEAD, |fields, field| {
                field.marks.any(Marks::UNDERSCORE) && is_spelling(fields.name_of(field), name)
            });
        }
    }

    /// Makes `value` the only one of that name. Host is set as by [`RequestHead::set_host`].
    pub fn set(&mut self, name: &HeaderName, value: &[u8]) {
        self.remove(name);
        self.append(name, value);
    }

    /// Adds one more field line; of Host there is never more than one.
    pub fn append(&mut self, name: &HeaderName, value: &[u8]) {
        if self.is_ours(name) {
            self.set_host(value);
        } else {
            self.fields.append(name, value);
        }
    }

    #[must_use]
    pub const fn body(&self) -> BodyLength {
        self.body
    }

    /// Changes the body, as of a request of our own.
    pub const fn set_body(&mut self, body: BodyLength) {
        self.body = body;
        self.aim.facts.unset(Facts::LENGTH_KEPT);
    }

    /// Whether the client wants to use its connection for more.
    #[must_use]
    pub const fn keep_alive(&self) -> bool {
        self.aim.facts.has(Facts::KEEP_ALIVE)
    }

    /// The one protocol that the client offers to change to. Never h2c, never with a body,
    /// never in HTTP/1.0.
    #[must_use]
    pub fn upgrade(&self) -> Option<&[u8]> {
        self.upgrade.map(|token| self.fields.text(token))
    }

    /// Whether the client waits for 100 before it sends its body.
    #[must_use]
    pub const fn expects_continue(&self) -> bool {
        self.aim.facts.has(Facts::EXPECTS_CONTINUE)
    }

    /// The same request once more, for another server.
    #[must_use]
    pub fn duplicate(&self) -> Self {
        Self {
            fields: self.fields.duplicate(),
            progress: Progress::default(),
            scratch: Vec::new(),
            ..*self
        }
    }

    /// A state to come back to with [`RequestHead::restore`].
    #[must_use]
    pub fn checkpoint(&self) -> Edits {
        Edits {
            fields: self.fields.checkpoint(),
            aim: self.aim,
        }
    }

    /// Undoes all edits since the checkpoint.
    pub fn restore(&mut self, before: &Edits) {
        self.fields.restore(&before.fields);
        self.aim = before.aim;
    }
}

/// Whether `text` is `name` in any case and with `_` for some `-`.
fn is_spelling(text: &[u8], name: &[u8]) -> bool {
    text.len() == name.len()
        && text.iter().zip(name).all(|(byte, wanted)| {
            byte.eq_ignore_ascii_case(wanted) || (*byte == b'_' && *wanted == b'-')
        })
}
