use std::time::Duration;

use crate::base::Tick;
use crate::engine;

/// How long a client may keep the server of its request waiting, in all: for the request's body
/// (the client is the source), or to take the answer (it is the sink).
#[derive(Debug)]
pub(super) struct Patience {
    left: Duration,
    /// The wait that is going on. It outlives a wait that is dropped and begun again.
    since: Option<Tick>,
    pub(super) client_is_source: bool,
}

impl Patience {
    pub(super) const fn new(span: Duration, client_is_source: bool) -> Self {
        Self {
            left: span,
            since: None,
            client_is_source,
        }
    }

    /// A wait begins, or goes on: when it must be over, at `by` at the latest.
    pub(super) fn begin(&mut self, by: Tick) -> Tick {
        let since = *self.since.get_or_insert_with(engine::now);
        by.min(since + self.left)
    }

    /// The wait is over.
    pub(super) fn end(&mut self) {
        if let Some(since) = self.since.take() {
            self.left = self.left.saturating_sub(engine::now().since(since));
        }
    }
}
