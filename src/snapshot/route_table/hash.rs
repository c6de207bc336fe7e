//! A hash of bytes that can be taken at several lengths of one text in one pass over it.

/// Secret of one table: who writes rules cannot aim at one slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed([u64; 3]);

impl Seed {
    pub(super) fn random() -> Self {
        let state = ahash::RandomState::new();
        // Odd, so that no factor loses all that it multiplies.
        Self([1, 2, 3].map(|number: u64| state.hash_one(number) | 1))
    }

    pub(super) fn hash(self, text: &[u8]) -> u64 {
        Rolling::new(self, text).at(text.len())
    }
}

/// Hashes of ever longer beginnings of a text.
pub(super) struct Rolling<'text> {
    seed: Seed,
    text: &'text [u8],
    /// Bytes that `state` covers: a multiple of 8.
    done: usize,
    state: u64,
}

impl<'text> Rolling<'text> {
    pub(super) const fn new(seed: Seed, text: &'text [u8]) -> Self {
        Self {
            seed,
            text,
            done: 0,
            state: seed.0[0],
        }
    }

    /// The hash of the first `length` bytes; lengths only ever grow, up to that of the text.
    #[inline]
    pub(super) fn at(&mut self, length: usize) -> u64 {
        let [_, step, end] = self.seed.0;
        while self.done + 8 <= length {
            self.state = fold(self.state ^ word(self.text, self.done), step);
            self.done += 8;
        }
        let last = fold(self.state ^ self.tail(length), step);
        fold(last ^ length as u64, end)
    }

    /// The bytes from `done` to `length`, under 8 of them, as one number.
    #[inline]
    fn tail(&self, length: usize) -> u64 {
        let count = length - self.done;
        if count == 0 {
            0
        } else if self.done + 8 <= self.text.len() {
            word(self.text, self.done) & (u64::MAX >> (64 - 8 * count))
        } else if length >= 8 && length == self.text.len() {
            word(self.text, length - 8) >> (64 - 8 * count)
        } else {
            let bytes = self.text.get(self.done..length).unwrap_or_default();
            let shifted = |sum: u64, byte: &u8| sum << 8 | u64::from(*byte);
            bytes.iter().rev().fold(0, shifted)
        }
    }
}

#[inline]
fn word(text: &[u8], at: usize) -> u64 {
    let bytes = text.get(at..).and_then(|rest| rest.first_chunk::<8>());
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Both halves of the product, mixed.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the halves of a product")]
fn fold(left: u64, right: u64) -> u64 {
    let product = u128::from(left) * u128::from(right);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rolling_hash_is_the_hash_of_the_beginning() {
        let seed = Seed::random();
        let text: Vec<u8> = (1..=40).collect();
        for whole in 0..=text.len() {
            let mut rolling = Rolling::new(seed, &text[..whole]);
            for length in 0..=whole {
                assert_eq!(
                    rolling.at(length),
                    seed.hash(&text[..length]),
                    "{length} of {whole}"
                );
            }
        }
    }

    #[test]
    fn zeros_at_the_end_count() {
        let seed = Seed::random();
        assert_ne!(seed.hash(b"a"), seed.hash(b"a\0"));
    }
}
