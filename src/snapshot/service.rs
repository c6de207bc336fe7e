use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use crate::balance::{Cookie, Rendezvous, Schedule};
use crate::base::Tick;
use crate::board::{Seats, ServerState};

use super::Step;
use super::health::{HealthCheck, PassiveCheck};

/// What answers requests at the end of a chain.
#[derive(Debug)]
pub struct Service {
    /// `name@provider`, for logs.
    pub name: Box<str>,
    /// What its requests pass behind the router's chain (features 5.12). The chains of routers
    /// that lead here hold these steps already; whoever comes here through another service
    /// walks them here.
    pub chain: Box<[Step]>,
    pub kind: ServiceKind,
}

#[derive(Debug)]
pub enum ServiceKind {
    LoadBalancer(LoadBalancer),
    Weighted(Weighted),
    HighestRandomWeight(HighestRandomWeight),
    Mirroring(Mirroring),
    Failover(Failover),
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

/// Servers and how one of them is chosen (features 5.1 to 5.5).
#[derive(Debug)]
pub struct LoadBalancer {
    pub servers: Box<[Server]>,
    pub strategy: Strategy,
    pub schedule: Schedule,
    pub seats: Arc<Seats>,
    pub sticky: Option<Box<Cookie>>,
    pub pass_host_header: bool,
    pub check: Option<HealthCheck>,
    pub passive: Option<PassiveCheck>,
    /// A server that is back gets its share little by little over so long.
    pub slow_start: Option<Duration>,
}

/// How a load balancer chooses.
#[derive(Debug, PartialEq)]
pub enum Strategy {
    RoundRobin,
    TwoChoices,
    HighestRandomWeight(Rendezvous),
    LeastTime,
    LeastConnections,
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
    /// 0: it is never used.
    pub weight: u32,
    /// Only clients that a cookie brings (features 15.19).
    pub fenced: bool,
    pub state: Arc<ServerState>,
}

/// A service below another one.
#[derive(Debug)]
pub struct Child {
    pub service: Arc<Service>,
    /// 0: it is never used.
    pub weight: u32,
}

/// Services that share the requests by weight (features 5.6).
#[derive(Debug)]
pub struct Weighted {
    pub children: Box<[Child]>,
    pub schedule: Schedule,
    pub seats: Arc<Seats>,
    pub sticky: Option<Box<Cookie>>,
    /// It passes over children that are down, and is down when all are.
    pub propagates: bool,
}

/// Services of which each client keeps one (features 5.4).
#[derive(Debug)]
pub struct HighestRandomWeight {
    pub children: Box<[Child]>,
    pub table: Rendezvous,
    pub propagates: bool,
}

/// A service, and others that get copies of its requests (features 5.7).
#[derive(Debug)]
pub struct Mirroring {
    pub main: Arc<Service>,
    pub mirrors: Box<[Mirror]>,
    /// Counts the requests.
    pub seats: Arc<Seats>,
    pub mirror_body: bool,
    /// Requests with larger bodies are not mirrored.
    pub body_bytes_max: Option<u64>,
    pub propagates: bool,
}

#[derive(Debug)]
pub struct Mirror {
    pub service: Arc<Service>,
    pub percent: u8,
}

/// A service, and the one that stands in for it (features 5.8).
#[derive(Debug)]
pub struct Failover {
    pub main: Arc<Service>,
    pub fallback: Arc<Service>,
    pub errors: Option<FailoverErrors>,
    pub propagates: bool,
}

/// Answers of the main service that send the request to the fallback.
#[derive(Debug)]
pub struct FailoverErrors {
    pub statuses: Box<[RangeInclusive<u16>]>,
    /// Requests with larger bodies are refused.
    pub body_bytes_max: Option<u64>,
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
    /// How long, in all, a server may be kept waiting for the client of one request.
    pub slow_client: Option<Duration>,
}

impl Service {
    /// No service is below it.
    #[must_use]
    pub const fn is_leaf(&self) -> bool {
        match &self.kind {
            ServiceKind::LoadBalancer(_) | ServiceKind::Internal(_) => true,
            ServiceKind::Weighted(_)
            | ServiceKind::HighestRandomWeight(_)
            | ServiceKind::Mirroring(_)
            | ServiceKind::Failover(_) => false,
        }
    }

    /// The service below with that number: of mirroring and failover, 0 is the main one.
    #[must_use]
    pub fn child(&self, number: usize) -> Option<&Arc<Self>> {
        match &self.kind {
            ServiceKind::Weighted(Weighted { children, .. })
            | ServiceKind::HighestRandomWeight(HighestRandomWeight { children, .. }) => {
                children.get(number).map(|child| &child.service)
            }
            ServiceKind::Mirroring(mirroring) => match number.checked_sub(1) {
                None => Some(&mirroring.main),
                Some(mirror) => mirroring.mirrors.get(mirror).map(|mirror| &mirror.service),
            },
            ServiceKind::Failover(failover) => match number {
                0 => Some(&failover.main),
                1 => Some(&failover.fallback),
                _ => None,
            },
            ServiceKind::LoadBalancer(_) | ServiceKind::Internal(_) => None,
        }
    }

    /// Every service right below.
    pub fn children(&self) -> impl Iterator<Item = &Arc<Self>> {
        (0..).map_while(|number| self.child(number))
    }

    /// Whether those above are told when it goes down (features 15.29).
    #[must_use]
    pub const fn propagates(&self) -> bool {
        match &self.kind {
            ServiceKind::LoadBalancer(balancer) => {
                balancer.check.is_some() || balancer.passive.is_some()
            }
            ServiceKind::Weighted(weighted) => weighted.propagates,
            ServiceKind::HighestRandomWeight(highest) => highest.propagates,
            ServiceKind::Mirroring(mirroring) => mirroring.propagates,
            ServiceKind::Failover(failover) => failover.propagates,
            ServiceKind::Internal(_) => false,
        }
    }

    /// Whether some server below could take a request, as far as health checks tell. One that
    /// tells nothing counts as up.
    #[must_use]
    pub fn is_up(&self, now: Tick) -> bool {
        let any = |children: &[Child]| {
            let mut used = children.iter().filter(|child| child.weight > 0);
            used.any(|child| child.service.is_up(now))
        };
        if !self.propagates() {
            return true;
        }
        match &self.kind {
            ServiceKind::LoadBalancer(balancer) => {
                let mut used = balancer.servers.iter().filter(|server| server.is_used());
                used.any(|server| server.state.is_up(now))
            }
            ServiceKind::Weighted(weighted) => any(&weighted.children),
            ServiceKind::HighestRandomWeight(highest) => any(&highest.children),
            ServiceKind::Mirroring(mirroring) => mirroring.main.is_up(now),
            ServiceKind::Failover(failover) => {
                failover.main.is_up(now) || failover.fallback.is_up(now)
            }
            ServiceKind::Internal(_) => true,
        }
    }
}

impl Server {
    /// It takes new clients while it is up.
    #[must_use]
    pub const fn is_used(&self) -> bool {
        self.weight > 0 && !self.fenced
    }
}

impl FailoverErrors {
    #[must_use]
    pub fn holds(&self, status: u16) -> bool {
        self.statuses.iter().any(|range| range.contains(&status))
    }
}
