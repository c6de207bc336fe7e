//! Regular expressions as Go reads them, run on bytes in linear time.

mod anchors;
mod class;
mod engine;
mod go;
mod widen;

use std::fmt;
use std::sync::Arc;

use regex_syntax::hir::Hir;

use super::fault::ValueFault;
use crate::base::limits::{REGEX_BYTES_MAX, REGEX_DEPTH_MAX};
use engine::Engine;
use widen::Groups;

pub use anchors::Anchors;
pub(super) use engine::Caches;

/// A regular expression in Go's syntax (RE2). It is searched for anywhere in the text, unless it
/// says `^` or `$`. A clone costs nothing.
#[derive(Clone)]
pub struct Pattern(Arc<Compiled>);

struct Compiled {
    text: Box<str>,
    anchors: Anchors,
    engine: Engine,
}

impl Pattern {
    /// Compiles Go's syntax.
    ///
    /// # Errors
    /// What Go does not accept either, what needs look-around or back-references, and what would
    /// need too much memory.
    pub fn new(text: &str) -> Result<Self, ValueFault> {
        let hir = widen::widen(&parse(text)?, Groups::Drop);
        let engine = Engine::new(&hir).map_err(|reason| {
            ValueFault::new(bad(text, &reason), "use fewer or shorter repetitions")
        })?;
        Ok(Self(Arc::new(Compiled {
            text: text.into(),
            anchors: Anchors::of(&hir),
            engine,
        })))
    }

    /// True when the expression is found in `text`.
    pub(super) fn finds(&self, text: &[u8], caches: &mut Caches) -> bool {
        self.0.engine.finds(text, caches)
    }

    /// What every text in which it is found must start with, end with, or be.
    #[must_use]
    pub fn anchors(&self) -> &Anchors {
        &self.0.anchors
    }
}

/// Reads Go's syntax for whoever needs to know what the groups took.
///
/// # Errors
/// As [`Pattern::new`], but for the memory that running it needs.
pub fn with_groups(text: &str) -> Result<Hir, ValueFault> {
    Ok(widen::widen(&parse(text)?, Groups::Keep))
}

fn parse(text: &str) -> Result<Hir, ValueFault> {
    if text.len() > REGEX_BYTES_MAX {
        let what = format!("the regular expression is longer than {REGEX_BYTES_MAX} bytes");
        return Err(ValueFault::new(what, "use a shorter one"));
    }
    let ours = go::translate(text)?;
    let parsed = regex_syntax::ParserBuilder::new()
        .utf8(false)
        .nest_limit(REGEX_DEPTH_MAX)
        .build()
        .parse(&ours);
    parsed.map_err(|error| ValueFault::new(bad(text, &reason(&error)), ""))
}

fn bad(text: &str, reason: &str) -> String {
    let shown: String = text.chars().take(80).collect();
    format!("the regular expression `{shown}` does not compile: {reason}")
}

fn reason(error: &regex_syntax::Error) -> String {
    match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    }
}

/// `text` as an expression that means itself.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\.+*?()|[]{}^$".contains(letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    quoted
}

impl fmt::Display for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Pattern({})", self.0.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text
    }
}

impl Eq for Pattern {}

#[cfg(test)]
mod tests;
