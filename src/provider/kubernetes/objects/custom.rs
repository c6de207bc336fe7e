//! Specs of the custom resources, field by field as their schemas have them.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::config::FileOrContent;
use crate::config::decode::{Choice, PathList, Reader, Setting, Shape, Writing, record};
use crate::config::duration::GoDuration;
use crate::config::dynamic::{
    ClientAuthType, Domain, FailoverErrors, ForwardingTimeouts, GeneratedCert, HealthCheck,
    Observability, PassiveHealthCheck, ProxyProtocol, ResponseForwarding, Spiffe, Sticky,
    TlsVersion,
};
use crate::config::tree::{Kind, Node, Sort};

/// A port as users name it; the empty name is no port.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Port {
    Number(i64),
    Name(String),
}

impl Default for Port {
    fn default() -> Self {
        Self::Name(String::new())
    }
}

impl Port {
    /// False when nobody named one.
    pub fn is_given(&self) -> bool {
        match self {
            Self::Number(number) => *number != 0,
            Self::Name(name) => !name.is_empty(),
        }
    }
}

impl std::fmt::Display for Port {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => number.fmt(out),
            Self::Name(name) => name.fmt(out),
        }
    }
}

impl Setting for Port {
    const SHAPE: Shape = Shape::Word;

    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let Kind::Scalar(scalar) = node.kind() else {
            reader.expected(node, "a port's number or name", None);
            return None;
        };
        let number = (scalar.sort == Sort::Integer).then(|| scalar.text.parse().ok());
        let port = number.flatten().map(Self::Number);
        Some(port.unwrap_or_else(|| Self::Name(scalar.text.to_owned())))
    }

    fn is_omitted(&self) -> bool {
        !self.is_given()
    }

    fn write(&self, _how: Writing) -> Json {
        match self {
            Self::Number(number) => Json::from(*number),
            Self::Name(name) => Json::from(name.as_str()),
        }
    }

    fn paths(list: &mut PathList) {
        list.leaf();
    }
}

record! {
    /// The name of another object; no namespace: that of the one that says it.
    pub struct Reference {
        name "name": String,
        namespace "namespace": String,
    }
}

record! {
    /// HTTP routes.
    pub struct IngressRoute {
        entry_points "entryPoints": Vec<String>,
        routes "routes": Vec<Route>,
        tls "tls": Option<Box<RouteTls>>,
        parent_refs "parentRefs": Vec<Reference>,
        ingress_class_name "ingressClassName": String,
    }
}

record! {
    /// One HTTP route.
    pub struct Route {
        match_ "match": String,
        kind "kind": String,
        priority "priority": i64,
        syntax "syntax": String,
        services "services": Vec<Backend>,
        middlewares "middlewares": Vec<Reference>,
        observability "observability": Option<Box<Observability>>,
    }
}

record! {
    /// TLS of HTTP routes.
    pub struct RouteTls {
        secret_name "secretName": String,
        options "options": Option<Box<Reference>>,
        /// Known, and of no effect: certificates go to the store `default`.
        store "store": Option<Box<Reference>>,
        cert_resolver "certResolver": String,
        domains "domains": Vec<Domain>,
    }
}

/// Records that name a service of Kubernetes or a TraefikService, with fields of their own.
macro_rules! backends {
    ($(
        $(#[$meta:meta])*
        pub struct $name:ident {
            $( $(#[$doc:meta])* $field:ident $key:literal : $type:ty $(= $default:expr)? ),* $(,)?
        }
    )*) => {$(
        record! {
            $(#[$meta])*
            pub struct $name {
                name "name": String,
                namespace "namespace": String,
                /// Empty: `Service`.
                kind "kind": String,
                port "port": Port,
                scheme "scheme": String,
                strategy "strategy": String,
                pass_host_header "passHostHeader": Option<bool>,
                sticky "sticky": Option<Box<Sticky>>,
                servers_transport "serversTransport": String,
                native_lb "nativeLB": Option<bool>,
                node_port_lb "nodePortLB": bool,
                health_check "healthCheck": Option<Box<HealthCheck>>,
                passive_health_check "passiveHealthCheck": Option<Box<PassiveHealthCheck>>,
                response_forwarding "responseForwarding": Option<Box<ResponseForwarding>>,
                middlewares "middlewares": Vec<Reference>,
                weight "weight": Option<i64>,
                $( $field $key: $type $(= $default)? ),*
            }
        }
    )*};
}

backends! {
    /// A service that gets requests.
    pub struct Backend {}

    /// A service that gets copies of requests.
    pub struct MirrorBackend {
        percent "percent": i64,
    }

    /// A service, and those that get copies of its requests.
    pub struct MirroringSpec {
        mirror_body "mirrorBody": Option<bool> = Some(true),
        max_body_size "maxBodySize": Option<i64> = Some(-1),
        mirrors "mirrors": Vec<MirrorBackend>,
    }
}

macro_rules! plain_backend {
    ($($name:ident),*) => {$(
        impl From<&$name> for Backend {
            fn from(full: &$name) -> Self {
                Self {
                    name: full.name.clone(),
                    namespace: full.namespace.clone(),
                    kind: full.kind.clone(),
                    port: full.port.clone(),
                    scheme: full.scheme.clone(),
                    strategy: full.strategy.clone(),
                    pass_host_header: full.pass_host_header,
                    sticky: full.sticky.clone(),
                    servers_transport: full.servers_transport.clone(),
                    native_lb: full.native_lb,
                    node_port_lb: full.node_port_lb,
                    health_check: full.health_check.clone(),
                    passive_health_check: full.passive_health_check.clone(),
                    response_forwarding: full.response_forwarding.clone(),
                    middlewares: full.middlewares.clone(),
                    weight: full.weight,
                }
            }
        }
    )*};
}
plain_backend!(MirrorBackend, MirroringSpec);

record! {
    /// A service made of services; exactly one kind.
    pub struct TraefikService {
        weighted "weighted": Option<Box<WeightedSpec>>,
        mirroring "mirroring": Option<Box<MirroringSpec>>,
        highest_random_weight "highestRandomWeight": Option<Box<HighestRandomWeightSpec>>,
        failover "failover": Option<Box<FailoverSpec>>,
    }
}

record! {
    /// Services that share requests by weight.
    pub struct WeightedSpec {
        services "services": Vec<Backend>,
        sticky "sticky": Option<Box<Sticky>>,
    }
}

record! {
    /// Services of which each client keeps one.
    pub struct HighestRandomWeightSpec {
        services "services": Vec<Backend>,
    }
}

record! {
    /// A service and its stand-in.
    pub struct FailoverSpec {
        service "service": Backend,
        fallback "fallback": Backend,
        errors "errors": Option<Box<FailoverErrors>>,
    }
}

record! {
    /// TCP routes.
    pub struct IngressRouteTcp {
        entry_points "entryPoints": Vec<String>,
        routes "routes": Vec<RouteTcp>,
        tls "tls": Option<Box<RouteTcpTls>>,
        ingress_class_name "ingressClassName": String,
    }
}

record! {
    /// One TCP route.
    pub struct RouteTcp {
        match_ "match": String,
        priority "priority": i64,
        syntax "syntax": String,
        services "services": Vec<BackendTcp>,
        middlewares "middlewares": Vec<Reference>,
    }
}

record! {
    /// TLS of TCP routes.
    pub struct RouteTcpTls {
        secret_name "secretName": String,
        passthrough "passthrough": bool,
        options "options": Option<Box<Reference>>,
        /// Known, and of no effect: certificates go to the store `default`.
        store "store": Option<Box<Reference>>,
        cert_resolver "certResolver": String,
        domains "domains": Vec<Domain>,
    }
}

record! {
    /// A service that gets connections.
    pub struct BackendTcp {
        name "name": String,
        namespace "namespace": String,
        port "port": Port,
        weight "weight": Option<i64>,
        /// Milliseconds.
        termination_delay "terminationDelay": Option<i64>,
        proxy_protocol "proxyProtocol": Option<Box<ProxyProtocol>>,
        servers_transport "serversTransport": String,
        tls "tls": bool,
        native_lb "nativeLB": Option<bool>,
        node_port_lb "nodePortLB": bool,
    }
}

record! {
    /// UDP routes.
    pub struct IngressRouteUdp {
        entry_points "entryPoints": Vec<String>,
        routes "routes": Vec<RouteUdp>,
        ingress_class_name "ingressClassName": String,
    }
}

record! {
    /// One UDP route.
    pub struct RouteUdp {
        services "services": Vec<BackendUdp>,
    }
}

record! {
    /// A service that gets datagrams.
    pub struct BackendUdp {
        name "name": String,
        namespace "namespace": String,
        port "port": Port,
        weight "weight": Option<i64>,
        native_lb "nativeLB": Option<bool>,
        node_port_lb "nodePortLB": bool,
    }
}

record! {
    /// How TLS is spoken with clients.
    pub struct TlsOption {
        min_version "minVersion": Option<Choice<TlsVersion>>,
        max_version "maxVersion": Option<Choice<TlsVersion>>,
        cipher_suites "cipherSuites": Vec<String>,
        curve_preferences "curvePreferences": Vec<String>,
        client_auth "clientAuth": Option<Box<TlsOptionClientAuth>>,
        sni_strict "sniStrict": bool,
        alpn_protocols "alpnProtocols": Vec<String>,
        prefer_server_cipher_suites "preferServerCipherSuites" [ignored]: Option<bool>,
        disable_session_tickets "disableSessionTickets": bool,
    }
}

record! {
    /// Whether clients must show a certificate.
    pub struct TlsOptionClientAuth {
        secret_names "secretNames": Vec<String>,
        client_auth_type "clientAuthType": Option<Choice<ClientAuthType>>,
    }
}

record! {
    /// Certificates.
    pub struct TlsStore {
        default_certificate "defaultCertificate": Option<Box<SecretName>>,
        default_generated_cert "defaultGeneratedCert": Option<Box<GeneratedCert>>,
        certificates "certificates": Vec<SecretName>,
    }
}

record! {
    /// The name of a secret.
    pub struct SecretName {
        secret_name "secretName": String,
    }
}

record! {
    /// Where a CA comes from; one of both.
    pub struct RootCa {
        secret "secret": Option<String>,
        config_map "configMap": Option<String>,
    }
}

record! {
    /// How to talk to servers.
    pub struct ServersTransport {
        server_name "serverName": String,
        insecure_skip_verify "insecureSkipVerify": bool,
        root_cas "rootCAs": Vec<RootCa>,
        /// The old way to name secrets with CAs.
        root_cas_secrets "rootCAsSecrets": Vec<String>,
        certificates_secrets "certificatesSecrets": Vec<String>,
        max_idle_conns_per_host "maxIdleConnsPerHost": i64,
        forwarding_timeouts "forwardingTimeouts": Option<Box<ForwardingTimeouts>>,
        disable_http2 "disableHTTP2": bool,
        peer_cert_uri "peerCertURI": String,
        spiffe "spiffe": Option<Box<Spiffe>>,
        cipher_suites "cipherSuites": Vec<String>,
        min_version "minVersion": Option<Choice<TlsVersion>>,
        max_version "maxVersion": Option<Choice<TlsVersion>>,
    }
}

record! {
    /// How to talk to TCP servers.
    pub struct ServersTransportTcp {
        dial_keep_alive "dialKeepAlive": GoDuration = GoDuration::from_secs(15),
        dial_timeout "dialTimeout": GoDuration = GoDuration::from_secs(30),
        proxy_protocol "proxyProtocol": Option<Box<ProxyProtocol>>,
        termination_delay "terminationDelay": GoDuration = GoDuration::from_millis(100),
        tls "tls": Option<Box<TcpTransportTls>>,
    }
}

record! {
    /// TLS towards TCP servers.
    pub struct TcpTransportTls {
        server_name "serverName": String,
        insecure_skip_verify "insecureSkipVerify": bool,
        root_cas "rootCAs": Vec<RootCa>,
        root_cas_secrets "rootCAsSecrets": Vec<String>,
        certificates_secrets "certificatesSecrets": Vec<String>,
        peer_cert_uri "peerCertURI": String,
        spiffe "spiffe": Option<Box<Spiffe>>,
    }
}

/// PEM texts of one purpose.
pub type Pems = Vec<FileOrContent>;

/// Labels or annotations.
pub type Words = BTreeMap<String, String>;
