use regex_automata::meta::Regex;

use crate::wire::{RequestHead, names};

use super::redirect_scheme::current;
use super::{Around, Flow, Template, reason, redirect_status, text};

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
        let from = current(head, around);
        let Some(target) = self.replacement.replace_all(&self.pattern, &from) else {
            return Flow::Next;
        };
        if target == from {
            return Flow::Next;
        }
        if target.iter().any(|byte| *byte <= b' ' || *byte == 0x7f) {
            // What is no URL can't be redirected to (features 15b.9).
            return Flow::Answer(text(502), b"Bad Gateway");
        }
        let status = redirect_status(head.method(), self.permanent);
        let mut answer = text(status);
        answer.set(&names::LOCATION, &target);
        Flow::Answer(answer, reason(status))
    }
}
