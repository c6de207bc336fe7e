use std::collections::BTreeSet;
use std::fmt;

use crate::base::limits;

use super::places::Place;

/// How bad a problem is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Severity {
    /// It works, but not as the writer may think.
    Warning,
    /// What it names does not run: one object, or (without an object) the whole source.
    Error,
}

/// One thing that is wrong in a configuration, said so that a person can put it right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    pub severity: Severity,
    /// The provider whose configuration it is, such as `file`; empty for the static one.
    pub provider: String,
    /// The object that it concerns, such as `http.routers.web@file`; `None`: the whole source.
    pub object: Option<String>,
    /// Path of the field from the root, such as `http.routers.web.tls.domains[0].main`.
    pub field: String,
    /// The file, as the user named it; empty where there is none.
    pub file: String,
    pub place: Place,
    pub message: String,
    /// What would be right.
    pub hint: Option<String>,
}

/// What is wrong with a configuration; empty when nothing is.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Report {
    problems: Vec<Problem>,
    /// Problems beyond the bound of those kept.
    dropped: usize,
}

impl Problem {
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            provider: String::new(),
            object: None,
            field: String::new(),
            file: String::new(),
            place: Place::default(),
            message: message.into(),
            hint: None,
        }
    }

    pub fn warning(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(message)
        }
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = field.into();
        self
    }

    #[must_use]
    pub fn object(mut self, object: impl Into<String>) -> Self {
        self.object = Some(object.into());
        self
    }

    #[must_use]
    pub fn at(mut self, file: &str, place: Place) -> Self {
        file.clone_into(&mut self.file);
        self.place = place;
        self
    }

    #[must_use]
    pub fn from_provider(mut self, provider: &str) -> Self {
        provider.clone_into(&mut self.provider);
        self
    }
}

impl Report {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, problem: Problem) {
        if self.problems.len() < limits::CONFIG_PROBLEMS_MAX {
            self.problems.push(problem);
        } else {
            self.dropped += 1;
        }
    }

    pub fn append(&mut self, other: Self) {
        self.dropped += other.dropped;
        for problem in other.problems {
            self.push(problem);
        }
    }

    /// Puts the problems in the order in which their places stand in the files.
    pub fn sort(&mut self) {
        self.problems.sort_by(|one, other| {
            let key = |p: &Problem| (p.place.line, p.place.column);
            one.file.cmp(&other.file).then(key(one).cmp(&key(other)))
        });
    }

    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    pub fn len(&self) -> usize {
        self.problems.len() + self.dropped
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.problems.iter()
    }

    pub fn problems_mut(&mut self) -> &mut [Problem] {
        &mut self.problems
    }

    /// Leaves out what concerns an object that `before` has disabled: that was said already.
    pub fn leave_out_disabled_by(&mut self, before: &Self) {
        let said: BTreeSet<&str> = before.disabled().collect();
        self.problems.retain(|problem| {
            !problem
                .object
                .as_deref()
                .is_some_and(|object| said.contains(object))
        });
    }

    pub fn has_errors(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.severity == Severity::Error)
    }

    /// True when a problem refuses the whole source and not one object of it.
    pub fn refuses_all(&self) -> bool {
        self.problems
            .iter()
            .any(|problem| problem.severity == Severity::Error && problem.object.is_none())
    }

    /// The objects that must not run, such as `http.routers.web@file`; some come twice.
    pub fn disabled(&self) -> impl Iterator<Item = &str> {
        self.problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .filter_map(|problem| problem.object.as_deref())
    }
}

impl<'report> IntoIterator for &'report Report {
    type Item = &'report Problem;
    type IntoIter = std::slice::Iter<'report, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extend<Problem> for Report {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        for problem in problems {
            self.push(problem);
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// `file:line:column: error: field: message`, then the hint in a line of its own.
impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            write!(out, "{}:", self.file)?;
            if self.place.line > 0 {
                write!(out, "{}:", self.place.line)?;
            }
            if self.place.line > 0 && self.place.column > 0 {
                write!(out, "{}:", self.place.column)?;
            }
            out.write_str(" ")?;
        }
        write!(out, "{}: ", self.severity)?;
        let subject = if self.field.is_empty() {
            self.object.as_deref().unwrap_or_default()
        } else {
            self.field.as_str()
        };
        if !subject.is_empty() {
            write!(out, "{subject}: ")?;
        }
        out.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(out, "\n  hint: {hint}"),
            None => Ok(()),
        }
    }
}

/// One problem after the other, a line (or two) each.
impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for problem in &self.problems {
            writeln!(out, "{problem}")?;
        }
        match self.dropped {
            0 => Ok(()),
            more => writeln!(out, "and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_one_line_and_a_hint() {
        let place = Place {
            line: 3,
            column: 7,
            ..Place::default()
        };
        let problem = Problem::error("unknown field")
            .field("http.routers.a.rul")
            .hint("did you mean \"rule\"?")
            .at("a.yml", place);
        assert_eq!(
            problem.to_string(),
            "a.yml:3:7: error: http.routers.a.rul: unknown field\n  hint: did you mean \"rule\"?"
        );
        assert_eq!(
            Problem::warning("odd").object("x@file").to_string(),
            "warning: x@file: odd"
        );
    }

    #[test]
    fn the_count_goes_on_where_the_keeping_ends() {
        let mut report = Report::new();
        for _ in 0..=limits::CONFIG_PROBLEMS_MAX {
            report.push(Problem::warning("x"));
        }
        assert_eq!(report.len(), limits::CONFIG_PROBLEMS_MAX + 1);
        assert!(report.to_string().ends_with("and 1 more\n"));
    }
}
