//! From a head to the bytes that a server gets.

use super::super::body::BodyLength;
use super::super::bytes::decimal;
use super::super::fields::Span;
use super::super::names::id;
use super::{Facts, Method, RequestHead};
use crate::base::Page;

/// How to write a head for one server.
#[derive(Clone, Copy, Debug, Default)]
pub struct Render<'text> {
    /// Stands before the path; empty, or in escaped form without a slash at its end.
    pub path_prefix: &'text [u8],
    /// The host to tell instead of the client's (features 9.4).
    pub host: Option<&'text [u8]>,
    /// How the body will be sent, where it differs from how it came.
    pub body: Option<BodyLength>,
    /// Ask the server to close its connection afterwards.
    pub close: bool,
}

/// Room for what [`RequestHead::render`] adds by itself.
const ADDED_BYTES: usize = 256;

impl RequestHead {
    /// Appends the head to `out`, in origin form and HTTP/1.1.
    pub fn render(&self, out: &mut Page, how: &Render<'_>) {
        let host = how.host.unwrap_or_else(|| self.host());
        let room = self
            .fields
            .size_hint()
            .saturating_add(how.path_prefix.len())
            .saturating_add(host.len())
            .saturating_add(ADDED_BYTES);
        out.grow(room);
        let facts = self.aim.facts;
        let announced = self.announce(how);
        let mut skip = 0;
        let mut first = Span::default();
        if facts.has(Facts::LINE_KEPT) && how.path_prefix.is_empty() {
            first = self.fields.first_line_from(self.method_text.at);
        } else {
            self.render_line(out, how.path_prefix);
        }
        if !facts.has(Facts::HOST_KEPT) || how.host.is_some() {
            skip |= id::HOST.bit();
            out.append(self.fields.text(std::mem::take(&mut first)));
            out.append(b"Host: ");
            out.append(host);
            out.append(b"\r\n");
        }
        let length_kept = facts.has(Facts::LENGTH_KEPT) && announced == self.body;
        if !length_kept {
            skip |= id::CONTENT_LENGTH.bit();
        }
        self.render_fields(out, first, skip);
        self.render_connection(out, how.close);
        if !length_kept {
            render_length(out, announced);
        }
        out.append(b"\r\n");
    }

    fn render_line(&self, out: &mut Page, prefix: &[u8]) {
        out.append(self.method_text());
        out.append(b" ");
        if !self.is_asterisk() {
            out.append(prefix);
        }
        match (self.path(), prefix) {
            (b"", b"") => out.append(b"/"),
            (path, _) => out.append(path),
        }
        if let Some(query) = self.query() {
            out.append(b"?");
            out.append(query);
        }
        out.append(b" HTTP/1.1\r\n");
    }

    fn render_fields(&self, out: &mut Page, first: Span, skip: u128) {
        let Some(peer) = self.forwarded_for() else {
            self.fields.write(out, first, skip);
            return;
        };
        self.fields
            .write(out, first, skip | id::X_FORWARDED_FOR.bit());
        out.append(b"X-Forwarded-For: ");
        for before in self.fields.values_of(id::X_FORWARDED_FOR) {
            if !before.is_empty() {
                out.append(before);
                out.append(b", ");
            }
        }
        out.append(self.fields.text(peer));
        out.append(b"\r\n");
    }

    fn render_connection(&self, out: &mut Page, close: bool) {
        if let Some(protocol) = self.upgrade() {
            out.append(b"Connection: Upgrade\r\nUpgrade: ");
            out.append(protocol);
            out.append(b"\r\n");
        } else if close {
            out.append(b"Connection: close\r\n");
        }
        if self.aim.facts.has(Facts::TAKES_TRAILERS) && self.fields.has(id::TE) {
            out.append(b"TE: trailers\r\n");
        }
    }

    fn announce(&self, how: &Render<'_>) -> BodyLength {
        let body = how.body.unwrap_or(self.body);
        match (body, self.method) {
            // RFC 9110 8.6: methods that expect content say that there is none.
            (BodyLength::None, Method::Post | Method::Put | Method::Patch) => BodyLength::Length(0),
            _ => body,
        }
    }
}

/// Writes the field that frames the body.
pub(in crate::wire) fn render_length(out: &mut Page, body: BodyLength) {
    match body {
        BodyLength::None | BodyLength::UntilClose => {}
        BodyLength::Length(length) => {
            out.append(b"Content-Length: ");
            out.append(decimal(length, &mut [0; 20]));
            out.append(b"\r\n");
        }
        BodyLength::Chunked => out.append(b"Transfer-Encoding: chunked\r\n"),
    }
}
