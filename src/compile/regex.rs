//! Regular expressions of middlewares, bounded in what they may cost.

use regex_automata::meta::{Config, Regex};
use regex_automata::util::syntax;

use crate::base::limits::{REGEX_BYTES_MAX, REGEX_DEPTH_MAX, REGEX_NFA_BYTES_MAX};

/// Reads a pattern as Go's regexp does: unanchored, on bytes.
pub(super) fn compile(text: &str) -> Result<Regex, String> {
    if text.len() > REGEX_BYTES_MAX {
        return Err(format!(
            "the pattern is longer than {REGEX_BYTES_MAX} bytes"
        ));
    }
    Regex::builder()
        .configure(
            Config::new()
                .utf8_empty(false)
                .nfa_size_limit(Some(REGEX_NFA_BYTES_MAX)),
        )
        .syntax(
            syntax::Config::new()
                .utf8(false)
                .nest_limit(REGEX_DEPTH_MAX),
        )
        .build(text)
        .map_err(|error| format!("`{text}` is no regular expression: {error}"))
}
