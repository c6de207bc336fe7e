//! The epoll driver: edge-triggered, one `epoll_ctl` in a descriptor's life, calls tried first.
//!
//! A keep-alive exchange costs one `recv` and one `send`: a receive that did not fill its page
//! has emptied the socket, so the next one waits for an event instead of asking for EAGAIN.
//! That inference does not hold once an end or an error was reported (no further edge would
//! come), so from then on only the call itself is believed.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, IntoRawFd, OwnedFd, RawFd};
use std::time::Duration;

use super::{Accepted, Closed, Happening, Taken, Token, close_now};
use crate::base::limits;
use crate::engine::port::Port;
use crate::engine::socket::{Flags, Inward, Key, Socket, Sockets};
use crate::engine::stream::Room;
use crate::engine::sys::code_of;
use crate::engine::sys::event::{self, Event};
use crate::engine::sys::socket::{self as call, Blocking};

const SOCKET: u8 = 0;
const PORT: u8 = 1;
const BELL: u8 = 2;

pub(in crate::engine) struct Epoll {
    epoll: OwnedFd,
    events: Box<[Event]>,
    /// Events found, and how many of them have been told.
    found: usize,
    told: usize,
}

impl Epoll {
    /// `bell` wakes a [`Epoll::wait`].
    pub(in crate::engine) fn new(bell: RawFd) -> io::Result<Self> {
        let epoll = event::epoll()?;
        event::add(&epoll, bell, event::INWARD, Token::new(BELL, 0, 0).0)?;
        let events = vec![Event { events: 0, u64: 0 }; limits::EVENTS_PER_TURN_MAX];
        Ok(Self {
            epoll,
            events: events.into_boxed_slice(),
            found: 0,
            told: 0,
        })
    }

    pub(super) fn listen(&self, slot: u32, port: &Port) -> io::Result<()> {
        call::set_blocking(port.raw(), Blocking::Never)?;
        let token = Token::new(PORT, slot, 0);
        event::add(&self.epoll, port.raw(), event::INWARD, token.0)
    }

    #[expect(clippy::unused_self, reason = "the same face as the other drivers")]
    pub(super) fn accept(&self, port: &mut Port) -> Accepted {
        if !port.ready {
            return Accepted::Nothing;
        }
        match call::accept(port.raw(), Blocking::Never) {
            Ok((fd, peer)) => Accepted::One(fd.into_raw_fd(), peer),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                port.ready = false;
                Accepted::Nothing
            }
            Err(error) => Accepted::Fault(code_of(&error)),
        }
    }

    pub(super) fn connect(&self, sockets: &mut Sockets, to: SocketAddr) -> io::Result<Key> {
        let fd = call::stream(&to, Blocking::Never)?;
        call::no_delay(fd.as_raw_fd())?;
        let pending = match call::connect(fd.as_raw_fd(), to) {
            Ok(()) => false,
            Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => true,
            Err(error) => return Err(error),
        };
        let mut socket = Socket::new(fd.as_raw_fd(), to);
        socket.inward = Inward::Quiet;
        if pending {
            socket.flags.set(Flags::CONNECTING);
            socket.flags.clear(Flags::WRITABLE);
        }
        let key = sockets.insert(socket);
        // The socket owns the descriptor from here on; `close` gives it back.
        let fd = fd.into_raw_fd();
        let registered = sockets
            .get_mut(key)
            .map(|socket| self.register(key, socket));
        if let Some(Err(error)) = registered {
            sockets.remove(key.slot);
            close_now(fd);
            return Err(error);
        }
        Ok(key)
    }

    pub(super) fn take(&self, key: Key, socket: &mut Socket, room: Room) -> Taken {
        if socket.inward == Inward::Quiet {
            return self.park(key, socket);
        }
        let mut page = room.page();
        loop {
            match call::recv(socket.fd, page.spare()) {
                Ok(count) => {
                    let short = count < page.capacity();
                    if short && count > 0 && !socket.flags.has(Flags::ENDING) {
                        socket.inward = Inward::Quiet;
                    } else if socket.inward == Inward::Sure && count > 0 {
                        socket.inward = Inward::Maybe;
                    }
                    page.filled(count);
                    return Taken::Page(page);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    socket.inward = Inward::Quiet;
                    return self.park(key, socket);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Taken::Fault(code_of(&error)),
            }
        }
    }

    pub(super) fn is_readable(&self, key: Key, socket: &mut Socket) -> bool {
        if socket.inward == Inward::Maybe {
            let blocked =
                call::peek(socket.fd).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
            socket.inward = if blocked { Inward::Quiet } else { Inward::Sure };
        }
        if socket.inward == Inward::Sure {
            return true;
        }
        // A failed registration will be told by the next `take`.
        matches!(self.park(key, socket), Taken::Fault(_))
    }

    pub(super) fn kick(&self, key: Key, socket: &mut Socket) {
        while !socket.outward.is_empty() && socket.flags.has(Flags::WRITABLE) {
            match send(socket) {
                Ok((count, attempted)) => {
                    // A short send has filled the socket: an edge will tell of new room.
                    if count < attempted {
                        socket.flags.clear(Flags::WRITABLE);
                    }
                    socket.sent(count);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    socket.flags.clear(Flags::WRITABLE);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => socket.fail(code_of(&error)),
            }
        }
        if !socket.outward.is_empty()
            && let Err(error) = self.register(key, socket)
        {
            socket.fail(code_of(&error));
        }
    }

    #[expect(clippy::unused_self, reason = "the same face as the other drivers")]
    pub(super) fn close(&self, socket: &Socket, reset: bool) -> Closed {
        if reset {
            // It fails only when the connection is gone already.
            let _ignored = call::linger_zero(socket.fd);
        }
        // The registration ends with the last descriptor of the socket, which this is.
        close_now(socket.fd);
        Closed::Now
    }

    pub(super) fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let timeout_ms = limit.map_or(-1, |limit| {
            i32::try_from(limit.as_nanos().div_ceil(1_000_000)).unwrap_or(i32::MAX)
        });
        self.told = 0;
        self.found = 0;
        self.found = event::wait(&self.epoll, &mut self.events, timeout_ms)?;
        Ok(())
    }

    pub(super) fn next(&mut self, sockets: &mut Sockets) -> Option<Happening> {
        while self.told < self.found {
            let event = self.events[self.told];
            self.told += 1;
            let token = Token(event.u64);
            match token.operation() {
                PORT => return Some(Happening::Port { slot: token.slot() }),
                SOCKET => {
                    let socket = sockets.in_slot(token.slot());
                    // A stale event: the slot has another socket now, or none.
                    let Some(socket) = socket.filter(|socket| token.names(socket)) else {
                        continue;
                    };
                    return Some(note(token.slot(), socket, event.events));
                }
                _ => {}
            }
        }
        None
    }

    /// Nothing is there: makes sure that an event will come, and waits for it.
    fn park(&self, key: Key, socket: &mut Socket) -> Taken {
        match self.register(key, socket) {
            Ok(()) => Taken::Nothing,
            Err(error) => Taken::Fault(code_of(&error)),
        }
    }

    /// Registers when it is first needed. The kernel reports what is there at that moment too,
    /// so nothing that came before is missed; a connection that is served and closed without
    /// ever waiting is never registered.
    fn register(&self, key: Key, socket: &mut Socket) -> io::Result<()> {
        if socket.flags.has(Flags::REGISTERED) {
            return Ok(());
        }
        event::add(
            &self.epoll,
            socket.fd,
            event::BOTH_WAYS,
            Token::of(SOCKET, key).0,
        )?;
        socket.flags.set(Flags::REGISTERED);
        Ok(())
    }
}

/// Writes what an event said into the socket.
fn note(slot: u32, socket: &mut Socket, bits: u32) -> Happening {
    let read = bits & event::READABLE != 0;
    let write = bits & event::WRITABLE != 0;
    if bits & event::ENDING != 0 {
        socket.flags.set(Flags::ENDING);
    }
    if read {
        socket.inward = Inward::Sure;
    }
    if write {
        socket.flags.set(Flags::WRITABLE);
        if socket.flags.has(Flags::CONNECTING) {
            socket.flags.clear(Flags::CONNECTING);
            if let Err(error) = call::take_error(socket.fd) {
                socket.fail(code_of(&error));
            }
        }
    }
    Happening::Socket { slot, read, write }
}

/// How much was sent, and how much was tried.
fn send(socket: &Socket) -> io::Result<(usize, usize)> {
    if socket.outward.is_single() {
        let bytes = socket.outward.first().as_slice();
        return call::send(socket.fd, bytes).map(|count| (count, bytes.len()));
    }
    call::send_pages(socket.fd, socket.outward.iter())
}
