use std::borrow::Cow;

/// What an unquoted text is taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    Text,
    Bool,
    Integer,
    Float,
}

impl Sort {
    /// In words, for an error.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "true or false",
            Self::Integer | Self::Float => "a number",
        }
    }
}

/// What an unquoted YAML scalar means; `None` is null. The rules are those of the YAML reader
/// that Traefik uses: 1.2 core, plus octal `0755`, binary `0b1` and `_` inside numbers.
pub(super) fn resolve(text: &str) -> Option<(Sort, Cow<'_, str>)> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return None,
        "true" | "True" | "TRUE" => return Some((Sort::Bool, Cow::Borrowed("true"))),
        "false" | "False" | "FALSE" => return Some((Sort::Bool, Cow::Borrowed("false"))),
        _ => {}
    }
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    if !numeric {
        return Some((Sort::Text, Cow::Borrowed(text)));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0') && text.len() < 19 {
        return Some((Sort::Integer, Cow::Borrowed(text)));
    }
    if let Some(number) = integer(text) {
        return Some((Sort::Integer, Cow::Owned(number)));
    }
    let sort = if is_float(text) {
        Sort::Float
    } else {
        Sort::Text
    };
    Some((sort, Cow::Borrowed(text)))
}

/// The decimal form of a whole number in any of YAML's spellings.
fn integer(text: &str) -> Option<String> {
    let (sign, rest) = match text.as_bytes() {
        [b'-', ..] => ("-", text.get(1..)?),
        [b'+', ..] => ("", text.get(1..)?),
        _ => ("", text),
    };
    let (radix, digits) = match rest.get(..2) {
        Some("0x" | "0X") => (16, rest.get(2..)?),
        Some("0o" | "0O") => (8, rest.get(2..)?),
        Some("0b" | "0B") => (2, rest.get(2..)?),
        Some(two) if two.starts_with('0') => (8, rest.get(1..)?),
        _ => (10, rest),
    };
    let digits = digits.replace('_', "");
    if !digits.starts_with(|c: char| c.is_ascii_hexdigit()) {
        return None;
    }
    let value = u64::from_str_radix(&digits, radix).ok()?;
    if sign == "-" && value > 1 << 63 {
        return None;
    }
    let sign = if value == 0 { "" } else { sign };
    Some(format!("{sign}{value}"))
}

/// Digits with a point or an exponent; `.inf` and `.nan` stay text.
fn is_float(text: &str) -> bool {
    let digits = text.trim_start_matches(['-', '+']);
    digits
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-' | b'_'))
        && digits.replace('_', "").parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_mean_what_traefiks_reader_says() {
        let table = [
            ("80", Some((Sort::Integer, "80"))),
            ("0x50", Some((Sort::Integer, "80"))),
            ("0o17", Some((Sort::Integer, "15"))),
            ("0755", Some((Sort::Integer, "493"))),
            ("0", Some((Sort::Integer, "0"))),
            ("-0", Some((Sort::Integer, "0"))),
            ("1_000", Some((Sort::Integer, "1000"))),
            ("-5", Some((Sort::Integer, "-5"))),
            ("+5", Some((Sort::Integer, "5"))),
            ("0b101", Some((Sort::Integer, "5"))),
            (
                "-9223372036854775808",
                Some((Sort::Integer, "-9223372036854775808")),
            ),
            (
                "99999999999999999999",
                Some((Sort::Float, "99999999999999999999")),
            ),
            ("1.10", Some((Sort::Float, "1.10"))),
            ("1e3", Some((Sort::Float, "1e3"))),
            ("10s", Some((Sort::Text, "10s"))),
            ("1.2.3.4", Some((Sort::Text, "1.2.3.4"))),
            ("-", Some((Sort::Text, "-"))),
            ("0x", Some((Sort::Text, "0x"))),
            ("08", Some((Sort::Float, "08"))),
            ("yes", Some((Sort::Text, "yes"))),
            ("True", Some((Sort::Bool, "true"))),
            ("~", None),
            ("", None),
        ];
        for (text, expected) in table {
            let found = resolve(text);
            let found = found.as_ref().map(|(sort, text)| (*sort, text.as_ref()));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
