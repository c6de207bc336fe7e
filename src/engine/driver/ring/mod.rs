//! The io_uring driver.
//!
//! What waits for bytes pins no memory: it takes a page when they come (`receive`). One send per
//! connection is in flight; its pages stay in the connection's queue until its completion
//! (`send`). A closed connection keeps its slot until the kernel has answered its last operation;
//! descriptors are closed through the ring, behind what was queued before, so that no queued
//! operation meets a stranger under its number.

mod accept;
mod pages;
mod queues;
mod receive;
mod send;
mod setup;
#[cfg(test)]
mod tests;

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, IntoRawFd, RawFd};
use std::time::Duration;

use io_uring::{cqueue, opcode, squeue, types};

use super::{Closed, Happening, Token};
use crate::base::limits;
use crate::engine::socket::{Flags, Key, Receive, Socket, Sockets};
use crate::engine::stream::Room;
use crate::engine::sys::address::Raw;
use crate::engine::sys::event;
use crate::engine::sys::socket::{self as call, Blocking};
use accept::Door;
use pages::Group;
use queues::Queues;
use send::Message;
use setup::Step;

pub(in crate::engine) use setup::Refusal;

const IGNORED: u8 = 0;
const BELL: u8 = 1;
const ACCEPT: u8 = 2;
const CONNECT: u8 = 3;
const SEND: u8 = 4;
const RECEIVE: u8 = 5;
const POLL: u8 = 6;

const HEAD_GROUP: u16 = 0;

pub(in crate::engine) struct Ring {
    // Before the group, so that it is gone when its memory goes.
    queues: Queues,
    head: Group,
    bell: RawFd,
    doors: Vec<Door>,
    next_door: u32,
    /// What queued operations point to until they are submitted.
    #[expect(clippy::vec_box, reason = "they must not move when the list grows")]
    addresses: Vec<Box<Raw>>,
    messages: Vec<Message>,
    /// Who has something to send when the turn ends.
    listed: Vec<Key>,
    /// What is to be told besides completions.
    told: Vec<Happening>,
    spare_messages: Vec<Message>,
}

impl Ring {
    /// `bell` wakes a [`Ring::wait`].
    pub(in crate::engine) fn new(bell: RawFd) -> Result<Self, Refusal> {
        let queues = Queues::new()?;
        let head = Group::new(queues.submitter(), HEAD_GROUP, limits::RING_HEAD_PAGES)
            .map_err(|error| Step::Buffers.refused(error))?;
        let mut ring = Self {
            queues,
            head,
            bell,
            doors: Vec::new(),
            next_door: 0,
            addresses: Vec::new(),
            messages: Vec::new(),
            listed: Vec::new(),
            told: Vec::new(),
            spare_messages: Vec::new(),
        };
        ring.listen_to_bell()
            .map_err(|error| Step::Bell.refused(error))?;
        Ok(ring)
    }

    /// Builds a ring as a shard would, and receives one byte with it.
    pub(in crate::engine) fn trial() -> Result<(), Refusal> {
        let failed = |error| Step::Trial.refused(error);
        let bell = event::bell().map_err(failed)?;
        let mut ring = Self::new(bell.as_raw_fd())?;
        let (near, far) = std::os::unix::net::UnixStream::pair().map_err(failed)?;
        let mut sockets = Sockets::default();
        let key = sockets.insert(Socket::new(far.into_raw_fd(), super::NOWHERE));
        let received =
            call::send(near.as_raw_fd(), b"?").and_then(|_| ring.receive_one(key, &mut sockets));
        if let Some(socket) = sockets.get_mut(key) {
            socket.flags.set(Flags::CLOSED);
            if ring.close(key, socket, false) == Closed::Now {
                sockets.remove(key.slot);
            }
        }
        ring.drain(&mut sockets);
        match received {
            Ok(true) => Ok(()),
            Ok(false) => Err(failed(io::Error::from_raw_os_error(libc::EIO))),
            Err(error) => Err(failed(error)),
        }
    }

    /// Receives with an operation that stays armed; true when bytes came.
    fn receive_one(&mut self, key: Key, sockets: &mut Sockets) -> io::Result<bool> {
        if let Some(socket) = sockets.get_mut(key) {
            socket.calm = u8::MAX;
            self.arm(key, socket, Room::Head)?;
        }
        for _ in 0..8 {
            self.wait(sockets, Some(Duration::from_millis(100)))?;
            while self.next(sockets).is_some() {}
            if sockets
                .get_mut(key)
                .is_some_and(|socket| !socket.held.is_empty())
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn connect(&mut self, sockets: &mut Sockets, to: SocketAddr) -> io::Result<Key> {
        let fd = match call::stream(&to, Blocking::May) {
            Err(error) if error.raw_os_error() == Some(libc::EMFILE) => {
                // Descriptors that were closed in this turn are free once that is submitted.
                self.queues.call(0, None)?;
                call::stream(&to, Blocking::May)?
            }
            made => made?,
        };
        call::no_delay(fd.as_raw_fd())?;
        let address = Box::new(Raw::from(to));
        let target = types::Fd(fd.as_raw_fd());
        let mut socket = Socket::new(fd.into_raw_fd(), to);
        socket.flags.set(Flags::CONNECTING);
        socket.inflight = 1;
        let key = sockets.insert(socket);
        let entry = opcode::Connect::new(target, address.as_ptr(), address.len())
            .build()
            .user_data(Token::of(CONNECT, key).0);
        self.addresses.push(address);
        // SAFETY: the address lives in `addresses` until `wait` has submitted it.
        let pushed = unsafe { self.queues.push(&entry) };
        if let Err(error) = pushed {
            sockets.remove(key.slot);
            self.close_descriptor(target.0);
            return Err(error);
        }
        Ok(key)
    }

    pub(super) fn close(&mut self, key: Key, socket: &Socket, reset: bool) -> Closed {
        if reset {
            // It fails only when the connection is gone already.
            let _ignored = call::linger_zero(socket.fd);
        }
        let receive = match socket.receive {
            Receive::Idle => None,
            Receive::Once | Receive::Many => Some(RECEIVE),
            Receive::Poll => Some(POLL),
            // It is ending already.
            Receive::Stopping => None,
        };
        let send = socket.flags.has(Flags::SENDING).then_some(SEND);
        let connect = socket.flags.has(Flags::CONNECTING).then_some(CONNECT);
        for operation in [receive, send, connect].into_iter().flatten() {
            self.cancel(Token::of(operation, key));
        }
        self.close_descriptor(socket.fd);
        if socket.inflight == 0 {
            Closed::Now
        } else {
            Closed::Later
        }
    }

    /// Submits, and waits for a completion at most `limit`.
    pub(super) fn wait(
        &mut self,
        sockets: &mut Sockets,
        limit: Option<Duration>,
    ) -> io::Result<()> {
        self.send_listed(sockets);
        self.head.publish();
        self.queues.enter(if self.told.is_empty() {
            limit
        } else {
            Some(Duration::ZERO)
        })?;
        if self.queues.queued() == 0 {
            self.addresses.clear();
            self.spare_messages.append(&mut self.messages);
        }
        Ok(())
    }

    pub(super) fn next(&mut self, sockets: &mut Sockets) -> Option<Happening> {
        if let Some(happening) = self.told.pop() {
            return Some(happening);
        }
        loop {
            let entry = self.queues.next()?;
            let token = Token(entry.user_data());
            let happening = match token.operation() {
                RECEIVE => self.received(token, &entry, sockets),
                POLL => self.polled(token, &entry, sockets),
                SEND => Self::sent(token, entry.result(), sockets),
                CONNECT => Self::connected(token, entry.result(), sockets),
                ACCEPT => self.accepted(token, &entry),
                BELL => {
                    event::hush(self.bell);
                    if !cqueue::more(entry.flags()) {
                        // It failed before: then only the timers wake this shard.
                        let _again = self.listen_to_bell();
                    }
                    None
                }
                _ => None,
            };
            if happening.is_some() {
                return happening;
            }
        }
    }

    /// Waits until the kernel has let go of all that was closed. What it still holds after that
    /// is leaked rather than freed under its hands.
    pub(in crate::engine) fn drain(&mut self, sockets: &mut Sockets) {
        for _ in 0..200 {
            if sockets.len() == 0 && self.queues.queued() == 0 {
                return;
            }
            if self.wait(sockets, Some(Duration::from_millis(10))).is_err() {
                break;
            }
            while let Some(happening) = self.next(sockets) {
                if let Happening::Released { slot } = happening {
                    sockets.remove(slot);
                }
            }
        }
        Box::leak(Box::new(std::mem::take(sockets)));
        self.head.leak();
    }

    /// Whether a connection has been made.
    fn connected(token: Token, result: i32, sockets: &mut Sockets) -> Option<Happening> {
        let slot = token.slot();
        let socket = sockets.in_slot(slot).filter(|socket| token.names(socket))?;
        socket.inflight -= 1;
        if socket.flags.has(Flags::CLOSED) {
            return released(slot, socket);
        }
        socket.flags.clear(Flags::CONNECTING);
        if result < 0 {
            socket.fail(-result);
        }
        Some(Happening::Socket {
            slot,
            read: false,
            write: true,
        })
    }

    fn listen_to_bell(&mut self) -> io::Result<()> {
        let asks = u32::try_from(libc::POLLIN).unwrap_or(0);
        let entry = opcode::PollAdd::new(types::Fd(self.bell), asks)
            .multi(true)
            .build()
            .user_data(Token::new(BELL, 0, 0).0);
        // SAFETY: a poll points to no memory.
        unsafe { self.queues.push(&entry) }
    }

    fn cancel(&mut self, target: Token) {
        let entry = opcode::AsyncCancel::new(target.0)
            .build()
            .flags(squeue::Flags::SKIP_SUCCESS)
            .user_data(Token::new(IGNORED, 0, 0).0);
        // SAFETY: a cancellation points to no memory. Where it cannot be queued the operation
        // ends with its connection.
        let _queued = unsafe { self.queues.push(&entry) };
    }

    fn close_descriptor(&mut self, fd: RawFd) {
        let entry = opcode::Close::new(types::Fd(fd))
            .build()
            .flags(squeue::Flags::SKIP_SUCCESS)
            .user_data(Token::new(IGNORED, 0, 0).0);
        // SAFETY: a close points to no memory; every caller owned `fd` and forgets it.
        if unsafe { self.queues.push(&entry) }.is_err() {
            super::close_now(fd);
        }
    }
}

/// What a closed socket's ended operation means.
const fn released(slot: u32, socket: &Socket) -> Option<Happening> {
    if socket.inflight == 0 {
        Some(Happening::Released { slot })
    } else {
        None
    }
}
