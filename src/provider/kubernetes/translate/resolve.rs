//! The one place where a name becomes an object: for every kind, and for both providers.
//!
//! Who asks is always the object that holds the reference, never the one that it leads to.

use super::names::Identity;
use super::pen::{At, Pen, Told};
use super::{Flavour, normalized};
use crate::config::dynamic::Section;
use crate::provider::kubernetes::objects::custom::Reference;
use crate::provider::kubernetes::objects::{Key, Kind};

/// What a reference leads to.
#[derive(PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// An object of the cluster.
    Own(Key),
    /// An object under its full name, of this provider or of another one.
    Named(String),
}

impl Pen<'_> {
    /// Finds out what a reference leads to, and whether it may lead there.
    pub(super) fn resolve(
        &mut self,
        what: Kind,
        reference: &Reference,
        at: At<'_>,
    ) -> Result<Target, Told> {
        let (name, namespace) = (reference.name.as_str(), reference.namespace.as_str());
        if name.is_empty() {
            let hint = format!("name a {what}");
            return Err(self.error(at.field("name"), "the name is missing", hint));
        }
        let own_suffix = format!("@{}", self.flavour().provider());
        match name.rsplit_once('@') {
            None => self.inside(what, name, namespace, at),
            // Services with the own suffix are looked up like those without: it adds nothing.
            Some((bare, _))
                if name.ends_with(&own_suffix)
                    && matches!(what, Kind::Service | Kind::TraefikService) =>
            {
                self.inside(what, bare, namespace, at)
            }
            Some(_) if name.ends_with(&own_suffix) => self.own_by_full_name(what, reference, at),
            Some(_) => self.foreign(reference, at),
        }
    }

    /// The name of an object in the cluster.
    fn inside(
        &mut self,
        what: Kind,
        name: &str,
        namespace: &str,
        at: At<'_>,
    ) -> Result<Target, Told> {
        let from = self.namespace();
        let namespace = if namespace.is_empty() {
            from
        } else {
            namespace
        };
        if namespace != from && !self.options().allow_cross_namespace {
            let message = format!("{what} {namespace}/{name} is not in the namespace {from}");
            let hint = "set providers.kubernetesCRD.allowCrossNamespace, or put both into one \
                namespace";
            return Err(self.error(at, message, hint));
        }
        Ok(Target::Own(Key::new(namespace, name)))
    }

    /// `namespace-name@kubernetescrd`: nobody can tell where the namespace ends, so it is taken
    /// only where every namespace is allowed.
    fn own_by_full_name(
        &mut self,
        what: Kind,
        reference: &Reference,
        at: At<'_>,
    ) -> Result<Target, Told> {
        let name = &reference.name;
        if self.flavour() == Flavour::Custom && !self.options().allow_cross_namespace {
            let message = format!(
                "the {what} {name} may be in another namespace, and allowCrossNamespace is off"
            );
            let hint = "name it by its own name, without namespace and @";
            return Err(self.error(at, message, hint));
        }
        self.ignored_namespace(reference, at);
        Ok(Target::Named(name.clone()))
    }

    /// `name@provider`.
    fn foreign(&mut self, reference: &Reference, at: At<'_>) -> Result<Target, Told> {
        let from = self.namespace();
        let allowed = self.options().cross_provider_namespaces.as_ref();
        if allowed.is_some_and(|allowed| !allowed.iter().any(|one| one == from)) {
            let message = format!(
                "the namespace {from} may not name objects of other providers, such as {}",
                reference.name
            );
            let hint = "add it to crossProviderNamespaces of the provider";
            return Err(self.error(at, message, hint));
        }
        self.ignored_namespace(reference, at);
        Ok(Target::Named(reference.name.clone()))
    }

    fn ignored_namespace(&mut self, reference: &Reference, at: At<'_>) {
        if !reference.namespace.is_empty() {
            let message = format!(
                "the namespace {} counts for nothing, since the name holds an @",
                reference.namespace
            );
            self.warn(at.field("namespace"), message, "leave it out");
        }
    }

    /// The full or plain name of a middleware, options or transport that a reference leads to.
    pub(super) fn named(
        &mut self,
        what: Kind,
        reference: &Reference,
        at: At<'_>,
    ) -> Result<String, Told> {
        match self.resolve(what, reference, at)? {
            Target::Named(name) => Ok(name),
            Target::Own(key) => {
                self.missing_is_told(what, &key, at);
                let (section, plain) = plain_name(what, &key);
                Ok(self.refer(section, &plain, identity(what, &key)))
            }
        }
    }

    /// Says that what is named is not there. The name is kept all the same: the router that has
    /// it is disabled later, as Traefik does.
    fn missing_is_told(&mut self, what: Kind, key: &Key, at: At<'_>) {
        let objects = self.world().objects;
        let exists = match what {
            Kind::Middleware => self.look(what, &objects.middlewares, key).is_some(),
            Kind::MiddlewareTcp => self.look(what, &objects.middlewares_tcp, key).is_some(),
            Kind::TraefikService => self.look(what, &objects.traefik_services, key).is_some(),
            Kind::TlsOption => self.look(what, &objects.tls_options, key).is_some(),
            Kind::ServersTransport => self.look(what, &objects.servers_transports, key).is_some(),
            Kind::ServersTransportTcp => self
                .look(what, &objects.servers_transports_tcp, key)
                .is_some(),
            Kind::IngressRoute
            | Kind::IngressRouteTcp
            | Kind::IngressRouteUdp
            | Kind::TlsStore
            | Kind::Ingress
            | Kind::IngressClass
            | Kind::Service
            | Kind::EndpointSlice
            | Kind::Secret
            | Kind::ConfigMap
            | Kind::Node => true,
        };
        if !exists {
            let hint = format!("create it, or name another {what}");
            self.error(at, format!("there is no {what} {key}"), hint);
        }
    }

    /// The names of a list of middlewares.
    pub(super) fn middlewares(
        &mut self,
        what: Kind,
        references: &[Reference],
        at: At<'_>,
    ) -> Result<Vec<String>, Told> {
        let mut names = Vec::with_capacity(references.len());
        for (index, reference) in references.iter().enumerate() {
            names.push(self.named(what, reference, at.item("middlewares", index))?);
        }
        Ok(names)
    }
}

/// Section and plain name of an object that has one by its own (features 13.1.6).
pub(super) fn plain_name(what: Kind, key: &Key) -> (Section, String) {
    let full = format!("{}-{}", key.namespace, key.name);
    match what {
        Kind::Middleware => (Section::HttpMiddlewares, normalized(&full)),
        Kind::MiddlewareTcp => (Section::TcpMiddlewares, normalized(&full)),
        Kind::ServersTransport => (Section::HttpServersTransports, normalized(&full)),
        Kind::ServersTransportTcp => (Section::TcpServersTransports, normalized(&full)),
        Kind::TlsOption => (Section::TlsOptions, full),
        Kind::TlsStore => (Section::TlsStores, full),
        Kind::TraefikService
        | Kind::IngressRoute
        | Kind::IngressRouteTcp
        | Kind::IngressRouteUdp
        | Kind::Ingress
        | Kind::IngressClass
        | Kind::Service
        | Kind::EndpointSlice
        | Kind::Secret
        | Kind::ConfigMap
        | Kind::Node => (Section::HttpServices, normalized(&full)),
    }
}

/// The identity of such an object.
pub(super) fn identity(what: Kind, key: &Key) -> Identity {
    Identity::of(&[what.name(), &key.namespace, &key.name])
}
