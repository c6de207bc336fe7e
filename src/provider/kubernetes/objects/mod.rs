//! Objects of a cluster: the fields that are read, and nothing else of them, by kind and name.
//!
//! `read` makes an object of a tree, whichever of a manifest or an API server the tree came from.
//! Never here: what an object means; how it was fetched.

pub mod core;
pub mod custom;
mod kind;
pub mod middleware;
mod read;
mod shelf;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::Places;
use crate::config::dynamic::TcpMiddleware;

pub use kind::{Group, Key, Kind};
pub use read::{Fault, Outcome, SERVICE_LABEL, read};
pub use shelf::Shelf;

/// An object with what is known of where it came from.
#[derive(Clone, Debug)]
pub struct Held<T> {
    pub meta: Meta,
    pub spec: T,
    /// Where its fields stand, when it came from a file.
    pub places: Option<Arc<Places>>,
}

/// Two are equal when they say the same; where that stands does not matter.
impl<T: PartialEq> PartialEq for Held<T> {
    fn eq(&self, other: &Self) -> bool {
        self.meta == other.meta && self.spec == other.spec
    }
}

/// What is kept of an object's metadata.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Meta {
    pub key: Key,
    /// Those that mean something here, names in lower case.
    pub annotations: custom::Words,
    /// Kept when objects come from files: an API server selects by itself.
    pub labels: custom::Words,
}

/// One object of any kind.
#[derive(Clone, Debug)]
pub enum Object {
    IngressRoute(Held<custom::IngressRoute>),
    IngressRouteTcp(Held<custom::IngressRouteTcp>),
    IngressRouteUdp(Held<custom::IngressRouteUdp>),
    Middleware(Held<middleware::Middleware>),
    MiddlewareTcp(Held<TcpMiddleware>),
    TraefikService(Held<custom::TraefikService>),
    TlsOption(Held<custom::TlsOption>),
    TlsStore(Held<custom::TlsStore>),
    ServersTransport(Held<custom::ServersTransport>),
    ServersTransportTcp(Held<custom::ServersTransportTcp>),
    Ingress(Held<core::Ingress>),
    IngressClass(Held<core::IngressClass>),
    Service(Held<core::Service>),
    /// The service, which a label names, and the slice.
    EndpointSlice(Key, Held<core::Slice>),
    Secret(Held<core::Secret>),
    ConfigMap(Held<core::ConfigMap>),
    Node(Held<core::ClusterNode>),
}

/// What an object is called: changes are told by it, and fragments depend on it.
///
/// The slices of a service have the name of the service; all nodes together, and all classes,
/// the empty name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct ObjectRef {
    pub kind: Kind,
    pub key: Key,
}

impl ObjectRef {
    pub fn new(kind: Kind, key: Key) -> Self {
        Self { kind, key }
    }

    /// All objects of a kind.
    pub fn all(kind: Kind) -> Self {
        Self::new(kind, Key::new("", ""))
    }
}

impl std::fmt::Display for ObjectRef {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.kind, self.key)
    }
}

/// All objects that are known.
#[derive(Debug, Default)]
pub struct Objects {
    pub ingress_routes: Shelf<custom::IngressRoute>,
    pub ingress_routes_tcp: Shelf<custom::IngressRouteTcp>,
    pub ingress_routes_udp: Shelf<custom::IngressRouteUdp>,
    pub middlewares: Shelf<middleware::Middleware>,
    pub middlewares_tcp: Shelf<TcpMiddleware>,
    pub traefik_services: Shelf<custom::TraefikService>,
    pub tls_options: Shelf<custom::TlsOption>,
    pub tls_stores: Shelf<custom::TlsStore>,
    pub servers_transports: Shelf<custom::ServersTransport>,
    pub servers_transports_tcp: Shelf<custom::ServersTransportTcp>,
    pub ingresses: Shelf<core::Ingress>,
    pub ingress_classes: Shelf<core::IngressClass>,
    pub services: Shelf<core::Service>,
    /// By service, then by their own names.
    pub slices: BTreeMap<Key, BTreeMap<Box<str>, core::Slice>>,
    /// Which service each slice belongs to.
    slice_owners: BTreeMap<Key, Key>,
    pub secrets: Shelf<core::Secret>,
    pub config_maps: Shelf<core::ConfigMap>,
    pub nodes: Shelf<core::ClusterNode>,
}

impl Objects {
    /// Takes an object in, in place of the one it replaces. Tells what changed, if it did.
    pub fn put(&mut self, group: Group, object: Object) -> Vec<ObjectRef> {
        match object {
            Object::IngressRoute(held) => self.ingress_routes.put(Kind::IngressRoute, group, held),
            Object::IngressRouteTcp(held) => {
                self.ingress_routes_tcp
                    .put(Kind::IngressRouteTcp, group, held)
            }
            Object::IngressRouteUdp(held) => {
                self.ingress_routes_udp
                    .put(Kind::IngressRouteUdp, group, held)
            }
            Object::Middleware(held) => self.middlewares.put(Kind::Middleware, group, held),
            Object::MiddlewareTcp(held) => {
                self.middlewares_tcp.put(Kind::MiddlewareTcp, group, held)
            }
            Object::TraefikService(held) => {
                self.traefik_services.put(Kind::TraefikService, group, held)
            }
            Object::TlsOption(held) => self.tls_options.put(Kind::TlsOption, group, held),
            Object::TlsStore(held) => self.tls_stores.put(Kind::TlsStore, group, held),
            Object::ServersTransport(held) => {
                self.servers_transports
                    .put(Kind::ServersTransport, group, held)
            }
            Object::ServersTransportTcp(held) => {
                self.servers_transports_tcp
                    .put(Kind::ServersTransportTcp, group, held)
            }
            Object::Ingress(held) => self.ingresses.put(Kind::Ingress, group, held),
            Object::IngressClass(held) => self.ingress_classes.put(Kind::IngressClass, group, held),
            Object::Service(held) => self.services.put(Kind::Service, group, held),
            Object::EndpointSlice(service, held) => self.put_slice(service, held),
            Object::Secret(held) => self.secrets.put(Kind::Secret, group, held),
            Object::ConfigMap(held) => self.config_maps.put(Kind::ConfigMap, group, held),
            Object::Node(held) => self.nodes.put(Kind::Node, group, held),
        }
    }

    /// Takes an object away. Tells what changed, if it was there.
    pub fn remove(&mut self, kind: Kind, group: Group, key: &Key) -> Vec<ObjectRef> {
        match kind {
            Kind::IngressRoute => self.ingress_routes.remove(kind, group, key),
            Kind::IngressRouteTcp => self.ingress_routes_tcp.remove(kind, group, key),
            Kind::IngressRouteUdp => self.ingress_routes_udp.remove(kind, group, key),
            Kind::Middleware => self.middlewares.remove(kind, group, key),
            Kind::MiddlewareTcp => self.middlewares_tcp.remove(kind, group, key),
            Kind::TraefikService => self.traefik_services.remove(kind, group, key),
            Kind::TlsOption => self.tls_options.remove(kind, group, key),
            Kind::TlsStore => self.tls_stores.remove(kind, group, key),
            Kind::ServersTransport => self.servers_transports.remove(kind, group, key),
            Kind::ServersTransportTcp => self.servers_transports_tcp.remove(kind, group, key),
            Kind::Ingress => self.ingresses.remove(kind, group, key),
            Kind::IngressClass => self.ingress_classes.remove(kind, group, key),
            Kind::Service => self.services.remove(kind, group, key),
            Kind::EndpointSlice => self.remove_slice(key),
            Kind::Secret => self.secrets.remove(kind, group, key),
            Kind::ConfigMap => self.config_maps.remove(kind, group, key),
            Kind::Node => self.nodes.remove(kind, group, key),
        }
    }

    /// The names of all objects of a kind in one group: what a new list is compared with.
    pub fn keys(&self, kind: Kind, group: Group) -> Vec<Key> {
        match kind {
            Kind::IngressRoute => self.ingress_routes.keys(group),
            Kind::IngressRouteTcp => self.ingress_routes_tcp.keys(group),
            Kind::IngressRouteUdp => self.ingress_routes_udp.keys(group),
            Kind::Middleware => self.middlewares.keys(group),
            Kind::MiddlewareTcp => self.middlewares_tcp.keys(group),
            Kind::TraefikService => self.traefik_services.keys(group),
            Kind::TlsOption => self.tls_options.keys(group),
            Kind::TlsStore => self.tls_stores.keys(group),
            Kind::ServersTransport => self.servers_transports.keys(group),
            Kind::ServersTransportTcp => self.servers_transports_tcp.keys(group),
            Kind::Ingress => self.ingresses.keys(group),
            Kind::IngressClass => self.ingress_classes.keys(group),
            Kind::Service => self.services.keys(group),
            Kind::EndpointSlice => self.slice_owners.keys().cloned().collect(),
            Kind::Secret => self.secrets.keys(group),
            Kind::ConfigMap => self.config_maps.keys(group),
            Kind::Node => self.nodes.keys(group),
        }
    }

    /// Where the fields of an object stand in a file.
    pub fn places(&self, object: &ObjectRef) -> Option<Arc<Places>> {
        fn of<T>(shelf: &Shelf<T>, key: &Key) -> Option<Arc<Places>> {
            shelf.find(key)?.places.clone()
        }
        let key = &object.key;
        match object.kind {
            Kind::IngressRoute => of(&self.ingress_routes, key),
            Kind::IngressRouteTcp => of(&self.ingress_routes_tcp, key),
            Kind::IngressRouteUdp => of(&self.ingress_routes_udp, key),
            Kind::Middleware => of(&self.middlewares, key),
            Kind::MiddlewareTcp => of(&self.middlewares_tcp, key),
            Kind::TraefikService => of(&self.traefik_services, key),
            Kind::TlsOption => of(&self.tls_options, key),
            Kind::TlsStore => of(&self.tls_stores, key),
            Kind::ServersTransport => of(&self.servers_transports, key),
            Kind::ServersTransportTcp => of(&self.servers_transports_tcp, key),
            Kind::Ingress => of(&self.ingresses, key),
            Kind::IngressClass
            | Kind::Service
            | Kind::EndpointSlice
            | Kind::Secret
            | Kind::ConfigMap
            | Kind::Node => None,
        }
    }

    fn put_slice(&mut self, service: Key, held: Held<core::Slice>) -> Vec<ObjectRef> {
        let own = held.meta.key;
        let mut changed = Vec::new();
        let owner = self.slice_owners.insert(own.clone(), service.clone());
        if let Some(before) = owner.filter(|before| *before != service) {
            changed.extend(self.take_slice(&before, &own));
        }
        let slices = self.slices.entry(service.clone()).or_default();
        let before = slices.insert(own.name, held.spec.clone());
        if before.as_ref() != Some(&held.spec) {
            changed.push(ObjectRef::new(Kind::EndpointSlice, service));
        }
        changed
    }

    fn remove_slice(&mut self, key: &Key) -> Vec<ObjectRef> {
        let owner = self.slice_owners.remove(key);
        owner
            .and_then(|service| self.take_slice(&service, key))
            .into_iter()
            .collect()
    }

    fn take_slice(&mut self, service: &Key, slice: &Key) -> Option<ObjectRef> {
        let slices = self.slices.get_mut(service)?;
        slices.remove(&slice.name)?;
        if slices.is_empty() {
            self.slices.remove(service);
        }
        Some(ObjectRef::new(Kind::EndpointSlice, service.clone()))
    }
}
