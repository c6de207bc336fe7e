//! One connection as the shard knows it, whatever driver carries it.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::task::Waker;

use super::wheel::Timer;
use crate::base::{Page, Tick};

/// Names a socket of this shard; a stale one finds nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Key {
    pub(super) slot: u32,
    pub(super) generation: u32,
}

/// Small facts about a socket.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags(u16);

impl Flags {
    /// The connection is being made.
    pub(super) const CONNECTING: u16 = 1;
    /// Its owner is gone; what is queued is still sent, then it closes.
    pub(super) const ORPHAN: u16 = 1 << 1;
    /// FIN goes out behind what is queued.
    pub(super) const FINISH: u16 = 1 << 2;
    /// FIN went out.
    pub(super) const FINISHED: u16 = 1 << 3;
    /// Closed by us; the slot waits for the kernel to let go of it.
    pub(super) const CLOSED: u16 = 1 << 4;
    /// epoll: the descriptor is registered.
    pub(super) const REGISTERED: u16 = 1 << 5;
    /// epoll: a send will not find the socket full, as far as we know.
    pub(super) const WRITABLE: u16 = 1 << 6;
    /// A FIN, RST or error was reported by a poll, so a short read proves nothing.
    pub(super) const ENDING: u16 = 1 << 7;
    /// ring: a send is in flight; the first pages of the queue belong to the kernel.
    pub(super) const SENDING: u16 = 1 << 8;
    /// ring, sim: the end of the stream has been received.
    pub(super) const ENDED: u16 = 1 << 9;
    /// ring: more bytes may be there than were received.
    pub(super) const MORE: u16 = 1 << 10;
    /// ring: something was received before.
    pub(super) const HEARD: u16 = 1 << 11;
    /// ring: what is queued goes out at the end of this turn.
    pub(super) const LISTED: u16 = 1 << 12;

    pub(super) const fn has(self, flag: u16) -> bool {
        self.0 & flag != 0
    }

    pub(super) const fn set(&mut self, flag: u16) {
        self.0 |= flag;
    }

    pub(super) const fn clear(&mut self, flag: u16) {
        self.0 &= !flag;
    }
}

/// What is known about bytes that wait in the kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Inward {
    /// Nothing is there; an event will tell.
    Quiet,
    /// Not known: only a call can tell.
    Maybe,
    /// Bytes, an end or an error are there.
    Sure,
}

/// What receives for a socket of the ring.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Receive {
    Idle,
    /// Once, into a head page.
    Once,
    /// Into head pages, until stopped.
    Many,
    /// Nothing: a poll tells of bytes, until stopped.
    Poll,
    /// As one of the last two; a cancellation is under way.
    Stopping,
}

pub(super) struct Socket {
    pub(super) fd: RawFd,
    pub(super) generation: u32,
    pub(super) flags: Flags,
    /// epoll's knowledge.
    pub(super) inward: Inward,
    /// ring: what receives for this socket.
    pub(super) receive: Receive,
    /// ring: messages in a row that fitted a head page.
    pub(super) calm: u8,
    /// ring: operations that the kernel has not answered finally.
    pub(super) inflight: u8,
    /// The `errno` of what broke the sending side; zero when it is whole.
    pub(super) broken: i32,
    /// ring: the `errno` that the last receive ended with.
    pub(super) fault: i32,
    pub(super) timer: Timer,
    /// When `timer` was asked to fire; never while there is none. It is left alone when deadlines
    /// move into the future (the common case), and looks for them when it fires.
    pub(super) timer_at: Tick,
    pub(super) receiving: Waiter,
    pub(super) draining: Waiter,
    /// The drainer is woken at this many unsent bytes.
    pub(super) below: usize,
    /// Bytes queued or in flight.
    pub(super) unsent: usize,
    pub(super) outward: Queue,
    /// ring, sim: what has been received and not been asked for.
    pub(super) held: Queue,
    pub(super) peer: SocketAddr,
}

/// Who waits, and until when.
pub(super) struct Waiter {
    pub(super) waker: Option<Waker>,
    pub(super) by: Tick,
}

impl Waiter {
    const NOBODY: Self = Self {
        waker: None,
        by: Tick::NEVER,
    };

    /// When this waiter wants to be woken whatever happens.
    pub(super) const fn due(&self) -> Tick {
        if self.waker.is_some() {
            self.by
        } else {
            Tick::NEVER
        }
    }

    /// Stores the waker; in the common case it is there already, or costs a plain copy.
    pub(super) fn wait(&mut self, waker: &Waker, by: Tick) {
        self.by = by;
        match &mut self.waker {
            Some(present) if present.will_wake(waker) => {}
            slot => *slot = Some(waker.clone()),
        }
    }
}

impl Socket {
    /// A socket that is connected and empty, as far as is known.
    pub(super) fn new(fd: RawFd, peer: SocketAddr) -> Self {
        Self {
            fd,
            generation: 0,
            flags: Flags(Flags::WRITABLE),
            inward: Inward::Maybe,
            receive: Receive::Idle,
            calm: 0,
            inflight: 0,
            broken: 0,
            fault: 0,
            timer: Timer::NONE,
            timer_at: Tick::NEVER,
            receiving: Waiter::NOBODY,
            draining: Waiter::NOBODY,
            below: 0,
            unsent: 0,
            outward: Queue::default(),
            held: Queue::default(),
            peer,
        }
    }

    pub(super) fn queue(&mut self, page: Page) {
        self.unsent += page.len();
        self.outward.push(page);
    }

    /// The kernel took the first `count` bytes of the queue.
    pub(super) fn sent(&mut self, count: usize) {
        self.unsent -= count;
        self.outward.consume(count);
    }

    /// Nothing can be sent any more, for this reason; the first one stands.
    pub(super) fn fail(&mut self, code: i32) {
        if self.broken == 0 {
            self.broken = code;
        }
        self.unsent = 0;
        // What the kernel may still read is kept until it says that it is done.
        if !self.flags.has(Flags::SENDING) {
            self.outward = Queue::default();
        }
    }

    /// An end that follows a reset is no end: the kernel reports a reset once, to whichever call
    /// comes first, and then shows end of stream. EPIPE is a reset that came behind a real end.
    pub(super) fn ended_well(&self, page: &Page) -> io::Result<()> {
        if !page.is_empty() || self.broken == 0 || self.broken == libc::EPIPE {
            return Ok(());
        }
        Err(io::Error::from_raw_os_error(self.broken))
    }

    /// Whether the one who waits for room, or for the connection to be made, has it.
    pub(super) const fn is_drained(&self) -> bool {
        !self.flags.has(Flags::CONNECTING) && (self.broken != 0 || self.unsent <= self.below)
    }

    /// The earliest deadline of anybody who waits here.
    pub(super) fn due(&self) -> Tick {
        let draining = if self.flags.has(Flags::ORPHAN) {
            self.draining.by
        } else {
            self.draining.due()
        };
        self.receiving.due().min(draining)
    }
}

/// Pages in order. One page needs no allocation, and neither does none.
#[derive(Default)]
pub(super) struct Queue {
    first: Page,
    #[expect(
        clippy::box_collection,
        reason = "8 bytes in each idle connection, not 32"
    )]
    rest: Option<Box<VecDeque<Page>>>,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        // Empty pages are never queued, and `rest` is empty when `first` is.
        self.first.is_empty()
    }

    pub(super) fn push(&mut self, page: Page) {
        if page.is_empty() {
            return;
        }
        if self.first.is_empty() {
            self.first = page;
        } else {
            self.rest.get_or_insert_default().push_back(page);
        }
    }

    pub(super) fn pop(&mut self) -> Option<Page> {
        if self.first.is_empty() {
            return None;
        }
        let page = std::mem::take(&mut self.first);
        self.pull();
        Some(page)
    }

    pub(super) fn first(&self) -> &Page {
        &self.first
    }

    pub(super) fn is_single(&self) -> bool {
        self.rest.is_none()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Page> {
        let first = (!self.first.is_empty()).then_some(&self.first);
        first
            .into_iter()
            .chain(self.rest.iter().flat_map(|rest| rest.iter()))
    }

    /// Drops `count` bytes from the front, and the pages that held them.
    pub(super) fn consume(&mut self, mut count: usize) {
        while count >= self.first.len() && !self.first.is_empty() {
            count -= self.first.len();
            self.first = Page::empty();
            self.pull();
        }
        self.first.consume(count);
    }

    fn pull(&mut self) {
        if let Some(rest) = &mut self.rest {
            self.first = rest.pop_front().unwrap_or_default();
            if rest.is_empty() {
                self.rest = None;
            }
        }
    }
}

/// The slab of this shard's sockets.
#[derive(Default)]
pub(super) struct Sockets {
    slots: Vec<Option<Socket>>,
    free: Vec<u32>,
    next_generation: u32,
}

impl Sockets {
    /// Generations begin at `first`, so that keys of an earlier shard of this thread find nothing.
    pub(super) fn starting_at(first: u32) -> Self {
        Self {
            next_generation: first,
            ..Self::default()
        }
    }

    pub(super) fn next_generation(&self) -> u32 {
        self.next_generation
    }

    /// # Panics
    /// At 2^32 sockets.
    pub(super) fn insert(&mut self, mut socket: Socket) -> Key {
        let generation = self.next_generation;
        self.next_generation = generation.wrapping_add(1);
        socket.generation = generation;
        let slot = if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = Some(socket);
            slot
        } else {
            let slot = u32::try_from(self.slots.len());
            assert!(slot.is_ok(), "too many sockets on one shard");
            self.slots.push(Some(socket));
            slot.unwrap_or(u32::MAX)
        };
        Key { slot, generation }
    }

    pub(super) fn get(&self, key: Key) -> Option<&Socket> {
        let socket = self.slots.get(key.slot as usize)?.as_ref()?;
        (socket.generation == key.generation).then_some(socket)
    }

    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut Socket> {
        let socket = self.slots.get_mut(key.slot as usize)?.as_mut()?;
        (socket.generation == key.generation).then_some(socket)
    }

    /// The socket in a slot, whichever it is.
    pub(super) fn in_slot(&mut self, slot: u32) -> Option<&mut Socket> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    pub(super) fn remove(&mut self, slot: u32) -> Option<Socket> {
        let socket = self.slots.get_mut(slot as usize)?.take()?;
        self.free.push(slot);
        Some(socket)
    }

    pub(super) fn keys(&self) -> Vec<Key> {
        let filled = self.slots.iter().zip(0_u32..);
        filled
            .filter_map(|(socket, slot)| {
                let generation = socket.as_ref()?.generation;
                Some(Key { slot, generation })
            })
            .collect()
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len() - self.free.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_keeps_order_over_pages() {
        let mut queue = Queue::default();
        for text in ["ab", "", "cde", "f"] {
            queue.push(Page::copy_of(text.as_bytes()));
        }
        queue.consume(3);
        let left: Vec<&[u8]> = queue.iter().map(Page::as_slice).collect();
        assert_eq!(left, [b"de".as_slice(), b"f".as_slice()]);
        assert_eq!(queue.pop().unwrap().as_slice(), b"de");
        queue.consume(1);
        assert!(queue.is_empty() && queue.is_single());
    }

    #[test]
    fn an_idle_connection_is_small() {
        let socket = size_of::<Option<Socket>>();
        assert!(socket <= 232, "{socket} bytes");
    }
}
