//! What had to be left out, object by object.

use std::collections::BTreeMap;

use crate::config::{Problem, Report};

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

    /// The results, or none and a note.
    pub(super) fn keep_all<T>(
        &mut self,
        object: &str,
        kind: &'static str,
        made: Result<Vec<T>, Vec<Flaw>>,
    ) -> Vec<T> {
        self.forget(kind, object);
        made.map_err(|flaws| self.add(kind, object, flaws))
            .unwrap_or_default()
    }

    pub(super) fn add_all(&mut self, kind: &'static str, flaws: Vec<(String, Flaw)>) {
        for (object, flaw) in flaws {
            self.add(kind, &object, vec![flaw]);
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
                let mut problem = Problem::error(&flaw.message)
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
