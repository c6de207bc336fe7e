//! The static configuration's `accessLog`, in our own words.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The static configuration's `accessLog`. Writing is always asynchronous, so Traefik's
/// `bufferingSize` has nothing to switch on here.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Standard output when there is none.
    pub file_path: Option<PathBuf>,
    pub format: Format,
    /// Whether requests to internal services are told too; the caller asks
    /// [`super::AccessPlan::adds_internals`].
    pub add_internals: bool,
    pub filters: Filters,
    pub fields: Fields,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    /// Traefik's longer form of the Common Log Format.
    #[default]
    Common,
    /// The Combined Log Format as other servers write it.
    GenericClf,
    Json,
}

/// A request is told when any of them holds, or when none is set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Filters {
    pub status_codes: Vec<StatusRange>,
    pub retry_attempts: bool,
    /// Zero is "not set".
    pub min_duration: Duration,
}

/// `404` or `500-599`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatusRange {
    pub first: u16,
    pub last: u16,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fields {
    /// `Redact` is taken as `Keep` here: only header values are redacted.
    pub default_mode: Mode,
    /// Names in any case.
    pub names: Vec<(String, Mode)>,
    pub headers: HeaderFields,
    /// `Drop` cuts the query off `RequestPath`.
    pub query_parameters: Mode,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HeaderFields {
    pub default_mode: Mode,
    /// Names in any case.
    pub names: Vec<(String, Mode)>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Keep,
    Drop,
    /// The name is told, the value is not.
    Redact,
}

/// A text that is none of the words it could be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownWord;

impl Default for Fields {
    fn default() -> Self {
        Self {
            default_mode: Mode::Keep,
            names: Vec::new(),
            headers: HeaderFields::default(),
            query_parameters: Mode::Keep,
        }
    }
}

impl Default for HeaderFields {
    fn default() -> Self {
        Self {
            default_mode: Mode::Drop,
            names: Vec::new(),
        }
    }
}

impl FromStr for Format {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "common" => Ok(Self::Common),
            "genericCLF" => Ok(Self::GenericClf),
            "json" => Ok(Self::Json),
            _ => Err(UnknownWord),
        }
    }
}

impl FromStr for Mode {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        match text {
            "keep" => Ok(Self::Keep),
            "drop" => Ok(Self::Drop),
            "redact" => Ok(Self::Redact),
            _ => Err(UnknownWord),
        }
    }
}

impl FromStr for StatusRange {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let code = |text: &str| text.trim().parse().map_err(|_| UnknownWord);
        let range = Self {
            first: code(first)?,
            last: code(last)?,
        };
        if range.first <= range.last {
            Ok(range)
        } else {
            Err(UnknownWord)
        }
    }
}
