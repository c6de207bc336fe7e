//! Requests of a middleware's own, and bodies that are read before a request goes on.

use std::time::Duration;

use crate::wire::{RequestHead, ResponseHead};

/// A request that a step wants to be sent to the service that it is compiled with.
#[derive(Debug)]
pub struct Call {
    pub head: RequestHead,
    /// Send the client's body along; it must have been collected.
    pub with_body: bool,
    /// Until the head of the reply is there.
    pub timeout: Duration,
    /// Read the reply's body whole, of at most so many bytes, before
    /// [`super::Middleware::on_reply`] is told; none to let it flow.
    pub reply_bytes_max: Option<u64>,
}

/// What came of a [`Call`].
#[derive(Debug)]
pub enum Reply<'reply> {
    /// The head; where it is relayed, it is the answer's.
    Answered(&'reply mut ResponseHead),
    Failed(CallFault),
}

/// Why a [`Call`] has no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallFault {
    /// No server, or none that answers properly and in time.
    Unreachable,
    /// The reply's body is above [`Call::reply_bytes_max`].
    TooLarge,
    /// The client that all this was for went away.
    ClientGone,
}

/// Wish to have the request's body whole, to look at its size or to send it more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Collect {
    /// What is kept in memory; the rest goes to a file.
    pub memory_bytes: u64,
    /// More is not read: [`Collected::TooLarge`].
    pub bytes_max: Option<u64>,
}

/// What came of a [`Collect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collected {
    /// All of it, payload bytes.
    Whole { bytes: u64 },
    /// There is more than was wished for. If the request goes on, all of it is sent, but only
    /// once.
    TooLarge,
}
