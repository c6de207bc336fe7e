use crate::base::limits::SNIFFED_BYTES;
use crate::wire::{ResponseHead, names};

use super::Flow;

/// Has the type of a body found out where its server did not tell it (features 6,
/// contentType). Without this middleware nothing is guessed (features 15.27).
#[derive(Debug, Default)]
pub struct ContentType;

impl ContentType {
    pub(super) fn on_response(response: &mut ResponseHead) -> Flow {
        let has = |name| response.values(name).any(|value: &[u8]| !value.is_empty());
        // What a coding hides can't be looked at.
        if !response.body().is_empty()
            && response.value(&names::CONTENT_TYPE).is_none()
            && !has(&names::CONTENT_ENCODING)
        {
            response.ask_for_type();
        }
        Flow::Next
    }
}

/// The type of a body that begins with `bytes`, as Go's `http.DetectContentType` tells it
/// (WHATWG MIME Sniffing); never none.
#[must_use]
pub fn detect_type(bytes: &[u8]) -> &'static str {
    let bytes = &bytes[..bytes.len().min(SNIFFED_BYTES)];
    let is_blank = |byte: &u8| matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ');
    let start = bytes.iter().position(|byte| !is_blank(byte));
    let text = &bytes[start.unwrap_or(bytes.len())..];
    if HTML.iter().any(|tag| begins_with_tag(text, tag)) {
        return "text/html; charset=utf-8";
    }
    if text.starts_with(b"<?xml") {
        return "text/xml; charset=utf-8";
    }
    let mut signatures = SIGNATURES.iter();
    if let Some((_, kind)) = signatures.find(|(signature, _)| signature.fits(bytes)) {
        return kind;
    }
    let is_binary = |byte: &u8| matches!(byte, 0..=8 | 0x0b | 0x0e..=0x1a | 0x1c..=0x1f);
    if text.iter().any(is_binary) {
        "application/octet-stream"
    } else {
        "text/plain; charset=utf-8"
    }
}

const HTML: [&[u8]; 17] = [
    b"<!DOCTYPE HTML",
    b"<HTML",
    b"<HEAD",
    b"<SCRIPT",
    b"<IFRAME",
    b"<H1",
    b"<DIV",
    b"<FONT",
    b"<TABLE",
    b"<A",
    b"<STYLE",
    b"<TITLE",
    b"<B",
    b"<BODY",
    b"<BR",
    b"<P",
    b"<!--",
];

/// The tag in any case, and behind it a space or its end.
fn begins_with_tag(text: &[u8], tag: &[u8]) -> bool {
    text.get(..tag.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(tag))
        && matches!(text.get(tag.len()), Some(b' ' | b'>'))
}

/// How the beginning of a file looks.
enum Signature {
    Begins(&'static [u8]),
    /// At least so many bytes, and they begin so.
    BeginsLong(&'static [u8], usize),
    /// One text, four bytes of a length, another text.
    Chunk(&'static [u8], &'static [u8]),
    /// A text at a place.
    At(usize, &'static [u8]),
    Mp4,
}

use Signature::{At, Begins, BeginsLong, Chunk, Mp4};

/// The order counts.
const SIGNATURES: [(Signature, &str); 32] = [
    (Begins(b"%PDF-"), "application/pdf"),
    (Begins(b"%!PS-Adobe-"), "application/postscript"),
    (BeginsLong(b"\xfe\xff", 4), "text/plain; charset=utf-16be"),
    (BeginsLong(b"\xff\xfe", 4), "text/plain; charset=utf-16le"),
    (BeginsLong(b"\xef\xbb\xbf", 4), "text/plain; charset=utf-8"),
    (Begins(b"\x00\x00\x01\x00"), "image/x-icon"),
    (Begins(b"\x00\x00\x02\x00"), "image/x-icon"),
    (Begins(b"BM"), "image/bmp"),
    (Begins(b"GIF87a"), "image/gif"),
    (Begins(b"GIF89a"), "image/gif"),
    (Chunk(b"RIFF", b"WEBPVP"), "image/webp"),
    (Begins(b"\x89PNG\r\n\x1a\n"), "image/png"),
    (Begins(b"\xff\xd8\xff"), "image/jpeg"),
    (Chunk(b"FORM", b"AIFF"), "audio/aiff"),
    (Begins(b"ID3"), "audio/mpeg"),
    (Begins(b"OggS\x00"), "application/ogg"),
    (Begins(b"MThd\x00\x00\x00\x06"), "audio/midi"),
    (Chunk(b"RIFF", b"AVI "), "video/avi"),
    (Chunk(b"RIFF", b"WAVE"), "audio/wave"),
    (Mp4, "video/mp4"),
    (Begins(b"\x1a\x45\xdf\xa3"), "video/webm"),
    (At(34, b"LP"), "application/vnd.ms-fontobject"),
    (Begins(b"\x00\x01\x00\x00"), "font/ttf"),
    (Begins(b"OTTO"), "font/otf"),
    (Begins(b"ttcf"), "font/collection"),
    (Begins(b"wOFF"), "font/woff"),
    (Begins(b"wOF2"), "font/woff2"),
    (Begins(b"\x1f\x8b\x08"), "application/x-gzip"),
    (Begins(b"PK\x03\x04"), "application/zip"),
    (Begins(b"Rar!\x1a\x07\x00"), "application/x-rar-compressed"),
    (
        Begins(b"Rar!\x1a\x07\x01\x00"),
        "application/x-rar-compressed",
    ),
    (Begins(b"\x00asm"), "application/wasm"),
];

impl Signature {
    fn fits(&self, bytes: &[u8]) -> bool {
        let at = |place: usize, text: &[u8]| {
            bytes
                .get(place..)
                .is_some_and(|rest| rest.starts_with(text))
        };
        match self {
            Self::Begins(text) => at(0, text),
            Self::BeginsLong(text, length_min) => at(0, text) && bytes.len() >= *length_min,
            Self::Chunk(first, second) => at(0, first) && at(first.len() + 4, second),
            Self::At(place, text) => at(*place, text),
            Self::Mp4 => is_mp4(bytes),
        }
    }
}

/// A first box `ftyp` that names a brand `mp4..` (WHATWG MIME Sniffing 6.2.1).
fn is_mp4(bytes: &[u8]) -> bool {
    let Some((size, rest)) = bytes.split_first_chunk::<4>() else {
        return false;
    };
    let size = usize::try_from(u32::from_be_bytes(*size)).unwrap_or(usize::MAX);
    if !rest.starts_with(b"ftyp") || !size.is_multiple_of(4) || bytes.len() < size.max(12) {
        return false;
    }
    // Behind the first brand stands its version, which is none.
    let mut brands = (8..size).step_by(4).filter(|place| *place != 12);
    brands.any(|place| bytes[place..].starts_with(b"mp4"))
}
