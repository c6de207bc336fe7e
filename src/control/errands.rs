//! Work that shards may not do themselves: slow sums and name look-ups.

use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use crate::base::limits::{ERRAND_THREADS, ERRANDS_QUEUED_MAX};
use crate::engine::Post;
use crate::snapshot::{Courier, Directive, Errand, Reply, Ticket};

use super::redis;

/// Where errands wait for a thread that has time.
#[derive(Debug)]
pub struct Desk {
    inbox: Receiver<Ticket>,
    /// Questions for Redis: whoever hangs there must not hold up the others.
    counts: Receiver<Ticket>,
}

/// The desk and the way to it. Nothing is done before [`Desk::open`].
#[must_use]
pub fn desk() -> (Courier, Desk) {
    let (outbox, inbox) = bounded(ERRANDS_QUEUED_MAX);
    let (questions, counts) = bounded(ERRANDS_QUEUED_MAX);
    let courier = move |ticket: Ticket| {
        let to = match &ticket.errand {
            Errand::Count(_) => &questions,
            Errand::Verify(_) | Errand::Resolve { .. } => &outbox,
        };
        to.try_send(ticket).is_ok()
    };
    (Arc::new(courier), Desk { inbox, counts })
}

impl Desk {
    /// Starts the threads, which answer into the shards' mailboxes.
    ///
    /// # Errors
    /// A thread cannot be started.
    pub fn open(self, shards: &[Post<Directive>]) -> std::io::Result<()> {
        for number in 0..ERRAND_THREADS {
            let (inbox, shards) = (self.inbox.clone(), shards.to_vec());
            let name = format!("errand-{number}");
            thread::Builder::new()
                .name(name)
                .spawn(move || work(&inbox, &shards))?;
        }
        let (counts, shards) = (self.counts, shards.to_vec());
        thread::Builder::new()
            .name("redis".to_owned())
            .spawn(move || redis::dispatch(&counts, &shards))?;
        Ok(())
    }
}

fn work(inbox: &Receiver<Ticket>, shards: &[Post<Directive>]) {
    for ticket in inbox {
        let reply = match &ticket.errand {
            Errand::Verify(asked) => Reply::Verified(asked.run()),
            Errand::Resolve { host, port } => {
                let found = (&**host, *port).to_socket_addrs();
                Reply::Resolved(found.map(Iterator::collect).unwrap_or_default())
            }
            // Those go another way.
            Errand::Count(_) => Reply::Counted(None),
        };
        if let Some(shard) = shards.get(ticket.shard) {
            // A shard that is gone waits for nothing, and one whose mailbox is full has stalled:
            // its request ends by its own deadline.
            drop(shard.send(Directive::Settle {
                ticket: ticket.number,
                reply,
            }));
        }
    }
}
