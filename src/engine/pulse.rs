use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::base::Tick;

/// Shows other threads that a shard still turns: written by the shard with plain stores, read by
/// a watchdog.
#[derive(Debug, Default)]
pub struct Pulse {
    /// When the present turn began, in ns; [`ASLEEP`] while the shard waits in the kernel.
    turn: AtomicU64,
    /// The longest turn seen, in ns.
    longest: AtomicU64,
    turns: AtomicU64,
}

const ASLEEP: u64 = u64::MAX;
const NOT_STARTED: u64 = 0;

impl Pulse {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How long the present turn has lasted at `now`; zero for a shard that sleeps or has not
    /// begun. A watchdog that finds this too long has found a stalled shard.
    pub fn stalled_for(&self, now: Tick) -> Duration {
        let began = self.turn.load(Ordering::Relaxed);
        if began == ASLEEP || began == NOT_STARTED {
            return Duration::ZERO;
        }
        let span = now.since(Tick::from_nanos(began));
        self.longest.fetch_max(nanos(span), Ordering::Relaxed);
        span
    }

    /// The longest turn that the shard or a watchdog has seen. A turn that ends in a sleep is
    /// only seen by a watchdog: the shard does not read the clock twice for it.
    pub fn longest(&self) -> Duration {
        Duration::from_nanos(self.longest.load(Ordering::Relaxed))
    }

    /// Turns of the loop so far.
    pub fn turns(&self) -> u64 {
        self.turns.load(Ordering::Relaxed)
    }

    pub(super) fn sleep(&self) {
        self.turn.store(ASLEEP, Ordering::Relaxed);
    }

    /// A turn begins; `slept` tells whether the one before ended in a sleep.
    pub(super) fn beat(&self, now: Tick, slept: bool) {
        let before = self.turn.load(Ordering::Relaxed);
        self.turn.store(now.nanos().max(1), Ordering::Relaxed);
        // One writer: a load and a store are enough.
        self.turns
            .store(self.turns.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        if !slept && before != NOT_STARTED && before != ASLEEP {
            let span = now.nanos().saturating_sub(before);
            if span > self.longest.load(Ordering::Relaxed) {
                self.longest.fetch_max(span, Ordering::Relaxed);
            }
        }
    }
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_that_lasts_is_seen_and_a_sleep_is_not() {
        let pulse = Pulse::new();
        assert_eq!(pulse.stalled_for(Tick::from_nanos(9)), Duration::ZERO);
        pulse.beat(Tick::from_nanos(100), false);
        assert_eq!(
            pulse.stalled_for(Tick::from_nanos(150)),
            Duration::from_nanos(50)
        );
        pulse.beat(Tick::from_nanos(180), false);
        pulse.sleep();
        assert_eq!(pulse.stalled_for(Tick::from_nanos(900)), Duration::ZERO);
        pulse.beat(Tick::from_nanos(1000), true);
        assert_eq!(
            (pulse.longest(), pulse.turns()),
            (Duration::from_nanos(80), 3)
        );
    }
}
