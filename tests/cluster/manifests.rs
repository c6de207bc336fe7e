//! What `deploy/` holds for kubectl, applied to the API server and running.

use crate::harness::{Cluster, wait_for};

const OBJECTS: &str = include_str!("manifests/old-and-new.yaml");

#[test]
fn the_daemon_set_serves_on_the_nodes_ports() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let _turn = cluster.node_ports();
    for variant in ["base", "host-network", "io-uring"] {
        let folder = format!("deploy/{variant}");
        cluster.kubectl(&["apply", "--server-side", "-k", &folder]);
        let rolled = [
            "-n",
            "ringway",
            "rollout",
            "status",
            "ds/ringway",
            "--timeout=90s",
        ];
        cluster.kubectl(&rolled);
        let answer = cluster.ask_until((80, "nobody.example.com", "/"), |_| true);
        assert_eq!(answer.status, 404, "{variant}: {answer:?}");
    }
    has_the_rights_it_needs_and_no_more(&cluster);
    cluster.kubectl(&[
        "delete",
        "namespace/ringway",
        "ingressclass/traefik",
        "--timeout=90s",
    ]);
}

fn has_the_rights_it_needs_and_no_more(cluster: &Cluster) {
    let account = "--as=system:serviceaccount:ringway:ringway";
    for (verb, resource, allowed) in [
        ("list", "services", true),
        ("watch", "endpointslices.discovery.k8s.io", true),
        ("watch", "secrets", true),
        ("list", "ingressroutes.traefik.io", true),
        ("watch", "ingressroutes.traefik.containo.us", true),
        ("list", "ingressclasses.networking.k8s.io", true),
        (
            "patch",
            "ingresses.networking.k8s.io --subresource=status",
            true,
        ),
        ("list", "pods", false),
        ("create", "secrets", false),
        ("delete", "services", false),
        ("patch", "ingresses.networking.k8s.io", false),
        ("update", "leases.coordination.k8s.io", false),
    ] {
        let mut args = vec!["auth", "can-i", verb, "-n", "default", account];
        args.extend(resource.split(' '));
        let answer = cluster.try_run("kubectl", &args, "");
        assert_eq!(answer.is_ok(), allowed, "{verb} {resource}: {answer:?}");
    }
    let lease = [
        "auth",
        "can-i",
        "update",
        "leases.coordination.k8s.io",
        "-n",
        "ringway",
        account,
    ];
    cluster.kubectl(&lease);
}

#[test]
fn objects_of_both_groups_are_stored_whole() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    cluster.install_kinds();
    let namespace = cluster.namespace("kinds");
    // Discovery of kinds that were just installed may lag.
    wait_for("the kinds", || {
        let args = ["-n", namespace.name(), "apply", "-f", "-"];
        cluster.try_run("kubectl", &args, OBJECTS)
    });
    for (what, path, wanted) in [
        (
            "ingressroutes.traefik.io/new",
            "{.spec.routes[0].priority}",
            "10",
        ),
        (
            "ingressroutes.traefik.containo.us/old",
            "{.spec.routes[0].match}",
            "Host(`a`)",
        ),
        (
            // Gone since 3.0, and stored all the same.
            "middlewares.traefik.containo.us/old",
            "{.spec.headers.sslRedirect}{.spec.stripPrefix.forceSlash}",
            "truetrue",
        ),
        (
            "middlewares.traefik.io/plugin",
            "{.spec.plugin.demo.Headers.X-Demo}",
            "test",
        ),
    ] {
        let path = format!("jsonpath={path}");
        assert_eq!(
            namespace.kubectl(&["get", what, "-o", &path]),
            wanted,
            "{what}"
        );
    }
    // The server refuses what the schema forbids.
    let bad = OBJECTS.replace("priority: 10", "priority: ten");
    let refused = cluster.try_run(
        "kubectl",
        &["-n", namespace.name(), "apply", "-f", "-"],
        &bad,
    );
    assert!(refused.unwrap_err().contains("priority"));
}
