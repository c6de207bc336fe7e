//! Heads of answers, the plain way.

use ringway::base::Page;
use ringway::wire::{AnswerTo, BodyLength, Fault, Method, ResponseHead, Step, Version};

use super::lines::{self, Body, HOP_BY_HOP, Lines, OPTIONS_MAX, tokens, values};

#[derive(Debug)]
struct Plain {
    old: bool,
    status: u16,
    reason: Vec<u8>,
    body: BodyLength,
    announced: Option<u64>,
    keep_alive: bool,
    head_bytes: usize,
    lines: Lines,
}

fn read(bytes: &[u8], asked: Method) -> Option<Plain> {
    let (first, lines, head_bytes) = lines::split(bytes)?;
    let old = match first.get(..9)? {
        b"HTTP/1.1 " => false,
        b"HTTP/1.0 " => true,
        _ => return None,
    };
    let digits = first.get(9..12)?;
    let reason = match first.get(12..)? {
        [] => &[][..],
        [b' ', reason @ ..] => reason,
        _ => return None,
    };
    let sound = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
    if !digits.iter().all(u8::is_ascii_digit) || !reason.iter().all(sound) {
        return None;
    }
    let status: u16 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let framing = lines::framing(&lines, old)?;
    let options = tokens(&lines, "connection");
    let known = ["close", "keep-alive", "upgrade"];
    let other = |own: &&Vec<u8>| !known.iter().any(|known| own.as_slice() == known.as_bytes());
    if status < 100 || options.iter().filter(other).count() > OPTIONS_MAX {
        return None;
    }
    let bare = status < 200 || status == 204;
    let body = match framing {
        _ if bare || status == 304 || asked == Method::Head => BodyLength::None,
        Body::Nothing => BodyLength::UntilClose,
        Body::Length(length) => BodyLength::Length(length),
        Body::Chunked => BodyLength::Chunked,
    };
    let announced = match framing {
        Body::Length(length) if !bare => Some(length),
        Body::Length(_) | Body::Nothing | Body::Chunked => None,
    };
    let says = |option: &str| options.iter().any(|own| own == option.as_bytes());
    let may = !says("close") && (!old || says("keep-alive"));
    Some(Plain {
        old,
        status,
        reason: reason.to_vec(),
        body,
        announced,
        keep_alive: may && body != BodyLength::UntilClose,
        head_bytes,
        lines,
    })
}

impl Plain {
    /// The fields that a client of HTTP/1.1 gets of a final answer.
    fn passed(&self) -> Lines {
        let named = tokens(&self.lines, "connection");
        let mut out = self.lines.clone();
        out.retain(|(name, _)| {
            let name = name.to_ascii_lowercase();
            let named = named.iter().any(|own| own == name.as_bytes());
            !HOP_BY_HOP.contains(&name.as_str()) && name != "content-length" && !named
        });
        let mut add = |name: &str, value: &[u8]| out.push((name.to_owned(), value.to_vec()));
        match (self.announced, self.body) {
            (Some(length), _) => add("Content-Length", length.to_string().as_bytes()),
            (None, BodyLength::Chunked | BodyLength::UntilClose) => {
                add("Transfer-Encoding", b"chunked");
            }
            (None, BodyLength::None | BodyLength::Length(_)) => {}
        }
        if let (101, Some(protocol)) = (self.status, self.protocol()) {
            add("Connection", b"Upgrade");
            add("Upgrade", &protocol);
        }
        if values(&out, "date").is_empty() && (self.status >= 200 || self.status == 101) {
            out.push(("Date".to_owned(), b"now".to_vec()));
        }
        out
    }

    /// The first protocol of the last Upgrade.
    fn protocol(&self) -> Option<Vec<u8>> {
        let last = *values(&self.lines, "upgrade").last()?;
        last.split(|byte| *byte == b',')
            .map(lines::trim)
            .find(|protocol| !protocol.is_empty())
            .map(<[u8]>::to_vec)
    }
}

fn fast(bytes: &[u8], size: usize, asked: Method) -> Result<Option<ResponseHead>, Fault> {
    let mut head = ResponseHead::new();
    let mut page = Page::head();
    for piece in bytes.chunks(size) {
        page.append(piece);
        if head.parse(&mut page, asked)? == Step::Done {
            return Ok(Some(head));
        }
    }
    Ok(None)
}

/// The first byte tells whether HEAD was asked, and how the rest is cut.
pub(crate) fn check(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    let asked = if choice & 1 == 0 {
        Method::Get
    } else {
        Method::Head
    };
    let whole = fast(bytes, bytes.len().max(1), asked);
    let pieces = fast(bytes, usize::from(*choice & 14) + 1, asked);
    match (&pieces, &whole) {
        (Ok(Some(pieces)), Ok(Some(whole))) => assert_eq!(pieces.head_bytes(), whole.head_bytes()),
        (Err(_) | Ok(None), Err(_)) | (Ok(None), Ok(None)) => {}
        _ => panic!("pieces {:?}, whole {:?}", pieces.is_ok(), whole.is_ok()),
    }
    let plain = read(bytes, asked);
    let Ok(Some(head)) = whole else {
        assert!(plain.is_none(), "{plain:?}");
        return;
    };
    let plain = plain.unwrap_or_else(|| panic!("only the fast way takes this"));
    assert_eq!(head.status(), plain.status);
    assert_eq!(head.reason(), plain.reason);
    assert_eq!(head.version() == Version::Http10, plain.old);
    assert_eq!(head.body(), plain.body);
    assert_eq!(head.announced_length(), plain.announced);
    assert_eq!(head.keep_alive(), plain.keep_alive);
    assert_eq!(head.head_bytes(), plain.head_bytes);
    rendered(&head, &plain);
}

fn rendered(head: &ResponseHead, plain: &Plain) {
    let mut out = Page::head();
    let to = AnswerTo {
        version: Version::Http11,
        keep_alive: true,
        date: b"now",
        head: false,
    };
    head.render(&mut out, &to);
    let (first, lines, length) = lines::split(out.as_slice()).expect("what we send is sound");
    assert_eq!(length, out.len(), "nothing stands behind the head");
    let line = format!("HTTP/1.1 {} ", plain.status);
    assert_eq!(first, [line.as_bytes(), &plain.reason].concat());
    assert_eq!(lines::sorted(&lines), lines::sorted(&plain.passed()));
}
