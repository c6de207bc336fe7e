use crate::config::places::Places;
use crate::config::report::{Problem, Report};

/// Walks through values that could be read and gathers what is wrong in them.
///
/// Paths are built without the `@provider` of objects, so that places are found by them.
#[derive(Debug)]
pub struct Inspector<'places> {
    provider: &'places str,
    places: &'places Places,
    path: String,
    /// Full name of the object that is looked at, such as `http.routers.web@file`.
    object: Option<String>,
    report: Report,
}

impl<'places> Inspector<'places> {
    pub fn new(provider: &'places str, places: &'places Places) -> Self {
        Self {
            provider,
            places,
            path: String::new(),
            object: None,
            report: Report::new(),
        }
    }

    pub fn finish(self) -> Report {
        self.report
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Looks at an object: what is wrong in it disables it and nothing else.
    pub fn object(&mut self, section: &str, name: &str, look: impl FnOnce(&mut Self)) {
        let named = if name.contains('@') || self.provider.is_empty() {
            format!("{section}.{name}")
        } else {
            format!("{section}.{name}@{}", self.provider)
        };
        self.path = format!("{section}.{name}");
        self.object = Some(named);
        look(self);
        self.object = None;
        self.path.clear();
    }

    /// Looks at a part of the present value.
    pub fn inside(&mut self, segment: &str, look: impl FnOnce(&mut Self)) {
        let before = self.path.len();
        if before > 0 {
            self.path.push('.');
        }
        self.path.push_str(segment);
        look(self);
        self.path.truncate(before);
    }

    /// Looks at an item of a list.
    pub fn item(&mut self, index: usize, look: impl FnOnce(&mut Self)) {
        let before = self.path.len();
        self.path.push_str(&format!("[{index}]"));
        look(self);
        self.path.truncate(before);
    }

    pub fn error(&mut self, message: impl Into<String>, hint: Option<String>) {
        self.tell(Problem::error(message), hint);
    }

    pub fn warning(&mut self, message: impl Into<String>, hint: Option<String>) {
        self.tell(Problem::warning(message), hint);
    }

    fn tell(&mut self, problem: Problem, hint: Option<String>) {
        let mut problem = problem
            .field(self.path.as_str())
            .from_provider(self.provider);
        if let Some(place) = self.places.find(&self.path) {
            problem = problem.at(self.places.file(place), place);
        }
        problem.object.clone_from(&self.object);
        problem.hint = hint;
        self.report.push(problem);
    }
}
