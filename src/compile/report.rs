//! What had to be left out, object by object.

use std::collections::BTreeMap;

use crate::config::{Problem, Report, Severity};

use super::services::Flaw;

/// Problems by object; those of an object that was not looked at again stay.
#[derive(Debug, Default)]
pub(super) struct Notes {
    by_object: BTreeMap<(&'static str, String), Vec<Flaw>>,
}

impl Notes {
    /// Forgets what was said of everything.
    pub(super) fn clear(&mut self) {
        self.by_object.clear();
    }

    /// Forgets what was said of one object, which is about to be looked at again.
    pub(super) fn forget(&mut self, kind: &'static str, object: &str) {
        self.by_object.remove(&(kind, object.to_owned()));
    }

    pub(super) fn add(&mut self, kind: &'static str, object: &str, flaws: Vec<Flaw>) {
        self.by_object
            .entry((kind, object.to_owned()))
            .or_default()
            .extend(flaws);
    }

    /// The result, or None and a note.
    pub(super) fn keep<T>(
        &mut self,
        object: &str,
        kind: &'static str,
        made: Result<T, Flaw>,
    ) -> Option<T> {
        self.forget(kind, object);
        made.map_err(|flaw| self.add(kind, object, vec![flaw])).ok()
    }

    /// Says this of the object, and nothing else.
    pub(super) fn set(&mut self, kind: &'static str, object: &str, flaws: Vec<Flaw>) {
        self.forget(kind, object);
        if !flaws.is_empty() {
            self.add(kind, object, flaws);
        }
    }

    /// All that is said, each with its place in the user's files where that is known.
    pub(super) fn report(&self) -> Report {
        let mut report = Report::new();
        for ((kind, object), flaws) in &self.by_object {
            let (name, provider) = object.rsplit_once('@').unwrap_or((object, ""));
            for flaw in flaws {
                let dot = if flaw.field.is_empty() { "" } else { "." };
                let field = format!("http.{kind}s.{name}{dot}{}", flaw.field);
                let problem = match flaw.severity {
                    Severity::Error => Problem::error(&flaw.message),
                    Severity::Warning => Problem::warning(&flaw.message),
                };
                let mut problem = problem
                    .object(format!("http.{kind}s.{object}"))
                    .field(field)
                    .from_provider(provider);
                if !flaw.hint.is_empty() {
                    problem = problem.hint(&flaw.hint);
                }
                report.push(problem);
            }
        }
        report
    }
}
