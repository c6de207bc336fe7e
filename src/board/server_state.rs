use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::base::Tick;
use crate::base::limits::PASSIVE_FAILURES_MAX;

/// A health check says that the server is down.
const CHECKED_DOWN: u8 = 1;
/// Requests failed: it rests until a moment, or until a health check says that it is up.
const RESTING: u8 = 2;

/// How long an average goes on counting while nothing new comes.
const FADES_IN: f64 = 10.0;
/// How quickly new answers push out old ones.
const LEARNS_IN: f64 = 5.0;
/// What the newest answer counts at least.
const NEWEST_SHARE: f64 = 0.125;

/// What is known of one server of one service, by all shards and the control wing. It outlives
/// configurations that leave the server as it is. Starts as healthy.
#[derive(Debug, Default)]
pub struct ServerState {
    down: AtomicU8,
    /// When a rest ends.
    rests_until: AtomicU64,
    /// When it came up again; 0: it was never seen down.
    back_since: AtomicU64,
    in_flight: AtomicU32,
    /// Average time to the first byte of an answer, in nanoseconds as `f64` bits; 0: unknown.
    average: AtomicU64,
    /// When the average was last fed.
    fed_at: AtomicU64,
    /// When the last failures were, in a ring; empty where nobody counts them.
    failures: Box<[AtomicU64]>,
    failed: AtomicU64,
}

impl ServerState {
    /// One whose failed requests are counted, up to `failures` of them.
    #[must_use]
    pub fn counting(failures: usize) -> Self {
        let failures = failures.min(PASSIVE_FAILURES_MAX);
        Self {
            failures: (0..failures).map(|_| AtomicU64::new(0)).collect(),
            ..Self::default()
        }
    }

    #[must_use]
    pub fn is_up(&self, now: Tick) -> bool {
        match self.down.load(Ordering::Relaxed) {
            0 => true,
            RESTING => self.rises(now),
            _ => false,
        }
    }

    /// What the last health checks say, whatever becomes of requests.
    #[must_use]
    pub fn is_checked_up(&self) -> bool {
        self.down.load(Ordering::Relaxed) & CHECKED_DOWN == 0
    }

    /// The end of a rest is noticed by whoever asks first.
    fn rises(&self, now: Tick) -> bool {
        let over = now.nanos() >= self.rests_until.load(Ordering::Relaxed);
        if over && self.down.fetch_and(!RESTING, Ordering::Relaxed) & RESTING != 0 {
            self.back_since.store(now.nanos(), Ordering::Relaxed);
        }
        over
    }

    /// What a health check found. True when that is news.
    pub fn checked(&self, up: bool, now: Tick) -> bool {
        let before = if up {
            self.down.swap(0, Ordering::Relaxed)
        } else {
            self.down.fetch_or(CHECKED_DOWN, Ordering::Relaxed)
        };
        if up && before != 0 {
            self.back_since.store(now.nanos(), Ordering::Relaxed);
        }
        if up {
            before != 0
        } else {
            before & CHECKED_DOWN == 0
        }
    }

    /// A request failed. After as many failures as are counted within `window` the server rests
    /// for `rest`, or without end until a health check passes. True when it goes down now.
    pub fn failed(&self, now: Tick, window: Duration, rest: Option<Duration>) -> bool {
        let length = self.failures.len() as u64;
        let number = self.failed.fetch_add(1, Ordering::Relaxed);
        let place = |number: u64| {
            let place = number.checked_rem(length)?;
            self.failures.get(usize::try_from(place).ok()?)
        };
        let Some(newest) = place(number) else {
            return false;
        };
        newest.store(now.nanos(), Ordering::Relaxed);
        if number + 1 < length {
            return false;
        }
        // The one that the next failure will push out.
        let oldest = place(number + 1).map_or(0, |oldest| oldest.load(Ordering::Relaxed));
        if now.since(Tick::from_nanos(oldest)) > window {
            return false;
        }
        let until = rest.map_or(Tick::NEVER, |rest| now + rest);
        self.rests_until.store(until.nanos(), Ordering::Relaxed);
        self.down.fetch_or(RESTING, Ordering::Relaxed) == 0
    }

    /// How long it has been up again; none when it was never seen down.
    #[must_use]
    pub fn back_for(&self, now: Tick) -> Option<Duration> {
        let since = self.back_since.load(Ordering::Relaxed);
        (since != 0).then(|| now.since(Tick::from_nanos(since)))
    }

    pub fn begin(&self) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
    }

    pub fn end(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// An answer began after so long.
    pub fn answered(&self, took: Duration, now: Tick) {
        let sample = took.as_secs_f64() * 1e9;
        let before = f64::from_bits(self.average.load(Ordering::Relaxed));
        let fed_at = self.fed_at.swap(now.nanos(), Ordering::Relaxed);
        let idle = now.since(Tick::from_nanos(fed_at)).as_secs_f64();
        let share = (1.0 - (-idle / LEARNS_IN).exp()).max(NEWEST_SHARE);
        let average = if before == 0.0 {
            sample
        } else {
            before + (sample - before) * share
        };
        // Of two shards that write at once one is forgotten: the next answer tells the same.
        let bits = average.max(1.0).to_bits();
        self.average.store(bits, Ordering::Relaxed);
    }

    /// The average time to an answer, in nanoseconds, and how long ago the last one was. It
    /// fades while nothing comes: a server that was slow is asked again. None: unknown.
    #[must_use]
    pub fn answer_time(&self, now: Tick) -> Option<(f64, Duration)> {
        let average = f64::from_bits(self.average.load(Ordering::Relaxed));
        let idle = now.since(Tick::from_nanos(self.fed_at.load(Ordering::Relaxed)));
        let faded = average * (-idle.as_secs_f64() / FADES_IN).exp();
        (average != 0.0).then(|| (faded.max(1.0), idle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Tick {
        Tick::from_nanos(seconds * 1_000_000_000)
    }

    const fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn a_health_check_decides_and_tells_news_once() {
        let state = ServerState::default();
        assert!(state.is_up(at(1)));
        assert!(!state.checked(true, at(1)));
        assert!(state.checked(false, at(2)));
        assert!(!state.checked(false, at(3)));
        assert!(!state.is_up(at(3)));
        assert_eq!(state.back_for(at(3)), None);
        assert!(state.checked(true, at(4)));
        assert!(state.is_up(at(4)));
        assert_eq!(state.back_for(at(7)), Some(secs(3)));
    }

    #[test]
    fn so_many_failures_in_a_window_make_it_rest() {
        // Failures at these seconds, `maxFailedAttempts`, which of them takes it down.
        let table = [
            (vec![5], 1, Some(0)),
            (vec![5, 6], 2, Some(1)),
            (vec![5, 6, 30], 3, None),
            (vec![5, 6, 30, 31, 32], 3, Some(4)),
            (vec![5, 15, 25, 35], 2, Some(1)),
            (vec![5, 6, 7], 0, None),
        ];
        for (failures, max, expected) in table {
            let state = ServerState::counting(max);
            let fell = |second: &u64| state.failed(at(*second), secs(10), Some(secs(10)));
            assert_eq!(
                failures.iter().position(fell),
                expected,
                "{failures:?} {max}"
            );
        }
    }

    #[test]
    fn a_rest_ends_by_itself_or_by_a_health_check() {
        let state = ServerState::counting(1);
        assert!(state.failed(at(1), secs(10), Some(secs(10))));
        assert!(!state.failed(at(2), secs(10), Some(secs(10))));
        assert!(!state.is_up(at(11)));
        assert!(state.is_up(at(12)));
        assert_eq!(state.back_for(at(13)), Some(secs(1)));
        state.failed(at(20), secs(10), None);
        assert!(!state.is_up(at(9999)));
        assert!(state.checked(true, at(9999)));
        assert!(state.is_up(at(9999)));
    }

    #[test]
    fn failures_counted_have_a_bound() {
        let state = ServerState::counting(usize::MAX);
        assert_eq!(state.failures.len(), PASSIVE_FAILURES_MAX);
    }

    #[test]
    fn an_average_follows_and_fades() {
        let state = ServerState::default();
        assert_eq!(state.answer_time(at(1)), None);
        let millis = |state: &ServerState, second| {
            let (nanos, _) = state.answer_time(at(second)).unwrap();
            (nanos / 1e6).round()
        };
        state.answered(secs(8), at(1));
        assert_eq!(millis(&state, 1), 8000.0);
        // After 20 s of silence little of a slow start is left.
        assert_eq!(millis(&state, 21), 1083.0);
        state.answered(Duration::from_millis(4), at(31));
        assert!(millis(&state, 31) < 30.0);
        for _ in 0..50 {
            state.answered(Duration::from_millis(100), at(31));
        }
        assert_eq!(millis(&state, 31), 100.0);
    }
}
