//! What runs on the access log's thread: records in, lines out.

use std::fmt::Display;
use std::io::Write;
use std::sync::Arc;

use super::options::Format;
use super::plan::AccessPlan;
use super::record::Record;
use super::sink::Batch;
use super::{common, json};
use crate::base::limits::ACCESS_BATCH_BYTES;
use crate::telemetry::date::Calendar;
use crate::telemetry::lane::Drain;
use crate::telemetry::log;
use crate::telemetry::outlet::Outlet;

pub(super) struct Writer {
    outlet: Outlet,
    failing: bool,
    lines: Vec<u8>,
    text: Text,
}

/// Makes lines of records.
pub(super) struct Text {
    plan: Arc<AccessPlan>,
    calendar: Calendar,
    seen: Seen,
}

impl Writer {
    pub(super) fn new(plan: Arc<AccessPlan>, outlet: Outlet) -> Self {
        Self {
            outlet,
            failing: false,
            lines: Vec::new(),
            text: Text::new(plan),
        }
    }
}

impl Drain<Batch> for Writer {
    fn take(&mut self, mut batch: Batch) {
        self.text.append(&mut self.lines, batch.sink, &batch.bytes);
        batch.bytes.clear();
        if batch.bytes.capacity() <= 2 * ACCESS_BATCH_BYTES {
            // The shard may have ended: then the buffer is just freed.
            drop(batch.home.send(batch.bytes));
        }
        if self.lines.len() >= ACCESS_BATCH_BYTES {
            self.write_out();
        }
    }

    fn write_out(&mut self) {
        if self.lines.is_empty() {
            return;
        }
        let written = self.outlet.write(&self.lines);
        self.lines.clear();
        match written {
            Ok(()) => self.failing = false,
            Err(error) if !self.failing => {
                self.failing = true;
                let text = "Cannot write the access log, lines are lost until it works again";
                log::error(text).with("error", error).send();
            }
            Err(_) => {}
        }
    }

    fn reopen(&mut self) {
        if let Err(error) = self.outlet.reopen() {
            log::error("Cannot reopen the access log file, the old one stays in use")
                .with("error", error)
                .send();
        }
    }

    fn dropped(&mut self, lines: u64) {
        log::error("The access log could not keep up and lost lines")
            .with("lost", lines)
            .send();
    }
}

impl Text {
    pub(super) fn new(plan: Arc<AccessPlan>) -> Self {
        Self {
            plan,
            calendar: Calendar::new(),
            seen: Seen::default(),
        }
    }

    /// Appends a line for each record of `batch`.
    pub(super) fn append(&mut self, out: &mut Vec<u8>, sink: u32, mut batch: &[u8]) {
        while let Some((mut record, rest)) = Record::split(batch) {
            record.count = self.seen.total(sink, record.count);
            match self.plan.format() {
                Format::Common => common::line(out, &self.plan, &mut self.calendar, &record),
                Format::GenericClf => common::generic(out, &self.plan, &mut self.calendar, &record),
                Format::Json => json::line(out, &self.plan, &mut self.calendar, &record),
            }
            out.push(b'\n');
            batch = rest;
        }
        debug_assert!(batch.is_empty(), "a record was cut");
    }
}

/// Makes Traefik's `RequestCount`, the requests since the start of the whole program, from
/// what each shard counts for itself.
#[derive(Default)]
struct Seen {
    by_sink: Vec<u64>,
    sum: u64,
}

impl Seen {
    fn total(&mut self, sink: u32, own: u64) -> u64 {
        let place = usize::try_from(sink).unwrap_or(0);
        if self.by_sink.len() <= place {
            self.by_sink.resize(place + 1, 0);
        }
        let before = std::mem::replace(&mut self.by_sink[place], own);
        self.sum = self.sum.wrapping_sub(before).wrapping_add(own);
        self.sum
    }
}

/// Appends what a value shows itself as.
pub(super) fn shown(out: &mut Vec<u8>, value: impl Display) {
    // A Vec takes all that is written.
    drop(write!(out, "{value}"));
}

/// Appends a number in decimal.
pub(super) fn number(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = value;
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}
