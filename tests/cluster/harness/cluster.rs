use std::env;
use std::fs::{self, File};
use std::io::Write;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Once;

use super::{Answer, get, wait_for};

/// The cluster that `tests/cluster/up` started.
pub(crate) struct Cluster {
    node: IpAddr,
    state: PathBuf,
}

/// A namespace that goes with its owner.
pub(crate) struct Namespace<'cluster> {
    cluster: &'cluster Cluster,
    name: String,
}

impl Cluster {
    /// None where no cluster is up: the test passes over.
    pub(crate) fn find() -> Option<Self> {
        let (Ok(state), Ok(node)) = (
            env::var("RINGWAY_CLUSTER_STATE"),
            env::var("RINGWAY_CLUSTER_NODE"),
        ) else {
            eprintln!("passed over: no cluster is up; see tests/cluster/README.md");
            return None;
        };
        Some(Self {
            node: node.parse().unwrap(),
            state: state.into(),
        })
    }

    pub(crate) fn node(&self) -> IpAddr {
        self.node
    }

    /// Waits for the node's ports 80 and 443, and keeps others from them as long as the file lives.
    pub(crate) fn node_ports(&self) -> File {
        let file = File::create(self.state.join("node-ports.lock")).unwrap();
        file.lock().unwrap();
        file
    }

    /// A folder for what a test writes.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        let folder = self.state.join("tests").join(name);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    /// What a program prints, or what it complains of.
    pub(crate) fn try_run(
        &self,
        program: &str,
        args: &[&str],
        input: &str,
    ) -> Result<String, String> {
        let mut child = Command::new(program)
            .args(args)
            .current_dir(repository())
            .env("RINGWAY_CLUSTER_NODE", self.node.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{program}: {error}"))?;
        let mut stdin = child.stdin.take().unwrap();
        let text = input.to_owned();
        // A child that doesn't read ends the pipe, not the test.
        let writer = std::thread::spawn(move || drop(stdin.write_all(text.as_bytes())));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(printed)
        } else {
            let complaint = String::from_utf8_lossy(&output.stderr);
            Err(format!("{program} {args:?}: {printed}{complaint}"))
        }
    }

    pub(crate) fn run(&self, program: &str, args: &[&str], input: &str) -> String {
        self.try_run(program, args, input)
            .unwrap_or_else(|error| panic!("{error}"))
    }

    pub(crate) fn kubectl(&self, args: &[&str]) -> String {
        self.run("kubectl", args, "")
    }

    /// Applies manifests as they stand.
    pub(crate) fn apply(&self, namespace: &str, manifests: &str) -> String {
        self.run("kubectl", &["-n", namespace, "apply", "-f", "-"], manifests)
    }

    /// Installs the kinds of both groups; they stay.
    pub(crate) fn install_kinds(&self) {
        static DONE: Once = Once::new();
        DONE.call_once(|| {
            self.kubectl(&["apply", "--server-side", "-k", "deploy/crds"]);
            self.kubectl(&["wait", "--for=condition=Established", "crd", "--all"]);
        });
    }

    pub(crate) fn namespace(&self, name: &str) -> Namespace<'_> {
        let name = format!("{name}-{}", std::process::id());
        self.kubectl(&["create", "namespace", &name]);
        // Pods need the namespace's service account, which comes a moment later.
        wait_for("the service account", || {
            self.try_run("kubectl", &["-n", &name, "get", "sa", "default"], "")
        });
        Namespace {
            cluster: self,
            name,
        }
    }

    /// Asks a port of the node until the answer is as wanted.
    pub(crate) fn ask_until(
        &self,
        (port, host, path): (u16, &str, &str),
        good: impl Fn(&Answer) -> bool,
    ) -> Answer {
        wait_for(&format!("http://{host}:{port}{path}"), || {
            let answer = get(self.node, port, host, path)?;
            if good(&answer) {
                Ok(answer)
            } else {
                Err(format!("{answer:?}"))
            }
        })
    }
}

impl Namespace<'_> {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn apply(&self, manifests: &str) -> String {
        self.cluster.apply(&self.name, manifests)
    }

    pub(crate) fn kubectl(&self, args: &[&str]) -> String {
        let mut all = vec!["-n", &self.name];
        all.extend(args);
        self.cluster.kubectl(&all)
    }

    /// Waits until what was applied runs.
    pub(crate) fn rolled_out(&self, what: &str) {
        self.kubectl(&["rollout", "status", what, "--timeout=90s"]);
    }

    /// A container's output, once it has what is wanted in it.
    pub(crate) fn logs_until(&self, pod: &str, good: impl Fn(&str) -> bool) -> String {
        wait_for(&format!("the logs of {pod}"), || {
            let args = ["-n", &self.name, "logs", pod];
            let text = self.cluster.try_run("kubectl", &args, "")?;
            if good(&text) { Ok(text) } else { Err(text) }
        })
    }
}

impl Drop for Namespace<'_> {
    fn drop(&mut self) {
        let args = ["delete", "namespace", &self.name, "--wait=false"];
        // What is left ends with the cluster.
        drop(self.cluster.try_run("kubectl", &args, ""));
    }
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
