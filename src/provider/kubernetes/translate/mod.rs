//! Objects of a cluster to dynamic configuration, one object at a time, without a network.
//!
//! A `Book` keeps the fragment of every object and makes anew only what a change touches.
//! Names are Traefik's (features 13.1.4 to 13.1.6, 13.2.4); `resolve` alone decides what a
//! reference leads to; rules of Ingresses are put together from quoted values.
//! Never here: how objects are fetched; whether a rule or a name makes sense to the router.

mod annotations;
mod auth;
mod book;
mod ingress;
mod middlewares;
mod names;
mod pen;
mod resolve;
mod routes;
mod rule;
mod servers;
mod services;
mod streams;
mod tls;
mod transports;

#[cfg(test)]
mod tests;

use self::names::{Names, normalized, short_hash as hash_of};
use self::pen::{Fragment, Pen};
use super::objects::{Kind, ObjectRef, Objects};
use crate::config::statics::Kubernetes;

pub use book::{Book, Changed};
pub use ingress::is_ours;

/// Which of the two providers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flavour {
    /// IngressRoute and its relatives.
    Custom,
    Ingress,
}

impl Flavour {
    /// The provider's name, behind the `@` of its objects.
    pub fn provider(self) -> &'static str {
        match self {
            Self::Custom => "kubernetescrd",
            Self::Ingress => "kubernetes",
        }
    }

    /// The kinds of which each object becomes a fragment.
    pub fn roots(self) -> &'static [Kind] {
        match self {
            Self::Custom => &Kind::CUSTOM,
            Self::Ingress => &[Kind::Ingress],
        }
    }
}

/// All that a translation looks at.
#[derive(Clone, Copy, Debug)]
pub struct World<'all> {
    pub objects: &'all Objects,
    pub options: &'all Kubernetes,
    pub flavour: Flavour,
    /// Rules without a syntax of their own are read as version 2.
    pub is_rule_v2: bool,
    /// What comes out of Secrets is left out: the result is to be shown to people.
    pub hides_secrets: bool,
}

/// Translates one object. What is not there becomes an empty fragment.
fn translate(world: World<'_>, names: &Names, root: &ObjectRef) -> Fragment {
    let mut pen = Pen::new(world, names, root);
    match root.kind {
        Kind::IngressRoute => pen.ingress_route(),
        Kind::IngressRouteTcp => pen.ingress_route_tcp(),
        Kind::IngressRouteUdp => pen.ingress_route_udp(),
        Kind::Middleware => pen.middleware(),
        Kind::MiddlewareTcp => pen.middleware_tcp(),
        Kind::TraefikService => pen.traefik_service(),
        Kind::TlsOption => pen.tls_option(),
        Kind::TlsStore => pen.tls_store(),
        Kind::ServersTransport => pen.servers_transport(),
        Kind::ServersTransportTcp => pen.servers_transport_tcp(),
        Kind::Ingress => pen.ingress(),
        Kind::IngressClass
        | Kind::Service
        | Kind::EndpointSlice
        | Kind::Secret
        | Kind::ConfigMap
        | Kind::Node => {}
    }
    pen.finish()
}

/// True when the options let the provider look into a namespace.
fn is_watched(options: &Kubernetes, namespace: &str) -> bool {
    let namespaces = &options.cluster.namespaces;
    namespaces.is_empty() || namespaces.iter().any(|one| one == namespace)
}
