//! IngressRouteTCP and IngressRouteUDP. Their names are not normalised (features 13.1.4).

use std::sync::Arc;

use super::hash_of;
use super::names::Identity;
use super::pen::{At, Pen, Told};
use super::resolve::Target;
use super::servers::{Address, Wanted};
use crate::config::dynamic::{
    Section, TcpLoadBalancer, TcpRouter, TcpRouterTls, TcpServer, TcpService, TcpWeighted,
    UdpLoadBalancer, UdpRouter, UdpServer, UdpService, UdpWeighted, WeightedService,
};
use crate::provider::kubernetes::objects::custom::{
    BackendTcp, BackendUdp, IngressRouteTcp, IngressRouteUdp, Port, Reference, RouteTcp, RouteUdp,
};
use crate::provider::kubernetes::objects::{Key, Kind};

/// The part of a backend that says which servers.
struct Which<'all> {
    name: &'all str,
    namespace: &'all str,
    port: &'all Port,
    native_lb: Option<bool>,
    node_port_lb: bool,
}

impl Pen<'_> {
    /// Translates an IngressRouteTCP.
    pub(super) fn ingress_route_tcp(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.ingress_routes_tcp) else {
            return;
        };
        let spec = &held.spec;
        if !self.is_of_class(&held.meta, &spec.ingress_class_name) {
            return;
        }
        let at = At::root("spec");
        // Goes when the data wing carries TCP.
        self.warn(at.field("routes"), "TCP routes are not served yet", "");
        if let Some(tls) = &spec.tls
            && !tls.passthrough
            && !tls.secret_name.is_empty()
        {
            let _told = self.certificate(&tls.secret_name, at.field("tls").field("secretName"));
        }
        for (index, route) in spec.routes.iter().enumerate() {
            // What is wrong with a route was noted, and its neighbours go on.
            let _told = self.route_tcp(spec, route, at.item("routes", index));
        }
    }

    fn route_tcp(
        &mut self,
        spec: &IngressRouteTcp,
        route: &RouteTcp,
        at: At<'_>,
    ) -> Result<(), Told> {
        if route.match_.is_empty() {
            let hint = "such as HostSNI(`*`)";
            return Err(self.error(at.field("match"), "the rule is missing", hint));
        }
        let key = &self.root.key;
        let plain = format!("{}-{}-{}", key.namespace, key.name, hash_of(&route.match_));
        let kind = self.root.kind.name();
        let own = Identity::of(&[kind, &key.namespace, &key.name, &route.match_]);
        let middlewares = self.middlewares(Kind::MiddlewareTcp, &route.middlewares, at)?;
        let service = self.route_tcp_service(route, &plain, own, at)?;
        let tls = match &spec.tls {
            None => None,
            Some(tls) => {
                let at = At::root("spec");
                let options = self.tls_options_name(tls.options.as_deref(), at.field("tls"))?;
                Some(Box::new(TcpRouterTls {
                    passthrough: tls.passthrough,
                    options,
                    cert_resolver: tls.cert_resolver.clone(),
                    domains: tls.domains.clone(),
                }))
            }
        };
        let router = TcpRouter {
            entry_points: spec.entry_points.clone(),
            middlewares,
            service,
            rule: route.match_.clone(),
            rule_syntax: self.rule_syntax(&route.syntax),
            priority: route.priority,
            tls,
        };
        let name = self.make(Section::TcpRouters, &plain, own);
        let routers = &mut self.out.configuration.tcp.routers;
        if routers.insert(name, Arc::new(router)).is_some() {
            let message = "another route of the object has the same rule; this one counts";
            self.warn(at.field("match"), message, "make one route of both");
        }
        Ok(())
    }

    fn route_tcp_service(
        &mut self,
        route: &RouteTcp,
        plain: &str,
        own: Identity,
        at: At<'_>,
    ) -> Result<String, Told> {
        if route.services.is_empty() {
            let hint = "name a Service and a port";
            return Err(self.error(at.field("services"), "the route has no service", hint));
        }
        let mut shares = Vec::new();
        let mut only = None;
        for (index, backend) in route.services.iter().enumerate() {
            let at = at.item("services", index);
            // One that is wrong leaves its share to the others.
            let Ok(service) = self.tcp_balancer(backend, at) else {
                continue;
            };
            if route.services.len() == 1 {
                only = Some(service);
                break;
            }
            let child = format!("{plain}-{}-{}", backend.name, backend.port);
            let identity = child_identity(own, &child, index);
            let name = self.make(Section::TcpServices, &child, identity);
            let services = &mut self.out.configuration.tcp.services;
            services.insert(name.clone(), Arc::new(service));
            shares.push(WeightedService {
                name,
                weight: Some(backend.weight.unwrap_or(1)),
            });
        }
        let service = match only {
            Some(service) => service,
            None if shares.is_empty() => return Err(Told),
            None => TcpService::Weighted(Box::new(TcpWeighted {
                services: shares,
                ..TcpWeighted::default()
            })),
        };
        let name = self.make(Section::TcpServices, plain, own);
        let services = &mut self.out.configuration.tcp.services;
        services.insert(name.clone(), Arc::new(service));
        Ok(name)
    }

    fn tcp_balancer(&mut self, backend: &BackendTcp, at: At<'_>) -> Result<TcpService, Told> {
        let addresses = self.stream_servers(
            &Which {
                name: &backend.name,
                namespace: &backend.namespace,
                port: &backend.port,
                native_lb: backend.native_lb,
                node_port_lb: backend.node_port_lb,
            },
            at,
        )?;
        let kind = Kind::ServersTransportTcp;
        let transport = self.any_transport(kind, &backend.servers_transport, at)?;
        let delay = backend
            .termination_delay
            .filter(|_| backend.servers_transport.is_empty());
        let servers = addresses.into_iter().map(|address| TcpServer {
            address: address.authority,
            tls: backend.tls,
        });
        Ok(TcpService::LoadBalancer(Box::new(TcpLoadBalancer {
            proxy_protocol: backend.proxy_protocol.clone(),
            servers: servers.collect(),
            servers_transport: transport,
            termination_delay: delay,
            health_check: None,
        })))
    }

    fn stream_servers(&mut self, which: &Which<'_>, at: At<'_>) -> Result<Vec<Address>, Told> {
        let reference = Reference {
            name: which.name.to_owned(),
            namespace: which.namespace.to_owned(),
        };
        let service: Key = match self.resolve(Kind::Service, &reference, at)? {
            Target::Own(key) => key,
            Target::Named(name) => {
                let message = format!("{name} is no Service of Kubernetes");
                return Err(self.error(at.field("name"), message, "name a Service"));
            }
        };
        let wanted = Wanted {
            service,
            port: which.port,
            native_lb: which.native_lb,
            node_port_lb: which.node_port_lb,
        };
        Ok(self.servers(&wanted, at)?.servers)
    }

    /// Translates an IngressRouteUDP.
    pub(super) fn ingress_route_udp(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.ingress_routes_udp) else {
            return;
        };
        let spec = &held.spec;
        if !self.is_of_class(&held.meta, &spec.ingress_class_name) {
            return;
        }
        let at = At::root("spec");
        // Goes when the data wing carries UDP.
        self.warn(at.field("routes"), "UDP routes are not served yet", "");
        for (index, route) in spec.routes.iter().enumerate() {
            // What is wrong with a route was noted, and its neighbours go on.
            let _told = self.route_udp(spec, route, index, at.item("routes", index));
        }
    }

    fn route_udp(
        &mut self,
        spec: &IngressRouteUdp,
        route: &RouteUdp,
        index: usize,
        at: At<'_>,
    ) -> Result<(), Told> {
        let key = &self.root.key;
        let number = index.to_string();
        let plain = format!("{}-{}-{number}", key.namespace, key.name);
        let own = Identity::of(&[self.root.kind.name(), &key.namespace, &key.name, &number]);
        let service = self.route_udp_service(route, &plain, own, at)?;
        let router = UdpRouter {
            entry_points: spec.entry_points.clone(),
            service,
        };
        let name = self.make(Section::UdpRouters, &plain, own);
        let routers = &mut self.out.configuration.udp.routers;
        routers.insert(name, Arc::new(router));
        Ok(())
    }

    fn route_udp_service(
        &mut self,
        route: &RouteUdp,
        plain: &str,
        own: Identity,
        at: At<'_>,
    ) -> Result<String, Told> {
        if route.services.is_empty() {
            let hint = "name a Service and a port";
            return Err(self.error(at.field("services"), "the route has no service", hint));
        }
        let mut shares = Vec::new();
        let mut only = None;
        for (index, backend) in route.services.iter().enumerate() {
            let at = at.item("services", index);
            // One that is wrong leaves its share to the others.
            let Ok(service) = self.udp_balancer(backend, at) else {
                continue;
            };
            if route.services.len() == 1 {
                only = Some(service);
                break;
            }
            let child = format!("{plain}-{}-{}", backend.name, backend.port);
            let identity = child_identity(own, &child, index);
            let name = self.make(Section::UdpServices, &child, identity);
            let services = &mut self.out.configuration.udp.services;
            services.insert(name.clone(), Arc::new(service));
            shares.push(WeightedService {
                name,
                weight: Some(backend.weight.unwrap_or(1)),
            });
        }
        let service = match only {
            Some(service) => service,
            None if shares.is_empty() => return Err(Told),
            None => UdpService::Weighted(Box::new(UdpWeighted { services: shares })),
        };
        let name = self.make(Section::UdpServices, plain, own);
        let services = &mut self.out.configuration.udp.services;
        services.insert(name.clone(), Arc::new(service));
        Ok(name)
    }

    fn udp_balancer(&mut self, backend: &BackendUdp, at: At<'_>) -> Result<UdpService, Told> {
        let addresses = self.stream_servers(
            &Which {
                name: &backend.name,
                namespace: &backend.namespace,
                port: &backend.port,
                native_lb: backend.native_lb,
                node_port_lb: backend.node_port_lb,
            },
            at,
        )?;
        let servers = addresses.into_iter().map(|address| UdpServer {
            address: address.authority,
        });
        Ok(UdpService::LoadBalancer(Box::new(UdpLoadBalancer {
            servers: servers.collect(),
        })))
    }
}

/// Children of one service that are spelled the same are told apart by their place.
fn child_identity(own: Identity, child: &str, index: usize) -> Identity {
    Identity::of(&["child", &format!("{own:?}"), child, &index.to_string()])
}
