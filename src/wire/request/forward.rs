//! What an entry point does to a head before rules and middlewares see it: who may say where
//! a request came from, and what is about this connection only (features 2.5, 9.1 to 9.3).

use std::io::Write;
use std::net::IpAddr;

use super::super::bytes::{elements, is_value};
use super::super::fields::{Marks, Span};
use super::super::names::{self, HeaderName, Id, MANAGED, id};
use super::{Facts, RequestHead};
use crate::base::network::{Networks, canonical};

/// Whom to trust, and what to tell servers. One for each entry point.
#[derive(Clone, Debug, Default)]
pub struct ForwardedRules {
    /// Trust everybody.
    pub insecure: bool,
    pub trusted: Networks,
    /// Fields that middlewares still see when Connection names them.
    pub connection: Box<[HeaderName]>,
    /// Leave X-Forwarded-For as it came.
    pub not_append: bool,
    /// The line that tells our own host name; empty to send none.
    pub server: ServerLine,
}

/// `X-Forwarded-Server: name`, written beforehand.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ServerLine(Box<[u8]>);

impl From<&[u8]> for ServerLine {
    /// Bytes of the name that may not stand in a value are left out; of no name, no line.
    fn from(name: &[u8]) -> Self {
        let name: Vec<u8> = name
            .iter()
            .copied()
            .filter(|byte| is_value(*byte))
            .collect();
        if name.is_empty() {
            return Self::default();
        }
        Self(
            [b"X-Forwarded-Server: ", name.as_slice(), b"\r\n"]
                .concat()
                .into(),
        )
    }
}

/// The other end of a client's connection, as header fields tell it.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// `X-Real-Ip: address CR LF`.
    line: [u8; LINE_BYTES_MAX],
    address_len: u8,
    trusted: bool,
}

const REAL_IP: &[u8] = b"X-Real-Ip: ";
/// The name, the longest text of an IPv6 address, and the line end.
const LINE_BYTES_MAX: usize = REAL_IP.len() + 45 + 2;

impl Peer {
    /// An IPv4 address inside of an IPv6 one counts as the IPv4 address.
    #[must_use]
    pub fn new(address: IpAddr, rules: &ForwardedRules) -> Self {
        let address = canonical(address);
        let mut line = [0; LINE_BYTES_MAX];
        let mut room = line.as_mut_slice();
        // The room is as large as the longest line.
        let written = room
            .write_all(REAL_IP)
            .and_then(|()| write!(room, "{address}\r\n"));
        debug_assert!(written.is_ok(), "an address is short");
        let around = room.len().saturating_add(REAL_IP.len()).saturating_add(2);
        let address_len = LINE_BYTES_MAX.saturating_sub(around);
        Self {
            line,
            address_len: u8::try_from(address_len).unwrap_or(0),
            trusted: rules.insecure || rules.trusted.contain(address),
        }
    }

    /// The address without port and zone.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        let start = REAL_IP.len();
        let end = start.saturating_add(usize::from(self.address_len));
        self.line.get(start..end).unwrap_or_default()
    }

    fn real_ip_line(&self) -> &[u8] {
        let around = REAL_IP.len().saturating_add(2);
        let end = around.saturating_add(usize::from(self.address_len));
        self.line.get(..end).unwrap_or_default()
    }

    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        self.trusted
    }
}

impl RequestHead {
    /// Removes what a stranger may not say and what is about this connection only, and says
    /// where the request came from. To be done once, before anything looks at the fields.
    pub fn forward(&mut self, rules: &ForwardedRules, peer: &Peer, tls: bool) {
        if !peer.trusted {
            self.fields.remove_known(MANAGED);
        }
        if self.fields.underscores() {
            // Also from a trusted peer: it may have passed on what its own client said.
            self.fields.mark(Marks::DEAD, |fields, field| {
                field.marks.any(Marks::UNDERSCORE) && names::is_guarded_alias(fields.name_of(field))
            });
        }
        if self.aim.facts.has(Facts::NAMES_FIELDS) {
            self.drop_named(rules);
        }
        self.tell(rules, peer, tls);
    }

    /// Removes the fields that Connection names. It cannot name those that we manage ourselves.
    fn drop_named(&mut self, rules: &ForwardedRules) {
        let immune = MANAGED | id::HOST.bit() | id::CONTENT_LENGTH.bit() | id::CONNECTION.bit();
        self.fields.mark_named(|fields, field| {
            if field.id.bit() & immune != 0 {
                return Marks::NONE;
            }
            let name = fields.name_of(field);
            let named = fields
                .values_of(id::CONNECTION)
                .flat_map(elements)
                .any(|token| token.eq_ignore_ascii_case(name));
            if !named {
                Marks::NONE
            } else if field.marks.any(Marks::HIDDEN) || rules.connection.iter().any(|n| n.is(name))
            {
                Marks::HIDDEN
            } else {
                Marks::DEAD
            }
        });
    }

    fn tell(&mut self, rules: &ForwardedRules, peer: &Peer, tls: bool) {
        let websocket = self
            .upgrade()
            .is_some_and(|to| to.eq_ignore_ascii_case(b"websocket"));
        let proto: &[u8] = match (websocket, tls) {
            (false, false) => b"X-Forwarded-Proto: http\r\n",
            (false, true) => b"X-Forwarded-Proto: https\r\n",
            (true, false) => b"X-Forwarded-Proto: ws\r\n",
            (true, true) => b"X-Forwarded-Proto: wss\r\n",
        };
        if self.lacks(id::X_REAL_IP) {
            self.fields.append_whole(id::X_REAL_IP, peer.real_ip_line());
        }
        let secure = tls || self.said_secure();
        if self.lacks(id::X_FORWARDED_PROTO) {
            self.fields.append_whole(id::X_FORWARDED_PROTO, proto);
        }
        if self.lacks(id::X_FORWARDED_PORT) {
            match (self.aim.port, secure) {
                (Some(port), _) => self.fields.append_span(id::X_FORWARDED_PORT, port),
                (None, true) => self
                    .fields
                    .append_whole(id::X_FORWARDED_PORT, b"X-Forwarded-Port: 443\r\n"),
                (None, false) => self
                    .fields
                    .append_whole(id::X_FORWARDED_PORT, b"X-Forwarded-Port: 80\r\n"),
            }
        }
        if self.aim.host.len > 0 && self.lacks(id::X_FORWARDED_HOST) {
            self.fields.append_span(id::X_FORWARDED_HOST, self.aim.host);
        }
        if !rules.server.0.is_empty() {
            self.fields.remove_known(id::X_FORWARDED_SERVER.bit());
            self.fields
                .append_whole(id::X_FORWARDED_SERVER, &rules.server.0);
        }
        self.aim.forwarded_for = if rules.not_append {
            None
        } else {
            Some(self.fields.keep(peer.text()))
        };
    }

    /// Whether a trusted peer said that the client's connection is encrypted.
    fn said_secure(&self) -> bool {
        self.fields
            .values_of(id::X_FORWARDED_PROTO)
            .next()
            .is_some_and(|proto| matches!(proto, b"https" | b"wss"))
    }

    /// Whether there is no such field, or only an empty one, which is removed.
    fn lacks(&mut self, id: Id) -> bool {
        if !self.fields.may_have(id.bit()) {
            return true;
        }
        let empty = self
            .fields
            .values_of(id)
            .next()
            .is_none_or(<[u8]>::is_empty);
        if empty {
            self.fields.remove_known(id.bit());
        }
        empty
    }

    /// The address to append to X-Forwarded-For when the head is written.
    pub(super) fn forwarded_for(&self) -> Option<Span> {
        self.aim.forwarded_for
    }
}
