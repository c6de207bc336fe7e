use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::base::Tick;

use super::levels::Levels;

/// Units of a nanosecond in which buckets count, so that fast rates stay true.
const UNITS: u64 = 16;
/// Where time begins: a bucket that was never used is full from the start.
const BEGINNING: u64 = 1 << 62;
/// A longer wait is for ever (about four years).
const FOR_EVER: u64 = 1 << 61;

/// How fast tokens come, and how many a bucket holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pace {
    /// Units between two tokens.
    interval: u64,
    /// Units in which an empty bucket fills.
    fill: u64,
    /// Units that a request may wait for its token.
    wait_max: u64,
}

impl Pace {
    /// `average` tokens come in each `period`; a bucket holds `burst` of them.
    #[must_use]
    pub fn new(average: u64, period: Duration, burst: u64, wait_max: Duration) -> Self {
        let units = |span: Duration| span.as_nanos() * u128::from(UNITS);
        let clamp = |units: u128| u64::try_from(units).unwrap_or(u64::MAX).min(FOR_EVER);
        let interval = clamp(units(period) / u128::from(average.max(1))).max(1);
        Self {
            interval,
            fill: clamp(u128::from(interval) * u128::from(burst.max(1))),
            wait_max: clamp(units(wait_max)),
        }
    }

    /// In microseconds: between two tokens, until an empty bucket is full, the longest wait.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        reason = "one part in 2^53 is exact enough"
    )]
    pub fn micros(&self) -> [f64; 3] {
        [self.interval, self.fill, self.wait_max]
            .map(|units| units as f64 / (UNITS as f64 * 1000.0))
    }
}

impl Turn {
    /// There is no token for so long.
    #[must_use]
    pub fn too_late(wait: Duration) -> Self {
        if wait.as_nanos() * u128::from(UNITS) >= u128::from(FOR_EVER) {
            Self::Never
        } else {
            Self::TooLate(wait)
        }
    }
}

/// Whether a request may pass, by its token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It has its token after this time.
    In(Duration),
    /// The next token that nobody has comes too late, after this time; none was taken.
    TooLate(Duration),
    /// There will be no token.
    Never,
}

/// Token buckets of many sources, shared by all shards without a lock. A bucket is one number:
/// the time at which it was, or will be, empty. One that would be full is as good as none, so
/// its place goes to whoever comes next; when all of a source's places are taken by buckets in
/// use, the fullest of them is forgotten.
#[derive(Debug, Default)]
pub struct Buckets {
    places: Levels<Bucket>,
}

#[derive(Debug, Default)]
struct Bucket {
    /// Zero: nobody's.
    key: AtomicU64,
    empty_at: AtomicU64,
}

impl Buckets {
    /// Most buckets that are remembered.
    pub const COUNT_MAX: usize = Levels::<Bucket>::PLACES_MAX;

    /// Takes one token of the source's bucket. Exact over all shards, but for a token when two
    /// of them make the same bucket at once.
    pub fn take(&self, key: u64, now: Tick, pace: &Pace) -> Turn {
        let now = BEGINNING.saturating_add(now.nanos().saturating_mul(UNITS));
        // A bucket that was empty then, or before, is full now.
        let full = now - pace.fill;
        let bucket = self.bucket(key.max(1), full);
        let mut empty_at = bucket.empty_at.load(Ordering::Relaxed);
        loop {
            let after = empty_at.max(full).saturating_add(pace.interval);
            let wait = after.saturating_sub(now);
            if wait >= FOR_EVER {
                return Turn::Never;
            }
            if wait > pace.wait_max {
                return Turn::TooLate(Duration::from_nanos(wait / UNITS));
            }
            match bucket.empty_at.compare_exchange_weak(
                empty_at,
                after,
                Ordering::Relaxed,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Turn::In(Duration::from_nanos(wait / UNITS)),
                Err(other) => empty_at = other,
            }
        }
    }

    /// The source's bucket, made where there is none.
    fn bucket(&self, key: u64, full: u64) -> &Bucket {
        loop {
            let mut spare: Option<(&Bucket, u64)> = None;
            for bucket in self.places.places(key) {
                if bucket.key.load(Ordering::Relaxed) == key {
                    return bucket;
                }
                let empty_at = bucket.empty_at.load(Ordering::Relaxed);
                // The first that is full serves; of those in use, the fullest.
                if spare.is_none_or(|(_, least)| least > full && empty_at < least) {
                    spare = Some((bucket, empty_at));
                }
            }
            let free = spare.filter(|(_, empty_at)| *empty_at <= full);
            let taken = match (free, spare) {
                (Some((bucket, _)), _) => bucket.claim(key),
                (None, _) if self.places.grow() => None,
                (None, Some((bucket, empty_at))) => bucket.claim(key).inspect(|bucket| {
                    // Only what the one before had used: who is in it now keeps what he took.
                    let emptied = (empty_at, full);
                    bucket.refill(emptied);
                }),
                (None, None) => None,
            };
            if let Some(bucket) = taken {
                return bucket;
            }
        }
    }
}

impl Bucket {
    /// Makes it the bucket of `key`, unless somebody else was faster.
    fn claim(&self, key: u64) -> Option<&Self> {
        let old = self.key.load(Ordering::Relaxed);
        let claimed = self
            .key
            .compare_exchange(old, key, Ordering::Relaxed, Ordering::Relaxed);
        claimed.is_ok().then_some(self)
    }

    fn refill(&self, (from, to): (u64, u64)) {
        // Nothing is lost when another shard has just taken a token: the bucket is less full.
        let _ = self
            .empty_at
            .compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(millis: u64) -> Tick {
        Tick::from_nanos(millis * 1_000_000)
    }

    fn millis(turn: Turn) -> Result<u128, Option<u128>> {
        match turn {
            Turn::In(wait) => Ok(wait.as_millis()),
            Turn::TooLate(wait) => Err(Some(wait.as_millis())),
            Turn::Never => Err(None),
        }
    }

    #[test]
    fn a_bucket_gives_its_burst_and_then_its_average() {
        let pace = Pace::new(10, SECOND, 3, Duration::from_millis(50));
        let buckets = Buckets::default();
        let table = [
            (0, Ok(0)),
            (0, Ok(0)),
            (0, Ok(0)),
            (0, Err(Some(100))),
            (40, Err(Some(60))),
            // The token of 100 ms is near enough to wait for.
            (60, Ok(40)),
            (60, Err(Some(140))),
            (200, Ok(0)),
            // Ten minutes later it holds three, not six thousand.
            (600_000, Ok(0)),
            (600_000, Ok(0)),
            (600_000, Ok(0)),
            (600_000, Err(Some(100))),
        ];
        for (now, expected) in table {
            let found = millis(buckets.take(7, at(now), &pace));
            assert_eq!(found, expected, "at {now}");
        }
        assert_eq!(millis(buckets.take(8, at(600_000), &pace)), Ok(0));
    }

    #[test]
    fn rates_of_all_sizes_stay_true() {
        // Slower than once in four years is never.
        let never = Pace::new(1, Duration::from_secs(1 << 33), 1, Duration::ZERO);
        let buckets = Buckets::default();
        assert_eq!(buckets.take(1, at(0), &never), Turn::In(Duration::ZERO));
        assert_eq!(buckets.take(1, at(0), &never), Turn::Never);
        for average in [1_u64, 3, 1000, 999_999, 300_000_000] {
            let pace = Pace::new(average, SECOND, 8, Duration::ZERO);
            let (buckets, mut passed) = (Buckets::default(), 0_u32);
            let step = (1_000_000_000 / average / 4).max(1);
            let steps = (4 * average).clamp(1, 100_000);
            for turn in 0..steps {
                let now = Tick::from_nanos(turn * step);
                passed += u32::from(matches!(buckets.take(1, now, &pace), Turn::In(_)));
            }
            let due = u128::from(average) * u128::from(steps * step) / 1_000_000_000;
            let error = u128::from(passed).abs_diff(due);
            assert!(
                error <= 8 + due / 100,
                "{average}: {passed} instead of {due}"
            );
        }
    }

    #[test]
    fn all_shards_together_get_one_burst() {
        let pace = Pace::new(1, SECOND, 1000, Duration::ZERO);
        let (buckets, passed) = (Buckets::default(), AtomicU32::new(0));
        let ask = || {
            let turns = (0..1000).map(|_| buckets.take(9, at(5), &pace));
            let taken = turns.filter(|turn| matches!(turn, Turn::In(_))).count();
            passed.fetch_add(u32::try_from(taken).unwrap(), Ordering::Relaxed);
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(ask);
            }
        });
        assert_eq!(passed.into_inner(), 1000);
    }

    #[test]
    fn a_flood_of_sources_takes_no_more_places() {
        let pace = Pace::new(1, SECOND, 2, Duration::ZERO);
        let buckets = Buckets::default();
        let hasher = ahash::RandomState::with_seeds(1, 2, 3, 4);
        for source in 0..Buckets::COUNT_MAX + 20_000 {
            let turn = buckets.take(hasher.hash_one(source), at(1), &pace);
            assert_eq!(turn, Turn::In(Duration::ZERO), "{source}");
        }
        assert!(!buckets.places.grow(), "all levels are there");
        // Long after, each place serves again.
        let turn = buckets.take(hasher.hash_one("late"), at(10_000), &pace);
        assert_eq!(turn, Turn::In(Duration::ZERO));
    }

    #[test]
    fn nearly_as_many_sources_as_places_are_told_apart() {
        let pace = Pace::new(1, SECOND, 1, Duration::ZERO);
        let buckets = Buckets::default();
        let hasher = ahash::RandomState::with_seeds(1, 2, 3, 4);
        let sources = 20_000;
        for round in 0..2 {
            let turns = (0..sources).map(|n: u32| buckets.take(hasher.hash_one(n), at(1), &pace));
            let passed = turns.filter(|turn| matches!(turn, Turn::In(_))).count();
            let expected = if round == 0 { sources as usize } else { 0 };
            assert_eq!(passed, expected, "round {round}");
        }
    }
}
