//! Bytes in through the ring.
//!
//! A connection speaks in one of two ways, and the driver finds out which. One that sends small
//! messages gets a receive that stays armed and brings each as a page of its own. One that sends
//! more than that is watched by a poll that stays armed, and read by plain calls into the page
//! that was used last and is still in the cache.

use std::io;
use std::os::fd::RawFd;

use io_uring::{cqueue, opcode, squeue, types};

use super::{HEAD_GROUP, POLL, RECEIVE, Ring, released};
use crate::base::Page;
use crate::base::limits::PAGE_HEAD_BYTES;
use crate::engine::driver::{Happening, Taken, Token};
use crate::engine::socket::{Flags, Key, Receive, Socket, Sockets};
use crate::engine::stream::Room;
use crate::engine::sys::code_of;
use crate::engine::sys::socket as call;

/// Small messages in a row after which a receive stays armed.
const CALM: u8 = 4;
/// Arms the poll first: nothing can be there yet.
const POLL_FIRST: u16 = 1;
/// What a poll asks for; ends and errors are always told.
const INWARD: u32 = (libc::POLLIN | libc::POLLRDHUP).unsigned_abs() as u32;

/// The other side has said its last word: no further edge would tell of what is left to read.
const ENDING: u32 = (libc::POLLRDHUP | libc::POLLHUP | libc::POLLERR).unsigned_abs() as u32;

impl Ring {
    pub(in crate::engine::driver) fn take(
        &mut self,
        key: Key,
        socket: &mut Socket,
        room: Room,
    ) -> Taken {
        if let Some(page) = socket.held.pop() {
            return Taken::Page(page);
        }
        if socket.fault != 0 {
            return Taken::Fault(socket.fault);
        }
        if socket.flags.has(Flags::ENDED) {
            return Taken::Page(Page::empty());
        }
        if may_call(socket) {
            match receive_now(socket, room) {
                Taken::Nothing => {}
                taken @ (Taken::Page(_) | Taken::Fault(_)) => return taken,
            }
        }
        match self.arm(key, socket, room) {
            Ok(()) => Taken::Nothing,
            Err(error) => Taken::Fault(code_of(&error)),
        }
    }

    pub(in crate::engine::driver) fn is_readable(&mut self, key: Key, socket: &mut Socket) -> bool {
        knows_of_bytes(socket) || self.arm(key, socket, Room::Head).is_err()
    }

    /// Whether nothing is there; asks the kernel only where nothing is armed that would tell.
    pub(in crate::engine::driver) fn is_quiet(socket: &mut Socket) -> bool {
        if knows_of_bytes(socket) {
            return false;
        }
        socket.receive != Receive::Idle || would_block(socket.fd)
    }

    /// Makes sure that bytes, when they come, are received or told of.
    pub(super) fn arm(&mut self, key: Key, socket: &mut Socket, room: Room) -> io::Result<()> {
        match socket.receive {
            Receive::Idle => {}
            Receive::Poll if socket.calm >= CALM => {
                // Small messages only: the poll makes room for a receive.
                self.stop(key, socket);
                return Ok(());
            }
            Receive::Once | Receive::Many | Receive::Poll | Receive::Stopping => return Ok(()),
        }
        let fd = types::Fd(socket.fd);
        let (receive, operation, entry) = if socket.calm >= CALM {
            let entry = opcode::RecvMulti::new(fd, HEAD_GROUP).build();
            (Receive::Many, RECEIVE, entry)
        } else if room == Room::Bulk {
            let entry = opcode::PollAdd::new(fd, INWARD).multi(true).build();
            (Receive::Poll, POLL, entry)
        } else {
            (Receive::Once, RECEIVE, once(fd, socket))
        };
        let entry = entry.user_data(Token::of(operation, key).0);
        // SAFETY: it points to no memory: a receive takes a page of the group.
        unsafe { self.queues.push(&entry) }?;
        socket.receive = receive;
        socket.inflight += 1;
        Ok(())
    }

    pub(super) fn received(
        &mut self,
        token: Token,
        entry: &cqueue::Entry,
        sockets: &mut Sockets,
    ) -> Option<Happening> {
        let count = usize::try_from(entry.result()).unwrap_or(0);
        // Taken also when it is empty or its connection is gone: the entry must not be lost.
        let number = cqueue::buffer_select(entry.flags());
        let page = number.map(|number| self.head.take(number, count));
        let slot = token.slot();
        let socket = sockets.in_slot(slot).filter(|socket| token.names(socket))?;
        let key = Key {
            slot,
            generation: socket.generation,
        };
        if ended(socket, entry) {
            return released(slot, socket);
        }
        match entry.result() {
            0 => socket.flags.set(Flags::ENDED),
            1.. => self.hold(key, socket, page.unwrap_or_default(), entry.flags()),
            // The group ran dry (its pages have been replaced by now), or a receive that stayed
            // armed was stopped: where bytes are still wanted, again.
            code if is_passing(-code) => return self.arm_again(key, socket),
            code => socket.fault = -code,
        }
        Some(Happening::Socket {
            slot,
            read: true,
            write: false,
        })
    }

    /// A poll tells that there may be bytes.
    pub(super) fn polled(
        &mut self,
        token: Token,
        entry: &cqueue::Entry,
        sockets: &mut Sockets,
    ) -> Option<Happening> {
        let slot = token.slot();
        let socket = sockets.in_slot(slot).filter(|socket| token.names(socket))?;
        let key = Key {
            slot,
            generation: socket.generation,
        };
        if ended(socket, entry) {
            return released(slot, socket);
        }
        if is_passing(entry.result().saturating_neg()) {
            return self.arm_again(key, socket);
        }
        // Where a poll can't be armed, reading finds out what is wrong.
        if entry.result().unsigned_abs() & ENDING != 0 {
            socket.flags.set(Flags::ENDING);
        }
        socket.flags.set(Flags::MORE);
        Some(Happening::Socket {
            slot,
            read: true,
            write: false,
        })
    }

    /// Keeps what has come, and learns from it how this connection speaks.
    fn hold(&mut self, key: Key, socket: &mut Socket, page: Page, flags: u32) {
        socket.held.push(page);
        socket.flags.set(Flags::HEARD);
        if cqueue::sock_nonempty(flags) {
            socket.flags.set(Flags::MORE);
            socket.calm = 0;
            if socket.receive == Receive::Many {
                // It would go on to fill small pages, wanted or not.
                self.stop(key, socket);
            }
        } else {
            socket.flags.clear(Flags::MORE);
            socket.calm = socket.calm.saturating_add(1);
        }
    }

    fn stop(&mut self, key: Key, socket: &mut Socket) {
        let operation = if socket.receive == Receive::Poll {
            POLL
        } else {
            RECEIVE
        };
        socket.receive = Receive::Stopping;
        self.cancel(Token::of(operation, key));
    }

    /// After an operation that brought nothing: where bytes are waited for, they still are.
    fn arm_again(&mut self, key: Key, socket: &mut Socket) -> Option<Happening> {
        let waits = socket.receiving.waker.is_some() && socket.held.is_empty();
        if waits && socket.calm >= CALM && !socket.flags.has(Flags::MORE) {
            match self.arm(key, socket, Room::Head) {
                Ok(()) => return None,
                Err(error) => socket.fault = code_of(&error),
            }
        }
        // Else the one who waits knows best what for.
        waits.then_some(Happening::Socket {
            slot: key.slot,
            read: true,
            write: false,
        })
    }
}

/// Notes the last completion of an operation; true for one of a closed socket.
fn ended(socket: &mut Socket, entry: &cqueue::Entry) -> bool {
    if !cqueue::more(entry.flags()) {
        socket.receive = Receive::Idle;
        socket.inflight -= 1;
    }
    socket.flags.has(Flags::CLOSED)
}

/// Whether an error says nothing about the connection.
const fn is_passing(code: i32) -> bool {
    matches!(
        code,
        libc::ENOBUFS | libc::ECANCELED | libc::EAGAIN | libc::EINTR
    )
}

/// A receive into one page of the group.
fn once(fd: types::Fd, socket: &Socket) -> squeue::Entry {
    // After a message that was whole, the next one is not there yet; before the first, who knows.
    let empty = socket.flags.has(Flags::HEARD) && !socket.flags.has(Flags::MORE);
    opcode::Recv::new(fd, std::ptr::null_mut(), 0)
        .buf_group(HEAD_GROUP)
        .ioprio(if empty { POLL_FIRST } else { 0 })
        .build()
        .flags(squeue::Flags::BUFFER_SELECT)
}

/// Whether a plain call may find bytes, and does not overtake a receive that is armed.
const fn may_call(socket: &Socket) -> bool {
    socket.flags.has(Flags::MORE) && matches!(socket.receive, Receive::Idle | Receive::Poll)
}

/// Takes what is there into the page that was used last.
fn receive_now(socket: &mut Socket, room: Room) -> Taken {
    let mut page = room.page();
    let received = loop {
        match call::recv(socket.fd, page.spare()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            received => break received,
        }
    };
    match received {
        Ok(0) => {
            socket.flags.set(Flags::ENDED);
            Taken::Page(page)
        }
        Ok(count) => {
            socket.flags.set(Flags::HEARD);
            let whole = count < page.capacity();
            if whole && !socket.flags.has(Flags::ENDING) {
                // The socket is empty: a poll that is armed tells of the next bytes.
                socket.flags.clear(Flags::MORE);
            }
            let small = whole && count < PAGE_HEAD_BYTES;
            socket.calm = if small {
                socket.calm.saturating_add(1)
            } else {
                0
            };
            page.filled(count);
            Taken::Page(page)
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            socket.flags.clear(Flags::MORE);
            Taken::Nothing
        }
        Err(error) => {
            socket.fault = code_of(&error);
            Taken::Fault(socket.fault)
        }
    }
}

fn knows_of_bytes(socket: &mut Socket) -> bool {
    if !socket.held.is_empty() || socket.fault != 0 || socket.flags.has(Flags::ENDED) {
        return true;
    }
    // `MORE` may be a guess: asked, it becomes certain.
    if may_call(socket) {
        if !would_block(socket.fd) {
            return true;
        }
        socket.flags.clear(Flags::MORE);
    }
    false
}

fn would_block(fd: RawFd) -> bool {
    call::peek(fd).is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
}
