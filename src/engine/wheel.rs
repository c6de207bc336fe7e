//! Timers of one shard: a hierarchical wheel of milliseconds.
//!
//! Six levels of 64 slots; a slot of level `n` spans `64^n` ms. Arming, moving and disarming are
//! O(1); a timer is moved down a level at most five times. Never early, at most 1 ms late.

use crate::base::Tick;

const LEVEL_BITS: u32 = 6;
const SLOTS: usize = 1 << LEVEL_BITS;
const LEVELS: usize = 6;
const SENTINELS: u32 = small(SLOTS * LEVELS);
/// The furthest a timer is placed ahead; one beyond is looked at again when it gets there.
const SPAN_MS: u64 = 1 << (LEVEL_BITS * small(LEVELS));
const NANOS_PER_MS: u64 = 1_000_000;

/// A timer that is armed. Forgetting it leaves it armed; it fires once and is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Timer(u32);

impl Timer {
    /// Stands for "not armed" where an `Option` would cost four bytes more.
    pub(super) const NONE: Self = Self(u32::MAX);
}

/// Whom a fired timer concerns; the wheel only hands it back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Owner(pub(super) u32);

/// One timer, or the head of one slot's ring of timers.
#[derive(Clone, Copy)]
struct Node {
    at_ms: u64,
    owner: Owner,
    previous: u32,
    next: u32,
}

pub(super) struct Wheel {
    /// The first [`SENTINELS`] nodes are the slots' heads.
    nodes: Vec<Node>,
    free: Vec<u32>,
    /// Per level, which slots hold a timer.
    occupied: [u64; LEVELS],
    /// All timers up to here have fired.
    elapsed_ms: u64,
}

impl Wheel {
    pub(super) fn new(now: Tick) -> Self {
        let head = |index| Node {
            at_ms: 0,
            owner: Owner(0),
            previous: index,
            next: index,
        };
        Self {
            nodes: (0..SENTINELS).map(head).collect(),
            free: Vec::new(),
            occupied: [0; LEVELS],
            elapsed_ms: now.nanos() / NANOS_PER_MS,
        }
    }

    /// The first millisecond that is not before `at`.
    pub(super) const fn ms_of(at: Tick) -> u64 {
        at.nanos().div_ceil(NANOS_PER_MS)
    }

    /// Arms a timer; one in the past fires with the next [`Wheel::advance`].
    pub(super) fn arm(&mut self, at_ms: u64, owner: Owner) -> Timer {
        let node = Node {
            at_ms,
            owner,
            previous: 0,
            next: 0,
        };
        let index = if let Some(index) = self.free.pop() {
            self.nodes[index as usize] = node;
            index
        } else {
            self.nodes.push(node);
            small(self.nodes.len() - 1)
        };
        self.link(index);
        Timer(index)
    }

    pub(super) fn disarm(&mut self, timer: Timer) {
        self.unlink(timer.0);
        self.free.push(timer.0);
    }

    /// Fires what is due at `now`, in order of time.
    pub(super) fn advance(&mut self, now: Tick, mut fire: impl FnMut(Owner)) {
        let now_ms = now.nanos() / NANOS_PER_MS;
        while let Some((head, due_ms)) = self.next_slot() {
            if due_ms > now_ms {
                break;
            }
            self.elapsed_ms = self.elapsed_ms.max(due_ms);
            self.empty(head, &mut fire);
        }
        self.elapsed_ms = self.elapsed_ms.max(now_ms);
    }

    /// When [`Wheel::advance`] should be called next, if ever.
    pub(super) fn next_due(&self) -> Option<Tick> {
        self.next_slot()
            .map(|(_, due_ms)| Tick::from_nanos(due_ms.saturating_mul(NANOS_PER_MS)))
    }

    #[cfg(test)]
    pub(super) fn armed(&self) -> usize {
        self.nodes.len() - SENTINELS as usize - self.free.len()
    }

    /// Fires or moves down all timers of one slot, whose time has come.
    fn empty(&mut self, head: u32, fire: &mut impl FnMut(Owner)) {
        // Moved timers land in other slots: in this level only those ahead, below only nearer ones.
        while self.nodes[head as usize].next != head {
            let index = self.nodes[head as usize].next;
            self.unlink(index);
            let node = self.nodes[index as usize];
            if node.at_ms <= self.elapsed_ms {
                self.free.push(index);
                fire(node.owner);
            } else {
                self.link(index);
            }
        }
    }

    /// The head of the slot that comes first, and when.
    fn next_slot(&self) -> Option<(u32, u64)> {
        // A lower level always comes before a higher one: it divides the present slot of that.
        let level = self.occupied.iter().position(|slots| *slots != 0)?;
        let shift = LEVEL_BITS * small(level);
        let here = (self.elapsed_ms >> shift) % SLOTS as u64;
        let ahead = self.occupied[level]
            .rotate_right(small_u64(here))
            .trailing_zeros();
        let slot = (here + u64::from(ahead)) % SLOTS as u64;
        let round = self.elapsed_ms >> shift >> LEVEL_BITS << LEVEL_BITS << shift;
        let wrapped = if slot < here {
            (SLOTS as u64) << shift
        } else {
            0
        };
        let head = small(level * SLOTS) + small_u64(slot);
        Some((head, round + wrapped + (slot << shift)))
    }

    fn link(&mut self, index: u32) {
        let at_ms = self.nodes[index as usize].at_ms;
        let place_ms = at_ms.clamp(
            self.elapsed_ms + 1,
            self.elapsed_ms + SPAN_MS - SPAN_MS / 64,
        );
        let differing = (place_ms ^ self.elapsed_ms) | (SLOTS as u64 - 1);
        let level = ((63 - differing.leading_zeros()) / LEVEL_BITS).min(small(LEVELS) - 1);
        let slot = small_u64((place_ms >> (LEVEL_BITS * level)) % SLOTS as u64);
        self.occupied[level as usize] |= 1 << slot;
        let head = level * small(SLOTS) + slot;
        let last = self.nodes[head as usize].previous;
        let node = &mut self.nodes[index as usize];
        node.previous = last;
        node.next = head;
        self.nodes[last as usize].next = index;
        self.nodes[head as usize].previous = index;
    }

    fn unlink(&mut self, index: u32) {
        let Node { previous, next, .. } = self.nodes[index as usize];
        self.nodes[previous as usize].next = next;
        self.nodes[next as usize].previous = previous;
        if previous == next && next < SENTINELS {
            let (level, slot) = (next as usize / SLOTS, next as usize % SLOTS);
            self.occupied[level] &= !(1 << slot);
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a shard has under 2^32 timers"
)]
const fn small(number: usize) -> u32 {
    number as u32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "called with numbers below 64"
)]
const fn small_u64(number: u64) -> u32 {
    number as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn ms(ms: u64) -> Tick {
        Tick::from_nanos(ms * NANOS_PER_MS)
    }

    #[test]
    fn timers_fire_in_order_and_never_early() {
        let mut wheel = Wheel::new(ms(5));
        for (owner, at) in [(1, 10), (2, 5000), (3, 7), (4, 200_000), (5, 64)] {
            wheel.arm(at, Owner(owner));
        }
        let mut fired = Vec::new();
        for now in [6, 7, 63, 64, 4999, 5000, 199_999, 200_000] {
            wheel.advance(ms(now), |owner| fired.push((now, owner.0)));
        }
        assert_eq!(fired, [(7, 3), (63, 1), (64, 5), (5000, 2), (200_000, 4)]);
        assert_eq!((wheel.armed(), wheel.next_due()), (0, None));
    }

    #[test]
    fn a_timer_beyond_the_wheel_comes_at_its_time() {
        let mut wheel = Wheel::new(ms(1));
        let far = SPAN_MS * 3 + 17;
        wheel.arm(far, Owner(1));
        let mut fired = Vec::new();
        while let Some(due) = wheel.next_due() {
            wheel.advance(due, |owner| fired.push((due.millis(), owner.0)));
        }
        assert_eq!(fired, [(far, 1)]);
    }

    proptest! {
        /// The wheel against a sorted map: arm, disarm and advance at random.
        #[test]
        fn the_wheel_agrees_with_a_sorted_map(steps in prop::collection::vec(
            (0_u8..4, 0_u64..300_000, 0_u64..200), 1..300)) {
            let mut wheel = Wheel::new(ms(0));
            let mut plain: BTreeMap<u32, (u64, Timer)> = BTreeMap::new();
            let (mut now, mut next) = (0, 0_u32);
            for (what, far, near) in steps {
                match what {
                    0 | 1 => {
                        let at = now + 1 + if what == 0 { far } else { near };
                        plain.insert(next, (at, wheel.arm(at, Owner(next))));
                        next += 1;
                    }
                    2 => {
                        if let Some((owner, (_, timer))) = plain.pop_first() {
                            wheel.disarm(timer);
                            prop_assert!(owner < next);
                        }
                    }
                    _ => {
                        now += if far % 2 == 0 { far } else { near };
                        let mut fired = Vec::new();
                        wheel.advance(ms(now), |owner| fired.push(owner.0));
                        fired.sort_unstable();
                        let due: Vec<u32> = plain.iter()
                            .filter(|(_, (at, _))| *at <= now).map(|(owner, _)| *owner).collect();
                        plain.retain(|_, (at, _)| *at > now);
                        prop_assert_eq!(fired, due);
                    }
                }
                let soonest = plain.values().map(|(at, _)| *at).min();
                let due = wheel.next_due().map(Tick::millis);
                prop_assert_eq!(due.is_some(), soonest.is_some());
                prop_assert!(due <= soonest, "{:?} {:?}", due, soonest);
                prop_assert_eq!(wheel.armed(), plain.len());
            }
        }
    }
}
