//! The answer on its way to the client, and what becomes of both connections afterwards.

use std::pin::pin;

use crate::base::limits::PAGE_HEAD_BYTES;
use crate::base::{Page, Tick};
use crate::engine::{self, Either, TcpStream};
use crate::middleware::Around;
use crate::wire::{AnswerTo, BodyLength, BodyReader, Method};

use super::connection::After;
use super::context::Phase;
use super::exchange::{Body, Exchange};
use super::forward::{Asker, Served, meanwhile};
use super::relay::{self, Break, Passage};
use super::store::Reading;

impl Exchange<'_> {
    /// Sends what the walk came back with, writes the record, and says what becomes of the
    /// client's connection.
    pub(super) async fn finish(mut self, body: Body, around: &Around) -> After {
        let switched = matches!(&body, Body::Served(served) if served.switched);
        let encoder = if switched { None } else { self.take_encoder() };
        let shaped = !switched && (encoder.is_some() || self.detects_type());
        let after = match body {
            body if shaped => Box::pin(self.shape(body, encoder)).await,
            Body::Local(text) => self.answer(text.as_slice()),
            Body::Stored(reading) => Box::pin(self.send_stored(reading)).await,
            Body::Served(served) if served.switched => self.tunnel(served).await,
            Body::Served(served) => self.relay(served).await,
        };
        self.write_record();
        if self.work.pending.has_copies() && after != After::Abort && !self.record.is_client_gone()
        {
            self.send_copies(around);
        }
        if self.conn.rest.is_empty() {
            self.upload.hand_rest_to(&mut self.conn.rest);
        }
        after
    }

    fn answer(&mut self, bytes: &[u8]) -> After {
        self.work
            .response
            .set_body(BodyLength::Length(bytes.len() as u64));
        let after = self.after(self.upload.is_received());
        let mut out = Page::head();
        self.render_head(&mut out, after);
        if self.work.head.method() != Method::Head {
            out.append(bytes);
            self.record.sent(bytes.len() as u64);
        }
        self.conn.stream.send(out);
        after
    }

    /// Sends a body that is here already.
    async fn send_stored(&mut self, reading: Reading) -> After {
        if self.work.head.method() == Method::Head || self.work.response.body() == BodyLength::None
        {
            return self.answer_without_body();
        }
        let length = BodyLength::Length(reading.len());
        self.work.response.set_body(length);
        let after = self.after(self.upload.is_received());
        let mut out = Page::head();
        self.render_head(&mut out, after);
        let mut body = Passage::of_stored(reading);
        let client = &self.conn.stream;
        let sent = match body.send_with(out, client) {
            Ok(()) => body.pump(None, client, (Tick::NEVER, self.write_by)).await,
            Err(broken) => Err(broken),
        };
        self.record.sent(body.passed);
        match sent {
            Ok(()) => after,
            Err(broken) => self.broken(&broken),
        }
    }

    /// The head says what a body would be like; there is none (HEAD, 204, 304).
    fn answer_without_body(&self) -> After {
        let after = self.after(self.upload.is_received());
        let mut out = Page::head();
        self.render_head(&mut out, after);
        self.conn.stream.send(out);
        after
    }

    /// Passes the answer of a server on, while the rest of the request still goes up.
    async fn relay(&mut self, served: Served) -> After {
        let Served { lease, early, .. } = served;
        let mut download = self.download(early);
        download.limit_client(lease.slow_client(), false);
        let after = self.after(true);
        let mut out = Page::head();
        self.render_head(&mut out, after);
        let end = match download.send_with(out, &self.conn.stream) {
            Ok(()) if download.is_ended() => Ok(()),
            Ok(()) => self.pump(&mut download, &lease.stream).await,
            Err(broken) => Err(broken),
        };
        self.record.sent(download.passed);
        lease.note_answer(download.passed > PAGE_HEAD_BYTES as u64);
        match end {
            Ok(()) => {
                let reusable = self.upload.is_ended() && self.work.response.keep_alive();
                if reusable && download.into_rest().is_empty() {
                    lease.give_back(engine::now());
                }
                if self.upload.is_received() {
                    after
                } else {
                    After::Linger
                }
            }
            Err(broken) => self.broken(&broken),
        }
    }

    async fn pump(&mut self, download: &mut Passage, server: &TcpStream) -> Result<(), Break> {
        let client = &self.conn.stream;
        let down = pin!(download.pump(Some(server), client, (Tick::NEVER, self.write_by)));
        let mut asker = Asker::Client {
            stream: client,
            ahead: &mut self.conn.rest,
            body_by: self.read_by,
        };
        let up = pin!(meanwhile(&mut asker, server, &mut self.upload));
        match engine::first(down, up).await {
            Either::Left(end) => end,
            Either::Right(_) => Err(Break::Sink),
        }
    }

    pub(super) fn broken(&mut self, broken: &Break) -> After {
        match broken {
            // Never to look complete: a client that reads until the end sees a reset.
            Break::Source(_) if self.ends_by_close() => After::Abort,
            Break::Source(_) => After::Close,
            Break::Sink => {
                self.record.client_gone();
                After::Abort
            }
        }
    }

    async fn tunnel(&mut self, served: Served) -> After {
        let mut out = Page::head();
        self.render_head(&mut out, After::Keep);
        self.conn.stream.send(out);
        let from_client = std::mem::take(&mut self.conn.rest);
        let early = (from_client, served.early);
        let passed = relay::tunnel(&self.conn.stream, &served.lease.stream, early).await;
        self.record.sent(passed.to_client);
        if passed.clean {
            After::Close
        } else {
            After::Abort
        }
    }

    fn render_head(&self, out: &mut Page, after: After) {
        let date = self.cx.date();
        let to = AnswerTo {
            version: self.work.head.version(),
            keep_alive: matches!(after, After::Keep),
            date: &date,
            head: self.work.head.method() == Method::Head,
        };
        self.work.response.render(out, &to);
        self.conn.answered.set(true);
    }

    /// The server's body, in the form in which the client gets it.
    fn download(&self, early: Page) -> Passage {
        let body = self.work.response.body();
        match (body, self.work.response.body_to(self.work.head.version())) {
            (BodyLength::Chunked, BodyLength::UntilClose) => {
                Passage::new(BodyReader::of_payload(body), early)
            }
            (BodyLength::UntilClose, BodyLength::Chunked) => {
                Passage::new(BodyReader::new(body), early).in_chunks(true)
            }
            _ => Passage::new(BodyReader::new(body), early),
        }
    }

    /// The client learns where the body ends only by the end of the connection.
    fn ends_by_close(&self) -> bool {
        self.work.response.body_to(self.work.head.version()) == BodyLength::UntilClose
    }

    /// What becomes of the connection when all goes well from here on.
    pub(super) fn after(&self, request_complete: bool) -> After {
        if !request_complete {
            return After::Linger;
        }
        let worn = self
            .entry
            .is_worn(self.conn.served + 1, engine::now() - self.conn.opened);
        let may_stay = self.cx.phase() == Phase::Serving && !worn;
        if may_stay && self.work.head.keep_alive() && !self.ends_by_close() {
            After::Keep
        } else {
            After::Close
        }
    }
}
