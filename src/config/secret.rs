use std::fmt;

/// A text that must not show in logs: a password, a user list line, a token.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

/// A file's path, or the content that the file would hold (PEM); only a path shows in logs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct FileOrContent(String);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one who checks it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FileOrContent {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself: ask the file system whether it is a path.
    pub fn expose(&self) -> &str {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True when it cannot be a path but only content.
    pub fn is_content(&self) -> bool {
        self.0.contains('\n') || self.0.contains("-----BEGIN")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

impl fmt::Debug for FileOrContent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_content() {
            out.write_str("[redacted]")
        } else {
            self.0.fmt(out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "[redacted]");
        let key = FileOrContent::new("-----BEGIN PRIVATE KEY-----\nabc");
        assert_eq!(format!("{key:?}"), "[redacted]");
        assert_eq!(format!("{:?}", FileOrContent::new("/a.key")), "\"/a.key\"");
    }
}
