//! HTTP services: of Kubernetes, and those that TraefikService makes of them.

use std::sync::Arc;

use super::names::Identity;
use super::pen::{At, Pen, Told};
use super::resolve::{Target, identity, plain_name};
use super::servers::Wanted;
use super::{hash_of, normalized};
use crate::config::decode::Choice;
use crate::config::dynamic::{
    Failover, HighestRandomWeight, LoadBalancer, Mirror, Mirroring, Section, Server, Service,
    Strategy, Weighted, WeightedService,
};
use crate::provider::kubernetes::objects::custom::{
    Backend, FailoverSpec, HighestRandomWeightSpec, MirroringSpec, Reference, WeightedSpec,
};
use crate::provider::kubernetes::objects::{Key, Kind};

/// What a backend is.
pub(super) enum Built {
    /// A service that has a name already.
    Named(String),
    /// A service of its own, where it comes from, and the name it has among others.
    Own(Box<Service>, String, Identity),
}

/// What a TraefikService, or a route with several services, combines.
pub(super) enum Combined<'all> {
    Weighted(&'all WeightedSpec),
    Mirroring(&'all MirroringSpec),
    HighestRandomWeight(&'all HighestRandomWeightSpec),
    Failover(&'all FailoverSpec),
}

impl Pen<'_> {
    /// Translates a TraefikService.
    pub(super) fn traefik_service(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.traefik_services) else {
            return;
        };
        let at = At::root("spec");
        let spec = &held.spec;
        let kinds = [
            spec.weighted.as_deref().map(Combined::Weighted),
            spec.mirroring.as_deref().map(Combined::Mirroring),
            spec.highest_random_weight
                .as_deref()
                .map(Combined::HighestRandomWeight),
            spec.failover.as_deref().map(Combined::Failover),
        ];
        let mut kinds = kinds.into_iter().flatten();
        let (Some(kind), None) = (kinds.next(), kinds.next()) else {
            let message = "a TraefikService has exactly one kind";
            let hint = "it can be weighted, mirroring, highestRandomWeight or failover";
            self.error(at, message, hint);
            return;
        };
        let key = &self.root.key;
        let (_, plain) = plain_name(Kind::TraefikService, key);
        let own = identity(Kind::TraefikService, key);
        if let Ok(service) = self.combined(&kind, at) {
            let name = self.make(Section::HttpServices, &plain, own);
            self.put_service(name, service);
        }
    }

    pub(super) fn put_service(&mut self, name: String, service: Service) {
        let services = &mut self.out.configuration.http.services;
        services.insert(name, Arc::new(service));
    }

    /// A service made of others, which are put in as well.
    pub(super) fn combined(&mut self, kind: &Combined<'_>, at: At<'_>) -> Result<Service, Told> {
        let mut service = Service::default();
        match kind {
            Combined::Weighted(spec) => {
                let at = at.field("weighted");
                service.weighted = Some(Box::new(Weighted {
                    services: self.shares(&spec.services, at)?,
                    sticky: spec.sticky.clone(),
                    ..Weighted::default()
                }));
            }
            Combined::HighestRandomWeight(spec) => {
                let at = at.field("highestRandomWeight");
                service.highest_random_weight = Some(Box::new(HighestRandomWeight {
                    services: self.shares(&spec.services, at)?,
                    ..HighestRandomWeight::default()
                }));
            }
            Combined::Mirroring(spec) => {
                service.mirroring = Some(Box::new(self.mirroring(spec, at.field("mirroring"))?));
            }
            Combined::Failover(spec) => {
                let at = at.field("failover");
                service.failover = Some(Box::new(Failover {
                    service: self.child(&spec.service, at.field("service"))?,
                    fallback: self.child(&spec.fallback, at.field("fallback"))?,
                    errors: spec.errors.clone(),
                    ..Failover::default()
                }));
            }
        }
        Ok(service)
    }

    /// The services of a list, with their weights.
    pub(super) fn shares(
        &mut self,
        backends: &[Backend],
        at: At<'_>,
    ) -> Result<Vec<WeightedService>, Told> {
        let mut shares = Vec::with_capacity(backends.len());
        for (index, backend) in backends.iter().enumerate() {
            let name = self.child(backend, at.item("services", index))?;
            shares.push(WeightedService {
                name,
                weight: Some(backend.weight.unwrap_or(1)),
            });
        }
        Ok(shares)
    }

    fn mirroring(&mut self, spec: &MirroringSpec, at: At<'_>) -> Result<Mirroring, Told> {
        let service = self.child(&spec.into(), at)?;
        let mut mirrors = Vec::with_capacity(spec.mirrors.len());
        for (index, mirror) in spec.mirrors.iter().enumerate() {
            mirrors.push(Mirror {
                name: self.child(&mirror.into(), at.item("mirrors", index))?,
                percent: mirror.percent,
            });
        }
        Ok(Mirroring {
            service,
            mirror_body: spec.mirror_body,
            max_body_size: spec.max_body_size,
            mirrors,
            ..Mirroring::default()
        })
    }

    /// Puts in the service that a backend is, and gives its name.
    pub(super) fn child(&mut self, backend: &Backend, at: At<'_>) -> Result<String, Told> {
        match self.backend(backend, at)? {
            Built::Named(name) => Ok(name),
            Built::Own(service, plain, identity) => {
                let name = self.make(Section::HttpServices, &plain, identity);
                self.put_service(name.clone(), *service);
                Ok(name)
            }
        }
    }

    /// What a backend is: a service with a name, or one to be put in.
    pub(super) fn backend(&mut self, backend: &Backend, at: At<'_>) -> Result<Built, Told> {
        let reference = Reference {
            name: backend.name.clone(),
            namespace: backend.namespace.clone(),
        };
        match backend.kind.as_str() {
            "" | "Service" => match self.resolve(Kind::Service, &reference, at)? {
                Target::Own(key) => self.load_balancer(backend, key, at),
                Target::Named(name) => {
                    let message = format!("{name} is no Service of Kubernetes");
                    let hint = "write kind: TraefikService beside it";
                    Err(self.error(at.field("name"), message, hint))
                }
            },
            "TraefikService" => {
                let name = self.named(Kind::TraefikService, &reference, at)?;
                Ok(Built::Named(name))
            }
            other => {
                let message = format!("there is no kind {other:?} of services");
                let hint = "it can be Service or TraefikService";
                Err(self.error(at.field("kind"), message, hint))
            }
        }
    }

    fn load_balancer(&mut self, backend: &Backend, key: Key, at: At<'_>) -> Result<Built, Told> {
        let wanted = Wanted {
            service: key,
            port: &backend.port,
            native_lb: backend.native_lb,
            node_port_lb: backend.node_port_lb,
        };
        let found = self.servers(&wanted, at)?;
        let Some(scheme) = found.scheme(&backend.scheme) else {
            let message = format!("there is no scheme {:?}", backend.scheme);
            return Err(self.error(at.field("scheme"), message, "it can be http, https or h2c"));
        };
        if backend.health_check.is_some() && !found.is_external {
            let message = "only a Service of type ExternalName can have a health check";
            let hint = "leave it out: the readiness of pods is known from the cluster";
            return Err(self.error(at.field("healthCheck"), message, hint));
        }
        let servers = found.servers.into_iter().map(|address| Server {
            url: format!("{scheme}://{}", address.authority),
            fenced: address.is_fenced,
            ..Server::default()
        });
        let balancer = LoadBalancer {
            servers: servers.collect(),
            strategy: self.strategy(&backend.strategy, at)?,
            sticky: backend.sticky.clone(),
            health_check: backend.health_check.clone(),
            passive_health_check: backend.passive_health_check.clone(),
            pass_host_header: backend.pass_host_header.unwrap_or(true),
            response_forwarding: backend
                .response_forwarding
                .clone()
                .or_else(|| LoadBalancer::default().response_forwarding),
            servers_transport: self.transport(&backend.servers_transport, at)?,
            ..LoadBalancer::default()
        };
        let service = Service {
            load_balancer: Some(Box::new(balancer)),
            middlewares: self.middlewares(Kind::Middleware, &backend.middlewares, at)?,
            ..Service::default()
        };
        let key = &wanted.service;
        let full = format!("{}-{}-{}", key.namespace, key.name, backend.port);
        let identity = backend_identity(backend, key);
        Ok(Built::Own(Box::new(service), normalized(&full), identity))
    }

    fn strategy(&mut self, text: &str, at: At<'_>) -> Result<Choice<Strategy>, Told> {
        match text {
            "" | "wrr" => Ok(Choice::Known(Strategy::Wrr)),
            "p2c" => Ok(Choice::Known(Strategy::P2c)),
            "hrw" => Ok(Choice::Known(Strategy::Hrw)),
            "leasttime" => Ok(Choice::Known(Strategy::LeastTime)),
            "RoundRobin" => {
                let message = "RoundRobin is the old word for wrr";
                self.warn(at.field("strategy"), message, "write wrr");
                Ok(Choice::Known(Strategy::Wrr))
            }
            other => {
                let message = format!("there is no strategy {other:?}");
                let hint = "it can be wrr, p2c, hrw or leasttime";
                Err(self.error(at.field("strategy"), message, hint))
            }
        }
    }

    /// The name of a servers transport.
    pub(super) fn transport(&mut self, name: &str, at: At<'_>) -> Result<String, Told> {
        self.any_transport(Kind::ServersTransport, name, at)
    }

    /// The name of a servers transport of one kind.
    pub(super) fn any_transport(
        &mut self,
        kind: Kind,
        name: &str,
        at: At<'_>,
    ) -> Result<String, Told> {
        if name.is_empty() {
            return Ok(String::new());
        }
        let reference = Reference {
            name: name.to_owned(),
            namespace: String::new(),
        };
        self.named(kind, &reference, at.field("serversTransport"))
    }
}

/// Services of one Service and port share a name as long as all that is said about them is the
/// same. Where something differs, they are two.
fn backend_identity(backend: &Backend, key: &Key) -> Identity {
    let plain = Backend {
        name: String::new(),
        namespace: String::new(),
        kind: String::new(),
        port: backend.port.clone(),
        weight: None,
        ..backend.clone()
    };
    let options = if plain
        == (Backend {
            port: backend.port.clone(),
            ..Backend::default()
        }) {
        String::new()
    } else {
        hash_of(&format!("{plain:?}"))
    };
    let port = backend.port.to_string();
    Identity::of(&["Service", &key.namespace, &key.name, &port, &options])
}
