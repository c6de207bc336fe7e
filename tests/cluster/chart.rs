//! The Helm chart: clean, with the values that users of Traefik's chart have, and running.

use std::fs;

use crate::harness::{Cluster, Namespace, repository};

const CHART: &str = "deploy/helm/ringway";
const WHOAMI: &str = include_str!("manifests/whoami.yaml");

#[test]
fn the_chart_is_clean() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    for values in ["tutorial", "common", "older"] {
        let file = format!("tests/cluster/values/{values}.yaml");
        let args = ["lint", "--strict", CHART, "-f", &file];
        let text = cluster.run("helm", &args, "");
        assert!(text.contains("0 chart(s) failed"), "{text}");
    }
}

/// The command line that values give, one flag a line, in files that a person can read;
/// `UPDATE_GOLDEN=1` writes them anew.
#[test]
fn values_of_traefiks_chart_become_flags() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    for values in ["tutorial", "common", "older"] {
        let file = format!("tests/cluster/values/{values}.yaml");
        let args = ["template", "traefik", CHART, "-n", "here", "-f", &file];
        let text = cluster.run("helm", &args, "");
        let flags: String = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("- \"--"))
            .filter_map(|line| line.strip_suffix('"'))
            .map(|flag| format!("--{flag}\n"))
            .collect();
        let golden = repository().join(format!("tests/cluster/values/{values}.flags"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &flags).unwrap();
        }
        assert_eq!(flags, fs::read_to_string(&golden).unwrap(), "{values}");
        let applied = ["apply", "--dry-run=server", "-f", "-"];
        cluster.install_kinds();
        let namespace = cluster.namespace(values);
        let mut own = text;
        for space in ["here", "one", "two"] {
            let ours = format!("namespace: {}", namespace.name());
            own = own.replace(&format!("namespace: {space}"), &ours);
        }
        cluster.run("kubectl", &applied, &own);
    }
}

#[test]
fn the_tutorials_values_serve() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let _turn = cluster.node_ports();
    cluster.install_kinds();
    let namespace = cluster.namespace("chart");
    namespace.apply(WHOAMI);
    namespace.rolled_out("deployment/whoami");
    // Helm takes over nothing that it didn't make.
    cluster.kubectl(&["delete", "ingressclass", "traefik", "--ignore-not-found"]);
    let file = cluster.folder("chart").join("file.yaml");
    let address = format!("whoami.{}.svc.cluster.local", namespace.name());
    fs::write(&file, file_provider(&address)).unwrap();
    let values = [
        "-f",
        "tests/cluster/values/tutorial.yaml",
        "-f",
        file.to_str().unwrap(),
    ];
    helm(&cluster, &namespace, &values);
    namespace.rolled_out("deployment/traefik");
    served(&cluster);
    // A host port is taken until its pod is gone, and the new pod gets it then.
    let more = [&values[..], &["--set", "deployment.podLabels.second=yes"]].concat();
    helm(&cluster, &namespace, &more);
    namespace.rolled_out("deployment/traefik");
    served(&cluster);
    // As on every node at once.
    let more = [&values[..], &["--set", "deployment.kind=DaemonSet"]].concat();
    helm(&cluster, &namespace, &more);
    namespace.rolled_out("daemonset/traefik");
    served(&cluster);
    cluster.run(
        "helm",
        &["uninstall", "traefik", "-n", namespace.name(), "--wait"],
        "",
    );
}

fn helm(cluster: &Cluster, namespace: &Namespace<'_>, more: &[&str]) {
    let mut args = vec![
        "upgrade",
        "--install",
        "traefik",
        CHART,
        "-n",
        namespace.name(),
    ];
    args.extend(more);
    cluster.run("helm", &args, "");
}

fn served(cluster: &Cluster) {
    let asked = (80, "chart.example.com", "/anything");
    let answer = cluster.ask_until(asked, |answer| answer.status == 200);
    assert!(answer.body.contains("GET /anything HTTP/1.1"), "{answer:?}");
    let answer = cluster.ask_until((80, "other.example.com", "/"), |_| true);
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (404, "404 page not found\n")
    );
}

fn file_provider(address: &str) -> String {
    format!(
        "providers:
  file:
    enabled: true
    content: |
      http:
        routers:
          whoami:
            rule: Host(`chart.example.com`)
            service: whoami
        services:
          whoami:
            loadBalancer:
              servers:
                - url: http://{address}
"
    )
}
