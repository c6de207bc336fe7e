//! The node itself: whether pods live on it as they do elsewhere.

use crate::harness::{Cluster, get, udp, wait_for};

const WHOAMI: &str = include_str!("manifests/whoami.yaml");
const UDP: &str = include_str!("manifests/whoamiudp.yaml");
const FILES: &str = include_str!("manifests/files.yaml");
const TOKEN: &str = include_str!("manifests/token.yaml");
const UNREADY: &str = include_str!("manifests/unready.yaml");

fn node_port(namespace: &crate::harness::Namespace<'_>, service: &str) -> u16 {
    let path = "jsonpath={.spec.ports[0].nodePort}";
    let port = namespace.kubectl(&["get", "service", service, "-o", path]);
    port.parse().unwrap()
}

#[test]
fn a_service_spreads_over_the_pods_of_a_deployment() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = cluster.namespace("spread");
    namespace.apply(WHOAMI);
    namespace.rolled_out("deployment/whoami");
    let port = node_port(&namespace, "whoami");
    let pods = namespace.kubectl(&["get", "pods", "-l", "app=whoami", "-o", "name"]);
    let names: Vec<_> = pods.lines().map(|line| &line["pod/".len()..]).collect();
    assert_eq!(names.len(), 2, "{pods}");
    for name in names {
        let wanted = format!("Hostname: {name}");
        cluster.ask_until((port, "any", "/"), |answer| answer.body.contains(&wanted));
    }
}

#[test]
fn datagrams_reach_a_pod() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = cluster.namespace("udp");
    namespace.apply(UDP);
    namespace.rolled_out("deployment/whoamiudp");
    let port = node_port(&namespace, "whoamiudp");
    let answer = wait_for("an answer", || udp(cluster.node(), port, "WHO"));
    assert!(answer.starts_with("Hostname: whoamiudp-"), "{answer}");
    let answer = wait_for("an answer", || udp(cluster.node(), port, "othermessage"));
    assert_eq!(answer, "Received: othermessage");
}

#[test]
fn a_pod_has_its_files_and_variables() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = cluster.namespace("files");
    namespace.apply(FILES);
    let text = namespace.logs_until("files", |text| text.contains("end"));
    let wanted = "from the config map\n\
         from the secret\n\
         one file of it: from the config map\n\
         PLAIN=value and value\n\
         KEY=from the config map\n\
         NAME=files\n\
         user 1234\n\
         the root is read-only\n\
         end\n";
    assert_eq!(text, wanted);
    // A change arrives in the volume, without a new pod.
    let patch = r#"{"data":{"text":"another\n"}}"#;
    namespace.kubectl(&["patch", "configmap", "texts", "-p", patch]);
    namespace.logs_until("files", |text| text.ends_with("changed: another\n"));
}

#[test]
fn a_service_account_has_the_rights_it_was_given() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = cluster.namespace("token");
    namespace.apply(TOKEN);
    namespace.logs_until("asker", |text| text.contains("services 403"));
    let role = [
        "create",
        "role",
        "reader",
        "--verb=list",
        "--resource=services",
    ];
    namespace.kubectl(&role);
    let account = format!("--serviceaccount={}:default", namespace.name());
    namespace.kubectl(&["create", "rolebinding", "reader", "--role=reader", &account]);
    namespace.logs_until("asker", |text| text.contains("services 200"));
}

#[test]
fn a_pod_that_is_not_ready_gets_no_traffic() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = cluster.namespace("unready");
    namespace.apply(UNREADY);
    let running = [
        "wait",
        "--for=jsonpath={.status.phase}=Running",
        "pod/late",
        "--timeout=90s",
    ];
    namespace.kubectl(&running);
    let port = node_port(&namespace, "late");
    let slice = [
        "get",
        "endpointslice",
        "-o",
        "jsonpath={.items[0].endpoints[0].conditions.ready}",
    ];
    wait_for("the endpoint", || {
        let ready = namespace.kubectl(&slice);
        (ready == "false").then_some(()).ok_or(ready)
    });
    assert!(get(cluster.node(), port, "any", "/").is_err());
    // Its readiness is a file of a ConfigMap.
    let patch = r#"{"data":{"ready":"yes"}}"#;
    namespace.kubectl(&["patch", "configmap", "late", "-p", patch]);
    cluster.ask_until((port, "any", "/"), |answer| answer.status == 200);
    // A kind end: it is told, and the object is gone when the process is.
    namespace.kubectl(&["delete", "pod", "late", "--timeout=60s"]);
    assert_eq!(namespace.kubectl(&["get", "pods", "-o", "name"]), "");
}
