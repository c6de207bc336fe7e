//! One record in bytes: written on a shard, read on the writer's thread of the same process.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::options::Mode;
use super::plan::{AccessPlan, Field, Side};
use crate::base::limits::{ACCESS_HEADERS_BYTES_MAX, ACCESS_VALUE_BYTES_MAX};

/// What is known about a request when it is over. Empty texts and `None` are "not known".
#[derive(Clone, Copy, Debug)]
pub struct Facts<'text> {
    /// Wall clock at the request's first byte, in nanoseconds since 1970.
    pub start_unix_nanos: u64,
    pub duration: Duration,
    /// Until the server's head was there; `None` when no server was asked.
    pub origin_duration: Option<Duration>,
    pub origin_status: u16,
    pub origin_bytes: u64,
    pub downstream_status: u16,
    pub downstream_bytes: u64,
    pub request_bytes: u64,
    /// Attempts beyond the first.
    pub retries: u32,
    pub client: SocketAddr,
    pub client_username: &'text [u8],
    pub method: &'text [u8],
    /// The target as it was sent: path and query.
    pub path: &'text [u8],
    pub protocol: Protocol,
    pub scheme: Scheme,
    /// The `Host` header as it was sent.
    pub request_host: &'text [u8],
    pub entry_point: &'text str,
    pub router: &'text str,
    pub service: &'text str,
    pub service_url: &'text str,
    /// Address and port of the server.
    pub service_addr: &'text str,
    pub tls: Option<Tls<'text>>,
    pub trace: Option<Trace<'text>>,
    pub kubernetes: Option<Kubernetes<'text>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protocol {
    Http10,
    Http11,
    Http2,
    Http3,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scheme {
    Http,
    Https,
}

#[derive(Clone, Copy, Debug)]
pub struct Tls<'text> {
    /// `1.3`
    pub version: &'text str,
    pub cipher: &'text str,
    pub client_subject: &'text str,
}

#[derive(Clone, Copy, Debug)]
pub struct Trace<'text> {
    pub trace_id: &'text str,
    pub span_id: &'text str,
}

#[derive(Clone, Copy, Debug)]
pub struct Kubernetes<'text> {
    pub ingress_namespace: &'text str,
    pub ingress_name: &'text str,
    pub service_name: &'text str,
    pub service_port: &'text str,
}

/// Header fields that a record will tell, noted while their head is at hand. Kept by an
/// exchange and used again for the next; it holds no memory when the plan wants none.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    bytes: Vec<u8>,
}

impl Notes {
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
    }

    /// Notes those of `headers` (name, value) that the plan tells of this side.
    pub fn take<'text>(
        &mut self,
        plan: &AccessPlan,
        side: Side,
        headers: impl Iterator<Item = (&'text [u8], &'text [u8])>,
    ) {
        if !plan.wants(side) {
            return;
        }
        for (name, value) in headers {
            let value = match plan.header_mode(side, name) {
                Mode::Keep => value,
                Mode::Redact => b"REDACTED",
                Mode::Drop => continue,
            };
            let value = cut(value);
            if self.bytes.len() + name.len() + value.len() > ACCESS_HEADERS_BYTES_MAX {
                return;
            }
            self.bytes.push(side as u8);
            put_text(&mut self.bytes, name);
            put_text(&mut self.bytes, value);
        }
    }
}

/// The texts of a record, in the order in which they stand in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub(super) enum Text {
    Username,
    Method,
    Path,
    Host,
    EntryPoint,
    Router,
    Service,
    ServiceUrl,
    ServiceAddr,
    TlsVersion,
    TlsCipher,
    TlsSubject,
    TraceId,
    SpanId,
    IngressNamespace,
    IngressName,
    KubernetesService,
    KubernetesPort,
}

const TEXTS: usize = 18;

/// Appends one record: its length, its numbers, its texts, its header fields.
pub(super) fn put(
    out: &mut Vec<u8>,
    plan: &AccessPlan,
    count: u64,
    facts: &Facts<'_>,
    notes: &Notes,
) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    put_numbers(out, count, facts);
    put_texts(out, plan, facts);
    out.extend_from_slice(&notes.bytes);
    let length = u32::try_from(out.len() - start).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&length.to_ne_bytes());
}

fn put_numbers(out: &mut Vec<u8>, count: u64, facts: &Facts<'_>) {
    let numbers = [
        count,
        facts.start_unix_nanos,
        nanos(facts.duration),
        facts.origin_duration.map_or(0, nanos),
        facts.origin_bytes,
        facts.downstream_bytes,
        facts.request_bytes,
        u64::from(facts.retries) << 32
            | u64::from(facts.origin_status) << 16
            | u64::from(facts.downstream_status),
    ];
    for number in numbers {
        out.extend_from_slice(&number.to_ne_bytes());
    }
    let address = match facts.client.ip() {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    };
    out.extend_from_slice(&address);
    out.extend_from_slice(&facts.client.port().to_ne_bytes());
    out.push(facts.protocol as u8);
    out.push(facts.scheme as u8);
}

fn put_texts(out: &mut Vec<u8>, plan: &AccessPlan, facts: &Facts<'_>) {
    let host_fields = [Field::RequestAddr, Field::RequestHost, Field::RequestPort];
    let keeps_host = host_fields.into_iter().any(|field| plan.keeps(field));
    let path = match memchr::memchr(b'?', facts.path) {
        Some(end) if !plan.keeps_query() => &facts.path[..end],
        Some(_) | None => facts.path,
    };
    let mut put = |kept: bool, bytes: &[u8]| {
        put_text(out, if kept { cut(bytes) } else { b"" });
    };
    let mut text = |field: Field, bytes: &[u8]| put(plan.keeps(field), bytes);
    text(Field::ClientUsername, facts.client_username);
    text(Field::RequestMethod, facts.method);
    text(Field::RequestPath, path);
    put(keeps_host, facts.request_host);
    let mut text = |field: Field, bytes: &[u8]| put(plan.keeps(field), bytes);
    text(Field::EntryPointName, facts.entry_point.as_bytes());
    text(Field::RouterName, facts.router.as_bytes());
    text(Field::ServiceName, facts.service.as_bytes());
    text(Field::ServiceUrl, facts.service_url.as_bytes());
    text(Field::ServiceAddr, facts.service_addr.as_bytes());
    let tls = facts
        .tls
        .map_or([""; 3], |tls| [tls.version, tls.cipher, tls.client_subject]);
    text(Field::TlsVersion, tls[0].as_bytes());
    text(Field::TlsCipher, tls[1].as_bytes());
    text(Field::TlsClientSubject, tls[2].as_bytes());
    let trace = facts
        .trace
        .map_or([""; 2], |trace| [trace.trace_id, trace.span_id]);
    text(Field::TraceId, trace[0].as_bytes());
    text(Field::SpanId, trace[1].as_bytes());
    let names = facts.kubernetes.map_or([""; 4], |names| {
        [
            names.ingress_namespace,
            names.ingress_name,
            names.service_name,
            names.service_port,
        ]
    });
    text(Field::KubernetesIngressNamespace, names[0].as_bytes());
    text(Field::KubernetesIngressName, names[1].as_bytes());
    text(Field::KubernetesServiceName, names[2].as_bytes());
    text(Field::KubernetesServicePort, names[3].as_bytes());
}

fn put_text(out: &mut Vec<u8>, text: &[u8]) {
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_ne_bytes());
    out.extend_from_slice(&text[..usize::from(length)]);
}

fn cut(text: &[u8]) -> &[u8] {
    &text[..text.len().min(ACCESS_VALUE_BYTES_MAX)]
}

fn nanos(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

/// A record as it is read again.
#[derive(Debug)]
pub(super) struct Record<'text> {
    pub(super) count: u64,
    pub(super) start_unix_nanos: u64,
    pub(super) duration_nanos: u64,
    pub(super) origin_nanos: u64,
    pub(super) origin_bytes: u64,
    pub(super) downstream_bytes: u64,
    pub(super) request_bytes: u64,
    pub(super) retries: u64,
    pub(super) origin_status: u64,
    pub(super) downstream_status: u64,
    pub(super) client: SocketAddr,
    pub(super) protocol: Protocol,
    pub(super) scheme: Scheme,
    texts: [&'text [u8]; TEXTS],
    headers: &'text [u8],
}

impl<'text> Record<'text> {
    /// The first record of a batch, and what is behind it.
    pub(super) fn split(batch: &'text [u8]) -> Option<(Self, &'text [u8])> {
        let (length, _) = batch.split_first_chunk()?;
        let length = usize::try_from(u32::from_ne_bytes(*length)).ok()?;
        let (record, rest) = batch.split_at_checked(length)?;
        Some((Self::read(record.get(4..)?)?, rest))
    }

    fn read(mut from: &'text [u8]) -> Option<Self> {
        let mut numbers = [0; 8];
        for number in &mut numbers {
            *number = u64::from_ne_bytes(*chunk(&mut from)?);
        }
        let [
            count,
            start,
            duration,
            origin,
            origin_bytes,
            downstream_bytes,
            request_bytes,
            packed,
        ] = numbers;
        let ip = client_ip(*chunk(&mut from)?);
        let port = u16::from_ne_bytes(*chunk(&mut from)?);
        let [protocol, scheme] = *chunk(&mut from)?;
        let mut texts: [&[u8]; TEXTS] = [b""; TEXTS];
        for text in &mut texts {
            *text = take_text(&mut from)?;
        }
        Some(Self {
            count,
            start_unix_nanos: start,
            duration_nanos: duration,
            origin_nanos: origin,
            origin_bytes,
            downstream_bytes,
            request_bytes,
            retries: packed >> 32,
            origin_status: packed >> 16 & 0xffff,
            downstream_status: packed & 0xffff,
            client: SocketAddr::new(ip, port),
            protocol: Protocol::ALL[usize::from(protocol & 3)],
            scheme: if scheme == Scheme::Https as u8 {
                Scheme::Https
            } else {
                Scheme::Http
            },
            texts,
            headers: from,
        })
    }

    pub(super) const fn text(&self, text: Text) -> &'text [u8] {
        self.texts[text as usize]
    }

    /// Name and value of the header fields noted of one side, as they came.
    pub(super) fn headers(&self, side: Side) -> impl Iterator<Item = (&'text [u8], &'text [u8])> {
        let mut rest = self.headers;
        let all = std::iter::from_fn(move || {
            let [of] = *chunk(&mut rest)?;
            Some((of, take_text(&mut rest)?, take_text(&mut rest)?))
        });
        all.filter(move |(of, _, _)| *of == side as u8)
            .map(|(_, name, value)| (name, value))
    }
}

impl Protocol {
    const ALL: [Self; 4] = [Self::Http10, Self::Http11, Self::Http2, Self::Http3];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Http10 => "HTTP/1.0",
            Self::Http11 => "HTTP/1.1",
            Self::Http2 => "HTTP/2.0",
            Self::Http3 => "HTTP/3.0",
        }
    }
}

impl Scheme {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

fn client_ip(octets: [u8; 16]) -> IpAddr {
    let ip = Ipv6Addr::from(octets);
    ip.to_ipv4_mapped()
        .map_or(IpAddr::V6(ip), |v4: Ipv4Addr| IpAddr::V4(v4))
}

fn chunk<'text, const N: usize>(from: &mut &'text [u8]) -> Option<&'text [u8; N]> {
    let (taken, rest) = from.split_first_chunk()?;
    *from = rest;
    Some(taken)
}

fn take_text<'text>(from: &mut &'text [u8]) -> Option<&'text [u8]> {
    let length = usize::from(u16::from_ne_bytes(*chunk(from)?));
    let (taken, rest) = from.split_at_checked(length)?;
    *from = rest;
    Some(taken)
}
