use std::sync::Arc;
use std::time::Duration;

use ahash::RandomState;

use crate::board::{Buckets, Pace, Turn};
use crate::config::GoDuration;
use crate::wire::{HeaderName, RequestHead, names, reason_of};

use super::redis::{RedisStore, Tally};
use super::source::Source;
use super::{Around, Flow, error, plain};

/// Lets in only so many requests of each source in a time (features 6, rateLimit). Requests that
/// come a little too early wait for their turn.
#[derive(Debug)]
pub struct RateLimit {
    rules: Arc<RateRules>,
    store: Store,
}

/// What a rateLimit allows.
#[derive(Debug)]
pub struct RateRules {
    /// None: there is no limit.
    pub pace: Option<Pace>,
    pub source: Source,
    /// None: each router has buckets of its own, in memory.
    pub shared: Option<Shared>,
    /// `X-Retry-In`
    pub retry_in: HeaderName,
}

/// Buckets in Redis, which all routers share.
#[derive(Clone, Debug)]
pub struct Shared {
    pub store: Arc<RedisStore>,
    /// The middleware's, before each key.
    pub name: Box<str>,
}

#[derive(Debug)]
enum Store {
    Memory {
        buckets: Buckets,
        hasher: RandomState,
    },
    Redis(Shared),
}

impl RateLimit {
    #[must_use]
    pub fn new(rules: Arc<RateRules>) -> Self {
        let store = match &rules.shared {
            Some(shared) => Store::Redis(shared.clone()),
            None => Store::Memory {
                buckets: Buckets::default(),
                hasher: RandomState::new(),
            },
        };
        Self { rules, store }
    }

    /// One with the same rules and buckets of its own; none where the buckets are elsewhere.
    pub(super) fn anew(&self) -> Option<Self> {
        match self.store {
            Store::Memory { .. } => Some(Self::new(Arc::clone(&self.rules))),
            Store::Redis(_) => None,
        }
    }

    pub(super) fn on_request(&self, head: &RequestHead, around: &Around) -> Flow {
        let Some(pace) = &self.rules.pace else {
            return Flow::Next;
        };
        match &self.store {
            Store::Memory { buckets, hasher } => {
                let key = self.rules.source.key(head, around, hasher);
                self.after(buckets.take(key, around.now, pace))
            }
            Store::Redis(shared) => {
                let source = self.rules.source.text(head, around);
                let key = [shared.name.as_bytes(), b":", &source].concat();
                Flow::Count(Box::new(Tally {
                    store: Arc::clone(&shared.store),
                    key,
                    pace: *pace,
                }))
            }
        }
    }

    /// What Redis says; none when it cannot be asked.
    pub(super) fn on_counted(&self, turn: Option<Turn>) -> Flow {
        match turn {
            Some(turn) => self.after(turn),
            None => Flow::Answer(error(500), b"Could not insert/update bucket\n"[..].into()),
        }
    }

    fn after(&self, turn: Turn) -> Flow {
        match turn {
            Turn::In(Duration::ZERO) => Flow::Next,
            Turn::In(wait) => Flow::Wait(wait),
            Turn::TooLate(wait) => self.refuse(wait),
            Turn::Never => Flow::Answer(error(429), b"No bursty traffic allowed\n"[..].into()),
        }
    }

    fn refuse(&self, wait: Duration) -> Flow {
        let mut answer = plain(429);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        answer.set(&names::RETRY_AFTER, seconds.to_string().as_bytes());
        let nanos = i64::try_from(wait.as_nanos()).unwrap_or(i64::MAX);
        let text = GoDuration::from_nanos(nanos).to_string();
        answer.set(&self.rules.retry_in, text.as_bytes());
        Flow::Answer(answer, reason_of(429).as_bytes().into())
    }
}
