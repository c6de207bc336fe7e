use std::fmt;
use std::str::FromStr;

/// The full name of a dynamic object: `name@provider`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QualifiedName {
    name: Box<str>,
    provider: Box<str>,
}

/// Why a text is no qualified name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NameFault {
    /// There is no `@provider`.
    NoProvider,
    /// The part before the `@` is empty.
    EmptyName,
}

impl QualifiedName {
    /// Joins the two parts; `name` may itself hold an `@`.
    #[must_use]
    pub fn new(name: &str, provider: &str) -> Self {
        Self {
            name: name.into(),
            provider: provider.into(),
        }
    }

    /// Reads a reference: qualified as it stands, else in the provider that holds it.
    #[must_use]
    pub fn resolve(reference: &str, own_provider: &str) -> Self {
        reference
            .parse()
            .unwrap_or_else(|_| Self::new(reference, own_provider))
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    #[must_use]
    pub fn provider(&self) -> &str {
        &self.provider
    }
}

impl FromStr for QualifiedName {
    type Err = NameFault;

    fn from_str(text: &str) -> Result<Self, NameFault> {
        let (name, provider) = text.rsplit_once('@').ok_or(NameFault::NoProvider)?;
        if name.is_empty() {
            return Err(NameFault::EmptyName);
        }
        if provider.is_empty() {
            return Err(NameFault::NoProvider);
        }
        Ok(Self::new(name, provider))
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}@{}", self.name, self.provider)
    }
}

impl fmt::Debug for QualifiedName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_without_provider_stays_in_its_own() {
        let table = [
            ("a", "a@file"),
            ("a@docker", "a@docker"),
            ("a@b@c", "a@b@c"),
        ];
        for (text, full) in table {
            assert_eq!(QualifiedName::resolve(text, "file").to_string(), full);
        }
    }
}
