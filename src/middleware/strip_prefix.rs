use crate::wire::{RequestHead, names, path};

use super::paths::escaped_len;
use super::{Flow, plain};

/// Cuts the first prefix that fits off the path (features 6, stripPrefix).
#[derive(Debug)]
pub struct StripPrefix {
    prefixes: Box<[Box<[u8]>]>,
    /// v2's `forceSlash: false`: a path that is cut whole stays empty before the slash is added.
    force_slash: bool,
}

/// A prefix, and the path without it.
type Cut<'step> = (&'step [u8], Vec<u8>);

impl StripPrefix {
    #[must_use]
    pub fn new(prefixes: &[String], force_slash: bool) -> Self {
        let prefixes = prefixes
            .iter()
            .map(|prefix| prefix.as_bytes().into())
            .collect();
        Self {
            prefixes,
            force_slash,
        }
    }

    pub(super) fn on_request(&self, head: &mut RequestHead) -> Flow {
        let Some((prefix, rest)) = self.cut(head) else {
            return Flow::Next;
        };
        if !path::is_clean(&rest) {
            return Flow::Answer(plain(400), b"");
        }
        head.set_path(&rest);
        head.append(&names::X_FORWARDED_PREFIX, prefix);
        Flow::Next
    }

    /// The prefix that fits the routing path, and what is left of the escaped path.
    fn cut(&self, head: &RequestHead) -> Option<Cut<'_>> {
        let routing = head.routing_path();
        let prefix = self
            .prefixes
            .iter()
            .find(|prefix| routing.starts_with(prefix))?;
        let escaped = escaped_len(head.path(), prefix.len());
        let rest = head.path().get(escaped..).unwrap_or_default();
        let mut path = Vec::with_capacity(rest.len() + 1);
        if !rest.starts_with(b"/") && (self.force_slash || !rest.is_empty()) {
            path.push(b'/');
        }
        path.extend_from_slice(rest);
        Some((prefix, path))
    }
}
