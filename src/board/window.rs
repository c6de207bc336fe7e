use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use crate::base::Tick;

use super::circuit::ratio;

/// Seconds that a window looks back.
pub const WINDOW_S: u64 = CELLS as u64;

const CELLS: usize = 10;
const STAMP_SHIFT: u32 = 32;
const COUNT: u64 = u32::MAX as u64;

/// Counts of the last ten seconds, shared by all shards without a lock. Each second of each
/// count is one number, the second itself above it: an old one is overwritten by the first that
/// counts in its place.
#[derive(Debug)]
pub struct Window {
    cells: Box<[[AtomicU64; CELLS]]>,
}

impl Window {
    #[must_use]
    pub fn of(counts: usize) -> Self {
        let row = || [const { AtomicU64::new(0) }; CELLS];
        Self {
            cells: std::iter::repeat_with(row).take(counts).collect(),
        }
    }

    pub fn count(&self, which: usize, now: Tick) {
        let second = second(now);
        let Some(cell) = self.cells.get(which).and_then(|row| row.get(place(second))) else {
            return;
        };
        let more = |word: u64| {
            let old = word >> STAMP_SHIFT != second;
            let count = if old { 0 } else { word & COUNT };
            Some(second << STAMP_SHIFT | (count + 1).min(COUNT))
        };
        // `more` always has an answer.
        let _ = cell.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    /// The first count as a part of the second.
    #[must_use]
    pub fn ratio(&self, part: usize, whole: usize, now: Tick) -> f64 {
        ratio(self.sum(part, now), self.sum(whole, now))
    }

    #[must_use]
    pub fn sum(&self, which: usize, now: Tick) -> u64 {
        let second = second(now);
        let cells = self.cells.get(which).into_iter().flatten();
        cells
            .map(|cell| cell.load(Ordering::Relaxed))
            .filter(|word| second.wrapping_sub(word >> STAMP_SHIFT) < WINDOW_S)
            .map(|word| word & COUNT)
            .sum()
    }

    pub fn clear(&self) {
        for cell in self.cells.iter().flatten() {
            cell.store(0, Ordering::Relaxed);
        }
    }
}

/// Seconds count from one: zero is never.
const fn second(now: Tick) -> u64 {
    (now.nanos() / 1_000_000_000 + 1) & COUNT
}

fn place(second: u64) -> usize {
    usize::try_from(second % WINDOW_S).unwrap_or(0)
}

/// Parts of an octave that are told apart: within 0.8 % of each other.
const PARTS: u64 = 128;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// The longest time that is told apart: an hour in microseconds.
const MICROS_MAX: u64 = 3_600_000_000;
const STEPS: usize = step_of(MICROS_MAX) + 1;
/// Slices of the time that latencies look back, of two seconds each.
const SLICES: usize = 5;
const SLICE_S: u64 = WINDOW_S / SLICES as u64;

/// How long answers took in the last ten seconds, to within one percent.
#[derive(Debug, Default)]
pub struct Latencies {
    slices: [Slice; SLICES],
}

#[derive(Debug, Default)]
struct Slice {
    /// Which slice of time it is, counted from one.
    number: AtomicU64,
    /// Answers by how long they took. Made when first used.
    steps: OnceLock<Box<[AtomicU32]>>,
}

impl Latencies {
    pub fn note(&self, micros: u64, now: Tick) {
        let number = slice(now);
        let Some(slice) = self
            .slices
            .get(usize::try_from(number).unwrap_or(0) % SLICES)
        else {
            return;
        };
        let steps = slice.steps();
        let known = slice.number.load(Ordering::Relaxed);
        if known != number {
            let turned =
                slice
                    .number
                    .compare_exchange(known, number, Ordering::Relaxed, Ordering::Relaxed);
            if turned.is_ok() {
                // What others count just now may be lost: one answer among many.
                for step in steps {
                    step.store(0, Ordering::Relaxed);
                }
            }
        }
        if let Some(step) = steps.get(step_of(micros.clamp(1, MICROS_MAX))) {
            step.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The time in microseconds within which so many of a hundred answers came; 0 without any.
    #[must_use]
    pub fn quantile(&self, percent: f64, now: Tick) -> u64 {
        let number = slice(now);
        let live: Vec<&[AtomicU32]> = self
            .slices
            .iter()
            .filter(|slice| {
                number.wrapping_sub(slice.number.load(Ordering::Relaxed)) < SLICES as u64
            })
            .filter_map(|slice| slice.steps.get().map(|steps| &**steps))
            .collect();
        let at = |step: usize| -> u64 {
            let counts = live.iter().filter_map(|steps| steps.get(step));
            counts
                .map(|count| u64::from(count.load(Ordering::Relaxed)))
                .sum()
        };
        let all: u64 = (0..STEPS).map(at).sum();
        let mut left = rank(percent, all);
        for step in 0..STEPS {
            let here = at(step);
            if here > 0 && left <= here {
                return highest_of(step);
            }
            left -= here.min(left);
        }
        0
    }

    pub fn clear(&self) {
        for slice in &self.slices {
            slice.number.store(0, Ordering::Relaxed);
        }
    }
}

impl Slice {
    fn steps(&self) -> &[AtomicU32] {
        self.steps.get_or_init(|| {
            std::iter::repeat_with(AtomicU32::default)
                .take(STEPS)
                .collect()
        })
    }
}

const fn slice(now: Tick) -> u64 {
    now.nanos() / (SLICE_S * 1_000_000_000) + SLICES as u64
}

/// The how-manieth of all answers stands at this percentage, counted from one.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts stay far below 2^52, and the share lies between none and all"
)]
fn rank(percent: f64, all: u64) -> u64 {
    let share = (percent.clamp(0.0, 100.0) / 100.0 * all as f64 + 0.5) as u64;
    share.max(1)
}

/// Times up to `PARTS` each have a step; above, each octave has so many.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a step is a small number for times up to an hour"
)]
const fn step_of(micros: u64) -> usize {
    if micros < 2 * PARTS {
        return micros as usize;
    }
    let octave = 63 - micros.leading_zeros() - PART_BITS;
    (octave as u64 * PARTS + (micros >> octave)) as usize
}

/// The longest time of a step.
const fn highest_of(step: usize) -> u64 {
    let step = step as u64;
    if step < 2 * PARTS {
        return step;
    }
    let octave = step / PARTS - 1;
    ((step - octave * PARTS + 1) << octave) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Tick {
        Tick::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn a_window_forgets_after_ten_seconds() {
        let window = Window::of(2);
        for millis in [0, 500, 999, 1000, 9999] {
            window.count(0, at(millis));
        }
        window.count(1, at(0));
        let sums = [9_999, 10_000, 11_000, 19_000, 60_000].map(|now| window.sum(0, at(now)));
        assert_eq!(sums, [5, 2, 1, 0, 0]);
        assert!((window.ratio(1, 0, at(9_999)) - 0.2).abs() < 1e-9);
        assert!(window.ratio(1, 0, at(90_000)).abs() < 1e-9);
        window.count(0, at(20_000));
        assert_eq!(window.sum(0, at(20_000)), 1, "the place was used before");
        window.clear();
        assert_eq!(window.sum(0, at(20_000)), 0);
    }

    #[test]
    fn all_shards_count_together() {
        let window = Window::of(1);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|turn| window.count(0, at(turn))));
            }
        });
        assert_eq!(window.sum(0, at(1000)), 4000);
    }

    #[test]
    fn steps_hold_their_times_to_within_a_percent() {
        let mut last = 0;
        for micros in (1..2000)
            .chain((2000..MICROS_MAX).step_by(777_777))
            .chain([MICROS_MAX])
        {
            let step = step_of(micros);
            assert!(step >= last && step < STEPS, "{micros}");
            last = step;
            let highest = highest_of(step);
            assert!(
                highest >= micros && (highest - micros) * 100 <= micros,
                "{micros}"
            );
        }
    }

    #[test]
    fn quantiles_are_those_of_the_last_ten_seconds() {
        let latencies = Latencies::default();
        assert_eq!(latencies.quantile(50.0, at(0)), 0);
        for turn in 1..=100_u64 {
            latencies.note(turn * 1000, at(turn));
        }
        for (percent, millis) in [(50.0, 50), (99.0, 99), (100.0, 100), (0.0, 1)] {
            let found = latencies.quantile(percent, at(200));
            let expected = millis * 1000;
            assert!(
                found.abs_diff(expected) <= expected / 100,
                "{percent}: {found}"
            );
        }
        latencies.note(7, at(9_000));
        assert_eq!(latencies.quantile(100.0, at(10_100)), 7);
        assert_eq!(latencies.quantile(100.0, at(30_000)), 0);
        latencies.note(9, at(30_000));
        latencies.clear();
        assert_eq!(latencies.quantile(100.0, at(30_000)), 0);
    }
}
