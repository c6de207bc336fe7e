use std::sync::Arc;

use crate::config::{Place, Problem};

use super::path::OptionPath;

/// Where a setting was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Mark {
    File {
        file: Arc<str>,
        place: Place,
    },
    /// As written, without the value.
    Flag(String),
    /// Name of the variable.
    Variable(String),
    /// Nowhere: a default, or a thing that is missing.
    Nowhere,
}

impl Mark {
    pub(crate) fn error(&self, option: &OptionPath, message: impl Into<String>) -> Problem {
        self.on(option, Problem::error(message))
    }

    pub(crate) fn warning(&self, option: &OptionPath, message: impl Into<String>) -> Problem {
        self.on(option, Problem::warning(message))
    }

    /// A flag or variable stands where a file's name would.
    pub(crate) fn on(&self, option: &OptionPath, problem: Problem) -> Problem {
        let option = option.to_string();
        match self {
            Self::File { file, place } => problem.field(option).at(file, *place),
            Self::Flag(name) if name.trim_start_matches('-').eq_ignore_ascii_case(&option) => {
                problem.at(name, Place::default())
            }
            Self::Flag(name) | Self::Variable(name) => {
                problem.field(option).at(name, Place::default())
            }
            Self::Nowhere => problem.field(option),
        }
    }
}
