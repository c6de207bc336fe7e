use std::sync::Arc;

use super::core::{
    ClusterNode, ConfigMap, Header, Ingress, IngressClass, Metadata, RawSlice, Secret, Service,
};
use super::{Held, Key, Kind, Meta, Object, custom, middleware};
use crate::config::decode::{Manner, Reader, Setting};
use crate::config::dynamic::TcpMiddleware;
use crate::config::tree::{Kind as TreeKind, Node};
use crate::config::{Places, Problem, Severity};

/// The label that tells which service an EndpointSlice belongs to.
pub const SERVICE_LABEL: &str = "kubernetes.io/service-name";
/// The annotation that tells the class of an object.
const CLASS_ANNOTATION: &str = "kubernetes.io/ingress.class";
/// How annotations for us begin.
const ANNOTATION_PREFIX: &str = "traefik.ingress.kubernetes.io/";
/// The namespace of manifests that name none.
const DEFAULT_NAMESPACE: &str = "default";

/// Why an object was not taken.
#[derive(Debug)]
pub struct Fault {
    pub kind: Kind,
    pub key: Key,
    /// What is wrong; an error among it is why the object was left out.
    pub problems: Vec<Problem>,
}

/// What reading gave: the object unless it is wrong, and what is to be said about it.
pub type Outcome = (Option<Object>, Fault);

/// Reads an object. `file` is empty when it does not come from one, and then no places are kept.
pub fn read(kind: Kind, root: Node<'_>, file: &str) -> Outcome {
    let mut reader = Reader::new(file, Places::new());
    reader.set_manner(Manner::Part);
    let header = Header::read(root, &mut reader).unwrap_or_default();
    let meta = meta(kind, &header.metadata, !file.is_empty());
    let key = meta.key.clone();
    if key.name.is_empty() {
        reader.fault(root.at(), "the object has no metadata.name", None);
    }
    let parts = Parts { kind, root, meta };
    let object = body(parts, &header.metadata, &mut reader);
    let (report, places) = reader.finish();
    let problems: Vec<Problem> = report.iter().cloned().collect();
    let is_wrong = problems.iter().any(|one| one.severity == Severity::Error);
    let object = object.filter(|_| !is_wrong).map(|object| {
        if file.is_empty() {
            object
        } else {
            with_places(object, &Arc::new(places))
        }
    });
    let fault = Fault {
        kind,
        key,
        problems,
    };
    (object, fault)
}

/// What an object is made of.
struct Parts<'tree> {
    kind: Kind,
    root: Node<'tree>,
    meta: Meta,
}

impl Parts<'_> {
    /// Reads the object as a whole.
    fn whole<T: Setting>(self, reader: &mut Reader<'_>) -> Option<Held<T>> {
        let spec = T::read(self.root, reader)?;
        Some(held(self.meta, spec))
    }

    /// Reads its `spec`, which is all that a custom resource says.
    fn spec<T: Setting + Default>(self, reader: &mut Reader<'_>) -> Option<Held<T>> {
        let TreeKind::Map(entries) = self.root.kind() else {
            return None;
        };
        reader.set_manner(Manner::Object);
        let mut spec = T::default();
        for entry in entries {
            if entry.key == "spec" && !matches!(entry.value.kind(), TreeKind::Null) {
                spec = reader.in_field("spec", entry.at, |reader| T::read(entry.value, reader))?;
            }
        }
        Some(held(self.meta, spec))
    }
}

fn body(parts: Parts<'_>, metadata: &Metadata, reader: &mut Reader<'_>) -> Option<Object> {
    Some(match parts.kind {
        Kind::IngressRoute => Object::IngressRoute(parts.spec::<custom::IngressRoute>(reader)?),
        Kind::IngressRouteTcp => Object::IngressRouteTcp(parts.spec(reader)?),
        Kind::IngressRouteUdp => Object::IngressRouteUdp(parts.spec(reader)?),
        Kind::Middleware => Object::Middleware(parts.spec::<middleware::Middleware>(reader)?),
        Kind::MiddlewareTcp => Object::MiddlewareTcp(parts.spec::<TcpMiddleware>(reader)?),
        Kind::TraefikService => Object::TraefikService(parts.spec(reader)?),
        Kind::TlsOption => Object::TlsOption(parts.spec(reader)?),
        Kind::TlsStore => Object::TlsStore(parts.spec(reader)?),
        Kind::ServersTransport => Object::ServersTransport(parts.spec(reader)?),
        Kind::ServersTransportTcp => Object::ServersTransportTcp(parts.spec(reader)?),
        Kind::Ingress => Object::Ingress(parts.whole::<Ingress>(reader)?),
        Kind::IngressClass => Object::IngressClass(parts.whole::<IngressClass>(reader)?),
        Kind::Service => Object::Service(parts.whole::<Service>(reader)?),
        Kind::EndpointSlice => {
            let service = metadata.labels.get(SERVICE_LABEL)?;
            let service = Key::new(&parts.meta.key.namespace, service);
            let raw = parts.whole::<RawSlice>(reader)?;
            Object::EndpointSlice(service, held(raw.meta, raw.spec.into()))
        }
        Kind::Secret => {
            let secret = Secret::read(parts.root, reader)?;
            Object::Secret(held(parts.meta, secret))
        }
        Kind::ConfigMap => Object::ConfigMap(parts.whole::<ConfigMap>(reader)?),
        Kind::Node => Object::Node(parts.whole::<ClusterNode>(reader)?),
    })
}

fn held<T>(meta: Meta, spec: T) -> Held<T> {
    Held {
        meta,
        spec,
        places: None,
    }
}

fn meta(kind: Kind, metadata: &Metadata, is_manifest: bool) -> Meta {
    let namespace = if !kind.is_namespaced() {
        ""
    } else if metadata.namespace.is_empty() && is_manifest {
        DEFAULT_NAMESPACE
    } else {
        &metadata.namespace
    };
    let name = if metadata.name.is_empty() {
        &metadata.generate_name
    } else {
        &metadata.name
    };
    let annotations = metadata.annotations.iter().filter_map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        let counts = name == CLASS_ANNOTATION || name.starts_with(ANNOTATION_PREFIX);
        counts.then(|| (name, value.clone()))
    });
    Meta {
        key: Key::new(namespace, name),
        annotations: annotations.collect(),
        labels: if is_manifest {
            metadata.labels.clone()
        } else {
            custom::Words::new()
        },
    }
}

impl Meta {
    /// The class that an annotation gives the object; empty when none does.
    pub fn class(&self) -> &str {
        self.annotations
            .get(CLASS_ANNOTATION)
            .map_or("", String::as_str)
    }

    /// The annotations for us, without their prefix, in lower case.
    pub fn own_annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.annotations.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix(ANNOTATION_PREFIX)?;
            Some((name, value.as_str()))
        })
    }
}

fn with_places(object: Object, places: &Arc<Places>) -> Object {
    fn at<T>(mut held: Held<T>, places: &Arc<Places>) -> Held<T> {
        held.places = Some(Arc::clone(places));
        held
    }
    match object {
        Object::IngressRoute(held) => Object::IngressRoute(at(held, places)),
        Object::IngressRouteTcp(held) => Object::IngressRouteTcp(at(held, places)),
        Object::IngressRouteUdp(held) => Object::IngressRouteUdp(at(held, places)),
        Object::Middleware(held) => Object::Middleware(at(held, places)),
        Object::MiddlewareTcp(held) => Object::MiddlewareTcp(at(held, places)),
        Object::TraefikService(held) => Object::TraefikService(at(held, places)),
        Object::TlsOption(held) => Object::TlsOption(at(held, places)),
        Object::TlsStore(held) => Object::TlsStore(at(held, places)),
        Object::ServersTransport(held) => Object::ServersTransport(at(held, places)),
        Object::ServersTransportTcp(held) => Object::ServersTransportTcp(at(held, places)),
        Object::Ingress(held) => Object::Ingress(at(held, places)),
        Object::IngressClass(held) => Object::IngressClass(at(held, places)),
        Object::Service(held) => Object::Service(at(held, places)),
        Object::EndpointSlice(service, held) => Object::EndpointSlice(service, at(held, places)),
        Object::Secret(held) => Object::Secret(at(held, places)),
        Object::ConfigMap(held) => Object::ConfigMap(at(held, places)),
        Object::Node(held) => Object::Node(at(held, places)),
    }
}
