//! Answers whose body is looked at or changed on its way: its type is found out, it is encoded.

use std::future::ready;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use crate::base::limits::{
    ENCODED_PER_TURN_BYTES, ENCODER_PATIENCE_MS, PAGE_HEAD_BYTES, SNIFFED_BYTES, UNSENT_BYTES_MAX,
};
use crate::base::{Page, Tick};
use crate::engine::{self, Either, TcpStream};
use crate::middleware::{Text, detect_type};
use crate::wire::{AnswerTo, BodyLength, Encoder, EncoderFault, Method, Push, ResponseHead, names};

use super::connection::After;
use super::exchange::{Body, Exchange};
use super::forward::{Asker, Served, meanwhile};
use super::relay::{Break, Passage, emit};
use super::store::{Reading, Store};

/// A body on its way through an encoder, or past a look at its beginning.
struct Shaping<'way> {
    body: Passage,
    /// What was looked at and not passed on yet.
    first: Page,
    encoder: Option<Encoder>,
    /// How long bytes may stay in the encoder while no more come.
    patience: Duration,
    chunks: bool,
    /// Bytes that the client was sent, without framing.
    sent: u64,
    /// Whom the body comes from; none when it is here already.
    source: Option<&'way TcpStream>,
    sink: &'way TcpStream,
    sink_by: Tick,
}

impl Exchange<'_> {
    /// The encoder that a middleware asked for; from then on the answer is one with an encoded
    /// body. None when there are too many at work: the body then goes as it is.
    pub(super) fn take_encoder(&mut self) -> Option<Encoder> {
        let response = &mut self.work.response;
        let coding = response.asked_coding()?;
        if self.work.head.method() == Method::Head || response.body().is_empty() {
            return None;
        }
        let encoder = Encoder::take(coding)?;
        response.encode(coding);
        Some(encoder)
    }

    /// Whether the type of the body must be found out.
    pub(super) fn detects_type(&self) -> bool {
        let response = &self.work.response;
        response.asks_for_type()
            && self.work.head.method() != Method::Head
            && !response.body().is_empty()
    }

    /// Sends an answer whose body is looked at or encoded.
    pub(super) async fn shape(&mut self, body: Body, encoder: Option<Encoder>) -> After {
        match body {
            Body::Served(served) => self.shape_served(served, encoder).await,
            Body::Stored(reading) => self.shape_stored(reading, encoder).await,
            Body::Local(text) => match reading_of(&text) {
                Ok(reading) => self.shape_stored(reading, encoder).await,
                Err(_) => After::Abort,
            },
        }
    }

    async fn shape_stored(&mut self, reading: Reading, encoder: Option<Encoder>) -> After {
        let after = self.after(self.upload.is_received());
        let date = self.cx.date();
        let to = self.answer_to(after, &date);
        let body = Passage::of_stored(reading);
        let mut shaping = Shaping {
            chunks: self.is_chunked(),
            ..Shaping::new(body, encoder, (&self.conn.stream, self.write_by))
        };
        let end = shaping.run(&mut self.work.response, &to).await;
        self.record.sent(shaping.sent);
        match end {
            Ok(()) => after,
            Err(broken) => self.broken(&broken),
        }
    }

    /// As [`Exchange::relay`].
    async fn shape_served(&mut self, served: Served, encoder: Option<Encoder>) -> After {
        let after = self.after(true);
        let date = self.cx.date();
        let to = self.answer_to(after, &date);
        let length = self.work.response.body();
        let body = served.body(length);
        let patience = match length {
            BodyLength::Length(_) => Duration::from_millis(ENCODER_PATIENCE_MS),
            BodyLength::None | BodyLength::Chunked | BodyLength::UntilClose => Duration::ZERO,
        };
        let beside = served.beside;
        let lease = served.lease;
        let client = &self.conn.stream;
        let mut shaping = Shaping {
            chunks: self.is_chunked(),
            source: Some(&lease.stream),
            patience,
            ..Shaping::new(body, encoder, (client, self.write_by))
        };
        let end = {
            let down = pin!(shaping.run(&mut self.work.response, &to));
            let mut asker = Asker::Client {
                stream: client,
                ahead: &mut self.conn.rest,
                body_by: self.read_by,
            };
            let mut nothing = Passage::empty();
            let upload = if beside {
                &mut nothing
            } else {
                &mut self.upload
            };
            let up = pin!(meanwhile(&mut asker, &lease.stream, upload));
            match engine::first(down, up).await {
                Either::Left(end) => end,
                Either::Right(_) => Err(Break::Sink),
            }
        };
        self.record.sent(shaping.sent);
        let body = shaping.body;
        lease.note_answer(body.passed > PAGE_HEAD_BYTES as u64);
        match end {
            Ok(()) => {
                let reusable = (beside || self.upload.is_ended())
                    && self.work.response.keep_alive()
                    && length != BodyLength::UntilClose;
                if reusable && body.into_rest().is_empty() {
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

    fn is_chunked(&self) -> bool {
        self.work.response.body_to(self.work.head.version()) == BodyLength::Chunked
    }

    fn answer_to<'date>(&self, after: After, date: &'date [u8]) -> AnswerTo<'date> {
        AnswerTo {
            version: self.work.head.version(),
            keep_alive: matches!(after, After::Keep),
            date,
            head: false,
        }
    }
}

/// A text as a body that is here already.
fn reading_of(text: &Text) -> std::io::Result<Reading> {
    let bytes = text.as_slice();
    let mut store = Store::new(bytes.len() as u64);
    store.append(bytes)?;
    Ok(Reading::new(Rc::new(store)))
}

impl<'way> Shaping<'way> {
    /// Of a body that is here already.
    fn new(
        body: Passage,
        encoder: Option<Encoder>,
        (sink, sink_by): (&'way TcpStream, Tick),
    ) -> Self {
        Self {
            body,
            first: Page::empty(),
            encoder,
            patience: Duration::ZERO,
            chunks: false,
            sent: 0,
            source: None,
            sink,
            sink_by,
        }
    }

    async fn run(&mut self, response: &mut ResponseHead, to: &AnswerTo<'_>) -> Result<(), Break> {
        if response.asks_for_type() {
            self.look().await?;
            if !self.first.is_empty() {
                let kind = detect_type(self.first.as_slice());
                response.set(&names::CONTENT_TYPE, kind.as_bytes());
            }
        }
        let mut head = Page::head();
        response.render(&mut head, to);
        if self.first.is_empty() && !self.body.is_at_hand() {
            // The client need not wait for the body's beginning.
            self.sink.send(std::mem::take(&mut head));
        }
        self.pump(head).await
    }

    /// Waits for as much of the body as tells its type: the first bytes of one that comes bit
    /// by bit, more of one that comes as fast as it can.
    async fn look(&mut self) -> Result<(), Break> {
        self.first = self.body.part(self.source, Tick::NEVER).await?;
        let by = engine::now() + self.patience;
        while self.first.len() < SNIFFED_BYTES && !self.body.is_ended() {
            let more = pin!(self.body.part(self.source, Tick::NEVER));
            match engine::first(more, engine::sleep_until(by)).await {
                Either::Left(part) => self.first.append(part?.as_slice()),
                Either::Right(()) => break,
            }
        }
        Ok(())
    }

    /// Passes the whole body on, behind `head`.
    async fn pump(&mut self, mut head: Page) -> Result<(), Break> {
        loop {
            let part = if self.first.is_empty() {
                match self.part_or_pause().await {
                    Some(part) => part?,
                    None => {
                        let flushed = self.encoded(b"", Push::Flush)?;
                        self.emit(std::mem::take(&mut head), flushed, false);
                        continue;
                    }
                }
            } else {
                std::mem::take(&mut self.first)
            };
            self.pass(part, &mut head).await?;
            if self.body.is_ended() {
                return Ok(());
            }
            self.sink
                .drained(UNSENT_BYTES_MAX, self.sink_by)
                .await
                .map_err(|_| Break::Sink)?;
        }
    }

    /// The next part; none when it is time to bring out what the encoder holds back.
    async fn part_or_pause(&mut self) -> Option<Result<Page, Break>> {
        let part = pin!(self.body.part(self.source, Tick::NEVER));
        let holds_back = self.encoder.as_ref().is_some_and(Encoder::holds_back);
        let next = match (holds_back, self.patience.is_zero()) {
            (false, _) => Either::Left(part.await),
            (true, true) => engine::first(part, ready(())).await,
            (true, false) => engine::first(part, engine::sleep(self.patience)).await,
        };
        match next {
            Either::Left(part) => Some(part),
            Either::Right(()) => None,
        }
    }

    /// Sends one part, in turns when there is much to encode.
    async fn pass(&mut self, part: Page, head: &mut Page) -> Result<(), Break> {
        let ended = self.body.is_ended();
        if self.encoder.is_none() {
            self.emit(std::mem::take(head), part, ended);
            return Ok(());
        }
        let mut pieces = part.as_slice().chunks(ENCODED_PER_TURN_BYTES).peekable();
        if pieces.peek().is_none() {
            let push = if ended { Push::End } else { Push::More };
            let last = self.encoded(b"", push)?;
            self.emit(std::mem::take(head), last, ended);
        }
        while let Some(piece) = pieces.next() {
            let is_last = pieces.peek().is_none();
            let ends = ended && is_last;
            let push = if ends { Push::End } else { Push::More };
            let out = self.encoded(piece, push)?;
            if ends || !out.is_empty() {
                self.emit(std::mem::take(head), out, ends);
            }
            if !is_last {
                engine::yield_now().await;
            }
        }
        Ok(())
    }

    fn encoded(&mut self, piece: &[u8], push: Push) -> Result<Page, Break> {
        let mut out = Page::empty();
        if let Some(encoder) = &mut self.encoder {
            let pushed = encoder.push(piece, push, &mut out);
            pushed.map_err(|EncoderFault| Break::encoder())?;
        }
        Ok(out)
    }

    fn emit(&mut self, head: Page, part: Page, ended: bool) {
        self.sent += part.len() as u64;
        emit((head, part), (self.chunks, ended), self.sink);
    }
}
