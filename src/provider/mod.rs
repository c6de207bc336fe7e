//! Where dynamic configuration comes from.
//!
//! Each source reads, translates to `config::dynamic`, and sends whole messages.
//! Never here: what other providers say; a shard.

pub mod file;
pub mod kubernetes;
mod template;

use std::sync::Arc;

use crate::config::dynamic::Configuration;
use crate::config::{Places, Report};

/// All that a provider says now. It replaces what the provider said before.
#[derive(Clone, Debug)]
pub struct Message {
    /// Such as `file`.
    pub provider: String,
    /// When the source could not be read, the last that could be (the same `Arc`), or an empty
    /// one. Objects that are equal to those of the message before are the same `Arc`.
    pub configuration: Arc<Configuration>,
    /// Where its objects stand in the user's files.
    pub places: Arc<Places>,
    pub report: Report,
    /// Texts for the log at level debug: what options such as `debugLogGeneratedTemplate` ask for.
    pub debug: Vec<String>,
}
