//! What is kept of the kinds that Kubernetes itself brings.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::custom::{Port, Words};
use crate::config::decode::{Reader, Setting, record};
use crate::config::tree::Node;

record! {
    /// A Service, as far as it is read.
    pub struct Service {
        spec "spec": ServiceSpec,
        status "status": ServiceStatus,
    }
}

record! {
    /// What the Service says.
    pub struct ServiceSpec {
        type_ "type": String,
        cluster_ip "clusterIP": String,
        external_name "externalName": String,
        external_ips "externalIPs": Vec<String>,
        ports "ports": Vec<ServicePort>,
    }
}

record! {
    /// One port.
    pub struct ServicePort {
        name "name": String,
        port "port": i64,
        node_port "nodePort": i64,
    }
}

record! {
    /// What became of the Service.
    pub struct ServiceStatus {
        load_balancer "loadBalancer": LoadBalancerStatus,
    }
}

record! {
    /// Where the outside world finds it.
    pub struct LoadBalancerStatus {
        ingress "ingress": Vec<IngressAddress>,
    }
}

record! {
    /// An address that the outside world uses.
    pub struct IngressAddress {
        ip "ip": String,
        hostname "hostname": String,
    }
}

record! {
    /// An Ingress, as far as it is read.
    pub struct Ingress {
        spec "spec": IngressSpec,
        status "status": ServiceStatus,
    }
}

record! {
    /// What the Ingress says.
    pub struct IngressSpec {
        ingress_class_name "ingressClassName": Option<String>,
        default_backend "defaultBackend": Option<Box<IngressBackend>>,
        tls "tls": Vec<IngressTls>,
        rules "rules": Vec<IngressRule>,
    }
}

record! {
    /// A certificate and the hosts that it is for.
    pub struct IngressTls {
        hosts "hosts": Vec<String>,
        secret_name "secretName": String,
    }
}

record! {
    /// Paths of one host.
    pub struct IngressRule {
        host "host": String,
        http "http": Option<Box<IngressHttp>>,
    }
}

record! {
    /// Paths.
    pub struct IngressHttp {
        paths "paths": Vec<IngressPath>,
    }
}

record! {
    /// One path.
    pub struct IngressPath {
        path "path": String,
        path_type "pathType": String,
        backend "backend": IngressBackend,
    }
}

record! {
    /// Where requests go.
    pub struct IngressBackend {
        service "service": Option<Box<IngressService>>,
        resource "resource": Option<Box<Anything>>,
    }
}

record! {
    /// Something that is there; what it is does not matter.
    pub struct Anything {}
}

record! {
    /// A service and one port of it.
    pub struct IngressService {
        name "name": String,
        port "port": IngressPort,
    }
}

record! {
    /// A port by name or by number.
    pub struct IngressPort {
        name "name": String,
        number "number": i64,
    }
}

impl IngressPort {
    pub fn port(&self) -> Port {
        if self.name.is_empty() {
            Port::Number(self.number)
        } else {
            Port::Name(self.name.clone())
        }
    }
}

record! {
    /// An IngressClass, as far as it is read.
    pub struct IngressClass {
        spec "spec": IngressClassSpec,
    }
}

record! {
    /// Who serves the class.
    pub struct IngressClassSpec {
        controller "controller": String,
    }
}

record! {
    /// A Node, as far as it is read.
    pub struct ClusterNode {
        status "status": NodeStatus,
    }
}

record! {
    /// What became of the node.
    pub struct NodeStatus {
        addresses "addresses": Vec<NodeAddress>,
    }
}

record! {
    /// One address of a node.
    pub struct NodeAddress {
        type_ "type": String,
        address "address": String,
    }
}

record! {
    /// A ConfigMap.
    pub struct ConfigMap {
        data "data": BTreeMap<String, String>,
    }
}

record! {
    /// An EndpointSlice, as the API has it.
    pub struct RawSlice {
        ports "ports": Vec<RawPort>,
        endpoints "endpoints": Vec<RawEndpoint>,
    }
}

record! {
    /// One port of all endpoints in a slice.
    pub struct RawPort {
        name "name": String,
        port "port": i64,
    }
}

record! {
    /// One endpoint.
    pub struct RawEndpoint {
        addresses "addresses": Vec<String>,
        conditions "conditions": Conditions,
    }
}

record! {
    /// How an endpoint is.
    pub struct Conditions {
        ready "ready": Option<bool>,
        serving "serving": Option<bool>,
        terminating "terminating": Option<bool>,
    }
}

/// The endpoints of a service, or some of them, packed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Slice {
    pub ports: Box<[SlicePort]>,
    pub endpoints: Box<[Endpoint]>,
}

/// One port of all endpoints: name and number.
pub type SlicePort = (Box<str>, u16);

/// One address that serves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Endpoint {
    pub address: Box<str>,
    /// It ends soon: only clients that stick to it still go there.
    pub is_fenced: bool,
}

impl From<RawSlice> for Slice {
    /// Leaves out what does not serve.
    fn from(raw: RawSlice) -> Self {
        let ports = raw.ports.into_iter().filter_map(|port| {
            let number = u16::try_from(port.port).ok().filter(|port| *port > 0)?;
            Some((port.name.into_boxed_str(), number))
        });
        let mut endpoints = Vec::new();
        for endpoint in raw.endpoints {
            let how = &endpoint.conditions;
            let is_serving = how.serving.or(how.ready).unwrap_or(true);
            if !is_serving {
                continue;
            }
            let is_fenced = how.terminating.unwrap_or(false);
            let addresses = endpoint.addresses.into_iter();
            endpoints.extend(addresses.map(|address| Endpoint {
                address: address.into_boxed_str(),
                is_fenced,
            }));
        }
        Self {
            ports: ports.collect(),
            endpoints: endpoints.into_boxed_slice(),
        }
    }
}

record! {
    /// A Secret, as the API has it.
    pub struct RawSecret {
        type_ "type": String,
        data "data": BTreeMap<String, String>,
        string_data "stringData": BTreeMap<String, String>,
    }
}

/// A Secret. Its content shows nowhere.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret {
    pub type_: String,
    pub data: BTreeMap<String, Vec<u8>>,
}

impl Secret {
    /// Reads it and takes its content out of base64.
    pub fn read(root: Node<'_>, reader: &mut Reader<'_>) -> Option<Self> {
        let raw = RawSecret::read(root, reader)?;
        let mut data = BTreeMap::new();
        for (name, text) in raw.data {
            let compact: String = text.split_ascii_whitespace().collect();
            match STANDARD.decode(compact) {
                Ok(bytes) => {
                    data.insert(name, bytes);
                }
                Err(_) => {
                    let hint = "put plain text under stringData instead";
                    let message = format!("data.{name} is no base64 text");
                    reader.fault(root.at(), message, Some(hint.to_owned()));
                }
            }
        }
        let plain = raw.string_data.into_iter();
        data.extend(plain.map(|(name, text)| (name, text.into_bytes())));
        Some(Self {
            type_: raw.type_,
            data,
        })
    }

    /// An entry that is text and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let bytes = self.data.get(name)?;
        std::str::from_utf8(bytes)
            .ok()
            .filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.data.keys().collect();
        write!(out, "Secret({}, {names:?})", self.type_)
    }
}

record! {
    /// Who an object is.
    pub struct Metadata {
        name "name": String,
        generate_name "generateName": String,
        namespace "namespace": String,
        labels "labels": Words,
        annotations "annotations": Words,
    }
}

record! {
    /// The outermost fields that every object has.
    pub struct Header {
        api_version "apiVersion": String,
        kind "kind": String,
        metadata "metadata": Metadata,
    }
}
