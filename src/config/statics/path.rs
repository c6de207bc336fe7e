use std::fmt;

/// One step on the way to an option.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) enum Step {
    Name(String),
    /// Place in a list, from 0.
    Item(usize),
}

/// Where an option stands, in canonical spelling, names of the user's as the user wrote them:
/// `entryPoints.web.http.tls.domains[0].main`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct OptionPath(Vec<Step>);

impl OptionPath {
    #[must_use]
    pub(crate) fn steps(&self) -> &[Step] {
        &self.0
    }

    /// This path and one step more.
    #[must_use]
    pub(crate) fn with(&self, step: Step) -> Self {
        let mut longer = self.clone();
        longer.0.push(step);
        longer
    }

    /// This path and one name more.
    #[must_use]
    pub(crate) fn with_name(&self, name: &str) -> Self {
        self.with(Step::Name(name.to_owned()))
    }

    /// The first `len` steps.
    #[must_use]
    pub(crate) fn prefix(&self, len: usize) -> Self {
        Self(self.0[..len.min(self.0.len())].to_vec())
    }
}

impl fmt::Display for OptionPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Name(name) if index == 0 => out.write_str(name)?,
                Step::Name(name) => write!(out, ".{name}")?,
                Step::Item(item) => write!(out, "[{item}]")?,
            }
        }
        Ok(())
    }
}
