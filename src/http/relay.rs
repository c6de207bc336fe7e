//! Bytes of bodies from one side to the other, each direction bounded.

use std::cell::Cell;
use std::io;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use crate::base::limits::UNSENT_BYTES_MAX;
use crate::base::{Page, Tick};
use crate::engine::{self, Either, Room, TcpStream};
use crate::middleware::{Collect, Collected};
use crate::wire::{BodyLength, BodyReader, Fault, write_chunk_size};

use super::patience::Patience;
use super::store::{Reading, Store};

/// A body that passes through: what is left of it, and the bytes that came early.
#[derive(Debug)]
pub(super) struct Passage {
    reader: BodyReader,
    /// Received and not yet passed on. Once `received`, it holds what lies behind the body.
    page: Page,
    /// What was read before the body began to pass: it passes first.
    stored: Option<Box<Reading>>,
    stage: Stage,
    /// It comes without chunks and leaves in chunks.
    chunks: bool,
    /// Bounds the time that a server waits for its client, where that is wanted.
    patience: Option<Box<Patience>>,
    /// Payload bytes that came, without framing.
    pub(super) passed: u64,
}

/// How far a body has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// More is to come from its source.
    Coming,
    /// All of it is here.
    Here,
    /// All of it was passed on.
    Passed,
}

impl Stage {
    const fn of(here: bool, passed: bool) -> Self {
        match (here, passed) {
            (true, true) => Self::Passed,
            (true, false) => Self::Here,
            (false, _) => Self::Coming,
        }
    }
}

/// Which side a broken relay is to blame on.
#[derive(Debug)]
pub(super) enum Break {
    /// The side that the body comes from sent something wrong, or stopped too early.
    Source(SourceFault),
    /// The side that it goes to does not take it.
    Sink,
}

#[derive(Debug)]
pub(super) enum SourceFault {
    Framing(Fault),
    Truncated,
    Io(io::Error),
    /// What was kept of it can't be kept, or be read again.
    Storage(io::Error),
}

impl Passage {
    pub(super) fn new(reader: BodyReader, page: Page) -> Self {
        let ended = reader.is_ended();
        Self {
            reader,
            page,
            stored: None,
            stage: Stage::of(ended, ended),
            chunks: false,
            patience: None,
            passed: 0,
        }
    }

    /// Bounds how long, in all, the client may keep the server waiting. A span that runs goes on.
    pub(super) fn limit_client(&mut self, span: Option<Duration>, is_source: bool) {
        if let (Some(span), None) = (span, &self.patience) {
            self.patience = Some(Box::new(Patience::new(span, is_source)));
        }
    }

    /// A wait for one side begins; the client's has a bound.
    fn begin_wait(&mut self, for_source: bool, by: Tick) -> Tick {
        match &mut self.patience {
            Some(patience) if patience.client_is_source == for_source => patience.begin(by),
            Some(_) | None => by,
        }
    }

    fn end_wait(&mut self) {
        if let Some(patience) = &mut self.patience {
            patience.end();
        }
    }

    /// A body that is here already, whole.
    pub(super) fn of_stored(reading: Reading) -> Self {
        Self {
            passed: reading.len(),
            stage: Stage::of(true, reading.is_ended()),
            stored: Some(Box::new(reading)),
            ..Self::new(BodyReader::new(BodyLength::None), Page::empty())
        }
    }

    /// Reads of the body what `wish` allows, to be passed on later, and more than once when it
    /// is all of it. `length` is how it is framed; nothing of it may have passed yet.
    pub(super) async fn collect(
        &mut self,
        source: &TcpStream,
        length: BodyLength,
        (wish, by): (Collect, Tick),
    ) -> Result<Collected, Break> {
        if self.is_received() {
            let bytes = self.passed;
            let fits = wish.bytes_max.is_none_or(|most| bytes <= most);
            return Ok(if fits {
                Collected::Whole { bytes }
            } else {
                Collected::TooLarge
            });
        }
        if self.stored.is_some() {
            // An earlier wish took less than all. It is not read further: once is enough.
            return Ok(Collected::TooLarge);
        }
        if let (BodyLength::Length(bytes), Some(most)) = (length, wish.bytes_max)
            && bytes > most
        {
            return Ok(Collected::TooLarge);
        }
        self.reader = BodyReader::of_payload(length);
        self.chunks = length == BodyLength::Chunked;
        let mut store = Store::new(wish.memory_bytes);
        let whole = self.fill(&mut store, source, (wish.bytes_max, by)).await;
        self.stored = Some(Box::new(Reading::new(Rc::new(store))));
        Ok(if whole? {
            // Its length is known now: it leaves without chunks.
            self.chunks = false;
            self.stage = Stage::of(true, self.passed == 0);
            Collected::Whole { bytes: self.passed }
        } else {
            Collected::TooLarge
        })
    }

    /// True when all of the body is in the store.
    async fn fill(
        &mut self,
        store: &mut Store,
        source: &TcpStream,
        (bytes_max, by): (Option<u64>, Tick),
    ) -> Result<bool, Break> {
        loop {
            while !self.is_received() && !self.page.is_empty() {
                let part = self.next_part()?;
                store.append(part.as_slice()).map_err(Break::storage)?;
            }
            if bytes_max.is_some_and(|most| store.len() > most) {
                return Ok(false);
            }
            if self.is_received() {
                return Ok(true);
            }
            self.receive(source, by).await?;
        }
    }

    /// Reads what is left of the body and throws it away. False when it has no end within `most`
    /// bytes, or is broken.
    pub(super) async fn discard(&mut self, source: &TcpStream, (most, by): (u64, Tick)) -> bool {
        loop {
            while !self.is_received() && !self.page.is_empty() {
                if self.next_part().is_err() {
                    return false;
                }
            }
            if self.is_received() {
                return true;
            }
            if self.passed > most || self.receive(source, by).await.is_err() {
                return false;
            }
        }
    }

    /// Another passage of a body that was collected whole, or that is empty.
    pub(super) fn again(&self) -> Option<Self> {
        if !self.is_received() {
            return None;
        }
        match &self.stored {
            Some(reading) => Some(Self::of_stored(reading.again())),
            None if self.passed == 0 => {
                let none = BodyReader::new(BodyLength::None);
                Some(Self::new(none, Page::empty()))
            }
            None => None,
        }
    }

    /// Begins again. False when something has passed that can't be had again.
    pub(super) fn rewind(&mut self) -> bool {
        match &mut self.stored {
            Some(reading) if self.stage >= Stage::Here => {
                **reading = reading.again();
                self.stage = Stage::of(true, reading.is_ended());
                true
            }
            Some(reading) => reading.is_at_start(),
            None => self.passed == 0,
        }
    }

    /// Whether all of the body has come, so that it can be sent as often as wanted.
    pub(super) fn is_repeatable(&self) -> bool {
        self.is_received() && (self.stored.is_some() || self.passed == 0)
    }

    /// Gives the body chunks that it came without.
    pub(super) const fn in_chunks(mut self, chunks: bool) -> Self {
        self.chunks = chunks;
        self
    }

    /// All of it was passed on.
    pub(super) fn is_ended(&self) -> bool {
        self.stage == Stage::Passed
    }

    /// All of it has come.
    pub(super) fn is_received(&self) -> bool {
        self.stage >= Stage::Here
    }

    /// Gives what came behind the end of the body to whoever reads next.
    pub(super) fn hand_rest_to(&mut self, ahead: &mut Page) {
        if self.is_received() && !self.page.is_empty() {
            *ahead = std::mem::take(&mut self.page);
        }
    }

    /// What was collected of it, and what came behind its end.
    pub(super) fn into_stored(self) -> (Option<Reading>, Page) {
        (self.stored.map(|reading| *reading), self.page)
    }

    /// What came behind the end of the body.
    pub(super) fn into_rest(self) -> Page {
        self.page
    }

    /// Sends `head`, and with it what of the body has been received.
    pub(super) fn send_with(&mut self, head: Page, sink: &TcpStream) -> Result<(), Break> {
        let part = self.take_part()?;
        self.emit(head, part, sink);
        Ok(())
    }

    /// Passes the whole body from `source` to `sink`. Can be dropped between any two polls
    /// and called again: nothing is lost. Without a source, what is stored must be all.
    pub(super) async fn pump(
        &mut self,
        source: Option<&TcpStream>,
        sink: &TcpStream,
        (source_by, sink_by): (Tick, Tick),
    ) -> Result<(), Break> {
        loop {
            while !self.is_ended() && self.has_unread() {
                self.send_with(Page::empty(), sink)?;
            }
            if self.is_ended() {
                return Ok(());
            }
            let by = self.begin_wait(false, sink_by);
            let drained = sink.drained(UNSENT_BYTES_MAX, by).await;
            drained.map_err(|_| Break::Sink)?;
            self.end_wait();
            if self.is_storing() {
                self.send_with(Page::empty(), sink)?;
                continue;
            }
            let source = source.ok_or_else(Break::truncated)?;
            self.receive(source, source_by).await?;
            if self.is_received() {
                self.stage = Stage::Passed;
                self.emit(Page::empty(), Page::empty(), sink);
            }
        }
    }

    /// Waits for more of the body, or its end by the end of the connection.
    async fn receive(&mut self, source: &TcpStream, by: Tick) -> Result<(), Break> {
        let by = self.begin_wait(true, by);
        let received = source.recv(Room::Bulk, by).await;
        self.page = received.map_err(Break::source)?;
        self.end_wait();
        if self.page.is_empty() {
            self.reader
                .end_of_stream()
                .map_err(|_| Break::truncated())?;
            self.stage = Stage::Here;
        }
        Ok(())
    }

    /// Bytes of the body may be in the page, and nothing must pass before them.
    fn has_unread(&self) -> bool {
        !self.is_received() && !self.page.is_empty() && !self.is_storing()
    }

    /// What passes next is in the store.
    fn is_storing(&self) -> bool {
        self.stored
            .as_ref()
            .is_some_and(|reading| !reading.is_ended())
    }

    /// What can be passed on of what is here; an empty page when that is nothing.
    fn take_part(&mut self) -> Result<Page, Break> {
        if let Some(reading) = self.stored.as_mut().filter(|reading| !reading.is_ended()) {
            let part = reading.next().map_err(Break::storage)?;
            let ended = reading.is_ended();
            self.stage = Stage::of(self.is_received(), ended);
            return Ok(part);
        }
        let part = self.next_part()?;
        self.stage = Stage::of(self.is_received(), true);
        Ok(part)
    }

    /// The payload of what has been received; an empty page when that is nothing.
    fn next_part(&mut self) -> Result<Page, Break> {
        if self.is_received() || self.page.is_empty() {
            return Ok(Page::empty());
        }
        let piece = self.reader.feed(&mut self.page).map_err(Break::framing)?;
        self.stage = Stage::of(piece.ended, false);
        self.passed = self.reader.decoded_bytes();
        Ok(piece.data)
    }

    /// Sends a part behind `head`.
    fn emit(&self, head: Page, part: Page, sink: &TcpStream) {
        emit((head, part), (self.chunks, self.is_ended()), sink);
    }

    /// Waits for the next part of a body that is read as its payload; an empty page at its end.
    pub(super) async fn part(
        &mut self,
        source: Option<&TcpStream>,
        by: Tick,
    ) -> Result<Page, Break> {
        loop {
            if self.is_at_hand() {
                let part = self.take_part()?;
                if !part.is_empty() {
                    return Ok(part);
                }
            } else if self.is_received() {
                self.stage = Stage::Passed;
                return Ok(Page::empty());
            } else {
                let source = source.ok_or_else(Break::truncated)?;
                self.receive(source, by).await?;
            }
        }
    }

    /// A part of it may be had without waiting.
    pub(super) fn is_at_hand(&self) -> bool {
        self.is_storing() || self.has_unread()
    }
}

/// Sends a part behind a head: in one page where both fit, else together. `chunks`: it is given
/// the form of a chunk; `ended`: it is the last one.
pub(super) fn emit(
    (mut head, mut part): (Page, Page),
    (chunks, ended): (bool, bool),
    sink: &TcpStream,
) {
    // What chunks want behind a part.
    let tail: &[u8] = match (chunks, part.is_empty(), ended) {
        (false, ..) | (true, true, false) => b"",
        (true, false, false) => b"\r\n",
        (true, false, true) => b"\r\n0\r\n\r\n",
        (true, true, true) => b"0\r\n\r\n",
    };
    if chunks && !part.is_empty() {
        write_chunk_size(&mut head, part.len() as u64);
    }
    if part.len() + tail.len() <= head.room() {
        head.append(part.as_slice());
        head.append(tail);
        part = head;
    } else {
        if !head.is_empty() {
            sink.send_more(head);
        }
        part.append(tail);
    }
    if !part.is_empty() {
        sink.send(part);
    }
}

impl Break {
    const fn framing(fault: Fault) -> Self {
        Self::Source(SourceFault::Framing(fault))
    }

    const fn source(error: io::Error) -> Self {
        Self::Source(SourceFault::Io(error))
    }

    const fn storage(error: io::Error) -> Self {
        Self::Source(SourceFault::Storage(error))
    }

    /// Our own fault, which nothing that a server sends can bring about.
    pub(super) fn encoder() -> Self {
        Self::Source(SourceFault::Storage(io::Error::other("encoder")))
    }

    const fn truncated() -> Self {
        Self::Source(SourceFault::Truncated)
    }
}

/// Bytes both ways until both sides have ended, or one of them breaks (features 5.15).
/// What came early is passed on first: from the client, from the server.
pub(super) async fn tunnel(down: &TcpStream, up: &TcpStream, early: (Page, Page)) -> Passed {
    let (from_client, from_server) = early;
    let (to_server, to_client) = (Cell::new(0), Cell::new(0));
    let mut upwards = pin!(one_way(down, up, from_client, &to_server));
    let mut downwards = pin!(one_way(up, down, from_server, &to_client));
    // A direction that ended well leaves the other running; a broken one ends both.
    let rest = match engine::first(upwards.as_mut(), downwards.as_mut()).await {
        Either::Left(Ok(())) => downwards.await,
        Either::Right(Ok(())) => upwards.await,
        Either::Left(Err(error)) | Either::Right(Err(error)) => Err(error),
    };
    Passed {
        to_client: to_client.get(),
        clean: rest.is_ok(),
    }
}

/// What went through a tunnel, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passed {
    pub(super) to_client: u64,
    /// Both sides ended of their own will.
    pub(super) clean: bool,
}

/// One direction of a tunnel. Its end is passed on as an end.
async fn one_way(
    source: &TcpStream,
    sink: &TcpStream,
    early: Page,
    passed: &Cell<u64>,
) -> io::Result<()> {
    let mut page = early;
    loop {
        if !page.is_empty() {
            passed.set(passed.get() + page.len() as u64);
            sink.send(page);
        }
        sink.drained(UNSENT_BYTES_MAX, Tick::NEVER).await?;
        page = source.recv(Room::Bulk, Tick::NEVER).await?;
        if page.is_empty() {
            sink.shutdown_write();
            return Ok(());
        }
    }
}
