//! What may happen to a request on its way in and to its answer on the way out. Each kind is
//! one file, one variant of [`Middleware`], and a small slot per request.
//!
//! A middleware decides; it never does: it returns a [`Flow`] and the walk of `http` acts on it.
//! Never here: an await, a connection, a clock, a lock.

mod basic_auth;
mod buffering;
mod call;
mod circuit_breaker;
mod compress;
mod content_type;
mod cors;
mod digest_auth;
mod encoded_characters;
mod errors;
mod expression;
mod forward_auth;
mod headers;
mod in_flight_req;
mod ip_allow_list;
mod location;
mod media_type;
mod pass_tls_client_cert;
mod password;
mod paths;
mod rate_limit;
mod redirect;
mod redirect_regex;
mod redirect_scheme;
mod redis;
mod retry;
mod secret_key;
mod secure;
mod source;
mod status;
mod statuses;
mod strip_prefix;
mod template;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::base::Tick;
use crate::board::{Counted, Turn};
use crate::wire::{RequestHead, ResponseHead, names};

pub use basic_auth::{BasicAuth, Users, UsersFault, read_users};
pub use buffering::{Buffering, BufferingRules};
pub use call::{Call, CallFault, Collect, Collected, Reply};
pub use circuit_breaker::CircuitBreaker;
pub use compress::{Compress, Types};
pub use content_type::{ContentType, detect_type};
pub use cors::{Cors, Origins};
pub use digest_auth::{DigestAuth, DigestFault, DigestUsers};
pub use encoded_characters::EncodedCharacters;
pub use errors::Errors;
pub use expression::{Expression, ExpressionFault};
pub use forward_auth::{Address, ForwardAuth, Verdict};
pub use headers::{HeaderFault, Headers};
pub use in_flight_req::InFlightReq;
pub use ip_allow_list::IpAllowList;
pub use media_type::MediaType;
pub use pass_tls_client_cert::PassTlsClientCert;
pub use password::{Password, PasswordFault, Verification};
pub use paths::{AddPrefix, ReplacePath, ReplacePathRegex};
pub use rate_limit::{RateLimit, RateRules, Shared};
pub use redirect::is_url;
pub use redirect_regex::RedirectRegex;
pub use redirect_scheme::RedirectScheme;
pub use redis::{RedisStore, Tally};
pub use retry::{Retry, RetryRules};
pub use secure::{Elsewhere, Field, Secure};
pub use source::{IpStrategy, Source};
pub use status::StatusRanges;
pub use statuses::Statuses;
pub use strip_prefix::{StripPrefix, StripPrefixRegex};
pub use template::Template;

/// One step of a chain, compiled from its configuration.
#[derive(Debug)]
pub enum Middleware {
    AddPrefix(AddPrefix),
    BasicAuth(BasicAuth),
    Compress(Compress),
    ContentType(ContentType),
    EncodedCharacters(EncodedCharacters),
    Buffering(Box<Buffering>),
    CircuitBreaker(Box<CircuitBreaker>),
    DigestAuth(Box<DigestAuth>),
    Errors(Errors),
    ForwardAuth(ForwardAuth),
    Headers(Headers),
    InFlightReq(InFlightReq),
    IpAllowList(IpAllowList),
    PassTlsClientCert(PassTlsClientCert),
    RateLimit(RateLimit),
    RedirectRegex(RedirectRegex),
    RedirectScheme(RedirectScheme),
    ReplacePath(ReplacePath),
    ReplacePathRegex(ReplacePathRegex),
    Retry(Retry),
    StripPrefix(StripPrefix),
    StripPrefixRegex(StripPrefixRegex),
}

/// What a middleware may know about a request besides its head.
#[derive(Clone, Copy, Debug)]
pub struct Around {
    /// The client's address, after PROXY protocol; IPv4-mapped IPv6 already folded.
    pub peer: IpAddr,
    /// The request came in over TLS.
    pub secure: bool,
    /// The time of this turn of the shard's loop.
    pub now: Tick,
}

/// What became of a request, as a middleware may know it when the answer passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An answer of a server.
    Answered,
    /// An answer of a middleware further in: no server was asked.
    Local,
    /// No byte of the request left for any server: it may be sent again as it is.
    NeverSent,
    /// Something failed after the request had begun to leave.
    Failed,
}

/// What a middleware remembers of one request between its way in and its way out.
#[derive(Debug, Default)]
pub enum Slot {
    #[default]
    Nothing,
    Compress(compress::Accepted),
    Attempts(buffering::Attempts),
    /// When it came in.
    Entered(Tick),
    Errors(errors::Caught),
    ForwardAuth(Box<Verdict>),
    Headers(headers::Seen),
    /// It counts until this is dropped.
    InFlight(Counted),
    Retry(retry::Tries),
    /// Who was let in, for the access log.
    User(Box<[u8]>),
}

/// What a middleware wants to happen next.
#[derive(Debug)]
pub enum Flow {
    /// Go on to the next step.
    Next,
    /// Turn around here with this answer.
    Answer(ResponseHead, Text),
    /// Ask the control wing whether a password is right; [`Middleware::on_verified`] is told.
    Verify(Verification),
    /// Ask Redis for a token; [`Middleware::on_counted`] is told.
    Count(Box<Tally>),
    /// Pause, then go on to the next step.
    Wait(Duration),
    /// Read the request's body first; [`Middleware::on_collected`] is told.
    Collect(Collect),
    /// Send a request of the step's own to its service; [`Middleware::on_reply`] is told.
    Call(Box<Call>),
    /// Only of [`Middleware::on_reply`]: the reply is the answer, with its head as it is now.
    Relay,
    /// Only of [`Middleware::on_response`]: read the answer's body whole before any of it is sent;
    /// [`Middleware::on_stored`] is told.
    Store(Collect),
    /// Only of [`Middleware::on_response`]: walk in again from the step behind this one, after
    /// a pause. The request's body must be there to be sent again.
    Again { after: Duration },
}

/// The body of an answer of our own.
#[derive(Clone, Debug)]
pub enum Text {
    Static(&'static [u8]),
    Shared(Arc<[u8]>),
    Owned(Vec<u8>),
}

impl Text {
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
            Self::Owned(text) => text,
        }
    }
}

impl From<&'static [u8]> for Text {
    fn from(text: &'static [u8]) -> Self {
        Self::Static(text)
    }
}

impl<const N: usize> From<&'static [u8; N]> for Text {
    fn from(text: &'static [u8; N]) -> Self {
        Self::Static(text)
    }
}

impl From<Arc<[u8]>> for Text {
    fn from(text: Arc<[u8]>) -> Self {
        Self::Shared(text)
    }
}

impl Middleware {
    /// The same with a memory of its own, for one more router; none when it has none to keep
    /// apart.
    #[must_use]
    pub fn anew(&self) -> Option<Self> {
        if let Self::CircuitBreaker(step) = self {
            Some(Self::CircuitBreaker(Box::new(step.anew())))
        } else if let Self::InFlightReq(step) = self {
            Some(Self::InFlightReq(step.anew()))
        } else if let Self::RateLimit(step) = self {
            step.anew().map(Self::RateLimit)
        } else {
            None
        }
    }

    /// The request passes on its way in.
    pub fn on_request(&self, head: &mut RequestHead, around: &Around, slot: &mut Slot) -> Flow {
        match self {
            Self::AddPrefix(step) => step.on_request(head),
            Self::BasicAuth(step) => step.on_request(head, slot),
            Self::Compress(step) => step.on_request(head, slot),
            Self::ContentType(_) | Self::Errors(_) => Flow::Next,
            Self::EncodedCharacters(step) => step.on_request(head),
            Self::Buffering(step) => step.on_request(head),
            Self::CircuitBreaker(step) => step.on_request(around, slot),
            Self::DigestAuth(step) => step.on_request(head, around, slot),
            Self::ForwardAuth(step) => step.on_request(head, around),
            Self::Headers(step) => step.on_request(head, around, slot),
            Self::InFlightReq(step) => step.on_request(head, around, slot),
            Self::IpAllowList(step) => step.on_request(head, around),
            Self::PassTlsClientCert(_) => PassTlsClientCert::on_request(head),
            Self::RateLimit(step) => step.on_request(head, around),
            Self::RedirectRegex(step) => step.on_request(head, around),
            Self::RedirectScheme(step) => step.on_request(head, around),
            Self::ReplacePath(step) => step.on_request(head),
            Self::ReplacePathRegex(step) => step.on_request(head),
            Self::Retry(step) => step.on_request(head, around, slot),
            Self::StripPrefix(step) => step.on_request(head),
            Self::StripPrefixRegex(step) => step.on_request(head),
        }
    }

    /// The control wing has checked a password that [`Flow::Verify`] asked about.
    pub fn on_verified(
        &self,
        head: &mut RequestHead,
        asked: &Verification,
        right: bool,
        slot: &mut Slot,
    ) -> Flow {
        if let Self::BasicAuth(step) = self {
            step.on_verified(head, asked, right, slot)
        } else {
            Flow::Next
        }
    }

    /// Redis has, or has not, a token that [`Flow::Count`] asked for; none when it can't be asked.
    pub fn on_counted(&self, turn: Option<Turn>) -> Flow {
        if let Self::RateLimit(step) = self {
            step.on_counted(turn)
        } else {
            Flow::Next
        }
    }

    /// The request's body was read, as [`Flow::Collect`] asked.
    pub fn on_collected(
        &self,
        head: &mut RequestHead,
        collected: Collected,
        around: &Around,
        slot: &mut Slot,
    ) -> Flow {
        if let Self::Buffering(step) = self {
            step.on_collected(head, collected, slot)
        } else if let Self::Retry(_) = self {
            Retry::on_collected(head, collected, slot)
        } else if let Self::ForwardAuth(step) = self {
            step.on_collected(head, collected, around)
        } else {
            Flow::Next
        }
    }

    /// The answer's body was read, as [`Flow::Store`] asked.
    pub fn on_stored(&self, collected: Collected) -> Flow {
        if let Self::Buffering(_) = self {
            Buffering::on_stored(collected)
        } else {
            Flow::Next
        }
    }

    /// What came of the step's own request, which [`Flow::Call`] asked for.
    pub fn on_reply(
        &self,
        head: &mut RequestHead,
        reply: Reply<'_>,
        _around: &Around,
        slot: &mut Slot,
    ) -> Flow {
        match self {
            Self::Errors(_) => Errors::on_reply(reply, slot),
            Self::ForwardAuth(step) => step.on_reply(head, reply, slot),
            Self::AddPrefix(_)
            | Self::BasicAuth(_)
            | Self::Compress(_)
            | Self::ContentType(_)
            | Self::EncodedCharacters(_)
            | Self::Buffering(_)
            | Self::CircuitBreaker(_)
            | Self::DigestAuth(_)
            | Self::Headers(_)
            | Self::InFlightReq(_)
            | Self::IpAllowList(_)
            | Self::PassTlsClientCert(_)
            | Self::RateLimit(_)
            | Self::RedirectRegex(_)
            | Self::RedirectScheme(_)
            | Self::ReplacePath(_)
            | Self::ReplacePathRegex(_)
            | Self::Retry(_)
            | Self::StripPrefix(_)
            | Self::StripPrefixRegex(_) => Flow::Next,
        }
    }

    /// The answer passes on its way out. Only steps that the request entered are asked.
    pub fn on_response(
        &self,
        head: &mut RequestHead,
        response: &mut ResponseHead,
        (outcome, around): (Outcome, &Around),
        slot: &mut Slot,
    ) -> Flow {
        match self {
            Self::Compress(step) => step.on_response(response, slot),
            Self::ContentType(_) => ContentType::on_response(response),
            Self::Buffering(step) => step.on_response(head, response, outcome, slot),
            Self::CircuitBreaker(step) => step.on_response(response, around, slot),
            Self::Errors(step) => step.on_response(head, response, around, slot),
            Self::ForwardAuth(step) => step.on_response(response, slot),
            Self::Headers(step) => step.on_response(response, slot),
            Self::Retry(step) => step.on_response(head, response.status(), (outcome, around), slot),
            Self::AddPrefix(_)
            | Self::BasicAuth(_)
            | Self::EncodedCharacters(_)
            | Self::PassTlsClientCert(_)
            | Self::DigestAuth(_)
            | Self::InFlightReq(_)
            | Self::IpAllowList(_)
            | Self::RateLimit(_)
            | Self::RedirectRegex(_)
            | Self::RedirectScheme(_)
            | Self::ReplacePath(_)
            | Self::ReplacePathRegex(_)
            | Self::StripPrefix(_)
            | Self::StripPrefixRegex(_) => Flow::Next,
        }
    }
}

/// An answer of our own with no fields yet. As Traefik's, it has a Content-Type only where one
/// is set: nothing is guessed (features 15.27).
fn plain(status: u16) -> ResponseHead {
    let mut head = ResponseHead::new();
    head.new_answer(status);
    head
}

/// An answer with a text that no browser may take for anything else, as Go's `http.Error`.
fn error(status: u16) -> ResponseHead {
    let mut head = plain(status);
    head.set(&names::CONTENT_TYPE, b"text/plain; charset=utf-8");
    head.set(&names::X_CONTENT_TYPE_OPTIONS, b"nosniff");
    head
}

/// What a configuration makes of the request cannot be sent to anybody.
fn server_fault() -> Flow {
    Flow::Answer(error(500), b"Internal Server Error\n".into())
}
