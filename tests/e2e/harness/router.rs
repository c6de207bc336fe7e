use std::fmt::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::process::{Command, ExitStatus};

use super::{Answer, Client, Folder, Process, Server, free_address, wait_for};

/// Answers once the dynamic configuration serves.
const READY: &str = "/ringway-test-is-ready";

/// A configuration in the making. Texts are YAML; each line is indented for its place.
#[derive(Clone, Default)]
pub(crate) struct Site {
    entry: String,
    top: String,
    routers: String,
    services: String,
    middlewares: String,
    transports: String,
    descriptors: Option<u32>,
    engine: Option<&'static str>,
}

/// A running router with the entry point `web`.
pub(crate) struct Router {
    process: Process,
    web: SocketAddr,
    site: Site,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// One router for all paths to one server.
    pub(crate) fn to(server: SocketAddr) -> Self {
        Self::new()
            .service("s", &[server])
            .router("r", "PathPrefix(`/`)", "s", "")
    }

    /// Adds lines below `entryPoints.web`.
    pub(crate) fn entry(mut self, lines: &str) -> Self {
        indent(&mut self.entry, 4, lines);
        self
    }

    /// Adds lines at the root of the static file.
    pub(crate) fn top(mut self, lines: &str) -> Self {
        indent(&mut self.top, 0, lines);
        self
    }

    /// Adds a router; `more` are lines of it, such as `middlewares: [a]`.
    pub(crate) fn router(mut self, name: &str, rule: &str, service: &str, more: &str) -> Self {
        let lines = format!("{name}:\n  rule: \"{rule}\"\n  service: {service}");
        indent(&mut self.routers, 4, &lines);
        indent(&mut self.routers, 6, more);
        self
    }

    /// Adds a load balancer over these servers.
    pub(crate) fn service(self, name: &str, servers: &[SocketAddr]) -> Self {
        self.service_with(name, servers, "")
    }

    /// As [`Site::service`]; `more` are lines of its `loadBalancer`.
    pub(crate) fn service_with(mut self, name: &str, servers: &[SocketAddr], more: &str) -> Self {
        indent(&mut self.services, 4, &format!("{name}:\n  loadBalancer:"));
        let lines = &mut self.services;
        if servers.is_empty() {
            lines.push_str("        servers: []\n");
        } else {
            lines.push_str("        servers:\n");
        }
        for server in servers {
            writeln!(lines, "          - url: \"http://{server}\"").unwrap();
        }
        indent(lines, 8, more);
        self
    }

    /// Adds a service of any kind.
    pub(crate) fn service_of(mut self, name: &str, lines: &str) -> Self {
        indent(&mut self.services, 4, &format!("{name}:"));
        indent(&mut self.services, 6, lines);
        self
    }

    pub(crate) fn middleware(mut self, name: &str, lines: &str) -> Self {
        indent(&mut self.middlewares, 4, &format!("{name}:"));
        indent(&mut self.middlewares, 6, lines);
        self
    }

    pub(crate) fn transport(mut self, name: &str, lines: &str) -> Self {
        indent(&mut self.transports, 4, &format!("{name}:"));
        indent(&mut self.transports, 6, lines);
        self
    }

    /// Bounds the descriptors that the program may have open.
    pub(crate) fn descriptors(mut self, most: u32) -> Self {
        self.descriptors = Some(most);
        self
    }

    /// The driver, where the test is about it.
    pub(crate) fn engine(mut self, engine: &'static str) -> Self {
        self.engine = Some(engine);
        self
    }

    /// `RINGWAY_TEST_ENGINE` chooses the driver under test.
    pub(crate) fn static_file(&self, web: SocketAddr) -> String {
        let chosen = std::env::var("RINGWAY_TEST_ENGINE").unwrap_or_else(|_| "auto".to_owned());
        let engine = self.engine.unwrap_or(&chosen);
        format!(
            "engine: {engine}\nentryPoints:\n  web:\n    address: \"{web}\"\n{}\
             providers:\n  providersThrottleDuration: 10ms\n  file:\n    filename: dynamic.yml\n\
             ping:\n  manualRouting: true\n{}",
            self.entry, self.top
        )
    }

    pub(crate) fn dynamic_file(&self) -> String {
        let mut text = format!(
            "http:\n  routers:\n    ringway-test-ready:\n      rule: \"Path(`{READY}`)\"\n      \
             priority: 100000\n      service: ping@internal\n{}",
            self.routers
        );
        let sections = [
            ("services", &self.services),
            ("middlewares", &self.middlewares),
            ("serversTransports", &self.transports),
        ];
        for (name, lines) in sections {
            if !lines.is_empty() {
                write!(text, "  {name}:\n{lines}").unwrap();
            }
        }
        text
    }

    /// Starts the program and waits until it serves this configuration.
    pub(crate) fn start(self) -> Router {
        let web = free_address();
        let mut router = Router {
            process: self.start_at(web),
            web,
            site: self,
        };
        router.wait_until_ready();
        router
    }

    /// Starts the program with the entry point at this address, and does not wait.
    pub(crate) fn start_at(&self, web: SocketAddr) -> Process {
        let folder = Folder::new();
        folder.write("dynamic.yml", &self.dynamic_file());
        folder.write("static.yml", &self.static_file(web));
        let program = env!("CARGO_BIN_EXE_ringway");
        let mut command = match self.descriptors {
            Some(most) => {
                let mut shell = Command::new("sh");
                let script = format!("ulimit -n {most}; exec \"$0\" \"$@\"");
                shell.arg("-c").arg(script).arg(program);
                shell
            }
            None => Command::new(program),
        };
        command.arg("--configFile=static.yml");
        Process::start(command, folder)
    }
}

impl Router {
    /// One router for all paths to one server.
    pub(crate) fn to(server: &Server) -> Self {
        Site::to(server.address()).start()
    }

    fn wait_until_ready(&mut self) {
        wait_for("the router to serve", || {
            if let Some(status) = self.process.has_ended() {
                panic!("the router ended: {status}");
            }
            TcpStream::connect(self.web).ok()?;
            let answer = self.get(READY);
            (answer.status == 200).then_some(())
        });
    }

    pub(crate) fn web(&self) -> SocketAddr {
        self.web
    }

    pub(crate) fn folder(&self) -> &Folder {
        self.process.folder()
    }

    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.web)
    }

    /// One request on a connection of its own.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.connect().get(path)
    }

    /// Sends bytes on a connection of their own, and reads one answer.
    pub(crate) fn ask(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut client = self.connect();
        client.send(bytes);
        client.answer()
    }

    /// Replaces the dynamic configuration; the caller waits for what it changes.
    pub(crate) fn change(&mut self, change: impl FnOnce(Site) -> Site) {
        self.site = change(std::mem::take(&mut self.site));
        let text = self.site.dynamic_file();
        self.folder().write("dynamic.yml", &text);
    }

    /// SIGTERM, and the exit.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.process.signal("TERM");
        self.process.wait()
    }

    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait()
    }

    /// Resident memory, without pages of files.
    pub(crate) fn memory_bytes(&self) -> u64 {
        let status = self.process_file("status");
        let line = status.lines().find(|line| line.starts_with("RssAnon:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
        kilobytes.unwrap().parse::<u64>().unwrap() * 1024
    }

    /// CPU time of all threads so far, kernel time included.
    pub(crate) fn cpu_millis(&self) -> u64 {
        let tasks = format!("/proc/{}/task", self.process.id());
        let threads = std::fs::read_dir(tasks).unwrap();
        let nanos = threads.map(|thread| {
            let path = thread.unwrap().path().join("schedstat");
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let on_cpu = text.split(' ').next().and_then(|text| text.parse().ok());
            on_cpu.unwrap_or(0)
        });
        nanos.sum::<u64>() / 1_000_000
    }

    fn process_file(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.process.id())).unwrap()
    }
}

fn indent(text: &mut String, columns: usize, lines: &str) {
    for line in lines.lines() {
        writeln!(text, "{:columns$}{line}", "").unwrap();
    }
}
