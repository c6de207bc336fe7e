use std::sync::atomic::{AtomicBool, Ordering};

/// What the control wing says to all shards at once, read by them without a message.
#[derive(Debug, Default)]
pub struct Signals {
    terminating: AtomicBool,
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
}
