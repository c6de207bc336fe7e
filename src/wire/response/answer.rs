//! Answers that we give ourselves (features 9.7), with their heads written beforehand.

use super::super::bytes::decimal;
use super::super::fault::Fault;
use super::render::{AnswerTo, render_persistence};
use crate::base::Page;

/// `100 Continue`, whole.
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A whole answer with a fixed text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Answer {
    status: u16,
    /// Status line and fields, but for Date, Connection and the blank line.
    head: &'static str,
    body: &'static str,
}

macro_rules! answers {
    ($($(#[$doc:meta])* $name:ident = $status:literal $reason:literal, $length:literal $body:literal
        $(, $fields:literal)?;)*) => {
        impl Answer {
            $($(#[$doc])*
            pub const $name: Self = Self {
                status: $status,
                head: concat!(
                    "HTTP/1.1 ", $status, " ", $reason, "\r\n", $($fields,)?
                    "Content-Length: ", $length, "\r\n"
                ),
                body: {
                    assert!($body.len() == $length, "the length is that of the body");
                    $body
                },
            };)*
        }

        #[cfg(test)]
        pub(super) const ALL: &[Answer] = &[$(Answer::$name),*];
    };
}

answers! {
    BAD_REQUEST = 400 "Bad Request", 11 "Bad Request";
    /// No router matches.
    NOT_FOUND = 404 "Not Found", 19 "404 page not found\n",
        "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n";
    REQUEST_TIMEOUT = 408 "Request Timeout", 15 "Request Timeout";
    LENGTH_REQUIRED = 411 "Length Required", 15 "Length Required";
    TOO_LARGE = 413 "Request Entity Too Large", 24 "Request Entity Too Large";
    URI_TOO_LONG = 414 "Request URI Too Long", 20 "Request URI Too Long";
    EXPECTATION_FAILED = 417 "Expectation Failed", 18 "Expectation Failed";
    MISDIRECTED = 421 "Misdirected Request", 19 "Misdirected Request";
    HEAD_TOO_LARGE = 431 "Request Header Fields Too Large", 31 "Request Header Fields Too Large";
    /// The client went away; for the log.
    CLIENT_CLOSED = 499 "Client Closed Request", 21 "Client Closed Request";
    INTERNAL_ERROR = 500 "Internal Server Error", 21 "Internal Server Error";
    NOT_IMPLEMENTED = 501 "Not Implemented", 15 "Not Implemented";
    /// The server refused, or ended the connection.
    BAD_GATEWAY = 502 "Bad Gateway", 11 "Bad Gateway";
    /// The service has no server to ask.
    NO_SERVER = 503 "Service Unavailable", 20 "no available server\n",
        "Content-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n";
    UNAVAILABLE = 503 "Service Unavailable", 19 "Service Unavailable";
    /// The server did not answer in time.
    GATEWAY_TIMEOUT = 504 "Gateway Timeout", 15 "Gateway Timeout";
    VERSION_NOT_SUPPORTED = 505 "HTTP Version Not Supported", 26 "HTTP Version Not Supported";
}

impl Answer {
    /// What a client hears of a fault of its own.
    #[must_use]
    pub const fn of_fault(fault: Fault) -> Self {
        match fault.status() {
            408 => Self::REQUEST_TIMEOUT,
            411 => Self::LENGTH_REQUIRED,
            413 => Self::TOO_LARGE,
            414 => Self::URI_TOO_LONG,
            417 => Self::EXPECTATION_FAILED,
            431 => Self::HEAD_TOO_LARGE,
            501 => Self::NOT_IMPLEMENTED,
            505 => Self::VERSION_NOT_SUPPORTED,
            _ => Self::BAD_REQUEST,
        }
    }

    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    #[must_use]
    pub const fn body(&self) -> &'static str {
        self.body
    }

    /// Appends the whole answer.
    pub fn render(&self, out: &mut Page, to: &AnswerTo<'_>) {
        out.append(self.head.as_bytes());
        finish(out, self.body.as_bytes(), to);
    }

    /// Appends a whole answer with a text of the caller's, which may be long.
    /// `content_type` is empty to send none.
    pub fn render_text(
        out: &mut Page,
        status: u16,
        content_type: &str,
        body: &[u8],
        to: &AnswerTo<'_>,
    ) {
        out.append(b"HTTP/1.1 ");
        out.append(decimal(u64::from(status), &mut [0; 20]));
        out.append(b" ");
        out.append(reason_of(status).as_bytes());
        if !content_type.is_empty() {
            out.append(b"\r\nContent-Type: ");
            out.append(content_type.as_bytes());
        }
        out.append(b"\r\nContent-Length: ");
        let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
        out.append(decimal(length, &mut [0; 20]));
        out.append(b"\r\n");
        finish(out, body, to);
    }
}

fn finish(out: &mut Page, body: &[u8], to: &AnswerTo<'_>) {
    out.append(b"Date: ");
    out.append(to.date);
    out.append(b"\r\n");
    render_persistence(out, to);
    out.append(b"\r\n");
    if !to.head {
        out.append(body);
    }
}

/// The usual reason of a status; empty when there is none.
#[must_use]
pub const fn reason_of(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        102 => "Processing",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Request Entity Too Large",
        414 => "Request URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Requested Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Entity",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        499 => "Client Closed Request",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        511 => "Network Authentication Required",
        _ => "",
    }
}
