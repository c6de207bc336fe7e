use std::io;
use std::net::SocketAddr;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use libc::c_int;

use super::address::Raw;
use super::{check, count};
use crate::base::Page;

/// Pages that one call sends; the rest follows in the next.
const PIECES_MAX: usize = 16;

/// Whether system calls on a descriptor may sleep. The ring wants sockets that may (it never
/// sleeps itself, and answers EAGAIN at once for others); epoll wants those that may not.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::engine) enum Blocking {
    May,
    Never,
}

impl Blocking {
    const fn flags(self) -> c_int {
        match self {
            Self::May => libc::SOCK_CLOEXEC,
            Self::Never => libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK,
        }
    }
}

/// A fresh stream socket of the address' family.
pub(in crate::engine) fn stream(address: &SocketAddr, blocking: Blocking) -> io::Result<OwnedFd> {
    let family = if address.is_ipv4() {
        libc::AF_INET
    } else {
        libc::AF_INET6
    };
    // SAFETY: no pointer is passed.
    let fd = check(unsafe { libc::socket(family, libc::SOCK_STREAM | blocking.flags(), 0) })?;
    // SAFETY: the kernel just gave us this descriptor, nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

pub(in crate::engine) fn bind(fd: RawFd, address: SocketAddr) -> io::Result<()> {
    let raw = Raw::from(address);
    // SAFETY: `raw` lives across the call and is `raw.len()` bytes or more.
    check(unsafe { libc::bind(fd, raw.as_ptr(), raw.len()) }).map(drop)
}

pub(in crate::engine) fn listen(fd: RawFd, backlog: c_int) -> io::Result<()> {
    // SAFETY: no pointer is passed.
    check(unsafe { libc::listen(fd, backlog) }).map(drop)
}

pub(in crate::engine) fn connect(fd: RawFd, address: SocketAddr) -> io::Result<()> {
    let raw = Raw::from(address);
    // SAFETY: `raw` lives across the call and is `raw.len()` bytes or more.
    check(unsafe { libc::connect(fd, raw.as_ptr(), raw.len()) }).map(drop)
}

/// Takes one connection from the backlog, with the address of its other side.
pub(in crate::engine) fn accept(
    listener: RawFd,
    blocking: Blocking,
) -> io::Result<(OwnedFd, SocketAddr)> {
    let mut raw = Raw::room();
    let mut length = super::size_of::<Raw>();
    let room = raw.as_mut_ptr();
    // SAFETY: `room` and `length` live across the call, and `length` is the size of `room`.
    let fd = check(unsafe { libc::accept4(listener, room, &raw mut length, blocking.flags()) })?;
    // SAFETY: the kernel just gave us this descriptor, nobody else owns it.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    Ok((fd, SocketAddr::try_from(&raw)?))
}

/// Receives what is there into `room`, never waiting.
pub(in crate::engine) fn recv(fd: RawFd, room: &mut [u8]) -> io::Result<usize> {
    let (pointer, length) = (room.as_mut_ptr().cast(), room.len());
    // SAFETY: `room` is valid for writes of `length` bytes during the call.
    count(unsafe { libc::recv(fd, pointer, length, libc::MSG_DONTWAIT) })
}

/// Looks for one byte without taking it: `Ok(0)` is end of stream, WouldBlock is nothing yet.
pub(in crate::engine) fn peek(fd: RawFd) -> io::Result<usize> {
    let mut byte = 0_u8;
    let pointer = (&raw mut byte).cast();
    // SAFETY: `byte` is one byte of room and lives across the call.
    count(unsafe { libc::recv(fd, pointer, 1, libc::MSG_PEEK | libc::MSG_DONTWAIT) })
}

/// Sends what the socket has room for, never waiting and never raising SIGPIPE.
pub(in crate::engine) fn send(fd: RawFd, bytes: &[u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: `bytes` is valid for reads of its length during the call.
    count(unsafe { libc::send(fd, bytes.as_ptr().cast(), bytes.len(), flags) })
}

/// Sends the first pages in one call; says how much, and how much was tried. Else as [`send`].
pub(in crate::engine) fn send_pages<'page>(
    fd: RawFd,
    pages: impl Iterator<Item = &'page Page>,
) -> io::Result<(usize, usize)> {
    let mut pieces = [io::IoSlice::new(&[]); PIECES_MAX];
    let (mut filled, mut attempted) = (0, 0);
    for (piece, page) in pieces.iter_mut().zip(pages) {
        *piece = io::IoSlice::new(page.as_slice());
        filled += 1;
        attempted += page.len();
    }
    send_pieces(fd, &pieces[..filled]).map(|count| (count, attempted))
}

fn send_pieces(fd: RawFd, pieces: &[io::IoSlice<'_>]) -> io::Result<usize> {
    // SAFETY: all members are integers and pointers, for which zero is a value.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    // `IoSlice` promises the layout of `iovec`; the kernel only reads through it.
    message.msg_iov = pieces.as_ptr().cast_mut().cast();
    message.msg_iovlen = pieces.len();
    let flags = libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL;
    // SAFETY: `message` names only `pieces`, which outlives the call.
    count(unsafe { libc::sendmsg(fd, &raw const message, flags) })
}

pub(in crate::engine) fn shutdown_write(fd: RawFd) -> io::Result<()> {
    // SAFETY: no pointer is passed.
    check(unsafe { libc::shutdown(fd, libc::SHUT_WR) }).map(drop)
}

/// Closing will reset the connection instead of ending it.
pub(in crate::engine) fn linger_zero(fd: RawFd) -> io::Result<()> {
    let linger = libc::linger {
        l_onoff: 1,
        l_linger: 0,
    };
    let (pointer, length) = ((&raw const linger).cast(), super::size_of::<libc::linger>());
    // SAFETY: `linger` lives across the call and is `length` bytes.
    check(unsafe { libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_LINGER, pointer, length) })
        .map(drop)
}

pub(in crate::engine) fn set_option(
    fd: RawFd,
    level: c_int,
    name: c_int,
    value: c_int,
) -> io::Result<()> {
    let (pointer, length) = ((&raw const value).cast(), super::size_of::<c_int>());
    // SAFETY: `value` lives across the call and is `length` bytes.
    check(unsafe { libc::setsockopt(fd, level, name, pointer, length) }).map(drop)
}

pub(in crate::engine) fn option(fd: RawFd, level: c_int, name: c_int) -> io::Result<c_int> {
    let mut value: c_int = 0;
    let mut length = super::size_of::<c_int>();
    let pointer = (&raw mut value).cast();
    // SAFETY: `value` and `length` live across the call, and `length` is the size of `value`.
    check(unsafe { libc::getsockopt(fd, level, name, pointer, &raw mut length) })?;
    Ok(value)
}

/// Small writes go out at once.
pub(in crate::engine) fn no_delay(fd: RawFd) -> io::Result<()> {
    set_option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY, 1)
}

/// Whether a call that reads would not wait.
pub(in crate::engine) fn is_readable(fd: RawFd) -> bool {
    let mut asked = libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: `asked` is one entry and lives across the call, which does not wait.
    let found = unsafe { libc::poll(&raw mut asked, 1, 0) };
    found == 1
}

/// The error that a failed connect left behind.
pub(in crate::engine) fn take_error(fd: RawFd) -> io::Result<()> {
    match option(fd, libc::SOL_SOCKET, libc::SO_ERROR)? {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

pub(in crate::engine) fn local_address(fd: RawFd) -> io::Result<SocketAddr> {
    let mut raw = Raw::room();
    let mut length = super::size_of::<Raw>();
    let room = raw.as_mut_ptr();
    // SAFETY: `room` and `length` live across the call, and `length` is the size of `room`.
    check(unsafe { libc::getsockname(fd, room, &raw mut length) })?;
    SocketAddr::try_from(&raw)
}

pub(in crate::engine) fn peer_address(fd: RawFd) -> io::Result<SocketAddr> {
    let mut raw = Raw::room();
    let mut length = super::size_of::<Raw>();
    let room = raw.as_mut_ptr();
    // SAFETY: `room` and `length` live across the call, and `length` is the size of `room`.
    check(unsafe { libc::getpeername(fd, room, &raw mut length) })?;
    SocketAddr::try_from(&raw)
}

/// Sets or clears `O_NONBLOCK`.
pub(in crate::engine) fn set_blocking(fd: RawFd, blocking: Blocking) -> io::Result<()> {
    // SAFETY: F_GETFL takes no further argument.
    let flags = check(unsafe { libc::fcntl(fd, libc::F_GETFL) })?;
    let flags = match blocking {
        Blocking::May => flags & !libc::O_NONBLOCK,
        Blocking::Never => flags | libc::O_NONBLOCK,
    };
    // SAFETY: F_SETFL takes one integer.
    check(unsafe { libc::fcntl(fd, libc::F_SETFL, flags) }).map(drop)
}
