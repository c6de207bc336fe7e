//! Accepting through the ring: one operation that stays armed and brings many connections.

use std::collections::VecDeque;
use std::io;
use std::os::fd::{IntoRawFd, RawFd};

use io_uring::{cqueue, opcode, types};

use super::{ACCEPT, Ring};
use crate::base::limits;
use crate::engine::driver::{Accepted, Happening, Token, close_now};
use crate::engine::port::Port;
use crate::engine::sys::code_of;
use crate::engine::sys::socket::{self as call, Blocking};

/// What the ring knows of one listener.
pub(super) struct Door {
    /// Which listener of this slot: completions of an earlier one are recognised.
    generation: u32,
    armed: Armed,
    /// Kernels and socket options differ in whether one operation may stay armed.
    one_at_a_time: bool,
    /// Taken by the kernel, not by us yet.
    waiting: VecDeque<RawFd>,
    /// The `errno` that ended the last operation.
    fault: i32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Armed {
    No,
    Yes,
    /// Being cancelled.
    Stopping,
}

impl Ring {
    pub(in crate::engine::driver) fn listen(&mut self, slot: u32, port: &Port) -> io::Result<()> {
        call::set_blocking(port.raw(), Blocking::May)?;
        let door = Door {
            generation: self.next_door,
            armed: Armed::No,
            one_at_a_time: false,
            waiting: VecDeque::new(),
            fault: 0,
        };
        self.next_door = self.next_door.wrapping_add(1);
        match self.doors.get_mut(slot as usize) {
            Some(place) => *place = door,
            None => self.doors.push(door),
        }
        self.arm_door(slot, port.raw())
    }

    pub(in crate::engine::driver) fn accept(&mut self, slot: u32, port: &Port) -> Accepted {
        let Some(door) = self.doors.get_mut(slot as usize) else {
            return Accepted::Nothing;
        };
        if let Some(fd) = door.waiting.pop_front() {
            return match call::peer_address(fd) {
                Ok(peer) => Accepted::One(fd, peer),
                Err(_) => {
                    // It was reset while it waited.
                    self.close_descriptor(fd);
                    Accepted::Fault(libc::ECONNABORTED)
                }
            };
        }
        if door.fault != 0 {
            return Accepted::Fault(std::mem::take(&mut door.fault));
        }
        match self.arm_door(slot, port.raw()) {
            Ok(()) => Accepted::Nothing,
            Err(error) => Accepted::Fault(code_of(&error)),
        }
    }

    /// As [`Ring::accept`], but asks the kernel for what is queued there.
    pub(in crate::engine::driver) fn accept_now(&mut self, slot: u32, port: &Port) -> Accepted {
        let empty = self
            .doors
            .get(slot as usize)
            .is_none_or(|door| door.waiting.is_empty());
        if !empty {
            return self.accept(slot, port);
        }
        // Nobody else takes from this listener between the two calls: the ring does so only
        // while it is entered.
        if !call::is_readable(port.raw()) {
            return Accepted::Nothing;
        }
        match call::accept(port.raw(), Blocking::May) {
            Ok((fd, peer)) => Accepted::One(fd.into_raw_fd(), peer),
            Err(error) => Accepted::Fault(code_of(&error)),
        }
    }

    pub(in crate::engine::driver) fn unlisten(&mut self, slot: u32, port: Port) {
        if let Some(door) = self.doors.get_mut(slot as usize) {
            let token = Token::new(ACCEPT, slot, door.generation);
            let armed = std::mem::replace(&mut door.armed, Armed::No) != Armed::No;
            // No completion is recognised from here on; one that brings a connection closes it.
            door.generation = u32::MAX;
            let waiting = std::mem::take(&mut door.waiting);
            if armed {
                self.cancel(token);
            }
            for fd in waiting {
                self.close_descriptor(fd);
            }
        }
        if let Some(fd) = port.fd {
            self.close_descriptor(fd.into_raw_fd());
        }
    }

    pub(super) fn accepted(&mut self, token: Token, entry: &cqueue::Entry) -> Option<Happening> {
        let slot = token.slot();
        let door = self.doors.get_mut(slot as usize);
        let ours = |door: &&mut Door| Token::new(ACCEPT, slot, door.generation) == token;
        let Some(door) = door.filter(ours) else {
            if entry.result() >= 0 {
                self.close_descriptor(entry.result());
            }
            return None;
        };
        if !cqueue::more(entry.flags()) {
            door.armed = Armed::No;
        }
        match entry.result() {
            fd @ 0.. => door.waiting.push_back(fd),
            code => match -code {
                libc::ECANCELED => {}
                libc::EINVAL | libc::ENOTSOCK if !door.one_at_a_time => door.one_at_a_time = true,
                code => door.fault = code,
            },
        }
        // A listener whose connections nobody takes is left alone by the kernel, too.
        let full = door.waiting.len() >= limits::ACCEPTS_PER_TURN as usize;
        if full && door.armed == Armed::Yes {
            door.armed = Armed::Stopping;
            self.cancel(token);
        }
        Some(Happening::Port { slot })
    }

    fn arm_door(&mut self, slot: u32, fd: RawFd) -> io::Result<()> {
        let Some(door) = self.doors.get_mut(slot as usize) else {
            return Ok(());
        };
        if door.armed != Armed::No {
            return Ok(());
        }
        door.armed = Armed::Yes;
        let entry = if door.one_at_a_time {
            let nowhere = (std::ptr::null_mut(), std::ptr::null_mut());
            opcode::Accept::new(types::Fd(fd), nowhere.0, nowhere.1)
                .flags(libc::SOCK_CLOEXEC)
                .build()
        } else {
            opcode::AcceptMulti::new(types::Fd(fd))
                .flags(libc::SOCK_CLOEXEC)
                .build()
        };
        let entry = entry.user_data(Token::new(ACCEPT, slot, door.generation).0);
        // SAFETY: it points to no memory.
        let pushed = unsafe { self.queues.push(&entry) };
        if pushed.is_err()
            && let Some(door) = self.doors.get_mut(slot as usize)
        {
            door.armed = Armed::No;
        }
        pushed
    }
}

#[cfg(test)]
impl Door {
    /// As after a refusal of the accept that stays armed.
    pub(super) fn only_once(&mut self) {
        assert!(self.armed == Armed::No);
        self.one_at_a_time = true;
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.waiting.drain(..).for_each(close_now);
    }
}
