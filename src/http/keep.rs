//! An answer that is read whole before any of it is sent, as a step asks.

use std::pin::pin;
use std::rc::Rc;

use crate::base::Tick;
use crate::engine::{self, Either};
use crate::middleware::{Collect, Collected};
use crate::wire::{BodyLength, Method};

use super::answer;
use super::exchange::{Body, Exchange};
use super::forward::{Asker, Failure, FailureKind, Served, meanwhile};
use super::relay::{Break, SourceFault};
use super::store::{Reading, Store};

impl Exchange<'_> {
    /// Reads the answer's body, unless there is none or it is here already. When that fails,
    /// `body` is another answer that says so, and nothing more is to be asked: None.
    pub(super) async fn keep(&mut self, wish: Collect, body: &mut Body) -> Option<Collected> {
        let bytes = match &*body {
            Body::Local(text) => text.as_slice().len() as u64,
            Body::Stored(reading) => reading.len(),
            Body::Served(served) if served.switched => 0,
            Body::Served(_) if self.lacks_body() => 0,
            Body::Served(_) => {
                let empty = Body::Local(b"".into());
                let Body::Served(served) = std::mem::replace(body, empty) else {
                    return None;
                };
                let (kept, collected) = self.keep_served(served, wish).await;
                *body = kept;
                return collected;
            }
        };
        Some(if wish.bytes_max.is_none_or(|most| bytes <= most) {
            Collected::Whole { bytes }
        } else {
            Collected::TooLarge
        })
    }

    fn lacks_body(&self) -> bool {
        self.work.response.body() == BodyLength::None || self.work.head.method() == Method::Head
    }

    /// Reads the body of a server's answer, while the rest of the request still goes up.
    async fn keep_served(&mut self, served: Served, wish: Collect) -> (Body, Option<Collected>) {
        let length = self.work.response.body();
        let mut download = served.body(length);
        let server = &served.lease.stream;
        let end = {
            let down = pin!(download.collect(server, length, (wish, Tick::NEVER)));
            let mut asker = Asker::Client {
                stream: &self.conn.stream,
                ahead: &mut self.conn.rest,
                body_by: self.read_by,
            };
            let up = pin!(meanwhile(&mut asker, server, &mut self.upload));
            match engine::first(down, up).await {
                Either::Left(end) => end.map_err(fault),
                Either::Right(kind) => Err(kind),
            }
        };
        match end {
            Ok(Collected::TooLarge) => (Body::Local(b"".into()), Some(Collected::TooLarge)),
            Ok(whole @ Collected::Whole { .. }) => {
                let (stored, rest) = download.into_stored();
                let reusable = self.upload.is_ended()
                    && self.work.response.keep_alive()
                    && length != BodyLength::UntilClose;
                if reusable && rest.is_empty() {
                    served.lease.give_back(engine::now());
                }
                let none = || Reading::new(Rc::new(Store::new(0)));
                (Body::Stored(stored.unwrap_or_else(none)), Some(whole))
            }
            Err(FailureKind::Nonsense(_)) => {
                // As much of an answer as came is none.
                (self.local(answer::of_status(502)), None)
            }
            Err(kind) => (self.failed(&Failure::after(kind)).0, None),
        }
    }
}

/// What a body that broke says of its server.
fn fault(broken: Break) -> FailureKind {
    match broken {
        Break::Source(SourceFault::Framing(fault)) => FailureKind::Nonsense(fault),
        Break::Source(SourceFault::Truncated) => {
            FailureKind::Broken(std::io::ErrorKind::UnexpectedEof.into())
        }
        Break::Source(SourceFault::Io(error)) => FailureKind::Broken(error),
        Break::Source(fault @ SourceFault::Storage(_)) => FailureKind::ClientBody(fault),
        Break::Sink => FailureKind::ClientGone,
    }
}
