use std::fmt;

/// Every kind of object that is read.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    IngressRoute,
    IngressRouteTcp,
    IngressRouteUdp,
    Middleware,
    MiddlewareTcp,
    TraefikService,
    TlsOption,
    TlsStore,
    ServersTransport,
    ServersTransportTcp,
    Ingress,
    IngressClass,
    Service,
    EndpointSlice,
    Secret,
    ConfigMap,
    Node,
}

/// The API group of an object. Custom resources have had two.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Group {
    /// `traefik.io`: where both hold an object of one name, this one counts.
    Traefik,
    /// `traefik.containo.us`, the old name.
    Containous,
    /// What Kubernetes itself brings.
    Core,
}

impl Kind {
    pub const CUSTOM: [Self; 10] = [
        Self::IngressRoute,
        Self::IngressRouteTcp,
        Self::IngressRouteUdp,
        Self::Middleware,
        Self::MiddlewareTcp,
        Self::TraefikService,
        Self::TlsOption,
        Self::TlsStore,
        Self::ServersTransport,
        Self::ServersTransportTcp,
    ];

    const ALL: [Self; 17] = [
        Self::IngressRoute,
        Self::IngressRouteTcp,
        Self::IngressRouteUdp,
        Self::Middleware,
        Self::MiddlewareTcp,
        Self::TraefikService,
        Self::TlsOption,
        Self::TlsStore,
        Self::ServersTransport,
        Self::ServersTransportTcp,
        Self::Ingress,
        Self::IngressClass,
        Self::Service,
        Self::EndpointSlice,
        Self::Secret,
        Self::ConfigMap,
        Self::Node,
    ];

    /// As manifests write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::IngressRoute => "IngressRoute",
            Self::IngressRouteTcp => "IngressRouteTCP",
            Self::IngressRouteUdp => "IngressRouteUDP",
            Self::Middleware => "Middleware",
            Self::MiddlewareTcp => "MiddlewareTCP",
            Self::TraefikService => "TraefikService",
            Self::TlsOption => "TLSOption",
            Self::TlsStore => "TLSStore",
            Self::ServersTransport => "ServersTransport",
            Self::ServersTransportTcp => "ServersTransportTCP",
            Self::Ingress => "Ingress",
            Self::IngressClass => "IngressClass",
            Self::Service => "Service",
            Self::EndpointSlice => "EndpointSlice",
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
            Self::Node => "Node",
        }
    }

    /// As the API's paths write it.
    pub fn plural(self) -> &'static str {
        match self {
            Self::IngressRoute => "ingressroutes",
            Self::IngressRouteTcp => "ingressroutetcps",
            Self::IngressRouteUdp => "ingressrouteudps",
            Self::Middleware => "middlewares",
            Self::MiddlewareTcp => "middlewaretcps",
            Self::TraefikService => "traefikservices",
            Self::TlsOption => "tlsoptions",
            Self::TlsStore => "tlsstores",
            Self::ServersTransport => "serverstransports",
            Self::ServersTransportTcp => "serverstransporttcps",
            Self::Ingress => "ingresses",
            Self::IngressClass => "ingressclasses",
            Self::Service => "services",
            Self::EndpointSlice => "endpointslices",
            Self::Secret => "secrets",
            Self::ConfigMap => "configmaps",
            Self::Node => "nodes",
        }
    }

    /// Group and version, the group of custom resources being `group`; empty is the core group.
    pub fn api(self, group: Group) -> (&'static str, &'static str) {
        match (self, group) {
            (Self::Ingress | Self::IngressClass, _) => ("networking.k8s.io", "v1"),
            (Self::EndpointSlice, _) => ("discovery.k8s.io", "v1"),
            (Self::Service | Self::Secret | Self::ConfigMap | Self::Node, _) => ("", "v1"),
            (_, Group::Containous) => ("traefik.containo.us", "v1alpha1"),
            (_, Group::Traefik | Group::Core) => ("traefik.io", "v1alpha1"),
        }
    }

    pub fn is_namespaced(self) -> bool {
        !matches!(self, Self::IngressClass | Self::Node)
    }

    pub fn is_custom(self) -> bool {
        Self::CUSTOM.contains(&self)
    }

    /// What `apiVersion` and `kind` of a manifest mean; none when it is nothing of ours.
    pub fn of(api_version: &str, kind: &str) -> Option<(Self, Group)> {
        let found = Self::ALL.into_iter().find(|one| one.name() == kind)?;
        let groups: &[Group] = if found.is_custom() {
            &[Group::Traefik, Group::Containous]
        } else {
            &[Group::Core]
        };
        let group = groups.iter().find(|group| {
            let (name, version) = found.api(**group);
            match api_version.split_once('/') {
                Some(given) => given == (name, version),
                None => name.is_empty() && api_version == version,
            }
        })?;
        Some((found, *group))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Where an object is: its namespace (empty for those of the whole cluster) and its name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub namespace: Box<str>,
    pub name: Box<str>,
}

impl Key {
    pub fn new(namespace: &str, name: &str) -> Self {
        Self {
            namespace: namespace.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            out.write_str(&self.name)
        } else {
            write!(out, "{}/{}", self.namespace, self.name)
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}
