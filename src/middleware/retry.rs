use std::time::Duration;

use crate::base::Tick;
use crate::base::limits::RETRY_MEMORY_BYTES;
use crate::wire::{Edits, Method, RequestHead};

use super::statuses::Statuses;
use super::{Around, Collect, Collected, Flow, Outcome, Slot};

/// Sends a request again that no server has seen any byte of, or that was answered with one of
/// some statuses (features 6, retry; 15.22).
#[derive(Debug)]
pub struct Retry {
    rules: RetryRules,
}

/// What is tried again, and how often.
#[derive(Debug)]
pub struct RetryRules {
    /// Tries in all, the first included.
    pub attempts: u32,
    pub initial_interval: Duration,
    /// No further try begins so long after the first one.
    pub timeout: Option<Duration>,
    /// A larger body is sent once, without being kept (features 15b.8).
    pub body_bytes_max: Option<u64>,
    /// Answers of servers with one of these are not good enough.
    pub statuses: Statuses,
    /// Try again when no server could be reached.
    pub on_network_error: bool,
    /// Also methods that may do a thing twice, once a server has seen the request.
    pub any_method: bool,
}

/// How often a request was tried, and what it looked like when it entered.
#[derive(Debug)]
pub struct Tries {
    done: u32,
    begun: Tick,
    entered: Edits,
    /// There is no body, or it was kept whole.
    replayable: bool,
}

impl Retry {
    #[must_use]
    pub const fn new(rules: RetryRules) -> Self {
        Self { rules }
    }

    pub(super) fn on_request(&self, head: &RequestHead, around: &Around, slot: &mut Slot) -> Flow {
        if self.rules.attempts <= 1 {
            return Flow::Next;
        }
        let has_body = !head.body().is_empty();
        *slot = Slot::Retry(Tries {
            done: 1,
            begun: around.now,
            entered: head.checkpoint(),
            replayable: !has_body,
        });
        let wanted = !self.rules.statuses.is_empty() && self.may_repeat(head.method());
        if has_body && wanted && head.upgrade().is_none() {
            return Flow::Collect(Collect {
                memory_bytes: RETRY_MEMORY_BYTES,
                bytes_max: self.rules.body_bytes_max,
            });
        }
        Flow::Next
    }

    pub(super) fn on_collected(head: &RequestHead, collected: Collected, slot: &mut Slot) -> Flow {
        if let (Slot::Retry(tries), Collected::Whole { .. }) = (slot, collected) {
            tries.replayable = true;
            // Its length is known now, and it has been asked for.
            tries.entered = head.checkpoint();
        }
        Flow::Next
    }

    pub(super) fn on_response(
        &self,
        head: &mut RequestHead,
        status: u16,
        (outcome, around): (Outcome, &Around),
        slot: &mut Slot,
    ) -> Flow {
        let Slot::Retry(tries) = slot else {
            return Flow::Next;
        };
        let again = match outcome {
            Outcome::NeverSent => self.rules.on_network_error,
            Outcome::Answered | Outcome::Failed => {
                // 499: the client has gone.
                tries.replayable
                    && status != 499
                    && self.rules.statuses.contain(status)
                    && self.may_repeat(head.method())
            }
            Outcome::Local => false,
        };
        let after = self.pause(tries.done);
        let in_time = self
            .rules
            .timeout
            .is_none_or(|timeout| around.now.since(tries.begun) + after < timeout);
        if !again || !in_time || tries.done >= self.rules.attempts {
            return Flow::Next;
        }
        head.restore(&tries.entered);
        tries.done += 1;
        Flow::Again { after }
    }

    fn may_repeat(&self, method: Method) -> bool {
        self.rules.any_method || method.is_idempotent()
    }

    /// Exponential, so that the last pause is about twice the first (features 6, retry:
    /// factor `2^(1/(n-1))`). Without an interval there is no pause.
    fn pause(&self, done: u32) -> Duration {
        let steps = self.rules.attempts.saturating_sub(1).max(1);
        let factor = 2_f64.powf(f64::from(done - 1) / f64::from(steps));
        self.rules.initial_interval.mul_f64(factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_towards_twice_the_first() {
        let retry = |attempts, initial_interval| {
            Retry::new(RetryRules {
                attempts,
                initial_interval,
                timeout: None,
                body_bytes_max: None,
                statuses: Statuses::default(),
                on_network_error: true,
                any_method: false,
            })
        };
        let pauses = retry(3, Duration::from_millis(100));
        let millis: Vec<u128> = (1..3).map(|done| pauses.pause(done).as_millis()).collect();
        assert_eq!(millis, [100, 141]);
        assert_eq!(retry(4, Duration::ZERO).pause(3), Duration::ZERO);
    }
}
