//! Paths and queries, the plain way.

use ringway::wire::path;

fn hex(text: &[u8]) -> Option<u8> {
    let text = std::str::from_utf8(text).ok()?;
    if text.len() != 2 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u8::from_str_radix(text, 16).ok()
}

/// The bytes that a path stands for, each with whether it was escaped. None when malformed.
fn units(path: &[u8]) -> Option<Vec<(u8, bool)>> {
    let mut units = Vec::new();
    let mut at = 0;
    while at < path.len() {
        match path[at] {
            b'%' => {
                units.push((hex(path.get(at + 1..at + 3)?)?, true));
                at += 3;
            }
            0..=b' ' | 0x7f | b'#' | b'?' => return None,
            byte => {
                units.push((byte, false));
                at += 1;
            }
        }
    }
    Some(units)
}

fn must_be_escaped(byte: u8) -> bool {
    b"\"<>\\^`{|}".contains(&byte) || byte >= 0x80
}

fn unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

pub(crate) fn normal(path: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for (byte, escaped) in units(path)? {
        if (escaped && !unreserved(byte)) || (!escaped && must_be_escaped(byte)) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(byte);
        }
    }
    Some(out)
}

pub(crate) fn sane(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in path.split(|byte| *byte == b'/') {
        if segment == b".." {
            kept.pop();
        } else if !segment.is_empty() && segment != b"." {
            kept.push(segment);
        }
    }
    let mut out: Vec<u8> = kept
        .iter()
        .flat_map(|part| [b"/", *part].concat())
        .collect();
    if out.is_empty() || path.ends_with(b"/") {
        out.push(b'/');
    }
    out
}

pub(crate) fn for_routing(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < path.len() {
        let byte = path
            .get(at + 1..at + 3)
            .filter(|_| path[at] == b'%')
            .and_then(hex);
        match byte {
            Some(byte) if !b":/?#[]@!$&'()*+,;=%".contains(&byte) => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(path[at]);
                at += 1;
            }
        }
    }
    out
}

pub(crate) fn check(data: &[u8]) {
    let mut fast = Vec::new();
    let read = path::normalize(data, &mut fast);
    let plain = normal(data);
    assert_eq!(read.is_ok(), plain.is_some());
    let Some(plain) = plain else {
        return;
    };
    assert_eq!(fast, plain);
    let again = normal(&plain).expect("what is normal can be read");
    assert_eq!(again, plain, "normal is normal");

    let mut sanitized = Vec::new();
    path::sanitize(&plain, &mut sanitized);
    assert_eq!(sanitized, sane(&plain));
    assert_eq!(sane(&sanitized), sanitized, "sane is sane");
    assert!(path::is_clean(&sanitized));
    assert_eq!(path::is_clean(data), data == sanitized);

    let mut routing = Vec::new();
    path::decode_for_routing(&sanitized, &mut routing);
    assert_eq!(routing, for_routing(&sanitized));
}
