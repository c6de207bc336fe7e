//! Bytes in and out through the ring.

use std::io;
use std::os::fd::RawFd;

use io_uring::{cqueue, opcode, squeue, types};

use super::{BULK_GROUP, HEAD_GROUP, RECEIVE_BULK, RECEIVE_HEAD, Ring, SEND, released};
use crate::base::Page;
use crate::engine::driver::{Happening, Taken, Token};
use crate::engine::socket::{Flags, Key, Receive, Socket, Sockets};
use crate::engine::stream::Room;
use crate::engine::sys::code_of;
use crate::engine::sys::socket as call;

/// Pages that one operation sends; the rest follows in the next.
const PIECES_MAX: usize = 16;
/// Small messages in a row after which a receive is left armed.
const CALM: u8 = 4;
/// Arms the poll first: nothing can be there yet.
const POLL_FIRST: u16 = 1;

/// A message header and its pieces, at a fixed address.
pub(super) struct Message(Box<(libc::msghdr, [libc::iovec; PIECES_MAX])>);

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
        if socket.flags.has(Flags::MORE) && socket.receive == Receive::Idle {
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

    /// Whether nothing is there; asks the kernel only where no receive is armed.
    pub(in crate::engine::driver) fn is_quiet(socket: &mut Socket) -> bool {
        if knows_of_bytes(socket) {
            return false;
        }
        socket.receive != Receive::Idle || would_block(socket.fd)
    }

    /// Makes sure that bytes, when they come, are received.
    pub(super) fn arm(&mut self, key: Key, socket: &mut Socket, room: Room) -> io::Result<()> {
        if socket.receive != Receive::Idle {
            return Ok(());
        }
        let fd = types::Fd(socket.fd);
        let (receive, operation, entry) = match room {
            Room::Head if socket.calm >= CALM => {
                let entry = opcode::RecvMulti::new(fd, HEAD_GROUP).build();
                (Receive::Many, RECEIVE_HEAD, entry)
            }
            Room::Head => (Receive::Head, RECEIVE_HEAD, once(fd, HEAD_GROUP, socket)),
            Room::Bulk => (Receive::Bulk, RECEIVE_BULK, once(fd, BULK_GROUP, socket)),
        };
        let entry = entry.user_data(Token::of(operation, key).0);
        // SAFETY: it points to no memory: the kernel takes a page of the group.
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
        let group = if token.operation() == RECEIVE_BULK {
            &mut self.bulk
        } else {
            &mut self.head
        };
        // Taken also when it is empty or its connection is gone: the entry must not be lost.
        let page = cqueue::buffer_select(entry.flags()).map(|number| group.take(number, count));
        let slot = token.slot();
        let socket = sockets.in_slot(slot).filter(|socket| token.names(socket))?;
        let key = Key {
            slot,
            generation: socket.generation,
        };
        if !cqueue::more(entry.flags()) {
            socket.receive = Receive::Idle;
            socket.inflight -= 1;
        }
        if socket.flags.has(Flags::CLOSED) {
            return released(slot, socket);
        }
        match entry.result() {
            0 => socket.flags.set(Flags::ENDED),
            1.. => self.hold(key, socket, page.unwrap_or_default(), entry.flags()),
            code => match -code {
                // The group ran dry (its pages have been replaced by now), or a receive that
                // stayed armed was stopped: where bytes are still wanted, again.
                libc::ENOBUFS | libc::ECANCELED | libc::EAGAIN | libc::EINTR => {
                    return self.arm_again(key, socket, token.operation());
                }
                code => socket.fault = code,
            },
        }
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
                socket.receive = Receive::Stopping;
                self.cancel(Token::of(RECEIVE_HEAD, key));
            }
        } else {
            socket.flags.clear(Flags::MORE);
            socket.calm = socket.calm.saturating_add(1);
        }
    }

    /// After a receive that brought nothing: where bytes are waited for, they still are.
    fn arm_again(&mut self, key: Key, socket: &mut Socket, operation: u8) -> Option<Happening> {
        let waits = socket.receiving.waker.is_some() && socket.held.is_empty();
        if waits && !socket.flags.has(Flags::MORE) {
            let room = if operation == RECEIVE_BULK {
                Room::Bulk
            } else {
                Room::Head
            };
            match self.arm(key, socket, room) {
                Ok(()) => return None,
                Err(error) => socket.fault = code_of(&error),
            }
        }
        // Where more is known to be there, the one who waits takes it by itself.
        waits.then_some(Happening::Socket {
            slot: key.slot,
            read: true,
            write: false,
        })
    }

    /// Starts sending what is queued, unless a send is in flight.
    pub(in crate::engine::driver) fn kick(&mut self, key: Key, socket: &mut Socket) {
        let blocked = Flags::SENDING | Flags::CONNECTING;
        if socket.outward.is_empty() || socket.flags.has(blocked) || socket.broken != 0 {
            return;
        }
        let entry = if socket.outward.is_single() {
            let bytes = socket.outward.first().as_slice();
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            opcode::Send::new(types::Fd(socket.fd), bytes.as_ptr(), length)
                .flags(libc::MSG_NOSIGNAL | libc::MSG_WAITALL)
                .build()
        } else {
            let mut message = self.spare_messages.pop().unwrap_or_else(Message::new);
            message.name(socket);
            let flags = (libc::MSG_NOSIGNAL | libc::MSG_WAITALL).unsigned_abs();
            let entry = opcode::SendMsg::new(types::Fd(socket.fd), message.header())
                .flags(flags)
                .build();
            // Until it is submitted; the kernel has copied it by then.
            self.messages.push(message);
            entry
        };
        let entry = entry.user_data(Token::of(SEND, key).0);
        // SAFETY: the bytes are those of pages in `socket.outward`. While SENDING is set nothing
        // takes pages from its front, `fail` included, and the socket stays in the slab until
        // `inflight` is zero; pages do not move their bytes when they are moved. The message
        // lives in `messages` until `wait` has submitted it.
        match unsafe { self.queues.push(&entry) } {
            Ok(()) => {
                socket.flags.set(Flags::SENDING);
                socket.inflight += 1;
            }
            Err(error) => socket.fail(code_of(&error)),
        }
    }

    pub(super) fn sent(token: Token, result: i32, sockets: &mut Sockets) -> Option<Happening> {
        let slot = token.slot();
        let socket = sockets.in_slot(slot).filter(|socket| token.names(socket))?;
        socket.flags.clear(Flags::SENDING);
        socket.inflight -= 1;
        if socket.flags.has(Flags::CLOSED) {
            return released(slot, socket);
        }
        match usize::try_from(result) {
            // What was left in the queue for the kernel's sake alone goes now.
            Ok(_) if socket.broken != 0 => socket.fail(socket.broken),
            Ok(count) => socket.sent(count),
            Err(_) if result == -libc::EINTR || result == -libc::EAGAIN => {}
            Err(_) => socket.fail(-result),
        }
        Some(Happening::Socket {
            slot,
            read: false,
            write: true,
        })
    }
}

impl Message {
    fn new() -> Self {
        let piece = libc::iovec {
            iov_base: std::ptr::null_mut(),
            iov_len: 0,
        };
        // SAFETY: all members are integers and pointers, for which zero is a value.
        let header: libc::msghdr = unsafe { std::mem::zeroed() };
        Self(Box::new((header, [piece; PIECES_MAX])))
    }

    /// Makes it name the first pages of the queue.
    fn name(&mut self, socket: &Socket) {
        let (header, pieces) = &mut *self.0;
        let mut filled = 0;
        for (piece, page) in pieces.iter_mut().zip(socket.outward.iter()) {
            let bytes = page.as_slice();
            // Only read through: the kernel sends them.
            piece.iov_base = bytes.as_ptr().cast_mut().cast();
            piece.iov_len = bytes.len();
            filled += 1;
        }
        header.msg_iov = pieces.as_mut_ptr();
        header.msg_iovlen = filled;
    }

    const fn header(&self) -> *const libc::msghdr {
        &raw const self.0.0
    }
}

/// A receive into one page of a group.
fn once(fd: types::Fd, group: u16, socket: &Socket) -> squeue::Entry {
    // After a message that was whole, the next one is not there yet; before the first, who knows.
    let empty = socket.flags.has(Flags::HEARD) && !socket.flags.has(Flags::MORE);
    opcode::Recv::new(fd, std::ptr::null_mut(), 0)
        .buf_group(group)
        .ioprio(if empty { POLL_FIRST } else { 0 })
        .build()
        .flags(squeue::Flags::BUFFER_SELECT)
}

/// The kernel said that more is there: a plain call takes it into the hottest page.
fn receive_now(socket: &mut Socket, room: Room) -> Taken {
    let mut page = room.page();
    match call::recv(socket.fd, page.spare()) {
        Ok(0) => {
            socket.flags.set(Flags::ENDED);
            Taken::Page(page)
        }
        Ok(count) => {
            if count < page.capacity() {
                socket.flags.clear(Flags::MORE);
            }
            page.filled(count);
            Taken::Page(page)
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            socket.flags.clear(Flags::MORE);
            Taken::Nothing
        }
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Taken::Nothing,
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
    // `MORE` is a guess after a receive that filled its page: asked, it becomes certain.
    if socket.flags.has(Flags::MORE) && socket.receive == Receive::Idle {
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
