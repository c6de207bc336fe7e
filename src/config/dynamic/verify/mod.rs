mod middleware;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::section::with_sections;
use super::{
    Configuration, Failover, HealthCheck, InFlightConn, LoadBalancer, Mirroring, Router, Section,
    ServersTransport, Service, ServiceKind, TcpIpAllowList, TcpMiddleware, TcpRouter,
    TcpServersTransport, TcpService, TlsOptions, TlsStore, TlsVersion, UdpRouter, UdpService,
    WeightedService,
};
use crate::config::decode::{Choice, Inspector, Setting};
use crate::config::places::Places;
use crate::config::report::Report;

/// Highest priority that a user may give; what is above belongs to the internal routers.
const PRIORITY_MAX: i64 = i64::MAX - 1000;

/// What is wrong with the objects of one provider in themselves. An error disables its object
/// and nothing else; whether rules can be read and names exist is not asked here.
pub fn verify(configuration: &Configuration, provider: &str, places: &Places) -> Report {
    fn all<T: Check + Setting>(
        objects: &BTreeMap<String, Arc<T>>,
        section: Section,
        inspector: &mut Inspector<'_>,
    ) {
        for (name, object) in objects {
            inspector.object(section.path(), name, |inspector| {
                object.inspect(inspector);
                object.check(inspector);
            });
        }
    }
    let mut inspector = Inspector::new(provider, places);
    macro_rules! verify_each {
        ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
            $( all(&configuration.$half.$map, Section::$variant, &mut inspector); )*
        };
    }
    with_sections! { verify_each }
    inspector.finish()
}

/// What fields cannot say by their type.
trait Check {
    fn check(&self, _inspector: &mut Inspector<'_>) {}
}

impl Check for Router {
    fn check(&self, inspector: &mut Inspector<'_>) {
        check_priority(self.priority, inspector);
        if self.rule.is_empty() {
            error(
                inspector,
                "rule",
                "a router needs a rule",
                "such as Host(`example.com`)",
            );
        }
    }
}

impl Check for TcpRouter {
    fn check(&self, inspector: &mut Inspector<'_>) {
        check_priority(self.priority, inspector);
        if self.rule.is_empty() {
            error(
                inspector,
                "rule",
                "a router needs a rule",
                "such as HostSNI(`*`)",
            );
        }
        if self.service.is_empty() {
            error(inspector, "service", "a router needs a service", "name one");
        }
    }
}

impl Check for UdpRouter {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.service.is_empty() {
            error(inspector, "service", "a router needs a service", "name one");
        }
    }
}

impl Check for Service {
    fn check(&self, inspector: &mut Inspector<'_>) {
        match self.kind() {
            ServiceKind::LoadBalancer(balancer) => {
                inspector.inside("loadBalancer", |inspector| balancer.check(inspector));
            }
            ServiceKind::HighestRandomWeight(highest) => {
                inspector.inside("highestRandomWeight", |inspector| {
                    check_weights(&highest.services, inspector);
                });
            }
            ServiceKind::Weighted(weighted) => inspector.inside("weighted", |inspector| {
                check_weights(&weighted.services, inspector);
            }),
            ServiceKind::Mirroring(mirroring) => {
                inspector.inside("mirroring", |inspector| mirroring.check(inspector));
            }
            ServiceKind::Failover(failover) => {
                inspector.inside("failover", |inspector| failover.check(inspector));
            }
            ServiceKind::Mixed => {
                let names: Vec<_> = self.kinds().map(|(name, _)| name).collect();
                let all = [
                    "loadBalancer",
                    "highestRandomWeight",
                    "weighted",
                    "mirroring",
                    "failover",
                ];
                crate::config::decode::inspect_mixed(&names, &all, inspector);
            }
        }
    }
}

impl Check for LoadBalancer {
    fn check(&self, inspector: &mut Inspector<'_>) {
        for (index, server) in self.servers.iter().enumerate() {
            if server.url.is_empty() {
                inspector.inside(&format!("servers[{index}]"), |inspector| {
                    error(
                        inspector,
                        "url",
                        "a server needs an address",
                        "such as http://10.0.0.1",
                    );
                });
            }
        }
        if let Some(check) = &self.health_check {
            inspector.inside("healthCheck", |inspector| check.check(inspector));
        }
    }
}

impl Check for HealthCheck {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.path.contains("://") {
            error(
                inspector,
                "path",
                "a whole address is not allowed here",
                "give the path alone, such as /health",
            );
        }
        for (name, span) in [("interval", self.interval), ("timeout", self.timeout)] {
            if span.is_zero() || span.is_negative() {
                inspector.inside(name, |inspector| {
                    inspector.warning("is not above zero; the default is used", None);
                });
            }
        }
        if self.path.is_empty() {
            inspector.inside("path", |inspector| {
                let hint = "such as /health".to_owned();
                inspector.warning("is missing; the server's own is asked", Some(hint));
            });
        }
    }
}

impl Check for Mirroring {
    fn check(&self, inspector: &mut Inspector<'_>) {
        for (index, mirror) in self.mirrors.iter().enumerate() {
            if !(0..=100).contains(&mirror.percent) {
                let path = format!("mirrors[{index}].percent");
                error(
                    inspector,
                    &path,
                    "must be from 0 to 100",
                    "it is a share of all requests",
                );
            }
        }
    }
}

impl Check for Failover {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.service.is_empty() || self.fallback.is_empty() {
            inspector.error("failover needs service and fallback", None);
        }
        if let Some(errors) = &self.errors {
            inspector.inside("errors", |inspector| {
                check_status(&errors.status, inspector);
            });
        }
    }
}

impl Check for ServersTransport {}

impl Check for TcpServersTransport {}

impl Check for TcpService {
    fn check(&self, inspector: &mut Inspector<'_>) {
        match self {
            Self::Weighted(weighted) => inspector.inside("weighted", |inspector| {
                check_weights(&weighted.services, inspector);
            }),
            Self::LoadBalancer(_) | Self::Mixed(_) => {}
        }
    }
}

impl Check for TcpMiddleware {
    fn check(&self, inspector: &mut Inspector<'_>) {
        inspector.inside(self.kind(), |inspector| match self {
            Self::InFlightConn(limit) => limit.check(inspector),
            Self::IpAllowList(list) | Self::IpWhiteList(list) => list.check(inspector),
            Self::Mixed(_) => {}
        });
    }
}

impl Check for InFlightConn {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.amount < 0 {
            error(
                inspector,
                "amount",
                "must not be negative",
                "connections of one address",
            );
        }
    }
}

impl Check for TcpIpAllowList {
    fn check(&self, inspector: &mut Inspector<'_>) {
        check_ranges(&self.source_range, inspector);
    }
}

impl Check for UdpService {
    fn check(&self, inspector: &mut Inspector<'_>) {
        match self {
            Self::Weighted(weighted) => inspector.inside("weighted", |inspector| {
                check_weights(&weighted.services, inspector);
            }),
            Self::LoadBalancer(_) | Self::Mixed(_) => {}
        }
    }
}

impl Check for TlsOptions {
    fn check(&self, inspector: &mut Inspector<'_>) {
        let version = |choice: &Option<Choice<TlsVersion>>| choice.as_ref().and_then(Choice::known);
        if let (Some(least), Some(most)) = (version(&self.min_version), version(&self.max_version))
            && least > most
        {
            error(
                inspector,
                "maxVersion",
                "is below minVersion",
                "no client could connect",
            );
        }
    }
}

impl Check for TlsStore {}

fn check_priority(priority: i64, inspector: &mut Inspector<'_>) {
    if priority > PRIORITY_MAX {
        let most = format!("it can be {PRIORITY_MAX} at most");
        error(inspector, "priority", "is too high", &most);
    }
}

fn check_weights(services: &[WeightedService], inspector: &mut Inspector<'_>) {
    for (index, service) in services.iter().enumerate() {
        inspector.inside(&format!("services[{index}]"), |inspector| {
            if service.name.is_empty() {
                error(inspector, "name", "must not be empty", "name a service");
            }
            if service.weight.is_some_and(|weight| weight < 0) {
                inspector.inside("weight", |inspector| {
                    inspector.warning("is negative and taken as 0, which is never", None);
                });
            }
        });
    }
}

fn check_ranges(ranges: &[String], inspector: &mut Inspector<'_>) {
    if ranges.is_empty() {
        error(
            inspector,
            "sourceRange",
            "must not be empty",
            "such as 10.0.0.0/8",
        );
    }
}

/// Each item is a status or a range of them, or several with commas: `404`, `500-599`.
fn check_status(items: &[String], inspector: &mut Inspector<'_>) {
    for (index, item) in items.iter().enumerate() {
        if !item.split(',').all(is_status_range) {
            let path = format!("status[{index}]");
            let message = format!("{item:?} is no status");
            error(inspector, &path, &message, "such as 404 or 500-599");
        }
    }
}

fn is_status_range(text: &str) -> bool {
    let code = |text: &str| text.parse::<u16>().ok().filter(|c| (100..1000).contains(c));
    match text.trim().split_once('-') {
        None => code(text.trim()).is_some(),
        Some((from, to)) => matches!((code(from), code(to)), (Some(f), Some(t)) if f <= t),
    }
}

fn error(inspector: &mut Inspector<'_>, field: &str, message: &str, hint: &str) {
    inspector.inside(field, |inspector| {
        inspector.error(message, Some(hint.to_owned()));
    });
}
