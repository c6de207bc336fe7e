//! What many answers have in common, made once a second.

use std::cell::RefCell;

use crate::base::{Civil, Page, Tick, clock};
use crate::engine;
use crate::wire::reason_of;

/// Per shard.
#[derive(Debug, Default)]
pub(super) struct Prepared {
    now: RefCell<Now>,
}

#[derive(Debug, Default)]
struct Now {
    until: Tick,
    date: String,
    bench: Vec<u8>,
}

impl Prepared {
    /// Appends the whole answer to `/bench`.
    pub(super) fn append_bench(&self, out: &mut Page) {
        self.refresh();
        out.append(&self.now.borrow().bench);
    }

    /// The status line and the Date field.
    pub(super) fn status_and_date(&self, status: u16) -> String {
        self.refresh();
        let date = &self.now.borrow().date;
        format!(
            "HTTP/1.1 {status} {}\r\nDate: {date}\r\n",
            reason_of(status)
        )
    }

    fn refresh(&self) {
        let tick = engine::now();
        if tick < self.now.borrow().until {
            return;
        }
        let nanos = clock::unix_nanos();
        let into = std::time::Duration::from_nanos(1_000_000_000 - nanos % 1_000_000_000);
        let unix = i64::try_from(nanos / 1_000_000_000).unwrap_or(i64::MAX);
        let date = Civil::new(unix, 0).http();
        let bench = format!(
            "HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 1\r\n\
             Content-Type: text/plain\r\n\r\n1"
        );
        self.now.replace(Now {
            until: tick + into,
            date,
            bench: bench.into_bytes(),
        });
    }
}
