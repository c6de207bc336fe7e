//! What a step of a chain asks for before it decides: the request's body, or a request of its
//! own to another service.

use std::pin::pin;
use std::rc::Rc;

use crate::base::{Page, Tick};
use crate::engine::{self, Either};
use crate::middleware::{Around, Call, CallFault, Collect, Collected};
use crate::snapshot::Service;
use crate::telemetry::log;
use crate::wire::{BodyLength, BodyReader, names};

use super::answer;
use super::descent::Descent;
use super::exchange::{Body, Exchange};
use super::forward::{Failure, FailureKind, Served, watch};
use super::relay::{Break, Passage, SourceFault};
use super::store::{Reading, Store};

impl Exchange<'_> {
    /// Reads the request's body; an error is the answer when that fails.
    pub(super) async fn collect(&mut self, wish: Collect) -> Result<Collected, Body> {
        let head = &mut self.work.head;
        if head.expects_continue() && !self.upload.is_received() {
            // The server will not be asked whether it wants the body: it is here by then.
            self.conn.stream.send(answer::go_on());
            head.remove(&names::EXPECT);
        }
        let length = head.body();
        let wish = (wish, self.read_by);
        match self.upload.collect(&self.conn.stream, length, wish).await {
            Ok(collected) => {
                if let Collected::Whole { bytes } = collected
                    && length == BodyLength::Chunked
                {
                    self.work.head.set_body(BodyLength::Length(bytes));
                }
                self.upload.hand_rest_to(&mut self.conn.rest);
                Ok(collected)
            }
            Err(broken) => Err(self.not_collected(broken)),
        }
    }

    fn not_collected(&mut self, broken: Break) -> Body {
        let kind = match broken {
            Break::Source(SourceFault::Io(error))
                if error.kind() != std::io::ErrorKind::TimedOut =>
            {
                FailureKind::ClientGone
            }
            Break::Source(fault) => FailureKind::ClientBody(fault),
            Break::Sink => FailureKind::ClientGone,
        };
        self.failed(&Failure::before(kind)).0
    }

    /// Sends a step's own request to its service. The head of the reply is then in
    /// `work.reply`, and what is given is its body.
    pub(super) async fn call(
        &mut self,
        mut call: Call,
        service: Option<&Service>,
    ) -> Result<Body, CallFault> {
        let service = service.ok_or(CallFault::Unreachable)?;
        let none = || Passage::new(BodyReader::new(BodyLength::None), Page::empty());
        let body = call.with_body.then(|| self.upload.again()).flatten();
        let mut body = body.unwrap_or_else(none);
        let descent = Descent {
            cx: self.cx,
            head: &mut call.head,
            response: &mut self.work.reply,
            body: &mut body,
            around: Around {
                peer: self.conn.client.ip().to_canonical(),
                secure: self.conn.secure,
                now: engine::now(),
            },
        };
        let by = engine::now() + call.timeout;
        let served = {
            let reply = pin!(async {
                let reply = engine::first(descent.forward(service), engine::sleep_until(by)).await;
                match reply {
                    Either::Left(reply) => reply.map_err(|failure| tell(&failure)),
                    Either::Right(()) => Err(CallFault::Unreachable),
                }
            });
            // While the client's body is still to come, its bytes are not to be taken here.
            let watched = self.upload.is_received();
            let gone = pin!(async {
                if watched {
                    watch(&self.conn.stream, &mut self.conn.rest).await;
                } else {
                    std::future::pending::<()>().await;
                }
            });
            match engine::first(reply, gone).await {
                Either::Left(served) => served?,
                Either::Right(()) => return Err(CallFault::ClientGone),
            }
        };
        match call.reply_bytes_max {
            None => Ok(Body::Served(served)),
            Some(most) => self.read_reply(served, most, by).await,
        }
    }

    async fn read_reply(&self, served: Served, most: u64, by: Tick) -> Result<Body, CallFault> {
        let mut body = served.body(self.work.reply.body());
        let wish = Collect {
            memory_bytes: most,
            bytes_max: Some(most),
        };
        let length = self.work.reply.body();
        let stream = &served.lease.stream;
        match body.collect(stream, length, (wish, by)).await {
            Ok(Collected::Whole { .. }) => {
                let reusable = self.work.reply.keep_alive() && length != BodyLength::UntilClose;
                let (stored, rest) = body.into_stored();
                if reusable && rest.is_empty() {
                    served.lease.give_back(engine::now());
                }
                let none = || Reading::new(Rc::new(Store::new(0)));
                Ok(Body::Stored(stored.unwrap_or_else(none)))
            }
            Ok(Collected::TooLarge) => Err(CallFault::TooLarge),
            Err(_) => Err(CallFault::Unreachable),
        }
    }
}

impl Served {
    /// The body behind a head that announced it so.
    pub(super) fn body(&self, length: BodyLength) -> Passage {
        Passage::new(
            BodyReader::of_payload(length),
            Page::copy_of(self.early.as_slice()),
        )
    }
}

fn tell(failure: &Failure) -> CallFault {
    log::debug("A middleware's own request failed")
        .with("error", &failure.kind)
        .send();
    CallFault::Unreachable
}
