//! Middlewares that change the path: addPrefix, replacePath, replacePathRegex (features 6).

use regex_automata::meta::Regex;

use crate::wire::{RequestHead, names, path};

use super::{Flow, Template, plain, server_fault};

/// Puts a prefix before the path.
#[derive(Debug)]
pub struct AddPrefix {
    /// Begins with a slash; escaped where it must be.
    prefix: Box<[u8]>,
}

/// Replaces the whole path.
#[derive(Debug)]
pub struct ReplacePath {
    path: Box<[u8]>,
}

/// Replaces what a pattern finds in the escaped path.
#[derive(Debug)]
pub struct ReplacePathRegex {
    pattern: Regex,
    replacement: Template,
}

impl AddPrefix {
    /// A percent sign that begins no escape means itself; escapes stay (features 15b.4).
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let mut text = Vec::with_capacity(prefix.len());
        for (at, byte) in prefix.bytes().enumerate() {
            text.push(byte);
            let behind = prefix.as_bytes().get(at + 1..at + 3);
            let is_escape = behind.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
            if byte == b'%' && !is_escape {
                text.extend_from_slice(b"25");
            }
        }
        Self {
            prefix: spelled(&text).unwrap_or_default().into(),
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        if !head.is_asterisk() {
            let path = [&self.prefix, head.path()].concat();
            head.set_path(&path);
        }
        Flow::Next
    }
}

impl ReplacePath {
    #[must_use]
    pub fn new(path: &str) -> Self {
        Self {
            path: path.as_bytes().into(),
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        match spelled(&self.path) {
            Some(path) => replace(head, &path),
            None => server_fault(),
        }
    }
}

impl ReplacePathRegex {
    #[must_use]
    pub const fn new(pattern: Regex, replacement: Template) -> Self {
        Self {
            pattern,
            replacement,
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        // As in Traefik, nothing is not a path to replace another one by.
        if self.replacement.is_empty() {
            return Flow::Next;
        }
        let Some(path) = self.replacement.replace_all(&self.pattern, head.path()) else {
            return Flow::Next;
        };
        match spelled(&path) {
            Some(path) if is_tidy(&path) => replace(head, &path),
            Some(_) => Flow::Answer(plain(400), b"".into()),
            None => server_fault(),
        }
    }
}

/// Changes the path and notes the old one.
fn replace(head: &mut RequestHead, path: &[u8]) -> Flow {
    let old = head.path().to_vec();
    head.append(&names::X_REPLACED_PATH, &old);
    head.set_path(path);
    Flow::Next
}

/// A path in the spelling that all rooms know: a slash first, and escaped what must be. None
/// when a percent sign begins no escape.
fn spelled(path: &[u8]) -> Option<Vec<u8>> {
    let mut escaped = Vec::with_capacity(path.len() + 1);
    if !path.is_empty() && !path.starts_with(b"/") {
        escaped.push(b'/');
    }
    for byte in path {
        match byte {
            0..=b' ' | b'#' | b'?' | 0x7f => {
                escaped.extend_from_slice(format!("%{byte:02X}").as_bytes());
            }
            byte => escaped.push(*byte),
        }
    }
    let mut spelled = Vec::with_capacity(escaped.len());
    path::normalize(&escaped, &mut spelled).ok()?;
    Some(spelled)
}

/// True for a path that no server could read as another one: a middleware must not make what
/// the entry point would have cleaned (CVE-2026-48020, CVE-2026-65600). An empty path is sent
/// as a slash.
pub(super) fn is_tidy(path: &[u8]) -> bool {
    path.is_empty() || path::is_clean(path)
}
