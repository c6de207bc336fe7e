use std::sync::Arc;

use crossbeam_channel::Sender;

use crate::engine::{Post, Returned};
use crate::snapshot::{Directive, Home, Snapshot};

use super::watch::Event;

/// The mailboxes of all shards.
#[derive(Debug, Clone)]
pub struct Shards {
    posts: Vec<Post<Directive>>,
}

impl Shards {
    #[must_use]
    pub const fn new(posts: Vec<Post<Directive>>) -> Self {
        Self { posts }
    }

    /// Every shard uses `snapshot` from its next turn on. False when a mailbox was full, which
    /// only a stalled shard's is: then it is to be published again.
    #[must_use]
    pub fn publish(&self, snapshot: &Arc<Snapshot>) -> bool {
        self.tell(|| Directive::Adopt(Arc::clone(snapshot)))
    }

    /// As [`Shards::publish`].
    #[must_use]
    pub fn drain(&self) -> bool {
        self.tell(|| Directive::Drain)
    }

    /// As [`Shards::publish`].
    #[must_use]
    pub fn end(&self) -> bool {
        self.tell(|| Directive::End)
    }

    fn tell(&self, directive: impl Fn() -> Directive) -> bool {
        let full = |post: &Post<Directive>| {
            // A shard that is gone needs no directive.
            matches!(post.send(directive()), Err(Returned::Full(_)))
        };
        !self
            .posts
            .iter()
            .map(full)
            .fold(false, |any, full| any | full)
    }
}

/// Where shards send the snapshots that they have done with: the control wing frees them.
#[must_use]
pub fn home(events: Sender<Event>) -> Home {
    // Once the control wing has gone, the process is ending and the last owner frees it.
    Arc::new(move |snapshot| drop(events.send(Event::Retired(snapshot))))
}
