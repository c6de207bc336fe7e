//! What an exchange remembers for its record in the access log.

use std::net::SocketAddr;
use std::time::Duration;

use crate::base::{Tick, clock};
use crate::engine;
use crate::snapshot::{Server, Service, ServiceKind};
use crate::telemetry::access::{AccessSink, Facts, Notes, Protocol, Scheme, Side};
use crate::telemetry::counters::Counter;
use crate::wire::Version;

use super::connection::Connection;
use super::context::Context;
use super::exchange::Exchange;
use super::forward::{Failure, FailureKind};

/// Numbers of one exchange. Texts are looked up when it is over.
#[derive(Debug)]
pub(super) struct Record {
    begun: Tick,
    /// The server's place in its service, once one was chosen.
    pub(super) server: Option<usize>,
    /// When the head of the server's answer was there, and its status.
    origin: Option<(Tick, u16)>,
    retries: u32,
    sent: u64,
    /// The status that the log tells where it is not that of the answer (499).
    told: Option<u16>,
}

impl Record {
    pub(super) const fn begin(begun: Tick) -> Self {
        Self {
            begun,
            server: None,
            origin: None,
            retries: 0,
            sent: 0,
            told: None,
        }
    }

    pub(super) const fn answered(&mut self, now: Tick, status: u16) {
        self.origin = Some((now, status));
    }

    pub(super) const fn retried(&mut self) {
        self.retries += 1;
    }

    pub(super) const fn sent(&mut self, body_bytes: u64) {
        self.sent += body_bytes;
    }

    pub(super) const fn client_gone(&mut self) {
        self.told = Some(499);
    }

    pub(super) const fn is_client_gone(&self) -> bool {
        matches!(self.told, Some(499))
    }

    pub(super) const fn failed(&mut self, failure: &Failure) {
        if let FailureKind::ClientGone = failure.kind {
            self.told = Some(499);
        }
    }
}

/// The counter that a failure belongs to.
pub(super) const fn counter_of(kind: &FailureKind) -> Counter {
    match kind {
        FailureKind::NoServer => Counter::NoServer,
        FailureKind::Unreachable(_) => Counter::ConnectFaults,
        FailureKind::TooSlow => Counter::UpstreamTimeouts,
        FailureKind::Broken(_) | FailureKind::Nonsense(_) | FailureKind::UnaskedSwitch => {
            Counter::UpstreamFaults
        }
        FailureKind::ClientGone => Counter::ClientsGone,
        FailureKind::ClientBody(_) => Counter::RefusedRequests,
    }
}

impl Exchange<'_> {
    /// Notes the fields of the request that the log tells, before middlewares change them.
    pub(super) fn note_request(&mut self) {
        if let Some(sink) = &self.cx.access {
            let headers = self.work.head.headers();
            self.work.notes.clear();
            self.work.notes.take(sink.plan(), Side::Request, headers);
        }
    }

    /// Notes the fields of the server's answer.
    pub(super) fn note_origin(&mut self) {
        self.record
            .answered(engine::now(), self.work.response.status());
        if let Some(sink) = &self.cx.access {
            self.work
                .notes
                .take(sink.plan(), Side::Origin, self.work.response.headers());
        }
    }

    /// The exchange is over: counts it, and tells the access log.
    pub(super) fn write_record(&mut self) {
        let counters = &self.cx.counters;
        counters.add(Counter::Requests, 1);
        counters.add(Counter::BytesOut, self.record.sent);
        counters.add(Counter::BytesIn, self.upload.passed);
        counters.add(Counter::Retries, u64::from(self.record.retries));
        if let Some(sink) = &self.cx.access {
            self.tell(sink);
        }
    }

    fn tell(&mut self, sink: &AccessSink) {
        let plan = self.plan.snapshot();
        let router = self.work.trail.router(plan);
        if router.is_some_and(|router| !router.access_log) {
            return;
        }
        let service = self.work.trail.service(plan).map(|service| &**service);
        let is_internal =
            service.is_some_and(|service| matches!(service.kind, ServiceKind::Internal(_)));
        if is_internal && !sink.plan().adds_internals() {
            return;
        }
        let status = self
            .record
            .told
            .unwrap_or_else(|| self.work.response.status());
        // The clock of the turn stands still: what is answered within one took time as well.
        let duration = clock::now().since(self.record.begun);
        if !sink.admit(status, self.record.retries, duration) {
            return;
        }
        self.work
            .notes
            .take(sink.plan(), Side::Downstream, self.work.response.headers());
        let server = service.and_then(|service| self.record.server_of(service));
        let head = &self.work.head;
        let facts = Facts {
            start_unix_nanos: clock::unix_nanos().saturating_sub(nanos(duration)),
            duration,
            origin_duration: self
                .record
                .origin
                .map(|(at, _)| at.since(self.record.begun)),
            origin_status: self.record.origin.map_or(0, |(_, status)| status),
            origin_bytes: self.record.origin.map_or(0, |_| self.record.sent),
            downstream_status: status,
            downstream_bytes: self.record.sent,
            request_bytes: self.upload.passed,
            retries: self.record.retries,
            client: self.conn.client,
            client_username: self.work.trail.user().unwrap_or_default(),
            method: head.method_text(),
            path: head.raw_target(),
            protocol: if head.version() == Version::Http11 {
                Protocol::Http11
            } else {
                Protocol::Http10
            },
            scheme: if self.conn.secure {
                Scheme::Https
            } else {
                Scheme::Http
            },
            request_host: head.host(),
            entry_point: &self.entry.name,
            router: router.map_or("", |router| &router.name),
            service: service.map_or("", |service| &service.name),
            service_url: server.map_or("", |server| &server.url),
            service_addr: server.map_or("", |server| &server.address),
            tls: None,
            trace: None,
            kubernetes: None,
        };
        sink.record(&facts, &self.work.notes);
    }
}

impl Record {
    fn server_of<'plan>(&self, service: &'plan Service) -> Option<&'plan Server> {
        match &service.kind {
            ServiceKind::LoadBalancer(balancer) => balancer.servers.get(self.server?),
            ServiceKind::Weighted(_)
            | ServiceKind::HighestRandomWeight(_)
            | ServiceKind::Mirroring(_)
            | ServiceKind::Failover(_)
            | ServiceKind::Internal(_) => None,
        }
    }
}

/// Tells of a request that was refused before it could be routed (users ask for these lines).
pub(super) fn refused(
    cx: &Context,
    client: SocketAddr,
    entry_point: usize,
    (begun, status): (Tick, u16),
) {
    cx.counters.add(Counter::RefusedRequests, 1);
    tell_bare(cx, (client, entry_point), (begun, status));
}

/// Tells of a request that a mistake of ours ended; what it was about is lost with it.
pub(super) fn panicked(cx: &Context, conn: &Connection) {
    tell_bare(cx, (conn.client, conn.entry_point), (engine::now(), 500));
}

/// A record of which no more is known than this.
fn tell_bare(
    cx: &Context,
    (client, entry_point): (SocketAddr, usize),
    (begun, status): (Tick, u16),
) {
    let Some(sink) = &cx.access else { return };
    let duration = clock::now().since(begun);
    if !sink.admit(status, 0, duration) {
        return;
    }
    let facts = Facts {
        start_unix_nanos: clock::unix_nanos().saturating_sub(nanos(duration)),
        duration,
        origin_duration: None,
        origin_status: 0,
        origin_bytes: 0,
        downstream_status: status,
        downstream_bytes: 0,
        request_bytes: 0,
        retries: 0,
        client,
        client_username: b"",
        method: b"",
        path: b"",
        protocol: Protocol::Http11,
        scheme: Scheme::Http,
        request_host: b"",
        entry_point: &cx.entry_points[entry_point].name,
        router: "",
        service: "",
        service_url: "",
        service_addr: "",
        tls: None,
        trace: None,
        kubernetes: None,
    };
    sink.record(&facts, &Notes::new());
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
