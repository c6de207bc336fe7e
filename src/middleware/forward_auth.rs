use std::time::Duration;

use regex_automata::meta::Regex;

use crate::base::limits::{FORWARD_AUTH_BODY_MEMORY_BYTES, FORWARD_AUTH_S};
use crate::wire::{BodyLength, HeaderName, RequestHead, ResponseHead, names};

use super::headers::is_of_connection;
use super::location::resolve;
use super::redirect::with_status;
use super::{Around, Call, CallFault, Collect, Collected, Flow, Reply, Slot, plain};

/// Asks another server whether a request may pass (features 6, forwardAuth).
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that users set by itself"
)]
#[derive(Debug)]
pub struct ForwardAuth {
    pub address: Address,
    pub trust: bool,
    /// Fields of a yes that the request takes over; the client's own always go.
    pub response_fields: Box<[HeaderName]>,
    pub response_pattern: Option<Regex>,
    /// Fields of the request that the auth server sees; empty: all.
    pub request_fields: Box<[HeaderName]>,
    /// Names of cookies of a yes that the client is given.
    pub cookies: Box<[Box<[u8]>]>,
    /// The field of a reply that tells the access log who it was.
    pub user_field: Option<HeaderName>,
    /// The client's body goes along, of so many bytes at most (None: any number).
    pub body: Option<Option<u64>>,
    /// Bytes of a reply's body; None: any number.
    pub reply_bytes_max: Option<u64>,
    pub keep_location: bool,
    pub keep_method: bool,
    /// Where a client is sent that must sign in.
    pub sign_in: Option<Box<[u8]>>,
}

/// Where the auth server is.
#[derive(Debug)]
pub struct Address {
    /// `host[:port]`, as written.
    pub host: Box<[u8]>,
    /// Escaped, and beginning with a slash.
    pub path: Box<[u8]>,
    pub query: Option<Box<[u8]>>,
}

/// What the auth server said, for the way out and for the access log.
#[derive(Debug, Default)]
pub struct Verdict {
    user: Option<Box<[u8]>>,
    /// Lines of Set-Cookie for the client.
    cookies: Box<[Box<[u8]>]>,
}

impl Verdict {
    /// Who it is, for the access log.
    #[must_use]
    pub fn user(&self) -> Option<&[u8]> {
        self.user.as_deref()
    }
}

impl ForwardAuth {
    pub(super) fn on_request(&self, head: &RequestHead, around: &Around) -> Flow {
        match self.body {
            Some(bytes_max) if !head.body().is_empty() => Flow::Collect(Collect {
                memory_bytes: FORWARD_AUTH_BODY_MEMORY_BYTES,
                bytes_max,
            }),
            Some(_) | None => self.call(head, around, None),
        }
    }

    pub(super) fn on_collected(
        &self,
        head: &RequestHead,
        collected: Collected,
        around: &Around,
    ) -> Flow {
        match collected {
            Collected::Whole { bytes } => self.call(head, around, Some(bytes)),
            Collected::TooLarge => Flow::Answer(plain(401), b"".into()),
        }
    }

    pub(super) fn on_reply(
        &self,
        head: &mut RequestHead,
        reply: Reply<'_>,
        slot: &mut Slot,
    ) -> Flow {
        let reply = match reply {
            Reply::Answered(reply) => reply,
            Reply::Failed(CallFault::TooLarge) => return Flow::Answer(plain(401), b"".into()),
            Reply::Failed(CallFault::ClientGone) => return Flow::Answer(plain(499), b"".into()),
            Reply::Failed(CallFault::Unreachable) => return Flow::Answer(plain(500), b"".into()),
        };
        let user = self.user_field.as_ref().and_then(|name| reply.value(name));
        let mut verdict = Verdict {
            user: user.map(Into::into),
            cookies: Box::default(),
        };
        let flow = if (200..300).contains(&reply.status()) {
            verdict.cookies = self.cookies_of(reply);
            self.take_over(head, reply);
            Flow::Next
        } else {
            self.refused(reply)
        };
        *slot = Slot::ForwardAuth(Box::new(verdict));
        flow
    }

    pub(super) fn on_response(&self, response: &mut ResponseHead, slot: &Slot) -> Flow {
        if let Slot::ForwardAuth(verdict) = slot
            && !verdict.cookies.is_empty()
        {
            let others: Vec<Box<[u8]>> = response
                .values(&names::SET_COOKIE)
                .filter(|line| !self.is_listed(line))
                .map(Into::into)
                .collect();
            response.remove(&names::SET_COOKIE);
            for line in others.iter().chain(&verdict.cookies) {
                response.append(&names::SET_COOKIE, line);
            }
        }
        Flow::Next
    }

    fn call(&self, head: &RequestHead, around: &Around, body: Option<u64>) -> Flow {
        Flow::Call(Box::new(Call {
            head: self.request(head, around, body),
            with_body: body.is_some(),
            timeout: Duration::from_secs(FORWARD_AUTH_S),
            reply_bytes_max: self.reply_bytes_max,
        }))
    }

    /// The question.
    fn request(&self, head: &RequestHead, around: &Around, body: Option<u64>) -> RequestHead {
        let mut asked = RequestHead::new();
        let method = if self.keep_method {
            head.method_text()
        } else {
            b"GET"
        };
        asked.new_request(method, &self.address.host, &self.address.path);
        asked.set_query(self.address.query.as_deref());
        if let Some(bytes) = body {
            asked.set_body(BodyLength::Length(bytes));
        }
        let wanted = |name: &[u8]| {
            self.request_fields.is_empty() || self.request_fields.iter().any(|one| one.is(name))
        };
        asked.copy_fields(head, self.trust, wanted);
        self.tell(&mut asked, head, around);
        asked
    }

    /// Says what the client asked for. Of what it says itself about that nothing is left but
    /// where everybody may say so.
    fn tell(&self, asked: &mut RequestHead, head: &RequestHead, around: &Around) {
        let told = |name: &HeaderName| {
            let value = head.value(name).filter(|value| !value.is_empty());
            value.filter(|_| self.trust).map(<[u8]>::to_vec)
        };
        let mut before: Vec<&[u8]> = Vec::new();
        if self.trust {
            before.extend(head.values(&names::X_FORWARDED_FOR));
        }
        let peer = around.peer.to_string();
        before.push(peer.as_bytes());
        let uri = match head.query() {
            Some(query) => [head.path(), b"?", query].concat(),
            None if head.path().is_empty() => b"/".to_vec(),
            None => head.path().to_vec(),
        };
        let scheme: &[u8] = if around.secure { b"https" } else { b"http" };
        let host = head.host();
        let port = match port_of(host) {
            Some(port) => port,
            None if around.secure => b"443",
            None => b"80",
        };
        let table: [(&HeaderName, Vec<u8>); 5] = [
            (&names::X_FORWARDED_METHOD, head.method_text().to_vec()),
            (&names::X_FORWARDED_PROTO, scheme.to_vec()),
            (&names::X_FORWARDED_HOST, host.to_vec()),
            (&names::X_FORWARDED_PORT, port.to_vec()),
            (&names::X_FORWARDED_URI, uri),
        ];
        asked.set(&names::X_FORWARDED_FOR, &before.join(&b", "[..]));
        for (name, value) in table {
            asked.set(name, &told(name).unwrap_or(value));
        }
        if self.request_fields.is_empty() && !self.trust {
            asked.set(&names::X_REAL_IP, peer.as_bytes());
        }
    }

    /// A yes: the request is given what the auth server says, and nothing that its client says
    /// in its place, in whatever spelling (CVE-2026-33433, CVE-2026-54763).
    fn take_over(&self, head: &mut RequestHead, reply: &ResponseHead) {
        for name in &self.response_fields {
            if !is_of_connection(name) {
                head.remove_spellings(name);
                for value in reply.values(name) {
                    head.append(name, value);
                }
            }
        }
        let Some(pattern) = &self.response_pattern else {
            return;
        };
        let fits = |name: &HeaderName| {
            pattern.is_match(name.as_str().as_bytes()) && !is_of_connection(name)
        };
        let clients: Vec<HeaderName> = head
            .headers()
            .flat_map(|(name, _)| both_spellings(name))
            .filter(fits)
            .collect();
        for name in &clients {
            head.remove_spellings(name);
        }
        for (name, value) in reply.headers() {
            let name = std::str::from_utf8(name).ok().map(HeaderName::new);
            if let Some(Ok(name)) = name
                && fits(&name)
            {
                head.append(&name, value);
            }
        }
    }

    /// A no, which the client is told as it is.
    fn refused(&self, reply: &mut ResponseHead) -> Flow {
        if let Some(place) = &self.sign_in
            && reply.status() == 401
        {
            return with_status(302, place);
        }
        let Some(location) = reply
            .value(&names::LOCATION)
            .filter(|text| !text.is_empty())
        else {
            return Flow::Relay;
        };
        let place = if self.keep_location {
            Some(location.to_vec())
        } else {
            resolve(&self.address.host, &self.address.path, location)
        };
        match place {
            Some(place) => {
                reply.set(&names::LOCATION, &place);
                Flow::Relay
            }
            None => Flow::Answer(plain(500), b"".into()),
        }
    }

    fn cookies_of(&self, reply: &ResponseHead) -> Box<[Box<[u8]>]> {
        if self.cookies.is_empty() {
            return Box::default();
        }
        let lines = reply.values(&names::SET_COOKIE);
        lines
            .filter(|line| self.is_listed(line))
            .map(Into::into)
            .collect()
    }

    /// Whether a line of Set-Cookie is for one of the cookies that the auth server may set.
    fn is_listed(&self, line: &[u8]) -> bool {
        let name = line.split(|byte| *byte == b'=').next().unwrap_or_default();
        self.cookies
            .iter()
            .any(|known| **known == *name.trim_ascii())
    }
}

fn port_of(host: &[u8]) -> Option<&[u8]> {
    let port = &host[super::redirect::without_port(host).len()..];
    port.strip_prefix(b":").filter(|port| !port.is_empty())
}

/// A name as it is, and with dashes where it has underscores.
fn both_spellings(name: &[u8]) -> impl Iterator<Item = HeaderName> {
    let text = String::from_utf8_lossy(name);
    let dashed = text.contains('_').then(|| text.replace('_', "-"));
    let all = [Some(text.into_owned()), dashed];
    all.into_iter()
        .flatten()
        .filter_map(|text| HeaderName::new(&text).ok())
}
