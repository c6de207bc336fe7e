//! What providers deliver: routers, services, middlewares, transports, TLS.
//!
//! Every field of the file format is here, typed, with Traefik's default. Objects are shared
//! (`Arc`), so what did not change is kept and compared by its address.
//! Never here: what a rule means; whether a named service exists.

mod http;
mod merge;
pub mod middleware;
mod section;
mod service;
mod tcp;
mod tls;
mod udp;
mod verify;

#[cfg(test)]
mod tests;

use crate::config::decode::record;

pub use http::{
    Domain, ForwardingTimeouts, Http, Observability, Router, RouterTls, RuleSyntax,
    ServersTransport, Spiffe, TraceVerbosity,
};
pub use merge::{Duplicate, merge};
pub use middleware::Middleware;
pub use section::Section;
pub use service::{
    Cookie, Failover, FailoverErrors, HealthCheck, HealthMode, HighestRandomWeight, LoadBalancer,
    Mirror, Mirroring, PassiveHealthCheck, Propagation, ResponseForwarding, SameSite, Server,
    Service, ServiceKind, Sticky, Strategy, Weighted, WeightedService,
};
pub use tcp::{
    InFlightConn, ProxyProtocol, Tcp, TcpClientTls, TcpHealthCheck, TcpIpAllowList,
    TcpLoadBalancer, TcpMiddleware, TcpRouter, TcpRouterTls, TcpServer, TcpServersTransport,
    TcpService, TcpWeighted,
};
pub use tls::{
    Certificate, ClientAuth, ClientAuthType, GeneratedCert, StoredCertificate, Tls, TlsOptions,
    TlsStore, TlsVersion,
};
pub use udp::{Udp, UdpLoadBalancer, UdpRouter, UdpServer, UdpService, UdpWeighted};
pub use verify::verify;

record! {
    /// All that one provider says, or all of them together.
    pub struct Configuration {
        http "http": Http,
        tcp "tcp": Tcp,
        udp "udp": Udp,
        tls "tls": Tls,
    }
}
