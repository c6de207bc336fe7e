//! How long a message is, from what its fields say (RFC 9112 6), without guessing.

use super::body::BodyLength;
use super::bytes::elements;
use super::fault::Fault;
use super::request::Version;

/// What Content-Length and Transfer-Encoding of one head say.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Framing {
    length: Option<u64>,
    chunked: bool,
}

/// The largest length that every party can hold in a signed number.
const LENGTH_MAX: u64 = i64::MAX.unsigned_abs();

impl Framing {
    /// Takes the value of a Content-Length.
    ///
    /// # Errors
    /// When it is not a plain number, or is not the first.
    pub(super) fn length(&mut self, value: &[u8]) -> Result<(), Fault> {
        if self.length.is_some() {
            return Err(Fault::ContentLength);
        }
        self.length = Some(read_length(value).ok_or(Fault::ContentLength)?);
        Ok(())
    }

    /// Takes the value of a Transfer-Encoding.
    ///
    /// # Errors
    /// When it is not exactly one `chunked`, or is not the first.
    pub(super) fn coding(&mut self, value: &[u8]) -> Result<(), Fault> {
        if !self.chunked && value.eq_ignore_ascii_case(b"chunked") {
            self.chunked = true;
            return Ok(());
        }
        let chunked = |coding: &[u8]| coding.eq_ignore_ascii_case(b"chunked");
        let last = elements(value).last().is_some_and(chunked);
        let once = elements(value).filter(|coding| chunked(coding)).count() == 1;
        let known = elements(value).count() == 1;
        if last && once && !known && !self.chunked {
            Err(Fault::TransferCoding)
        } else {
            Err(Fault::TransferEncoding)
        }
    }

    /// The value of Content-Length.
    pub(super) const fn announced(self) -> Option<u64> {
        self.length
    }

    pub(super) const fn of_request(self, version: Version) -> Result<BodyLength, Fault> {
        match (self.length, self.chunked) {
            (Some(_), true) => Err(Fault::FramingTwice),
            (Some(length), false) => Ok(BodyLength::Length(length)),
            (None, true) => match version {
                Version::Http10 => Err(Fault::TransferEncoding),
                Version::Http11 => Ok(BodyLength::Chunked),
            },
            (None, false) => Ok(BodyLength::None),
        }
    }

    pub(super) const fn of_response(self, version: Version) -> Result<BodyLength, Fault> {
        match self.of_request(version) {
            Ok(BodyLength::None) => Ok(BodyLength::UntilClose),
            other => other,
        }
    }
}

/// Digits only, below 2^63.
fn read_length(value: &[u8]) -> Option<u64> {
    if value.is_empty() {
        return None;
    }
    let mut length: u64 = 0;
    for digit in value {
        if !digit.is_ascii_digit() {
            return None;
        }
        length = length.checked_mul(10)?.checked_add(u64::from(digit & 15))?;
    }
    (length <= LENGTH_MAX).then_some(length)
}
