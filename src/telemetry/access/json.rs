//! The `json` format: one object per line, keys as Traefik names them.

use std::fmt::Display;
use std::net::IpAddr;

use super::plan::{AccessPlan, Field, Side};
use super::record::{Record, Text};
use super::writer::{number, shown};
use crate::telemetry::date::{self, Calendar};
use crate::telemetry::escape;

/// Without the newline.
pub(super) fn line(
    out: &mut Vec<u8>,
    plan: &AccessPlan,
    calendar: &mut Calendar,
    record: &Record<'_>,
) {
    out.push(b'{');
    for (field, name) in Field::ALL {
        if plan.keeps(field) {
            let start = out.len();
            key(out, name);
            if !value(out, calendar, record, field) {
                out.truncate(start);
            }
        }
    }
    headers(out, record, Side::Downstream, "downstream_");
    headers(out, record, Side::Origin, "origin_");
    headers(out, record, Side::Request, "request_");
    trace(out, record);
    key(out, "level");
    out.extend_from_slice(b"\"info\",\"msg\":\"\",\"time\":\"");
    let end = record
        .start_unix_nanos
        .saturating_add(record.duration_nanos);
    calendar.second(end).local.append(out);
    out.extend_from_slice(b"\"}");
}

/// Appends the value, or returns false when there is nothing to tell.
fn value(out: &mut Vec<u8>, calendar: &mut Calendar, record: &Record<'_>, field: Field) -> bool {
    match field {
        Field::ClientAddr => display(out, record.client),
        Field::ClientHost => display(out, record.client.ip()),
        Field::ClientPort => display(out, record.client.port()),
        Field::ClientUsername => or_dash(out, record.text(Text::Username)),
        Field::DownstreamContentSize => number(out, record.downstream_bytes),
        Field::DownstreamStatus => number(out, record.downstream_status),
        Field::Duration => number(out, record.duration_nanos),
        Field::GzipRatio => ratio(out, record),
        Field::OriginContentSize => number(out, record.origin_bytes),
        Field::OriginDuration => number(out, record.origin_nanos),
        Field::OriginStatus => number(out, record.origin_status),
        Field::Overhead => {
            number(
                out,
                record.duration_nanos.saturating_sub(record.origin_nanos),
            );
        }
        Field::RequestAddr => text(out, record.text(Text::Host)),
        Field::RequestContentSize => number(out, record.request_bytes),
        Field::RequestCount => number(out, record.count),
        Field::RequestHost => text(out, host_and_port(record.text(Text::Host)).0),
        Field::RequestMethod => text(out, record.text(Text::Method)),
        Field::RequestPath => text(out, record.text(Text::Path)),
        Field::RequestPort => or_dash(out, host_and_port(record.text(Text::Host)).1),
        Field::RequestProtocol => text(out, record.protocol.name().as_bytes()),
        Field::RequestScheme => text(out, record.scheme.name().as_bytes()),
        Field::RetryAttempts => number(out, record.retries),
        Field::StartLocal | Field::StartUtc => start(out, calendar, record, field),
        Field::KubernetesIngressName => return maybe(out, record, Text::IngressName),
        Field::KubernetesIngressNamespace => return maybe(out, record, Text::IngressNamespace),
        Field::KubernetesServiceName => return maybe(out, record, Text::KubernetesService),
        Field::KubernetesServicePort => return maybe(out, record, Text::KubernetesPort),
        Field::RouterName => return maybe(out, record, Text::Router),
        Field::ServiceAddr => return maybe(out, record, Text::ServiceAddr),
        Field::ServiceName => return maybe(out, record, Text::Service),
        Field::ServiceUrl => return maybe(out, record, Text::ServiceUrl),
        Field::SpanId => return maybe(out, record, Text::SpanId),
        Field::TlsCipher => return maybe(out, record, Text::TlsCipher),
        Field::TlsClientSubject => return maybe(out, record, Text::TlsSubject),
        Field::TlsVersion => return maybe(out, record, Text::TlsVersion),
        Field::TraceId => return maybe(out, record, Text::TraceId),
        Field::EntryPointName => return maybe(out, record, Text::EntryPoint),
    }
    true
}

/// Header fields of one side, each name once, in the spelling that Go gives it; several values
/// of one name are joined by commas.
fn headers(out: &mut Vec<u8>, record: &Record<'_>, side: Side, prefix: &str) {
    let all: Vec<_> = record.headers(side).collect();
    for (place, (name, _)) in all.iter().enumerate() {
        let same = |(other, _): &&(&[u8], &[u8])| other.eq_ignore_ascii_case(name);
        if all[..place].iter().any(|earlier| same(&earlier)) {
            continue;
        }
        if out.last() != Some(&b'{') {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(prefix.as_bytes());
        escape::json_content(out, &canonical(name));
        out.extend_from_slice(b"\":\"");
        let values = all[place..].iter().filter(same).map(|(_, value)| value);
        for (rank, value) in values.enumerate() {
            if rank > 0 {
                out.push(b',');
            }
            escape::json_content(out, value);
        }
        out.push(b'"');
    }
}

/// The ids once more in lower case, as log collectors look for them.
fn trace(out: &mut Vec<u8>, record: &Record<'_>) {
    for (name, of) in [("span_id", Text::SpanId), ("trace_id", Text::TraceId)] {
        if !record.text(of).is_empty() {
            key(out, name);
            text(out, record.text(of));
        }
    }
}

fn key(out: &mut Vec<u8>, name: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\":");
}

fn text(out: &mut Vec<u8>, text: &[u8]) {
    escape::json_string(out, text);
}

fn or_dash(out: &mut Vec<u8>, value: &[u8]) {
    text(out, if value.is_empty() { b"-" } else { value });
}

fn maybe(out: &mut Vec<u8>, record: &Record<'_>, of: Text) -> bool {
    let value = record.text(of);
    if value.is_empty() {
        return false;
    }
    text(out, value);
    true
}

/// For what holds no character that JSON would escape.
fn display(out: &mut Vec<u8>, value: impl Display) {
    out.push(b'"');
    shown(out, value);
    out.push(b'"');
}

/// How many times smaller the answer became on its way; zero when it did not change.
fn ratio(out: &mut Vec<u8>, record: &Record<'_>) {
    let (from, to) = (record.origin_bytes, record.downstream_bytes);
    if from == to || from == 0 || to == 0 {
        out.push(b'0');
        return;
    }
    let hundredths = u128::from(from) * 100 / u128::from(to);
    shown(
        out,
        format_args!("{}.{:02}", hundredths / 100, hundredths % 100),
    );
}

fn start(out: &mut Vec<u8>, calendar: &mut Calendar, record: &Record<'_>, field: Field) {
    let second = calendar.second(record.start_unix_nanos);
    let written = if field == Field::StartUtc {
        &second.utc
    } else {
        &second.local
    };
    out.push(b'"');
    written.append_nanos(out, date::fraction(record.start_unix_nanos));
    out.push(b'"');
}

/// `[::1]:80` -> `::1`, `80`; without a port the second is empty.
fn host_and_port(host: &[u8]) -> (&[u8], &[u8]) {
    let bare = |host: &[u8]| {
        let inner = host.strip_prefix(b"[")?.strip_suffix(b"]")?;
        let text = std::str::from_utf8(inner).ok()?;
        text.parse::<IpAddr>().ok()?;
        Some(inner.len())
    };
    let (name, port) = match memchr::memrchr(b':', host) {
        Some(colon) if host[colon + 1..].iter().all(u8::is_ascii_digit) => {
            (&host[..colon], &host[colon + 1..])
        }
        Some(_) | None => (host, &host[..0]),
    };
    match bare(name) {
        Some(length) => (&name[1..=length], port),
        None => (name, port),
    }
}

/// `x-forwarded-for` -> `X-Forwarded-For`.
fn canonical(name: &[u8]) -> Vec<u8> {
    let mut upper = true;
    name.iter()
        .map(|byte| {
            let shown = if upper {
                byte.to_ascii_uppercase()
            } else {
                byte.to_ascii_lowercase()
            };
            upper = *byte == b'-';
            shown
        })
        .collect()
}
