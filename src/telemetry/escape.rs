//! Text of strangers made harmless: whatever the bytes are, one value stays one value and one
//! line stays one line.

/// What an unquoted or quoted place needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Place {
    /// Between double quotes: spaces are fine.
    Quoted,
    /// Between spaces: a space is escaped too.
    Bare,
    /// Between spaces where brackets mean something.
    Field,
    /// The text of a message: quotes and backslashes stay as they are.
    Message,
}

/// Appends `text` with the escapes of Go's `strconv.Quote`, without the quotes around it.
/// Bytes that are no UTF-8 become `\xNN`; characters that print as nothing become `\uNNNN`.
pub(crate) fn quoted(out: &mut Vec<u8>, text: &[u8], place: Place) {
    if text.iter().all(|byte| is_plain(*byte, place)) {
        out.extend_from_slice(text);
        return;
    }
    for chunk in text.utf8_chunks() {
        for letter in chunk.valid().chars() {
            letter_quoted(out, letter, place);
        }
        for byte in chunk.invalid() {
            hex_byte(out, *byte);
        }
    }
}

/// Appends `text` as a JSON string with its quotes. What is no UTF-8 becomes U+FFFD.
pub(crate) fn json_string(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    json_content(out, text);
    out.push(b'"');
}

/// As [`json_string`], without the quotes.
pub(crate) fn json_content(out: &mut Vec<u8>, text: &[u8]) {
    if text.iter().all(|byte| is_plain(*byte, Place::Quoted)) {
        out.extend_from_slice(text);
        return;
    }
    for chunk in text.utf8_chunks() {
        for letter in chunk.valid().chars() {
            letter_json(out, letter);
        }
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}

/// True when `text` can stand bare in a `key=value` line.
pub(crate) fn is_bare(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| is_plain(*byte, Place::Bare))
}

const fn is_plain(byte: u8, place: Place) -> bool {
    match byte {
        b'"' | b'\\' => matches!(place, Place::Message),
        b' ' => matches!(place, Place::Quoted | Place::Message),
        b'[' | b']' => !matches!(place, Place::Field),
        _ => byte > b' ' && byte < 0x7f,
    }
}

fn letter_quoted(out: &mut Vec<u8>, letter: char, place: Place) {
    match letter {
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        _ if letter.is_ascii() && is_plain(ascii(letter), place) => out.push(ascii(letter)),
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\0'..=' ' | '[' | ']' | '\x7f' => hex_byte(out, ascii(letter)),
        _ if prints(letter) => utf8(out, letter),
        _ => go_unicode(out, letter),
    }
}

fn letter_json(out: &mut Vec<u8>, letter: char) {
    match letter {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        ' '..='~' => out.push(ascii(letter)),
        _ if prints(letter) => utf8(out, letter),
        _ => {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                out.extend_from_slice(b"\\u");
                hex(out, u32::from(*unit), 4);
            }
        }
    }
}

/// False for control, format, separator and unassigned characters: those that could hide or
/// reorder what stands beside them in a terminal.
fn prints(letter: char) -> bool {
    letter.escape_debug().len() == 1
}

fn ascii(letter: char) -> u8 {
    u8::try_from(letter).unwrap_or(b'?')
}

fn utf8(out: &mut Vec<u8>, letter: char) {
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
}

fn go_unicode(out: &mut Vec<u8>, letter: char) {
    let code = u32::from(letter);
    if code <= 0xffff {
        out.extend_from_slice(b"\\u");
        hex(out, code, 4);
    } else {
        out.extend_from_slice(b"\\U");
        hex(out, code, 8);
    }
}

fn hex_byte(out: &mut Vec<u8>, byte: u8) {
    out.extend_from_slice(b"\\x");
    hex(out, u32::from(byte), 2);
}

fn hex(out: &mut Vec<u8>, value: u32, digits: u32) {
    for place in (0..digits).rev() {
        let digit = (value >> (place * 4)) & 0xf;
        out.push(b"0123456789abcdef"[digit as usize]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_value_cannot_end_its_quotes_or_its_line() {
        let table: [(&[u8], &str); 9] = [
            (b"/plain?a=b", "/plain?a=b"),
            (b"a\" 200 \"b", "a\\\" 200 \\\"b"),
            (b"a\\", "a\\\\"),
            (b"a\nb\rc\td", "a\\nb\\rc\\td"),
            (b"\0\x1b[31m\x7f", "\\x00\\x1b[31m\\x7f"),
            (b"\xff\xfe", "\\xff\\xfe"),
            ("gr\u{fc}n".as_bytes(), "gr\u{fc}n"),
            ("\u{202e}\u{85}\u{2028}".as_bytes(), "\\u202e\\u0085\\u2028"),
            ("\u{e0001}".as_bytes(), "\\U000e0001"),
        ];
        for (text, wanted) in table {
            let mut out = Vec::new();
            quoted(&mut out, text, Place::Quoted);
            assert_eq!(String::from_utf8(out).unwrap(), wanted);
        }
    }

    #[test]
    fn a_bare_value_holds_no_space() {
        let mut out = Vec::new();
        quoted(&mut out, b"bob [x]", Place::Bare);
        quoted(&mut out, b" [x]", Place::Field);
        assert_eq!(out, b"bob\\x20[x]\\x20\\x5bx\\x5d");
    }

    #[test]
    fn a_json_string_reads_back_as_what_went_in() {
        let texts = [
            "plain",
            "a\"b\\c\nd\0e",
            "\u{202e}\u{fc}\u{1f600}\u{e0001}\u{7f}",
        ];
        for text in texts {
            let mut out = Vec::new();
            json_string(&mut out, text.as_bytes());
            let back: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(back, text);
            assert!(out.iter().all(|byte| *byte >= b' '));
        }
        let mut out = Vec::new();
        json_string(&mut out, b"a\xffb");
        assert_eq!(out, "\"a\u{fffd}b\"".as_bytes());
    }
}
