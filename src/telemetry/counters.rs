//! Plain numbers that each shard writes alone and the control thread may read at any time.

use std::cell::Cell;
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_utils::CachePadded;

/// What a shard counts. `Open...` go up and down, the others only up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Counter {
    /// Connections that were accepted.
    Connections,
    /// Connections of clients that are open now.
    OpenConnections,
    /// Connections to servers that were opened.
    UpstreamConnections,
    /// Connections to servers that are open now, idle ones included.
    OpenUpstreamConnections,
    /// Requests whose head was read.
    Requests,
    /// Requests that are in flight now, tunnels included.
    OpenRequests,
    /// Connections that became tunnels (WebSocket and other upgrades).
    Tunnels,
    /// Attempts beyond the first.
    Retries,
    /// Body bytes from clients.
    BytesIn,
    /// Body bytes to clients.
    BytesOut,
    /// Requests refused because they were malformed or ambiguous (400 and its kin).
    RefusedRequests,
    /// Clients that were too slow: head, body or reading.
    ClientTimeouts,
    /// Clients that left before their answer was complete.
    ClientsGone,
    /// Requests that no router matched.
    Unrouted,
    /// Requests whose service had no server.
    NoServer,
    /// Servers that could not be connected to.
    ConnectFaults,
    /// Servers that were too slow.
    UpstreamTimeouts,
    /// Answers that were malformed, cut off or unasked.
    UpstreamFaults,
    /// Tasks that panicked; each is a bug.
    Panics,
    /// Times that accepting paused because descriptors had run out.
    AcceptPauses,
    /// Snapshots taken over.
    Adoptions,
}

impl Counter {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; COUNT] = [
        Self::Connections,
        Self::OpenConnections,
        Self::UpstreamConnections,
        Self::OpenUpstreamConnections,
        Self::Requests,
        Self::OpenRequests,
        Self::Tunnels,
        Self::Retries,
        Self::BytesIn,
        Self::BytesOut,
        Self::RefusedRequests,
        Self::ClientTimeouts,
        Self::ClientsGone,
        Self::Unrouted,
        Self::NoServer,
        Self::ConnectFaults,
        Self::UpstreamTimeouts,
        Self::UpstreamFaults,
        Self::Panics,
        Self::AcceptPauses,
        Self::Adoptions,
    ];
}

const COUNT: usize = 21;

type Block = CachePadded<[AtomicU64; COUNT]>;

/// The blocks of all shards, for whoever reads them.
#[derive(Clone, Debug)]
pub struct Counters {
    blocks: Arc<[Arc<Block>]>,
}

/// The block of one shard, for the thread that writes it: neither shared nor cloned.
#[derive(Debug)]
pub struct ShardCounters {
    block: Arc<Block>,
    one_thread: PhantomData<Cell<()>>,
}

impl Counters {
    /// Blocks for as many shards as there are, and what to hand to each of them.
    #[must_use]
    pub fn new(shards: usize) -> (Self, Vec<ShardCounters>) {
        let blocks: Arc<[Arc<Block>]> = (0..shards).map(|_| Arc::default()).collect();
        let hands = blocks
            .iter()
            .map(|block| ShardCounters {
                block: Arc::clone(block),
                one_thread: PhantomData,
            })
            .collect();
        (Self { blocks }, hands)
    }

    /// The sum over all shards, each read at a slightly different moment.
    #[must_use]
    pub fn total(&self, counter: Counter) -> u64 {
        let of_shards = self.blocks.iter().map(|block| read(block, counter));
        of_shards.fold(0, u64::wrapping_add)
    }

    /// What one shard counted; zero for a shard that does not exist.
    #[must_use]
    pub fn of_shard(&self, shard: usize, counter: Counter) -> u64 {
        self.blocks
            .get(shard)
            .map_or(0, |block| read(block, counter))
    }

    #[must_use]
    pub fn shards(&self) -> usize {
        self.blocks.len()
    }
}

impl ShardCounters {
    pub fn add(&self, counter: Counter, count: u64) {
        let word = &self.block[counter as usize];
        // This thread alone writes the word: a load and a store do what a locked add would.
        word.store(
            word.load(Ordering::Relaxed).wrapping_add(count),
            Ordering::Relaxed,
        );
    }

    pub fn up(&self, counter: Counter) {
        self.add(counter, 1);
    }

    /// For `Open...` counters.
    pub fn down(&self, counter: Counter) {
        self.add(counter, u64::MAX);
    }

    #[must_use]
    pub fn value(&self, counter: Counter) -> u64 {
        read(&self.block, counter)
    }
}

fn read(block: &Block, counter: Counter) -> u64 {
    block[counter as usize].load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_sum_of_what_shards_counted() {
        let (all, hands) = Counters::new(2);
        hands[0].up(Counter::OpenConnections);
        hands[0].up(Counter::OpenConnections);
        hands[1].up(Counter::OpenConnections);
        hands[0].down(Counter::OpenConnections);
        hands[1].add(Counter::BytesIn, 40);
        assert_eq!(all.total(Counter::OpenConnections), 2);
        assert_eq!(all.of_shard(0, Counter::OpenConnections), 1);
        assert_eq!(all.total(Counter::BytesIn), 40);
        assert_eq!(all.total(Counter::Requests), 0);
    }

    #[test]
    fn the_list_is_in_the_order_of_the_numbers() {
        for (number, counter) in Counter::ALL.into_iter().enumerate() {
            assert_eq!(counter as usize, number);
        }
    }
}
