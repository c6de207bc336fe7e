//! Where the static configuration comes from: a file, else flags, else the environment, and no
//! mixture of them (Traefik's rule; who sets several is told which one counts).

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::base::limits::STATIC_FILE_BYTES_MAX;
use crate::config::{Place, Problem, Report, Severity};

use super::build::build;
use super::flags::Flags;
use super::model::Static;
use super::settings::Settings;
use super::{file, variables};

/// Everything that may hold static configuration.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    pub flags: Flags,
    /// The process environment.
    pub environment: Vec<(String, String)>,
}

/// The source that won.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    File(PathBuf),
    Flags,
    /// Prefix of the variables: `TRAEFIK_` or `RINGWAY_`.
    Environment(&'static str),
    /// Nobody said anything.
    Defaults,
}

/// A configuration that may be put to work.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Static,
    pub origin: Origin,
    pub warnings: Report,
}

/// Base names of files that are looked for, and their folders in order.
const NAMES: [&str; 2] = ["ringway", "traefik"];
const EXTENSIONS: [&str; 3] = ["toml", "yaml", "yml"];

/// Finds the configuration, reads and checks it.
///
/// # Errors
/// Everything that is wrong with it, not only the first thing.
pub fn load(sources: &Sources) -> Result<Loaded, Report> {
    load_below(Path::new("/"), sources)
}

/// As [`load`], with another folder in place of the root for the default files.
pub(crate) fn load_below(root: &Path, sources: &Sources) -> Result<Loaded, Report> {
    let flags = sources.flags.settings();
    let environment: Vec<(&'static str, variables::Variables)> = variables::PREFIXES
        .into_iter()
        .map(|prefix| (prefix, variables::read(prefix, &sources.environment)))
        .collect();
    let named = sources.flags.config_file().map(PathBuf::from).or_else(|| {
        let mut files = environment
            .iter()
            .filter_map(|(_, read)| read.config_file.as_ref());
        files.next().map(PathBuf::from)
    });
    let file = named.or_else(|| find_file(root, &sources.environment));
    let has_variables = |(_, read): &&(&str, variables::Variables)| !read.names.is_empty();
    let (origin, mut settings) = if let Some(path) = file {
        let mut settings = read_file(&path);
        // A mistyped flag is an error even where a file makes the flags idle.
        for problem in flags.problems().iter().filter(|problem| is_error(problem)) {
            settings.note(problem.clone());
        }
        (Origin::File(path), settings)
    } else if !flags.is_empty() || flags.problems().iter().any(is_error) {
        (Origin::Flags, flags.clone())
    } else if let Some((prefix, read)) = environment.iter().find(has_variables) {
        (Origin::Environment(prefix), read.settings.clone())
    } else {
        (Origin::Defaults, Settings::default())
    };
    for problem in idle_sources(&origin, &flags, &environment) {
        settings.note(problem);
    }
    finish(origin, &settings)
}

/// Reads a configuration that is a text already, as the one bundled with `demo`.
///
/// # Errors
/// As [`load`].
pub fn load_text(name: &Path, text: &str) -> Result<Loaded, Report> {
    let settings = file::read(name, text);
    finish(Origin::File(name.to_owned()), &settings)
}

fn finish(origin: Origin, settings: &Settings) -> Result<Loaded, Report> {
    let (config, mut problems) = build(settings);
    // What stops the start comes first.
    problems.sort_by_key(|problem| !is_error(problem));
    let mut report = Report::new();
    report.extend(problems);
    if report.has_errors() {
        return Err(report);
    }
    Ok(Loaded {
        config,
        origin,
        warnings: report,
    })
}

fn is_error(problem: &Problem) -> bool {
    problem.severity == Severity::Error
}

fn read_file(path: &Path) -> Settings {
    match read_bounded(path) {
        Ok(text) => file::read(path, &text),
        Err(fault) => {
            let problem = Problem::error(format!("can't be read: {fault}"))
                .at(&path.display().to_string(), Place::default())
                .hint("name a file that exists with --configFile, or leave the flag out");
            file::refused(problem)
        }
    }
}

fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?.take(STATIC_FILE_BYTES_MAX + 1);
    io::BufReader::new(file).read_to_string(&mut text)?;
    if u64::try_from(text.len()).is_ok_and(|len| len <= STATIC_FILE_BYTES_MAX) {
        Ok(text)
    } else {
        let text = format!("it holds more than {STATIC_FILE_BYTES_MAX} bytes");
        Err(io::Error::new(io::ErrorKind::FileTooLarge, text))
    }
}

/// The first default file that exists (features 1.2; files of our own name come first).
fn find_file(root: &Path, environment: &[(String, String)]) -> Option<PathBuf> {
    let variable = |wanted: &str| {
        let mut named = environment.iter().filter(|(name, _)| name == wanted);
        named
            .next()
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    };
    let config = variable("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = variable("HOME").map(|home| Path::new(home).join(".config"));
    let mut folders = Vec::new();
    for name in NAMES {
        folders.push((root.join("etc").join(name), name));
    }
    for folder in [config, home, Some(PathBuf::from("."))] {
        for name in NAMES {
            folders.extend(folder.clone().map(|folder| (folder, name)));
        }
    }
    let files = folders.iter().flat_map(|(folder, name)| {
        EXTENSIONS.map(|extension| folder.join(format!("{name}.{extension}")))
    });
    let mut existing = files.filter(|path| path.is_file());
    existing.next()
}

/// A warning for each source that says something and is not heard.
fn idle_sources(
    origin: &Origin,
    flags: &Settings,
    environment: &[(&'static str, variables::Variables)],
) -> Vec<Problem> {
    let winner = match origin {
        Origin::File(path) => format!("the file {}", path.display()),
        Origin::Flags => "the flags".to_owned(),
        Origin::Environment(prefix) => format!("the variables {prefix}*"),
        Origin::Defaults => return Vec::new(),
    };
    let mut idle = Vec::new();
    if matches!(origin, Origin::File(_)) && !flags.is_empty() {
        let names: Vec<String> = flags
            .values()
            .map(|(path, _)| format!("--{path}"))
            .collect();
        idle.push(format!("flags ({})", shortened(&names)));
    }
    for (prefix, read) in environment {
        if *origin != Origin::Environment(prefix) && !read.names.is_empty() {
            idle.push(format!("variables ({})", shortened(&read.names)));
        }
    }
    let problem = |what: String| {
        Problem::warning(format!("{what} have no effect: {winner} alone counts"))
            .hint("sources are not merged: move the settings to the one that counts")
    };
    idle.into_iter().map(problem).collect()
}

/// The first few names.
fn shortened(names: &[String]) -> String {
    let mut shown: Vec<&str> = names.iter().take(4).map(String::as_str).collect();
    if names.len() > shown.len() {
        shown.push("...");
    }
    shown.join(", ")
}
