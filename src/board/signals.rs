use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What the control wing says to all shards at once, read by them without a message.
#[derive(Debug, Default)]
pub struct Signals {
    terminating: AtomicBool,
    open_connections: AtomicU64,
}

impl Signals {
    /// The process was asked to end: `ping` says so from now on.
    pub fn terminate(&self) {
        self.terminating.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_terminating(&self) -> bool {
        self.terminating.load(Ordering::Relaxed)
    }

    pub fn connection_opened(&self) {
        self.open_connections.fetch_add(1, Ordering::Relaxed);
    }

    pub fn connection_closed(&self) {
        self.open_connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Client connections that are open on all shards.
    #[must_use]
    pub fn open_connections(&self) -> u64 {
        self.open_connections.load(Ordering::Relaxed)
    }
}
