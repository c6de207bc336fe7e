use std::collections::BTreeMap;
use std::sync::Arc;

use super::http::{Domain, RuleSyntax, Spiffe};
use super::service::{Propagation, WeightedService};
use super::tls::Certificate;
use crate::config::decode::{Choice, one_of, record};
use crate::config::duration::GoDuration;
use crate::config::secret::FileOrContent;

record! {
    /// Everything for TCP (features 7).
    pub struct Tcp {
        routers "routers": BTreeMap<String, Arc<TcpRouter>>,
        services "services": BTreeMap<String, Arc<TcpService>>,
        middlewares "middlewares": BTreeMap<String, Arc<TcpMiddleware>>,
        servers_transports "serversTransports": BTreeMap<String, Arc<TcpServersTransport>>,
    }
}

record! {
    /// Which connections go where (features 4.4.9).
    pub struct TcpRouter {
        entry_points "entryPoints": Vec<String>,
        middlewares "middlewares": Vec<String>,
        service "service": String,
        rule "rule": String,
        rule_syntax "ruleSyntax": Option<Choice<RuleSyntax>>,
        /// 0: the length of the rule.
        priority "priority": i64,
        tls "tls" [empty]: Option<Box<TcpRouterTls>>,
    }
}

record! {
    /// TLS of a TCP router.
    pub struct TcpRouterTls {
        /// The server ends TLS, not we.
        passthrough "passthrough" [always]: bool,
        options "options": String,
        cert_resolver "certResolver": String,
        domains "domains": Vec<Domain>,
    }
}

one_of! {
    /// Where connections go.
    pub enum TcpService {
        LoadBalancer "loadBalancer": TcpLoadBalancer,
        Weighted "weighted": TcpWeighted,
    }
}

record! {
    /// Servers that share the connections (features 7.7).
    pub struct TcpLoadBalancer {
        /// Old place; belongs to the servers transport.
        proxy_protocol "proxyProtocol" [empty]: Option<Box<ProxyProtocol>>,
        servers "servers": Vec<TcpServer>,
        servers_transport "serversTransport": String,
        /// Milliseconds. Old place; belongs to the servers transport.
        termination_delay "terminationDelay": Option<i64>,
        health_check "healthCheck": Option<Box<TcpHealthCheck>>,
    }
}

record! {
    /// The PROXY header that a server is sent.
    pub struct ProxyProtocol {
        version "version": i64 = 2,
    }
}

record! {
    /// One server, `host:port`.
    pub struct TcpServer {
        address "address": String,
        tls "tls": bool,
    }
}

record! {
    /// Asks servers whether they live.
    pub struct TcpHealthCheck {
        /// 0: that of the server.
        port "port": i64,
        /// Text to send.
        send "send": String,
        /// Text to wait for.
        expect "expect": String,
        interval "interval": GoDuration = GoDuration::from_secs(30),
        /// Not given: as `interval`.
        unhealthy_interval "unhealthyInterval": Option<GoDuration>,
        timeout "timeout": GoDuration = GoDuration::from_secs(5),
    }
}

record! {
    /// Services that share the connections by weight (features 7.8).
    pub struct TcpWeighted {
        services "services": Vec<WeightedService>,
        health_check "healthCheck" [empty]: Option<Propagation>,
    }
}

one_of! {
    /// One step between TCP router and service.
    pub enum TcpMiddleware {
        InFlightConn "inFlightConn": InFlightConn,
        /// The old name of `ipAllowList`.
        IpWhiteList "ipWhiteList": TcpIpAllowList,
        IpAllowList "ipAllowList": TcpIpAllowList,
    }
}

record! {
    /// Limits how many connections one address may have.
    pub struct InFlightConn {
        amount "amount": i64,
    }
}

record! {
    /// Lets in only some addresses.
    pub struct TcpIpAllowList {
        source_range "sourceRange": Vec<String>,
    }
}

record! {
    /// How to talk to TCP servers (features 7.9).
    pub struct TcpServersTransport {
        dial_keep_alive "dialKeepAlive": GoDuration = GoDuration::from_secs(15),
        dial_timeout "dialTimeout": GoDuration = GoDuration::from_secs(30),
        /// How long the other side may go on when one has ended; negative: as long as it likes.
        termination_delay "terminationDelay": GoDuration = GoDuration::from_millis(100),
        proxy_protocol "proxyProtocol" [empty]: Option<Box<ProxyProtocol>>,
        tls "tls" [empty]: Option<Box<TcpClientTls>>,
    }
}

record! {
    /// TLS towards TCP servers.
    pub struct TcpClientTls {
        server_name "serverName": String,
        insecure_skip_verify "insecureSkipVerify": bool,
        root_cas "rootCAs": Vec<FileOrContent>,
        certificates "certificates": Vec<Certificate>,
        peer_cert_uri "peerCertURI": String,
        spiffe "spiffe" [empty]: Option<Box<Spiffe>>,
    }
}
