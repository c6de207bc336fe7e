//! Answers of Ringway's own (features 9.7).

use std::time::Duration;

use crate::base::Page;
use crate::base::limits::LINGER_MS;
use crate::engine;
use crate::telemetry::counters::Counter;
use crate::wire::{self, AnswerTo, BodyLength, Fault, ResponseHead, Version, names};

use super::connection::{After, Connection};
use super::context::Context;
use super::record;

/// A status with a body that never changes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: &'static [u8],
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No body, no content type.
    Empty,
    /// As Go's `http.Error` writes it: plain text that is not to be sniffed.
    Error,
    /// As Go's server detects it: plain text.
    Text,
}

pub(super) const NOT_FOUND: Answer = Answer {
    status: 404,
    body: b"404 page not found\n",
    kind: Kind::Error,
};
pub(super) const NO_SERVER: Answer = Answer {
    status: 503,
    body: b"no available server\n",
    kind: Kind::Error,
};
pub(super) const UNAVAILABLE: Answer = Answer {
    status: 503,
    body: b"Service Unavailable\n",
    kind: Kind::Error,
};
pub(super) const TOO_LARGE: Answer = Answer {
    status: 413,
    body: b"Request Entity Too Large\n",
    kind: Kind::Error,
};
pub(super) const BUSY: Answer = of_status(503);
pub(super) const INTERNAL_ERROR: Answer = of_status(500);
pub(super) const BAD_REQUEST_EMPTY: Answer = Answer {
    status: 400,
    body: b"",
    kind: Kind::Empty,
};
pub(super) const PING: Answer = Answer {
    status: 200,
    body: b"OK",
    kind: Kind::Text,
};

/// The status with its text as the body.
pub(super) const fn of_status(status: u16) -> Answer {
    let body = wire::reason_of(status).as_bytes();
    Answer {
        status,
        body,
        kind: if body.is_empty() {
            Kind::Empty
        } else {
            Kind::Text
        },
    }
}

impl Answer {
    /// Makes `head` that of this answer.
    pub(super) fn begin(&self, head: &mut ResponseHead) {
        head.clear();
        head.new_answer(self.status);
        if self.kind != Kind::Empty {
            head.set(&names::CONTENT_TYPE, b"text/plain; charset=utf-8");
        }
        if self.kind == Kind::Error {
            head.set(&names::X_CONTENT_TYPE_OPTIONS, b"nosniff");
        }
    }
}

/// Answers what is no request that could be routed, and gives the connection up.
pub(super) fn refuse(cx: &Context, conn: &Connection, fault: Fault) -> After {
    let mut out = Page::head();
    let date = cx.date();
    let to = AnswerTo {
        version: Version::Http11,
        keep_alive: false,
        date: &date,
        head: false,
    };
    wire::Answer::of_fault(fault).render(&mut out, &to);
    conn.stream.send(out);
    After::Linger
}

/// A mistake of ours ended a request (features 9.7): 500, or a reset where an answer has begun.
pub(super) fn after_panic(cx: &Context, conn: Box<Connection>) {
    cx.counters.add(Counter::Panics, 1);
    record::panicked(cx, &conn);
    if conn.answered.get() {
        return conn.stream.abort();
    }
    let mut head = ResponseHead::default();
    INTERNAL_ERROR.begin(&mut head);
    head.set_body(BodyLength::Length(INTERNAL_ERROR.body.len() as u64));
    let mut out = Page::head();
    let date = cx.date();
    let to = AnswerTo {
        version: Version::Http11,
        keep_alive: false,
        date: &date,
        head: false,
    };
    head.render(&mut out, &to);
    out.append(INTERNAL_ERROR.body);
    conn.stream.send(out);
    let by = engine::now() + Duration::from_millis(LINGER_MS);
    engine::spawn(async move { conn.stream.close_gently(by).await });
}

/// Tells a client to send the body that it announced.
pub(super) fn go_on() -> Page {
    Page::copy_of(wire::CONTINUE)
}
