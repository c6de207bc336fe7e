//! Connections at rest: nobody's task waits for them, so that an idle one costs its place here
//! and nothing else. When one stirs, its number is told to the one task that keeps the lot.

use std::future::poll_fn;
use std::task::{Poll, Waker};

use super::io::Io;
use super::shard;
use super::socket::{Flags, Key, Socket};
use crate::base::Tick;

/// A connection that rests no longer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Risen {
    /// What it was told to be called.
    pub number: u32,
    /// Its time has come, and nothing else has.
    pub due: bool,
}

/// What has stirred and was not told yet.
#[derive(Default)]
pub(super) struct Lot {
    risen: Vec<Risen>,
    keeper: Option<Waker>,
}

impl Lot {
    /// Wakes whoever waits for bytes of the socket, or for the socket to rise.
    pub(super) fn rouse(&mut self, socket: &mut Socket, due: bool, wakes: &mut Vec<Waker>) {
        if socket.flags.has(Flags::RESTING) {
            socket.flags.clear(Flags::RESTING);
            self.risen.push(Risen {
                number: socket.number,
                due,
            });
            wakes.extend(self.keeper.take());
        } else {
            wakes.extend(socket.receiving.waker.take());
        }
    }
}

impl Io {
    /// Lets the connection rest. False when it is gone, or has something to say already.
    pub(super) fn rest(&mut self, key: Key, number: u32, by: Tick) -> bool {
        let Some(socket) = self.sockets.get_mut(key) else {
            return false;
        };
        if socket.broken != 0 || self.driver.has_news(key, socket) {
            return false;
        }
        socket.receiving.waker = None;
        socket.receiving.by = by;
        socket.number = number;
        socket.flags.set(Flags::RESTING);
        self.arm(key);
        true
    }

    fn poll_risen(&mut self, into: &mut Vec<Risen>, waker: &Waker) -> Poll<()> {
        if self.lot.risen.is_empty() {
            self.lot.keeper = Some(waker.clone());
            return Poll::Pending;
        }
        into.append(&mut self.lot.risen);
        Poll::Ready(())
    }
}

/// Waits until connections rise, and adds them to `into`. One waiter at a time.
///
/// # Panics
/// On a thread that is no shard.
pub async fn risen(into: &mut Vec<Risen>) {
    poll_fn(|cx| shard::within(|shard| shard.io(|io| io.poll_risen(into, cx.waker())))).await;
}
