//! The router on this machine, with the cluster as its provider.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use crate::harness::{Answer, Cluster, Namespace, get, wait_for};

const WHOAMI: &str = include_str!("manifests/whoami.yaml");
const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// A router that ends with its owner.
struct Router {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Router {
    fn start(cluster: &Cluster, name: &str, flags: &[&str], kubeconfig: Option<&Path>) -> Self {
        let port = TcpListener::bind((LOCAL, 0))
            .and_then(|listener| listener.local_addr())
            .unwrap()
            .port();
        let log = cluster.folder(name).join(format!("router-{port}.log"));
        let out = File::create(&log).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_ringway"));
        command
            .env_remove("KUBECONFIG")
            .arg(format!("--entryPoints.web.address=127.0.0.1:{port}"))
            .arg("--providers.providersThrottleDuration=100ms")
            .arg("--log.level=INFO")
            .args(flags)
            .stdout(out.try_clone().unwrap())
            .stderr(out);
        if let Some(kubeconfig) = kubeconfig {
            command.env("KUBECONFIG", kubeconfig);
        }
        Self {
            child: command.spawn().unwrap(),
            port,
            log,
        }
    }

    fn ask(&self, host: &str, path: &str) -> Result<Answer, String> {
        get(LOCAL, self.port, host, path)
    }

    fn ask_until(&self, host: &str, path: &str, good: impl Fn(&Answer) -> bool) -> Answer {
        wait_for(&format!("{host}{path}"), || {
            let answer = self.ask(host, path)?;
            if good(&answer) {
                Ok(answer)
            } else {
                Err(format!("{answer:?}\n{}", self.log()))
            }
        })
    }

    fn serves(&self, host: &str, path: &str) -> Answer {
        self.ask_until(host, path, |answer| answer.status == 200)
    }

    fn refuses(&self, host: &str, path: &str) {
        self.ask_until(host, path, |answer| answer.status == 404);
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn logs(&self, text: &str) {
        wait_for("a line of the log", || {
            let log = self.log();
            if log.contains(text) { Ok(()) } else { Err(log) }
        });
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn kubeconfig() -> PathBuf {
    std::env::var_os("KUBECONFIG").unwrap().into()
}

/// Two pods and a Service, ready.
fn whoami<'cluster>(cluster: &'cluster Cluster, name: &str) -> Namespace<'cluster> {
    cluster.install_kinds();
    let namespace = cluster.namespace(name);
    namespace.apply(WHOAMI);
    namespace.rolled_out("deployment/whoami");
    namespace
}

fn route(group: &str, name: &str, host: &str, more: &str) -> String {
    format!(
        "{{apiVersion: {group}/v1alpha1, kind: IngressRoute, metadata: {{name: {name}{more}}}, spec: \
         {{routes: [{{match: Host(`{host}`), services: [{{name: whoami, port: 80}}]}}]}}}}\n---\n"
    )
}

#[test]
fn routes_of_both_groups_come_change_and_go() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = whoami(&cluster, "routes");
    let only = format!("--providers.kubernetescrd.namespaces={}", namespace.name());
    let router = Router::start(&cluster, "routes", &[&only], Some(&kubeconfig()));
    namespace.apply(&route("traefik.io", "new", "new.example", ""));
    namespace.apply(&route("traefik.containo.us", "old", "old.example", ""));
    router.serves("new.example", "/");
    router.serves("old.example", "/");
    // Another host, and a middleware that comes before the route that names it.
    namespace.apply(
        "{apiVersion: traefik.io/v1alpha1, kind: Middleware, metadata: {name: strip}, spec: \
         {stripPrefix: {prefixes: [/foo]}}}",
    );
    namespace.apply(
        "{apiVersion: traefik.io/v1alpha1, kind: IngressRoute, metadata: {name: new}, spec: \
         {routes: [{match: Host(`next.example`), middlewares: [{name: strip}], services: \
         [{name: whoami, port: web}]}]}}",
    );
    let answer = router.serves("next.example", "/foo/api");
    assert!(answer.body.contains("X-Forwarded-Prefix"), "{answer:?}");
    router.refuses("new.example", "/");
    namespace.kubectl(&["delete", "ingressroutes.traefik.containo.us", "old"]);
    router.refuses("old.example", "/");
    // Every endpoint that is ready gets requests, and one that is gone gets none.
    namespace.kubectl(&["scale", "deployment/whoami", "--replicas=1"]);
    namespace.rolled_out("deployment/whoami");
    namespace.kubectl(&["delete", "service", "whoami"]);
    router.refuses("next.example", "/");
}

#[test]
fn an_ingress_is_served_and_its_status_written() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = whoami(&cluster, "ingress");
    let class = format!("class-{}", namespace.name());
    cluster.apply(
        namespace.name(),
        &format!(
            "{{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {{name: {class}}}, \
             spec: {{controller: traefik.io/ingress-controller}}}}"
        ),
    );
    let flags = [
        &format!(
            "--providers.kubernetesingress.namespaces={}",
            namespace.name()
        ),
        &format!("--providers.kubernetesingress.ingressClass={class}"),
        "--providers.kubernetesingress.ingressEndpoint.ip=192.0.2.7",
    ];
    let router = Router::start(&cluster, "ingress", &flags, Some(&kubeconfig()));
    namespace.apply(&format!(
        "{{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {{name: web}}, spec: \
         {{ingressClassName: {class}, rules: [{{host: ingress.example, http: {{paths: [{{path: /, \
         pathType: Prefix, backend: {{service: {{name: whoami, port: {{number: 80}}}}}}}}]}}}}]}}}}"
    ));
    router.serves("ingress.example", "/");
    let path = "jsonpath={.status.loadBalancer.ingress[0].ip}";
    wait_for("the status", || {
        let ip = namespace.kubectl(&["get", "ingress", "web", "-o", path]);
        if ip == "192.0.2.7" { Ok(()) } else { Err(ip) }
    });
    cluster.kubectl(&["delete", "ingressclass", &class]);
    router.refuses("ingress.example", "/");
}

#[test]
fn two_routers_divide_the_routes_by_class_and_by_label() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = whoami(&cluster, "divided");
    let only = format!("--providers.kubernetescrd.namespaces={}", namespace.name());
    let class = "--providers.kubernetescrd.ingressclass=traefik-in";
    let label = "--providers.kubernetescrd.labelselector=ingressclass=traefik-out";
    let inner = Router::start(&cluster, "divided", &[&only, class], Some(&kubeconfig()));
    let outer = Router::start(&cluster, "divided", &[&only, label], Some(&kubeconfig()));
    let annotated = ", annotations: {kubernetes.io/ingress.class: traefik-in}";
    let labelled = ", labels: {ingressclass: traefik-out}";
    namespace.apply(&route("traefik.io", "inner", "inner.example", annotated));
    namespace.apply(&route("traefik.io", "outer", "outer.example", labelled));
    inner.serves("inner.example", "/");
    outer.serves("outer.example", "/");
    inner.refuses("outer.example", "/");
    outer.refuses("inner.example", "/");
}

/// The certificate of the API server's CA, in a file.
fn authority(cluster: &Cluster, name: &str) -> PathBuf {
    let jsonpath = "jsonpath={.clusters[0].cluster.certificate-authority-data}";
    let data = cluster.kubectl(&["config", "view", "--raw", "-o", jsonpath]);
    let file = cluster.folder(name).join("ca.crt");
    fs::write(&file, cluster.run("base64", &["-d"], &data)).unwrap();
    file
}

fn server(cluster: &Cluster) -> String {
    let jsonpath = "jsonpath={.clusters[0].cluster.server}";
    cluster.kubectl(&["config", "view", "--raw", "-o", jsonpath])
}

#[test]
fn a_right_that_is_missing_is_named_and_noticed_when_it_comes() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = whoami(&cluster, "rights");
    let name = namespace.name();
    let kinds = "ingressroutes.traefik.io,middlewares.traefik.io,services,secrets";
    let role = ["create", "role", "reader", "--verb=get,list,watch"];
    let resource = format!("--resource={kinds}");
    namespace.kubectl(&[&role[..], &[&resource]].concat());
    let account = format!("--serviceaccount={name}:default");
    namespace.kubectl(&["create", "rolebinding", "reader", "--role=reader", &account]);
    namespace.apply(&route("traefik.io", "web", "rights.example", ""));
    let token = namespace.kubectl(&["create", "token", "default"]);
    let flags = [
        &format!("--providers.kubernetescrd.endpoint={}", server(&cluster)),
        &format!("--providers.kubernetescrd.token={}", token.trim()),
        &format!(
            "--providers.kubernetescrd.certAuthFilePath={}",
            authority(&cluster, "rights").display()
        ),
        &format!("--providers.kubernetescrd.namespaces={name}"),
    ];
    let flags: Vec<&str> = flags.iter().map(|flag| flag.as_str()).collect();
    let router = Router::start(&cluster, "rights", &flags, None);
    router.logs("we have no right to list and watch endpointslices.discovery.k8s.io");
    router.logs("resources: [endpointslices], verbs: [get, list, watch]");
    router.refuses("rights.example", "/");
    let late = [
        "create",
        "role",
        "late",
        "--verb=get,list,watch",
        "--resource=endpointslices.discovery.k8s.io",
    ];
    namespace.kubectl(&late);
    namespace.kubectl(&["create", "rolebinding", "late", "--role=late", &account]);
    router.serves("rights.example", "/");
}

/// Stands between the router and the API server, and can be cut.
struct Wire {
    address: SocketAddr,
    is_cut: Arc<AtomicBool>,
    connections: Arc<AtomicUsize>,
}

impl Wire {
    fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((LOCAL, 0)).unwrap();
        let wire = Self {
            address: listener.local_addr().unwrap(),
            is_cut: Arc::default(),
            connections: Arc::default(),
        };
        let is_cut = Arc::clone(&wire.is_cut);
        let connections = Arc::clone(&wire.connections);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                connections.fetch_add(1, Ordering::Relaxed);
                if is_cut.load(Ordering::Relaxed) {
                    continue;
                }
                let Ok(upstream) = TcpStream::connect(server) else {
                    continue;
                };
                pump(&stream, &upstream, &is_cut);
                pump(&upstream, &stream, &is_cut);
            }
        });
        wire
    }
}

/// Carries bytes one way, until the wire is cut.
fn pump(from: &TcpStream, to: &TcpStream, is_cut: &Arc<AtomicBool>) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    let is_cut = Arc::clone(is_cut);
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(size) = from.read(&mut buffer) {
            let over = size == 0 || is_cut.load(Ordering::Relaxed);
            if over || to.write_all(&buffer[..size]).is_err() {
                break;
            }
        }
        let _gone = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    });
}

#[test]
fn routes_outlive_the_api_server_and_changes_are_served_after_it_is_back() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = whoami(&cluster, "away");
    let server = server(&cluster);
    let wire = Wire::to(server.trim_start_matches("https://").parse().unwrap());
    // The certificate is that of the server's own address.
    let text = fs::read_to_string(kubeconfig()).unwrap();
    let host = server
        .trim_start_matches("https://")
        .split(':')
        .next()
        .unwrap();
    let text = text.replace(
        &server,
        &format!("https://{}\n    tls-server-name: {host}", wire.address),
    );
    let through = cluster.folder("away").join("kubeconfig");
    fs::write(&through, text).unwrap();
    let only = format!("--providers.kubernetescrd.namespaces={}", namespace.name());
    let router = Router::start(&cluster, "away", &[&only], Some(&through));
    namespace.apply(&route("traefik.io", "web", "away.example", ""));
    router.serves("away.example", "/");
    wire.is_cut.store(true, Ordering::Relaxed);
    // A beat goes over the wire every two seconds, which ends what is open.
    router.logs("what was read before stays in force");
    namespace.apply(&route("traefik.io", "late", "late.example", ""));
    let before = wire.connections.load(Ordering::Relaxed);
    for _ in 0..50 {
        assert_eq!(router.ask("away.example", "/").unwrap().status, 200);
        thread::park_timeout(std::time::Duration::from_millis(100));
    }
    let tries = wire.connections.load(Ordering::Relaxed) - before;
    assert!(
        tries < 300,
        "{tries} connections in five seconds of absence"
    );
    router.refuses("late.example", "/");
    wire.is_cut.store(false, Ordering::Relaxed);
    router.serves("late.example", "/");
}

#[test]
fn changes_wait_for_the_throttle() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let namespace = whoami(&cluster, "throttle");
    let flags = [
        &format!("--providers.kubernetescrd.namespaces={}", namespace.name()),
        "--providers.kubernetescrd.throttleDuration=5s",
        &format!(
            "--providers.kubernetesingress.namespaces={}",
            namespace.name()
        ),
        "--providers.kubernetesingress.throttleDuration=5s",
    ];
    let flags: Vec<&str> = flags.iter().map(|flag| &**flag).collect();
    let router = Router::start(&cluster, "throttle", &flags, Some(&kubeconfig()));
    namespace.apply(&route("traefik.io", "one", "one.example", ""));
    router.serves("one.example", "/");
    namespace.apply(&route("traefik.io", "two", "two.example", ""));
    thread::park_timeout(std::time::Duration::from_millis(1500));
    assert_eq!(router.ask("two.example", "/").unwrap().status, 404);
    router.serves("two.example", "/");
}
