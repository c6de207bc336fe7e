use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::NAME;
use super::listing::{Syntax, cannot_read, fault, files_below, syntax_of};
use crate::base::limits;
use crate::config::decode::{self, Reader};
use crate::config::dynamic::{Configuration, verify};
use crate::config::statics::{FileProvider, FileSource};
use crate::config::tree::{Position, Tree};
use crate::config::{Places, Problem, Report};
use crate::provider::template::{self, World};

/// What was read.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    pub configuration: Configuration,
    pub places: Places,
    /// Warnings, and errors that disable single objects.
    pub report: Report,
    /// The filled-in templates, when the options ask for them to be logged.
    pub generated: Vec<Generated>,
}

/// A template and what became of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Generated {
    pub file: String,
    pub text: String,
}

/// Reads what the options name. `Err`: something refuses the whole, and the report says what.
pub fn load(options: &FileProvider) -> Result<Loaded, Report> {
    let path = match &options.source {
        FileSource::File(path) | FileSource::Directory(path) => path,
    };
    let mut loaded = load_paths(std::slice::from_ref(path))?;
    if !options.debug_log_generated_template {
        loaded.generated.clear();
    }
    Ok(loaded)
}

/// Reads files and folders as one configuration.
pub fn load_paths(paths: &[PathBuf]) -> Result<Loaded, Report> {
    let mut refusal = Report::new();
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        match files_below(path) {
            Ok(found) => files.extend(found),
            Err(problem) => refusal.push(*problem),
        }
    }
    let mut whole = Loaded::default();
    for path in &files {
        match load_file(path) {
            Ok(part) => whole.add(part),
            Err(report) => refusal.append(report),
        }
    }
    if !refusal.is_empty() {
        refusal.append(whole.report);
        refusal.sort();
        return Err(refusal);
    }
    let found = verify(&whole.configuration, NAME, &whole.places);
    whole.report.append(found);
    whole.report.sort();
    Ok(whole)
}

/// Reads a text as if it stood in a file of this name, whose end tells the syntax.
///
/// # Errors
/// As [`load`].
pub fn load_text(name: &Path, text: &str) -> Result<Loaded, Report> {
    let mut loaded = parse(
        &name.display().to_string(),
        text,
        syntax_of(name).unwrap_or(Syntax::Yaml),
    )?;
    let found = verify(&loaded.configuration, NAME, &loaded.places);
    loaded.report.append(found);
    Ok(loaded)
}

/// What becomes of a template.
///
/// # Errors
/// `line N: ` and what is wrong there.
pub fn fill_in(text: &str) -> Result<String, String> {
    match template::render(text, &Environment) {
        Ok(rendered) => Ok(rendered.text),
        Err(fault) => Err(fault.to_string()),
    }
}

impl Loaded {
    /// Takes another file in. Of two objects with one name the first stays.
    fn add(&mut self, part: Self) {
        let double = self.configuration.absorb(part.configuration);
        self.report.append(part.report);
        for (section, name) in double {
            let path = section.of(&name);
            let mut problem = Problem::warning("the name is taken; this one is not used")
                .field(path.as_str())
                .object(format!("{path}@{NAME}"))
                .from_provider(NAME);
            if let Some(place) = part.places.find(&path) {
                problem = problem.at(part.places.file(place), place);
            }
            if let Some(first) = self.places.find(&path) {
                let file = self.places.file(first);
                problem = problem.hint(format!("the first stands in {file}:{}", first.line));
            }
            self.report.push(problem);
        }
        self.places.join(part.places);
        self.generated.extend(part.generated);
    }
}

/// Reads one file; what is wrong with single objects is not asked yet.
fn load_file(path: &Path) -> Result<Loaded, Report> {
    let refused = |problem: Problem| {
        let mut report = Report::new();
        report.push(problem);
        report
    };
    let Some(syntax) = syntax_of(path) else {
        let problem = fault(path, "the name does not tell how the file is written");
        return Err(refused(problem.hint("it must end in .yaml, .yml or .toml")));
    };
    let text = read_text(path).map_err(|error| refused(cannot_read(path, &error)))?;
    parse(&path.display().to_string(), &text, syntax)
}

/// Reads a text as one file of the provider.
fn parse(file: &str, source: &str, syntax: Syntax) -> Result<Loaded, Report> {
    let mut reader = Reader::new(file, Places::new());
    let mut loaded = Loaded::default();
    let mut text = source;
    if template::is_template(source) {
        match template::render(source, &Environment) {
            Ok(rendered) => {
                reader.came_from(source, &rendered.text, rendered.lines);
                loaded.generated.push(Generated {
                    file: file.to_owned(),
                    text: rendered.text,
                });
            }
            Err(error) => {
                let at = Position {
                    line: error.line,
                    column: 0,
                };
                reader.fault(
                    at,
                    format!("in the template: {}", error.message),
                    error.hint,
                );
            }
        }
        text = loaded
            .generated
            .first()
            .map_or("", |made| made.text.as_str());
    }
    let tree = match syntax {
        Syntax::Yaml => Tree::yaml(text),
        Syntax::Toml => Tree::toml(text),
    };
    match tree {
        Ok(tree) => loaded.configuration = decode::read(&tree, &mut reader),
        Err(fault) => reader.broken(fault),
    }
    let (mut report, places) = reader.finish();
    for problem in report.problems_mut() {
        NAME.clone_into(&mut problem.provider);
    }
    if report.has_errors() {
        return Err(report);
    }
    loaded.report = report;
    loaded.places = places;
    Ok(loaded)
}

fn read_text(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(io::Error::other("it is a folder"));
    }
    let most = limits::CONFIG_FILE_BYTES_MAX as u64;
    let mut bytes = Vec::new();
    Read::by_ref(&mut file)
        .take(most + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() > limits::CONFIG_FILE_BYTES_MAX {
        return Err(io::Error::other("the file is too large"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("the file is not UTF-8 text"))
}

/// The process's own environment.
struct Environment;

impl World for Environment {
    fn env(&self, name: &str) -> Option<String> {
        if name.is_empty() || name.contains(['=', '\0']) {
            return None;
        }
        env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }
}
