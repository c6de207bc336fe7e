//! The access log: one record per request.
//!
//! A shard asks [`AccessSink::admit`] first, so that a request which the filters drop costs
//! nothing more, then copies what the configuration keeps into a buffer of its own. Whole
//! buffers travel to one writer thread, which makes the text. A shard never waits: when the
//! writer cannot keep up, records are dropped, counted, and the program's log says so.

mod common;
mod json;
mod options;
mod plan;
mod record;
mod sink;
#[cfg(test)]
mod tests;
mod writer;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use super::lane::Lane;
use super::outlet::Outlet;
use crate::base::limits::ACCESS_BATCHES_WAITING_MAX;

pub use options::{Fields, Filters, Format, HeaderFields, Mode, Options, StatusRange, UnknownWord};
pub use plan::{AccessPlan, Field, Side};
pub use record::{Facts, Kubernetes, Notes, Protocol, Scheme, Tls, Trace};
pub use sink::AccessSink;
use sink::Batch;

/// The running access log; any thread may hold it.
#[derive(Clone)]
pub struct AccessLog {
    plan: Arc<AccessPlan>,
    lane: Lane<Batch>,
    sinks: Arc<AtomicU32>,
}

impl AccessLog {
    /// Opens the file and starts the writer.
    ///
    /// # Errors
    /// When the file cannot be opened or the thread cannot be started.
    pub fn start(options: &Options) -> io::Result<Self> {
        let plan = Arc::new(AccessPlan::new(options));
        let outlet = Outlet::open(options.file_path.as_deref(), None)?;
        let writer = writer::Writer::new(Arc::clone(&plan), outlet);
        Ok(Self {
            plan,
            lane: Lane::start("access-log", ACCESS_BATCHES_WAITING_MAX, writer)?,
            sinks: Arc::default(),
        })
    }

    /// The end that one shard holds; to be made on the shard's own thread.
    #[must_use]
    pub fn sink(&self) -> AccessSink {
        let number = self.sinks.fetch_add(1, Ordering::Relaxed);
        AccessSink::new(Arc::clone(&self.plan), self.lane.clone(), number)
    }

    #[must_use]
    pub fn plan(&self) -> &AccessPlan {
        &self.plan
    }

    /// Opens the file anew: SIGUSR1, after somebody moved it away.
    pub fn reopen(&self) {
        self.lane.reopen();
    }

    /// Waits, for a bounded time, until what sinks have handed over is written: at exit, after
    /// the shards have ended (a sink hands over what it holds when it is dropped).
    pub fn flush(&self) {
        self.lane.flush();
    }
}

impl std::fmt::Debug for AccessLog {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AccessLog").finish_non_exhaustive()
    }
}
