use std::sync::Arc;

use ahash::RandomState;

use crate::board::InFlight;
use crate::wire::RequestHead;

use super::source::Source;
use super::{Around, Flow, Slot, plain};

/// Lets in only so many requests of each source at once (features 6, inFlightReq).
#[derive(Debug)]
pub struct InFlightReq {
    rules: Arc<InFlightRules>,
    counts: Arc<InFlight>,
    hasher: RandomState,
}

#[derive(Debug)]
struct InFlightRules {
    amount: u64,
    source: Source,
    refusal: Arc<[u8]>,
}

impl InFlightReq {
    #[must_use]
    pub fn new(amount: u64, source: Source) -> Self {
        let refusal = format!("max connections reached: {amount}");
        Self::of(Arc::new(InFlightRules {
            amount,
            source,
            refusal: refusal.into_bytes().into(),
        }))
    }

    fn of(rules: Arc<InFlightRules>) -> Self {
        Self {
            rules,
            counts: Arc::default(),
            hasher: RandomState::new(),
        }
    }

    /// One with the same rules and counts of its own.
    pub(super) fn anew(&self) -> Self {
        Self::of(Arc::clone(&self.rules))
    }

    /// The request is counted until its slot is dropped: when its body, too, is over.
    pub(super) fn on_request(&self, head: &RequestHead, around: &Around, slot: &mut Slot) -> Flow {
        let key = self.rules.source.key(head, around, &self.hasher);
        match self.counts.enter(key, self.rules.amount) {
            Some(counted) => {
                *slot = Slot::InFlight(counted);
                Flow::Next
            }
            None => Flow::Answer(plain(429), Arc::clone(&self.rules.refusal).into()),
        }
    }
}
