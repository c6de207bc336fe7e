//! Where a Service's servers are (features 13.1.7).

use std::collections::HashSet;

use super::pen::{At, Pen, Told};
use crate::provider::kubernetes::objects::core::{Service, ServicePort};
use crate::provider::kubernetes::objects::custom::Port;
use crate::provider::kubernetes::objects::{Key, Kind, ObjectRef};

/// What is wanted of a Service.
#[derive(Debug)]
pub(super) struct Wanted<'all> {
    pub(super) service: Key,
    pub(super) port: &'all Port,
    pub(super) native_lb: Option<bool>,
    pub(super) node_port_lb: bool,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Found {
    /// The Service's own port, by which the scheme is told.
    pub(super) port: ServicePort,
    pub(super) servers: Vec<Address>,
    /// The Service is a name elsewhere.
    pub(super) is_external: bool,
}

/// One server.
#[derive(Debug)]
pub(super) struct Address {
    /// `host:port`.
    pub(super) authority: String,
    /// It ends soon: only clients that stick to it still go there.
    pub(super) is_fenced: bool,
}

impl Address {
    fn new(host: &str, port: i64) -> Self {
        let authority = if host.contains(':') {
            format!("[{host}]:{port}")
        } else {
            format!("{host}:{port}")
        };
        Self {
            authority,
            is_fenced: false,
        }
    }
}

impl Found {
    /// `http`, `https` or `h2c` (features 13.1.8); none when the word is another.
    pub(super) fn scheme(&self, given: &str) -> Option<&'static str> {
        match given {
            "" if self.port.port == 443 || self.port.name.starts_with("https") => Some("https"),
            "" | "http" => Some("http"),
            "https" => Some("https"),
            "h2c" => Some("h2c"),
            _ => None,
        }
    }
}

impl<'all> Pen<'all> {
    /// Finds the servers of a Service.
    pub(super) fn servers(&mut self, wanted: &Wanted<'_>, at: At<'_>) -> Result<Found, Told> {
        let key = &wanted.service;
        let objects = self.world().objects;
        let Some(held) = self.look(Kind::Service, &objects.services, key) else {
            let hint = format!(
                "create it, or name another one of the namespace {}",
                key.namespace
            );
            return Err(self.error(at.field("name"), format!("there is no Service {key}"), hint));
        };
        let service = &held.spec;
        let port = self.service_port(key, service, wanted.port, at)?;
        let native = wanted
            .native_lb
            .unwrap_or_else(|| self.options().native_lb_by_default);
        let is_external = service.spec.type_ == "ExternalName";
        let servers = if is_external {
            vec![self.external(key, service, &port, at)?]
        } else if native {
            vec![self.native(key, service, &port, at)?]
        } else if wanted.node_port_lb && service.spec.type_ == "NodePort" {
            self.node_ports(key, &port, at)?
        } else {
            self.endpoints(key, &port, at)?
        };
        Ok(Found {
            port,
            servers,
            is_external,
        })
    }

    fn service_port(
        &mut self,
        key: &Key,
        service: &Service,
        wanted: &Port,
        at: At<'_>,
    ) -> Result<ServicePort, Told> {
        let ports = &service.spec.ports;
        let known = || {
            let names = ports.iter().map(|port| match port.name.as_str() {
                "" => port.port.to_string(),
                name => format!("{} ({name})", port.port),
            });
            let names: Vec<_> = names.collect();
            format!("its ports are {}", names.join(", "))
        };
        let at = at.field("port");
        if !wanted.is_given() {
            return Err(self.error(
                at,
                format!("no port of the Service {key} is named"),
                known(),
            ));
        }
        let found = ports.iter().find(|port| match wanted {
            Port::Number(number) => *number == port.port,
            Port::Name(name) => *name == port.name,
        });
        if let Some(found) = found {
            return Ok(found.clone());
        }
        match wanted {
            Port::Number(number) if service.spec.type_ == "ExternalName" => {
                if !ports.is_empty() {
                    let message = format!("the Service {key} has no port {number}; it is used");
                    self.warn(at, message, known());
                }
                Ok(ServicePort {
                    port: *number,
                    ..ServicePort::default()
                })
            }
            Port::Number(_) | Port::Name(_) => {
                let message = format!("the Service {key} has no port {wanted}");
                Err(self.error(at, message, known()))
            }
        }
    }

    fn external(
        &mut self,
        key: &Key,
        service: &Service,
        port: &ServicePort,
        at: At<'_>,
    ) -> Result<Address, Told> {
        if !self.options().allow_external_name_services {
            let message = format!("the Service {key} is of type ExternalName");
            let hint = "set allowExternalNameServices of the provider to let it in";
            return Err(self.error(at.field("name"), message, hint));
        }
        let host = service.spec.external_name.trim_end_matches('.');
        let is_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
        if host.is_empty() || !host.chars().all(is_host) {
            let message = format!("the externalName of the Service {key} is no host name");
            return Err(self.error(at.field("name"), message, "such as server.example.com"));
        }
        Ok(Address::new(host, port.port))
    }

    fn native(
        &mut self,
        key: &Key,
        service: &Service,
        port: &ServicePort,
        at: At<'_>,
    ) -> Result<Address, Told> {
        match service.spec.cluster_ip.as_str() {
            "" | "None" => {
                let message = format!("the Service {key} has no clusterIP for nativeLB");
                Err(self.error(at.field("name"), message, "leave nativeLB out for it"))
            }
            address => Ok(Address::new(address, port.port)),
        }
    }

    fn node_ports(
        &mut self,
        key: &Key,
        port: &ServicePort,
        at: At<'_>,
    ) -> Result<Vec<Address>, Told> {
        let at = at.field("nodePortLB");
        if self.options().disable_cluster_scope_resources {
            let message = format!("nodes are not looked at, so {key} has no servers");
            let hint = "leave nodePortLB or disableClusterScopeResources out";
            return Err(self.error(at, message, hint));
        }
        let servers: Vec<_> = self
            .node_addresses("InternalIP")
            .into_iter()
            .map(|address| Address::new(&address, port.node_port))
            .collect();
        if servers.is_empty() || port.node_port == 0 {
            let message = format!("no node has an address for the Service {key}");
            return Err(self.error(at, message, "see `kubectl get nodes -o wide`"));
        }
        Ok(servers)
    }

    /// The addresses of one type of all nodes.
    pub(super) fn node_addresses(&mut self, type_: &str) -> Vec<String> {
        self.depend(ObjectRef::all(Kind::Node));
        let nodes = self.world().objects.nodes.iter();
        let addresses = nodes.flat_map(|node| &node.spec.status.addresses);
        let wanted = addresses.filter(|address| address.type_ == type_);
        wanted.map(|address| address.address.clone()).collect()
    }

    fn endpoints(
        &mut self,
        key: &Key,
        port: &ServicePort,
        at: At<'_>,
    ) -> Result<Vec<Address>, Told> {
        self.depend(ObjectRef::new(Kind::EndpointSlice, key.clone()));
        let slices = self.world().objects.slices.get(key);
        let mut seen: HashSet<&str> = HashSet::new();
        let mut servers = Vec::new();
        for slice in slices.into_iter().flat_map(|slices| slices.values()) {
            let found = slice.ports.iter().find(|(name, _)| **name == *port.name);
            let Some((_, number)) = found else { continue };
            for endpoint in &slice.endpoints {
                if seen.insert(&endpoint.address) {
                    let mut address = Address::new(&endpoint.address, i64::from(*number));
                    address.is_fenced = endpoint.is_fenced;
                    servers.push(address);
                }
            }
        }
        if servers.is_empty() && !self.options().allow_empty_services {
            let message = format!("the Service {key} has no endpoint that serves");
            let hint = "start its pods, or set allowEmptyServices of the provider: then it \
                answers 503";
            return Err(self.error(at.field("name"), message, hint));
        }
        Ok(servers)
    }
}
