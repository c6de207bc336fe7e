use std::error::Error;
use std::fmt;

/// Why a text is no rule.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// Where it went wrong: characters from the start, the first is 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
    /// What would be right; empty when there is nothing to propose.
    pub instead: String,
}

/// Why a value cannot stand in a matcher.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ValueFault {
    pub what: String,
    /// What would be right; empty when there is nothing to propose.
    pub instead: String,
}

impl ValueFault {
    pub(crate) fn new(what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            instead: instead.into(),
        }
    }

    /// The fault of a rule whose text holds the value at byte `at`.
    pub(crate) fn at(self, text: &str, at: usize) -> Fault {
        Fault {
            column: column(text, at),
            what: self.what,
            instead: self.instead,
        }
    }
}

/// The 1-based column, in characters, of byte `at` of `text`.
fn column(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    let continues = |byte: &u8| *byte & 0xC0 == 0x80;
    before.iter().filter(|byte| !continues(byte)).count() + 1
}

fn explained(out: &mut fmt::Formatter<'_>, what: &str, instead: &str) -> fmt::Result {
    if instead.is_empty() {
        out.write_str(what)
    } else {
        write!(out, "{what}; {instead}")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "column {}: ", self.column)?;
        explained(out, &self.what, &self.instead)
    }
}

impl fmt::Display for ValueFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        explained(out, &self.what, &self.instead)
    }
}

impl Error for Fault {}
impl Error for ValueFault {}
