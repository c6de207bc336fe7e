use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::limits::KNOWN_PASSWORDS_MAX;

/// A small, forgetful set of 128-bit fingerprints that all shards share. A newer fingerprint
/// may push out an older one; what was never put in is never found (but for a collision of
/// 128 keyed bits).
#[derive(Debug)]
pub struct Known {
    cells: Box<[[AtomicU64; 2]]>,
}

impl Default for Known {
    fn default() -> Self {
        let cell = |_| [AtomicU64::new(0), AtomicU64::new(0)];
        Self {
            cells: (0..KNOWN_PASSWORDS_MAX).map(cell).collect(),
        }
    }
}

impl Known {
    pub fn remember(&self, fingerprint: u128) {
        let [first, second] = self.cell(fingerprint);
        let (high, low) = halves(fingerprint);
        // A reader that sees one new and one old half finds neither fingerprint: a miss.
        first.store(high, Ordering::Relaxed);
        second.store(low, Ordering::Relaxed);
    }

    #[must_use]
    pub fn contains(&self, fingerprint: u128) -> bool {
        let [first, second] = self.cell(fingerprint);
        let found = (
            first.load(Ordering::Relaxed),
            second.load(Ordering::Relaxed),
        );
        fingerprint != 0 && found == halves(fingerprint)
    }

    fn cell(&self, fingerprint: u128) -> &[AtomicU64; 2] {
        let (_, low) = halves(fingerprint);
        let place = usize::try_from(low % self.cells.len() as u64).unwrap_or(0);
        &self.cells[place]
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the two halves are what is wanted"
)]
const fn halves(whole: u128) -> (u64, u64) {
    ((whole >> 64) as u64, whole as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_put_in_is_found() {
        let known = Known::default();
        known.remember(7 << 64 | 9);
        assert!(known.contains(7 << 64 | 9));
        assert!(!known.contains(8 << 64 | 9));
        assert!(!known.contains(0));
    }
}
