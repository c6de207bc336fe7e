//! From an answer's head to the bytes that a client gets.

use super::super::body::BodyLength;
use super::super::bytes::decimal;
use super::super::fields::Span;
use super::super::names::id;
use super::super::request::{Version, render_length};
use super::ResponseHead;
use crate::base::Page;

/// Whom an answer goes to.
#[derive(Clone, Copy, Debug)]
pub struct AnswerTo<'text> {
    /// The version of the client's request.
    pub version: Version,
    /// Whether the client's connection stays open.
    pub keep_alive: bool,
    /// The time now as RFC 9110 5.6.7 writes it; sent when the answer has no Date.
    pub date: &'text [u8],
    /// The request was HEAD: a local answer leaves its body out.
    pub head: bool,
}

/// Room for what [`ResponseHead::render`] adds by itself.
const ADDED_BYTES: usize = 256;

impl ResponseHead {
    /// Appends the head to `out`. A final answer is framed as [`ResponseHead::body_to`] says;
    /// the caller sends the body in that form, and closes the connection behind `UntilClose`.
    pub fn render(&self, out: &mut Page, to: &AnswerTo<'_>) {
        out.grow(self.fields.size_hint().saturating_add(ADDED_BYTES));
        let mut first = Span::default();
        if self.kept.line {
            first = self.fields.first_line_from(0);
        } else {
            self.render_status(out);
        }
        let skip = if self.kept.length {
            0
        } else {
            id::CONTENT_LENGTH.bit()
        };
        self.fields.write(out, first, skip);
        if !self.is_interim() {
            if !self.fields.has(id::DATE) {
                out.append(b"Date: ");
                out.append(to.date);
                out.append(b"\r\n");
            }
            self.render_connection(out, to);
            if !self.kept.length {
                self.render_framing(out, to);
            }
        }
        out.append(b"\r\n");
    }

    fn render_status(&self, out: &mut Page) {
        out.append(b"HTTP/1.1 ");
        out.append(decimal(u64::from(self.status), &mut [0; 20]));
        out.append(b" ");
        out.append(self.reason());
        out.append(b"\r\n");
    }

    fn render_connection(&self, out: &mut Page, to: &AnswerTo<'_>) {
        if let Some(protocol) = self.upgrade() {
            out.append(b"Connection: Upgrade\r\nUpgrade: ");
            out.append(protocol);
            out.append(b"\r\n");
        } else {
            render_persistence(out, to);
        }
    }

    fn render_framing(&self, out: &mut Page, to: &AnswerTo<'_>) {
        match (self.body, self.announced) {
            // To HEAD, or 304: the length that a body would have.
            (BodyLength::None, Some(length)) => render_length(out, BodyLength::Length(length)),
            _ => render_length(out, self.body_to(to.version)),
        }
    }
}

/// Says what becomes of the connection, where the version does not say it.
pub(super) fn render_persistence(out: &mut Page, to: &AnswerTo<'_>) {
    match (to.version, to.keep_alive) {
        (Version::Http11, true) | (Version::Http10, false) => {}
        (Version::Http11, false) => out.append(b"Connection: close\r\n"),
        (Version::Http10, true) => out.append(b"Connection: keep-alive\r\n"),
    }
}
