//! The line formats: Traefik's `common` and `genericCLF`.

use super::plan::{AccessPlan, Field, Side};
use super::record::{Record, Text};
use super::writer::{number, shown};
use crate::telemetry::date::Calendar;
use crate::telemetry::escape::{self, Place};

/// Without the newline.
pub(super) fn line(
    out: &mut Vec<u8>,
    plan: &AccessPlan,
    calendar: &mut Calendar,
    record: &Record<'_>,
) {
    generic(out, plan, calendar, record);
    out.push(b' ');
    maybe_number(out, plan.keeps(Field::RequestCount), record.count);
    for text in [Text::Router, Text::ServiceUrl] {
        out.push(b' ');
        in_quotes(out, record.text(text));
    }
    out.push(b' ');
    let nanos = if plan.keeps(Field::Duration) {
        record.duration_nanos
    } else {
        0
    };
    number(out, nanos / 1_000_000);
    out.extend_from_slice(b"ms");
}

/// Without the newline.
pub(super) fn generic(
    out: &mut Vec<u8>,
    plan: &AccessPlan,
    calendar: &mut Calendar,
    record: &Record<'_>,
) {
    if plan.keeps(Field::ClientHost) {
        shown(out, record.client.ip());
    } else {
        out.push(b'-');
    }
    out.extend_from_slice(b" - ");
    bare(out, record.text(Text::Username), Place::Field);
    out.extend_from_slice(b" [");
    date(out, plan, calendar, record);
    out.extend_from_slice(b"] \"");
    bare(out, record.text(Text::Method), Place::Bare);
    out.push(b' ');
    bare(out, record.text(Text::Path), Place::Bare);
    out.push(b' ');
    let protocol = if plan.keeps(Field::RequestProtocol) {
        record.protocol.name()
    } else {
        "-"
    };
    out.extend_from_slice(protocol.as_bytes());
    out.extend_from_slice(b"\" ");
    let status = record.downstream_status;
    maybe_number(out, plan.keeps(Field::DownstreamStatus), status);
    out.push(b' ');
    let size = record.downstream_bytes;
    maybe_number(out, plan.keeps(Field::DownstreamContentSize), size);
    for name in ["Referer", "User-Agent"] {
        out.push(b' ');
        header(out, record, name);
    }
}

/// UTC unless only the local time is kept.
fn date(out: &mut Vec<u8>, plan: &AccessPlan, calendar: &mut Calendar, record: &Record<'_>) {
    let second = calendar.second(record.start_unix_nanos);
    let text = if plan.keeps(Field::StartUtc) {
        &second.utc.clf
    } else if plan.keeps(Field::StartLocal) {
        &second.local.clf
    } else {
        "-"
    };
    out.extend_from_slice(text.as_bytes());
}

fn header(out: &mut Vec<u8>, record: &Record<'_>, name: &str) {
    let known = |noted: &[u8]| noted.eq_ignore_ascii_case(name.as_bytes());
    let mut values = record
        .headers(Side::Request)
        .filter(|(noted, _)| known(noted))
        .map(|(_, value)| value);
    in_quotes(out, values.next().unwrap_or_default());
}

fn in_quotes(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    if text.is_empty() {
        out.push(b'-');
    } else {
        escape::quoted(out, text, Place::Quoted);
    }
    out.push(b'"');
}

fn bare(out: &mut Vec<u8>, text: &[u8], place: Place) {
    if text.is_empty() {
        out.push(b'-');
    } else {
        escape::quoted(out, text, place);
    }
}

fn maybe_number(out: &mut Vec<u8>, kept: bool, value: u64) {
    if kept {
        number(out, value);
    } else {
        out.push(b'-');
    }
}
