//! `ringway check` and `ringway render`: configuration without serving it.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;

use crate::app;
use crate::cli::{Check, Exit, Output, Render};
use crate::compile::Compiler;
use crate::config::Report;
use crate::config::statics::{self, Static};
use crate::control;
use crate::provider::file;

/// Reads the static and the dynamic configuration, and says everything that is wrong.
#[must_use]
pub fn run(options: &Check) -> Exit {
    let (config, mut report) = match statics::load(&options.sources) {
        Ok(loaded) => (Some(loaded.config), loaded.warnings),
        Err(report) => (None, report),
    };
    let mut routers = 0;
    if let Some(config) = &config {
        let (found, dynamic) = dynamic(config, options);
        routers = found;
        report.append(dynamic);
    }
    let verdict = if report.has_errors() {
        "the configuration has errors; objects that they name do not run".to_owned()
    } else {
        format!("the configuration is good: {routers} routers")
    };
    // A closed standard output leaves nobody to tell.
    drop(writeln!(io::stdout(), "{report}{verdict}"));
    if report.has_errors() {
        Exit::Failed
    } else {
        Exit::Done
    }
}

/// The number of routers that would run, and what is wrong.
fn dynamic(config: &Static, options: &Check) -> (usize, Report) {
    let loaded = match (&config.providers.file, options.dynamic.as_slice()) {
        (None, []) => return (0, Report::new()),
        (Some(provider), []) => file::load(provider),
        (_, paths) => file::load_paths(paths),
    };
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(report) => return (0, report),
    };
    let inputs = BTreeMap::from([
        (
            "internal".to_owned(),
            Arc::new(control::internal_configuration(config)),
        ),
        (file::NAME.to_owned(), Arc::new(loaded.configuration)),
    ]);
    let places = BTreeMap::from([(file::NAME.to_owned(), Arc::new(loaded.places))]);
    let compiled = Compiler::new(app::setup(config, 1)).compile(&inputs);
    let mut report = loaded.report;
    let mut found = compiled.report;
    found.leave_out_disabled_by(&report);
    control::place(&mut found, &places);
    report.append(found);
    (inputs[file::NAME].http.routers.len(), report)
}

/// Prints what a provider makes of its input.
#[must_use]
pub fn render(options: &Render) -> Exit {
    let format = match options.output {
        Output::Json => file::Format::Json,
        Output::Yaml => file::Format::Yaml,
    };
    let (text, report) = file::render(&options.paths, format);
    // Closed outputs leave nobody to tell.
    drop(write!(io::stderr(), "{report}"));
    match text {
        Some(text) => {
            drop(write!(io::stdout(), "{text}"));
            Exit::Done
        }
        None => Exit::Failed,
    }
}
