use crate::wire::RequestHead;
use crate::wire::path::DeniedEscapes;

use super::{Flow, plain};

/// Refuses paths with escapes that some servers read as something else (features 6,
/// encodedCharacters; CVE-2025-66490).
#[derive(Debug)]
pub struct EncodedCharacters {
    refused: DeniedEscapes,
}

impl EncodedCharacters {
    #[must_use]
    pub const fn new(refused: DeniedEscapes) -> Self {
        Self { refused }
    }

    pub(super) fn on_request(&self, head: &RequestHead) -> Flow {
        if head.has_escapes() && self.refused.occur_in(head.path()) {
            return Flow::Answer(plain(400), b"".into());
        }
        Flow::Next
    }
}
