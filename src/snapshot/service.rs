use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::balance::Schedule;
use crate::board::{Health, Seats};

/// What answers requests at the end of a chain.
#[derive(Debug)]
pub struct Service {
    /// `name@provider`, for logs.
    pub name: Box<str>,
    pub kind: ServiceKind,
}

#[derive(Debug)]
pub enum ServiceKind {
    LoadBalancer(LoadBalancer),
    Internal(Internal),
}

/// Services that Ringway answers itself (`…@internal`, features 4.4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Internal {
    /// `ping@internal`; `terminating` is the status once the process was asked to end.
    Ping { terminating: u16 },
    /// `noop@internal`: answers 418; redirections never reach it.
    Noop,
}

/// Servers and how one of them is chosen (features 5.1, 5.2).
#[derive(Debug)]
pub struct LoadBalancer {
    pub servers: Box<[Server]>,
    pub schedule: Schedule,
    pub seats: Arc<Seats>,
    pub health: Arc<Health>,
    pub pass_host_header: bool,
}

/// One server of a load balancer.
#[derive(Debug)]
pub struct Server {
    /// As configured, for the access log.
    pub url: Box<str>,
    /// What `Host` says when the client's is not passed on; `host[:port]` of the URL.
    pub authority: Box<[u8]>,
    /// `host:port`, for the access log.
    pub address: Box<str>,
    /// The URL's path, where `preservePath` wants it before the request's.
    pub path: Box<[u8]>,
    pub origin: Arc<Origin>,
}

/// Where connections go, and how. Servers with the same target and transport share one, and
/// so their idle connections.
#[derive(Debug)]
pub struct Origin {
    /// Never given to another origin while this process lives.
    pub number: u32,
    pub target: Target,
    pub transport: Transport,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    Address(SocketAddr),
    /// A name that the control wing looks up.
    Name {
        host: Box<str>,
        port: u16,
    },
}

/// How connections to servers behave (features 3.8, 5.13).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Transport {
    pub dial_timeout: Duration,
    /// None: a server may take as long as it likes.
    pub response_header_timeout: Option<Duration>,
    pub idle_timeout: Option<Duration>,
    /// Idle connections that each shard keeps for one origin.
    pub idle_max: usize,
}
