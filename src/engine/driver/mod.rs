//! The three ways to carry bytes, behind one face. An enum, not a trait: the set is closed, and
//! nobody above the engine's door carries a type parameter about.

mod epoll;
mod ring;
mod sim;
mod token;

use std::io;
use std::net::SocketAddr;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

use super::choice::DriverKind;
use super::port::Port;
use super::socket::{Key, Socket, Sockets};
use super::stream::{NOWHERE, Room};
use super::sys::socket as call;
use crate::base::{Page, Tick};
use token::Token;

pub use sim::Faults;
pub(super) use sim::{Log, Sim};

/// What a driver found when it was asked for bytes.
pub(super) enum Taken {
    /// Bytes, or an empty page for the end of the stream.
    Page(Page),
    /// Nothing yet: [`Driver::next`] will tell.
    Nothing,
    /// The receiving side is broken, by this `errno`.
    Fault(i32),
}

/// A connection that a driver took from a listener.
pub(super) enum Accepted {
    One(RawFd, SocketAddr),
    Nothing,
    Fault(i32),
}

/// Something that happened to a descriptor, and what may be tried again because of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Happening {
    Socket {
        slot: u32,
        read: bool,
        write: bool,
    },
    /// A closed socket's last operation has ended: the slot is free.
    Released {
        slot: u32,
    },
    Port {
        slot: u32,
    },
}

/// Whether a closed socket's slot may be used again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Closed {
    Now,
    /// When [`Happening::Released`] says so.
    Later,
}

pub(super) enum Driver {
    Epoll(epoll::Epoll),
    Ring(Box<ring::Ring>),
    Sim(Box<Sim>),
}

impl Driver {
    /// `bell` ends a [`Driver::wait`] when it is rung.
    pub(super) fn new(kind: DriverKind, bell: RawFd) -> io::Result<Self> {
        match kind {
            DriverKind::Epoll => epoll::Epoll::new(bell).map(Self::Epoll),
            DriverKind::Ring => Ok(Self::Ring(Box::new(ring::Ring::new(bell)?))),
        }
    }

    /// The time, by the clock that this driver lives by.
    pub(super) fn clock(&self) -> Tick {
        match self {
            Self::Epoll(_) | Self::Ring(_) => crate::base::clock::now(),
            Self::Sim(driver) => driver.clock(),
        }
    }

    /// Begins to listen on behalf of `port`, at `local`; says where that really is.
    pub(super) fn listen(
        &mut self,
        slot: u32,
        port: &Port,
        local: SocketAddr,
    ) -> io::Result<SocketAddr> {
        match (self, &port.fd) {
            (Self::Epoll(driver), Some(_)) => driver.listen(slot, port).map(|()| local),
            (Self::Ring(driver), Some(_)) => driver.listen(slot, port).map(|()| local),
            (Self::Sim(driver), None) => driver.listen(slot, local),
            // A simulated listener on a real shard, or the other way round.
            (Self::Epoll(_) | Self::Ring(_), None) | (Self::Sim(_), Some(_)) => {
                Err(io::ErrorKind::Unsupported.into())
            }
        }
    }

    pub(super) fn accept(&mut self, slot: u32, port: &mut Port) -> Accepted {
        match self {
            Self::Epoll(driver) => driver.accept(port),
            Self::Ring(driver) => driver.accept(slot, port),
            Self::Sim(driver) => driver.accept(slot),
        }
    }

    /// As [`Driver::accept`], whether or not an event has told of a connection.
    pub(super) fn accept_now(&mut self, slot: u32, port: &mut Port) -> Accepted {
        match self {
            Self::Epoll(driver) => {
                port.ready = true;
                driver.accept(port)
            }
            Self::Ring(driver) => driver.accept_now(slot, port),
            Self::Sim(driver) => driver.accept(slot),
        }
    }

    pub(super) fn unlisten(&mut self, slot: u32, port: Port) {
        match self {
            Self::Epoll(_) => drop(port),
            Self::Ring(driver) => driver.unlisten(slot, port),
            Self::Sim(driver) => driver.unlisten(slot),
        }
    }

    /// Begins a connection; the socket is in `sockets` when this returns.
    pub(super) fn connect(&mut self, sockets: &mut Sockets, to: SocketAddr) -> io::Result<Key> {
        match self {
            Self::Epoll(driver) => driver.connect(sockets, to),
            Self::Ring(driver) => driver.connect(sockets, to),
            Self::Sim(driver) => Ok(driver.connect(sockets, to)),
        }
    }

    /// Takes bytes that are there, or sees to it that their coming will be told.
    pub(super) fn take(&mut self, key: Key, socket: &mut Socket, room: Room) -> Taken {
        match self {
            Self::Epoll(driver) => driver.take(key, socket, room),
            Self::Ring(driver) => driver.take(key, socket, room),
            Self::Sim(driver) => driver.take(key, socket, room),
        }
    }

    /// Whether [`Driver::take`] would find something; if not, its coming will be told.
    pub(super) fn is_readable(&mut self, key: Key, socket: &mut Socket) -> bool {
        match self {
            Self::Epoll(driver) => driver.is_readable(key, socket),
            Self::Ring(driver) => driver.is_readable(key, socket),
            Self::Sim(driver) => driver.is_readable(key, socket),
        }
    }

    /// Whether nothing has come, without asking for more.
    pub(super) fn is_quiet(&mut self, key: Key, socket: &mut Socket) -> bool {
        match self {
            Self::Epoll(driver) => !driver.is_readable(key, socket),
            Self::Ring(_) => ring::Ring::is_quiet(socket),
            Self::Sim(driver) => !driver.is_readable(key, socket),
        }
    }

    /// Sends what is queued, as far as it goes; the rest follows by itself. A failure is left
    /// in `socket.broken`.
    pub(super) fn kick(&mut self, key: Key, socket: &mut Socket) {
        match self {
            Self::Epoll(driver) => driver.kick(key, socket),
            Self::Ring(driver) => driver.kick(key, socket),
            Self::Sim(driver) => driver.kick(key, socket),
        }
    }

    /// As [`Driver::kick`] for one who waits until it is sent.
    pub(super) fn push(&mut self, key: Key, socket: &mut Socket) {
        match self {
            Self::Epoll(driver) => driver.kick(key, socket),
            Self::Ring(driver) => driver.push(key, socket),
            Self::Sim(driver) => driver.kick(key, socket),
        }
    }

    /// Sends FIN; the queue is empty.
    pub(super) fn finish(&mut self, key: Key, socket: &Socket) {
        match self {
            // It fails only when the connection is gone already.
            Self::Epoll(_) | Self::Ring(_) => drop(call::shutdown_write(socket.fd)),
            Self::Sim(driver) => driver.finish(key, socket),
        }
    }

    pub(super) fn local_address(&self, socket: &Socket) -> io::Result<SocketAddr> {
        match self {
            Self::Epoll(_) | Self::Ring(_) => call::local_address(socket.fd),
            Self::Sim(driver) => Ok(driver.local_address(socket)),
        }
    }

    /// Closes; `reset` sends RST. Nothing more is reported of this socket but its release.
    pub(super) fn close(&mut self, key: Key, socket: &Socket, reset: bool) -> Closed {
        match self {
            Self::Epoll(driver) => driver.close(socket, reset),
            Self::Ring(driver) => driver.close(key, socket, reset),
            Self::Sim(driver) => driver.close(key, socket, reset),
        }
    }

    /// Waits for something to happen, at most `limit` (`None`: without end).
    pub(super) fn wait(
        &mut self,
        sockets: &mut Sockets,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        match self {
            Self::Epoll(driver) => driver.wait(limit),
            Self::Ring(driver) => driver.wait(sockets, limit),
            Self::Sim(driver) => driver.wait(limit),
        }
    }

    /// What happened, one at a time, until `None`.
    pub(super) fn next(&mut self, sockets: &mut Sockets) -> Option<Happening> {
        match self {
            Self::Epoll(driver) => driver.next(sockets),
            Self::Ring(driver) => driver.next(sockets),
            Self::Sim(driver) => driver.next(sockets),
        }
    }

    /// At the end, when all is closed: waits until the kernel has let go of it.
    pub(super) fn drain(&mut self, sockets: &mut Sockets) {
        match self {
            Self::Epoll(_) | Self::Sim(_) => {}
            Self::Ring(driver) => driver.drain(sockets),
        }
    }
}

/// Why the ring cannot be used here, if so.
pub(super) fn try_ring() -> Result<(), ring::Refusal> {
    ring::Ring::trial()
}

/// Closes a descriptor at once.
fn close_now(fd: RawFd) {
    // SAFETY: callers own `fd` (it came from `into_raw_fd` or the kernel) and forget it.
    drop(unsafe { OwnedFd::from_raw_fd(fd) });
}
