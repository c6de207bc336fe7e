//! Header lines, the plain way.

pub(crate) type Lines = Vec<(String, Vec<u8>)>;

pub(crate) const HEADERS_MAX: usize = 256;
pub(crate) const NAME_BYTES_MAX: usize = 8 * 1024;
pub(crate) const OPTIONS_MAX: usize = 32;

pub(crate) const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "proxy-connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub(crate) fn is_token(text: &[u8]) -> bool {
    !text.is_empty()
        && text
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte))
}

/// The first line, the fields, and the bytes of the head.
type Split = (Vec<u8>, Lines, usize);

/// Splits a head at its line ends: the first line, the fields with their names as sent, and the
/// length of the head. None when it is not complete or a line of it is malformed.
pub(crate) fn split(bytes: &[u8]) -> Option<Split> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let mut lines = Vec::new();
    let mut rest = &bytes[..end];
    while let Some(at) = rest.windows(2).position(|two| two == b"\r\n") {
        lines.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    lines.push(rest);
    if lines
        .iter()
        .any(|line| line.contains(&b'\r') || line.contains(&b'\n'))
    {
        return None;
    }
    let first = lines.remove(0).to_vec();
    let fields: Option<Lines> = lines.into_iter().map(field).collect();
    let fields = fields?;
    (fields.len() <= HEADERS_MAX).then_some((first, fields, end + 4))
}

fn field(line: &[u8]) -> Option<(String, Vec<u8>)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    if !is_token(name) || name.len() > NAME_BYTES_MAX {
        return None;
    }
    let value = trim(value);
    let sound = |byte: &u8| *byte == b'\t' || (*byte >= b' ' && *byte != 0x7f);
    if !value.iter().all(sound) {
        return None;
    }
    Some((String::from_utf8(name.to_vec()).ok()?, value.to_vec()))
}

pub(crate) fn trim(mut text: &[u8]) -> &[u8] {
    while !text.is_empty() && (text[0] == b' ' || text[0] == b'\t') {
        text = &text[1..];
    }
    while !text.is_empty() && (text[text.len() - 1] == b' ' || text[text.len() - 1] == b'\t') {
        text = &text[..text.len() - 1];
    }
    text
}

pub(crate) fn values<'lines>(lines: &'lines Lines, name: &str) -> Vec<&'lines [u8]> {
    lines
        .iter()
        .filter(|(own, _)| own.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_slice())
        .collect()
}

/// The elements of all fields of a name that is a comma list, in lower case.
pub(crate) fn tokens(lines: &Lines, name: &str) -> Vec<Vec<u8>> {
    values(lines, name)
        .iter()
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(|token| trim(token).to_ascii_lowercase())
        .filter(|token| !token.is_empty())
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Body {
    Nothing,
    Length(u64),
    Chunked,
}

/// RFC 9112 6.3, and nothing that two readers could take for two things.
pub(crate) fn framing(lines: &Lines, old: bool) -> Option<Body> {
    let lengths = values(lines, "content-length");
    let codings = values(lines, "transfer-encoding");
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Some(Body::Nothing),
        ([length], []) => {
            let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
            let text = std::str::from_utf8(length).ok()?;
            let length: i64 = text.parse().ok().filter(|_| digits)?;
            Some(Body::Length(length.unsigned_abs()))
        }
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") && !old => Some(Body::Chunked),
        _ => None,
    }
}

/// Lines with names in lower case, in an order of their own.
pub(crate) fn sorted(lines: &Lines) -> Lines {
    let mut lines: Lines = lines
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
        .collect();
    lines.sort();
    lines
}
