//! Objects out of manifests: files and folders, several documents in one, and Lists.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::objects::{Fault, Group, Key, Kind, Objects, read};
use super::selector::Selector;
use super::translate::Flavour;
use crate::base::limits;
use crate::config::decode::nearest;
use crate::config::statics::Kubernetes;
use crate::config::tree::{Kind as TreeKind, Node, Position, Tree};
use crate::config::{Place, Problem, Report};

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// What was read.
#[derive(Debug, Default)]
pub struct Manifests {
    pub objects: Objects,
    pub report: Report,
    seen: HashSet<(Kind, Group, Key)>,
}

/// Which of the objects count.
#[derive(Debug)]
pub struct Sieve {
    custom: Selector,
    ingress: Selector,
}

impl Sieve {
    /// From the options of both providers; `Err` names the selector that is none.
    pub fn new(custom: Option<&Kubernetes>, ingress: Option<&Kubernetes>) -> Result<Self, Report> {
        let mut report = Report::new();
        let mut selector = |options: Option<&Kubernetes>, name: &str| {
            let text = options.map_or("", |options| options.label_selector.as_str());
            Selector::parse(text).unwrap_or_else(|term| {
                let problem = Problem::error(format!("`{term}` is no term of a label selector"))
                    .field(format!("providers.{name}.labelSelector"))
                    .hint("such as app=web, tier!=back or zone in (a,b)");
                report.push(problem);
                Selector::default()
            })
        };
        let sieve = Self {
            custom: selector(custom, "kubernetesCRD"),
            ingress: selector(ingress, "kubernetesIngress"),
        };
        if report.is_empty() {
            Ok(sieve)
        } else {
            Err(report)
        }
    }

    fn lets_pass(&self, kind: Kind, root: Node<'_>) -> bool {
        let selector = if kind.is_custom() {
            &self.custom
        } else if kind == Kind::Ingress {
            &self.ingress
        } else {
            return true;
        };
        selector.holds(&labels(root))
    }
}

/// True when a file holds an object of Kubernetes: what `check` tells manifests by.
#[must_use]
pub fn looks_like_manifests(paths: &[PathBuf]) -> bool {
    let Ok(files) = files(paths) else {
        return false;
    };
    files.iter().any(|file| {
        if file.as_os_str() == STANDARD_INPUT {
            return true;
        }
        let trees = read_text(file)
            .ok()
            .and_then(|text| Tree::yaml_documents(&text).ok());
        trees.is_some_and(|trees| {
            trees.iter().any(|tree| {
                let [version, kind] = head(tree.root());
                !version.is_empty() && !kind.is_empty()
            })
        })
    })
}

/// Reads files and folders; `-` is standard input. `Err`: something could not be read at all.
pub fn load(paths: &[PathBuf], sieve: &Sieve) -> Result<Manifests, Report> {
    let mut manifests = Manifests::default();
    let mut refusal = Report::new();
    for file in files(paths)? {
        let name = file.display().to_string();
        match read_text(&file) {
            Ok(text) => match Tree::yaml_documents(&text) {
                Ok(trees) => {
                    for tree in &trees {
                        manifests.take(tree.root(), None, &name, sieve);
                    }
                }
                Err(fault) => {
                    let mut problem = Problem::error(fault.message).at(&name, place(fault.at));
                    problem.hint = fault.hint;
                    refusal.push(problem);
                }
            },
            Err(error) => {
                let message = format!("it can not be read: {error}");
                refusal.push(Problem::error(message).at(&name, Place::default()));
            }
        }
    }
    if refusal.is_empty() {
        Ok(manifests)
    } else {
        refusal.append(manifests.report);
        Err(refusal)
    }
}

impl Manifests {
    /// Takes one document in. `named` is what a List says about its items.
    fn take(&mut self, root: Node<'_>, named: Option<[&str; 2]>, file: &str, sieve: &Sieve) {
        if root.is_hollow() {
            return;
        }
        let [mut version, mut kind] = head(root);
        if let Some([list_version, list_kind]) = named {
            if version.is_empty() {
                version = list_version;
            }
            if kind.is_empty() {
                kind = list_kind;
            }
        }
        if let Some(bare) = kind.strip_suffix("List") {
            self.take_list(root, [version, bare], file, sieve);
            return;
        }
        match Kind::of(version, kind) {
            Some((kind, group)) if sieve.lets_pass(kind, root) => {
                self.take_object(root, kind, group, file);
            }
            Some(_) => {}
            None => self.stranger(root, version, kind, file),
        }
    }

    fn take_list(&mut self, root: Node<'_>, named: [&str; 2], file: &str, sieve: &Sieve) {
        let TreeKind::Map(entries) = root.kind() else {
            return;
        };
        for entry in entries.filter(|entry| entry.key == "items") {
            let TreeKind::List(items) = entry.value.kind() else {
                continue;
            };
            for item in items {
                // A List inside a List would be nobody's.
                if !head(item)[1].ends_with("List") {
                    self.take(item, Some(named), file, sieve);
                }
            }
        }
    }

    fn take_object(&mut self, root: Node<'_>, kind: Kind, group: Group, file: &str) {
        let (object, Fault { key, problems, .. }) = read(kind, root, file);
        for mut problem in problems {
            let name = format!("{kind} {key}");
            problem.field = format!("{name} {}", problem.field).trim_end().to_owned();
            problem.object = Some(name);
            problem.provider = provider_of(kind).to_owned();
            self.report.push(problem);
        }
        let Some(object) = object else { return };
        let seat = (kind, group, key);
        if self.seen.contains(&seat) {
            let name = format!("{kind} {}", seat.2);
            let problem = Problem::warning("the object is given twice; this one counts")
                .object(name.as_str())
                .field(name)
                .from_provider(provider_of(kind))
                .at(file, place(root.at()));
            self.report.push(problem);
        } else {
            self.seen.insert(seat);
        }
        self.objects.put(group, object);
    }

    /// Tells about objects that look as if they were for us.
    fn stranger(&mut self, root: Node<'_>, version: &str, kind: &str, file: &str) {
        let at = |problem: Problem| problem.at(file, place(root.at()));
        if version.is_empty() || kind.is_empty() {
            let problem = Problem::warning("this is no object of Kubernetes and is not read")
                .hint("an object has apiVersion and kind");
            self.report.push(at(problem));
            return;
        }
        let group = version.split('/').next().unwrap_or_default();
        let custom = Kind::CUSTOM.iter().map(|kind| kind.name());
        let hint = match group {
            "traefik.io" | "traefik.containo.us" => match nearest(kind, custom) {
                Some(near) if near != kind => format!("did you mean {near}?"),
                _ => format!("the version is {group}/v1alpha1"),
            },
            "extensions" | "networking.k8s.io" if kind == "Ingress" => {
                "the version is networking.k8s.io/v1".to_owned()
            }
            "discovery.k8s.io" if kind == "EndpointSlice" => {
                "the version is discovery.k8s.io/v1".to_owned()
            }
            _ => return,
        };
        let problem = Problem::warning(format!("{kind} of {version} is not read")).hint(hint);
        self.report.push(at(problem));
    }

    /// True when no EndpointSlice is among the objects: nobody can tell what serves.
    #[must_use]
    pub fn lacks_slices(&self) -> bool {
        self.objects.slices.is_empty()
    }

    /// Says that an object was read. False when nothing was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }
}

/// The provider that reads a kind; those of both are told with the first.
fn provider_of(kind: Kind) -> &'static str {
    if matches!(kind, Kind::Ingress | Kind::IngressClass) {
        Flavour::Ingress.provider()
    } else {
        Flavour::Custom.provider()
    }
}

/// `apiVersion` and `kind`; empty where there is none.
fn head(root: Node<'_>) -> [&str; 2] {
    let mut found = [""; 2];
    if let TreeKind::Map(entries) = root.kind() {
        for entry in entries {
            if let TreeKind::Scalar(scalar) = entry.value.kind() {
                match entry.key {
                    "apiVersion" => found[0] = scalar.text,
                    "kind" => found[1] = scalar.text,
                    _ => {}
                }
            }
        }
    }
    found
}

fn labels(root: Node<'_>) -> super::objects::custom::Words {
    use crate::config::decode::{Manner, Reader, Setting};
    let mut reader = Reader::new("", crate::config::Places::new());
    reader.set_manner(Manner::Part);
    let header = super::objects::core::Header::read(root, &mut reader).unwrap_or_default();
    header.metadata.labels
}

fn place(at: Position) -> Place {
    Place {
        file: 0,
        column: u16::try_from(at.column).unwrap_or(u16::MAX),
        line: at.line,
    }
}

/// The files that paths name, folders with all below them, in the order of their names.
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Report> {
    let mut found = Vec::new();
    let mut refusal = Report::new();
    for path in paths {
        if path.as_os_str() != STANDARD_INPUT && path.is_dir() {
            if let Err(error) = collect(path, 0, &mut found) {
                let name = path.display().to_string();
                let problem = Problem::error(format!("it can not be read: {error}"));
                refusal.push(problem.at(&name, Place::default()));
            }
        } else {
            found.push(path.clone());
        }
    }
    if refusal.is_empty() {
        Ok(found)
    } else {
        Err(refusal)
    }
}

fn collect(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    if depth > limits::CONFIG_DEPTH_MAX {
        return Err(io::Error::other("folders are too deep inside each other"));
    }
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("..") || name.starts_with(".#") {
            continue;
        }
        let path = entry.path();
        let extension = path.extension().map(|one| one.to_ascii_lowercase());
        let is_manifest = extension
            .and_then(|one| {
                one.to_str()
                    .map(|one| matches!(one, "yaml" | "yml" | "json"))
            })
            .unwrap_or(false);
        if entry.file_type()?.is_dir() {
            collect(&path, depth + 1, found)?;
        } else if is_manifest && path.is_file() {
            if found.len() == limits::CONFIG_FILES_MAX {
                return Err(io::Error::other("there are more files than are read"));
            }
            found.push(path);
        }
    }
    Ok(())
}

fn read_text(path: &Path) -> io::Result<String> {
    let most = limits::CONFIG_FILE_BYTES_MAX as u64;
    let mut bytes = Vec::new();
    if path.as_os_str() == STANDARD_INPUT {
        io::stdin().lock().take(most + 1).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    }
    if bytes.len() > limits::CONFIG_FILE_BYTES_MAX {
        return Err(io::Error::other("the file is too large"));
    }
    String::from_utf8(bytes).map_err(|_| io::Error::other("the file is not UTF-8 text"))
}
