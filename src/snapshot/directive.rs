use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::board::Turn;
use crate::middleware::{Tally, Verification};

use super::Snapshot;

/// What the control wing tells a shard, through its mailbox.
pub enum Directive {
    /// From now on, new requests use this.
    Adopt(Arc<Snapshot>),
    /// An errand is done.
    Settle { ticket: u64, reply: Reply },
    /// Take no new connections; finish what is in flight.
    Drain,
    /// Cut off what is still open.
    End,
}

/// Work that would block a shard: the control wing does it.
#[derive(Debug)]
pub enum Errand {
    Verify(Verification),
    /// Ask Redis for a token.
    Count(Box<Tally>),
    /// Look up a server's name.
    Resolve {
        host: Box<str>,
        port: u16,
    },
}

/// An errand with the way back to who asked.
#[derive(Debug)]
pub struct Ticket {
    pub shard: usize,
    pub number: u64,
    pub errand: Errand,
}

/// What came of an errand.
#[derive(Debug)]
pub enum Reply {
    Verified(bool),
    /// None when Redis cannot be asked.
    Counted(Option<Turn>),
    /// Empty when the name has no address.
    Resolved(Vec<SocketAddr>),
}

/// Hands an errand to the control wing; false when it takes no more of them now.
pub type Courier = Arc<dyn Fn(Ticket) -> bool + Send + Sync>;

/// Takes back a snapshot that a shard has done with, to be freed where it delays nobody.
pub type Home = Arc<dyn Fn(Arc<Snapshot>) + Send + Sync>;

impl fmt::Debug for Directive {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adopt(snapshot) => write!(out, "Adopt({})", snapshot.number),
            Self::Settle { ticket, .. } => write!(out, "Settle({ticket})"),
            Self::Drain => out.write_str("Drain"),
            Self::End => out.write_str("End"),
        }
    }
}
