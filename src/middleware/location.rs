//! References to places, as an auth server gives them in Location (RFC 3986 5).

/// The address that `reference` means in an answer of `http://host/path`. None for what is no
/// reference at all.
pub(super) fn resolve(host: &[u8], path: &[u8], reference: &[u8]) -> Option<Vec<u8>> {
    if reference.iter().any(u8::is_ascii_control) {
        return None;
    }
    if has_scheme(reference)? {
        return Some(reference.to_vec());
    }
    if reference.starts_with(b"//") {
        return Some([b"http:", reference].concat());
    }
    let end = |text: &[u8], stops: &[u8]| {
        let found = text.iter().position(|byte| stops.contains(byte));
        found.unwrap_or(text.len())
    };
    let (way, rest) = reference.split_at(end(reference, b"?#"));
    let target = if way.is_empty() {
        path.to_vec()
    } else if way.starts_with(b"/") {
        without_dots(way)
    } else {
        let folder = memchr::memrchr(b'/', path).map_or(0, |at| at + 1);
        without_dots(&[&path[..folder], way].concat())
    };
    let slash: &[u8] = if target.starts_with(b"/") { b"" } else { b"/" };
    Some([b"http://", host, slash, &target, rest].concat())
}

/// None when there is a colon where a scheme would end, and nothing before it.
fn has_scheme(reference: &[u8]) -> Option<bool> {
    for (at, byte) in reference.iter().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' => return (at > 0).then_some(true),
            _ => return Some(false),
        }
    }
    Some(false)
}

/// RFC 3986 5.2.4; the path begins with a slash.
fn without_dots(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    let segments: Vec<&[u8]> = path.split(|byte| *byte == b'/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        let is_last = at + 1 == segments.len();
        match *segment {
            b"." if !is_last => {}
            b".." if !is_last => {
                kept.pop();
            }
            b"." => kept.push(b""),
            b".." => {
                kept.pop();
                kept.push(b"");
            }
            other => kept.push(other),
        }
    }
    [b"/", kept.join(&b'/').as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_against_the_auth_server() {
        let table: [(&str, Option<&str>); 20] = [
            ("https://x/y", Some("https://x/y")),
            ("mailto:a", Some("mailto:a")),
            ("//x/y?z", Some("http://x/y?z")),
            ("/login", Some("http://auth:81/login")),
            ("/login?a=/../b#c", Some("http://auth:81/login?a=/../b#c")),
            ("login", Some("http://auth:81/a/login")),
            ("./login/", Some("http://auth:81/a/login/")),
            ("../login", Some("http://auth:81/login")),
            ("../../login", Some("http://auth:81/login")),
            ("/a/./b/../c", Some("http://auth:81/a/c")),
            ("/a/..", Some("http://auth:81/")),
            ("/a//b", Some("http://auth:81/a//b")),
            (".", Some("http://auth:81/a/")),
            ("..", Some("http://auth:81/")),
            ("?x=y", Some("http://auth:81/a/b?x=y")),
            ("#x", Some("http://auth:81/a/b#x")),
            ("a/b:c", Some("http://auth:81/a/a/b:c")),
            ("1a:b", Some("http://auth:81/a/1a:b")),
            (":x", None),
            ("/a\r\nSet-Cookie: x", None),
        ];
        for (reference, expected) in table {
            let found = resolve(b"auth:81", b"/a/b", reference.as_bytes());
            assert_eq!(found.as_deref(), expected.map(str::as_bytes), "{reference}");
        }
    }
}
