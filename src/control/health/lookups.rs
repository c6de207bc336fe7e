use std::cell::RefCell;
use std::collections::HashMap;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::{Poll, Waker};

use crate::snapshot::{Courier, Errand, Reply, Target, Ticket};

/// Name look-ups that are under way.
pub(super) struct Lookups {
    courier: Courier,
    number: usize,
    open: RefCell<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    /// At most one for each check that runs.
    waiting: HashMap<u64, Waiting>,
}

#[derive(Default)]
struct Waiting {
    found: Option<Vec<SocketAddr>>,
    waker: Option<Waker>,
}

impl Lookups {
    pub(super) fn new(courier: Courier, number: usize) -> Self {
        Self {
            courier,
            number,
            open: RefCell::default(),
        }
    }

    /// The address to connect to, if the target has one.
    pub(super) async fn address(&self, target: &Target) -> Option<SocketAddr> {
        let (host, port) = match target {
            Target::Address(address) => return Some(*address),
            Target::Name { host, port } => (host, *port),
        };
        let entry = self.begin();
        let errand = Errand::Resolve {
            host: host.clone(),
            port,
        };
        let asked = (self.courier)(Ticket {
            shard: self.number,
            number: entry.ticket,
            errand,
        });
        if !asked {
            return None;
        }
        poll_fn(|task| {
            let mut open = self.open.borrow_mut();
            let Some(waiting) = open.waiting.get_mut(&entry.ticket) else {
                return Poll::Ready(None);
            };
            if let Some(found) = waiting.found.take() {
                return Poll::Ready(found.first().copied());
            }
            waiting.waker = Some(task.waker().clone());
            Poll::Pending
        })
        .await
    }

    /// A reply has come.
    pub(super) fn settle(&self, ticket: u64, reply: Reply) {
        let mut open = self.open.borrow_mut();
        // Whoever asked may have given up meanwhile.
        if let Some(waiting) = open.waiting.get_mut(&ticket)
            && let Reply::Resolved(found) = reply
        {
            waiting.found = Some(found);
            if let Some(waker) = waiting.waker.take() {
                waker.wake();
            }
        }
    }

    fn begin(&self) -> Entry<'_> {
        let mut open = self.open.borrow_mut();
        let ticket = open.next;
        open.next += 1;
        open.waiting.insert(ticket, Waiting::default());
        Entry {
            lookups: self,
            ticket,
        }
    }
}

/// Forgets the look-up when nobody waits for it any more.
struct Entry<'open> {
    lookups: &'open Lookups,
    ticket: u64,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let mut open = self.lookups.open.borrow_mut();
        open.waiting.remove(&self.ticket);
    }
}
