//! The commands of the program, as data: parsing, help and completion read it.

/// One command of the program.
#[derive(Debug)]
pub struct CommandSpec {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// What follows the name.
    pub(crate) usage: &'static str,
    /// True when it also takes the options of the static configuration.
    pub(crate) takes_options: bool,
    pub(crate) switches: &'static [Switch],
    pub(crate) about: &'static str,
    /// A command line, and what it is good for.
    pub(crate) examples: &'static [(&'static str, &'static str)],
}

/// A flag of one command.
#[derive(Debug)]
pub(crate) struct Switch {
    pub(crate) name: &'static str,
    /// `-f` for `--file`; empty when there is none.
    pub(crate) short: &'static str,
    /// What its value is, in words; empty when it takes none. `a|b` lists the words allowed.
    pub(crate) value: &'static str,
    pub(crate) help: &'static str,
}

const fn switch(
    name: &'static str,
    short: &'static str,
    value: &'static str,
    help: &'static str,
) -> Switch {
    Switch {
        name,
        short,
        value,
        help,
    }
}

/// Every command, in the order of the help text; `run`, the default, first.
pub(crate) const COMMANDS: [CommandSpec; 9] = [
    CommandSpec {
        name: "run",
        summary: "Serve traffic (this is what happens without a command)",
        usage: "[--<option>=<value> ...]",
        takes_options: true,
        switches: &[],
        about: "\
Reads the static configuration from ONE source, the first that says something:
  1. a file: --configFile=<path>, or else the first that exists of ringway.toml,
     ringway.yaml, ringway.yml, traefik.toml, traefik.yaml, traefik.yml in
     /etc/ringway or /etc/traefik, $XDG_CONFIG_HOME, $HOME/.config, and here;
  2. flags: --entryPoints.web.address=:80 (names in any case; a bare switch is on);
  3. the environment: RINGWAY_ENTRYPOINTS_WEB_ADDRESS=:80, or with TRAEFIK_ in front.
Sources are not merged. Routes are dynamic configuration: see --providers.file.

SIGTERM and SIGINT drain and stop; SIGUSR1 opens the log files anew.",
        examples: &[
            (
                "ringway --configFile=traefik.yml",
                "Serve what a file says.",
            ),
            (
                "ringway --entryPoints.web.address=:8080 --providers.file.filename=routes.yml",
                "Serve on one port, with the routes of a file that is watched.",
            ),
            (
                "TRAEFIK_LOG_LEVEL=DEBUG TRAEFIK_PROVIDERS_FILE_DIRECTORY=/etc/routes ringway",
                "The same from the environment, with a folder of files.",
            ),
            (
                "ringway help options entryPoints",
                "What an entry point can be told.",
            ),
        ],
    },
    CommandSpec {
        name: "demo",
        summary: "Serve a bundled example, with two servers behind it",
        usage: "[--port=<number>] [--engine=auto|ring|epoll]",
        takes_options: false,
        switches: &[
            switch("port", "", "number", "Port of the entry point (8000)."),
            switch(
                "engine",
                "",
                "auto|ring|epoll",
                "How the kernel is asked (auto).",
            ),
        ],
        about: "Prints what it routes and the curl lines to try. Ctrl-C ends it.",
        examples: &[
            ("ringway demo", "Listen on port 8000."),
            (
                "ringway demo --port=9000 --engine=epoll",
                "Elsewhere, without io_uring.",
            ),
        ],
    },
    CommandSpec {
        name: "check",
        summary: "Read the configuration, say what is wrong with it, and end",
        usage: "[-f <path> ...] [--provider=<provider>] [--<option>=<value> ...]",
        takes_options: true,
        switches: &[
            switch(
                "file",
                "f",
                "path",
                "Dynamic file or folder to check, - for standard input; may be repeated.",
            ),
            switch(
                "provider",
                "",
                "file|kubernetescrd|kubernetesingress",
                "Who would read -f; found out when not given.",
            ),
        ],
        about: "\
Finds the static configuration as `ringway run` does, and checks it together with the
dynamic files that it names, or with those of -f. Nothing is bound or served, and no
cluster is asked: manifests of Kubernetes are read as files. Without EndpointSlices among
them, every Service counts as one that has servers.
Tells the way of each router (entry points, rule, priority, middlewares, servers), then all
that is wrong, with file, line, field and what would be right, and what is legal but hardly
meant: routers that are never asked, objects that nobody uses.
Ends with 0 when nothing is wrong (warnings do not count), else with 1.",
        examples: &[
            (
                "ringway check --configFile=traefik.yml",
                "Both parts of a configuration.",
            ),
            ("ringway check -f routes.yml", "One dynamic file alone."),
            (
                "ringway check -f manifests --providers.kubernetescrd.allowCrossNamespace",
                "Manifests of Kubernetes, in a pull request.",
            ),
        ],
    },
    CommandSpec {
        name: "render",
        summary: "Print the dynamic configuration that a provider makes of its input",
        usage: "[--provider=<provider>] -f <path> ... [-o json|yaml] [--<option>=<value> ...]",
        takes_options: true,
        switches: &[
            switch(
                "provider",
                "",
                "file|kubernetescrd|kubernetesingress",
                "Provider to ask (file).",
            ),
            switch(
                "file",
                "f",
                "path",
                "File or folder to read, - for standard input; may be repeated.",
            ),
            switch("output", "o", "json|yaml", "Shape of the print (json)."),
            switch("redact", "", "", "Print [redacted] instead of secrets."),
        ],
        about: "\
Templates are filled in, files merged, defaults left out. Objects are named name@provider,
fields as in Traefik's own JSON. For Kubernetes, the files are manifests: what they hold is
taken for all that the cluster holds, EndpointSlices included, and the provider's options
come from the static configuration.",
        examples: &[
            ("ringway render -f routes.yml", "One file, as JSON."),
            ("ringway render -f conf.d -o yaml", "A folder, as YAML."),
            (
                "kubectl get ingressroute,svc,endpointslice -Ao yaml | \
                 ringway render --provider=kubernetescrd -f-",
                "What IngressRoutes become.",
            ),
        ],
    },
    CommandSpec {
        name: "healthcheck",
        summary: "Ask a running instance whether it is well",
        usage: "[--url=<url>] [--<option>=<value> ...]",
        takes_options: true,
        switches: &[switch(
            "url",
            "",
            "url",
            "Ask this URL instead of the configured one.",
        )],
        about: "\
Sends HEAD /ping to ping's entry point, which it learns from the same configuration that the
instance runs with. Prints `OK: <url>` and ends with 0, else with 1, after at most 5 s.
Needs ping to be on.",
        examples: &[
            (
                "ringway healthcheck --configFile=traefik.yml",
                "In a container's HEALTHCHECK.",
            ),
            (
                "ringway healthcheck --url=http://10.0.0.5:8080/ping",
                "Another machine.",
            ),
        ],
    },
    CommandSpec {
        name: "whoami",
        summary: "Serve a small server that answers with the request it got",
        usage: "[--port=<number>] [--address=<ip>] [--name=<text>] [--verbose]",
        takes_options: false,
        switches: &[
            switch("port", "", "number", "Port to listen on (80)."),
            switch("address", "", "ip", "Address to listen on (all)."),
            switch("name", "", "text", "Shown in every answer as `Name:`."),
            switch("verbose", "", "", "Print a line per request."),
            switch("cert", "", "path", "Not served yet."),
            switch("key", "", "path", "Not served yet."),
            switch("cacert", "", "path", "Not served yet."),
        ],
        about: "Paths: / and /api (the request), /health, /bench, /data?size=10&unit=KB, /echo (WebSocket).",
        examples: &[(
            "ringway whoami --port=8081 --name=one",
            "A server to route to.",
        )],
    },
    CommandSpec {
        name: "version",
        summary: "Print the version",
        usage: "",
        takes_options: false,
        switches: &[],
        about: "",
        examples: &[],
    },
    CommandSpec {
        name: "completion",
        summary: "Print a completion script for bash, zsh or fish",
        usage: "bash|zsh|fish",
        takes_options: false,
        switches: &[],
        about: "Completes commands, every static option and its words.",
        examples: &[
            ("source <(ringway completion bash)", "For this shell."),
            (
                "ringway completion fish > ~/.config/fish/completions/ringway.fish",
                "For every shell to come.",
            ),
        ],
    },
    CommandSpec {
        name: "help",
        summary: "Explain a command, or the options",
        usage: "[<command> | options [<beginning of a name>]]",
        takes_options: false,
        switches: &[],
        about: "",
        examples: &[
            ("ringway help options", "Every static option in a line."),
            (
                "ringway help options accessLog",
                "Those that begin so, at length.",
            ),
        ],
    },
];

/// The command of this name.
pub(crate) fn command(name: &str) -> Option<&'static CommandSpec> {
    COMMANDS.iter().find(|spec| spec.name == name)
}

/// What happens without a command.
pub(crate) fn run() -> &'static CommandSpec {
    &COMMANDS[0]
}

impl CommandSpec {
    /// The switch of this name, long or short.
    pub(crate) fn switch(&self, name: &str) -> Option<&'static Switch> {
        self.switches
            .iter()
            .find(|switch| switch.name == name || !name.is_empty() && switch.short == name)
    }
}
