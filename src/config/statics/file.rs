//! A configuration file, YAML or TOML by its extension, to settings.

use std::path::Path;
use std::sync::Arc;

use crate::config::tree::{Entry, Kind as Shape, Node, Position, Tree};
use crate::config::{Place, Problem, decode};

use super::mark::Mark;
use super::nearest;
use super::option::Kind;
use super::schema::Found;
use super::settings::Settings;

/// Reads the text of the file `name`. A key that no option has is an error; at the root, a
/// warning (features 15b.2).
pub(crate) fn read(name: &Path, text: &str) -> Settings {
    let file: Arc<str> = name.display().to_string().into();
    let extension = name.extension().unwrap_or_default().to_string_lossy();
    let tree = match extension.to_ascii_lowercase().as_str() {
        "toml" => Tree::toml(text),
        "yaml" | "yml" => Tree::yaml(text),
        other => {
            let problem = Problem::error(format!("`.{other}` is no known kind of file"))
                .at(&file, Place::default())
                .hint("write it as .yaml, .yml or .toml");
            return refused(problem);
        }
    };
    let tree = match tree {
        Ok(tree) => tree,
        Err(fault) => {
            let mut problem = Problem::error(fault.message).at(&file, place(fault.at));
            problem.hint = fault.hint;
            return refused(problem);
        }
    };
    let mut walk = Walk {
        file,
        settings: Settings::default(),
    };
    walk.root(&tree);
    walk.settings
}

/// Nothing but a problem.
pub(crate) fn refused(problem: Problem) -> Settings {
    let mut settings = Settings::default();
    settings.note(problem);
    settings
}

fn place(at: Position) -> Place {
    Place {
        file: 0,
        line: at.line,
        column: u16::try_from(at.column).unwrap_or(u16::MAX),
    }
}

struct Walk {
    file: Arc<str>,
    settings: Settings,
}

impl Walk {
    fn mark(&self, at: Position) -> Mark {
        Mark::File {
            file: Arc::clone(&self.file),
            place: place(at),
        }
    }

    fn root(&mut self, tree: &Tree) {
        let root = tree.root();
        if let Some(at) = tree.surplus() {
            let text = "a second document begins here, which is not read";
            self.settings
                .note(self.mark(at).warning(&Found::start().path, text));
        }
        match root.kind() {
            Shape::Null => {}
            Shape::Map(_) => self.node(&Found::start(), root, root.at()),
            Shape::Scalar(_) | Shape::List(_) => {
                let text = format!("expected a map of options, found {}", root.describe());
                self.settings
                    .note(self.mark(root.at()).error(&Found::start().path, text));
            }
        }
    }

    /// What stands at the option found; `at` is where its key stands.
    fn node(&mut self, found: &Found, node: Node<'_>, at: Position) {
        let mark = self.mark(at);
        match node.kind() {
            Shape::Null => self.nothing(found, &mark),
            Shape::Scalar(scalar) => {
                self.settings.set_text(found, scalar.text, &mark);
            }
            Shape::List(items) if found.node.is_list() => {
                if items.is_empty() && found.node.item().is_none() {
                    self.settings.set_text(found, "", &mark);
                }
                for (index, item) in items.enumerate() {
                    if let Some(element) = found.by_index(index) {
                        self.node(&element, item, item.at());
                    }
                }
                self.settings.gather();
            }
            Shape::Map(entries) if takes_map(found) => {
                self.settings.turn_on(found, &mark);
                if found.node.is_free() && entries.is_empty() {
                    self.settings.set_text(found, "", &mark);
                }
                for entry in entries {
                    self.entry(found, &entry);
                }
            }
            Shape::List(items) if found.node.is_free() => {
                for (index, item) in items.enumerate() {
                    if let Some(element) = found.by_index(index) {
                        self.node(&element, item, item.at());
                    }
                }
            }
            Shape::List(_) | Shape::Map(_) => {
                let text = format!("expected {}, found {}", wanted(found), node.describe());
                self.settings.note(mark.error(&found.path, text));
            }
        }
    }

    fn entry(&mut self, found: &Found, entry: &Entry<'_>) {
        let Some(below) = found.by_name(entry.key) else {
            self.unknown(found, entry);
            return;
        };
        if super::flags::is_config_file(&below) {
            let text = "a file can't name another one: it has no effect here";
            self.settings
                .note(self.mark(entry.at).warning(&below.path, text));
            return;
        }
        self.node(&below, entry.value, entry.at);
    }

    fn unknown(&mut self, found: &Found, entry: &Entry<'_>) {
        let path = found.path.with_name(entry.key);
        let mark = self.mark(entry.at);
        let is_root = found.path.steps().is_empty();
        let problem = if is_root {
            mark.warning(&path, "no such option: it has no effect")
        } else {
            mark.error(&path, "no such option")
        };
        let near: Vec<&str> = decode::nearest(entry.key, found.node.names())
            .into_iter()
            .collect();
        let known: Vec<_> = found.node.names().collect();
        let dynamic = ["http", "tcp", "udp", "tls"];
        let hint = if is_root && dynamic.contains(&entry.key) {
            "this belongs to the dynamic configuration: put it in a file of providers.file".into()
        } else {
            nearest::question(&near).unwrap_or_else(|| format!("known here: {}", known.join(", ")))
        };
        self.settings.note(problem.hint(hint));
    }

    /// `ping:` with nothing behind it: Traefik leaves the block off, which few expect.
    fn nothing(&mut self, found: &Found, mark: &Mark) {
        if found.node.spec.is_some_and(|spec| spec.kind == Kind::Block) {
            let name = found.path.to_string();
            let last = name.rsplit('.').next().unwrap_or(&name);
            let problem = mark.warning(&found.path, "empty, so it stays off");
            self.settings
                .note(problem.hint(format!("write `{last}: {{}}` to turn it on")));
        }
    }
}

fn takes_map(found: &Found) -> bool {
    let is_group = found
        .node
        .spec
        .is_none_or(|spec| matches!(spec.kind, Kind::Block | Kind::Free));
    is_group && (!found.node.is_leaf() || found.node.is_free())
}

/// What could stand at an option, in words.
fn wanted(found: &Found) -> String {
    let kind = found.node.spec.map(|spec| spec.kind);
    if found.node.is_list() {
        "a list".to_owned()
    } else if let Some(kind) = kind.filter(|kind| *kind != Kind::Block) {
        format!("a value ({kind})")
    } else {
        "a map of options".to_owned()
    }
}
