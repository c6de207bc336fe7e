//! The running program against clients and servers that split, stall, cut and lie, and against
//! real ones. Each test starts a router of its own, in a folder of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and says where"
)]

mod access_log;
mod answers;
mod auth;
mod bodies;
mod buffering;
mod compress;
mod deadlines;
mod errors;
mod errors_middleware;
mod forward_auth;
mod forwarded;
mod framing;
mod harness;
mod headers;
mod health;
mod hosts;
mod keep_alive;
mod middlewares;
mod mirroring;
mod nginx;
mod operate;
mod paths;
mod pools;
mod rate_limit;
mod redis;
mod reload;
mod request_line;
mod services;
mod static_options;
mod sticky;
mod upgrade;
