//! What the data wing runs on: tables and numbers, made by `compile`, read by every shard.
//!
//! Nothing here changes after its birth, and no string is kept that the data path would have
//! to compare where a number would do.

mod directive;
mod entry_point;
mod health;
pub mod route_table;
mod service;
mod slots;

use std::sync::Arc;

use crate::middleware::Middleware;
use crate::wire::path::DeniedEscapes;

pub use directive::{Courier, Directive, Errand, Home, Reply, Ticket};
pub use entry_point::{EntryPoint, ProxyProtocol};
pub use health::{CheckField, HealthCheck, Pace, PassiveCheck, Probe};
pub use route_table::RouteTable;
pub use service::{
    Child, Failover, FailoverErrors, HighestRandomWeight, Internal, LoadBalancer, Mirror,
    Mirroring, Origin, Server, Service, ServiceKind, Strategy, Target, Transport, Weighted,
};
pub use slots::Slots;

/// Everything that shards need to know, of one moment.
#[derive(Debug)]
pub struct Snapshot {
    /// Counts up with each one that is published.
    pub number: u64,
    /// In the order of the entry points of the static configuration.
    pub entry_points: Vec<EntryPointRoutes>,
    pub routers: Slots<Router>,
    /// Services whose servers are asked whether they live.
    pub checked: Arc<[Arc<Service>]>,
}

/// The routers of one entry point.
#[derive(Debug, Clone)]
pub struct EntryPointRoutes {
    /// Those without `tls`; they never answer HTTPS (features 15.2).
    pub plain: Arc<RouteTable>,
}

/// What a request meets once a rule has chosen it.
#[derive(Debug)]
pub struct Router {
    /// `name@provider`, for logs.
    pub name: Box<str>,
    /// The entry point's middlewares first, then the router's own.
    pub chain: Box<[Step]>,
    pub end: End,
    /// Escapes that are answered with 400 (features 2.15).
    pub refused_escapes: DeniedEscapes,
    pub access_log: bool,
}

/// One step of a chain.
#[derive(Debug, Clone)]
pub struct Step {
    pub middleware: Arc<Middleware>,
    /// Who answers the step's own requests, where it makes some.
    pub service: Option<Arc<Service>>,
}

/// Where a chain leads.
#[derive(Debug, Clone)]
pub enum End {
    Service(Arc<Service>),
    /// Multi-layer routing (features 4.4.6): the routers whose parent this is.
    Children(Arc<RouteTable>),
}
