//! One listener as the shard knows it.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::task::Waker;

use super::wheel::Timer;

pub(super) struct Port {
    /// None in the simulator.
    pub(super) fd: Option<OwnedFd>,
    /// Connections may wait in the kernel's queue.
    pub(super) ready: bool,
    pub(super) waker: Option<Waker>,
    /// Armed while the listener rests because the process is out of descriptors.
    pub(super) rest: Timer,
    /// The turn that `taken` counts for.
    pub(super) turn: u64,
    /// Connections taken in that turn.
    pub(super) taken: u32,
}

impl Port {
    pub(super) const fn new(fd: Option<OwnedFd>) -> Self {
        Self {
            fd,
            ready: true,
            waker: None,
            rest: Timer::NONE,
            turn: 0,
            taken: 0,
        }
    }

    pub(super) fn raw(&self) -> RawFd {
        self.fd.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }
}
