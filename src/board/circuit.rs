use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::base::Tick;

/// How long a circuit breaker stays in each of its states.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spans {
    /// Between two looks at the condition.
    pub check: Duration,
    /// Tripped.
    pub fallback: Duration,
    /// Recovering.
    pub recovery: Duration,
}

/// The state of a circuit breaker, shared by all shards without a lock:
///
/// ```text
/// standby --condition--> tripped --fallback is over--> recovering --recovery is over--> standby
///                           ^                              |
///                           +----------condition-----------+
/// ```
#[derive(Debug, Default)]
pub struct Circuit {
    /// What it is in the lowest two bits; above them, until when (nanoseconds).
    state: AtomicU64,
    /// Requests let in, above those refused, since recovery began.
    ramp: AtomicU64,
    /// When the condition may be looked at again.
    next_check: AtomicU64,
}

const STANDBY: u64 = 0;
const TRIPPED: u64 = 1;
const RECOVERING: u64 = 2;
const STATES: u64 = 3;

impl Circuit {
    /// Whether a request may go on to the service.
    pub fn lets_in(&self, now: Tick, spans: &Spans) -> bool {
        loop {
            let word = self.state.load(Ordering::Acquire);
            let until = Tick::from_nanos(word >> 2);
            match word & STATES {
                TRIPPED if now < until => return false,
                TRIPPED => {
                    self.ramp.store(0, Ordering::Relaxed);
                    self.change(word, RECOVERING, now + spans.recovery);
                }
                RECOVERING if now > until => {
                    if self.change(word, STANDBY, Tick::ZERO) {
                        return true;
                    }
                }
                RECOVERING => {
                    let left = until.since(now);
                    return self.climb(spans.recovery.saturating_sub(left), spans.recovery);
                }
                // Standby.
                _ => return true,
            }
        }
    }

    /// Whether the condition is to be looked at now; said once for each period. Never while
    /// tripped.
    pub fn is_check_due(&self, now: Tick, spans: &Spans) -> bool {
        let due = self.next_check.load(Ordering::Relaxed);
        if now.nanos() <= due || self.state.load(Ordering::Acquire) & STATES == TRIPPED {
            return false;
        }
        let next = (now + spans.check).nanos();
        self.next_check
            .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }

    /// The condition holds. False when it was tripped already.
    pub fn trip(&self, now: Tick, spans: &Spans) -> bool {
        let word = self.state.load(Ordering::Acquire);
        word & STATES != TRIPPED && self.change(word, TRIPPED, now + spans.fallback)
    }

    fn change(&self, from: u64, to: u64, until: Tick) -> bool {
        let until = until.nanos().min(u64::MAX >> 2);
        self.state
            .compare_exchange(from, until << 2 | to, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
    }

    /// Lets in a share of the requests that grows evenly from none to half of them: with half
    /// let in and half refused so far, nearly all of the next ones could come in.
    fn climb(&self, since: Duration, whole: Duration) -> bool {
        let share = 0.5 * since.as_secs_f64() / whole.as_secs_f64().max(f64::MIN_POSITIVE);
        let mut inside = false;
        let decide = |ramp: u64| {
            let (admitted, refused) = (ramp >> 32, ramp & u64::from(u32::MAX));
            // Counts stay so small that half of them is exact.
            let (admitted, refused) = if (admitted + 1).max(refused + 1) >> 31 == 0 {
                (admitted, refused)
            } else {
                (admitted / 2, refused / 2)
            };
            inside = ratio(admitted + 1, admitted + 1 + refused) < share;
            Some(if inside {
                ((admitted + 1) << 32) | refused
            } else {
                (admitted << 32) | (refused + 1)
            })
        };
        // `decide` always has an answer.
        let _ = self
            .ramp
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, decide);
        inside
    }
}

/// `part / whole`; nothing of nothing is nothing.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
pub(super) fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPANS: Spans = Spans {
        check: Duration::from_millis(100),
        fallback: Duration::from_secs(10),
        recovery: Duration::from_secs(20),
    };

    fn at(millis: u64) -> Tick {
        Tick::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn it_trips_waits_recovers_and_stands_by() {
        let circuit = Circuit::default();
        assert!(circuit.lets_in(at(0), &SPANS));
        assert!(circuit.trip(at(1000), &SPANS));
        assert!(!circuit.trip(at(1001), &SPANS), "it is tripped");
        assert!(!circuit.lets_in(at(1001), &SPANS));
        assert!(!circuit.lets_in(at(10_999), &SPANS));
        // Recovering: at first nobody, in the middle a quarter.
        assert!(!circuit.lets_in(at(11_000), &SPANS));
        let inside = (0..1000)
            .filter(|_| circuit.lets_in(at(21_000), &SPANS))
            .count();
        assert!((240..=250).contains(&inside), "{inside}");
        // It may trip again from there.
        assert!(circuit.trip(at(21_001), &SPANS));
        assert!(!circuit.lets_in(at(31_000), &SPANS));
        assert!(!circuit.lets_in(at(31_001), &SPANS));
        // Recovery is over: all come in.
        let inside = (0..10)
            .filter(|_| circuit.lets_in(at(51_002), &SPANS))
            .count();
        assert_eq!(inside, 10);
    }

    #[test]
    fn one_shard_looks_in_each_period() {
        let circuit = Circuit::default();
        let due: Vec<bool> = [1, 2, 101, 102, 500]
            .map(|millis| circuit.is_check_due(at(millis), &SPANS))
            .into();
        assert_eq!(due, [true, false, false, true, true]);
        assert!(circuit.trip(at(501), &SPANS));
        assert!(!circuit.is_check_due(at(1000), &SPANS));
    }
}
