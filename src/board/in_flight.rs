use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::levels::Levels;

const COUNT_BITS: u32 = 24;
const COUNT: u64 = (1 << COUNT_BITS) - 1;

/// How often a source may find that somebody has just made the same count elsewhere.
const TURNS_MAX: usize = 8;

/// Requests under way by their source, shared by all shards without a lock. A count is one
/// number, the source's mark above it: a place whose count is zero is nobody's.
#[derive(Debug, Default)]
pub struct InFlight {
    places: Levels<AtomicU64>,
}

/// One request that is counted until this is dropped.
#[derive(Debug)]
pub struct Counted {
    counts: Arc<InFlight>,
    key: u64,
}

impl Drop for Counted {
    fn drop(&mut self) {
        let less = |word: u64| is_of(word, self.key).then(|| word - 1);
        let leave = |place: &AtomicU64| {
            place
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
                .is_ok()
        };
        // It is counted somewhere; another one may leave in its stead while it looks.
        for _ in 0..TURNS_MAX {
            if self.counts.places.places(self.key).any(leave) {
                return;
            }
        }
    }
}

impl InFlight {
    /// Most sources that are counted at once; requests of further ones do not come in.
    pub const SOURCES_MAX: usize = Levels::<AtomicU64>::PLACES_MAX;

    /// Counts one more request of the source, unless that would be more than `most`.
    pub fn enter(self: &Arc<Self>, key: u64, most: u64) -> Option<Counted> {
        let most = most.min(COUNT);
        if most == 0 {
            return None;
        }
        for turn in 0..TURNS_MAX {
            let inside = match self.enter_known(key, most) {
                Some(known) => known,
                None => self.enter_new(key),
            };
            let counted = inside.then(|| Counted {
                counts: Arc::clone(self),
                key,
            })?;
            // Two shards may have begun to count one source at once: both begin anew.
            if turn + 1 == TURNS_MAX || self.places_of(key) == 1 {
                return Some(counted);
            }
        }
        None
    }

    /// None when nothing of the source is under way.
    fn enter_known(&self, key: u64, most: u64) -> Option<bool> {
        for place in self.places.places(key) {
            let more = |word: u64| (is_of(word, key) && word & COUNT < most).then(|| word + 1);
            match place.fetch_update(Ordering::SeqCst, Ordering::SeqCst, more) {
                Ok(_) => return Some(true),
                Err(word) if is_of(word, key) => return Some(false),
                Err(_) => {}
            }
        }
        None
    }

    /// False when there is no room for one more source.
    fn enter_new(&self, key: u64) -> bool {
        let first = |word: u64| (word & COUNT == 0).then_some(mark(key) | 1);
        let begin = |place: &AtomicU64| {
            place
                .fetch_update(Ordering::SeqCst, Ordering::SeqCst, first)
                .is_ok()
        };
        loop {
            if self.places.places(key).any(begin) {
                return true;
            }
            if !self.places.grow() {
                return false;
            }
        }
    }

    /// In how many places the source is counted: one, but for an instant.
    fn places_of(&self, key: u64) -> usize {
        let counted = |place: &&AtomicU64| is_of(place.load(Ordering::SeqCst), key);
        self.places.places(key).filter(counted).count()
    }
}

/// The word counts requests of the source.
const fn is_of(word: u64, key: u64) -> bool {
    mark(word) == mark(key) && word & COUNT > 0
}

const fn mark(key: u64) -> u64 {
    key & !COUNT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(source: u32) -> u64 {
        ahash::RandomState::with_seeds(1, 2, 3, 4).hash_one(source)
    }

    #[test]
    fn a_place_is_free_again_when_its_request_is_over() {
        let counts = Arc::<InFlight>::default();
        assert!(counts.enter(key(1), 0).is_none());
        let one = counts.enter(key(1), 2);
        let two = counts.enter(key(1), 2);
        assert!(one.is_some() && two.is_some());
        assert!(counts.enter(key(1), 2).is_none());
        assert!(counts.enter(key(2), 2).is_some(), "others are not counted");
        drop(one);
        assert!(counts.enter(key(1), 2).is_some());
    }

    #[test]
    fn shards_never_let_in_more_together() {
        const MOST: u64 = 3;
        let counts = Arc::<InFlight>::default();
        let inside = [const { AtomicU64::new(0) }; 7];
        let visit = |turn: u32| {
            let Some(_counted) = counts.enter(key(turn % 7), MOST) else {
                return;
            };
            let others = inside[(turn % 7) as usize].fetch_add(1, Ordering::SeqCst);
            assert!(others < MOST);
            inside[(turn % 7) as usize].fetch_sub(1, Ordering::SeqCst);
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..2000).for_each(visit));
            }
        });
        let all: Vec<_> = (0..7).map(|source| counts.enter(key(source), 1)).collect();
        assert!(all.iter().all(Option::is_some), "nothing is left behind");
    }

    #[test]
    fn there_is_an_end_to_the_sources_that_are_counted() {
        let counts = Arc::<InFlight>::default();
        let kept: Vec<_> = (0..90_000)
            .filter_map(|n| counts.enter(key(n), 1))
            .collect();
        assert!(kept.len() <= InFlight::SOURCES_MAX);
        assert!(kept.len() > InFlight::SOURCES_MAX / 2);
        drop(kept);
        assert!(counts.enter(key(7), 1).is_some());
    }
}
