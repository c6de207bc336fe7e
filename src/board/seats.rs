use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

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

/// Which servers of one service may be used. All start as healthy.
#[derive(Debug)]
pub struct Health {
    down: Box<[AtomicBool]>,
}

impl Health {
    #[must_use]
    pub fn all_up(servers: usize) -> Self {
        Self {
            down: (0..servers).map(|_| AtomicBool::new(false)).collect(),
        }
    }

    #[must_use]
    pub fn is_up(&self, server: usize) -> bool {
        self.down
            .get(server)
            .is_some_and(|down| !down.load(Ordering::Relaxed))
    }

    pub fn set(&self, server: usize, up: bool) {
        if let Some(down) = self.down.get(server) {
            down.store(!up, Ordering::Relaxed);
        }
    }
}
