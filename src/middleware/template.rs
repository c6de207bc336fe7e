use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;

use crate::base::limits::REPLACED_BYTES_MAX;

/// A replacement text with `$1`, `${1}` and `${name}` in it, as Go's `Regexp.Expand` reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    parts: Box<[Part]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Box<[u8]>),
    Number(usize),
    Name(Box<str>),
}

impl Template {
    /// `$name` takes as many letters, digits and underscores as follow; `$$` is a dollar sign.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            push_text(&mut parts, &rest[..dollar]);
            rest = &rest[dollar + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                push_text(&mut parts, "$");
                rest = after;
            } else if let Some((name, after)) = reference(rest) {
                parts.push(
                    name.parse()
                        .map_or_else(|_| Part::Name(name.into()), Part::Number),
                );
                rest = after;
            } else {
                push_text(&mut parts, "$");
            }
        }
        push_text(&mut parts, rest);
        Self {
            parts: parts.into(),
        }
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// `text` with all that `pattern` finds replaced; none when it finds nothing, or when the
    /// result would be larger than any head may be.
    #[must_use]
    pub fn replace_all(&self, pattern: &Regex, text: &[u8]) -> Option<Vec<u8>> {
        let mut output = Vec::with_capacity(text.len());
        let mut end = 0;
        let mut any = false;
        for found in pattern.captures_iter(text) {
            let Some(span) = found.get_match() else {
                continue;
            };
            any = true;
            output.extend_from_slice(&text[end..span.start()]);
            self.expand(&found, text, &mut output);
            end = span.end();
            if output.len() > REPLACED_BYTES_MAX {
                return None;
            }
        }
        output.extend_from_slice(&text[end..]);
        any.then_some(output)
    }

    fn expand(&self, found: &Captures, text: &[u8], output: &mut Vec<u8>) {
        for part in &self.parts {
            let span = match part {
                Part::Text(text) => {
                    output.extend_from_slice(text);
                    None
                }
                Part::Number(number) => found.get_group(*number),
                Part::Name(name) => found.get_group_by_name(name),
            };
            if let Some(span) = span {
                output.extend_from_slice(&text[span.range()]);
            }
        }
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(before)) => *before = [before, text.as_bytes()].concat().into(),
        Some(Part::Number(_) | Part::Name(_)) | None => {
            parts.push(Part::Text(text.as_bytes().into()));
        }
    }
}

/// The name behind a dollar sign, and what follows it.
fn reference(rest: &str) -> Option<(&str, &str)> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    if let Some(inner) = rest.strip_prefix('{') {
        let (name, after) = inner.split_once('}')?;
        return (!name.is_empty() && name.chars().all(is_word)).then_some((name, after));
    }
    let end = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
    (end > 0).then(|| rest.split_at(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_filled_as_go_fills_them() {
        let table = [
            ("^/api/(.*)$", "/$1", "/api/users", Some("/users")),
            (
                "^/(?P<a>[^/]+)/(?P<b>.*)",
                "/${b}/${a}x",
                "/one/two",
                Some("/two/onex"),
            ),
            ("^/(.)", "/$1x", "/ab", Some("/b")),
            ("^/(.)", "/${1}x", "/ab", Some("/axb")),
            ("b", "$$", "/abb", Some("/a$$")),
            ("x", "y", "/ab", None),
            ("^/a", "/$", "/ab", Some("/$b")),
        ];
        for (pattern, template, text, expected) in table {
            let pattern = Regex::new(pattern).unwrap();
            let replaced = Template::read(template).replace_all(&pattern, text.as_bytes());
            assert_eq!(
                replaced.as_deref(),
                expected.map(str::as_bytes),
                "{template} on {text}"
            );
        }
    }
}
