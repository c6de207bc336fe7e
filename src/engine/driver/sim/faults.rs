//! What may go wrong in the simulated network, and the dice that decide.

use std::time::Duration;

/// How a simulated network misbehaves. Chances are per thousand.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Faults {
    /// How long anything takes to arrive: between these.
    pub delay: (Duration, Duration),
    /// Bytes on their way or unread in one direction of a connection; then the sender waits.
    pub window: usize,
    /// That what is sent arrives in several pieces, or is handed out in several.
    pub split: u16,
    /// That a send takes only a part, and the rest later.
    pub short_write: u16,
    /// That a segment arrives as a reset, and ends the connection.
    pub reset: u16,
    /// That bytes which have arrived can't be had for a while: no buffer, a late completion.
    pub stall: u16,
    /// That a connection is refused although somebody listens.
    pub refuse: u16,
    /// That a connection attempt is never answered.
    pub lost: u16,
    /// That an accept fails for want of descriptors.
    pub exhausted: u16,
    /// That an event is told of which nothing comes.
    pub spurious: u16,
    /// What happens at one time is told in any order.
    pub reorder: bool,
}

impl Faults {
    /// A network that always works, and takes 50 microseconds.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            delay: (Duration::from_micros(50), Duration::from_micros(50)),
            window: 256 * 1024,
            split: 0,
            short_write: 0,
            reset: 0,
            stall: 0,
            refuse: 0,
            lost: 0,
            exhausted: 0,
            spurious: 0,
            reorder: false,
        }
    }

    /// A network that keeps all promises of TCP, and nothing more: bytes come late, in pieces,
    /// and in surprising turns, but they come.
    #[must_use]
    pub const fn rough() -> Self {
        Self {
            delay: (Duration::from_micros(1), Duration::from_millis(20)),
            window: 8 * 1024,
            split: 300,
            short_write: 300,
            stall: 100,
            spurious: 100,
            reorder: true,
            ..Self::none()
        }
    }

    /// As [`Faults::rough`], and connections break, are refused, and never made.
    #[must_use]
    pub const fn hostile() -> Self {
        Self {
            reset: 20,
            refuse: 50,
            lost: 20,
            exhausted: 50,
            ..Self::rough()
        }
    }
}

/// A small generator: the same seed, the same numbers (SplitMix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    #[expect(clippy::cast_possible_truncation, reason = "below a usize")]
    pub(super) const fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    pub(super) const fn chance(&mut self, per_thousand: u16) -> bool {
        per_thousand > 0 && self.roll() % 1000 < per_thousand as u64
    }

    /// A time between the two, in nanoseconds.
    pub(super) fn between(&mut self, (least, most): (Duration, Duration)) -> u64 {
        let nanos = |span: Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        let (least, most) = (nanos(least), nanos(most));
        if most <= least {
            least
        } else {
            least + self.roll() % (most - least + 1)
        }
    }

    pub(super) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}
