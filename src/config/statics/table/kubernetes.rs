//! Providers that read a Kubernetes cluster.

use crate::config::statics::option::Kind::{Block, Bool, Count, Duration, Secret, Text, Texts};
use crate::config::statics::option::State::Served;
use crate::config::statics::table::KUBERNETES;

options! { ROWS:
    "providers.knative", Block, "", "3.6", KUBERNETES,
        "Serves Knative's ingresses.";
    "providers.knative.certAuthFilePath", Text, "", "3.6", KUBERNETES,
        "File of the API server's CA.";
    "providers.knative.endpoint", Text, "", "3.6", KUBERNETES,
        "URL of the API server; found by itself inside a cluster.";
    "providers.knative.labelSelector", Text, "", "3.6", KUBERNETES,
        "Label selector that objects must match.";
    "providers.knative.namespaces", Texts, "", "3.6", KUBERNETES,
        "Namespaces to look at; all when empty.";
    "providers.knative.privateEntryPoints", Texts, "", "3.6", KUBERNETES,
        "Entry points for traffic inside the cluster.";
    "providers.knative.privateService", Block, "", "3.6", KUBERNETES,
        "Service that cluster-local traffic reaches this router by.";
    "providers.knative.privateService.name", Text, "", "3.6", KUBERNETES,
        "Name of the service.";
    "providers.knative.privateService.namespace", Text, "", "3.6", KUBERNETES,
        "Namespace of the service.";
    "providers.knative.publicEntryPoints", Texts, "", "3.6", KUBERNETES,
        "Entry points for traffic from outside.";
    "providers.knative.publicService", Block, "", "3.6", KUBERNETES,
        "Service that outside traffic reaches this router by.";
    "providers.knative.publicService.name", Text, "", "3.6", KUBERNETES,
        "Name of the service.";
    "providers.knative.publicService.namespace", Text, "", "3.6", KUBERNETES,
        "Namespace of the service.";
    "providers.knative.throttleDuration", Duration, "0s", "3.6", KUBERNETES,
        "Least time between two looks at changes.";
    "providers.knative.token", Secret, "", "3.6", KUBERNETES,
        "Access token.";
    "providers.kubernetesCRD", Block, "", "2.5", Served,
        "Reads IngressRoute and its relatives from Kubernetes.";
    "providers.kubernetesCRD.allowCrossNamespace", Bool, "false", "2.5", Served,
        "Lets objects refer to other namespaces.";
    "providers.kubernetesCRD.allowEmptyServices", Bool, "false", "2.7", Served,
        "Keeps routers whose service has no server: they answer 503.";
    "providers.kubernetesCRD.allowExternalNameServices", Bool, "false", "2.5", Served,
        "Accepts services of type ExternalName.";
    "providers.kubernetesCRD.certAuthFilePath", Text, "", "2.5", Served,
        "File of the API server's CA.";
    "providers.kubernetesCRD.crossProviderNamespaces", Texts, "", "2.11", Served,
        "Namespaces that may refer to objects of other providers; all when unset.";
    "providers.kubernetesCRD.disableClusterScopeResources", Bool, "false", "3.1", Served,
        "Reads nothing that lies outside of namespaces.";
    "providers.kubernetesCRD.endpoint", Text, "", "2.5", Served,
        "URL of the API server; found by itself inside a cluster.";
    "providers.kubernetesCRD.ingressClass", Text, "", "2.5", Served,
        "Class of the objects to take.";
    "providers.kubernetesCRD.labelSelector", Text, "", "2.5", Served,
        "Label selector that objects must match.";
    "providers.kubernetesCRD.namespaces", Texts, "", "2.5", Served,
        "Namespaces to look at; all when empty.";
    "providers.kubernetesCRD.nativeLBByDefault", Bool, "false", "3.0", Served,
        "Uses a service's cluster address instead of its pods.";
    "providers.kubernetesCRD.throttleDuration", Duration, "0s", "2.5", Served,
        "Least time between two looks at changes.";
    "providers.kubernetesCRD.token", Secret, "", "2.5", Served,
        "Access token.";
    "providers.kubernetesGateway", Block, "", "2.5", KUBERNETES,
        "Serves the Gateway API of Kubernetes.";
    "providers.kubernetesGateway.burst", Count, "100", "3.6", KUBERNETES,
        "Requests to the API server at once.";
    "providers.kubernetesGateway.certAuthFilePath", Text, "", "2.5", KUBERNETES,
        "File of the API server's CA.";
    "providers.kubernetesGateway.crossProviderNamespaces", Texts, "", "2.11", KUBERNETES,
        "Namespaces that may refer to objects of other providers; all when unset.";
    "providers.kubernetesGateway.endpoint", Text, "", "2.5", KUBERNETES,
        "URL of the API server; found by itself inside a cluster.";
    "providers.kubernetesGateway.experimentalChannel", Bool, "false", "3.0", KUBERNETES,
        "Also serves the kinds of the experimental channel.";
    "providers.kubernetesGateway.labelSelector", Text, "", "2.5", KUBERNETES,
        "Label selector that objects must match.";
    "providers.kubernetesGateway.namespaces", Texts, "", "2.5", KUBERNETES,
        "Namespaces to look at; all when empty.";
    "providers.kubernetesGateway.nativeLBByDefault", Bool, "false", "3.2", KUBERNETES,
        "Uses a service's cluster address instead of its pods.";
    "providers.kubernetesGateway.qps", Count, "50", "3.6", KUBERNETES,
        "Requests to the API server per second.";
    "providers.kubernetesGateway.statusAddress.hostname", Text, "", "3.0", KUBERNETES,
        "Host name written to Gateway status.";
    "providers.kubernetesGateway.statusAddress.ip", Text, "", "3.0", KUBERNETES,
        "Address written to Gateway status.";
    "providers.kubernetesGateway.statusAddress.service", Block, "", "3.0", KUBERNETES,
        "Service whose addresses are written to Gateway status.";
    "providers.kubernetesGateway.statusAddress.service.name", Text, "", "3.0", KUBERNETES,
        "Name of the service.";
    "providers.kubernetesGateway.statusAddress.service.namespace", Text, "", "3.0", KUBERNETES,
        "Namespace of the service.";
    "providers.kubernetesGateway.throttleDuration", Duration, "0s", "2.5", KUBERNETES,
        "Least time between two looks at changes.";
    "providers.kubernetesGateway.token", Secret, "", "2.5", KUBERNETES,
        "Access token.";
    "providers.kubernetesIngress", Block, "", "2.5", Served,
        "Serves Ingress objects of Kubernetes.";
    "providers.kubernetesIngress.allowEmptyServices", Bool, "false", "2.5", Served,
        "Keeps routers whose service has no server: they answer 503.";
    "providers.kubernetesIngress.allowExternalNameServices", Bool, "false", "2.5", Served,
        "Accepts services of type ExternalName.";
    "providers.kubernetesIngress.certAuthFilePath", Text, "", "2.5", Served,
        "File of the API server's CA.";
    "providers.kubernetesIngress.crossProviderNamespaces", Texts, "", "2.11", Served,
        "Namespaces that may refer to objects of other providers; all when unset.";
    "providers.kubernetesIngress.disableClusterScopeResources", Bool, "false", "3.1", Served,
        "Reads nothing that lies outside of namespaces.";
    "providers.kubernetesIngress.disableIngressClassLookup", Bool, "false", "3.0", Served,
        "Does not read IngressClass objects.";
    "providers.kubernetesIngress.endpoint", Text, "", "2.5", Served,
        "URL of the API server; found by itself inside a cluster.";
    "providers.kubernetesIngress.ingressClass", Text, "", "2.5", Served,
        "Class of the objects to take.";
    "providers.kubernetesIngress.ingressEndpoint.hostname", Text, "", "2.5", Served,
        "Host name written to Ingress status.";
    "providers.kubernetesIngress.ingressEndpoint.ip", Text, "", "2.5", Served,
        "Address written to Ingress status.";
    "providers.kubernetesIngress.ingressEndpoint.publishedService", Text, "", "2.5", Served,
        "Service, namespace/name, whose addresses are written to Ingress status.";
    "providers.kubernetesIngress.labelSelector", Text, "", "2.5", Served,
        "Label selector that objects must match.";
    "providers.kubernetesIngress.namespaces", Texts, "", "2.5", Served,
        "Namespaces to look at; all when empty.";
    "providers.kubernetesIngress.nativeLBByDefault", Bool, "false", "3.0", Served,
        "Uses a service's cluster address instead of its pods.";
    "providers.kubernetesIngress.reportNodeInternalIPs", Bool, "false", "3.8", Served,
        "Writes internal node addresses to Ingress status.";
    "providers.kubernetesIngress.strictPrefixMatching", Bool, "false", "3.5", Served,
        "Path type Prefix matches whole segments only.";
    "providers.kubernetesIngress.throttleDuration", Duration, "0s", "2.5", Served,
        "Least time between two looks at changes.";
    "providers.kubernetesIngress.token", Secret, "", "2.5", Served,
        "Access token.";
    "providers.kubernetesIngressNGINX", Block, "", "3.5", KUBERNETES,
        "Serves Ingress objects written for ingress-nginx.";
    "providers.kubernetesIngressNGINX.allowCrossNamespaceResources", Bool,
        "false", "3.7", KUBERNETES,
        "Lets annotations refer to other namespaces.";
    "providers.kubernetesIngressNGINX.allowSnippetAnnotations", Bool, "false", "3.7", KUBERNETES,
        "Reads snippet annotations.";
    "providers.kubernetesIngressNGINX.certAuthFilePath", Text, "", "3.5", KUBERNETES,
        "File of the API server's CA.";
    "providers.kubernetesIngressNGINX.clientBodyBufferSize", Count, "16384", "3.7", KUBERNETES,
        "Bytes of a request body kept in memory.";
    "providers.kubernetesIngressNGINX.controllerClass", Text,
        "k8s.io/ingress-nginx", "3.5", KUBERNETES,
        "Controller name of the IngressClass to serve.";
    "providers.kubernetesIngressNGINX.customHTTPErrors", Texts, "", "3.7", KUBERNETES,
        "Status codes that the default backend answers.";
    "providers.kubernetesIngressNGINX.defaultBackendService", Text, "", "3.5", KUBERNETES,
        "Service, namespace/name, for requests that match nothing.";
    "providers.kubernetesIngressNGINX.disableSvcExternalName", Bool, "false", "3.5", KUBERNETES,
        "Refuses services of type ExternalName.";
    "providers.kubernetesIngressNGINX.endpoint", Text, "", "3.5", KUBERNETES,
        "URL of the API server; found by itself inside a cluster.";
    "providers.kubernetesIngressNGINX.globalAllowedResponseHeaders", Texts, "", "3.7", KUBERNETES,
        "Headers that custom-headers may set.";
    "providers.kubernetesIngressNGINX.globalAuthURL", Text, "", "3.7", KUBERNETES,
        "Authentication URL for every Ingress.";
    "providers.kubernetesIngressNGINX.httpEntryPoint", Text, "", "3.7", KUBERNETES,
        "Entry point for plain HTTP.";
    "providers.kubernetesIngressNGINX.httpsEntryPoint", Text, "", "3.7", KUBERNETES,
        "Entry point for HTTPS.";
    "providers.kubernetesIngressNGINX.ingressClass", Text, "nginx", "3.5", KUBERNETES,
        "Class of the objects to take.";
    "providers.kubernetesIngressNGINX.ingressClassByName", Bool, "false", "3.5", KUBERNETES,
        "Also takes Ingresses by the class's name.";
    "providers.kubernetesIngressNGINX.ipAllowListStrategy.depth", Count, "0", "3.7", KUBERNETES,
        "Which X-Forwarded-For entry is the client, counted from the right.";
    "providers.kubernetesIngressNGINX.ipAllowListStrategy.excludedIPs", Texts,
        "", "3.7", KUBERNETES,
        "Entries of X-Forwarded-For to skip.";
    "providers.kubernetesIngressNGINX.ipAllowListStrategy.ipv6Subnet", Count,
        "0", "3.7", KUBERNETES,
        "Bits of an IPv6 address that identify the client.";
    "providers.kubernetesIngressNGINX.proxyBodySize", Count, "1048576", "3.7", KUBERNETES,
        "Largest request body in bytes.";
    "providers.kubernetesIngressNGINX.proxyBuffering", Bool, "false", "3.7", KUBERNETES,
        "Buffers answers.";
    "providers.kubernetesIngressNGINX.proxyBufferSize", Count, "8192", "3.7", KUBERNETES,
        "Bytes of one answer buffer.";
    "providers.kubernetesIngressNGINX.proxyBuffersNumber", Count, "4", "3.7", KUBERNETES,
        "Answer buffers per request.";
    "providers.kubernetesIngressNGINX.proxyConnectTimeout", Count, "60", "3.7", KUBERNETES,
        "Seconds to connect to a server.";
    "providers.kubernetesIngressNGINX.proxyNextUpstream", Text, "error timeout", "3.7", KUBERNETES,
        "When the next server is tried.";
    "providers.kubernetesIngressNGINX.proxyNextUpstreamTimeout", Count, "0", "3.7", KUBERNETES,
        "Seconds that all tries together may take; 0 is no limit.";
    "providers.kubernetesIngressNGINX.proxyNextUpstreamTries", Count, "3", "3.7", KUBERNETES,
        "Tries at most.";
    "providers.kubernetesIngressNGINX.proxyReadTimeout", Count, "60", "3.7", KUBERNETES,
        "Seconds between two reads from a server.";
    "providers.kubernetesIngressNGINX.proxyRequestBuffering", Bool, "false", "3.7", KUBERNETES,
        "Buffers requests.";
    "providers.kubernetesIngressNGINX.proxySendTimeout", Count, "60", "3.7", KUBERNETES,
        "Seconds between two writes to a server.";
    "providers.kubernetesIngressNGINX.publishService", Text, "", "3.5", KUBERNETES,
        "Service, namespace/name, whose addresses are written to Ingress status.";
    "providers.kubernetesIngressNGINX.publishStatusAddress", Texts, "", "3.5", KUBERNETES,
        "Addresses written to Ingress status.";
    "providers.kubernetesIngressNGINX.strictValidatePathType", Bool, "true", "3.7", KUBERNETES,
        "Refuses odd characters in paths of type Exact and Prefix.";
    "providers.kubernetesIngressNGINX.throttleDuration", Duration, "0s", "3.5", KUBERNETES,
        "Least time between two looks at changes.";
    "providers.kubernetesIngressNGINX.token", Secret, "", "3.5", KUBERNETES,
        "Access token.";
    "providers.kubernetesIngressNGINX.upstreamKeepaliveTimeout", Count, "60", "3.7", KUBERNETES,
        "Seconds that idle connections to servers are kept.";
    "providers.kubernetesIngressNGINX.watchIngressWithoutClass", Bool, "false", "3.5", KUBERNETES,
        "Also takes Ingresses without a class.";
    "providers.kubernetesIngressNGINX.watchNamespace", Text, "", "3.5", KUBERNETES,
        "Namespace to watch; all when empty.";
    "providers.kubernetesIngressNGINX.watchNamespaceSelector", Text, "", "3.5", KUBERNETES,
        "Label selector of the namespaces to watch.";
}
