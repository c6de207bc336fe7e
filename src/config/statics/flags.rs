//! `--a.b.c=v`, `--a.b.c v`, `--a.b.c`: names in any case, one dash or two.

use crate::config::Problem;

use super::mark::Mark;
use super::nearest;
use super::option::Kind;
use super::path::OptionPath;
use super::schema::Found;
use super::settings::Settings;

/// The static options of a command line, read one flag at a time.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    settings: Settings,
    /// `--configFile`, which is no part of the configuration itself.
    config_file: Option<String>,
}

impl Flags {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads `argument`, which starts with a dash, and takes its value from `rest` when it needs
    /// one and holds none.
    pub fn take(&mut self, argument: &str, rest: &mut dyn Iterator<Item = String>) {
        let bare = argument.trim_start_matches('-');
        let (name, value) = match bare.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (bare, None),
        };
        let mark = Mark::Flag(format!("--{name}"));
        let found = match find(name) {
            Ok(found) => found,
            Err(lost) => return self.settings.note(lost.told(&mark)),
        };
        let is_switch = found
            .node
            .spec
            .is_none_or(|spec| matches!(spec.kind, Kind::Block | Kind::Bool));
        let value = match value {
            Some(value) => Some(value),
            None if is_switch => Some("true".to_owned()),
            None => rest.next().filter(|next| !next.starts_with("--")),
        };
        match value {
            Some(value) => self.set(&found, &value, &mark),
            None => {
                let text = format!("needs a value: --{}=<{}>", found.path, kind_of(&found));
                self.settings.note(mark.error(&found.path, text));
            }
        }
    }

    fn set(&mut self, found: &Found, value: &str, mark: &Mark) {
        if is_config_file(found) {
            self.config_file = Some(value.to_owned());
            return;
        }
        let is_twice = self.settings.names(&found.path);
        let is_list = found.node.is_list();
        if is_list {
            self.settings.add_text(found, value, mark);
        } else {
            self.settings.set_text(found, value, mark);
        }
        if is_twice && !is_list {
            let text = "given more than once: the last one counts";
            self.settings.note(mark.warning(&found.path, text));
        }
    }

    /// The file named by `--configFile`.
    #[must_use]
    pub fn config_file(&self) -> Option<&str> {
        self.config_file.as_deref()
    }

    /// True when no option is set (`--configFile` is none).
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// What is wrong with the flags so far: unknown names, wrong values.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        self.settings.problems()
    }

    pub(crate) fn settings(&self) -> Settings {
        let mut settings = self.settings.clone();
        settings.gather();
        settings
    }
}

pub(crate) fn is_config_file(found: &Found) -> bool {
    found
        .node
        .spec
        .is_some_and(|spec| spec.path == "configFile")
}

fn kind_of(found: &Found) -> String {
    found
        .node
        .spec
        .map(|spec| spec.kind.to_string())
        .unwrap_or_default()
}

/// A name that no option has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Lost {
    /// What is near.
    hint: Option<String>,
}

/// The option of a dotted name; the error says what is near.
pub(crate) fn find(name: &str) -> Result<Found, Lost> {
    let mut found = Found::start();
    let mut rest = name;
    while !rest.is_empty() {
        // A name of the user's that ends the path may itself hold dots: `names.X-A.B`.
        let takes_all = found.node.any().is_some_and(super::schema::Node::is_leaf);
        let (piece, behind) = if takes_all {
            (rest, "")
        } else {
            rest.split_once('.').unwrap_or((rest, ""))
        };
        let (word, items) = split_items(piece);
        let next = found.by_name(word).and_then(|found| {
            items
                .iter()
                .try_fold(found, |found, item| found.by_index(*item))
        });
        found = next.ok_or_else(|| unknown(&found, word, behind))?;
        rest = behind;
    }
    if found.path.steps().is_empty() {
        return Err(Lost { hint: None });
    }
    Ok(found)
}

fn unknown(at: &Found, wrong: &str, rest: &str) -> Lost {
    let near: Vec<String> = nearest::paths(at, wrong, rest)
        .into_iter()
        .map(|path| format!("--{path}"))
        .collect();
    Lost {
        hint: nearest::question(&near),
    }
}

impl Lost {
    fn told(self, mark: &Mark) -> Problem {
        let hint = self.hint;
        let hint = hint.unwrap_or_else(|| "see `ringway help options`".to_owned());
        mark.error(&OptionPath::default(), "no such option")
            .hint(hint)
    }
}

/// `domains[0]` -> `domains`, `[0]`.
fn split_items(piece: &str) -> (&str, Vec<usize>) {
    let mut word = piece;
    let mut items = Vec::new();
    while let Some((before, index)) = word
        .strip_suffix(']')
        .and_then(|inner| inner.rsplit_once('['))
        .and_then(|(before, digits)| Some((before, digits.parse().ok()?)))
    {
        items.insert(0, index);
        word = before;
    }
    (word, items)
}
