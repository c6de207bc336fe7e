use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_utils::CachePadded;

/// Where a weighted round robin stands. One counter for all shards, so that the proportions
/// are exact over every cycle of the whole process, not only of one shard.
#[derive(Debug, Default)]
pub struct Seats {
    next: CachePadded<AtomicU64>,
}

impl Seats {
    /// Starts at `offset`, so that restarts do not all begin with the first server.
    #[must_use]
    pub const fn starting_at(offset: u64) -> Self {
        Self {
            next: CachePadded::new(AtomicU64::new(offset)),
        }
    }

    /// The next position; each is handed out once.
    pub fn take(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}
