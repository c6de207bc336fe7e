use std::path::PathBuf;

use super::{NAME, load_paths};
use crate::config::decode::Writing;
use crate::config::dynamic::merge;
use crate::config::{Report, yaml_text};

/// How a rendered configuration is printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Json,
    Yaml,
}

/// The configuration that files and folders make: Traefik's field names and shapes, objects as
/// `name@file`. Ends in a line break. `redact` hides secrets. The report holds
/// what is wrong; `None` when all is refused.
pub fn render(paths: &[PathBuf], format: Format, redact: bool) -> (Option<String>, Report) {
    let loaded = match load_paths(paths) {
        Ok(loaded) => loaded,
        Err(report) => return (None, report),
    };
    let (whole, _) = merge([(NAME, &loaded.configuration)].into_iter());
    let json = whole.to_json(Writing { redact });
    let text = match format {
        Format::Json => format!("{json:#}\n"),
        Format::Yaml => yaml_text(&json),
    };
    (Some(text), loaded.report)
}
