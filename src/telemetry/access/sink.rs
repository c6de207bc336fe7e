use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use super::plan::AccessPlan;
use super::record::{self, Facts, Notes};
use crate::base::limits::{ACCESS_BATCH_BYTES, ACCESS_BATCH_MS};
use crate::engine;
use crate::telemetry::lane::Lane;

/// A shard's end of the access log. Clones share one buffer; it never leaves its thread.
#[derive(Clone)]
pub struct AccessSink {
    inner: Rc<Inner>,
}

struct Inner {
    plan: Arc<AccessPlan>,
    lane: Lane<Batch>,
    /// Which sink this is, from zero.
    number: u32,
    buffer: RefCell<Buffer>,
    home: Sender<Vec<u8>>,
    returned: Receiver<Vec<u8>>,
}

#[derive(Default)]
struct Buffer {
    bytes: Vec<u8>,
    records: u64,
    /// Requests since the start, those that the filters dropped included.
    seen: u64,
    /// A task waits to hand over what there is by then.
    timed: bool,
}

/// Records on their way to the writer.
pub(super) struct Batch {
    pub(super) sink: u32,
    pub(super) bytes: Vec<u8>,
    /// Where the buffer goes back to.
    pub(super) home: Sender<Vec<u8>>,
}

impl AccessSink {
    pub(super) fn new(plan: Arc<AccessPlan>, lane: Lane<Batch>, number: u32) -> Self {
        let (home, returned) = mpsc::channel();
        Self {
            inner: Rc::new(Inner {
                plan,
                lane,
                number,
                buffer: RefCell::default(),
                home,
                returned,
            }),
        }
    }

    #[must_use]
    pub fn plan(&self) -> &AccessPlan {
        &self.inner.plan
    }

    /// Counts a finished request and says whether the filters keep it: asked once for each,
    /// before [`AccessSink::record`].
    #[must_use]
    pub fn admit(&self, status: u16, retries: u32, duration: Duration) -> bool {
        self.inner.buffer.borrow_mut().seen += 1;
        self.inner.plan.filters_keep(status, retries, duration)
    }

    /// Copies what the plan keeps of a request that was admitted. It is handed over together
    /// with those of the next [`ACCESS_BATCH_MS`], or when there is enough of it.
    ///
    /// # Panics
    /// On a thread that is no shard.
    pub fn record(&self, facts: &Facts<'_>, notes: &Notes) {
        let inner = &self.inner;
        let mut buffer = inner.buffer.borrow_mut();
        let count = buffer.seen;
        record::put(&mut buffer.bytes, &inner.plan, count, facts, notes);
        buffer.records += 1;
        if buffer.bytes.len() >= ACCESS_BATCH_BYTES {
            inner.hand_over(&mut buffer);
        } else if !buffer.timed {
            buffer.timed = true;
            engine::spawn(flush_soon(Rc::clone(inner)));
        }
    }

    /// Hands what was gathered to the writer now, if there is anything.
    pub fn flush(&self) {
        self.inner.flush();
    }
}

async fn flush_soon(inner: Rc<Inner>) {
    engine::sleep(Duration::from_millis(ACCESS_BATCH_MS)).await;
    inner.buffer.borrow_mut().timed = false;
    inner.flush();
}

impl Inner {
    fn flush(&self) {
        let mut buffer = self.buffer.borrow_mut();
        if buffer.records > 0 {
            self.hand_over(&mut buffer);
        }
    }

    fn hand_over(&self, buffer: &mut Buffer) {
        let empty = self.returned.try_recv().unwrap_or_default();
        let batch = Batch {
            sink: self.number,
            bytes: std::mem::replace(&mut buffer.bytes, empty),
            home: self.home.clone(),
        };
        self.lane.offer(batch, std::mem::take(&mut buffer.records));
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.flush();
    }
}

impl std::fmt::Debug for AccessSink {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AccessSink").finish_non_exhaustive()
    }
}
