use std::collections::BTreeMap;
use std::sync::Arc;

use super::middleware::Middleware;
use super::service::Service;
use super::tls::{Certificate, TlsVersion};
use crate::config::decode::{Choice, record, words};
use crate::config::duration::GoDuration;
use crate::config::secret::FileOrContent;

record! {
    /// Everything for HTTP (features 4 to 6).
    pub struct Http {
        routers "routers": BTreeMap<String, Arc<Router>>,
        services "services": BTreeMap<String, Arc<Service>>,
        middlewares "middlewares": BTreeMap<String, Arc<Middleware>>,
        servers_transports "serversTransports": BTreeMap<String, Arc<ServersTransport>>,
    }
}

record! {
    /// Which requests go where (features 4.4.1).
    pub struct Router {
        /// Names of entry points; empty: all that are default.
        entry_points "entryPoints": Vec<String>,
        /// Middlewares in the order they see the request.
        middlewares "middlewares": Vec<String>,
        service "service": String,
        rule "rule": String,
        /// The routers in front of this one (features 4.4.6).
        parent_refs "parentRefs": Vec<String>,
        rule_syntax "ruleSyntax": Option<Choice<RuleSyntax>>,
        /// 0: the length of the rule.
        priority "priority": i64,
        /// Given: HTTPS only. Not given: plain HTTP only.
        tls "tls" [empty]: Option<Box<RouterTls>>,
        observability "observability": Option<Box<Observability>>,
    }
}

words! {
    /// Which matchers a rule may use (features 4.2).
    lenient pub enum RuleSyntax { V2 "v2", V3 "v3" }
}

record! {
    /// TLS of a router; `tls: {}` takes all defaults.
    pub struct RouterTls {
        /// Name of the TLS options.
        options "options": String,
        cert_resolver "certResolver": String,
        domains "domains": Vec<Domain>,
    }
}

record! {
    /// Names that one certificate covers.
    pub struct Domain {
        main "main": String,
        sans "sans": Vec<String>,
    }
}

record! {
    /// What is recorded of a router's requests; what is not given follows the entry point.
    pub struct Observability {
        access_logs "accessLogs": Option<bool>,
        metrics "metrics": Option<bool>,
        tracing "tracing": Option<bool>,
        trace_verbosity "traceVerbosity": Option<Choice<TraceVerbosity>>,
    }
}

words! {
    /// How many spans a request makes.
    lenient pub enum TraceVerbosity { Minimal "minimal", Detailed "detailed" }
}

record! {
    /// How to talk to servers (features 5.13).
    pub struct ServersTransport {
        /// Name to send in TLS and to expect in the certificate.
        server_name "serverName": String,
        insecure_skip_verify "insecureSkipVerify": bool,
        root_cas "rootCAs": Vec<FileOrContent>,
        /// Client certificates.
        certificates "certificates": Vec<Certificate>,
        /// Idle connections kept per server; 0 is 200.
        max_idle_conns_per_host "maxIdleConnsPerHost": i64,
        forwarding_timeouts "forwardingTimeouts": Option<Box<ForwardingTimeouts>>,
        disable_http2 "disableHTTP2": bool,
        /// URI that the server's certificate must carry.
        peer_cert_uri "peerCertURI": String,
        spiffe "spiffe" [empty]: Option<Box<Spiffe>>,
        cipher_suites "cipherSuites": Vec<String>,
        min_version "minVersion": Option<Choice<TlsVersion>>,
        max_version "maxVersion": Option<Choice<TlsVersion>>,
    }
}

record! {
    /// How long each step towards a server may take; 0 is no limit.
    pub struct ForwardingTimeouts {
        dial_timeout "dialTimeout": GoDuration = GoDuration::from_secs(30),
        response_header_timeout "responseHeaderTimeout": GoDuration,
        idle_conn_timeout "idleConnTimeout": GoDuration = GoDuration::from_secs(90),
        /// HTTP/2: silence after which a ping is sent; 0 is never.
        read_idle_timeout "readIdleTimeout": GoDuration,
        /// HTTP/2: how long the answer to a ping may take.
        ping_timeout "pingTimeout": GoDuration = GoDuration::from_secs(15),
        /// Beyond Traefik: how long, in all, a server may be kept waiting for its client, for the
        /// request's body and again to take the answer; 0: no limit.
        slow_client_timeout "slowClientTimeout": GoDuration,
    }
}

record! {
    /// Whom to trust by SPIFFE identity.
    pub struct Spiffe {
        ids "ids": Vec<String>,
        trust_domain "trustDomain": String,
    }
}
