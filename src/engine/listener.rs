//! Where connections come from.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::task::{Context, Poll};

use super::shard;
use super::stream::TcpStream;
use super::sys::socket::{self as call, Blocking};
use crate::base::limits;

/// A socket that listens, not yet of any shard: it may be made on one thread and adopted on
/// another.
#[derive(Debug)]
pub struct BoundListener {
    /// None in the simulator.
    pub(super) fd: Option<OwnedFd>,
    pub(super) local: SocketAddr,
}

impl BoundListener {
    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

/// Binds and listens. With `reuse_port`, several may be bound to one address, and the kernel
/// spreads connections over them.
///
/// # Errors
/// What the kernel says: the address is taken, not ours, or not permitted.
pub fn bind(address: SocketAddr, reuse_port: bool) -> io::Result<BoundListener> {
    let fd = call::stream(&address, Blocking::Never)?;
    let raw = fd.as_raw_fd();
    call::set_option(raw, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    if reuse_port {
        call::set_option(raw, libc::SOL_SOCKET, libc::SO_REUSEPORT, 1)?;
    }
    if address.is_ipv6() {
        // `[::]` takes IPv4 as well, whatever net.ipv6.bindv6only says, as Go's listener does.
        let v6_only = i32::from(!address.ip().is_unspecified());
        call::set_option(raw, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, v6_only)?;
    }
    // Accepted sockets inherit these, so they cost nothing per connection.
    call::no_delay(raw)?;
    call::bind(raw, address)?;
    call::listen(raw, limits::LISTEN_BACKLOG)?;
    let local = call::local_address(raw)?;
    Ok(BoundListener {
        fd: Some(fd),
        local,
    })
}

/// A listener of this shard. Dropping it closes it; connections in its queue are reset.
#[derive(Debug)]
pub struct Listener {
    slot: u32,
    local: SocketAddr,
    /// Slots mean something on the thread that made them.
    _not_send: std::marker::PhantomData<*const ()>,
}

impl Listener {
    /// Makes a bound listener one of this shard.
    ///
    /// # Errors
    /// What the kernel says to watching it.
    ///
    /// # Panics
    /// On a thread that is no shard.
    pub fn adopt(bound: BoundListener) -> io::Result<Self> {
        let BoundListener { fd, local } = bound;
        let (slot, local) = shard::within(|shard| shard.io(|io| io.listen(fd, local)))?;
        Ok(Self {
            slot,
            local,
            _not_send: std::marker::PhantomData,
        })
    }

    /// Waits for the next connection. Rests while the process is out of descriptors, and gives
    /// other work its turn after [`limits::ACCEPTS_PER_TURN`].
    ///
    /// # Errors
    /// The listener itself is broken; what befalls a single connection is passed over.
    pub async fn accept(&self) -> io::Result<TcpStream> {
        let waiting = Waiting(self);
        poll_fn(|cx| waiting.0.poll_accept(cx)).await
    }

    /// [`Listener::accept`] for combinators.
    ///
    /// # Errors
    /// As there.
    pub fn poll_accept(&self, cx: &Context<'_>) -> Poll<io::Result<TcpStream>> {
        let accepted = shard::within(|shard| shard.io(|io| io.poll_accept(self.slot, cx.waker())));
        accepted.map_ok(TcpStream::owning)
    }

    /// A connection that is queued already, if any: what a drain still serves.
    pub fn accept_ready(&self) -> Option<TcpStream> {
        let accepted = shard::within(|shard| shard.io(|io| io.accept_ready(self.slot)));
        accepted.map(TcpStream::owning)
    }

    pub const fn local_addr(&self) -> SocketAddr {
        self.local
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Where its shard has ended already, that has closed it.
        let _gone = shard::with(|shard| shard.io(|io| io.remove_port(self.slot as usize)));
    }
}

struct Waiting<'listener>(&'listener Listener);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let _gone = shard::with(|shard| shard.io(|io| io.forget_acceptor(self.0.slot)));
    }
}
