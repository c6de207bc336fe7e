//! Services that the router brings along itself.
//!
//! Here: what answers a request without a server behind it. Never here: how a request got in.

pub mod whoami;
