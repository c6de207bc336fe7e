//! A connection, as its owner holds it.

use std::future::poll_fn;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::task::{Context, Poll, ready};

use super::shard::{self, Shard};
use super::socket::Key;
use super::waiting::{Drained, Readable, Recv};
use crate::base::{Page, Tick, limits};

/// How large a page a receive may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Room {
    /// [`limits::PAGE_HEAD_BYTES`]: a head, or small messages.
    Head,
    /// [`limits::PAGE_BULK_BYTES`]: a body that flows.
    Bulk,
}

impl Room {
    pub(super) fn page(self) -> Page {
        match self {
            Self::Head => Page::head(),
            Self::Bulk => Page::bulk(),
        }
    }

    /// What receiving this much counts for in a task's share of a round.
    const fn cost(self) -> u32 {
        match self {
            Self::Head => 1,
            Self::Bulk => limits::BULK_COST,
        }
    }
}

/// A TCP connection of this shard. All methods take `&self`, so that both directions can be
/// driven by one task; one receive and one drain may be pending at a time.
///
/// Dropping it sends what is queued in the background, within [`limits::LINGER_MS`], and closes.
#[derive(Debug)]
pub struct TcpStream {
    key: Key,
    /// Keys mean something on the thread that made them.
    _not_send: std::marker::PhantomData<*const ()>,
}

impl TcpStream {
    pub(super) const fn owning(key: Key) -> Self {
        Self {
            key,
            _not_send: std::marker::PhantomData,
        }
    }

    pub(super) const fn key(&self) -> Key {
        self.key
    }

    /// Makes a connection, with `TCP_NODELAY`.
    ///
    /// # Errors
    /// What the kernel says, or TimedOut when `by` passes.
    pub async fn connect(address: SocketAddr, by: Tick) -> io::Result<Self> {
        let key = shard::within(|shard| shard.io(|io| io.connect(address)))?;
        // Dropped together with this future, it closes.
        let stream = Self::owning(key);
        poll_fn(|cx| shard::within(|shard| shard.io(|io| io.poll_connected(key, by, cx.waker()))))
            .await?;
        Ok(stream)
    }

    /// Waits for new bytes and hands them out as an owned page; an empty one is the end of the
    /// stream. Dropping the future loses nothing.
    ///
    /// # Errors
    /// What the kernel says, the reason why sending failed when nothing more can come, or
    /// TimedOut when `by` passes.
    pub fn recv(&self, room: Room, by: Tick) -> Recv<'_> {
        Recv::new(self, room, by)
    }

    /// [`TcpStream::recv`] for combinators.
    ///
    /// # Errors
    /// As there.
    pub fn poll_recv(&self, cx: &Context<'_>, room: Room, by: Tick) -> Poll<io::Result<Page>> {
        shard::within(|shard| {
            if !shard.may_receive() {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            let page = ready!(shard.io(|io| io.poll_recv(self.key, room, by, cx.waker())));
            shard.received(room.cost());
            Poll::Ready(page)
        })
    }

    /// Waits until bytes or an end can be had, takes nothing and pins no memory meanwhile.
    ///
    /// # Errors
    /// As [`TcpStream::recv`].
    pub fn readable(&self, by: Tick) -> Readable<'_> {
        Readable::new(self, by)
    }

    /// [`TcpStream::readable`] for combinators.
    ///
    /// # Errors
    /// As there.
    pub fn poll_readable(&self, cx: &Context<'_>, by: Tick) -> Poll<io::Result<()>> {
        on(|shard| shard.io(|io| io.poll_readable(self.key, by, cx.waker())))
    }

    /// True while nothing has come that was not asked for: no bytes, no end, no error. Asked of
    /// a pooled connection before it is used again.
    pub fn is_quiet(&self) -> bool {
        on(|shard| shard.io(|io| io.is_quiet(self.key)))
    }

    /// Queues the page and starts sending. Never waits: what this may cost is told by
    /// [`TcpStream::unsent`], and a failure by [`TcpStream::drained`].
    pub fn send(&self, page: Page) {
        on(|shard| shard.io(|io| io.send(self.key, page, true)));
    }

    /// Queues the page to go out together with the next one that is sent.
    pub fn send_more(&self, page: Page) {
        on(|shard| shard.io(|io| io.send(self.key, page, false)));
    }

    /// Bytes that the kernel has not taken yet.
    pub fn unsent(&self) -> usize {
        on(|shard| shard.io(|io| io.unsent(self.key)))
    }

    /// Waits until at most `below` bytes are unsent.
    ///
    /// # Errors
    /// Why sending failed, earlier or meanwhile; TimedOut when `by` passes.
    pub fn drained(&self, below: usize, by: Tick) -> Drained<'_> {
        Drained::new(self, below, by)
    }

    /// [`TcpStream::drained`] for combinators.
    ///
    /// # Errors
    /// As there.
    pub fn poll_drained(&self, cx: &Context<'_>, below: usize, by: Tick) -> Poll<io::Result<()>> {
        on(|shard| shard.io(|io| io.poll_drained(self.key, below, by, cx.waker())))
    }

    /// Sends FIN behind what is queued; what is queued later is lost.
    pub fn shutdown_write(&self) {
        on(|shard| shard.io(|io| io.shutdown_write(self.key)));
    }

    /// Resets the connection; what is queued is lost.
    pub fn abort(self) {
        on(|shard| shard.io(|io| io.close(self.key, true)));
    }

    /// Sends what is queued and FIN, then reads and throws away until the other side ends, too:
    /// closing at once would send RST for bytes still under way, and that may destroy the answer
    /// before it is read. Gives up at `by`, or after [`limits::DISCARD_BYTES_MAX`].
    pub async fn close_gently(self, by: Tick) {
        self.shutdown_write();
        let mut left = limits::DISCARD_BYTES_MAX;
        loop {
            match self.recv(Room::Head, by).await {
                Ok(page) if !page.is_empty() && page.len() < left => left -= page.len(),
                Ok(_) | Err(_) => break,
            }
        }
    }

    /// The other side's address, as it was accepted from or connected to.
    pub fn peer_addr(&self) -> SocketAddr {
        on(|shard| shard.io(|io| io.peer_address(self.key)))
    }

    /// This side's address; asked of the kernel each time. `0.0.0.0:0` when it is gone.
    pub fn local_addr(&self) -> SocketAddr {
        on(|shard| shard.io(|io| io.local_address(self.key))).unwrap_or(NOWHERE)
    }
}

pub(super) const NOWHERE: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

impl Drop for TcpStream {
    fn drop(&mut self) {
        // Where its shard has ended already, that has closed the socket.
        let _gone = shard::with(|shard| shard.io(|io| io.drop_socket(self.key)));
    }
}

/// The shard that owns the stream, which is this thread's.
fn on<R>(f: impl FnOnce(&Shard) -> R) -> R {
    shard::within(f)
}
