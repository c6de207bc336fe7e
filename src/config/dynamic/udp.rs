use std::collections::BTreeMap;
use std::sync::Arc;

use super::service::WeightedService;
use crate::config::decode::{one_of, record};

record! {
    /// Everything for UDP (features 7.11).
    pub struct Udp {
        routers "routers": BTreeMap<String, Arc<UdpRouter>>,
        services "services": BTreeMap<String, Arc<UdpService>>,
    }
}

record! {
    /// Which entry points' datagrams go where.
    pub struct UdpRouter {
        entry_points "entryPoints": Vec<String>,
        service "service": String,
    }
}

one_of! {
    /// Where datagrams go.
    pub enum UdpService {
        LoadBalancer "loadBalancer": UdpLoadBalancer,
        Weighted "weighted": UdpWeighted,
    }
}

record! {
    /// Servers that share the sessions.
    pub struct UdpLoadBalancer {
        servers "servers": Vec<UdpServer>,
    }
}

record! {
    /// One server, `host:port`.
    pub struct UdpServer {
        address "address": String,
    }
}

record! {
    /// Services that share the sessions by weight.
    pub struct UdpWeighted {
        services "services": Vec<WeightedService>,
    }
}
