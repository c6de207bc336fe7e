use std::time::Duration;

use crate::wire::{Edits, RequestHead};

use super::{Flow, Outcome, Slot};

/// Sends a request again that no server has seen any byte of (features 6, retry; 15.22).
#[derive(Debug)]
pub struct Retry {
    /// Tries in all, the first included.
    attempts: u32,
    initial_interval: Duration,
}

/// How often a request was tried, and what it looked like when it entered.
#[derive(Debug)]
pub struct Tries {
    done: u32,
    entered: Edits,
}

impl Retry {
    #[must_use]
    pub const fn new(attempts: u32, initial_interval: Duration) -> Self {
        Self {
            attempts,
            initial_interval,
        }
    }

    pub(super) fn on_request(&self, head: &RequestHead, slot: &mut Slot) -> Flow {
        if self.attempts > 1 {
            *slot = Slot::Retry(Tries {
                done: 1,
                entered: head.checkpoint(),
            });
        }
        Flow::Next
    }

    pub(super) fn on_response(
        &self,
        head: &mut RequestHead,
        outcome: Outcome,
        slot: &mut Slot,
    ) -> Flow {
        let (Outcome::NeverSent, Slot::Retry(tries)) = (outcome, slot) else {
            return Flow::Next;
        };
        if tries.done >= self.attempts {
            return Flow::Next;
        }
        head.restore(&tries.entered);
        let after = self.pause(tries.done);
        tries.done += 1;
        Flow::Again { after }
    }

    /// Exponential, so that the last pause is about twice the first (features 6, retry:
    /// factor `2^(1/(n-1))`). Without an interval there is no pause.
    fn pause(&self, done: u32) -> Duration {
        let steps = self.attempts.saturating_sub(1).max(1);
        let factor = 2_f64.powf(f64::from(done - 1) / f64::from(steps));
        self.initial_interval.mul_f64(factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_towards_twice_the_first() {
        let retry = Retry::new(3, Duration::from_millis(100));
        let millis: Vec<u128> = (1..3).map(|done| retry.pause(done).as_millis()).collect();
        assert_eq!(millis, [100, 141]);
        assert_eq!(Retry::new(4, Duration::ZERO).pause(3), Duration::ZERO);
    }
}
