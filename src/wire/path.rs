//! Paths: one spelling before anything looks at them, and the same one to the server.

use super::fault::Fault;

/// An escape that an entry point or router may refuse (features 2.15).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Escape {
    Slash = 1,
    BackSlash = 2,
    Null = 4,
    Semicolon = 8,
    Percent = 16,
    QuestionMark = 32,
    Hash = 64,
}

/// A set of refused escapes; empty by default.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DeniedEscapes(u8);

impl DeniedEscapes {
    #[must_use]
    pub const fn with(self, escape: Escape) -> Self {
        Self(self.0 | escape as u8)
    }

    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True when the escaped path holds one of them.
    #[must_use]
    pub fn occur_in(self, path: &[u8]) -> bool {
        if self.is_empty() {
            return false;
        }
        escapes(path).any(|byte| {
            let escape = match byte {
                b'/' => Escape::Slash,
                b'\\' => Escape::BackSlash,
                0 => Escape::Null,
                b';' => Escape::Semicolon,
                b'%' => Escape::Percent,
                b'?' => Escape::QuestionMark,
                b'#' => Escape::Hash,
                _ => return false,
            };
            self.0 & escape as u8 != 0
        })
    }
}

/// The bytes that the escapes of `path` stand for.
fn escapes(path: &[u8]) -> impl Iterator<Item = u8> {
    memchr::memchr_iter(b'%', path).filter_map(|at| {
        let rest = path.get(at..)?;
        escaped(rest)
    })
}

/// The byte that an escape at the beginning of `text` stands for.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else {
        return None;
    };
    let high = char::from(*high).to_digit(16)?;
    let low = char::from(*low).to_digit(16)?;
    u8::try_from((high << 4) | low).ok()
}

/// What one look at a raw path tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Look(u8);

impl Look {
    const ESCAPED: u8 = 1;
    /// A byte that must be escaped: `"<>\^{|}`, the back-quote, and all beyond ASCII.
    const RAW: u8 = 2;
    /// A dot or a slash behind a slash.
    const KNOT: u8 = 4;
    const FORBIDDEN: u8 = 8;

    /// Looks at a path until its end.
    #[inline]
    pub(super) fn at(path: &[u8]) -> Self {
        let mut seen = 0;
        let mut behind_slash = 0;
        for byte in path {
            let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
            seen |= (class & 0b1011) | (class & behind_slash);
            behind_slash = if *byte == b'/' { Self::KNOT } else { 0 };
        }
        Self(seen)
    }

    pub(super) const fn is_plain(self) -> bool {
        self.0 == 0
    }
}

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut classes = [0; 256];
    let mut byte: u8 = 0;
    loop {
        #[expect(clippy::indexing_slicing, reason = "runs at build time, 256 entries")]
        let class = &mut classes[byte as usize];
        *class = match byte {
            b'%' => Look::ESCAPED,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x80.. => Look::RAW,
            0..=b' ' | 0x7f | b'#' | b'?' => Look::FORBIDDEN,
            b'.' | b'/' => Look::KNOT,
            b'!'
            | b'$'
            | b'&'..=b'-'
            | b'0'..=b'='
            | b'@'..=b'['
            | b']'
            | b'_'
            | b'a'..=b'z'
            | b'~' => 0,
        };
        let Some(next) = byte.checked_add(1) else {
            break;
        };
        byte = next;
    }
    classes
}

const fn is_unreserved(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~')
}

/// Bytes whose escapes stay escaped for matching (features 4.1).
const fn is_reserved(byte: u8) -> bool {
    matches!(
        byte,
        b':' | b'/'
            | b'?'
            | b'#'
            | b'['
            | b']'
            | b'@'
            | b'!'
            | b'$'
            | b'&'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b';'
            | b'='
            | b'%'
    )
}

/// Appends `path` in its one spelling (RFC 3986 6.2.2): escapes of unreserved characters are
/// decoded, all others have upper-case digits, and what must be escaped is.
///
/// # Errors
/// An incomplete escape; a control character, space, `#` or `?`.
pub fn normalize(path: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut rest = path;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
        if class & Look::FORBIDDEN != 0 {
            return Err(Fault::TargetForm);
        }
        if *byte == b'%' {
            let [_, _, behind @ ..] = rest else {
                return Err(Fault::TargetEscape);
            };
            let whole = [*byte, at(rest, 0), at(rest, 1)];
            let byte = escaped(&whole).ok_or(Fault::TargetEscape)?;
            rest = behind;
            if is_unreserved(byte) {
                out.push(byte);
            } else {
                push_escape(byte, out);
            }
        } else if class & Look::RAW != 0 {
            push_escape(*byte, out);
        } else {
            out.push(*byte);
        }
    }
    Ok(())
}

fn at(text: &[u8], index: usize) -> u8 {
    text.get(index).copied().unwrap_or_default()
}

pub(super) fn push_escape(byte: u8, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push(b'%');
    out.push(at(DIGITS, usize::from(byte >> 4)));
    out.push(at(DIGITS, usize::from(byte & 15)));
}

/// Appends `path` without `.` and `..` segments and empty ones, as Go's `path.Join` does:
/// `/a/./b//c/../d/` becomes `/a/b/d/`; it never climbs above the root, and a slash at the end
/// stays, while `/a/.` becomes `/a`.
pub fn sanitize(path: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    for segment in path.split(|byte| *byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                let kept = out.get(start..).unwrap_or_default();
                let end = memchr::memrchr(b'/', kept).unwrap_or(0);
                out.truncate(start.saturating_add(end));
            }
            _ => {
                out.push(b'/');
                out.extend_from_slice(segment);
            }
        }
    }
    if out.len() == start || path.ends_with(b"/") {
        out.push(b'/');
    }
}

/// True when the path begins with a slash and [`sanitize`] and [`normalize`] would leave it as
/// it is: asked of what a middleware made of a path.
#[must_use]
pub fn is_clean(path: &[u8]) -> bool {
    if path.first() != Some(&b'/') {
        return false;
    }
    let look = Look::at(path);
    if look.is_plain() {
        return true;
    }
    let mut normal = Vec::with_capacity(path.len());
    if normalize(path, &mut normal).is_err() || normal != path {
        return false;
    }
    let mut sane = Vec::with_capacity(path.len());
    sanitize(&normal, &mut sane);
    sane == path
}

/// The text as a value in a query, as Go's `url.QueryEscape` writes it.
#[must_use]
pub fn escape_query(text: &[u8]) -> String {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b' ' => out.push(b'+'),
            byte if is_unreserved(*byte) => out.push(*byte),
            byte => push_escape(*byte, &mut out),
        }
    }
    String::from_utf8(out).unwrap_or_default()
}

/// Appends the path that rules are matched against: escapes are decoded, but for those of
/// reserved characters.
pub fn decode_for_routing(path: &[u8], out: &mut Vec<u8>) {
    let mut rest = path;
    while let [byte, behind @ ..] = rest {
        match escaped(rest) {
            Some(byte) if !is_reserved(byte) => {
                out.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            Some(_) | None => {
                out.push(*byte);
                rest = behind;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_denied_only_where_it_is_told_to_be() {
        let table = [
            (Escape::Slash, "/a%2Fb"),
            (Escape::BackSlash, "/a%5Cb"),
            (Escape::Null, "/a%00b"),
            (Escape::Semicolon, "/a%3Bb"),
            (Escape::Percent, "/a%25b"),
            (Escape::QuestionMark, "/a%3Fb"),
            (Escape::Hash, "/a%23b"),
        ];
        for (denied, _) in table {
            let denies = DeniedEscapes::default().with(denied);
            for (escape, path) in table {
                let occurs = denies.occur_in(path.as_bytes());
                assert_eq!(occurs, escape == denied, "{denied:?} {path}");
                let lower = path.to_lowercase();
                assert_eq!(denies.occur_in(lower.as_bytes()), occurs, "{lower}");
            }
            assert!(!denies.occur_in(b"/a/b%41"));
        }
        assert!(!DeniedEscapes::default().occur_in(b"/%2F%5C%00"));
        let both = DeniedEscapes::default()
            .with(Escape::Slash)
            .with(Escape::Hash);
        assert!(both.occur_in(b"/%2F") && both.occur_in(b"/%23") && !both.occur_in(b"/%3F"));
    }
}
