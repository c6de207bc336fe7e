use std::time::Duration;

use super::Target;

/// How the servers of a load balancer are asked whether they live (features 5.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HealthCheck {
    pub method: Box<str>,
    /// Name and value, in the order in which they are sent. Host is none of them.
    pub headers: Box<[CheckField]>,
    /// None: 200 to 399.
    pub status: Option<u16>,
    pub follow_redirects: bool,
    pub pace: Pace,
    /// One for each server, in their order.
    pub probes: Box<[Probe]>,
}

/// Name and value of a header field.
pub type CheckField = (Box<str>, Box<str>);

/// When a server is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    pub interval: Duration,
    /// While it is down.
    pub unhealthy_interval: Duration,
    pub timeout: Duration,
    /// Checks in a row that must fail before it is down.
    pub fails: u32,
    /// Checks in a row that must pass before it is up again.
    pub passes: u32,
}

/// Where one server is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    pub target: Target,
    /// What Host says.
    pub host: Box<str>,
    /// Path and query.
    pub path: Box<str>,
}

/// What is learned from the requests of clients (features 5.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PassiveCheck {
    /// So long, failures count together.
    pub window: Duration,
    /// So long, the server rests; None: until a health check passes.
    pub rest: Option<Duration>,
}
