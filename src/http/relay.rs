//! Bytes of bodies from one side to the other, each direction bounded.

use std::cell::Cell;
use std::io;
use std::pin::pin;

use crate::base::limits::UNSENT_BYTES_MAX;
use crate::base::{Page, Tick};
use crate::engine::{self, Either, Room, TcpStream};
use crate::wire::{BodyReader, Fault, write_chunk_size};

/// A body that passes through: what is left of it, and the bytes that came early.
#[derive(Debug)]
pub(super) struct Passage {
    reader: BodyReader,
    /// Received and not yet passed on. Once `ended`, it holds what lies behind the body.
    page: Page,
    ended: bool,
    /// It comes without chunks and leaves in chunks.
    chunks: bool,
    /// Payload bytes that were passed on, without framing.
    pub(super) passed: u64,
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
}

impl Passage {
    pub(super) fn new(reader: BodyReader, page: Page) -> Self {
        let ended = reader.is_ended();
        Self {
            reader,
            page,
            ended,
            chunks: false,
            passed: 0,
        }
    }

    /// Gives the body chunks that it came without.
    pub(super) const fn in_chunks(mut self, chunks: bool) -> Self {
        self.chunks = chunks;
        self
    }

    pub(super) const fn is_ended(&self) -> bool {
        self.ended
    }

    /// Gives what came behind the end of the body to whoever reads next.
    pub(super) fn hand_rest_to(&mut self, ahead: &mut Page) {
        if self.ended && !self.page.is_empty() {
            *ahead = std::mem::take(&mut self.page);
        }
    }

    /// What came behind the end of the body.
    pub(super) fn into_rest(self) -> Page {
        self.page
    }

    /// Sends `head`, and with it what of the body has been received.
    pub(super) fn send_with(&mut self, head: Page, sink: &TcpStream) -> Result<(), Break> {
        let part = self.next_part()?;
        self.emit(head, part, sink);
        Ok(())
    }

    /// Passes the whole body from `source` to `sink`. Can be dropped between any two polls
    /// and called again: nothing is lost.
    pub(super) async fn pump(
        &mut self,
        source: &TcpStream,
        sink: &TcpStream,
        (source_by, sink_by): (Tick, Tick),
    ) -> Result<(), Break> {
        loop {
            while !self.ended && !self.page.is_empty() {
                self.send_with(Page::empty(), sink)?;
            }
            if self.ended {
                return Ok(());
            }
            sink.drained(UNSENT_BYTES_MAX, sink_by)
                .await
                .map_err(|_| Break::Sink)?;
            self.page = source
                .recv(Room::Bulk, source_by)
                .await
                .map_err(Break::source)?;
            if self.page.is_empty() {
                self.reader
                    .end_of_stream()
                    .map_err(|_| Break::truncated())?;
                self.ended = true;
                self.emit(Page::empty(), Page::empty(), sink);
            }
        }
    }

    /// What can be passed on of what has been received; an empty page when that is nothing.
    fn next_part(&mut self) -> Result<Page, Break> {
        if self.ended || self.page.is_empty() {
            return Ok(Page::empty());
        }
        let piece = self.reader.feed(&mut self.page).map_err(Break::framing)?;
        self.ended = piece.ended;
        self.passed = self.reader.decoded_bytes();
        Ok(piece.data)
    }

    /// Sends a part behind `head`: in one page where it fits, else together with it.
    fn emit(&self, mut head: Page, mut part: Page, sink: &TcpStream) {
        let tail = self.tail(&part);
        if self.chunks && !part.is_empty() {
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

    /// What chunks want behind a part.
    const fn tail(&self, part: &Page) -> &'static [u8] {
        match (self.chunks, part.is_empty(), self.ended) {
            (false, ..) | (true, true, false) => b"",
            (true, false, false) => b"\r\n",
            (true, false, true) => b"\r\n0\r\n\r\n",
            (true, true, true) => b"0\r\n\r\n",
        }
    }
}

impl Break {
    const fn framing(fault: Fault) -> Self {
        Self::Source(SourceFault::Framing(fault))
    }

    const fn source(error: io::Error) -> Self {
        Self::Source(SourceFault::Io(error))
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
