//! What a shard cannot do itself without blocking: the control wing does it and answers.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::base::Tick;
use crate::base::limits::{ERRANDS_OPEN_MAX, NAME_KEPT_MS, NAMES_KEPT_MAX};
use crate::board::Turn;
use crate::engine;
use crate::middleware::{Tally, Verification};
use crate::snapshot::{Courier, Errand, Reply, Ticket};

/// The errands of one shard that are under way.
pub struct Errands {
    shard: usize,
    courier: Courier,
    open: RefCell<Open>,
    names: RefCell<Names>,
}

type Names = HashMap<(Box<str>, u16), (Vec<SocketAddr>, Tick), ahash::RandomState>;

#[derive(Default)]
struct Open {
    next: u64,
    waiting: HashMap<u64, Waiting, ahash::RandomState>,
}

#[derive(Default)]
struct Waiting {
    reply: Option<Reply>,
    waker: Option<Waker>,
}

impl Errands {
    #[must_use]
    pub fn new(shard: usize, courier: Courier) -> Self {
        Self {
            shard,
            courier,
            open: RefCell::default(),
            names: RefCell::default(),
        }
    }

    /// Whether the password is right; None when the control wing is too busy to say.
    pub async fn verify(&self, asked: Verification) -> Option<bool> {
        match self.run(Errand::Verify(asked)).await? {
            Reply::Verified(right) => Some(right),
            Reply::Resolved(_) | Reply::Counted(_) => None,
        }
    }

    /// When a request has its token of Redis; None when that cannot be told.
    pub async fn count(&self, tally: Box<Tally>) -> Option<Turn> {
        match self.run(Errand::Count(tally)).await? {
            Reply::Counted(turn) => turn,
            Reply::Resolved(_) | Reply::Verified(_) => None,
        }
    }

    /// The addresses of a server's name, at most a few seconds old; empty when there are none.
    pub async fn resolve(&self, host: &str, port: u16) -> Vec<SocketAddr> {
        let key = (Box::from(host), port);
        if let Some((known, until)) = self.names.borrow().get(&key)
            && *until > engine::now()
        {
            return known.clone();
        }
        let reply = self
            .run(Errand::Resolve {
                host: host.into(),
                port,
            })
            .await;
        let Some(Reply::Resolved(found)) = reply else {
            return Vec::new();
        };
        let mut names = self.names.borrow_mut();
        if names.len() >= NAMES_KEPT_MAX {
            names.clear();
        }
        let until = engine::now() + Duration::from_millis(NAME_KEPT_MS);
        names.insert(key, (found.clone(), until));
        found
    }

    /// A reply has arrived in this shard's mailbox.
    pub fn settle(&self, ticket: u64, reply: Reply) {
        let mut open = self.open.borrow_mut();
        // Whoever asked may have gone away meanwhile.
        let Some(waiting) = open.waiting.get_mut(&ticket) else {
            return;
        };
        waiting.reply = Some(reply);
        if let Some(waker) = waiting.waker.take() {
            waker.wake();
        }
    }

    async fn run(&self, errand: Errand) -> Option<Reply> {
        let ticket = self.open(errand)?;
        let guard = Guard {
            errands: self,
            ticket,
        };
        poll_fn(|task| {
            let mut open = self.open.borrow_mut();
            let Some(waiting) = open.waiting.get_mut(&guard.ticket) else {
                return Poll::Ready(None);
            };
            if let Some(reply) = waiting.reply.take() {
                return Poll::Ready(Some(reply));
            }
            waiting.waker = Some(task.waker().clone());
            Poll::Pending
        })
        .await
    }

    fn open(&self, errand: Errand) -> Option<u64> {
        let mut open = self.open.borrow_mut();
        if open.waiting.len() >= ERRANDS_OPEN_MAX {
            return None;
        }
        let ticket = open.next;
        open.next += 1;
        open.waiting.insert(ticket, Waiting::default());
        drop(open);
        if (self.courier)(Ticket {
            shard: self.shard,
            number: ticket,
            errand,
        }) {
            return Some(ticket);
        }
        self.open.borrow_mut().waiting.remove(&ticket);
        None
    }
}

impl fmt::Debug for Errands {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Errands({} open)", self.open.borrow().waiting.len())
    }
}

/// Forgets the errand when nobody waits for it any more.
struct Guard<'open> {
    errands: &'open Errands,
    ticket: u64,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.errands.open.borrow_mut().waiting.remove(&self.ticket);
    }
}
