use std::collections::BTreeMap;

use crate::config::decode::{Choice, record, words};
use crate::config::duration::GoDuration;

record! {
    /// Where requests go; right is exactly one kind (features 5). `kind` tells which.
    pub struct Service {
        load_balancer "loadBalancer": Option<Box<LoadBalancer>>,
        highest_random_weight "highestRandomWeight": Option<Box<HighestRandomWeight>>,
        weighted "weighted": Option<Box<Weighted>>,
        mirroring "mirroring": Option<Box<Mirroring>>,
        failover "failover": Option<Box<Failover>>,
        /// Middlewares behind the router's, for this service alone (features 5.12).
        middlewares "middlewares": Vec<String>,
    }
}

/// The one kind that a service has.
#[derive(Clone, Copy, Debug)]
pub enum ServiceKind<'service> {
    LoadBalancer(&'service LoadBalancer),
    HighestRandomWeight(&'service HighestRandomWeight),
    Weighted(&'service Weighted),
    Mirroring(&'service Mirroring),
    Failover(&'service Failover),
    /// None, or more than one: wrong.
    Mixed,
}

impl Service {
    pub fn kind(&self) -> ServiceKind<'_> {
        let mut kinds = self.kinds();
        match (kinds.next(), kinds.next()) {
            (Some((_, only)), None) => only,
            _ => ServiceKind::Mixed,
        }
    }

    /// All kinds that are given, with the names that users write.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, ServiceKind<'_>)> {
        let balancer = self.load_balancer.as_deref().map(ServiceKind::LoadBalancer);
        let highest = self.highest_random_weight.as_deref();
        let weighted = self.weighted.as_deref().map(ServiceKind::Weighted);
        let mirroring = self.mirroring.as_deref().map(ServiceKind::Mirroring);
        let failover = self.failover.as_deref().map(ServiceKind::Failover);
        [
            ("loadBalancer", balancer),
            (
                "highestRandomWeight",
                highest.map(ServiceKind::HighestRandomWeight),
            ),
            ("weighted", weighted),
            ("mirroring", mirroring),
            ("failover", failover),
        ]
        .into_iter()
        .filter_map(|(name, kind)| kind.map(|kind| (name, kind)))
    }
}

record! {
    /// Servers that share the requests (features 5.1).
    pub struct LoadBalancer {
        sticky "sticky" [empty]: Option<Box<Sticky>>,
        servers "servers": Vec<Server>,
        strategy "strategy": Choice<Strategy> = Choice::Known(Strategy::Wrr),
        health_check "healthCheck": Option<Box<HealthCheck>>,
        passive_health_check "passiveHealthCheck" [empty]: Option<Box<PassiveHealthCheck>>,
        /// The server sees the client's Host.
        pass_host_header "passHostHeader" [always]: bool = true,
        response_forwarding "responseForwarding": Option<Box<ResponseForwarding>>
            = Some(Box::default()),
        servers_transport "serversTransport": String,
        /// Beyond Traefik: a server that is back gets its share little by little over so long;
        /// 0: at once.
        slow_start "slowStart": GoDuration,
    }
}

words! {
    /// How a server is chosen (features 5.2 to 5.5).
    strict pub enum Strategy {
        /// Weighted round robin.
        Wrr "wrr",
        /// The less busy of two taken at random.
        P2c "p2c",
        /// Highest random weight: by the client's address.
        Hrw "hrw",
        /// The one that answers soonest.
        LeastTime "leasttime",
        /// Beyond Traefik: the one with the fewest requests in flight for its weight.
        LeastConn "leastconn",
    }
}

record! {
    /// One server.
    pub struct Server {
        url "url": String,
        /// Not given: 1. Zero or less: skipped.
        weight "weight": Option<i64>,
        /// The path of `url` goes before that of the request.
        preserve_path "preservePath": bool,
        /// It takes no new clients, only those that a sticky cookie brings (features 15.19).
        /// Traefik's Kubernetes providers set it; here files may, too.
        fenced "fenced": bool,
    }
}

record! {
    /// Keeps a client at its server.
    pub struct Sticky {
        cookie "cookie" [empty]: Option<Box<Cookie>>,
    }
}

record! {
    /// The cookie that keeps a client at its server (features 5.9).
    pub struct Cookie {
        /// Empty: made from the service's name.
        name "name": String,
        secure "secure": bool,
        http_only "httpOnly": bool,
        same_site "sameSite": Option<Choice<SameSite>>,
        /// Seconds; 0: until the browser ends.
        max_age "maxAge": i64,
        path "path": Option<String> = Some("/".to_owned()),
        domain "domain": String,
    }
}

words! {
    /// The cookie's `SameSite`.
    lenient pub enum SameSite { None "none", Lax "lax", Strict "strict" }
}

record! {
    /// How often a body is passed on while it comes in.
    pub struct ResponseForwarding {
        /// Negative: at once.
        flush_interval "flushInterval": GoDuration = GoDuration::from_millis(100),
    }
}

record! {
    /// Asks servers whether they live (features 5.10).
    pub struct HealthCheck {
        scheme "scheme": String,
        mode "mode": Option<Choice<HealthMode>> = Some(Choice::Known(HealthMode::Http)),
        path "path": String,
        /// Empty: GET.
        method "method": String,
        /// The status that is expected; 0: 200 to 399.
        status "status": i64,
        /// 0: that of the server.
        port "port": i64,
        interval "interval": GoDuration = GoDuration::from_secs(30),
        /// Not given: as `interval`.
        unhealthy_interval "unhealthyInterval": Option<GoDuration>,
        timeout "timeout": GoDuration = GoDuration::from_secs(5),
        hostname "hostname": String,
        follow_redirects "followRedirects" [always]: bool = true,
        headers "headers": BTreeMap<String, String>,
        /// Beyond Traefik: checks in a row that must fail before a server is down; not given: 1.
        fails "fails": Option<i64>,
        /// Beyond Traefik: checks in a row that must pass before it is up again; not given: 1.
        passes "passes": Option<i64>,
    }
}

words! {
    /// What a health check speaks.
    lenient pub enum HealthMode { Http "http", Grpc "grpc" }
}

record! {
    /// Learns from real requests whether servers live (features 5.11).
    pub struct PassiveHealthCheck {
        failure_window "failureWindow": GoDuration = GoDuration::from_secs(10),
        max_failed_attempts "maxFailedAttempts": i64 = 1,
    }
}

record! {
    /// Passes the health of what is below upwards; `healthCheck: {}` switches it on.
    pub struct Propagation {}
}

record! {
    /// Services that share the requests by weight (features 5.6).
    pub struct Weighted {
        services "services": Vec<WeightedService>,
        sticky "sticky": Option<Box<Sticky>>,
        health_check "healthCheck" [empty]: Option<Propagation>,
    }
}

record! {
    /// One of the services that share.
    pub struct WeightedService {
        name "name": String,
        /// 0: never.
        weight "weight": Option<i64> = Some(1),
    }
}

record! {
    /// Services of which each client keeps one (features 5.4).
    pub struct HighestRandomWeight {
        services "services": Vec<WeightedService>,
        health_check "healthCheck" [empty]: Option<Propagation>,
    }
}

record! {
    /// Copies some requests to other services (features 5.7).
    pub struct Mirroring {
        service "service": String,
        mirror_body "mirrorBody": Option<bool> = Some(true),
        /// Larger bodies are not mirrored; -1: no limit.
        max_body_size "maxBodySize": Option<i64> = Some(-1),
        mirrors "mirrors": Vec<Mirror>,
        health_check "healthCheck" [empty]: Option<Propagation>,
    }
}

record! {
    /// One service that gets copies.
    pub struct Mirror {
        name "name": String,
        percent "percent": i64,
    }
}

record! {
    /// A service and the one that stands in for it (features 5.8).
    pub struct Failover {
        service "service": String,
        fallback "fallback": String,
        health_check "healthCheck" [empty]: Option<Propagation>,
        errors "errors": Option<Box<FailoverErrors>>,
    }
}

record! {
    /// Answers of the main service that send the request to the fallback.
    pub struct FailoverErrors {
        /// Such as `500-599` or `404`.
        status "status": Vec<String>,
        /// Larger bodies are refused with 413; -1: no limit.
        max_request_body_bytes "maxRequestBodyBytes": Option<i64> = Some(-1),
    }
}
