//! Regular expressions of middlewares: in Go's syntax, bounded in what they may cost.

use regex_automata::meta::{Config, Regex};

use crate::base::limits::REGEX_NFA_BYTES_MAX;
use crate::rule;

/// Reads a pattern as Go's regexp does: unanchored, on bytes.
pub(super) fn compile(text: &str) -> Result<Regex, String> {
    let hir = rule::regex_with_groups(text).map_err(|fault| fault.to_string())?;
    let config = Config::new()
        .utf8_empty(false)
        .nfa_size_limit(Some(REGEX_NFA_BYTES_MAX));
    Regex::builder()
        .configure(config)
        .build_from_hir(&hir)
        .map_err(|error| format!("the regular expression `{text}` is too costly: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        let table = [
            // Classes of letters are ASCII in Go.
            (r"^\d+$", "\u{665}", false),
            (r"^\w+$", "\u{e9}", false),
            (r"^/(?P<name>[^/]+)$", "/a", true),
            (r"^\Qa.b\E$", "a.b", true),
            (r"^\Qa.b\E$", "axb", false),
            (r"^[[:alpha:]]+\z", "ab", true),
            (r"^[a&&b]+$", "a&b", true),
        ];
        for (pattern, text, expected) in table {
            let found = compile(pattern).unwrap().is_match(text.as_bytes());
            assert_eq!(found, expected, "{pattern} on {text}");
        }
        let broken = compile("^/(.)/x").unwrap();
        assert!(broken.is_match(b"/\xff/x"));
        assert!(compile("(").is_err() && compile("(?=a)").is_err());
    }
}
