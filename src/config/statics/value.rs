//! Texts to values, by kind: the one reading that files, flags and environment share.

use std::time::Duration;

use crate::config::{GoDuration, Secret};

use super::option::{Kind, OptionSpec};

/// What an option was set to, or its default.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Value {
    /// Also a block's on or off.
    Bool(bool),
    Int(i64),
    Count(u64),
    Float(f64),
    Duration(Duration),
    Text(String),
    Secret(Secret),
    Texts(Vec<String>),
    Floats(Vec<f64>),
    /// The word in the table's spelling.
    Choice(&'static str),
}

impl Value {
    /// Reads `text` as a value of this kind; the error says what was expected.
    pub(crate) fn parse(kind: Kind, text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        match kind {
            Kind::Block | Kind::Bool => boolean(trimmed).map(Self::Bool),
            Kind::Int => trimmed
                .parse()
                .map(Self::Int)
                .map_err(|_| expected("a whole number", text)),
            Kind::Count => trimmed
                .parse()
                .map(Self::Count)
                .map_err(|_| expected("a whole number, 0 or more", text)),
            Kind::Float => float(trimmed).map(Self::Float),
            Kind::Duration => duration(trimmed).map(Self::Duration),
            Kind::Text | Kind::Free => Ok(Self::Text(text.to_owned())),
            Kind::Secret => Ok(Self::Secret(Secret::new(text))),
            Kind::Texts => Ok(Self::Texts(split(text))),
            Kind::Floats => split(text)
                .iter()
                .map(|part| float(part))
                .collect::<Result<_, _>>()
                .map(Self::Floats),
            Kind::Choice(words) => choice(words, trimmed).map(Self::Choice),
        }
    }

    /// What holds when the option is not set.
    pub(crate) fn default_of(spec: &OptionSpec) -> Self {
        let unset = match spec.kind {
            Kind::Block | Kind::Bool => Self::Bool(false),
            Kind::Int => Self::Int(0),
            Kind::Count => Self::Count(0),
            Kind::Float => Self::Float(0.0),
            Kind::Duration => Self::Duration(Duration::ZERO),
            Kind::Text | Kind::Free => Self::Text(String::new()),
            Kind::Secret => Self::Secret(Secret::default()),
            Kind::Texts => Self::Texts(Vec::new()),
            Kind::Floats => Self::Floats(Vec::new()),
            Kind::Choice(_) => Self::Choice(""),
        };
        if spec.default.is_empty() {
            unset
        } else {
            // A test holds that every default of the table reads.
            Self::parse(spec.kind, spec.default).unwrap_or(unset)
        }
    }
}

fn expected(what: &str, text: &str) -> String {
    format!("expected {what}, found `{text}`")
}

/// The spellings that Go's `strconv.ParseBool` takes.
fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        _ => Err(expected("true or false", text)),
    }
}

fn float(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|value: &f64| value.is_finite())
        .ok_or_else(|| expected("a number", text))
}

/// `a, b,c` -> three texts; empty parts vanish.
fn split(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn choice(words: &'static [&'static str], text: &str) -> Result<&'static str, String> {
    words
        .iter()
        .copied()
        .find(|word| word.eq_ignore_ascii_case(text))
        .ok_or_else(|| expected(&format!("one of {}", words.join(", ")), text))
}

/// Go's duration syntax (`1h2m3.5s`), or a bare whole number of seconds; never negative here.
fn duration(text: &str) -> Result<Duration, String> {
    let read: Option<GoDuration> = text.parse().ok();
    read.and_then(GoDuration::as_std)
        .ok_or_else(|| expected("a duration such as 1m30s, 500ms or 10", text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_number_counts_seconds_and_no_duration_is_negative() {
        let table = [
            ("10", Some(10_000)),
            ("1m30s", Some(90_000)),
            ("-1s", None),
            ("", None),
        ];
        for (text, millis) in table {
            let read = duration(text).ok().map(|value| value.as_millis());
            assert_eq!(read, millis, "{text}");
        }
    }

    #[test]
    fn a_secret_never_prints() {
        let value = Value::parse(Kind::Secret, "hunter2").unwrap();
        assert_eq!(format!("{value:?}"), "Secret([redacted])");
    }

    #[test]
    fn a_wrong_value_says_what_was_expected() {
        let table = [
            (Kind::Bool, "yes", "expected true or false, found `yes`"),
            (
                Kind::Count,
                "-1",
                "expected a whole number, 0 or more, found `-1`",
            ),
            (Kind::Int, "1.5", "expected a whole number, found `1.5`"),
            (Kind::Floats, "1,x", "expected a number, found `x`"),
            (
                Kind::Choice(&["keep", "drop"]),
                "kepe",
                "expected one of keep, drop, found `kepe`",
            ),
        ];
        for (kind, text, fault) in table {
            assert_eq!(Value::parse(kind, text), Err(fault.to_owned()));
        }
    }
}
