//! From a server's bytes to an answer's head. Servers are not trusted either.

use std::mem::{MaybeUninit, take};

use super::super::Step;
use super::super::body::BodyLength;
use super::super::bytes::{elements, offset_in, small};
use super::super::fault::Fault;
use super::super::fields::{Marks, Span};
use super::super::framing::Framing;
use super::super::names::{HOP_BY_HOP, id};
use super::super::request::{Method, Version};
use super::super::scan::fault_of;
use super::ResponseHead;
use crate::base::Page;
use crate::base::limits::{CONNECTION_OPTIONS_MAX, HEADER_COUNT_MAX, RESPONSE_HEAD_BYTES_MAX};

/// `HTTP/1.1 200`: what stands before the blank and the reason.
const STATUS_BYTES: usize = 12;

/// What the fields of a head say together.
#[derive(Default)]
struct Said {
    framing: Framing,
    tokens: Tokens,
    length_kept: bool,
    upgrade: Option<Span>,
}

/// What Connection lists.
#[derive(Default)]
struct Tokens {
    close: bool,
    keep: bool,
    options: usize,
}

impl ResponseHead {
    /// Reads the answer to a request of that method from the beginning of `page`, interim ones
    /// included. `Done`: the head has taken the page. `Partial`: the page is as it was; append
    /// what comes next and ask again.
    ///
    /// # Errors
    /// Why this can't be passed on in one unambiguous form; the server is to blame.
    pub fn parse(&mut self, page: &mut Page, asked: Method) -> Result<Step, Fault> {
        let longest = page.len().min(RESPONSE_HEAD_BYTES_MAX);
        let window = page.as_slice().get(..longest).unwrap_or_default();
        if window.is_empty() {
            return Ok(Step::Partial);
        }
        if !b"HTTP/1.".starts_with(window) && !window.starts_with(b"HTTP/1.") {
            return Err(Fault::StatusLine);
        }
        if !self.progress.worth_parsing(window) && longest < RESPONSE_HEAD_BYTES_MAX {
            return Ok(Step::Partial);
        }
        match self.read(window, asked)? {
            Step::Done => {
                self.fields.page = take(page);
                Ok(Step::Done)
            }
            Step::Partial if longest < RESPONSE_HEAD_BYTES_MAX => Ok(Step::Partial),
            Step::Partial => Err(Fault::HeadTooLarge),
        }
    }

    fn read(&mut self, bytes: &[u8], asked: Method) -> Result<Step, Fault> {
        let mut lines = [const { MaybeUninit::uninit() }; HEADER_COUNT_MAX];
        let mut response = httparse::Response::new(&mut []);
        let config = httparse::ParserConfig::default();
        let end = match config.parse_response_with_uninit_headers(&mut response, bytes, &mut lines)
        {
            Ok(httparse::Status::Complete(end)) => end,
            Ok(httparse::Status::Partial) => return Ok(Step::Partial),
            Err(error) => return Err(fault_of(error).unwrap_or(Fault::StatusLine)),
        };
        self.head_bytes = end;
        self.status = response.code.unwrap_or(0);
        self.version = if response.version == Some(0) {
            Version::Http10
        } else {
            Version::Http11
        };
        if self.status < 100 {
            return Err(Fault::StatusLine);
        }
        self.fields.read(bytes, response.headers, end)?;
        self.settle_reason(bytes)?;
        self.settle(bytes, asked)?;
        Ok(Step::Done)
    }

    /// The reason is what stands between the status and the first line end; httparse has
    /// looked at its bytes.
    fn settle_reason(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let line_end = memchr::memchr(b'\r', bytes).ok_or(Fault::StatusLine)?;
        self.kept.line = self.version == Version::Http11 && line_end > STATUS_BYTES;
        let start = STATUS_BYTES.saturating_add(1);
        self.reason = Some(Span {
            at: small(start),
            len: small(line_end.saturating_sub(start)),
        });
        Ok(())
    }

    fn settle(&mut self, bytes: &[u8], asked: Method) -> Result<(), Fault> {
        let said = self.listen(bytes)?;
        let framed = said.framing.of_response(self.version)?;
        self.announced = said.framing.announced();
        self.kept.length = said.length_kept;
        self.body = match self.status {
            100..=199 | 204 => {
                // RFC 9110 8.6: no length is announced where there can be no body.
                self.announced = None;
                self.kept.length = false;
                self.fields.remove_known(id::CONTENT_LENGTH.bit());
                BodyLength::None
            }
            304 => BodyLength::None,
            _ if asked == Method::Head => BodyLength::None,
            _ => framed,
        };
        let keep = match self.version {
            Version::Http10 => said.tokens.keep,
            Version::Http11 => true,
        };
        self.keep_alive = keep && !said.tokens.close && self.body != BodyLength::UntilClose;
        self.upgrade = said.upgrade.filter(|_| self.status == 101);
        if said.tokens.options > 0 {
            self.drop_named(bytes);
        }
        Ok(())
    }

    fn listen(&mut self, bytes: &[u8]) -> Result<Said, Fault> {
        let mut said = Said::default();
        let mut nth = 0_usize;
        while let Some((index, field)) = self.fields.notable(nth) {
            nth = nth.saturating_add(1);
            let value = self.fields.text_over(bytes, field.value_span());
            match field.id {
                id::CONTENT_LENGTH => {
                    said.framing.length(value)?;
                    said.length_kept = value == b"0" || !value.starts_with(b"0");
                }
                id::TRANSFER_ENCODING => {
                    said.framing.coding(value)?;
                    self.fields.mark_at(index, Marks::DEAD);
                }
                id::CONNECTION => said.tokens.read(value)?,
                id::UPGRADE => {
                    said.upgrade = elements(value).next().map(|token| Span {
                        at: offset_in(bytes, token),
                        len: small(token.len()),
                    });
                }
                _ => {}
            }
        }
        Ok(said)
    }

    /// Removes the fields that Connection names.
    fn drop_named(&mut self, bytes: &[u8]) {
        let immune = HOP_BY_HOP | id::CONTENT_LENGTH.bit();
        self.fields.mark(Marks::DEAD, |fields, field| {
            let name = fields.text_over(bytes, field.name_span());
            field.id.bit() & immune == 0
                && fields
                    .table()
                    .iter()
                    .filter(|field| field.id == id::CONNECTION)
                    .flat_map(|field| elements(fields.text_over(bytes, field.value_span())))
                    .any(|token| token.eq_ignore_ascii_case(name))
        });
    }
}

impl Tokens {
    fn read(&mut self, value: &[u8]) -> Result<(), Fault> {
        for token in elements(value) {
            if token.eq_ignore_ascii_case(b"close") {
                self.close = true;
            } else if token.eq_ignore_ascii_case(b"keep-alive") {
                self.keep = true;
            } else if !token.eq_ignore_ascii_case(b"upgrade") {
                self.options = self.options.saturating_add(1);
            }
        }
        if self.options > CONNECTION_OPTIONS_MAX {
            return Err(Fault::HeadersTooMany);
        }
        Ok(())
    }
}
