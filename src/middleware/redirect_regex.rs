use regex_automata::meta::Regex;

use crate::wire::RequestHead;

use super::redirect::{to, url};
use super::{Around, Flow, Template};

/// Sends the client to an address made from the one that it asked for (features 6,
/// redirectRegex).
#[derive(Debug)]
pub struct RedirectRegex {
    pattern: Regex,
    replacement: Template,
    permanent: bool,
}

impl RedirectRegex {
    #[must_use]
    pub const fn new(pattern: Regex, replacement: Template, permanent: bool) -> Self {
        Self {
            pattern,
            replacement,
            permanent,
        }
    }

    pub(super) fn on_request(&self, head: &RequestHead, around: &Around) -> Flow {
        // Unlike redirectScheme, Traefik asks here for the connection's own scheme only.
        let scheme: &[u8] = if around.secure { b"https" } else { b"http" };
        let from = url(scheme, &[head.host()], head);
        match self.replacement.replace_all(&self.pattern, &from) {
            Some(target) if target != from => to(head, &target, self.permanent),
            Some(_) | None => Flow::Next,
        }
    }
}
