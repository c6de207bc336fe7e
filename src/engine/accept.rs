//! Listeners: how many connections a turn takes, and what happens when descriptors run out.

use std::io;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::driver::Accepted;
use super::io::{Io, gone, port_owner};
use super::port::Port;
use super::socket::{Key, Socket};
use super::wheel::{Timer, Wheel};
use crate::base::limits;

impl Io {
    /// The slot of a new listener, and where it listens.
    pub(super) fn listen(
        &mut self,
        fd: Option<OwnedFd>,
        local: SocketAddr,
    ) -> io::Result<(u32, SocketAddr)> {
        let slot = self
            .ports
            .iter()
            .position(Option::is_none)
            .unwrap_or(self.ports.len());
        let number = u32::try_from(slot).unwrap_or(u32::MAX);
        let port = Port::new(fd);
        let local = self.driver.listen(number, &port, local)?;
        if slot == self.ports.len() {
            self.ports.push(None);
        }
        self.ports[slot] = Some(port);
        Ok((number, local))
    }

    pub(super) fn poll_accept(&mut self, slot: u32, waker: &Waker) -> Poll<io::Result<Key>> {
        match self.accept(slot) {
            Ok(Some(key)) => return Poll::Ready(Ok(key)),
            Err(error) => return Poll::Ready(Err(error)),
            Ok(None) => {}
        }
        if let Some(port) = self.port(slot) {
            if port.taken >= limits::ACCEPTS_PER_TURN {
                // More may be there: come again in the next turn.
                self.wakes.push(waker.clone());
            } else {
                port.waker = Some(waker.clone());
            }
        }
        Poll::Pending
    }

    /// Takes what is queued already; `None` when nothing is, or when the turn's share is used up.
    pub(super) fn accept(&mut self, slot: u32) -> io::Result<Option<Key>> {
        let turn = self.turn;
        let (ports, driver) = (&mut self.ports, &mut self.driver);
        let port = ports
            .get_mut(slot as usize)
            .and_then(Option::as_mut)
            .ok_or_else(gone)?;
        if port.turn != turn {
            port.turn = turn;
            port.taken = 0;
        }
        while port.taken < limits::ACCEPTS_PER_TURN && port.rest == Timer::NONE {
            match driver.accept(slot, port) {
                Accepted::One(fd, peer) => {
                    port.taken += 1;
                    return Ok(Some(self.sockets.insert(Socket::new(fd, peer))));
                }
                Accepted::Nothing => return Ok(None),
                Accepted::Fault(code) => match Trouble::of(code) {
                    Trouble::OneConnection => port.taken += 1,
                    Trouble::Exhausted => {
                        let until = self.now + Duration::from_millis(limits::ACCEPT_PAUSE_MS);
                        port.rest = self.wheel.arm(Wheel::ms_of(until), port_owner(slot));
                    }
                    Trouble::Listener => return Err(io::Error::from_raw_os_error(code)),
                },
            }
        }
        Ok(None)
    }

    /// As [`Io::accept`], however many this turn has taken already.
    pub(super) fn accept_ready(&mut self, slot: u32) -> Option<Key> {
        loop {
            let (ports, driver) = (&mut self.ports, &mut self.driver);
            let port = ports.get_mut(slot as usize).and_then(Option::as_mut)?;
            match driver.accept_now(slot, port) {
                Accepted::One(fd, peer) => {
                    return Some(self.sockets.insert(Socket::new(fd, peer)));
                }
                Accepted::Fault(code) if matches!(Trouble::of(code), Trouble::OneConnection) => {}
                Accepted::Nothing | Accepted::Fault(_) => return None,
            }
        }
    }

    pub(super) fn forget_acceptor(&mut self, slot: u32) {
        if let Some(port) = self.port(slot) {
            port.waker = None;
        }
    }

    pub(super) fn remove_port(&mut self, slot: usize) {
        let Some(port) = self.ports.get_mut(slot).and_then(Option::take) else {
            return;
        };
        if port.rest != Timer::NONE {
            self.wheel.disarm(port.rest);
        }
        self.driver
            .unlisten(u32::try_from(slot).unwrap_or(u32::MAX), port);
    }

    pub(super) fn port_ready(&mut self, slot: u32) {
        if let Some(port) = self.port(slot) {
            port.ready = true;
            let waker = port.waker.take();
            self.wakes.extend(waker);
        }
    }

    /// A listener has rested long enough.
    pub(super) fn rested(&mut self, slot: u32) {
        if let Some(port) = self.port(slot) {
            port.rest = Timer::NONE;
            let waker = port.waker.take();
            self.wakes.extend(waker);
        }
    }

    /// A descriptor is free again: listeners that rest for want of one go on.
    pub(super) fn descriptor_closed(&mut self) {
        for port in self.ports.iter_mut().flatten() {
            if port.rest != Timer::NONE {
                self.wheel.disarm(port.rest);
                port.rest = Timer::NONE;
                self.wakes.extend(port.waker.take());
            }
        }
    }

    pub(super) fn port(&mut self, slot: u32) -> Option<&mut Port> {
        self.ports.get_mut(slot as usize).and_then(Option::as_mut)
    }
}

/// Whose trouble a failed accept is.
enum Trouble {
    /// The connection's alone: it died in the queue, or a firewall forbids it.
    OneConnection,
    /// The process (or machine) is out of descriptors or memory.
    Exhausted,
    Listener,
}

impl Trouble {
    const fn of(code: i32) -> Self {
        match code {
            libc::EMFILE | libc::ENFILE | libc::ENOBUFS | libc::ENOMEM => Self::Exhausted,
            // accept(2) passes on pending errors of the new connection.
            libc::ECONNABORTED
            | libc::EINTR
            | libc::EPERM
            | libc::EPROTO
            | libc::ENETDOWN
            | libc::ENOPROTOOPT
            | libc::EHOSTDOWN
            | libc::ENONET
            | libc::EHOSTUNREACH
            | libc::EOPNOTSUPP
            | libc::ENETUNREACH
            | libc::ETIMEDOUT => Self::OneConnection,
            _ => Self::Listener,
        }
    }
}
