//! Middlewares that change the path: addPrefix, replacePath, replacePathRegex,
//! stripPrefixRegex (features 6).

use regex_automata::meta::Regex;

use crate::wire::{RequestHead, names, path};

use super::{Flow, plain, template::Template};

/// Puts a prefix before the path.
#[derive(Debug)]
pub struct AddPrefix {
    /// Begins with a slash.
    prefix: Box<[u8]>,
}

/// Replaces the whole path.
#[derive(Debug)]
pub struct ReplacePath {
    path: Box<[u8]>,
}

/// Replaces what a pattern finds in the escaped path.
#[derive(Debug)]
pub struct ReplacePathRegex {
    pattern: Regex,
    replacement: Template,
}

/// Cuts what the first pattern that fits finds at the path's beginning.
#[derive(Debug)]
pub struct StripPrefixRegex {
    patterns: Box<[Regex]>,
}

impl AddPrefix {
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let slash = if prefix.starts_with('/') { "" } else { "/" };
        Self {
            prefix: format!("{slash}{prefix}").into_bytes().into(),
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        let path = [&self.prefix, head.path()].concat();
        change(head, &path)
    }
}

impl ReplacePath {
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self {
            path: path.as_bytes().into(),
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        replace(head, &self.path)
    }
}

impl ReplacePathRegex {
    #[must_use]
    pub const fn new(pattern: Regex, replacement: Template) -> Self {
        Self {
            pattern,
            replacement,
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        match self.replacement.replace_all(&self.pattern, head.path()) {
            Some(path) => replace(head, &path),
            None => Flow::Next,
        }
    }
}

impl StripPrefixRegex {
    #[must_use]
    pub fn new(patterns: Vec<Regex>) -> Self {
        Self {
            patterns: patterns.into(),
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        let routing = head.routing_path();
        let at_start = |pattern: &Regex| {
            pattern
                .find(routing)
                .filter(|found| found.start() == 0)
                .map(|found| found.end())
        };
        let Some(end) = self
            .patterns
            .iter()
            .find_map(at_start)
            .filter(|end| *end > 0)
        else {
            return Flow::Next;
        };
        let prefix = routing[..end].to_vec();
        let escaped = escaped_len(head.path(), end);
        let rest = head.path().get(escaped..).unwrap_or_default();
        let slash: &[u8] = if rest.starts_with(b"/") { b"" } else { b"/" };
        let path = [slash, rest].concat();
        let flow = change(head, &path);
        if let Flow::Next = flow {
            head.append(&names::X_FORWARDED_PREFIX, &prefix);
        }
        flow
    }
}

/// Changes the path and notes the old one (`X-Replaced-Path`).
fn replace(head: &mut RequestHead, path: &[u8]) -> Flow {
    let old = head.path().to_vec();
    let flow = change(head, path);
    if let Flow::Next = flow {
        head.set(&names::X_REPLACED_PATH, &old);
    }
    flow
}

/// Sets a path that is in normal form; 400 for any other (CVE-2026-48020, CVE-2026-65600).
fn change(head: &mut RequestHead, path: &[u8]) -> Flow {
    if path::is_clean(path) {
        head.set_path(path);
        return Flow::Next;
    }
    Flow::Answer(plain(400), b"")
}

/// Length of the part of an escaped path that stands for the first `routing` bytes of the
/// routing path made from it.
pub(super) fn escaped_len(escaped: &[u8], routing: usize) -> usize {
    let (mut seen, mut end) = (0, 0);
    let mut unit = Vec::new();
    while seen < routing && end < escaped.len() {
        let width = if escaped[end] == b'%' {
            3.min(escaped.len() - end)
        } else {
            1
        };
        unit.clear();
        path::decode_for_routing(&escaped[end..end + width], &mut unit);
        seen += unit.len();
        end += width;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_counts_as_what_routing_sees_of_it() {
        let table: [(&str, usize, usize); 4] = [
            ("/foo/bar", 4, 4),
            ("/f%20o/bar", 4, 6),
            ("/f%2Fo/bar", 6, 6),
            ("/", 5, 1),
        ];
        for (escaped, routing, expected) in table {
            assert_eq!(escaped_len(escaped.as_bytes(), routing), expected);
        }
    }
}
