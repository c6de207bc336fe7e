//! A hash map in shards: a changed copy shares all shards but those that were touched.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::hash::Seed;

/// What a map holds: a value that carries its key.
pub(super) trait Keyed: Clone {
    fn key(&self) -> &[u8];
}

/// Values aimed at for each shard: copying that many takes a few microseconds.
const SHARD_VALUES: usize = 256;
/// Shards grow until they hold this many times more, then the map is laid out anew.
const SHARD_GROWTH: usize = 8;

#[derive(Clone, Debug)]
pub(super) struct Map<V> {
    /// A power of two of them.
    shards: Arc<[Arc<Shard<V>>]>,
    length: usize,
}

#[derive(Debug)]
struct Shard<V> {
    /// Open addressing, at most half full; a power of two of them.
    slots: Box<[Slot]>,
    values: Vec<V>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    tag: u32,
    /// Of the value; [`NONE`] when the slot is free.
    index: u32,
}

const NONE: u32 = u32::MAX;
const FREE: Slot = Slot {
    tag: 0,
    index: NONE,
};

/// What becomes of one key: its value, or none.
pub(super) type Edit<V> = (Box<[u8]>, Option<V>);

/// An edit behind the hash of its key.
type Hashed<V> = (u64, Edit<V>);

impl<V: Keyed> Map<V> {
    /// Of values with different keys.
    pub(super) fn new(values: Vec<V>, seed: Seed) -> Self {
        let length = values.len();
        let count = length.div_ceil(SHARD_VALUES).next_power_of_two();
        let mut parts: Vec<Vec<V>> = Vec::new();
        parts.resize_with(count, Vec::new);
        for value in values {
            let part = shard_of(seed.hash(value.key()), count);
            parts[part].push(value);
        }
        let shards = parts
            .into_iter()
            .map(|values| Arc::new(Shard::new(values, seed)));
        Self {
            shards: shards.collect(),
            length,
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.length
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.length == 0
    }

    #[inline]
    pub(super) fn get(&self, hash: u64, key: &[u8]) -> Option<&V> {
        let shard = &self.shards[shard_of(hash, self.shards.len())];
        shard.find(hash, key).map(|index| &shard.values[index])
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.shards.iter().flat_map(|shard| &shard.values)
    }

    /// The map after edits of different keys.
    pub(super) fn edited(&self, edits: Vec<Edit<V>>, seed: Seed) -> Self {
        let count = self.shards.len();
        let mut touched: BTreeMap<usize, Vec<Hashed<V>>> = BTreeMap::new();
        for edit in edits {
            let hash = seed.hash(&edit.0);
            let shard = touched.entry(shard_of(hash, count)).or_default();
            shard.push((hash, edit));
        }
        let mut shards: Vec<Arc<Shard<V>>> = self.shards.to_vec();
        let mut length = self.length;
        for (index, edits) in touched {
            let old = &self.shards[index];
            let new = old.edited(edits, seed);
            length = length + new.values.len() - old.values.len();
            shards[index] = Arc::new(new);
        }
        let map = Self {
            shards: shards.into(),
            length,
        };
        if length > map.shards.len() * SHARD_VALUES * SHARD_GROWTH {
            Self::new(map.values().cloned().collect(), seed)
        } else {
            map
        }
    }
}

impl<V: Keyed> Shard<V> {
    fn new(values: Vec<V>, seed: Seed) -> Self {
        let count = (values.len() * 2).next_power_of_two();
        let mut slots = vec![FREE; count].into_boxed_slice();
        for (value, index) in values.iter().zip(0_u32..) {
            let hash = seed.hash(value.key());
            let mut at = slot_of(hash, count);
            while slots[at].index != NONE {
                at = (at + 1) & (count - 1);
            }
            slots[at] = Slot {
                tag: tag_of(hash),
                index,
            };
        }
        Self { slots, values }
    }

    fn edited(&self, edits: Vec<Hashed<V>>, seed: Seed) -> Self {
        let mut values = self.values.clone();
        let mut gone = Vec::new();
        for (hash, (key, value)) in edits {
            match (self.find(hash, &key), value) {
                (Some(place), Some(value)) => values[place] = value,
                (Some(place), None) => gone.push(place),
                (None, Some(value)) => values.push(value),
                (None, None) => {}
            }
        }
        // From behind: what takes a hole's place was never a hole itself.
        gone.sort_unstable();
        for place in gone.into_iter().rev() {
            values.swap_remove(place);
        }
        Self::new(values, seed)
    }

    #[inline]
    fn find(&self, hash: u64, key: &[u8]) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let tag = tag_of(hash);
        let mut at = slot_of(hash, self.slots.len());
        loop {
            let slot = self.slots[at & mask];
            if slot.index == NONE {
                return None;
            }
            let index = slot.index as usize;
            if slot.tag == tag && self.values[index].key() == key {
                return Some(index);
            }
            at += 1;
        }
    }
}

/// The upper bits choose the shard.
#[inline]
const fn shard_of(hash: u64, count: usize) -> usize {
    (hash >> 40) as usize & (count - 1)
}

/// The lower bits choose the slot.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "below the count of slots")]
const fn slot_of(hash: u64, count: usize) -> usize {
    hash as usize & (count - 1)
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
const fn tag_of(hash: u64) -> u32 {
    (hash >> 20) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    struct Pair(Vec<u8>, u32);

    impl Keyed for Pair {
        fn key(&self) -> &[u8] {
            &self.0
        }
    }

    proptest! {
        #[test]
        fn edits_do_what_a_btree_map_does(rounds in prop::collection::vec(
            prop::collection::btree_map(0_u32..400, prop::option::of(0_u32..9), 0..200), 1..5,
        )) {
            let seed = Seed::random();
            let mut plain = BTreeMap::new();
            let mut map = Map::<Pair>::new(Vec::new(), seed);
            for round in rounds {
                let edits = round.iter().map(|(key, value)| {
                    let key = key.to_string().into_bytes();
                    let pair = value.map(|value| Pair(key.clone(), value));
                    (key.into(), pair)
                });
                map = map.edited(edits.collect(), seed);
                for (key, value) in round {
                    match value {
                        Some(value) => plain.insert(key, value),
                        None => plain.remove(&key),
                    };
                }
                prop_assert_eq!(map.len(), plain.len());
                for key in 0..400_u32 {
                    let text = key.to_string().into_bytes();
                    let found = map.get(seed.hash(&text), &text).map(|pair| pair.1);
                    prop_assert_eq!(found, plain.get(&key).copied());
                }
            }
        }
    }
}
