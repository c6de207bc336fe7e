use std::fmt;
use std::str::FromStr;

/// How grave a line is, gravest last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
    Panic,
}

/// A word that names no level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct UnknownLevel;

impl Level {
    const ALL: [Self; 7] = [
        Self::Trace,
        Self::Debug,
        Self::Info,
        Self::Warn,
        Self::Error,
        Self::Fatal,
        Self::Panic,
    ];

    /// As in the JSON format and in configurations.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
            Self::Panic => "panic",
        }
    }

    /// As in the common format.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Trace => "TRC",
            Self::Debug => "DBG",
            Self::Info => "INF",
            Self::Warn => "WRN",
            Self::Error => "ERR",
            Self::Fatal => "FTL",
            Self::Panic => "PNC",
        }
    }

    /// The colour of [`Level::short`] on a terminal.
    pub(super) const fn colour(self) -> &'static str {
        match self {
            Self::Trace => "\x1b[34m",
            Self::Debug => "",
            Self::Info => "\x1b[32m",
            Self::Warn => "\x1b[33m",
            Self::Error | Self::Fatal | Self::Panic => "\x1b[1;31m",
        }
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    /// In any case; `warning` is an older spelling of `warn`.
    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        let named = Self::ALL
            .into_iter()
            .find(|level| text.eq_ignore_ascii_case(level.name()));
        let warning = text.eq_ignore_ascii_case("warning").then_some(Self::Warn);
        named.or(warning).ok_or(UnknownLevel)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}
