//! What one source says, option by option, before defaults.

use std::collections::BTreeMap;

use crate::config::Problem;

use super::mark::Mark;
use super::option::{Kind, OptionSpec, State};
use super::path::{OptionPath, Step};
use super::schema::Found;
use super::value::Value;

/// One option as it was set.
#[derive(Clone, Debug)]
struct Setting {
    value: Value,
    mark: Mark,
    spec: &'static OptionSpec,
    /// A block that nobody named: an option inside turned it on.
    implied: bool,
}

/// Everything that one source sets, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    options: BTreeMap<OptionPath, Setting>,
    problems: Vec<Problem>,
}

impl Settings {
    pub(crate) fn is_empty(&self) -> bool {
        self.options.is_empty()
    }

    pub(crate) fn value(&self, path: &OptionPath) -> Option<&Value> {
        self.options.get(path).map(|setting| &setting.value)
    }

    /// Every option that was set, with its value, in order of the paths.
    pub(crate) fn values(&self) -> impl Iterator<Item = (&OptionPath, &Value)> {
        self.options
            .iter()
            .map(|(path, setting)| (path, &setting.value))
    }

    /// Where the option was set; nowhere when it was not.
    pub(crate) fn mark(&self, path: &OptionPath) -> Mark {
        match self.options.get(path) {
            Some(setting) => setting.mark.clone(),
            None => Mark::Nowhere,
        }
    }

    /// True when the option was named itself, not only implied.
    pub(crate) fn names(&self, path: &OptionPath) -> bool {
        self.options
            .get(path)
            .is_some_and(|setting| !setting.implied)
    }

    /// The steps that follow `path`, each once, in order.
    pub(crate) fn below(&self, path: &OptionPath) -> Vec<&Step> {
        let depth = path.steps().len();
        let mut steps: Vec<&Step> = self
            .options
            .keys()
            .filter(|key| key.steps().starts_with(path.steps()))
            .filter_map(|key| key.steps().get(depth))
            .collect();
        steps.dedup();
        steps
    }

    /// Notes something that is wrong with this source.
    pub(crate) fn note(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    pub(crate) fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Reads `text` as the value of the option found; a wrong one is noted and sets nothing.
    pub(crate) fn set_text(&mut self, found: &Found, text: &str, mark: &Mark) {
        let Some(spec) = found.node.spec else {
            return self.note(group_fault(found, mark));
        };
        if spec.kind == Kind::Texts && is_element(&found.path) {
            let value = Value::Texts(vec![text.trim().to_owned()]);
            return self.insert(found, spec, value, mark);
        }
        match Value::parse(spec.kind, text) {
            Ok(value) => self.insert(found, spec, value, mark),
            Err(fault) => self.note(mark.error(&found.path, fault)),
        }
    }

    /// Turns the block on that was found; nothing when it is only a group.
    pub(crate) fn turn_on(&mut self, found: &Found, mark: &Mark) {
        if let Some(spec) = found.node.spec.filter(|spec| spec.kind == Kind::Block) {
            self.insert(found, spec, Value::Bool(true), mark);
        }
    }

    /// Also turns on every block around the option that nobody has switched.
    fn insert(&mut self, found: &Found, spec: &'static OptionSpec, value: Value, mark: &Mark) {
        for (len, block) in &found.blocks {
            let on = Setting {
                value: Value::Bool(true),
                mark: mark.clone(),
                spec: block,
                implied: true,
            };
            self.options.entry(found.path.prefix(*len)).or_insert(on);
        }
        let setting = Setting {
            value,
            mark: mark.clone(),
            spec,
            implied: false,
        };
        self.options.insert(found.path.clone(), setting);
    }

    /// Adds to a list that may be set already, as a flag given twice does.
    pub(crate) fn add_text(&mut self, found: &Found, text: &str, mark: &Mark) {
        let before = self.options.remove(&found.path);
        self.set_text(found, text, mark);
        let Some(mut before) = before else { return };
        match self.options.get_mut(&found.path) {
            Some(setting) => {
                append(&mut before.value, &setting.value);
                setting.value = before.value;
            }
            None => {
                self.options.insert(found.path.clone(), before);
            }
        }
    }

    /// Makes one list of elements that came by place (`list[1]=b`). Asked once, when all is set.
    pub(crate) fn gather(&mut self) {
        let elements: Vec<OptionPath> = self
            .options
            .iter()
            .filter(|(path, setting)| {
                is_element(path) && matches!(setting.spec.kind, Kind::Texts | Kind::Floats)
            })
            .map(|(path, _)| path.clone())
            .collect();
        let mut next = (OptionPath::default(), 0);
        for path in elements {
            let Some(element) = self.options.remove(&path) else {
                continue;
            };
            let list = path.prefix(path.steps().len() - 1);
            if next.0 != list {
                next = (list.clone(), 0);
            }
            let expected = Step::Item(next.1);
            if path.steps().last() == Some(&expected) {
                next.1 += 1;
            } else {
                let text = format!("places must follow each other: [{}] is missing", next.1);
                self.note(element.mark.error(&path, text));
                continue;
            }
            match self.options.get_mut(&list) {
                Some(whole) => append(&mut whole.value, &element.value),
                None => {
                    self.options.insert(list, element);
                }
            }
        }
    }

    /// True when the block itself, or one around it, was switched off by name.
    pub(crate) fn is_off(&self, path: &OptionPath) -> bool {
        (1..=path.steps().len()).any(|len| {
            let setting = self.options.get(&path.prefix(len));
            setting.is_some_and(|setting| {
                setting.spec.kind == Kind::Block && setting.value == Value::Bool(false)
            })
        })
    }

    /// What the table says about the options set: a warning for each that has no effect, an error
    /// for each that is gone. An option that repeats its default changes nothing and is not named.
    pub(crate) fn judge(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (path, setting) in &self.options {
            let spec = setting.spec;
            match spec.state {
                State::Served => {}
                State::Refused(hint) => {
                    let text = format!("gone since Traefik {}: {hint}", spec.last());
                    problems.push(setting.mark.error(path, text));
                }
                State::Warned(why) => {
                    if setting.value != Value::default_of(spec) && !self.is_off(path) {
                        let text = format!("has no effect: {why}");
                        problems.push(setting.mark.warning(path, text));
                    }
                }
            }
        }
        problems
    }
}

fn append(whole: &mut Value, more: &Value) {
    match (whole, more) {
        (Value::Texts(list), Value::Texts(more)) => list.extend_from_slice(more),
        (Value::Floats(list), Value::Floats(more)) => list.extend_from_slice(more),
        (_, _) => {}
    }
}

fn is_element(path: &OptionPath) -> bool {
    matches!(path.steps().last(), Some(Step::Item(_)))
}

/// A group of options is no option.
fn group_fault(found: &Found, mark: &Mark) -> Problem {
    let mut names = found.node.names().collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        "<name>".clone_into(&mut names);
    }
    let text = format!("this is a group of options; set what is below it: {names}");
    mark.error(&found.path, text)
}
