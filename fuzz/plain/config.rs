//! Configuration: whatever a file holds, it is read or refused by name, and never a panic.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use ringway::compile::{Compiler, Setup, Timeouts, defaults};
use ringway::config::statics;
use ringway::provider::file;
use ringway::rule::Syntax;

/// Dynamic configuration, as YAML and as TOML; what can be read is compiled.
pub(crate) fn dynamic(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for name in ["input.yml", "input.toml"] {
        match file::load_text(Path::new(name), text) {
            Ok(loaded) => {
                let inputs =
                    BTreeMap::from([(file::NAME.to_owned(), Arc::new(loaded.configuration))]);
                let compiled = Compiler::new(setup()).compile(&inputs);
                drop(compiled.report.to_string());
            }
            Err(report) => assert!(report.has_errors(), "refused without a reason"),
        }
    }
}

/// Static configuration, as YAML and as TOML.
pub(crate) fn statics(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for name in ["input.yml", "input.toml"] {
        match statics::load_text(Path::new(name), text) {
            Ok(loaded) => drop(loaded.warnings.to_string()),
            Err(report) => assert!(report.has_errors(), "refused without a reason"),
        }
    }
}

/// A template alone.
pub(crate) fn template(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(reason) = file::fill_in(text) {
        assert!(reason.starts_with("line "), "{reason}");
    }
}

fn setup() -> Setup {
    let text = "entryPoints: {web: {address: ':80'}}\n";
    let statics = statics::load_text(Path::new("own.yml"), text);
    Setup {
        entry_points: statics.map_or_else(|_| Vec::new(), |loaded| defaults(&loaded.config)),
        shards: 1,
        timeouts: Timeouts::default(),
        syntax: Syntax::V3,
        precedence: vec![file::NAME.to_owned()],
        terminating_status: 503,
    }
}
