//! A bounded way from any thread to one writer thread. Who hands something over never waits:
//! when the lane is full, it is dropped and counted, and the writer says so once it can.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::thread;
use std::time::Duration;

use crate::base::limits::{LOG_FLUSH_MS, LOG_ITEMS_PER_WRITE_MAX};

/// What the writer thread does with what comes along.
pub(crate) trait Drain<T>: Send + 'static {
    /// Takes one item in; it need not be written before [`Drain::write_out`].
    fn take(&mut self, item: T);
    /// Writes what was taken.
    fn write_out(&mut self);
    /// Opens the file anew: somebody has moved it away.
    fn reopen(&mut self);
    /// So many lines were dropped since the last call.
    fn dropped(&mut self, lines: u64);
}

/// The near end of the lane.
pub(crate) struct Lane<T> {
    queue: SyncSender<Message<T>>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    dropped: AtomicU64,
    reopen: AtomicBool,
}

enum Message<T> {
    Item(T),
    Wake,
    Flush(SyncSender<()>),
}

impl<T: Send + 'static> Lane<T> {
    /// Starts the writer thread. `capacity` counts items.
    pub(crate) fn start(name: &str, capacity: usize, drain: impl Drain<T>) -> io::Result<Self> {
        let (queue, far_end) = mpsc::sync_channel(capacity);
        let state = Arc::<State>::default();
        let seen = Arc::clone(&state);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || write_all(&far_end, &seen, drain))?;
        Ok(Self { queue, state })
    }

    /// Hands `item` over, or drops it and counts its `lines`.
    pub(crate) fn offer(&self, item: T, lines: u64) {
        if self.queue.try_send(Message::Item(item)).is_err() {
            self.state.dropped.fetch_add(lines, Ordering::Relaxed);
        }
    }

    pub(crate) fn reopen(&self) {
        self.state.reopen.store(true, Ordering::Release);
        // A full lane has a writer that is awake: it will see the flag without being woken.
        drop(self.queue.try_send(Message::Wake));
    }

    /// Waits, but not for long, until all that was handed over before is written.
    pub(crate) fn flush(&self) {
        let (done, told) = mpsc::sync_channel(1);
        let mut message = Message::Flush(done);
        let step = Duration::from_millis(LOG_FLUSH_MS / 100);
        for _ in 0..100 {
            match self.queue.try_send(message) {
                Ok(()) => {
                    // Too late or gone: then the rest is lost, which beats an exit that hangs.
                    let _ = told.recv_timeout(Duration::from_millis(LOG_FLUSH_MS));
                    return;
                }
                Err(TrySendError::Full(back)) => message = back,
                Err(TrySendError::Disconnected(_)) => return,
            }
            // Nobody can answer yet: this only waits.
            let _ = told.recv_timeout(step);
        }
    }
}

impl<T> Clone for Lane<T> {
    fn clone(&self) -> Self {
        Self {
            queue: self.queue.clone(),
            state: Arc::clone(&self.state),
        }
    }
}

fn write_all<T>(far_end: &Receiver<Message<T>>, state: &State, mut drain: impl Drain<T>) {
    let mut waiting = Vec::new();
    while let Ok(first) = far_end.recv() {
        let more = far_end.try_iter().take(LOG_ITEMS_PER_WRITE_MAX);
        for message in std::iter::once(first).chain(more) {
            match message {
                Message::Item(item) => drain.take(item),
                Message::Wake => {}
                Message::Flush(done) => waiting.push(done),
            }
        }
        drain.write_out();
        let dropped = state.dropped.swap(0, Ordering::Relaxed);
        if dropped > 0 {
            drain.dropped(dropped);
        }
        if state.reopen.swap(false, Ordering::Acquire) {
            drain.reopen();
        }
        for done in waiting.drain(..) {
            // Who asked may have stopped waiting.
            let _ = done.try_send(());
        }
    }
}
