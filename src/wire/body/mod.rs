//! Bodies: which of the bytes that come in belong to one, and where it ends.

mod chunked;

#[cfg(test)]
mod tests;

use chunked::Chunks;
pub use chunked::{CHUNK_END, close_chunk, write_chunk_size};

use super::fault::Fault;
use super::fields::split_off;
use super::request::Underscore;
use crate::base::Page;

/// How the end of a body is known.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BodyLength {
    /// There is no body.
    None,
    /// Exactly so many bytes.
    Length(u64),
    Chunked,
    /// All bytes until the server closes; never of a request.
    UntilClose,
}

impl BodyLength {
    /// No bytes will come.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        matches!(self, Self::None | Self::Length(0))
    }
}

/// A part of a body.
#[derive(Debug)]
pub struct Piece {
    /// What to pass on; may be empty.
    pub data: Page,
    /// This was the last piece.
    pub ended: bool,
}

/// Splits the bytes of one body off a stream.
#[derive(Debug)]
pub struct BodyReader {
    left: Left,
    decoded: u64,
}

#[derive(Debug)]
enum Left {
    Bytes(u64),
    Chunks(Chunks),
    UntilClose,
}

impl BodyReader {
    /// Chunked bodies come out in chunked form, ready to be sent on.
    #[must_use]
    pub const fn new(length: BodyLength) -> Self {
        Self::with(length, Chunks::to_wire())
    }

    /// Chunked bodies come out as their payload alone.
    #[must_use]
    pub const fn of_payload(length: BodyLength) -> Self {
        Self::with(length, Chunks::to_payload())
    }

    const fn with(length: BodyLength, chunks: Chunks) -> Self {
        Self {
            left: match length {
                BodyLength::None => Left::Bytes(0),
                BodyLength::Length(length) => Left::Bytes(length),
                BodyLength::Chunked => Left::Chunks(chunks),
                BodyLength::UntilClose => Left::UntilClose,
            },
            decoded: 0,
        }
    }

    /// Refuses trailers whose name holds an underscore where the entry point says so. Trailers
    /// are never passed on, so `delete` needs no care.
    #[must_use]
    pub fn with_underscores(mut self, fate: Underscore) -> Self {
        if let Left::Chunks(chunks) = &mut self.left {
            chunks.reject_underscores(fate == Underscore::Reject);
        }
        self
    }

    /// Takes what belongs to this body out of `page`. What stays in `page` came behind its end.
    ///
    /// # Errors
    /// A malformed chunk or trailer, or too much of what is not payload. Nothing of the
    /// malformed part has come out, and nothing more may be asked.
    pub fn feed(&mut self, page: &mut Page) -> Result<Piece, Fault> {
        let piece = match &mut self.left {
            Left::Bytes(left) => {
                let piece = take_up_to(page, *left);
                *left = left.saturating_sub(len_of(&piece));
                self.decoded = self.decoded.saturating_add(len_of(&piece));
                Piece {
                    data: piece,
                    ended: *left == 0,
                }
            }
            Left::Chunks(chunks) => {
                let piece = chunks.feed(page)?;
                self.decoded = chunks.decoded();
                piece
            }
            Left::UntilClose => {
                let data = std::mem::take(page);
                self.decoded = self.decoded.saturating_add(len_of(&data));
                Piece { data, ended: false }
            }
        };
        Ok(piece)
    }

    /// Whether all of the body has been fed; never true of one that ends with the connection.
    #[must_use]
    pub const fn is_ended(&self) -> bool {
        match &self.left {
            Left::Bytes(left) => *left == 0,
            Left::Chunks(chunks) => chunks.is_ended(),
            Left::UntilClose => false,
        }
    }

    /// The stream ended: tells whether the body is complete.
    ///
    /// # Errors
    /// [`Fault::Truncated`] when bytes are missing.
    pub const fn end_of_stream(&self) -> Result<(), Fault> {
        match &self.left {
            Left::UntilClose => Ok(()),
            Left::Bytes(_) | Left::Chunks(_) if self.is_ended() => Ok(()),
            Left::Bytes(_) | Left::Chunks(_) => Err(Fault::Truncated),
        }
    }

    /// Bytes of payload that were fed so far.
    #[must_use]
    pub const fn decoded_bytes(&self) -> u64 {
        self.decoded
    }
}

/// At most `count` bytes from the beginning of `page`.
fn take_up_to(page: &mut Page, count: u64) -> Page {
    match usize::try_from(count) {
        Ok(0) => Page::empty(),
        Ok(count) if count < page.len() => {
            let rest = split_off(page, count);
            std::mem::replace(page, rest)
        }
        Ok(_) | Err(_) => std::mem::take(page),
    }
}

fn len_of(page: &Page) -> u64 {
    u64::try_from(page.len()).unwrap_or(u64::MAX)
}
