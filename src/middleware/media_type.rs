use std::borrow::Cow;

use memchr::memchr;

type Value<'text> = Cow<'text, [u8]>;
type Parameter<'text> = (&'text [u8], Value<'text>);

/// A media type as Go's `mime.ParseMediaType` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaType<'text> {
    /// `type/subtype`, as it was written.
    essence: &'text [u8],
    /// Names as they were written, values without quotes.
    parameters: Vec<Parameter<'text>>,
}

impl<'text> MediaType<'text> {
    /// None for what Go would not take.
    #[must_use]
    pub fn read(text: &'text [u8]) -> Option<Self> {
        let end = memchr(b';', text).unwrap_or(text.len());
        let (essence, mut rest) = text.split_at(end);
        let essence = essence.trim_ascii();
        let is_sound = match memchr(b'/', essence) {
            Some(slash) => is_token(&essence[..slash]) && is_token(&essence[slash + 1..]),
            None => is_token(essence),
        };
        if !is_sound {
            return None;
        }
        let mut parameters: Vec<Parameter<'_>> = Vec::new();
        while let [b';', behind @ ..] = rest {
            let behind = behind.trim_ascii_start();
            if behind.is_empty() {
                break;
            }
            let ((name, value), after) = parameter(behind)?;
            let twice = |(known, _): &Parameter<'_>| known.eq_ignore_ascii_case(name);
            if parameters.iter().any(twice) {
                return None;
            }
            parameters.push((name, value));
            rest = after.trim_ascii_start();
        }
        (rest.is_empty() || rest.starts_with(b";")).then_some(Self {
            essence,
            parameters,
        })
    }

    /// True when `other` is this type: one without parameters stands for all with any.
    #[must_use]
    pub fn covers(&self, other: &MediaType<'_>) -> bool {
        let same = |(name, value): &Parameter<'_>| {
            let mut others = other.parameters.iter();
            others.any(|(known, told)| known.eq_ignore_ascii_case(name) && told == value)
        };
        self.essence.eq_ignore_ascii_case(other.essence)
            && (self.parameters.is_empty()
                || (self.parameters.len() == other.parameters.len()
                    && self.parameters.iter().all(same)))
    }
}

/// Name and value of the first parameter, and what follows it.
fn parameter(text: &[u8]) -> Option<(Parameter<'_>, &[u8])> {
    let equals = memchr(b'=', text)?;
    let name = text[..equals].trim_ascii_end();
    let value = text[equals + 1..].trim_ascii_start();
    if !is_token(name) {
        return None;
    }
    if let [b'"', quoted @ ..] = value {
        let (value, after) = unquoted(quoted)?;
        return Some(((name, value), after));
    }
    let is_end = |byte: &u8| !is_token(std::slice::from_ref(byte));
    let end = value.iter().position(is_end).unwrap_or(value.len());
    (end > 0).then(|| ((name, Cow::Borrowed(&value[..end])), &value[end..]))
}

/// The text up to the closing quote, and what follows it.
fn unquoted(text: &[u8]) -> Option<(Value<'_>, &[u8])> {
    let mut value = Vec::new();
    let mut bytes = text.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some((Cow::Owned(value), &text[at + 1..])),
            b'\\' => value.push(*bytes.next()?.1),
            byte => value.push(*byte),
        }
    }
    None
}

fn is_token(text: &[u8]) -> bool {
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !text.is_empty() && text.iter().all(is_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_as_go_reads_it() {
        let table: [(&str, bool); 14] = [
            ("text/html", true),
            (" Text/HTML ; charset=utf-8", true),
            ("text/html;", true),
            ("text/html; charset=\"utf-8\"; a=b", true),
            ("text/html; a=\"b\\\"c;d\"", true),
            ("text", true),
            ("", false),
            ("text/", false),
            ("te xt/html", false),
            ("text/html; charset", false),
            ("text/html; charset=", false),
            ("text/html; a=b; A=c", false),
            ("text/html; a=\"b", false),
            ("text/html; a=b c", false),
        ];
        for (text, expected) in table {
            let found = MediaType::read(text.as_bytes()).is_some();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn a_type_without_parameters_covers_all_with_some() {
        let table = [
            ("text/html", "TEXT/html; charset=utf-8", true),
            ("text/html; charset=utf-8", "text/html", false),
            (
                "text/html; charset=utf-8",
                "text/html; Charset=\"utf-8\"",
                true,
            ),
            (
                "text/html; charset=utf-8",
                "text/html; charset=latin1",
                false,
            ),
            ("text/html; a=b", "text/html; a=b; c=d", false),
            ("text/html", "text/plain", false),
        ];
        for (this, other, expected) in table {
            let (a, b) = (this.as_bytes(), other.as_bytes());
            let (a, b) = (MediaType::read(a).unwrap(), MediaType::read(b).unwrap());
            assert_eq!(a.covers(&b), expected, "{this} and {other}");
        }
    }
}
