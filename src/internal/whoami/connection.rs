//! One connection to whoami: head, body, answer, and again.
//!
//! ```text
//! head --> body --> answer --keep-alive--> head
//!   |        |         \--upgrade--> echo --> end
//!   \-fault--+--> refusal --> end
//! ```

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::answer::{Answer, Identity, Seen};
use super::data::Data;
use super::echo;
use super::prepared::Prepared;
use super::query;
use crate::base::limits::{
    PAGE_HEAD_BYTES, UNSENT_BYTES_MAX, WHOAMI_BODY_BYTES_MAX, WHOAMI_IDLE_S, WHOAMI_WAIT_S_MAX,
};
use crate::base::{Page, Tick};
use crate::engine::{self, Room, TcpStream};
use crate::telemetry::log;
use crate::wire::{
    BodyLength, BodyReader, CONTINUE, Fault, HeadRules, Method, RequestHead, Step, Version,
};

const RULES: HeadRules = HeadRules {
    header_bytes_max: 1024 * 1024,
    underscore: crate::wire::Underscore::Keep,
    sanitize_path: false,
    encode_query_semicolons: false,
};

pub(super) struct Connection {
    pub(super) stream: TcpStream,
    pub(super) identity: Arc<Identity>,
    prepared: Rc<Prepared>,
    head: RequestHead,
    body: Vec<u8>,
    /// Came in and is not used up.
    pub(super) incoming: Page,
    /// Answers that go out together.
    outgoing: Page,
}

/// What follows an answer.
enum After {
    NextHead,
    Close,
    /// Close, and let the client finish what it is sending.
    CloseGently,
    Echo,
}

/// Serves until the client or the protocol ends it. What fails is the client's to know.
pub(super) async fn serve(stream: TcpStream, identity: Arc<Identity>, prepared: Rc<Prepared>) {
    let mut connection = Connection {
        stream,
        identity,
        prepared,
        head: RequestHead::new(),
        body: Vec::new(),
        incoming: Page::empty(),
        outgoing: Page::empty(),
    };
    let end = loop {
        match connection.exchange().await {
            Ok(After::NextHead) => {}
            Ok(end) => break end,
            Err(_) => return,
        }
    };
    connection.send_out();
    match end {
        After::NextHead | After::Close => {}
        After::CloseGently => connection.stream.close_gently(idle_end()).await,
        After::Echo => drop(echo::talk(connection.stream, connection.incoming).await),
    }
}

impl Connection {
    async fn exchange(&mut self) -> io::Result<After> {
        match self.next_head().await? {
            Some(Ok(())) => {}
            Some(Err(fault)) => return Ok(self.refuse(fault)),
            None => return Ok(After::Close),
        }
        if self.is_bench() && !self.identity.is_verbose() {
            self.prepared.append_bench(&mut self.outgoing);
            return self.next(true).await;
        }
        if let Err(fault) = self.read_body().await? {
            return Ok(self.refuse(fault));
        }
        self.wait().await?;
        self.answer().await
    }

    /// Reads until a head is whole; `None` when the client has ended before it began one.
    async fn next_head(&mut self) -> io::Result<Option<Result<(), Fault>>> {
        self.head.clear();
        loop {
            if !self.incoming.is_empty() {
                match self.head.parse(&mut self.incoming, &RULES) {
                    Ok(Step::Done) => {
                        self.incoming = self.head.take_rest();
                        return Ok(Some(Ok(())));
                    }
                    Ok(Step::Partial) => {}
                    Err(fault) => return Ok(Some(Err(fault))),
                }
            }
            self.send_out();
            let page = self.stream.recv(Room::Head, idle_end()).await?;
            if page.is_empty() {
                return Ok(None);
            }
            self.push_incoming(page);
        }
    }

    fn push_incoming(&mut self, page: Page) {
        if self.incoming.is_empty() {
            self.incoming = page;
        } else {
            self.incoming.append(page.as_slice());
        }
    }

    /// The request that is measured: its answer lies ready.
    fn is_bench(&self) -> bool {
        self.head.raw_target() == b"/bench"
            && self.head.method() == Method::Get
            && self.head.version() == Version::Http11
            && self.head.body() == BodyLength::None
            && self.head.keep_alive()
    }

    /// Reads the whole body and keeps its beginning.
    async fn read_body(&mut self) -> io::Result<Result<(), Fault>> {
        self.body.clear();
        let length = self.head.body();
        if length.is_empty() {
            return Ok(Ok(()));
        }
        if self.head.expects_continue() && self.incoming.is_empty() {
            self.outgoing.append(CONTINUE);
        }
        let mut reader = BodyReader::of_payload(length);
        loop {
            match reader.feed(&mut self.incoming) {
                Ok(piece) => {
                    let room = WHOAMI_BODY_BYTES_MAX.saturating_sub(self.body.len());
                    let kept = piece.data.len().min(room);
                    self.body.extend_from_slice(&piece.data.as_slice()[..kept]);
                    if piece.ended {
                        return Ok(Ok(()));
                    }
                }
                Err(fault) => return Ok(Err(fault)),
            }
            self.send_out();
            let page = self.stream.recv(Room::Bulk, idle_end()).await?;
            if page.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.push_incoming(page);
        }
    }

    async fn wait(&mut self) -> io::Result<()> {
        let query = self.head.query().unwrap_or_default();
        let Some(told) = query::parameter(query, "wait") else {
            return Ok(());
        };
        if let Some(span) = query::duration(&told) {
            self.send_out();
            engine::sleep(span.min(Duration::from_secs(WHOAMI_WAIT_S_MAX))).await;
        }
        Ok(())
    }

    /// A line of the log per request, when it was asked for.
    fn tell(&self) {
        if self.identity.is_verbose() {
            log::info("Request")
                .with("method", String::from_utf8_lossy(self.head.method_text()))
                .with("path", String::from_utf8_lossy(self.head.raw_target()))
                .with("remoteAddr", self.stream.peer_addr())
                .send();
        }
    }

    async fn answer(&mut self) -> io::Result<After> {
        self.tell();
        let length = self.head.body();
        let digits = match length {
            BodyLength::Length(bytes) => bytes.to_string(),
            BodyLength::None | BodyLength::Chunked | BodyLength::UntilClose => String::new(),
        };
        let mut headers: Vec<_> = self.head.headers().collect();
        if length == BodyLength::Chunked {
            headers.push((b"Transfer-Encoding", b"chunked"));
        }
        let tells_length = |(name, _): &(&[u8], _)| name.eq_ignore_ascii_case(b"content-length");
        if !digits.is_empty() && !headers.iter().any(tells_length) {
            headers.push((b"Content-Length", digits.as_bytes()));
        }
        let target = self.head.raw_target();
        let mark = memchr::memchr(b'?', target);
        let answer = self.identity.answer(&Seen {
            peer: self.stream.peer_addr(),
            method: self.head.method_text(),
            // As they were sent: this server is asked what it saw.
            path: &target[..mark.unwrap_or(target.len())],
            query: mark.map(|mark| &target[mark + 1..]),
            host: self.head.host(),
            headers,
            body: &self.body,
        });
        match answer {
            Answer::Text(body) => self.whole(200, "text/plain; charset=utf-8", &body),
            Answer::Json(body) => self.whole(200, "application/json", &body),
            Answer::Status(status) => self.whole(status, "", b""),
            Answer::Data { bytes, attachment } => self.data(bytes, attachment).await?,
            Answer::Echo => return Ok(self.upgrade()),
        }
        self.next(self.head.keep_alive()).await
    }

    /// Queues an answer; without `kind` it has no Content-Type.
    fn whole(&mut self, status: u16, kind: &str, body: &[u8]) {
        let mut fields = format!("Content-Length: {}\r\n", body.len());
        if !kind.is_empty() {
            fields.push_str(&format!("Content-Type: {kind}\r\n"));
        }
        self.head_of_answer(status, &fields);
        if self.head.method() != Method::Head {
            self.outgoing.append(body);
        }
    }

    fn head_of_answer(&mut self, status: u16, fields: &str) {
        let fate = match (self.head.keep_alive(), self.head.version()) {
            (true, Version::Http11) => "",
            (true, Version::Http10) => "Connection: keep-alive\r\n",
            (false, _) => "Connection: close\r\n",
        };
        let line = self.prepared.status_and_date(status);
        for part in [line.as_str(), fields, fate, "\r\n"] {
            self.outgoing.append(part.as_bytes());
        }
    }

    async fn data(&mut self, bytes: u64, attachment: bool) -> io::Result<()> {
        let mut fields = format!("Content-Length: {bytes}\r\nContent-Type: text/plain\r\n");
        if attachment {
            fields.push_str("Content-Disposition: attachment; filename=data.txt\r\n");
        }
        self.head_of_answer(200, &fields);
        if self.head.method() == Method::Head {
            return Ok(());
        }
        let mut data = Data::new(bytes);
        while let Some(page) = data.next_page() {
            if self.outgoing.is_empty() || page.len() > self.outgoing.room() {
                self.send_out();
                self.stream.send(page);
                self.drained().await?;
            } else {
                self.outgoing.append(page.as_slice());
            }
        }
        Ok(())
    }

    fn upgrade(&mut self) -> After {
        match echo::accept(&self.head) {
            Ok(fields) => {
                let line = self.prepared.status_and_date(101);
                for part in [line.as_str(), &fields, "\r\n"] {
                    self.outgoing.append(part.as_bytes());
                }
                After::Echo
            }
            Err(fields) => {
                let status = if fields.is_empty() { 400 } else { 426 };
                self.head_of_answer(status, &format!("Content-Length: 0\r\n{fields}"));
                After::CloseGently
            }
        }
    }

    fn refuse(&mut self, fault: Fault) -> After {
        let line = self.prepared.status_and_date(fault.status());
        let rest = "Connection: close\r\nContent-Length: 0\r\n\r\n";
        for part in [line.as_str(), rest] {
            self.outgoing.append(part.as_bytes());
        }
        After::CloseGently
    }

    /// Answers of pipelined requests go out together, but not without bound.
    async fn next(&mut self, keep_alive: bool) -> io::Result<After> {
        if !keep_alive {
            return Ok(After::Close);
        }
        if self.outgoing.len() >= PAGE_HEAD_BYTES / 2 {
            self.send_out();
            self.drained().await?;
        }
        Ok(After::NextHead)
    }

    fn send_out(&mut self) {
        if !self.outgoing.is_empty() {
            self.stream.send(std::mem::take(&mut self.outgoing));
        }
    }

    async fn drained(&self) -> io::Result<()> {
        if self.stream.unsent() > UNSENT_BYTES_MAX {
            self.stream
                .drained(UNSENT_BYTES_MAX / 2, idle_end())
                .await?;
        }
        Ok(())
    }
}

pub(super) fn idle_end() -> Tick {
    engine::now() + Duration::from_secs(WHOAMI_IDLE_S)
}
