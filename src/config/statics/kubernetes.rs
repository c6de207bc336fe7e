//! The options of the Kubernetes providers.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::Secret;

use super::view::View;

/// `providers.kubernetesCRD` or `providers.kubernetesIngress`; what only one of them has is off
/// in the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per option of that name"
)]
pub struct Kubernetes {
    pub cluster: Cluster,
    /// Label selector of custom resources, or of Ingresses.
    pub label_selector: String,
    /// Empty: objects without a class, or of the class `traefik`.
    pub ingress_class: String,
    pub allow_cross_namespace: bool,
    pub allow_external_name_services: bool,
    pub allow_empty_services: bool,
    pub native_lb_by_default: bool,
    pub disable_cluster_scope_resources: bool,
    /// Namespaces that may name objects of other providers; `None`: all.
    pub cross_provider_namespaces: Option<Vec<String>>,
    /// Least time between two changes that are sent on.
    pub throttle: Duration,
    pub disable_ingress_class_lookup: bool,
    pub strict_prefix_matching: bool,
    pub report_node_internal_ips: bool,
    pub ingress_endpoint: Option<IngressEndpoint>,
}

/// Which API server, and how to be let in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Cluster {
    pub endpoint: String,
    pub token: Secret,
    pub ca_file: Option<PathBuf>,
    /// Empty: all.
    pub namespaces: Vec<String>,
}

/// What is written to the status of Ingresses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IngressEndpoint {
    pub ip: String,
    pub hostname: String,
    /// `namespace/name`; wins over the other two.
    pub published_service: String,
}

/// Reads `providers.kubernetesCRD`.
pub(super) fn custom(providers: &View<'_>) -> Option<Kubernetes> {
    let view = providers.block("kubernetesCRD")?;
    Some(Kubernetes {
        allow_cross_namespace: view.bool("allowCrossNamespace"),
        ..common(&view)
    })
}

/// Reads `providers.kubernetesIngress`.
pub(super) fn ingress(providers: &View<'_>) -> Option<Kubernetes> {
    let view = providers.block("kubernetesIngress")?;
    Some(Kubernetes {
        disable_ingress_class_lookup: view.bool("disableIngressClassLookup"),
        strict_prefix_matching: view.bool("strictPrefixMatching"),
        report_node_internal_ips: view.bool("reportNodeInternalIPs"),
        ingress_endpoint: ingress_endpoint(&view.group("ingressEndpoint")),
        ..common(&view)
    })
}

fn common(view: &View<'_>) -> Kubernetes {
    let cross = view.texts("crossProviderNamespaces");
    let is_said = view.group("crossProviderNamespaces").is_set();
    Kubernetes {
        cluster: Cluster {
            endpoint: view.text("endpoint"),
            token: view.secret("token"),
            ca_file: view.filled("certAuthFilePath").map(PathBuf::from),
            namespaces: view.texts("namespaces"),
        },
        label_selector: view.text("labelSelector"),
        ingress_class: view.text("ingressClass"),
        allow_external_name_services: view.bool("allowExternalNameServices"),
        allow_empty_services: view.bool("allowEmptyServices"),
        native_lb_by_default: view.bool("nativeLBByDefault"),
        disable_cluster_scope_resources: view.bool("disableClusterScopeResources"),
        cross_provider_namespaces: is_said.then_some(cross),
        throttle: view.duration("throttleDuration"),
        ..Kubernetes::default()
    }
}

fn ingress_endpoint(view: &View<'_>) -> Option<IngressEndpoint> {
    let endpoint = IngressEndpoint {
        ip: view.text("ip"),
        hostname: view.text("hostname"),
        published_service: view.text("publishedService"),
    };
    let service = endpoint.published_service.as_str();
    let parts: Vec<&str> = service.split('/').collect();
    if !service.is_empty() && (parts.len() != 2 || parts.contains(&"")) {
        let text = format!("expected namespace/name, found `{service}`");
        view.fault("publishedService", text);
    }
    (endpoint != IngressEndpoint::default()).then_some(endpoint)
}
