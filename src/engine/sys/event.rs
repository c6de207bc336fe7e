//! epoll and eventfd.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use libc::c_int;

use super::check;

pub(in crate::engine) type Event = libc::epoll_event;

/// What one registration asks for, for the whole life of the descriptor.
pub(in crate::engine) const BOTH_WAYS: u32 =
    bits(libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET);
/// For a listener or a bell: something to read.
pub(in crate::engine) const INWARD: u32 = bits(libc::EPOLLIN | libc::EPOLLET);

pub(in crate::engine) const READABLE: u32 =
    bits(libc::EPOLLIN | libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR);
pub(in crate::engine) const WRITABLE: u32 = bits(libc::EPOLLOUT | libc::EPOLLHUP | libc::EPOLLERR);
/// The other side has said its last word, or the connection broke.
pub(in crate::engine) const ENDING: u32 = bits(libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR);

pub(in crate::engine) fn epoll() -> io::Result<OwnedFd> {
    // SAFETY: no pointer is passed.
    let fd = check(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
    // SAFETY: the kernel just gave us this descriptor, nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(in crate::engine) fn add(epoll: &OwnedFd, fd: RawFd, asks: u32, data: u64) -> io::Result<()> {
    let mut event = Event {
        events: asks,
        u64: data,
    };
    let pointer = &raw mut event;
    // SAFETY: `event` lives across the call.
    check(unsafe { libc::epoll_ctl(epoll.as_raw_fd(), libc::EPOLL_CTL_ADD, fd, pointer) }).map(drop)
}

/// Fills the front of `room` and says how far; a signal counts as zero events.
/// `timeout_ms` below zero waits without end.
pub(in crate::engine) fn wait(
    epoll: &OwnedFd,
    room: &mut [Event],
    timeout_ms: c_int,
) -> io::Result<usize> {
    let (pointer, length) = (
        room.as_mut_ptr(),
        c_int::try_from(room.len()).unwrap_or(c_int::MAX),
    );
    // SAFETY: `room` is valid for writes of `length` events during the call.
    match check(unsafe { libc::epoll_wait(epoll.as_raw_fd(), pointer, length, timeout_ms) }) {
        Ok(found) => Ok(usize::try_from(found).unwrap_or(0)),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => Ok(0),
        Err(error) => Err(error),
    }
}

/// A counter that wakes whoever polls it.
pub(in crate::engine) fn bell() -> io::Result<OwnedFd> {
    // SAFETY: no pointer is passed.
    let fd = check(unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) })?;
    // SAFETY: the kernel just gave us this descriptor, nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Rings: each call is a new edge, so nobody has to read the counter back.
pub(in crate::engine) fn ring(bell: RawFd) {
    let one = 1_u64;
    let pointer = (&raw const one).cast();
    // SAFETY: `one` is eight bytes and lives across the call.
    let _written = unsafe { libc::write(bell, pointer, size_of::<u64>()) };
}

/// Takes what the counter holds, so that a poll on it does not fire again.
pub(in crate::engine) fn hush(bell: RawFd) {
    let mut value = 0_u64;
    let pointer = (&raw mut value).cast();
    // SAFETY: `value` is eight bytes of room and lives across the call.
    let _read = unsafe { libc::read(bell, pointer, size_of::<u64>()) };
}

#[expect(
    clippy::cast_sign_loss,
    reason = "a set of bits, EPOLLET being the highest"
)]
const fn bits(flags: c_int) -> u32 {
    flags as u32
}
