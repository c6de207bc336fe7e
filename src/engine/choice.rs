//! Which driver a process uses, and why.

use std::fmt;
use std::io;

use super::driver::try_ring;

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
    if choice == Choice::Epoll {
        return chosen(DriverKind::Epoll, "asked for".to_owned());
    }
    match (try_ring(), choice) {
        (Ok(()), Choice::Ring) => chosen(DriverKind::Ring, "asked for, and it works".to_owned()),
        (Ok(()), Choice::Auto | Choice::Epoll) => {
            chosen(DriverKind::Ring, "built and tried".to_owned())
        }
        (Err(refusal), Choice::Ring) => Err(refusal.into()),
        (Err(refusal), Choice::Auto | Choice::Epoll) => {
            chosen(DriverKind::Epoll, refusal.to_string())
        }
    }
}
