//! The sockets, listeners and timers of one shard, over whichever driver it has.
//!
//! What every driver would do alike is here: who waits for what until when, what happens when a
//! queue has emptied, how a dropped connection lingers. Never here: a system call.

use std::io;
use std::net::SocketAddr;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::driver::{Closed, Driver, Happening, Taken};
use super::port::Port;
use super::sleepers::Sleepers;
use super::socket::{Flags, Key, Sockets};
use super::stream::{NOWHERE, Room};
use super::wheel::{Owner, Timer, Wheel};
use crate::base::{Page, Tick, limits};

pub(super) struct Io {
    pub(super) sockets: Sockets,
    pub(super) ports: Vec<Option<Port>>,
    pub(super) wheel: Wheel,
    pub(super) sleepers: Sleepers,
    pub(super) driver: Driver,
    /// Woken when nobody borrows this any more.
    pub(super) wakes: Vec<Waker>,
    pub(super) now: Tick,
    pub(super) turn: u64,
    /// Dropped connections that still send.
    pub(super) orphans: usize,
    fired: Vec<Owner>,
}

impl Io {
    pub(super) fn new(driver: Driver, sockets: Sockets) -> Self {
        let now = driver.clock();
        Self {
            sockets,
            ports: Vec::new(),
            wheel: Wheel::new(now),
            sleepers: Sleepers::default(),
            driver,
            wakes: Vec::new(),
            now,
            turn: 0,
            orphans: 0,
            fired: Vec::new(),
        }
    }

    /// One round trip to the kernel: waits at most `limit`, then notes what happened and what
    /// is due.
    pub(super) fn turn(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.driver.wait(&mut self.sockets, limit)?;
        self.now = self.driver.clock();
        self.turn += 1;
        while let Some(happening) = self.driver.next(&mut self.sockets) {
            self.happened(happening);
        }
        self.fire_timers();
        Ok(())
    }

    pub(super) fn connect(&mut self, to: SocketAddr) -> io::Result<Key> {
        self.driver.connect(&mut self.sockets, to)
    }

    pub(super) fn poll_connected(
        &mut self,
        key: Key,
        by: Tick,
        waker: &Waker,
    ) -> Poll<io::Result<()>> {
        let Some(socket) = self.sockets.get_mut(key) else {
            return Poll::Ready(Err(gone()));
        };
        socket.below = usize::MAX;
        self.poll_room(key, by, waker)
    }

    pub(super) fn poll_recv(
        &mut self,
        key: Key,
        room: Room,
        by: Tick,
        waker: &Waker,
    ) -> Poll<io::Result<Page>> {
        let Some(socket) = self.sockets.get_mut(key) else {
            return Poll::Ready(Err(gone()));
        };
        match self.driver.take(key, socket, room) {
            Taken::Page(page) => Poll::Ready(socket.ended_well(&page).map(|()| page)),
            Taken::Fault(code) => {
                socket.fail(code);
                Poll::Ready(Err(io::Error::from_raw_os_error(code)))
            }
            Taken::Nothing => self.wait_inward(key, by, waker).map(Err),
        }
    }

    pub(super) fn poll_readable(
        &mut self,
        key: Key,
        by: Tick,
        waker: &Waker,
    ) -> Poll<io::Result<()>> {
        let Some(socket) = self.sockets.get_mut(key) else {
            return Poll::Ready(Err(gone()));
        };
        if self.driver.is_readable(key, socket) {
            return Poll::Ready(Ok(()));
        }
        self.wait_inward(key, by, waker).map(Err)
    }

    /// Nobody waits for bytes any more.
    pub(super) fn forget_receiver(&mut self, key: Key) {
        if let Some(socket) = self.sockets.get_mut(key) {
            socket.receiving.waker = None;
        }
    }

    /// Nobody waits for room any more.
    pub(super) fn forget_drainer(&mut self, key: Key) {
        if let Some(socket) = self.sockets.get_mut(key) {
            socket.draining.waker = None;
        }
    }

    pub(super) fn is_quiet(&mut self, key: Key) -> bool {
        let Some(socket) = self.sockets.get_mut(key) else {
            return false;
        };
        socket.broken == 0 && self.driver.is_quiet(key, socket)
    }

    pub(super) fn send(&mut self, key: Key, page: Page, start: bool) {
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        // What follows a failure or a FIN is lost, as it would be in the kernel.
        if socket.broken != 0 || socket.flags.has(Flags::FINISH) {
            return;
        }
        socket.queue(page);
        if start {
            self.driver.kick(key, socket);
            self.settle(key);
        }
    }

    pub(super) fn unsent(&self, key: Key) -> usize {
        self.sockets.get(key).map_or(0, |socket| socket.unsent)
    }

    pub(super) fn poll_drained(
        &mut self,
        key: Key,
        below: usize,
        by: Tick,
        waker: &Waker,
    ) -> Poll<io::Result<()>> {
        let Some(socket) = self.sockets.get_mut(key) else {
            return Poll::Ready(Err(gone()));
        };
        if socket.unsent > below {
            // What was queued by `send_more` alone would never start.
            self.driver.push(key, socket);
        }
        socket.below = below;
        self.poll_room(key, by, waker)
    }

    pub(super) fn shutdown_write(&mut self, key: Key) {
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        socket.flags.set(Flags::FINISH);
        self.driver.kick(key, socket);
        self.settle(key);
    }

    /// The owner of a connection is gone.
    pub(super) fn drop_socket(&mut self, key: Key) {
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        if socket.flags.has(Flags::CLOSED) {
            // Aborted: it only waits for the kernel to let go.
            return;
        }
        socket.receiving.waker = None;
        socket.draining.waker = None;
        if socket.unsent == 0 || socket.flags.has(Flags::CONNECTING) {
            self.close(key, false);
            return;
        }
        socket.flags.set(Flags::ORPHAN);
        socket.draining.by = self.now + Duration::from_millis(limits::LINGER_MS);
        self.orphans += 1;
        self.driver.kick(key, socket);
        self.settle(key);
        self.arm(key);
    }

    /// Closes; with `reset` the other side gets RST and what is queued is lost.
    pub(super) fn close(&mut self, key: Key, reset: bool) {
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        if socket.flags.has(Flags::CLOSED) {
            return;
        }
        socket.flags.set(Flags::CLOSED);
        socket.receiving.waker = None;
        socket.draining.waker = None;
        if socket.flags.has(Flags::ORPHAN) {
            self.orphans -= 1;
        }
        let timer = std::mem::replace(&mut socket.timer, Timer::NONE);
        if timer != Timer::NONE {
            self.wheel.disarm(timer);
        }
        if self.driver.close(key, socket, reset) == Closed::Now {
            self.sockets.remove(key.slot);
        }
        self.descriptor_closed();
    }

    pub(super) fn peer_address(&self, key: Key) -> SocketAddr {
        self.sockets.get(key).map_or(NOWHERE, |socket| socket.peer)
    }

    pub(super) fn local_address(&self, key: Key) -> io::Result<SocketAddr> {
        let socket = self.sockets.get(key).ok_or_else(gone)?;
        self.driver.local_address(socket)
    }

    /// Closes everything that is left, at the end of the shard.
    pub(super) fn close_all(&mut self) {
        for key in self.sockets.keys() {
            self.close(key, false);
        }
        for slot in 0..self.ports.len() {
            self.remove_port(slot);
        }
        self.driver.drain(&mut self.sockets);
    }

    /// Waits until `socket.is_drained`.
    fn poll_room(&mut self, key: Key, by: Tick, waker: &Waker) -> Poll<io::Result<()>> {
        let Some(socket) = self.sockets.get_mut(key) else {
            return Poll::Ready(Err(gone()));
        };
        if socket.is_drained() {
            return Poll::Ready(match socket.broken {
                0 => Ok(()),
                code => Err(io::Error::from_raw_os_error(code)),
            });
        }
        if by <= self.now {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        socket.draining.wait(waker, by);
        self.arm(key);
        Poll::Pending
    }

    /// Nothing has come: waits, unless nothing can come or it is too late.
    fn wait_inward(&mut self, key: Key, by: Tick, waker: &Waker) -> Poll<io::Error> {
        let Some(socket) = self.sockets.get_mut(key) else {
            return Poll::Ready(gone());
        };
        if socket.broken != 0 {
            return Poll::Ready(io::Error::from_raw_os_error(socket.broken));
        }
        if by <= self.now {
            return Poll::Ready(io::ErrorKind::TimedOut.into());
        }
        socket.receiving.wait(waker, by);
        self.arm(key);
        Poll::Pending
    }

    fn happened(&mut self, happening: Happening) {
        match happening {
            Happening::Socket { slot, read, write } => {
                let Some(socket) = self.sockets.in_slot(slot) else {
                    return;
                };
                if read && let Some(waker) = socket.receiving.waker.take() {
                    self.wakes.push(waker);
                }
                if write {
                    let key = Key {
                        slot,
                        generation: socket.generation,
                    };
                    self.driver.kick(key, socket);
                    self.settle(key);
                }
            }
            Happening::Released { slot } => drop(self.sockets.remove(slot)),
            Happening::Port { slot } => self.port_ready(slot),
        }
    }

    /// After the queue or the health of a socket may have changed: FIN, close, or a wake.
    fn settle(&mut self, key: Key) {
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        let empty = socket.unsent == 0;
        let unfinished = socket.flags.has(Flags::FINISH) && !socket.flags.has(Flags::FINISHED);
        if empty && unfinished && socket.broken == 0 {
            socket.flags.set(Flags::FINISHED);
            self.driver.finish(key, socket);
        }
        if empty && socket.flags.has(Flags::ORPHAN) {
            self.close(key, false);
            return;
        }
        if socket.is_drained() {
            self.wakes.extend(socket.draining.waker.take());
        }
        if socket.broken != 0 {
            self.wakes.extend(socket.receiving.waker.take());
        }
    }

    /// Makes sure that the socket's timer fires no later than its earliest deadline.
    fn arm(&mut self, key: Key) {
        let Some(socket) = self.sockets.get_mut(key) else {
            return;
        };
        let due = socket.due();
        if due >= socket.timer_at {
            return;
        }
        if socket.timer != Timer::NONE {
            self.wheel.disarm(socket.timer);
        }
        socket.timer = self.wheel.arm(Wheel::ms_of(due), socket_owner(key.slot));
        socket.timer_at = due;
    }

    fn fire_timers(&mut self) {
        let mut fired = std::mem::take(&mut self.fired);
        self.wheel.advance(self.now, |owner| fired.push(owner));
        for owner in fired.drain(..) {
            match Whose::from(owner) {
                Whose::Socket(slot) => self.socket_due(slot),
                Whose::Sleeper(slot) => self.wakes.extend(self.sleepers.due(slot)),
                Whose::Port(slot) => self.rested(slot),
            }
        }
        self.fired = fired;
    }

    fn socket_due(&mut self, slot: u32) {
        let Some(socket) = self.sockets.in_slot(slot) else {
            return;
        };
        let key = Key {
            slot,
            generation: socket.generation,
        };
        socket.timer = Timer::NONE;
        socket.timer_at = Tick::NEVER;
        if socket.flags.has(Flags::ORPHAN) && socket.draining.by <= self.now {
            self.close(key, true);
            return;
        }
        for waiter in [&mut socket.receiving, &mut socket.draining] {
            if waiter.due() <= self.now {
                self.wakes.extend(waiter.waker.take());
            }
        }
        self.arm(key);
    }
}

impl Drop for Io {
    fn drop(&mut self) {
        // Nothing is left but after a panic of the root task.
        self.close_all();
    }
}

/// Whom a timer of the wheel concerns.
enum Whose {
    Socket(u32),
    Sleeper(u32),
    Port(u32),
}

const KIND_SHIFT: u32 = 30;
const SLOT_MASK: u32 = (1 << KIND_SHIFT) - 1;

impl From<Owner> for Whose {
    fn from(owner: Owner) -> Self {
        let slot = owner.0 & SLOT_MASK;
        match owner.0 >> KIND_SHIFT {
            0 => Self::Socket(slot),
            1 => Self::Sleeper(slot),
            _ => Self::Port(slot),
        }
    }
}

const fn socket_owner(slot: u32) -> Owner {
    Owner(slot & SLOT_MASK)
}

pub(super) const fn sleeper_owner(slot: u32) -> Owner {
    Owner(slot & SLOT_MASK | 1 << KIND_SHIFT)
}

pub(super) const fn port_owner(slot: u32) -> Owner {
    Owner(slot & SLOT_MASK | 2 << KIND_SHIFT)
}

/// What an operation on a connection of an ended shard says.
pub(super) fn gone() -> io::Error {
    io::ErrorKind::NotConnected.into()
}
