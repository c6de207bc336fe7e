//! Bytes out through the ring.
//!
//! A small send waits for the end of the turn: what is queued until then goes out together, and
//! many such sends go out with one call. A large one goes at once, while its bytes are in the
//! cache. Only what a socket has no room for becomes an operation that waits.

use std::io;

use io_uring::{opcode, types};

use super::{Ring, SEND, released};
use crate::base::limits::PAGE_HEAD_BYTES;
use crate::engine::driver::{Happening, Token};
use crate::engine::socket::{Flags, Key, Socket, Sockets};
use crate::engine::sys::code_of;
use crate::engine::sys::socket as call;

/// Pages that one operation sends; the rest follows in the next.
const PIECES_MAX: usize = 16;
/// Sends of one turn up to which plain calls are cheaper: the completion of an operation that
/// ends at once would also end the wait that follows.
const FEW: usize = 3;

/// A message header and its pieces, at a fixed address.
pub(super) struct Message(Box<(libc::msghdr, [libc::iovec; PIECES_MAX])>);

impl Ring {
    /// Sends what is queued now or with this turn, unless a send is in flight.
    pub(in crate::engine::driver) fn kick(&mut self, key: Key, socket: &mut Socket) {
        if !may_send(socket) {
            return;
        }
        if socket.unsent > PAGE_HEAD_BYTES {
            self.push(key, socket);
        } else if !socket.flags.has(Flags::LISTED) {
            socket.flags.set(Flags::LISTED);
            self.listed.push(key);
        }
    }

    /// As [`Ring::kick`], but puts nothing off: somebody waits for it.
    pub(in crate::engine::driver) fn push(&mut self, key: Key, socket: &mut Socket) {
        if may_send(socket) {
            send_now(socket);
        }
        if may_send(socket) {
            self.submit(key, socket);
        }
    }

    /// At the end of a turn: sends what was put off.
    pub(super) fn send_listed(&mut self, sockets: &mut Sockets) {
        let few = self.listed.len() <= FEW;
        let mut listed = std::mem::take(&mut self.listed);
        for key in listed.drain(..) {
            let Some(socket) = sockets.get_mut(key) else {
                continue;
            };
            socket.flags.clear(Flags::LISTED);
            if !may_send(socket) || socket.flags.has(Flags::CLOSED) {
                continue;
            }
            if few {
                send_now(socket);
            }
            if may_send(socket) {
                self.submit(key, socket);
            } else if concerns_anybody(socket) {
                self.told.push(Happening::Socket {
                    slot: key.slot,
                    read: false,
                    write: true,
                });
            }
        }
        self.listed = listed;
    }

    /// Makes the kernel send the first pages of the queue, however long it takes.
    fn submit(&mut self, key: Key, socket: &mut Socket) {
        let target = types::Fd(socket.fd);
        let flags = libc::MSG_NOSIGNAL | libc::MSG_WAITALL;
        let entry = if socket.outward.is_single() {
            let bytes = socket.outward.first().as_slice();
            let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            opcode::Send::new(target, bytes.as_ptr(), length)
                .flags(flags)
                .build()
        } else {
            let mut message = self.spare_messages.pop().unwrap_or_else(Message::new);
            message.name(socket);
            let entry = opcode::SendMsg::new(target, message.header());
            let entry = entry.flags(flags.unsigned_abs()).build();
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

fn may_send(socket: &Socket) -> bool {
    let free = !socket.flags.has(Flags::SENDING | Flags::CONNECTING);
    free && socket.broken == 0 && !socket.outward.is_empty()
}

/// Whether somebody waits for what has just been sent, or for its failure.
fn concerns_anybody(socket: &Socket) -> bool {
    let ending = socket.flags.has(Flags::FINISH | Flags::ORPHAN);
    ending || socket.draining.waker.is_some() || socket.broken != 0
}

/// Sends what the socket has room for by plain calls.
fn send_now(socket: &mut Socket) {
    while !socket.outward.is_empty() {
        match send_once(socket) {
            Ok((count, attempted)) => {
                socket.sent(count);
                if count < attempted {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => socket.fail(code_of(&error)),
        }
    }
}

/// How much was sent, and how much was tried.
fn send_once(socket: &Socket) -> io::Result<(usize, usize)> {
    if socket.outward.is_single() {
        let bytes = socket.outward.first().as_slice();
        return call::send(socket.fd, bytes).map(|count| (count, bytes.len()));
    }
    call::send_pages(socket.fd, socket.outward.iter())
}
