//! One line of the log, in either format.

use std::borrow::Cow;

use super::level::Level;
use crate::base::Civil;
use crate::telemetry::escape::{self, Place};

/// One line before it is text.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) level: Level,
    pub(super) unix_nanos: u64,
    pub(super) text: Cow<'static, str>,
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Entry {
    pub(super) const fn new(level: Level, text: Cow<'static, str>) -> Self {
        Self {
            level,
            unix_nanos: 0,
            text,
            fields: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Style {
    Common { colours: bool },
    Json,
}

/// The date of the second asked for last. Program logs are in UTC.
#[derive(Default)]
pub(super) struct Calendar {
    unix: i64,
    date: String,
}

impl Calendar {
    fn date(&mut self, unix_nanos: u64) -> &str {
        let unix = i64::try_from(unix_nanos / 1_000_000_000).unwrap_or(i64::MAX);
        if self.unix != unix || self.date.is_empty() {
            self.unix = unix;
            self.date = Civil::new(unix, 0).rfc3339();
        }
        &self.date
    }
}

impl Style {
    pub(super) const PLAIN: Self = Self::Common { colours: false };

    pub(super) fn append(self, out: &mut Vec<u8>, calendar: &mut Calendar, entry: &Entry) {
        let date = calendar.date(entry.unix_nanos);
        match self {
            Self::Common { colours: false } => common(out, date, entry),
            Self::Common { colours: true } => coloured(out, date, entry),
            Self::Json => json(out, date, entry),
        }
        out.push(b'\n');
    }
}

fn common(out: &mut Vec<u8>, date: &str, entry: &Entry) {
    out.extend_from_slice(date.as_bytes());
    out.push(b' ');
    out.extend_from_slice(entry.level.short().as_bytes());
    out.push(b' ');
    escape::quoted(out, entry.text.as_bytes(), Place::Message);
    for (name, value) in in_order(entry) {
        out.push(b' ');
        out.extend_from_slice(name.as_bytes());
        out.push(b'=');
        common_value(out, value);
    }
}

fn coloured(out: &mut Vec<u8>, date: &str, entry: &Entry) {
    const GREY: &str = "\x1b[90m";
    const BOLD: &str = "\x1b[1m";
    const CYAN: &str = "\x1b[36m";
    const RED: &str = "\x1b[31m";
    let mut piece = Vec::new();
    in_colour(out, GREY, date.as_bytes());
    out.push(b' ');
    in_colour(out, entry.level.colour(), entry.level.short().as_bytes());
    out.push(b' ');
    escape::quoted(&mut piece, entry.text.as_bytes(), Place::Message);
    let weight = if entry.level >= Level::Info { BOLD } else { "" };
    in_colour(out, weight, &piece);
    for (name, value) in in_order(entry) {
        out.push(b' ');
        in_colour(out, CYAN, name.as_bytes());
        in_colour(out, CYAN, b"=");
        piece.clear();
        common_value(&mut piece, value);
        in_colour(out, if name == "error" { RED } else { "" }, &piece);
    }
}

fn in_colour(out: &mut Vec<u8>, colour: &str, text: &[u8]) {
    out.extend_from_slice(colour.as_bytes());
    out.extend_from_slice(text);
    if !colour.is_empty() {
        out.extend_from_slice(b"\x1b[0m");
    }
}

fn json(out: &mut Vec<u8>, date: &str, entry: &Entry) {
    out.extend_from_slice(b"{\"level\":");
    escape::json_string(out, entry.level.name().as_bytes());
    for (name, value) in &entry.fields {
        out.push(b',');
        escape::json_string(out, name.as_bytes());
        out.push(b':');
        escape::json_string(out, value.as_bytes());
    }
    out.extend_from_slice(b",\"time\":");
    escape::json_string(out, date.as_bytes());
    out.extend_from_slice(b",\"message\":");
    escape::json_string(out, entry.text.as_bytes());
    out.push(b'}');
}

fn common_value(out: &mut Vec<u8>, value: &str) {
    if escape::is_bare(value.as_bytes()) {
        out.extend_from_slice(value.as_bytes());
    } else {
        out.push(b'"');
        escape::quoted(out, value.as_bytes(), Place::Quoted);
        out.push(b'"');
    }
}

/// The error first, the others by name.
fn in_order(entry: &Entry) -> Vec<(&'static str, &str)> {
    let mut fields: Vec<_> = entry
        .fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    fields.sort_by_key(|(name, _)| (*name != "error", *name));
    fields
}
