//! HTTP/1.1 heads and bodies and the PROXY protocol: bytes in, values out, values to bytes.
//!
//! A head is read once, in place: its fields are numbers that point into the page they came
//! in. What is ambiguous is refused here, so that no other room needs to doubt a head.
//!
//! Never here: a socket, a wait, a clock, a length that was not checked.

#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)
)]

mod body;
mod bytes;
mod coding;
mod date;
mod fault;
mod fields;
mod framing;
pub mod names;
pub mod path;
pub mod proxy_protocol;
mod request;
mod response;
mod scan;

pub use body::{BodyLength, BodyReader, CHUNK_END, Piece, close_chunk, write_chunk_size};
pub use coding::{Coding, Encoder, EncoderFault, Push};
pub use date::http_date;
pub use fault::{Blame, Fault};
pub use names::HeaderName;
pub use request::{
    Edits, ForwardedRules, HeadRules, Method, Peer, Render, RequestHead, ServerLine, Underscore,
    Version,
};
pub use response::{Answer, AnswerTo, CONTINUE, ResponseHead, reason_of};

/// What became of a look at bytes that may not be complete.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// More bytes are needed.
    Partial,
    Done,
}
