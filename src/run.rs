//! `ringway run` and `ringway whoami`.

use std::io::{self, Write};

use crate::app::App;
use crate::cli::{Exit, Whoami};
use crate::config::Report;
use crate::config::statics::{self, Origin, Sources, Static};
use crate::engine::{self, Choice};
use crate::internal::whoami;
use crate::observe::log_options;
use crate::telemetry::log;

/// Serves until told to stop.
#[must_use]
pub fn run(sources: &Sources) -> Exit {
    let loaded = match statics::load(sources) {
        Ok(loaded) => loaded,
        Err(report) => return refused(&report),
    };
    if let Err(error) = log::start(&log_options(&loaded.config.log)) {
        return failed(&format!(
            "the log cannot be written: {error}\n  next: see log.filePath"
        ));
    }
    for problem in &loaded.warnings {
        log::warn(problem.to_string()).send();
    }
    match &loaded.origin {
        Origin::File(path) => {
            log::info("Configuration loaded from file")
                .with("path", path.display())
                .send();
        }
        Origin::Flags => log::info("Configuration loaded from flags").send(),
        Origin::Environment(prefix) => {
            log::info("Configuration loaded from environment")
                .with("prefix", prefix)
                .send();
        }
        Origin::Defaults => log::info("No configuration found, using defaults").send(),
    }
    let exit = serve(loaded.config);
    log::flush();
    exit
}

fn serve(config: Static) -> Exit {
    let app = match App::prepare(config) {
        Ok(app) => app,
        Err(fault) => return failed(&fault.to_string()),
    };
    log::info("Engine chosen")
        .with("engine", app.engine())
        .send();
    for (name, address) in app.addresses() {
        log::info("Listening")
            .with("entryPointName", name)
            .with("address", address)
            .send();
    }
    match app.run() {
        Ok(()) => Exit::Done,
        Err(fault) => failed(&fault.to_string()),
    }
}

/// Says what is wrong with the configuration.
pub(crate) fn refused(report: &Report) -> Exit {
    failed(&format!(
        "{report}the configuration is refused; `ringway check` says the same"
    ))
}

/// Says why the command failed.
pub(crate) fn failed(text: &str) -> Exit {
    // A closed standard error leaves nobody to tell.
    drop(writeln!(io::stderr(), "{text}"));
    Exit::Failed
}

/// Serves the echo server.
#[must_use]
pub fn whoami(options: &Whoami) -> Exit {
    let level = if options.verbose {
        log::Level::Info
    } else {
        log::Level::Error
    };
    let logging = log::start(&log::Options {
        level,
        ..log::Options::default()
    });
    let options = whoami::RunOptions {
        whoami: whoami::Options {
            name: options.name.clone().unwrap_or_default(),
            verbose: options.verbose,
        },
        address: (options.address, options.port).into(),
        engine: Choice::Auto,
        shards: engine::usable_cpus().len(),
    };
    match logging.and_then(|()| whoami::run(&options)) {
        Ok(()) => Exit::Done,
        Err(error) => failed(&format!("whoami cannot start: {error}")),
    }
}
