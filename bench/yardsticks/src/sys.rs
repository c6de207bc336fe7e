//! Sockets and epoll, as thin as they can be: one system call a function.

use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// An epoll instance and the events of its last wait.
pub struct Poller {
    epoll: OwnedFd,
    events: Vec<libc::epoll_event>,
}

impl Poller {
    pub fn new(batch: usize) -> io::Result<Self> {
        // SAFETY: the call takes no pointer; the result is checked before use.
        let fd = checked(unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        // SAFETY: `fd` was made by the call above and nobody else owns it.
        let epoll = unsafe { OwnedFd::from_raw_fd(fd) };
        let events = vec![libc::epoll_event { events: 0, u64: 0 }; batch];
        Ok(Self { epoll, events })
    }

    /// Registers `fd` once for its whole life: edge-triggered, both directions.
    pub fn add(&self, fd: RawFd, token: u64) -> io::Result<()> {
        let interest = libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET;
        self.register(fd, token, interest as u32)
    }

    /// Registers a listener: level-triggered, so that a full backlog is never forgotten.
    pub fn add_listener(&self, fd: RawFd, token: u64) -> io::Result<()> {
        self.register(fd, token, libc::EPOLLIN as u32)
    }

    fn register(&self, fd: RawFd, token: u64, interest: u32) -> io::Result<()> {
        let mut event = libc::epoll_event {
            events: interest,
            u64: token,
        };
        // SAFETY: `event` lives across the call, and the kernel copies it.
        let result = unsafe {
            libc::epoll_ctl(
                self.epoll.as_raw_fd(),
                libc::EPOLL_CTL_ADD,
                fd,
                &raw mut event,
            )
        };
        checked(result).map(drop)
    }

    /// Waits for events, at most `timeout` (none: for ever); returns `(token, events)` pairs.
    pub fn wait(
        &mut self,
        timeout: Option<Duration>,
    ) -> io::Result<impl ExactSizeIterator<Item = (u64, i32)>> {
        let limit = timeout.map(|time| libc::timespec {
            tv_sec: time.as_secs() as libc::time_t,
            tv_nsec: libc::c_long::from(time.subsec_nanos()),
        });
        let pointer = limit.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: `events` has room for `len` entries, and `pointer` is null or points at `limit`,
        // which outlives the call.
        let result = unsafe {
            libc::epoll_pwait2(
                self.epoll.as_raw_fd(),
                self.events.as_mut_ptr(),
                self.events.len() as i32,
                pointer,
                std::ptr::null(),
            )
        };
        let count = match checked(result) {
            Ok(count) => count as usize,
            Err(fault) if fault.kind() == io::ErrorKind::Interrupted => 0,
            Err(fault) => return Err(fault),
        };
        Ok(self.events[..count]
            .iter()
            .map(|event| (event.u64, event.events as i32)))
    }
}

/// A listening socket with SO_REUSEADDR, SO_REUSEPORT and a long backlog.
pub fn listen(address: SocketAddrV4) -> io::Result<OwnedFd> {
    let socket = stream_socket()?;
    option(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_REUSEADDR)?;
    option(socket.as_raw_fd(), libc::SOL_SOCKET, libc::SO_REUSEPORT)?;
    let name = sockaddr(address);
    // SAFETY: `name` is a valid sockaddr_in of the given length for the whole call.
    checked(unsafe { libc::bind(socket.as_raw_fd(), (&raw const name).cast(), NAME_BYTES) })?;
    // SAFETY: the call takes no pointer.
    checked(unsafe { libc::listen(socket.as_raw_fd(), 4096) })?;
    Ok(socket)
}

/// The next connection of the backlog, non-blocking, without Nagle's delay.
pub fn accept(listener: RawFd) -> io::Result<OwnedFd> {
    let flags = libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: null pointers mean that the peer's name is not wanted.
    let result =
        unsafe { libc::accept4(listener, std::ptr::null_mut(), std::ptr::null_mut(), flags) };
    let fd = checked(result)?;
    // SAFETY: `fd` was made by the call above and nobody else owns it.
    let socket = unsafe { OwnedFd::from_raw_fd(fd) };
    option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY)?;
    Ok(socket)
}

/// Starts to connect; the socket becomes writable when the connection stands.
pub fn connect(address: SocketAddrV4) -> io::Result<OwnedFd> {
    let socket = stream_socket()?;
    option(socket.as_raw_fd(), libc::IPPROTO_TCP, libc::TCP_NODELAY)?;
    let name = sockaddr(address);
    let fd = socket.as_raw_fd();
    // SAFETY: `name` is a valid sockaddr_in of the given length for the whole call.
    match checked(unsafe { libc::connect(fd, (&raw const name).cast(), NAME_BYTES) }) {
        Ok(_) => Ok(socket),
        Err(fault) if fault.raw_os_error() == Some(libc::EINPROGRESS) => Ok(socket),
        Err(fault) => Err(fault),
    }
}

pub fn recv(fd: RawFd, room: &mut [u8]) -> io::Result<usize> {
    // SAFETY: `room` is writable for `len` bytes during the call.
    let result = unsafe { libc::recv(fd, room.as_mut_ptr().cast(), room.len(), 0) };
    counted(result)
}

pub fn send(fd: RawFd, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: `bytes` is readable for `len` bytes during the call.
    let result = unsafe { libc::send(fd, bytes.as_ptr().cast(), bytes.len(), libc::MSG_NOSIGNAL) };
    counted(result)
}

pub fn shutdown_write(fd: RawFd) {
    // SAFETY: the call takes no pointer. A socket that is gone already needs no FIN, so the
    // result says nothing we would act on.
    unsafe { libc::shutdown(fd, libc::SHUT_WR) };
}

/// Lets timers of this thread fire when they are due, not up to 50 us later.
pub fn exact_timers() -> io::Result<()> {
    // SAFETY: PR_SET_TIMERSLACK takes one number and no pointer.
    checked(unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1 as libc::c_ulong) }).map(drop)
}

const NAME_BYTES: libc::socklen_t = size_of::<libc::sockaddr_in>() as libc::socklen_t;

fn stream_socket() -> io::Result<OwnedFd> {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
    // SAFETY: the call takes no pointer; the result is checked before use.
    let fd = checked(unsafe { libc::socket(libc::AF_INET, kind, 0) })?;
    // SAFETY: `fd` was made by the call above and nobody else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

fn option(fd: RawFd, level: i32, name: i32) -> io::Result<()> {
    let on: i32 = 1;
    let bytes = size_of::<i32>() as libc::socklen_t;
    // SAFETY: `on` is readable for `bytes` bytes during the call.
    checked(unsafe { libc::setsockopt(fd, level, name, (&raw const on).cast(), bytes) }).map(drop)
}

fn sockaddr(address: SocketAddrV4) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as libc::sa_family_t,
        sin_port: address.port().to_be(),
        sin_addr: libc::in_addr {
            s_addr: u32::from(*address.ip()).to_be(),
        },
        sin_zero: [0; 8],
    }
}

fn checked(result: i32) -> io::Result<i32> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

fn counted(result: isize) -> io::Result<usize> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result as usize)
    }
}
