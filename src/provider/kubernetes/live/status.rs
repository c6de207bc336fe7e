//! The status of Ingresses: where the outside world finds them (features 13.2.7). Of several
//! instances, the one that holds a Lease writes it.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use kube::api::{GetParams, PostParams, Request};
use serde_json::{Value as Json, json};
use tokio::time::sleep;

use super::api::{Trouble, within};
use super::hub::Hub;
use crate::base::civil::Civil;
use crate::base::{Tick, clock};
use crate::config::Problem;
use crate::config::statics::{IngressEndpoint, Kubernetes};
use crate::provider::kubernetes::objects::core::{Ingress, IngressAddress, Service};
use crate::provider::kubernetes::objects::{Held, Key, Objects};
use crate::provider::kubernetes::translate::is_ours;

/// How often the status is looked at, and the Lease renewed.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// How long nobody has renewed the Lease when somebody else may take it.
const LEASE: Duration = Duration::from_secs(15);
const LEASE_NAME: &str = "ringway-ingress-status";
/// What the problems here are about.
const ABOUT: &str = "ingress status";

/// Keeps the status of all Ingresses of ours.
pub(super) async fn keep(
    hub: Rc<Hub>,
    client: Client,
    options: Kubernetes,
    endpoint: IngressEndpoint,
) {
    let mut lease = Lease::new(&client);
    loop {
        sleep(LOOK_EVERY).await;
        match lease.hold(&client).await {
            Ok(true) => {}
            Ok(false) => continue,
            // As Traefik does it: every instance writes, and all write the same.
            Err(Trouble::Forbidden) => {
                let rule = "{apiGroups: [coordination.k8s.io], resources: [leases], \
                    verbs: [get, create, update]}";
                let message = "we have no right to a Lease: every instance writes the status of \
                    Ingresses";
                let hint = format!("add to the rules of our Role: {rule}");
                hub.trouble(ABOUT, Problem::warning(message).hint(hint));
            }
            Err(_) => continue,
        }
        let due = hub.look(|objects| due(objects, &options, &endpoint));
        for (key, addresses) in due {
            if let Err(trouble) = write(&client, &key, &addresses).await {
                let message =
                    format!("the status of the Ingress {key} can't be written: {trouble}");
                let rule = "{apiGroups: [networking.k8s.io], resources: [ingresses/status], \
                    verbs: [update]}";
                let hint = format!("add to the rules of our ClusterRole: {rule}");
                hub.trouble("ingresses/status", Problem::warning(message).hint(hint));
                break;
            }
            hub.well("ingresses/status");
        }
    }
}

/// The Ingresses whose status is not what it should be.
fn due(
    objects: &Objects,
    options: &Kubernetes,
    endpoint: &IngressEndpoint,
) -> Vec<(Key, Vec<IngressAddress>)> {
    let Some(wanted) = addresses(objects, options, endpoint) else {
        return Vec::new();
    };
    let wrong = |held: &&Arc<Held<Ingress>>| {
        is_ours(objects, options, held) && held.spec.status.load_balancer.ingress != wanted
    };
    let ours = objects.ingresses.iter().filter(wrong);
    ours.map(|held| (held.meta.key.clone(), wanted.clone()))
        .collect()
}

/// Where the outside world finds us; `None` while nobody knows.
fn addresses(
    objects: &Objects,
    options: &Kubernetes,
    endpoint: &IngressEndpoint,
) -> Option<Vec<IngressAddress>> {
    let Some((namespace, name)) = endpoint.published_service.split_once('/') else {
        return Some(vec![IngressAddress {
            ip: endpoint.ip.clone(),
            hostname: endpoint.hostname.clone(),
        }]);
    };
    let service = &objects.services.find(&Key::new(namespace, name))?.spec;
    let found = published(objects, options, service);
    (!found.is_empty()).then_some(found)
}

fn published(objects: &Objects, options: &Kubernetes, service: &Service) -> Vec<IngressAddress> {
    let by_ip = |ip: &String| IngressAddress {
        ip: ip.clone(),
        hostname: String::new(),
    };
    match service.spec.type_.as_str() {
        "LoadBalancer" => service.status.load_balancer.ingress.clone(),
        "NodePort" => {
            let type_ = if options.report_node_internal_ips {
                "InternalIP"
            } else {
                "ExternalIP"
            };
            let nodes = objects.nodes.iter();
            let all = nodes.flat_map(|node| &node.spec.status.addresses);
            let wanted = all.filter(|address| address.type_ == type_);
            wanted.map(|address| by_ip(&address.address)).collect()
        }
        "ExternalName" => vec![IngressAddress {
            ip: String::new(),
            hostname: service.spec.external_name.clone(),
        }],
        _ => service.spec.external_ips.iter().map(by_ip).collect(),
    }
}

async fn write(client: &Client, key: &Key, addresses: &[IngressAddress]) -> Result<(), Trouble> {
    let list: Vec<Json> = addresses
        .iter()
        .map(|address| {
            let mut one = serde_json::Map::new();
            for (name, text) in [("ip", &address.ip), ("hostname", &address.hostname)] {
                if !text.is_empty() {
                    one.insert(name.to_owned(), Json::from(text.as_str()));
                }
            }
            Json::Object(one)
        })
        .collect();
    let broken = |error: kube::core::request::Error| Trouble::Broken(error.to_string());
    let path = format!(
        "/apis/networking.k8s.io/v1/namespaces/{}/ingresses",
        key.namespace
    );
    let request = Request::new(path);
    let get = request
        .get(&key.name, &GetParams::default())
        .map_err(broken)?;
    let mut ingress = within(client.request::<Json>(get)).await?;
    ingress["status"] = json!({"loadBalancer": {"ingress": list}});
    // The version in it makes the server refuse when somebody else was quicker.
    let body = ingress.to_string().into_bytes();
    let replace = request
        .replace_subresource("status", &key.name, &PostParams::default(), body)
        .map_err(broken)?;
    within(client.request::<Json>(replace)).await.map(drop)
}

/// The Lease, who we are, and what we last saw of who holds it.
struct Lease {
    path: String,
    holder: String,
    seen: String,
    seen_at: Tick,
}

impl Lease {
    fn new(client: &Client) -> Self {
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let namespace = client.default_namespace();
        Self {
            path: format!("/apis/coordination.k8s.io/v1/namespaces/{namespace}/leases"),
            holder: format!("{}-{}", host.trim(), std::process::id()),
            seen: String::new(),
            seen_at: clock::now(),
        }
    }

    fn spec(&self) -> Json {
        let nanos = clock::unix_nanos();
        let seconds = i64::try_from(nanos / 1_000_000_000).unwrap_or(i64::MAX);
        let micros = nanos % 1_000_000_000 / 1000;
        let head = Civil::new(seconds, 0).rfc3339_head();
        json!({
            "holderIdentity": self.holder,
            "leaseDurationSeconds": LEASE.as_secs(),
            "renewTime": format!("{head}.{micros:06}Z"),
        })
    }

    /// Takes or renews the Lease. False: somebody else holds it.
    async fn hold(&mut self, client: &Client) -> Result<bool, Trouble> {
        let broken = |error: kube::core::request::Error| Trouble::Broken(error.to_string());
        let request = Request::new(self.path.clone());
        let get = request
            .get(LEASE_NAME, &GetParams::default())
            .map_err(broken)?;
        let found = match within(client.request::<Json>(get)).await {
            Ok(found) => found,
            Err(Trouble::Missing) => {
                let body = json!({
                    "apiVersion": "coordination.k8s.io/v1",
                    "kind": "Lease",
                    "metadata": {"name": LEASE_NAME},
                    "spec": self.spec(),
                });
                let create = request
                    .create(&PostParams::default(), body.to_string().into_bytes())
                    .map_err(broken)?;
                return taken(within(client.request::<Json>(create)).await);
            }
            Err(trouble) => return Err(trouble),
        };
        let spec = &found["spec"];
        let is_own = spec["holderIdentity"].as_str() == Some(&self.holder);
        let renewed = spec["renewTime"].as_str().unwrap_or_default();
        // Clocks of two machines differ: what counts is how long we have seen no renewal.
        if renewed != self.seen {
            renewed.clone_into(&mut self.seen);
            self.seen_at = clock::now();
        }
        if !is_own && clock::now().since(self.seen_at) < LEASE {
            return Ok(false);
        }
        let mut body = found;
        body["spec"] = self.spec();
        let body = body.to_string().into_bytes();
        let replace = request
            .replace(LEASE_NAME, &PostParams::default(), body)
            .map_err(broken)?;
        taken(within(client.request::<Json>(replace)).await)
    }
}

/// A conflict means that somebody else was quicker.
fn taken(answer: Result<Json, Trouble>) -> Result<bool, Trouble> {
    match answer {
        Ok(_) => Ok(true),
        Err(Trouble::Conflict) => Ok(false),
        Err(trouble) => Err(trouble),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::Tree;
    use crate::provider::kubernetes::objects::{Group, Kind, read};

    fn put(objects: &mut Objects, kind: Kind, text: &str) {
        let tree = Tree::yaml(text).unwrap();
        let (object, told) = read(kind, tree.root(), "");
        objects.put(Group::Core, object.unwrap_or_else(|| panic!("{told:?}")));
    }

    #[test]
    fn what_is_published_is_what_the_service_has() {
        let node = "{metadata: {name: n}, status: {addresses: [{type: ExternalIP, address: 1.1.1.1}, \
            {type: InternalIP, address: 2.2.2.2}]}}";
        let table = [
            (
                "type: LoadBalancer",
                "loadBalancer: {ingress: [{ip: 3.3.3.3}, {hostname: h}]}",
                "3.3.3.3 h",
            ),
            ("type: LoadBalancer", "loadBalancer: {}", ""),
            (
                "type: ClusterIP, externalIPs: [4.4.4.4]",
                "loadBalancer: {}",
                "4.4.4.4",
            ),
            ("type: NodePort", "loadBalancer: {}", "1.1.1.1"),
            (
                "type: ExternalName, externalName: x.example",
                "loadBalancer: {}",
                "x.example",
            ),
        ];
        let endpoint = IngressEndpoint {
            published_service: "n/s".to_owned(),
            ip: "9.9.9.9".to_owned(),
            ..IngressEndpoint::default()
        };
        let shown = |objects: &Objects, options: &Kubernetes, endpoint: &IngressEndpoint| {
            let found = addresses(objects, options, endpoint).unwrap_or_default();
            let words: Vec<_> = found
                .into_iter()
                .map(|one| one.ip + &one.hostname)
                .collect();
            words.join(" ")
        };
        let plain = Kubernetes::default();
        for (spec, status, expected) in table {
            let mut objects = Objects::default();
            put(&mut objects, Kind::Node, node);
            let text = format!(
                "{{metadata: {{name: s, namespace: n}}, spec: {{{spec}}}, status: {{{status}}}}}"
            );
            put(&mut objects, Kind::Service, &text);
            assert_eq!(shown(&objects, &plain, &endpoint), expected, "{spec}");
            if spec.contains("NodePort") {
                let inner = Kubernetes {
                    report_node_internal_ips: true,
                    ..Kubernetes::default()
                };
                assert_eq!(shown(&objects, &inner, &endpoint), "2.2.2.2");
            }
        }
        let named = IngressEndpoint {
            hostname: "edge.example".to_owned(),
            ..IngressEndpoint::default()
        };
        assert_eq!(shown(&Objects::default(), &plain, &named), "edge.example");
        // A Service that is not there yet publishes nothing.
        assert_eq!(shown(&Objects::default(), &plain, &endpoint), "");
    }
}
