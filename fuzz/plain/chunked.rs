//! Chunked bodies, the plain way.

use ringway::base::Page;
use ringway::wire::{BodyLength, BodyReader, Fault};

/// What a stream of bytes is, read from its beginning.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Chunked {
    Malformed,
    /// The payload so far.
    Unfinished(Vec<u8>),
    /// The payload, and the bytes of the whole.
    Finished(Vec<u8>, usize),
}

/// The bytes of a line, and where the next one begins.
type Line<'bytes> = (&'bytes [u8], usize);

/// Takes the line at `at`: its bytes, and where the next one begins. Err(true) when it is
/// malformed, Err(false) when it is not complete.
fn line(bytes: &[u8], at: usize) -> Result<Line<'_>, bool> {
    let rest = &bytes[at..];
    let Some(end) = rest
        .iter()
        .position(|byte| *byte == b'\r' || *byte == b'\n')
    else {
        return Err(false);
    };
    match (rest[end], rest.get(end + 1)) {
        (b'\r', None) => Err(false),
        (b'\r', Some(b'\n')) => Ok((&rest[..end], at + end + 2)),
        _ => Err(true),
    }
}

fn sound(text: &[u8]) -> bool {
    text.iter()
        .all(|byte| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f))
}

/// The size that a complete size line tells.
fn size(line: &[u8]) -> Option<u64> {
    let digits = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let (number, extension) = line.split_at(digits);
    let blank = extension
        .iter()
        .take_while(|byte| b" \t".contains(byte))
        .count();
    let extended = extension[blank..].first() == Some(&b';') && sound(extension);
    if number.is_empty() || !(extension.is_empty() || extended) {
        return None;
    }
    let number = std::str::from_utf8(number).ok()?.trim_start_matches('0');
    if number.is_empty() {
        return Some(0);
    }
    i64::from_str_radix(number, 16).ok().map(i64::unsigned_abs)
}

/// Whether a line that is not complete may still become a size line.
fn size_begins(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let bare = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let blank = line[bare..].iter().all(|byte| b" \t".contains(byte));
    line.is_empty() || size(line).is_some() || (blank && bare > 0 && size(&line[..bare]).is_some())
}

fn trailer(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return false;
    };
    super::lines::is_token(&line[..colon]) && sound(&line[colon + 1..])
}

fn trailer_begins(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.is_empty() || super::lines::is_token(line) || trailer(line)
}

pub(crate) fn read(bytes: &[u8]) -> Chunked {
    let mut payload = Vec::new();
    let mut at = 0;
    loop {
        let (text, next) = match line(bytes, at) {
            Ok(found) => found,
            // A carriage return ends only a line that is complete but for the line feed.
            Err(false) if size_begins(&bytes[at..]) && !half_ends_badly(&bytes[at..], size) => {
                return Chunked::Unfinished(payload);
            }
            Err(_) => return Chunked::Malformed,
        };
        let Some(size) = size(text) else {
            return Chunked::Malformed;
        };
        at = next;
        if size == 0 {
            return trailers(bytes, at, payload);
        }
        let left = bytes.len() - at;
        let here = usize::try_from(size).map_or(left, |size| size.min(left));
        payload.extend_from_slice(&bytes[at..at + here]);
        at += here;
        match &bytes[at..] {
            [] => return Chunked::Unfinished(payload),
            [b'\r'] if here as u64 == size => return Chunked::Unfinished(payload),
            [b'\r', b'\n', ..] => at += 2,
            _ => return Chunked::Malformed,
        }
    }
}

/// `1 \r`: the line is over, and what it says is malformed, though its line feed is not there.
fn half_ends_badly<T>(text: &[u8], read: impl Fn(&[u8]) -> Option<T>) -> bool {
    text.strip_suffix(b"\r")
        .is_some_and(|line| read(line).is_none())
}

fn trailers(bytes: &[u8], mut at: usize, payload: Vec<u8>) -> Chunked {
    loop {
        match line(bytes, at) {
            Ok((b"", next)) => return Chunked::Finished(payload, next),
            Ok((text, next)) if trailer(text) => at = next,
            Err(false)
                if trailer_begins(&bytes[at..])
                    && (bytes[at..] == *b"\r"
                        || !half_ends_badly(&bytes[at..], |line| trailer(line).then_some(()))) =>
            {
                return Chunked::Unfinished(payload);
            }
            Ok(_) | Err(_) => return Chunked::Malformed,
        }
    }
}

struct Fed {
    out: Vec<u8>,
    behind: Vec<u8>,
    ended: bool,
}

fn feed(mut reader: BodyReader, bytes: &[u8], size: usize) -> Result<Fed, Fault> {
    let mut fed = Fed {
        out: Vec::new(),
        behind: Vec::new(),
        ended: false,
    };
    for piece in bytes.chunks(size) {
        let mut page = Page::copy_of(piece);
        let piece = reader.feed(&mut page)?;
        fed.out.extend_from_slice(piece.data.as_slice());
        fed.behind.extend_from_slice(page.as_slice());
        fed.ended = piece.ended;
        assert_eq!(fed.ended, reader.end_of_stream().is_ok());
    }
    Ok(fed)
}

/// The first byte tells how the rest is cut.
pub(crate) fn check(data: &[u8]) {
    let Some((cut, bytes)) = data.split_first() else {
        return;
    };
    let plain = read(bytes);
    for size in [usize::from(*cut).max(1), bytes.len().max(1)] {
        let payload = feed(BodyReader::of_payload(BodyLength::Chunked), bytes, size);
        let wire = feed(BodyReader::new(BodyLength::Chunked), bytes, size);
        match (&plain, payload, wire) {
            (Chunked::Malformed, Err(_), Err(_)) => {}
            (Chunked::Unfinished(expected), Ok(payload), Ok(wire)) => {
                assert_eq!(payload.out, *expected);
                assert!(!payload.ended && !wire.ended);
                assert!(payload.behind.is_empty() && wire.behind.is_empty());
                assert_eq!(read(&wire.out), Chunked::Unfinished(expected.clone()));
            }
            (Chunked::Finished(expected, whole), Ok(payload), Ok(wire)) => {
                assert_eq!(payload.out, *expected);
                assert!(payload.ended && wire.ended);
                assert_eq!(payload.behind, bytes[*whole..]);
                assert_eq!(wire.behind, bytes[*whole..]);
                let length = wire.out.len();
                assert_eq!(read(&wire.out), Chunked::Finished(expected.clone(), length));
            }
            (plain, payload, _) => panic!("{plain:?} {:?}", payload.err()),
        }
    }
}
