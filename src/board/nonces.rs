use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use super::levels::Levels;

/// How often each nonce was used, so that no request counts twice (RFC 7616 3.4, nc). Shared by
/// all shards without a lock. Only nonces with which somebody proved a password stand here. When
/// there are too many, the oldest is forgotten, and with it all that are as old: they must be
/// asked for anew.
#[derive(Debug, Default)]
pub struct Nonces {
    places: Levels<Nonce>,
    /// Nonces that were given at this second or before it count as used up, unless they stand.
    forgotten: AtomicU32,
}

#[derive(Debug, Default)]
struct Nonce {
    /// Zero: nobody's.
    key: AtomicU64,
    /// The second at which it was given, above the highest count that was used.
    used: AtomicU64,
}

impl Nonces {
    /// Most nonces that are remembered.
    pub const COUNT_MAX: usize = Levels::<Nonce>::PLACES_MAX;

    /// Notes that the nonce of second `given` was used with `count`; false when that, or a
    /// higher count, was used before. Those given before second `oldest` are of no use any more.
    pub fn spend(&self, key: u64, given: u32, count: u32, oldest: u32) -> bool {
        let key = key.max(1);
        let Some(nonce) = self.find(key).or_else(|| self.make(key, given, oldest)) else {
            return false;
        };
        let next = |used: u64| {
            let (known, last) = split(used);
            let last = if known == given { last } else { 0 };
            (count > last).then(|| join(given, count))
        };
        let used = &nonce.used;
        used.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next)
            .is_ok()
    }

    fn find(&self, key: u64) -> Option<&Nonce> {
        let mut places = self.places.places(key);
        places.find(|nonce| nonce.key.load(Ordering::SeqCst) == key)
    }

    /// A place for a nonce that has none; none when it may have been forgotten.
    fn make(&self, key: u64, given: u32, oldest: u32) -> Option<&Nonce> {
        loop {
            if given <= self.forgotten.load(Ordering::SeqCst) {
                return None;
            }
            let given_at = |nonce: &&Nonce| split(nonce.used.load(Ordering::SeqCst)).0;
            let eldest = self.places.places(key).min_by_key(given_at);
            let taken = match eldest {
                Some(nonce) if given_at(&nonce) < oldest => nonce.claim(key),
                _ if self.places.grow() => None,
                Some(nonce) => {
                    self.forgotten.fetch_max(given_at(&nonce), Ordering::SeqCst);
                    nonce.claim(key)
                }
                None => return None,
            };
            if taken.is_some() {
                return taken;
            }
        }
    }
}

impl Nonce {
    fn claim(&self, key: u64) -> Option<&Self> {
        let old = self.key.load(Ordering::SeqCst);
        let claimed = self
            .key
            .compare_exchange(old, key, Ordering::SeqCst, Ordering::SeqCst);
        claimed.is_ok().then_some(self)
    }
}

const fn join(given: u32, count: u32) -> u64 {
    (given as u64) << 32 | count as u64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the two halves are what is wanted"
)]
const fn split(used: u64) -> (u32, u32) {
    ((used >> 32) as u32, used as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_only_rise() {
        let nonces = Nonces::default();
        let table = [
            (1, 1, true),
            (1, 1, false),
            (1, 3, true),
            (1, 2, false),
            (2, 1, true),
            (1, 4, true),
            (3, 0, false),
        ];
        for (key, count, expected) in table {
            assert_eq!(nonces.spend(key, 10, count, 5), expected, "{key} {count}");
        }
    }

    #[test]
    fn what_was_forgotten_is_not_taken_for_new() {
        let nonces = Nonces::default();
        let hasher = ahash::RandomState::with_seeds(1, 2, 3, 4);
        let key = |n: u32| hasher.hash_one(n);
        assert!(nonces.spend(key(0), 100, 1, 50));
        // All of one age, more than there are places: sooner or later that age is forgotten.
        let spent = (1..90_000)
            .filter(|n| nonces.spend(key(*n), 101, 1, 50))
            .count();
        assert!(spent <= Nonces::COUNT_MAX + 1);
        assert!(!nonces.spend(key(0), 100, 1, 50));
        // Younger ones still come in.
        assert!(nonces.spend(key(300_000), 102, 1, 50));
    }
}
