//! `ringway demo`: the bundled example, with two echo servers behind it.

use std::fs;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::thread;

use crate::app::App;
use crate::cli::{Demo, Exit};
use crate::config::statics;
use crate::engine::{self, BoundListener, Choice, ShardOptions};
use crate::internal::whoami;
use crate::observe::log_options;
use crate::run::{failed, refused};
use crate::telemetry::log;

const STATIC: &str = include_str!("../deploy/demo/ringway.yml");
const DYNAMIC: &str = include_str!("../deploy/demo/dynamic.yml");

/// Serves the example until Ctrl-C.
#[must_use]
pub fn run(options: &Demo) -> Exit {
    match prepare(options) {
        Ok(exit) => exit,
        Err(error) => failed(&format!("the demo cannot start: {error}")),
    }
}

fn prepare(options: &Demo) -> io::Result<Exit> {
    let (first, first_address) = echo_listener()?;
    let (second, second_address) = echo_listener()?;
    let folder = std::env::temp_dir().join(format!("ringway-demo-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let file = folder.join("dynamic.yml");
    let dynamic = DYNAMIC
        .replace("127.0.0.1:8081", &first_address.to_string())
        .replace("127.0.0.1:8082", &second_address.to_string());
    fs::write(&file, dynamic)?;
    let loaded = match statics::load_text(Path::new("ringway.yml"), STATIC) {
        Ok(loaded) => loaded,
        Err(report) => return Ok(refused(&report)),
    };
    let mut config = loaded.config;
    config.engine = options.engine;
    for entry_point in config.entry_points.values_mut() {
        entry_point.address.port = options.port;
    }
    if let Some(provider) = &mut config.providers.file {
        provider.source = statics::FileSource::File(file.clone());
    }
    log::start(&log_options(&config.log))?;
    echo("blue", first)?;
    echo("green", second)?;
    let exit = match App::prepare(config) {
        Ok(app) => serve(app, &file)?,
        Err(fault) => failed(&fault.to_string()),
    };
    // What stays behind is two small files in the folder for temporary ones.
    drop(fs::remove_dir_all(&folder));
    log::flush();
    Ok(exit)
}

fn serve(app: App, file: &Path) -> io::Result<Exit> {
    let port = app
        .addresses()
        .first()
        .map_or(0, |(_, address)| address.port());
    let engine = app.engine();
    let mut out = io::stdout().lock();
    write!(
        out,
        "Ringway listens on http://localhost:{port}\n\
         engine: {engine}\n\
         \n\
         It routes (from {}, edit it and see it change at once):\n\
         \x20 all     PathPrefix(`/`)            -> blue and green, 3 to 1\n\
         \x20 blue    PathPrefix(`/blue`)        -> blue, without /blue\n\
         \x20 secret  Host(`secret.localhost`)   -> green, behind a password\n\
         \n\
         Try:\n\
         \x20 curl http://localhost:{port}/\n\
         \x20 curl http://localhost:{port}/blue/hello\n\
         \x20 curl -u ringway:demo -H 'Host: secret.localhost' http://localhost:{port}/\n\
         \x20 curl http://localhost:{port}/ping\n\
         \n\
         Ctrl-C finishes what is in flight and ends it.\n\n",
        file.display()
    )?;
    out.flush()?;
    drop(out);
    Ok(match app.run() {
        Ok(()) => Exit::Done,
        Err(fault) => failed(&fault.to_string()),
    })
}

fn echo_listener() -> io::Result<(BoundListener, SocketAddr)> {
    let listener = engine::bind((Ipv4Addr::LOCALHOST, 0).into(), false)?;
    let address = listener.local_addr();
    Ok((listener, address))
}

/// Runs an echo server on a thread of its own, until the process ends.
fn echo(name: &'static str, listener: BoundListener) -> io::Result<()> {
    let driver = engine::select(Choice::Auto)?.driver;
    let options = whoami::Options {
        name: name.to_owned(),
        verbose: false,
    };
    let body = move || {
        let served = engine::run(ShardOptions::new(driver), || {
            whoami::serve(listener, options)
        });
        if let Ok(Err(error)) | Err(error) = served {
            log::error("an echo server has ended")
                .with("error", error)
                .send();
        }
    };
    thread::Builder::new()
        .name(format!("whoami-{name}"))
        .spawn(body)
        .map(drop)
}
