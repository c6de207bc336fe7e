//! The command line: arguments to a [`Command`], and the small commands that need no router.
//!
//! Never here: what `run`, `demo`, `check`, `render` and `whoami` do.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use crate::arguments::{Words, unknown_command};
use crate::config::statics::{Engine, Sources};
use crate::help::{self, Topic};
use crate::{commands, complete, healthcheck};

/// What the user asks for.
#[derive(Clone, Debug)]
pub enum Command {
    /// Serve traffic until told to stop.
    Run(Sources),
    Demo(Demo),
    Check(Check),
    Render(Render),
    Whoami(Whoami),
    /// A command that this module carries out itself: see [`Tool::act`].
    Tool(Tool),
}

/// Serve the bundled example.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Demo {
    /// Port of the entry point.
    pub port: u16,
    pub engine: Engine,
}

/// Read and check configuration without serving it.
#[derive(Clone, Debug)]
pub struct Check {
    /// Of the static configuration.
    pub sources: Sources,
    /// Dynamic files or folders; when empty, those that the static configuration names.
    pub dynamic: Vec<PathBuf>,
    /// Who reads them; when nobody is named, they tell it by themselves.
    pub provider: Option<RenderProvider>,
}

/// Print the dynamic configuration that a provider makes of its input.
#[derive(Clone, Debug)]
pub struct Render {
    pub provider: RenderProvider,
    /// Of the static configuration, which holds the provider's options.
    pub sources: Sources,
    /// Files or folders; at least one.
    pub paths: Vec<PathBuf>,
    pub output: Output,
    /// Secrets are not shown.
    pub redact: bool,
}

/// Providers that can be asked to render.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RenderProvider {
    File,
    KubernetesCrd,
    KubernetesIngress,
}

/// Shape of what `render` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Output {
    Json,
    Yaml,
}

/// The echo server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whoami {
    pub address: IpAddr,
    pub port: u16,
    /// Shown as `Name:` in its answers.
    pub name: Option<String>,
    /// Logs every request.
    pub verbose: bool,
}

/// Commands that need no router.
#[derive(Clone, Debug)]
pub enum Tool {
    Help(Topic),
    Version,
    /// Prints a script for the shell.
    Completion(Shell),
    /// What the script asks on each press of the tab key: the words so far, the last one unfinished.
    Candidates(Vec<String>),
    Healthcheck(Healthcheck),
}

/// Asks a running instance whether it is well.
#[derive(Clone, Debug)]
pub struct Healthcheck {
    /// Of the same configuration that the instance runs with.
    pub sources: Sources,
    /// Asks this URL instead of the one that the configuration yields.
    pub url: Option<String>,
}

/// Shells that can be given completion.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// How the program ends; `help` documents the numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    Done,
    /// The configuration is wrong, the check failed, or the program could not start.
    Failed,
    /// The command line was not understood.
    Usage,
}

/// Why a command line was not understood, with a next step.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CliError {
    /// One line or more, each a fault with its hint.
    pub(crate) text: String,
    /// The command whose help is offered; empty for the whole.
    pub(crate) command: &'static str,
}

/// Reads the arguments, program name left out; `environment` is that of the process.
///
/// # Errors
/// When the command line is not understood; exit with [`Exit::Usage`].
pub fn parse(
    arguments: impl IntoIterator<Item = String>,
    environment: Vec<(String, String)>,
) -> Result<Command, CliError> {
    let mut arguments: Vec<String> = arguments.into_iter().collect();
    let first = arguments.first().map_or("", String::as_str);
    match first {
        "-h" | "--help" => return Ok(Command::Tool(Tool::Help(Topic::All))),
        "-v" | "-V" | "--version" => return Ok(Command::Tool(Tool::Version)),
        complete::COMMAND => {
            return Ok(Command::Tool(Tool::Candidates(arguments.split_off(1))));
        }
        _ => {}
    }
    let spec = if first.starts_with('-') || first.is_empty() {
        commands::run()
    } else {
        let name = arguments.remove(0);
        commands::command(&name).ok_or_else(|| unknown_command(&name))?
    };
    if arguments
        .iter()
        .any(|word| matches!(word.as_str(), "-h" | "--help"))
    {
        return Ok(Command::Tool(Tool::Help(Topic::Command(spec))));
    }
    Words::read(spec, arguments)?.into_command(environment)
}

/// As [`parse`], from this process. What is no Unicode becomes `\u{fffd}`.
///
/// # Errors
/// As [`parse`].
pub fn parse_process() -> Result<Command, CliError> {
    let text = |word: OsString| word.to_string_lossy().into_owned();
    let arguments = env::args_os().skip(1).map(text);
    let environment = env::vars_os().map(|(name, value)| (text(name), text(value)));
    parse(arguments, environment.collect())
}

impl Tool {
    /// Carries the command out.
    ///
    /// # Errors
    /// When `out` can't be written.
    pub fn act(&self, out: &mut dyn Write) -> io::Result<Exit> {
        match self {
            Self::Help(topic) => out.write_all(help::text(topic).as_bytes())?,
            Self::Version => out.write_all(version().as_bytes())?,
            Self::Completion(shell) => out.write_all(complete::script(*shell).as_bytes())?,
            Self::Candidates(words) => {
                for candidate in complete::candidates(words) {
                    writeln!(out, "{candidate}")?;
                }
            }
            Self::Healthcheck(command) => return healthcheck::act(command, out),
        }
        out.flush()?;
        Ok(Exit::Done)
    }
}

/// The lines that Traefik's `version` prints, with what is true here.
fn version() -> String {
    let architecture = match env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!(
        "Version:      {}\nCodename:     {}\nRust version: {}\nBuilt:        {}\n\
         OS/Arch:      {}/{architecture}\n",
        env!("CARGO_PKG_VERSION"),
        CODENAME,
        option_env!("RINGWAY_RUSTC")
            .unwrap_or(concat!(env!("CARGO_PKG_RUST_VERSION"), " or later")),
        option_env!("RINGWAY_BUILT").unwrap_or("unknown"),
        env::consts::OS,
    )
}

/// Name of this line of releases.
pub const CODENAME: &str = "circulus";

impl CliError {
    pub(crate) fn new(command: &'static str, text: &str, hint: &str) -> Self {
        Self {
            text: format!("error: {text}\n  hint: {hint}"),
            command,
        }
    }

    /// How to end after printing it.
    pub fn exit(&self) -> Exit {
        Exit::Usage
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}", self.text)?;
        let dot = if self.command.is_empty() { "" } else { " " };
        writeln!(out, "\nMore: ringway help{dot}{}", self.command)
    }
}

impl std::error::Error for CliError {}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Usage => Self::from(2),
        }
    }
}
