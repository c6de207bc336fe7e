use std::sync::OnceLock;

/// Places of one set: a key may stand in any place of its set on each level.
const SET: usize = 8;
/// Places of each level; a level is made when the ones before it have no room for a key.
const SIZES: [usize; 4] = [64, 1024, 8192, 56_256];

/// Places for what is remembered of strangers by their keys: few while there are few of them,
/// never more than [`Levels::PLACES_MAX`]. Nothing moves once it stands.
#[derive(Debug)]
pub(super) struct Levels<T> {
    made: [OnceLock<Box<[T]>>; SIZES.len()],
}

impl<T> Default for Levels<T> {
    fn default() -> Self {
        Self {
            made: [const { OnceLock::new() }; SIZES.len()],
        }
    }
}

impl<T: Default> Levels<T> {
    pub(super) const PLACES_MAX: usize = SIZES[0] + SIZES[1] + SIZES[2] + SIZES[3];

    /// The places where `key` may stand, on all levels that there are.
    pub(super) fn places(&self, key: u64) -> impl Iterator<Item = &T> {
        self.made
            .iter()
            .zip(0_u32..)
            .flat_map(move |(level, turn)| {
                let places: &[T] = level.get().map_or(&[], |places| places);
                let sets = places.len() / SET;
                let first = set_of(key.rotate_left(16 * turn), sets) * SET;
                places.get(first..first + SET).unwrap_or_default()
            })
    }

    /// Makes one more level; false when all are there.
    pub(super) fn grow(&self) -> bool {
        let next = self
            .made
            .iter()
            .zip(SIZES)
            .find(|(level, _)| level.get().is_none());
        let Some((level, size)) = next else {
            return false;
        };
        let places = std::iter::repeat_with(T::default).take(size).collect();
        // When another thread was faster, its level serves as well.
        drop(level.set(places));
        true
    }
}

/// Spreads keys evenly: the upper half of their product with the number of sets.
fn set_of(key: u64, sets: usize) -> usize {
    let product = u128::from(key) * sets as u128;
    usize::try_from(product >> 64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    #[test]
    fn a_key_has_one_set_on_each_level() {
        let levels = Levels::<AtomicU64>::default();
        assert_eq!(levels.places(7).count(), 0);
        for made in 1..=SIZES.len() {
            assert!(levels.grow());
            assert_eq!(levels.places(u64::MAX).count(), made * SET);
            assert_eq!(levels.places(1).count(), made * SET);
        }
        assert!(!levels.grow());
        assert_eq!(Levels::<AtomicU64>::PLACES_MAX, 65_536);
    }
}
