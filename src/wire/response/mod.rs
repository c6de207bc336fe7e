//! The head of an answer: read from a server or built here, edited, written to a client.

mod answer;
mod parse;
mod render;

#[cfg(test)]
mod tests;

pub use answer::{Answer, CONTINUE, reason_of};
pub use render::AnswerTo;

use super::body::BodyLength;
use super::bytes::decimal;
use super::coding::Coding;
use super::fields::{Fields, Span};
use super::names::{HeaderName, id};
use super::request::Version;
use super::scan::Progress;
use crate::base::Page;

/// The head of an answer. Pooled by its user: [`ResponseHead::clear`] keeps its allocations.
#[derive(Debug)]
pub struct ResponseHead {
    fields: Fields,
    progress: Progress,
    head_bytes: usize,
    version: Version,
    status: u16,
    reason: Option<Span>,
    body: BodyLength,
    /// The Content-Length as it came, which tells no length of a body in an answer to HEAD.
    announced: Option<u64>,
    keep_alive: bool,
    kept: Kept,
    upgrade: Option<Span>,
    shape: Shape,
}

/// What is to become of the body on its way to the client.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
    coding: Option<Coding>,
    /// The body is encoded: its length is not known beforehand.
    encoded: bool,
    detects_type: bool,
}

/// What of a head that came in can be written as it came.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    /// The status line.
    line: bool,
    /// The Content-Length field, which is there.
    length: bool,
}

impl Default for ResponseHead {
    fn default() -> Self {
        Self::new()
    }
}

impl ResponseHead {
    #[must_use]
    pub fn new() -> Self {
        Self {
            fields: Fields::default(),
            progress: Progress::default(),
            head_bytes: 0,
            version: Version::Http11,
            status: 0,
            reason: None,
            body: BodyLength::None,
            announced: None,
            keep_alive: true,
            kept: Kept::default(),
            upgrade: None,
            shape: Shape::default(),
        }
    }

    /// Forgets the answer; gives its page back and keeps its own allocations.
    pub fn clear(&mut self) {
        self.fields.clear();
        self.progress = Progress::default();
        self.head_bytes = 0;
        self.version = Version::Http11;
        self.status = 0;
        self.reason = None;
        self.body = BodyLength::None;
        self.announced = None;
        self.keep_alive = true;
        self.kept = Kept::default();
        self.upgrade = None;
        self.shape = Shape::default();
    }

    /// Begins an answer of our own, without body; see [`ResponseHead::set_body`].
    pub fn new_answer(&mut self, status: u16) {
        self.clear();
        self.status = status;
        self.set_body(BodyLength::Length(0));
    }

    /// The bytes that came behind the head, as a page; the head can't be read or written any
    /// more. Nothing is copied.
    #[must_use]
    pub fn release(&mut self) -> Page {
        let mut page = std::mem::take(&mut self.fields.page);
        page.consume(self.head_bytes.min(page.len()));
        self.clear();
        page
    }

    /// The bytes that came behind the head; the head stays. Empty when there are none. To be
    /// taken once.
    pub fn take_rest(&mut self) -> Page {
        self.fields.take_rest(self.head_bytes)
    }

    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// Replaces the status; the reason becomes the usual one.
    pub fn set_status(&mut self, status: u16) {
        self.status = status;
        self.reason = None;
        self.kept.line = false;
    }

    /// The reason as sent, or the usual one of the status.
    #[must_use]
    pub fn reason(&self) -> &[u8] {
        match self.reason {
            Some(reason) => self.fields.text(reason),
            None => reason_of(self.status).as_bytes(),
        }
    }

    /// An answer before the final one; 101 is final for HTTP.
    #[must_use]
    pub const fn is_interim(&self) -> bool {
        self.status < 200 && self.status != 101
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

    /// Name and value of each live field.
    pub fn headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields.pairs()
    }

    /// Removes all fields of that name.
    pub fn remove(&mut self, name: &HeaderName) {
        self.touch(name);
        self.fields.remove(name);
    }

    /// Whatever is done to Content-Length, the one written is that of the body.
    fn touch(&mut self, name: &HeaderName) {
        if name.id() == id::CONTENT_LENGTH {
            self.kept.length = false;
        }
    }

    /// Makes `value` the only one of that name.
    pub fn set(&mut self, name: &HeaderName, value: &[u8]) {
        self.remove(name);
        self.append(name, value);
    }

    /// Adds one more field line.
    pub fn append(&mut self, name: &HeaderName, value: &[u8]) {
        self.touch(name);
        self.fields.append(name, value);
    }

    /// How the server ends the body.
    #[must_use]
    pub const fn body(&self) -> BodyLength {
        self.body
    }

    /// Changes the body: its length is announced so.
    pub fn set_body(&mut self, body: BodyLength) {
        self.body = body;
        self.announced = None;
        self.kept.length = false;
        self.fields.remove_known(id::CONTENT_LENGTH.bit());
        if let BodyLength::Length(length) = body {
            self.announced = Some(length);
            self.fields
                .append_known(id::CONTENT_LENGTH, decimal(length, &mut [0; 20]));
        }
    }

    /// How the body ends for a client of that version.
    #[must_use]
    pub const fn body_to(&self, version: Version) -> BodyLength {
        match (self.body, version) {
            (_, Version::Http11) if self.shape.encoded => BodyLength::Chunked,
            (_, Version::Http10) if self.shape.encoded => BodyLength::UntilClose,
            (BodyLength::UntilClose, Version::Http11) => BodyLength::Chunked,
            (BodyLength::Chunked, Version::Http10) => BodyLength::UntilClose,
            (body, _) => body,
        }
    }

    /// Asks whoever sends the body to encode it so.
    pub const fn ask_for_coding(&mut self, coding: Coding) {
        self.shape.coding = Some(coding);
    }

    /// What [`ResponseHead::ask_for_coding`] asked for last.
    #[must_use]
    pub const fn asked_coding(&self) -> Option<Coding> {
        self.shape.coding
    }

    /// From now on the body is one that is encoded on its way.
    pub fn encode(&mut self, coding: Coding) {
        self.shape.encoded = true;
        self.announced = None;
        self.kept.length = false;
        // Ranges of the encoded body can't be had.
        self.fields
            .remove_known(id::CONTENT_LENGTH.bit() | id::ACCEPT_RANGES.bit());
        self.fields
            .append_known(id::CONTENT_ENCODING, coding.name().as_bytes());
    }

    /// Asks whoever sends the body to find out its type, and to say it.
    pub const fn ask_for_type(&mut self) {
        self.shape.detects_type = true;
    }

    /// True when the type is asked for and not known.
    #[must_use]
    pub fn asks_for_type(&self) -> bool {
        self.shape.detects_type && !self.fields.has(id::CONTENT_TYPE)
    }

    /// The length that Content-Length announces; of an answer to HEAD it is not that of a body.
    #[must_use]
    pub const fn announced_length(&self) -> Option<u64> {
        self.announced
    }

    /// Whether the server lets its connection be used again.
    #[must_use]
    pub const fn keep_alive(&self) -> bool {
        self.keep_alive
    }

    /// The protocol that a 101 changes to. Whether somebody asked for it is for the caller to
    /// know.
    #[must_use]
    pub fn upgrade(&self) -> Option<&[u8]> {
        self.upgrade.map(|token| self.fields.text(token))
    }
}
