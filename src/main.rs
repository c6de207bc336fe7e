//! The program's door: reads the command line and does what it says.

use std::io::{self, Write};
use std::process::ExitCode;

use ringway::cli::{self, Command, Exit};
use ringway::{check, demo, engine, run};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    engine::use_small_pages();
    let command = match cli::parse_process() {
        Ok(command) => command,
        Err(fault) => {
            // A closed standard error leaves nobody to tell.
            drop(writeln!(io::stderr(), "{fault}"));
            return fault.exit().into();
        }
    };
    let exit = match &command {
        Command::Run(sources) => run::run(sources),
        Command::Demo(options) => demo::run(options),
        Command::Check(options) => check::run(options),
        Command::Render(options) => check::render(options),
        Command::Whoami(options) => run::whoami(options),
        Command::Tool(tool) => tool.act(&mut io::stdout().lock()).unwrap_or(Exit::Failed),
    };
    exit.into()
}
