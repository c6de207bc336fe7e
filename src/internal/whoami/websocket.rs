//! WebSocket frames of a server (RFC 6455), sans I/O: bytes in, events out.

use sha1::{Digest, Sha1};

use crate::base::limits::WEBSOCKET_MESSAGE_BYTES_MAX;

const CONTROL_BYTES_MAX: u64 = 125;
const MAX: u64 = WEBSOCKET_MESSAGE_BYTES_MAX as u64;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Kind {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

/// What a client has said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// A whole message of kind text or binary, its fragments joined.
    Message(Kind, Vec<u8>),
    Ping(Vec<u8>),
    Pong,
    /// The payload to answer with.
    Close(Vec<u8>),
}

/// Why the connection must be closed; the number is the close code to send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub(super) enum Fault {
    Protocol = 1002,
    NotUtf8 = 1007,
    TooBig = 1009,
}

impl Fault {
    pub(super) const fn payload(self) -> [u8; 2] {
        (self as u16).to_be_bytes()
    }
}

/// Reads the frames of one client.
///
/// ```text
/// idle --text|binary, not final--> inside a message --continuation, final--> idle
///   control frames (close, ping, pong) may come anywhere and are never in pieces
/// ```
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// Bytes that came and are not used up, from `start` on.
    input: Vec<u8>,
    start: usize,
    /// The message that is being put together, and of which kind it is.
    message: Vec<u8>,
    inside: Option<Kind>,
}

impl Reader {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.input.drain(..self.start);
        self.start = 0;
        self.input.extend_from_slice(bytes);
    }

    /// The next event, or `None` when more bytes are needed. After a fault nothing follows.
    pub(super) fn next(&mut self) -> Result<Option<Event>, Fault> {
        while let Some(frame) = self.take_frame()? {
            let event = match frame.kind {
                Kind::Close => Some(Event::Close(close_answer(&frame.payload)?)),
                Kind::Ping => Some(Event::Ping(frame.payload)),
                Kind::Pong => Some(Event::Pong),
                Kind::Continuation | Kind::Text | Kind::Binary => self.join(frame)?,
            };
            if event.is_some() {
                return Ok(event);
            }
        }
        Ok(None)
    }

    fn take_frame(&mut self) -> Result<Option<Frame>, Fault> {
        let bytes = &self.input[self.start..];
        let Some(header) = Header::read(bytes)? else {
            return Ok(None);
        };
        let held = u64::try_from(self.message.len()).unwrap_or(u64::MAX);
        if held.saturating_add(header.length) > MAX {
            return Err(Fault::TooBig);
        }
        let length = usize::try_from(header.length).map_err(|_| Fault::TooBig)?;
        let end = header.bytes + length;
        let Some(masked) = bytes.get(header.bytes..end) else {
            return Ok(None);
        };
        let payload = masked
            .iter()
            .zip(header.mask.into_iter().cycle())
            .map(|(byte, mask)| byte ^ mask)
            .collect();
        self.start += end;
        Ok(Some(Frame {
            last: header.last,
            kind: header.kind,
            payload,
        }))
    }

    fn join(&mut self, frame: Frame) -> Result<Option<Event>, Fault> {
        let kind = match (self.inside, frame.kind) {
            (Some(kind), Kind::Continuation) => kind,
            (None, kind @ (Kind::Text | Kind::Binary)) => kind,
            (Some(_) | None, _) => return Err(Fault::Protocol),
        };
        if self.message.is_empty() {
            self.message = frame.payload;
        } else {
            self.message.extend_from_slice(&frame.payload);
        }
        if !frame.last {
            self.inside = Some(kind);
            return Ok(None);
        }
        self.inside = None;
        let message = std::mem::take(&mut self.message);
        if kind == Kind::Text && std::str::from_utf8(&message).is_err() {
            return Err(Fault::NotUtf8);
        }
        Ok(Some(Event::Message(kind, message)))
    }
}

struct Frame {
    last: bool,
    kind: Kind,
    payload: Vec<u8>,
}

struct Header {
    last: bool,
    kind: Kind,
    mask: [u8; 4],
    /// Of the payload.
    length: u64,
    /// Of the header itself.
    bytes: usize,
}

impl Header {
    fn read(bytes: &[u8]) -> Result<Option<Self>, Fault> {
        let Some(([first, second], rest)) = bytes.split_first_chunk() else {
            return Ok(None);
        };
        let last = first & 0x80 != 0;
        let kind = kind_of(first & 0x0f)?;
        // No extension was agreed on, and a client must mask (RFC 6455 5.1, 5.2).
        if first & 0x70 != 0 || second & 0x80 == 0 {
            return Err(Fault::Protocol);
        }
        let short = u64::from(second & 0x7f);
        let is_control = matches!(kind, Kind::Close | Kind::Ping | Kind::Pong);
        if is_control && (!last || short > CONTROL_BYTES_MAX) {
            return Err(Fault::Protocol);
        }
        let Some((length, rest)) = length_of(short, rest)? else {
            return Ok(None);
        };
        let Some((mask, rest)) = rest.split_first_chunk() else {
            return Ok(None);
        };
        Ok(Some(Self {
            last,
            kind,
            mask: *mask,
            length,
            bytes: bytes.len() - rest.len(),
        }))
    }
}

fn kind_of(code: u8) -> Result<Kind, Fault> {
    match code {
        0 => Ok(Kind::Continuation),
        1 => Ok(Kind::Text),
        2 => Ok(Kind::Binary),
        8 => Ok(Kind::Close),
        9 => Ok(Kind::Ping),
        10 => Ok(Kind::Pong),
        _ => Err(Fault::Protocol),
    }
}

/// A length, and the bytes behind it.
type Length<'bytes> = (u64, &'bytes [u8]);

/// The payload's length, which must stand in its shortest form, and what follows it.
fn length_of(short: u64, rest: &[u8]) -> Result<Option<Length<'_>>, Fault> {
    let (length, rest, least) = match short {
        126 => match rest.split_first_chunk() {
            Some((long, rest)) => (u64::from(u16::from_be_bytes(*long)), rest, 126),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk() {
            Some((long, rest)) => (u64::from_be_bytes(*long), rest, 1 << 16),
            None => return Ok(None),
        },
        _ => (short, rest, 0),
    };
    if length < least {
        return Err(Fault::Protocol);
    }
    Ok(Some((length, rest)))
}

/// A close is answered with its own code (RFC 6455 5.5.1); one that may not be sent is a fault.
fn close_answer(payload: &[u8]) -> Result<Vec<u8>, Fault> {
    let Some((code, reason)) = payload.split_first_chunk() else {
        return if payload.is_empty() {
            Ok(Vec::new())
        } else {
            Err(Fault::Protocol)
        };
    };
    if std::str::from_utf8(reason).is_err() {
        return Err(Fault::NotUtf8);
    }
    match u16::from_be_bytes(*code) {
        1000..=1003 | 1007..=1014 | 3000..=4999 => Ok(code.to_vec()),
        _ => Err(Fault::Protocol),
    }
}

/// The head of an unmasked, whole frame with `length` payload bytes, as a server sends it.
pub(super) fn frame_head(kind: Kind, length: usize) -> Vec<u8> {
    let mut head = vec![0x80 | kind as u8];
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ 0..=125), _) => head.push(short),
        (_, Ok(long)) => {
            head.push(126);
            head.extend_from_slice(&long.to_be_bytes());
        }
        (_, Err(_)) => {
            head.push(127);
            head.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    head
}

/// `Sec-WebSocket-Accept` for a client's `Sec-WebSocket-Key` (RFC 6455 4.2.2).
pub(super) fn accept_key(key: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(key);
    hash.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let digest = hash.finalize();
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
        let mut out = frame_head(Kind::Text, payload.len());
        out[0] = first;
        out[1] |= 0x80;
        let mask = [1, 2, 3, 4];
        out.extend_from_slice(&mask);
        let bytes = payload.iter().zip(mask.into_iter().cycle());
        out.extend(bytes.map(|(byte, mask)| byte ^ mask));
        out
    }

    fn read(bytes: &[u8], step: usize) -> (Vec<Event>, Option<Fault>) {
        let mut reader = Reader::default();
        let mut events = Vec::new();
        for piece in bytes.chunks(step) {
            reader.push(piece);
            loop {
                match reader.next() {
                    Ok(Some(event)) => events.push(event),
                    Ok(None) => break,
                    Err(fault) => return (events, Some(fault)),
                }
            }
        }
        (events, None)
    }

    #[test]
    fn the_accept_key_is_that_of_the_standard() {
        let key = accept_key(b"dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn messages_are_the_same_however_they_are_cut() {
        let mut bytes = masked(0x81, b"hello");
        bytes.extend(masked(0x02, b"one "));
        bytes.extend(masked(0x89, b"are you there"));
        bytes.extend(masked(0x80, &[b'x'; 70_000]));
        bytes.extend(masked(0x8a, b""));
        bytes.extend(masked(0x81, b""));
        bytes.extend(masked(0x88, b"\x03\xe8bye"));
        let mut joined = b"one ".to_vec();
        joined.extend([b'x'; 70_000]);
        let wanted = [
            Event::Message(Kind::Text, b"hello".to_vec()),
            Event::Ping(b"are you there".to_vec()),
            Event::Message(Kind::Binary, joined),
            Event::Pong,
            Event::Message(Kind::Text, Vec::new()),
            Event::Close(vec![3, 0xe8]),
        ];
        for step in [1, 3, 1000, 1_000_000] {
            let (events, fault) = read(&bytes, step);
            assert_eq!(fault, None);
            assert!(events == wanted, "step {step}");
        }
    }

    #[test]
    fn a_frame_that_breaks_the_rules_is_a_fault() {
        let long = |length: u64| {
            let mut out = vec![0x82, 0xff];
            out.extend(length.to_be_bytes());
            out.extend([0; 4]);
            out
        };
        let twice = [masked(0x01, b"a"), masked(0x81, b"b")].concat();
        let table = [
            (vec![0x81, 0x01, b'a'], Fault::Protocol),
            (masked(0xc1, b"a"), Fault::Protocol),
            (masked(0x83, b"a"), Fault::Protocol),
            (masked(0x80, b"a"), Fault::Protocol),
            (twice, Fault::Protocol),
            (masked(0x09, b"a"), Fault::Protocol),
            (masked(0x89, &[0; 126]), Fault::Protocol),
            (vec![0x82, 0xfe, 0, 125, 0, 0, 0, 0], Fault::Protocol),
            (long(65_535), Fault::Protocol),
            (long(u64::MAX), Fault::TooBig),
            (long(MAX + 1), Fault::TooBig),
            (masked(0x81, b"\xff"), Fault::NotUtf8),
            (masked(0x88, b"\x03"), Fault::Protocol),
            (masked(0x88, b"\x03\xed"), Fault::Protocol),
            (masked(0x88, b"\x03\xe8\xff"), Fault::NotUtf8),
        ];
        for (bytes, fault) in table {
            assert_eq!(read(&bytes, 1000).1, Some(fault), "{bytes:?}");
        }
    }

    #[test]
    fn fragments_together_have_one_bound() {
        let half = vec![0; WEBSOCKET_MESSAGE_BYTES_MAX / 2 + 1];
        let bytes = [masked(0x02, &half), masked(0x80, &half)].concat();
        assert_eq!(read(&bytes, 1 << 16).1, Some(Fault::TooBig));
    }
}
