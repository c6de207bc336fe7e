//! One request to one server of a service, and the head of its answer.

use std::fmt;
use std::future::pending;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use crate::base::limits::{INTERIM_ANSWERS_MAX, OTHER_SERVERS_TRIED_MAX, PIPELINED_BYTES_MAX};
use crate::base::{Page, Tick};
use crate::board::ServerState;
use crate::engine::{self, Either, Room, TcpStream};
use crate::middleware::Outcome;
use crate::snapshot::{LoadBalancer, Origin, PassiveCheck, Server, Strategy, Target};
use crate::telemetry::log;
use crate::upstream::{DialFault, Lease};
use crate::wire::{AnswerTo, Fault, Method, Render, RequestHead, ResponseHead, Step, Version};

use super::choose::{choose, counts_requests, may_keep};
use super::context::Context;
use super::cookie::{self, Cookies};
use super::exchange::Exchange;
use super::relay::{Break, Passage, SourceFault};

/// An answer whose head has arrived: the rest comes through `lease`.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) lease: Lease,
    /// What came with the head.
    pub(super) early: Page,
    /// The protocol was switched: what follows is a tunnel.
    pub(super) switched: bool,
    /// Counted as in flight until the answer is through.
    pub(super) flight: Option<InFlight>,
}

/// A request that its server has not been done with.
#[derive(Debug)]
pub(super) struct InFlight(Arc<ServerState>);

impl InFlight {
    fn begin(state: &Arc<ServerState>) -> Self {
        state.begin();
        Self(Arc::clone(state))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Why a request got no answer from a server.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) kind: FailureKind,
    pub(super) outcome: Outcome,
}

#[derive(Debug)]
pub(super) enum FailureKind {
    /// No server of the service may be used.
    NoServer,
    Unreachable(DialFault),
    /// The connection broke before the head of the answer was complete.
    Broken(io::Error),
    /// `responseHeaderTimeout`.
    TooSlow,
    /// What came is no HTTP answer, or an ambiguous one.
    Nonsense(Fault),
    /// A 101 that the client did not ask for.
    UnaskedSwitch,
    /// The client went away.
    ClientGone,
    /// The client's body is wrong, or did not come in time.
    ClientBody(SourceFault),
}

impl Failure {
    pub(super) const fn before(kind: FailureKind) -> Self {
        Self {
            kind,
            outcome: Outcome::NeverSent,
        }
    }

    pub(super) const fn after(kind: FailureKind) -> Self {
        Self {
            kind,
            outcome: Outcome::Failed,
        }
    }

    /// The server, and not the client, is to blame.
    const fn is_of_server(&self) -> bool {
        match &self.kind {
            FailureKind::Unreachable(_)
            | FailureKind::Broken(_)
            | FailureKind::TooSlow
            | FailureKind::Nonsense(_)
            | FailureKind::UnaskedSwitch => true,
            FailureKind::NoServer | FailureKind::ClientGone | FailureKind::ClientBody(_) => false,
        }
    }

    /// The status that the client sees (features 9.7, 15b.16).
    pub(super) const fn status(&self) -> u16 {
        match &self.kind {
            FailureKind::NoServer => 503,
            FailureKind::Unreachable(DialFault::Timeout) | FailureKind::TooSlow => 504,
            FailureKind::Unreachable(DialFault::Refused(_)) | FailureKind::Broken(_) => 502,
            FailureKind::Nonsense(_) | FailureKind::UnaskedSwitch => 500,
            FailureKind::ClientGone => 499,
            FailureKind::ClientBody(SourceFault::Framing(fault)) => fault.status(),
            FailureKind::ClientBody(SourceFault::Io(_)) => 408,
            FailureKind::ClientBody(SourceFault::Truncated) => 400,
            FailureKind::ClientBody(SourceFault::Storage(_)) => 500,
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoServer => text.write_str("no server is available"),
            Self::Unreachable(DialFault::Timeout) => text.write_str("dialling took too long"),
            Self::Unreachable(DialFault::Refused(error)) => write!(text, "dialling: {error}"),
            Self::Broken(error) => write!(text, "the connection broke: {error}"),
            Self::TooSlow => text.write_str("the answer did not begin in time"),
            Self::Nonsense(fault) => write!(text, "the answer is no HTTP: {fault}"),
            Self::UnaskedSwitch => text.write_str("an upgrade that nobody asked for"),
            Self::ClientGone => text.write_str("the client went away"),
            Self::ClientBody(SourceFault::Storage(error)) => {
                write!(text, "the request body can't be kept: {error}")
            }
            Self::ClientBody(fault) => write!(text, "the request body: {fault:?}"),
        }
    }
}

/// One try on one connection.
enum Try {
    Answered(Served),
    /// The pooled connection was dead; nothing of an answer had come.
    Stale(Failure),
    Failed(Failure),
}

/// One request on its way to a server: its own head and body, and who waits for the answer.
pub(super) struct Sending<'send> {
    pub(super) cx: &'send Context,
    pub(super) head: &'send RequestHead,
    /// Where the head of the answer is read into.
    pub(super) response: &'send mut ResponseHead,
    pub(super) body: &'send mut Passage,
    pub(super) asker: Asker<'send>,
    /// The client's address.
    pub(super) peer: IpAddr,
    /// The place in its service of the server that was asked last.
    pub(super) server: &'send mut Option<usize>,
    /// What keeps the client at its server: Set-Cookie for the answer.
    pub(super) cookies: &'send mut Cookies,
}

/// Who a request to a server is for.
pub(super) enum Asker<'send> {
    /// Its client: the body comes from it, interim answers go to it.
    Client {
        stream: &'send TcpStream,
        /// What it sends ahead of its next request.
        ahead: &'send mut Page,
        /// When all of the body must have come.
        body_by: Tick,
    },
    /// Nobody sends a body, or is told of interim answers.
    Ourselves,
}

impl<'send> Asker<'send> {
    const fn stream(&self) -> Option<&'send TcpStream> {
        match self {
            Self::Client { stream, .. } => Some(stream),
            Self::Ourselves => None,
        }
    }
}

impl Exchange<'_> {
    /// Sends the request to a server of the service and waits for the head of its answer,
    /// which is then in `work.response`.
    pub(super) async fn forward(&mut self, service: &LoadBalancer) -> Result<Served, Failure> {
        let sending = Sending {
            cx: self.cx,
            head: &self.work.head,
            response: &mut self.work.response,
            body: &mut self.upload,
            asker: Asker::Client {
                stream: &self.conn.stream,
                ahead: &mut self.conn.rest,
                body_by: self.read_by,
            },
            peer: self.conn.client.ip().to_canonical(),
            server: &mut self.record.server,
            cookies: &mut self.work.cookies,
        };
        sending.forward(service).await
    }
}

impl Sending<'_> {
    /// Sends the request to one of the servers and waits for the head of its answer.
    pub(super) async fn forward(mut self, service: &LoadBalancer) -> Result<Served, Failure> {
        let kept = service.sticky.as_deref().and_then(|cookie| {
            cookie::find(cookie, self.head)
                .filter(|found| may_keep(service, found.number, engine::now()))
        });
        let mut next = kept.map(|found| found.number);
        let mut tried = Tried::default();
        let result = loop {
            let now = engine::now();
            let number = next
                .take()
                .or_else(|| choose(service, now, (self.peer, &tried)));
            let Some((number, server)) =
                number.and_then(|number| Some((number, service.servers.get(number)?)))
            else {
                let none = || Failure::before(FailureKind::NoServer);
                break Err(tried.failure.unwrap_or_else(none));
            };
            *self.server = Some(number);
            match self.ask(service, server).await {
                Err(failure) if tried.has_room() && self.is_elsewhere_worth_it(&failure) => {
                    tried.add(number, failure);
                }
                other => break other,
            }
        };
        if let (Some(cookie), Some(number)) = (&service.sticky, *self.server) {
            let stays = kept.is_some_and(|found| found.number == number && !found.outdated);
            if !stays {
                self.cookies.add(cookie, number);
            }
        }
        result
    }

    /// Sends the request to one server, and notes how the server does.
    async fn ask(&mut self, service: &LoadBalancer, server: &Server) -> Result<Served, Failure> {
        let begun = engine::now();
        let flight = counts_requests(service).then(|| InFlight::begin(&server.state));
        let mut result = self.send_to(service, server).await;
        if let Ok(served) = &mut result {
            served.flight = flight;
        }
        if service.strategy == Strategy::LeastTime && result.is_ok() {
            let now = engine::now();
            server.state.answered(now - begun, now);
        }
        if let Some(passive) = &service.passive {
            self.learn(service, server, (passive, &result));
        }
        result
    }

    /// Counts a failure of the server, whoever it is (features 5.11).
    fn learn(
        &self,
        service: &LoadBalancer,
        server: &Server,
        (passive, result): (&PassiveCheck, &Result<Served, Failure>),
    ) {
        let failed = match result {
            Ok(_) => self.response.status() >= 500,
            Err(failure) => failure.is_of_server(),
        };
        if failed
            && server
                .state
                .failed(engine::now(), passive.window, passive.rest)
        {
            let rests = if service.check.is_some() {
                "until a health check passes"
            } else {
                "for failureWindow"
            };
            log::warn("Requests failed: the server gets no more")
                .with("targetURL", &server.url)
                .with("rests", rests)
                .send();
        }
    }

    /// Another server may do what this one could not: it was not reached and nothing was sent,
    /// or it died with a request that may be sent twice.
    fn is_elsewhere_worth_it(&mut self, failure: &Failure) -> bool {
        match failure.kind {
            FailureKind::Unreachable(_) => matches!(failure.outcome, Outcome::NeverSent),
            FailureKind::Broken(_) => self.is_replayable() && self.body.rewind(),
            FailureKind::NoServer
            | FailureKind::TooSlow
            | FailureKind::Nonsense(_)
            | FailureKind::UnaskedSwitch
            | FailureKind::ClientGone
            | FailureKind::ClientBody(_) => false,
        }
    }

    async fn send_to(
        &mut self,
        service: &LoadBalancer,
        server: &Server,
    ) -> Result<Served, Failure> {
        let pool = self.cx.upstream.pool(&server.origin);
        if let Some(lease) = pool.take_idle(engine::now(), self.is_replayable()) {
            match self.on_lease(service, server, lease).await {
                Try::Answered(served) => return Ok(served),
                Try::Failed(failure) => return Err(failure),
                // Sent once more, on a connection that is surely alive (15b.14).
                Try::Stale(failure) => {
                    pool.note_early_close(true);
                    if !self.body.rewind() {
                        return Err(failure);
                    }
                }
            }
        }
        let address = self.address(&server.origin).await?;
        let lease = pool.dial(address).await;
        let lease = lease.map_err(|fault| Failure::before(FailureKind::Unreachable(fault)))?;
        match self.on_lease(service, server, lease).await {
            Try::Answered(served) => Ok(served),
            Try::Failed(failure) | Try::Stale(failure) => Err(failure),
        }
    }

    async fn address(&self, origin: &Origin) -> Result<SocketAddr, Failure> {
        match &origin.target {
            Target::Address(address) => Ok(*address),
            Target::Name { host, port } => {
                let found = self.cx.errands.resolve(host, *port).await;
                let none = || io::Error::new(io::ErrorKind::NotFound, "the name has no address");
                let fault =
                    || Failure::before(FailureKind::Unreachable(DialFault::Refused(none())));
                found.first().copied().ok_or_else(fault)
            }
        }
    }

    async fn on_lease(&mut self, service: &LoadBalancer, server: &Server, lease: Lease) -> Try {
        let reused = lease.reused;
        let replayable = self.is_replayable();
        let slow_client = server.origin.transport.slow_client;
        self.body.limit_client(slow_client, true);
        if let Err(Break::Source(fault)) = self.send_head(service, server, &lease) {
            return Try::Failed(Failure::before(FailureKind::ClientBody(fault)));
        }
        match self.await_answer(&server.origin, &lease).await {
            Ok((early, switched)) => Try::Answered(Served {
                lease,
                early,
                switched,
                flight: None,
            }),
            Err(failure) => {
                let broken = matches!(failure.kind, FailureKind::Broken(_));
                if broken && reused && replayable {
                    Try::Stale(failure)
                } else {
                    Try::Failed(failure)
                }
            }
        }
    }

    /// A request that may be sent twice: safe, with its body, if any, at hand.
    fn is_replayable(&self) -> bool {
        let safe = [Method::Get, Method::Head, Method::Options, Method::Trace];
        safe.contains(&self.head.method()) && self.body.is_repeatable()
    }

    /// The head, and with it what has come of the body already.
    fn send_head(
        &mut self,
        service: &LoadBalancer,
        server: &Server,
        lease: &Lease,
    ) -> Result<(), Break> {
        let mut out = Page::head();
        let host = (!service.pass_host_header).then_some(&*server.authority);
        self.head.render(
            &mut out,
            &Render {
                host,
                path_prefix: &server.path,
                ..Render::default()
            },
        );
        self.body.send_with(out, &lease.stream)
    }

    /// Waits for the final head of the answer; meanwhile the request's body goes up, or the
    /// client is watched. Gives what came behind the head, and whether the protocol switched.
    async fn await_answer(
        &mut self,
        origin: &Origin,
        lease: &Lease,
    ) -> Result<(Page, bool), Failure> {
        let head = &self.head;
        let client = self.asker.stream();
        let asked = Asked {
            method: head.method(),
            interim_to: client.filter(|_| head.version() == Version::Http11),
            upgrades: head.upgrade().is_some(),
            timeout: origin.transport.response_header_timeout,
        };
        let stream = &lease.stream;
        let room = if lease.has_large_answers() {
            Room::Bulk
        } else {
            Room::Head
        };
        let answer = pin!(read_answer(self.response, stream, room, asked));
        let meanwhile = pin!(meanwhile(&mut self.asker, stream, self.body));
        match engine::first(answer, meanwhile).await {
            Either::Left(answer) => answer.map_err(Failure::after),
            Either::Right(kind) => Err(Failure::after(kind)),
        }
    }
}

/// Servers that could not be reached, for which others are asked.
#[derive(Default)]
pub(super) struct Tried {
    servers: [Option<usize>; OTHER_SERVERS_TRIED_MAX],
    count: usize,
    /// Of the last one.
    failure: Option<Failure>,
}

impl Tried {
    pub(super) fn holds(&self, server: usize) -> bool {
        self.count > 0 && self.servers.contains(&Some(server))
    }

    const fn has_room(&self) -> bool {
        self.count < OTHER_SERVERS_TRIED_MAX
    }

    fn add(&mut self, server: usize, failure: Failure) {
        self.servers[self.count] = Some(server);
        self.count += 1;
        self.failure = Some(failure);
    }
}

/// What decides how an answer is read.
#[derive(Clone, Copy)]
struct Asked<'client> {
    method: Method,
    /// A client that speaks HTTP/1.1: it may be sent interim answers.
    interim_to: Option<&'client TcpStream>,
    upgrades: bool,
    timeout: Option<Duration>,
}

/// Reads heads until the final one; interim ones are passed on at once (RFC 9110 15.2).
async fn read_answer(
    response: &mut ResponseHead,
    server: &TcpStream,
    room: Room,
    asked: Asked<'_>,
) -> Result<(Page, bool), FailureKind> {
    let by = asked
        .timeout
        .map_or(Tick::NEVER, |timeout| engine::now() + timeout);
    let mut page = Page::empty();
    for _ in 0..=INTERIM_ANSWERS_MAX {
        read_head(response, &mut page, server, room, (asked.method, by)).await?;
        let early = response.take_rest();
        match response.status() {
            101 if asked.upgrades => return Ok((early, true)),
            101 => return Err(FailureKind::UnaskedSwitch),
            100..=199 => {
                if let Some(client) = asked.interim_to {
                    client.send(interim(response));
                }
            }
            _ => return Ok((early, false)),
        }
        page = early;
    }
    Err(FailureKind::Nonsense(Fault::StatusLine))
}

/// The head of an answer before the final one, as it is passed on.
fn interim(response: &ResponseHead) -> Page {
    let mut out = Page::head();
    let to = AnswerTo {
        version: Version::Http11,
        keep_alive: true,
        date: b"",
        head: false,
    };
    response.render(&mut out, &to);
    out
}

async fn read_head(
    response: &mut ResponseHead,
    page: &mut Page,
    server: &TcpStream,
    room: Room,
    (method, by): (Method, Tick),
) -> Result<(), FailureKind> {
    response.clear();
    loop {
        if !page.is_empty()
            && let Step::Done = response
                .parse(page, method)
                .map_err(FailureKind::Nonsense)?
        {
            return Ok(());
        }
        let more = server.recv(room, by).await.map_err(|error| {
            if error.kind() == io::ErrorKind::TimedOut {
                FailureKind::TooSlow
            } else {
                FailureKind::Broken(error)
            }
        })?;
        if more.is_empty() {
            return Err(FailureKind::Broken(io::ErrorKind::UnexpectedEof.into()));
        }
        if page.is_empty() {
            *page = more;
        } else {
            page.append(more.as_slice());
        }
    }
}

/// Passes the body on. Ends only when there is no point in waiting for the answer any more.
pub(super) async fn meanwhile(
    asker: &mut Asker<'_>,
    server: &TcpStream,
    body: &mut Passage,
) -> FailureKind {
    let (client, body_by) = match asker {
        Asker::Client {
            stream, body_by, ..
        } => (Some(*stream), *body_by),
        Asker::Ourselves => (None, Tick::NEVER),
    };
    match body.pump(client, server, (body_by, Tick::NEVER)).await {
        Ok(()) => {}
        Err(Break::Source(SourceFault::Io(error))) if error.kind() != io::ErrorKind::TimedOut => {
            return FailureKind::ClientGone;
        }
        Err(Break::Source(fault)) => return FailureKind::ClientBody(fault),
        // The server takes no more: it may have answered early, so its answer is awaited.
        Err(Break::Sink) => return pending().await,
    }
    match asker {
        Asker::Client { stream, ahead, .. } => {
            body.hand_rest_to(ahead);
            watch(stream, ahead).await
        }
        Asker::Ourselves => pending().await,
    }
}

/// Notices a client that goes away, and keeps what it sends ahead. A client that sends too
/// far ahead is not read until its answer is out.
pub(super) async fn watch(client: &TcpStream, ahead: &mut Page) -> FailureKind {
    while ahead.len() < PIPELINED_BYTES_MAX {
        if client.readable(Tick::NEVER).await.is_err() {
            return FailureKind::ClientGone;
        }
        match client.recv(Room::Head, Tick::NEVER).await {
            Ok(page) if !page.is_empty() && ahead.is_empty() => *ahead = page,
            Ok(page) if !page.is_empty() => ahead.append(page.as_slice()),
            Ok(_) | Err(_) => return FailureKind::ClientGone,
        }
    }
    pending().await
}
