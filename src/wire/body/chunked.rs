//! Chunked bodies (RFC 9112 7.1), read strictly. What comes out is made of `size CR LF data
//! CR LF` and a bare `0 CR LF CR LF`: where a page holds nothing else it is passed on as it is.

use super::super::bytes::{is_blank, is_token, is_value, small};
use super::super::fault::Fault;
use super::super::fields::split_off;
use super::Piece;
use crate::base::Page;
use crate::base::limits::{CHUNK_EXCESS_BYTES_MAX, CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX};

/// The end of a chunked body without trailers.
pub const CHUNK_END: &[u8] = b"0\r\n\r\n";

/// Payload bytes excuse the lines around them: so many for each chunk, and twice its size.
const EXCUSED_PER_CHUNK: u64 = 16;

/// Where in the grammar the next byte stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum At {
    SizeStart,
    Size,
    /// Spaces behind the size: an extension must follow.
    SizeBlank,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
    Ended,
}

/// What a byte completed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Done {
    Nothing,
    SizeLine,
    Chunk,
    Body,
}

/// The state of one chunked body.
#[derive(Debug)]
pub(super) struct Chunks {
    at: At,
    form: Form,
    /// What is left of the chunk's data, or its size as far as it was read.
    size: u64,
    /// Bytes of the line so far.
    line: usize,
    /// The line is as we would write it.
    plain: bool,
    reject_underscores: bool,
    trailer_bytes: usize,
    excess: u64,
    decoded: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    Wire,
    Payload,
}

/// What of a page goes out.
enum Output {
    /// The page's own bytes up to here.
    AsItIs(usize),
    Anew(Page),
    /// The payload, moved together behind this many bytes of it.
    Payload {
        start: usize,
        end: usize,
    },
}

impl Chunks {
    pub(super) const fn to_wire() -> Self {
        Self::with(Form::Wire)
    }

    pub(super) const fn to_payload() -> Self {
        Self::with(Form::Payload)
    }

    const fn with(form: Form) -> Self {
        Self {
            at: At::SizeStart,
            form,
            size: 0,
            line: 0,
            plain: true,
            reject_underscores: false,
            trailer_bytes: 0,
            excess: 0,
            decoded: 0,
        }
    }

    pub(super) const fn reject_underscores(&mut self, reject: bool) {
        self.reject_underscores = reject;
    }

    pub(super) const fn decoded(&self) -> u64 {
        self.decoded
    }

    pub(super) const fn is_ended(&self) -> bool {
        matches!(self.at, At::Ended)
    }

    pub(super) fn feed(&mut self, page: &mut Page) -> Result<Piece, Fault> {
        let mut output = self.output_for(page);
        let mut place = 0;
        while place < page.len() && self.at != At::Ended {
            if self.at == At::Data {
                place = self.pass_data(page, place, &mut output);
            } else {
                let byte = page.as_slice().get(place).copied().unwrap_or_default();
                let done = self.step(byte)?;
                place = place.saturating_add(1);
                self.pass_line(done, page, place, &mut output);
            }
        }
        let mut rest = Page::empty();
        if place < page.len() {
            rest = split_off(page, place);
        }
        let whole = std::mem::replace(page, rest);
        Ok(Piece {
            data: finish(whole, output),
            ended: self.is_ended(),
        })
    }

    /// A page that begins inside of a line, of which the beginning was held back, can't go out
    /// as it is.
    fn output_for(&self, page: &Page) -> Output {
        let fresh = matches!(self.at, At::SizeStart | At::Data | At::DataCr | At::Ended);
        match self.form {
            Form::Payload => Output::Payload { start: 0, end: 0 },
            Form::Wire if fresh => Output::AsItIs(0),
            Form::Wire => Output::Anew(Page::with_room(page.len().saturating_add(LINE_ROOM))),
        }
    }

    /// Passes the chunk's data that the page holds from `place` on; returns where it ends.
    fn pass_data(&mut self, page: &mut Page, place: usize, output: &mut Output) -> usize {
        let here = page.len().saturating_sub(place);
        let count = usize::try_from(self.size).map_or(here, |size| size.min(here));
        let end = place.saturating_add(count);
        let bytes = u64::from(small(count));
        self.size = self.size.saturating_sub(bytes);
        self.decoded = self.decoded.saturating_add(bytes);
        if self.size == 0 {
            self.at = At::DataCr;
        }
        match output {
            Output::AsItIs(kept) => *kept = end,
            Output::Anew(out) => out.append(page.as_slice().get(place..end).unwrap_or_default()),
            Output::Payload { start, end: kept } => {
                if start == kept {
                    (*start, *kept) = (place, end);
                } else {
                    if *kept != place {
                        page.as_mut_slice().copy_within(place..end, *kept);
                    }
                    *kept = kept.saturating_add(count);
                }
            }
        }
        end
    }

    /// Passes the line that ends before `place`, if one does.
    fn pass_line(&self, done: Done, page: &Page, place: usize, output: &mut Output) {
        let plain = match done {
            Done::Nothing => return,
            Done::SizeLine | Done::Body => self.plain,
            Done::Chunk => true,
        };
        if done == Done::SizeLine && self.size == 0 {
            // Held back until the trailers are known to be sound.
            return;
        }
        if let Output::AsItIs(kept) = output {
            if plain {
                *kept = place;
                return;
            }
            let mut anew = Page::with_room(page.len().saturating_add(LINE_ROOM));
            anew.append(page.as_slice().get(..*kept).unwrap_or_default());
            *output = Output::Anew(anew);
        }
        if let Output::Anew(out) = output {
            match done {
                Done::Nothing => {}
                Done::SizeLine => write_chunk_size(out, self.size),
                Done::Chunk => out.append(b"\r\n"),
                Done::Body => out.append(CHUNK_END),
            }
        }
    }

    /// Takes one byte that is no data.
    fn step(&mut self, byte: u8) -> Result<Done, Fault> {
        match self.at {
            At::SizeStart | At::Size | At::SizeBlank | At::Extension | At::SizeLf => {
                self.step_size(byte)
            }
            At::DataCr if byte == b'\r' => {
                self.at = At::DataLf;
                Ok(Done::Nothing)
            }
            At::DataLf if byte == b'\n' => {
                self.at = At::SizeStart;
                Ok(Done::Chunk)
            }
            At::DataCr | At::DataLf => Err(Fault::ChunkEnd),
            At::TrailerStart | At::TrailerName | At::TrailerValue | At::TrailerLf | At::EndLf => {
                self.step_trailer(byte)
            }
            At::Data | At::Ended => Ok(Done::Nothing),
        }
    }

    fn step_size(&mut self, byte: u8) -> Result<Done, Fault> {
        if self.at == At::SizeStart {
            self.size = 0;
            self.line = 0;
            self.plain = true;
        }
        self.line = self.line.saturating_add(1);
        if self.line > CHUNK_LINE_BYTES_MAX {
            return Err(Fault::ChunkOverhead);
        }
        match (self.at, byte) {
            (At::SizeStart | At::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                if self.at == At::Size && self.size == 0 {
                    self.plain = false;
                }
                let digit = char::from(byte).to_digit(16).unwrap_or(0);
                if self.size >> 59 != 0 {
                    return Err(Fault::ChunkSizeOverflow);
                }
                self.size = (self.size << 4) | u64::from(digit);
                self.at = At::Size;
            }
            (At::Size | At::Extension, b'\r') => self.at = At::SizeLf,
            (At::Size | At::SizeBlank, b';') => {
                self.plain = false;
                self.at = At::Extension;
            }
            (At::Size | At::SizeBlank, blank) if is_blank(blank) => self.at = At::SizeBlank,
            (At::Extension, byte) if is_value(byte) => {}
            (At::SizeLf, b'\n') => return self.size_line(),
            _ => return Err(Fault::ChunkSize),
        }
        Ok(Done::Nothing)
    }

    fn size_line(&mut self) -> Result<Done, Fault> {
        let line = u64::from(small(self.line));
        let excused = EXCUSED_PER_CHUNK.saturating_add(self.size.saturating_mul(2));
        self.excess = self.excess.saturating_add(line).saturating_sub(excused);
        if self.excess > CHUNK_EXCESS_BYTES_MAX {
            return Err(Fault::ChunkOverhead);
        }
        self.at = if self.size == 0 {
            At::TrailerStart
        } else {
            At::Data
        };
        Ok(Done::SizeLine)
    }

    fn step_trailer(&mut self, byte: u8) -> Result<Done, Fault> {
        self.trailer_bytes = self.trailer_bytes.saturating_add(1);
        if self.trailer_bytes > TRAILER_BYTES_MAX {
            return Err(Fault::TrailersTooLarge);
        }
        match (self.at, byte) {
            (At::TrailerStart, b'\r') => self.at = At::EndLf,
            (At::TrailerName, b':') => self.at = At::TrailerValue,
            (At::TrailerStart | At::TrailerName, b'_') if self.reject_underscores => {
                return Err(Fault::HeaderUnderscore);
            }
            (At::TrailerStart | At::TrailerName, byte) if is_token(byte) => {
                self.plain = false;
                self.at = At::TrailerName;
            }
            (At::TrailerValue, b'\r') => self.at = At::TrailerLf,
            (At::TrailerValue, byte) if is_value(byte) => {}
            (At::TrailerLf, b'\n') => self.at = At::TrailerStart,
            (At::EndLf, b'\n') => {
                self.at = At::Ended;
                return Ok(Done::Body);
            }
            _ => return Err(Fault::Trailer),
        }
        Ok(Done::Nothing)
    }
}

/// Room for the lines that a page written anew may have more than the page read.
const LINE_ROOM: usize = 64;

fn finish(mut page: Page, output: Output) -> Page {
    match output {
        Output::Anew(out) => out,
        Output::AsItIs(0) => Page::empty(),
        Output::AsItIs(kept) => {
            page.truncate(kept);
            page
        }
        Output::Payload { start, end } if start == end => Page::empty(),
        Output::Payload { start, end } => {
            page.narrow(start..end);
            page
        }
    }
}

/// Appends the line that begins a chunk of `size` bytes, which is not zero. The data and
/// [`close_chunk`] follow.
pub fn write_chunk_size(out: &mut Page, size: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut line = [0; 18];
    let mut start = 16;
    if let Some(end) = line.get_mut(16..) {
        end.copy_from_slice(b"\r\n");
    }
    let mut rest = size;
    loop {
        start = usize::saturating_sub(start, 1);
        let digit = usize::try_from(rest & 15).unwrap_or(0);
        if let (Some(slot), Some(digit)) = (line.get_mut(start), DIGITS.get(digit)) {
            *slot = *digit;
        }
        rest >>= 4;
        if rest == 0 {
            break;
        }
    }
    out.append(line.get(start..).unwrap_or_default());
}

/// Appends the line end behind a chunk's data.
pub fn close_chunk(out: &mut Page) {
    out.append(b"\r\n");
}
