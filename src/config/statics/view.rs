//! Reads typed values out of settings, with the table's defaults. What is read is remembered, so
//! that a test can tell which served option nobody reads.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::Duration;

use crate::config::{Problem, Secret};

use super::mark::Mark;
use super::option::Kind;
use super::path::{OptionPath, Step};
use super::schema::{self, Node};
use super::settings::Settings;
use super::value::Value;
use super::words::Word;

/// What is gathered while the settings are read.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    problems: RefCell<Vec<Problem>>,
    reads: RefCell<Vec<&'static str>>,
}

/// The options below one path.
#[derive(Clone, Debug)]
pub(crate) struct View<'all> {
    settings: &'all Settings,
    notes: &'all Notes,
    node: &'static Node,
    path: OptionPath,
}

impl Notes {
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    #[cfg(test)]
    pub(crate) fn reads(&self) -> Vec<&'static str> {
        self.reads.borrow().clone()
    }
}

impl<'all> View<'all> {
    pub(crate) fn root(settings: &'all Settings, notes: &'all Notes) -> Self {
        Self {
            settings,
            notes,
            node: schema::root(),
            path: OptionPath::default(),
        }
    }

    /// The options below `name`, which may be several names with dots between.
    pub(crate) fn group(&self, name: &str) -> Self {
        name.split('.')
            .fold(self.clone(), |view, part| view.step(part))
    }

    /// The options below the one name, which may be the user's and hold dots.
    pub(crate) fn step(&self, name: &str) -> Self {
        let mut view = self.clone();
        match self.node.child(name) {
            Some((canonical, node)) => {
                view.path = self.path.with_name(canonical);
                view.node = node;
            }
            None => unreachable_name(&self.path, name),
        }
        view
    }

    /// The options of a block that is on.
    pub(crate) fn block(&self, name: &str) -> Option<Self> {
        self.bool(name).then(|| self.group(name))
    }

    /// The users' own names below here whose block is on, with their options.
    pub(crate) fn named(&self) -> Vec<(&'all str, Self)> {
        let mut found = Vec::new();
        for step in self.settings.below(&self.path) {
            let Step::Name(name) = step else { continue };
            let view = self.step(name);
            view.read();
            if self.settings.is_off(&view.path) {
                continue;
            }
            found.push((name.as_str(), view));
        }
        found
    }

    /// The options of each element of a list of groups.
    pub(crate) fn items(&self, name: &str) -> Vec<Self> {
        let list = self.group(name);
        let Some(node) = list.node.item() else {
            unreachable_name(&list.path, "[]");
            return Vec::new();
        };
        let steps = self.settings.below(&list.path);
        steps
            .into_iter()
            .map(|step| Self {
                node,
                path: list.path.with(step.clone()),
                ..list.clone()
            })
            .collect()
    }

    /// True when any option below here was set.
    pub(crate) fn is_mentioned(&self) -> bool {
        !self.settings.below(&self.path).is_empty()
    }

    /// True when the option itself was set, to whatever.
    pub(crate) fn is_set(&self) -> bool {
        self.settings.value(&self.path).is_some()
    }

    /// Where the option `name` was set, or what is around it.
    pub(crate) fn mark_of(&self, name: &str) -> Mark {
        let view = self.group(name);
        let mark = self.settings.mark(&view.path);
        if mark == Mark::Nowhere {
            self.settings.mark(&self.path)
        } else {
            mark
        }
    }

    /// Notes an error about the option `name`.
    pub(crate) fn fault(&self, name: &str, text: impl Into<String>) {
        let problem = self.mark_of(name).error(&self.group(name).path, text);
        self.notes.problems.borrow_mut().push(problem);
    }

    /// Notes a warning about the option `name`.
    pub(crate) fn warn(&self, name: &str, text: impl Into<String>) {
        let problem = self.mark_of(name).warning(&self.group(name).path, text);
        self.notes.problems.borrow_mut().push(problem);
    }

    fn read(&self) {
        if let Some(spec) = self.node.spec {
            self.notes.reads.borrow_mut().push(spec.path);
        }
    }

    /// The value set here, or the table's default.
    fn value(&self) -> Value {
        self.read();
        let set = self.settings.value(&self.path);
        match (set, self.node.spec) {
            (Some(value), _) => value.clone(),
            (None, Some(spec)) => Value::default_of(spec),
            (None, None) => {
                unreachable_name(&self.path, "");
                Value::Bool(false)
            }
        }
    }

    pub(crate) fn bool(&self, name: &str) -> bool {
        let view = self.group(name);
        let is_block = view.node.spec.is_some_and(|spec| spec.kind == Kind::Block);
        if is_block && self.settings.is_off(&view.path) {
            view.read();
            return false;
        }
        let Value::Bool(value) = view.value() else {
            return mistaken(&view.path, false);
        };
        value
    }

    pub(crate) fn int(&self, name: &str) -> i64 {
        let view = self.group(name);
        let Value::Int(value) = view.value() else {
            return mistaken(&view.path, 0);
        };
        value
    }

    /// A number that must fit `T`; what does not fit is an error and counts as the default.
    pub(crate) fn count<T: TryFrom<u64> + Default>(&self, name: &str) -> T {
        let view = self.group(name);
        let Value::Count(value) = view.value() else {
            return mistaken(&view.path, T::default());
        };
        T::try_from(value).unwrap_or_else(|_| {
            self.fault(name, format!("`{value}` is too large"));
            T::default()
        })
    }

    /// A number of which 0 means "no limit".
    pub(crate) fn limit(&self, name: &str) -> Option<NonZeroU64> {
        NonZeroU64::new(self.count(name))
    }

    pub(crate) fn duration(&self, name: &str) -> Duration {
        let view = self.group(name);
        let Value::Duration(value) = view.value() else {
            return mistaken(&view.path, Duration::ZERO);
        };
        value
    }

    /// A duration of which 0 means "no limit".
    pub(crate) fn timeout(&self, name: &str) -> Option<Duration> {
        Some(self.duration(name)).filter(|value| !value.is_zero())
    }

    pub(crate) fn text(&self, name: &str) -> String {
        let view = self.group(name);
        let Value::Text(value) = view.value() else {
            return mistaken(&view.path, String::new());
        };
        value
    }

    /// A text that nothing prints.
    pub(crate) fn secret(&self, name: &str) -> Secret {
        let view = self.group(name);
        let Value::Secret(value) = view.value() else {
            return mistaken(&view.path, Secret::default());
        };
        value
    }

    /// A text that is unset when empty.
    pub(crate) fn filled(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let view = self.group(name);
        let Value::Texts(value) = view.value() else {
            return mistaken(&view.path, Vec::new());
        };
        value
    }

    pub(crate) fn floats(&self, name: &str) -> Vec<f64> {
        let view = self.group(name);
        let Value::Floats(value) = view.value() else {
            return mistaken(&view.path, Vec::new());
        };
        value
    }

    pub(crate) fn choice<W: Word>(&self, name: &str) -> W {
        self.group(name).word()
    }

    fn word<W: Word>(&self) -> W {
        let Value::Choice(word) = self.value() else {
            return mistaken(&self.path, W::of(""));
        };
        W::of(word)
    }

    /// `names.*`: the users' names, each with the word chosen for it.
    pub(crate) fn words_by_name<W: Word>(&self, name: &str) -> BTreeMap<String, W> {
        let named = self.group(name).named();
        named
            .into_iter()
            .map(|(key, view)| (key.to_owned(), view.word()))
            .collect()
    }

    /// `headerLabels.*`: the users' names, each with its text.
    pub(crate) fn texts_by_name(&self, name: &str) -> BTreeMap<String, String> {
        let named = self.group(name).named();
        let text = |view: Self| {
            let Value::Text(text) = view.value() else {
                return mistaken(&view.path, String::new());
            };
            text
        };
        named
            .into_iter()
            .map(|(key, view)| (key.to_owned(), text(view)))
            .collect()
    }
}

/// A name that the table lacks is a mistake of this program.
fn unreachable_name(path: &OptionPath, name: &str) {
    debug_assert!(false, "the table has no {path}.{name}");
}

/// So is a reading of another kind than the table's.
fn mistaken<T>(path: &OptionPath, instead: T) -> T {
    debug_assert!(false, "{path} is not of the kind that is read");
    instead
}
