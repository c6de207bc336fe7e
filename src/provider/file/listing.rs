use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::base::limits;
use crate::config::Problem;

/// How a file is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Syntax {
    Yaml,
    Toml,
}

/// The syntax that a file's name promises.
pub(super) fn syntax_of(path: &Path) -> Option<Syntax> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "yaml" | "yml" => Some(Syntax::Yaml),
        "toml" => Some(Syntax::Toml),
        _ => None,
    }
}

/// All configuration files in a folder and below it, in the order of their names.
///
/// What Kubernetes puts beside the files of a ConfigMap (`..data`, `..2026_…`) and what editors
/// leave (`.#name`) is passed over; so are links to folders.
pub(super) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Box<Problem>> {
    let mut found = Vec::new();
    collect(folder, 0, &mut found)?;
    Ok(found)
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Box<Problem>> {
    if depth > limits::CONFIG_DEPTH_MAX {
        let message = "more folders inside each other than are read";
        return Err(Box::new(fault(folder, message)));
    }
    let mut entries: Vec<_> = fs::read_dir(folder)
        .and_then(Iterator::collect::<io::Result<Vec<_>>>)
        .map_err(|error| Box::new(cannot_read(folder, &error)))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("..") || name.starts_with(".#") {
            continue;
        }
        let path = entry.path();
        let kind = entry
            .file_type()
            .map_err(|error| Box::new(cannot_read(&path, &error)))?;
        if kind.is_dir() {
            collect(&path, depth + 1, found)?;
        } else if syntax_of(&path).is_some() && !(kind.is_symlink() && path.is_dir()) {
            if found.len() == limits::CONFIG_FILES_MAX {
                return Err(Box::new(fault(folder, "more files than are read")));
            }
            found.push(path);
        }
    }
    Ok(())
}

/// What to say about a path that can not be read.
pub(super) fn cannot_read(path: &Path, error: &io::Error) -> Problem {
    let dangles = path.is_symlink() && !path.exists();
    let kind = error.kind();
    if kind == io::ErrorKind::NotFound && dangles {
        fault(path, "the link points to nothing")
    } else if kind == io::ErrorKind::NotFound {
        fault(path, "there is no such file or folder")
    } else if kind == io::ErrorKind::PermissionDenied {
        fault(path, "we may not read it")
    } else {
        fault(path, &error.to_string())
    }
}

pub(super) fn fault(path: &Path, message: &str) -> Problem {
    let place = crate::config::Place::default();
    Problem::error(message)
        .at(&path.display().to_string(), place)
        .from_provider(super::NAME)
}
