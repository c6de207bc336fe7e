//! What waits on a connection, and forgets nothing but its asker when it is dropped.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::shard;
use super::stream::{Room, TcpStream};
use crate::base::{Page, Tick};

/// Waits for bytes: [`TcpStream::recv`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct Recv<'stream> {
    stream: &'stream TcpStream,
    room: Room,
    by: Tick,
    waits: bool,
}

impl<'stream> Recv<'stream> {
    pub(super) const fn new(stream: &'stream TcpStream, room: Room, by: Tick) -> Self {
        Self {
            stream,
            room,
            by,
            waits: false,
        }
    }
}

impl Future for Recv<'_> {
    type Output = io::Result<Page>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<Page>> {
        let polled = self.stream.poll_recv(cx, self.room, self.by);
        self.waits = polled.is_pending();
        polled
    }
}

impl Drop for Recv<'_> {
    fn drop(&mut self) {
        if self.waits {
            forget_receiver(self.stream);
        }
    }
}

/// Waits until there is something to receive: [`TcpStream::readable`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct Readable<'stream> {
    stream: &'stream TcpStream,
    by: Tick,
    waits: bool,
}

impl<'stream> Readable<'stream> {
    pub(super) const fn new(stream: &'stream TcpStream, by: Tick) -> Self {
        Self {
            stream,
            by,
            waits: false,
        }
    }
}

impl Future for Readable<'_> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.stream.poll_readable(cx, self.by);
        self.waits = polled.is_pending();
        polled
    }
}

impl Drop for Readable<'_> {
    fn drop(&mut self) {
        if self.waits {
            forget_receiver(self.stream);
        }
    }
}

/// Waits for room: [`TcpStream::drained`].
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct Drained<'stream> {
    stream: &'stream TcpStream,
    below: usize,
    by: Tick,
    waits: bool,
}

impl<'stream> Drained<'stream> {
    pub(super) const fn new(stream: &'stream TcpStream, below: usize, by: Tick) -> Self {
        Self {
            stream,
            below,
            by,
            waits: false,
        }
    }
}

impl Future for Drained<'_> {
    type Output = io::Result<()>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = self.stream.poll_drained(cx, self.below, self.by);
        self.waits = polled.is_pending();
        polled
    }
}

impl Drop for Drained<'_> {
    fn drop(&mut self) {
        if self.waits {
            let key = self.stream.key();
            // A shard that has ended waits for nothing.
            let _gone = shard::with(|shard| shard.io(|io| io.forget_drainer(key)));
        }
    }
}

fn forget_receiver(stream: &TcpStream) {
    // A shard that has ended waits for nothing.
    let _gone = shard::with(|shard| shard.io(|io| io.forget_receiver(stream.key())));
}
