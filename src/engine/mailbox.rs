//! Words from other threads to a shard.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};
use std::task::{Poll, Waker};

use crossbeam_channel::{Receiver, Sender, TrySendError};
use crossbeam_utils::atomic::AtomicCell;

use crate::base::limits;

/// A mailbox and its address. Both may be made anywhere; the mailbox is read on one shard.
pub fn mailbox<T: Send>() -> (Post<T>, Mailbox<T>) {
    let (sender, receiver) = crossbeam_channel::bounded(limits::MAILBOX_MAX);
    let reader = Arc::new(AtomicCell::new(None));
    (
        Post {
            sender,
            reader: Arc::clone(&reader),
        },
        Mailbox { receiver, reader },
    )
}

/// Whoever waits for mail. A lock for the length of a swap, and free of one in practice: it is
/// touched once per message, and once per wait.
type Reader = Arc<AtomicCell<Option<Waker>>>;

/// Sends to one mailbox; from any thread.
pub struct Post<T> {
    sender: Sender<T>,
    reader: Reader,
}

/// Receives what is posted.
pub struct Mailbox<T> {
    receiver: Receiver<T>,
    reader: Reader,
}

/// Why a message was not posted; it comes back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returned<T> {
    /// [`limits::MAILBOX_MAX`] messages wait already.
    Full(T),
    /// The mailbox is gone.
    Gone(T),
}

impl<T: Send> Post<T> {
    /// Posts, and rings the shard's bell only if the shard sleeps. Never waits.
    ///
    /// # Errors
    /// The message comes back when the mailbox is full or gone.
    pub fn send(&self, message: T) -> Result<(), Returned<T>> {
        self.sender.try_send(message).map_err(|error| match error {
            TrySendError::Full(message) => Returned::Full(message),
            TrySendError::Disconnected(message) => Returned::Gone(message),
        })?;
        self.wake_reader();
        Ok(())
    }
}

impl<T> Post<T> {
    fn wake_reader(&self) {
        // Either the reader sees the message, or we see its waker.
        fence(Ordering::SeqCst);
        if let Some(waker) = self.reader.take() {
            waker.wake();
        }
    }
}

impl<T> Clone for Post<T> {
    fn clone(&self) -> Self {
        Self {
            sender: self.sender.clone(),
            reader: Arc::clone(&self.reader),
        }
    }
}

impl<T> Drop for Post<T> {
    fn drop(&mut self) {
        // The last post gone is news as well. Our own sender still counts here, so it goes first.
        let (idle, _) = crossbeam_channel::bounded(0);
        drop(std::mem::replace(&mut self.sender, idle));
        self.wake_reader();
    }
}

impl<T: Send> Mailbox<T> {
    /// Waits for the next message; `None` when every post is gone. One reader at a time.
    pub async fn recv(&self) -> Option<T> {
        poll_fn(|cx| {
            if let Some(news) = self.look() {
                return Poll::Ready(news);
            }
            self.reader.store(Some(cx.waker().clone()));
            // Either we see the message, or its poster sees our waker.
            fence(Ordering::SeqCst);
            match self.look() {
                Some(news) => Poll::Ready(news),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// A message that is there already.
    pub fn try_recv(&self) -> Option<T> {
        self.receiver.try_recv().ok()
    }

    /// A message, or that none will ever come.
    fn look(&self) -> Option<Option<T>> {
        use crossbeam_channel::TryRecvError::{Disconnected, Empty};
        match self.receiver.try_recv() {
            Ok(message) => Some(Some(message)),
            Err(Disconnected) => Some(None),
            Err(Empty) => None,
        }
    }
}

impl<T> fmt::Debug for Post<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Post({} waiting)", self.sender.len())
    }
}

impl<T> fmt::Debug for Mailbox<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Mailbox({} waiting)", self.receiver.len())
    }
}
