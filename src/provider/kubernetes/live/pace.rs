use std::time::Duration;

use crate::base::clock;

/// How long to wait before the next try: twice as long each time, up to a bound, and never the
/// same for two that begin together.
#[derive(Debug)]
pub(super) struct Pace {
    first: Duration,
    most: Duration,
    next: Duration,
    chance: u64,
}

impl Pace {
    pub(super) fn new(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most,
            next: first,
            chance: clock::unix_nanos() | 1,
        }
    }

    /// It went well: begin anew.
    pub(super) fn reset(&mut self) {
        self.next = self.first;
    }

    pub(super) fn next(&mut self) -> Duration {
        let wait = self.next;
        self.next = (wait * 2).min(self.most);
        // Three quarters to five quarters of it. A generator of no quality will do.
        self.chance = self
            .chance
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let share = u32::try_from(self.chance >> 56).unwrap_or(0);
        wait * 3 / 4 + wait * share / 512
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_bound() {
        let mut pace = Pace::new(Duration::from_millis(100), Duration::from_secs(1));
        let waits: Vec<_> = (0..20).map(|_| pace.next()).collect();
        assert!(waits[0] >= Duration::from_millis(75));
        assert!(
            waits
                .iter()
                .all(|wait| *wait <= Duration::from_millis(1250))
        );
        assert!(waits[19] >= Duration::from_millis(750));
        pace.reset();
        assert!(pace.next() <= Duration::from_millis(125));
    }
}
