//! The head of a request, and what routing asks of it.

use std::net::IpAddr;

use crate::base::Tick;
use crate::engine::{self, Room};
use crate::rule::{self, HeaderName};
use crate::wire::{Fault, RequestHead, Step};

use super::connection::Connection;
use super::context::Context;

/// What came instead of, or as, a request.
pub(super) enum Arrival {
    /// A head, first seen at `begun`; all of the request must have come by `read_by`.
    Head { begun: Tick, read_by: Tick },
    /// What came is refused.
    Refused { begun: Tick, fault: Fault },
    /// The client went away without asking for anything.
    Gone,
}

/// Reads the next head of the connection.
pub(super) async fn read(cx: &Context, conn: &mut Connection, head: &mut RequestHead) -> Arrival {
    let entry = &cx.entry_points[conn.entry_point];
    let begun = engine::now();
    let read_by = entry
        .read_timeout
        .map_or(Tick::NEVER, |timeout| begun + timeout);
    let mut page = std::mem::take(&mut conn.rest);
    loop {
        if !page.is_empty() {
            match head.parse(&mut page, &entry.head) {
                Ok(Step::Done) => return Arrival::Head { begun, read_by },
                Ok(Step::Partial) => {}
                Err(fault) => return Arrival::Refused { begun, fault },
            }
        }
        match conn.stream.recv(Room::Head, read_by).await {
            Ok(more) if more.is_empty() => return Arrival::Gone,
            Ok(more) if page.is_empty() => page = more,
            Ok(more) => page.append(more.as_slice()),
            Err(error) if error.kind() == std::io::ErrorKind::TimedOut && !page.is_empty() => {
                return Arrival::Refused {
                    begun,
                    fault: Fault::Timeout,
                };
            }
            Err(_) => return Arrival::Gone,
        }
    }
}

/// What rules may ask about a request.
#[derive(Debug)]
pub(super) struct Facts<'head> {
    head: &'head RequestHead,
    client: IpAddr,
}

impl<'head> Facts<'head> {
    pub(super) const fn new(head: &'head RequestHead, client: IpAddr) -> Self {
        Self { head, client }
    }
}

impl rule::Facts for Facts<'_> {
    fn canonical_host(&self) -> &[u8] {
        self.head.canonical_host()
    }

    fn routing_path(&self) -> &[u8] {
        self.head.routing_path()
    }

    fn method(&self) -> &[u8] {
        self.head.method_text()
    }

    fn some_header(&self, name: &HeaderName, mut test: impl FnMut(&[u8]) -> bool) -> bool {
        self.head
            .headers()
            .any(|(field, value)| name.is(field) && test(value))
    }

    fn query(&self) -> &[u8] {
        self.head.query().unwrap_or_default()
    }

    fn client_ip(&self) -> Option<IpAddr> {
        Some(self.client)
    }
}
