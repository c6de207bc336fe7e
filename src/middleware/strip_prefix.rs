//! Middlewares that cut a prefix off the path: stripPrefix, stripPrefixRegex (features 6).

use regex_automata::meta::Regex;

use crate::wire::{RequestHead, names, path};

use super::paths::is_tidy;
use super::{Flow, plain};

/// Cuts the first prefix that fits off the path.
#[derive(Debug)]
pub struct StripPrefix {
    prefixes: Box<[Box<[u8]>]>,
    /// A path that is cut whole becomes a slash at once, for the steps behind this one. Without
    /// it (as in Traefik 3) it stays empty, and becomes a slash when it is sent.
    force_slash: bool,
}

/// Cuts what the first pattern that fits finds at the path's beginning.
#[derive(Debug)]
pub struct StripPrefixRegex {
    patterns: Box<[Regex]>,
}

impl StripPrefix {
    #[must_use]
    pub fn new(prefixes: &[String], force_slash: bool) -> Self {
        let prefixes = prefixes
            .iter()
            .map(|prefix| prefix.as_bytes().into())
            .collect();
        Self {
            prefixes,
            force_slash,
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        let routing = head.routing_path();
        let mut prefixes = self.prefixes.iter();
        match prefixes.find(|prefix| routing.starts_with(prefix)) {
            Some(prefix) => strip(head, prefix, self.force_slash),
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
            let found = pattern.find(routing)?;
            (found.start() == 0 && found.end() > 0).then(|| routing[..found.end()].to_vec())
        };
        match self.patterns.iter().find_map(at_start) {
            Some(prefix) => strip(head, &prefix, false),
            None => Flow::Next,
        }
    }
}

/// Cuts `prefix`, with which the routing path begins, off the escaped path, and notes it.
fn strip(head: &mut RequestHead, prefix: &[u8], force_slash: bool) -> Flow {
    let cut = escaped_len(head.path(), prefix.len());
    let rest = head.path().get(cut..).unwrap_or_default();
    let has_slash = rest.starts_with(b"/") || (rest.is_empty() && !force_slash);
    let slash: &[u8] = if has_slash { b"" } else { b"/" };
    let path = [slash, rest].concat();
    if !is_tidy(&path) {
        return Flow::Answer(plain(400), b"".into());
    }
    head.set_path(&path);
    head.append(&names::X_FORWARDED_PREFIX, prefix.trim_ascii());
    Flow::Next
}

/// Length of the part of an escaped path that stands for the first `routing` bytes of the
/// routing path made from it.
fn escaped_len(escaped: &[u8], routing: usize) -> usize {
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
