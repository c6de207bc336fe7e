//! What `help` says: every command with its flags and examples, and every option of the table.

use std::fmt::Write;

use crate::config::statics::option::{Kind, OptionSpec, State};
use crate::config::statics::table;

/// One command of the program.
#[derive(Debug)]
pub struct CommandSpec {
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    /// What follows the name.
    usage: &'static str,
    /// True when it also takes the options of the static configuration.
    pub(crate) takes_options: bool,
    pub(crate) switches: &'static [Switch],
    about: &'static str,
    /// A command line, and what it is good for.
    examples: &'static [(&'static str, &'static str)],
}

/// A flag of one command.
#[derive(Debug)]
pub(crate) struct Switch {
    pub(crate) name: &'static str,
    /// `-f` for `--file`; empty when there is none.
    short: &'static str,
    /// What its value is, in words; empty when it takes none. `a|b` lists the words allowed.
    pub(crate) value: &'static str,
    help: &'static str,
}

/// What help is wanted on.
#[derive(Clone, Debug)]
pub enum Topic {
    All,
    Command(&'static CommandSpec),
    /// The static options whose names begin so.
    Options(String),
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
        usage: "[-f <path> ...] [--<option>=<value> ...]",
        takes_options: true,
        switches: &[switch(
            "file",
            "f",
            "path",
            "Dynamic file or folder to check; may be repeated.",
        )],
        about: "\
Finds the static configuration as `ringway run` does, and checks it together with the
dynamic files that it names, or with those of -f. Nothing is bound or served.
Ends with 0 when nothing is wrong (warnings do not count), else with 1.",
        examples: &[
            (
                "ringway check --configFile=traefik.yml",
                "Both parts of a configuration.",
            ),
            ("ringway check -f routes.yml", "One dynamic file alone."),
        ],
    },
    CommandSpec {
        name: "render",
        summary: "Print the dynamic configuration that a provider makes of its input",
        usage: "[--provider=file] -f <path> ... [-o json|yaml]",
        takes_options: false,
        switches: &[
            switch("provider", "", "file", "Provider to ask (file)."),
            switch(
                "file",
                "f",
                "path",
                "File or folder to read; may be repeated.",
            ),
            switch("output", "o", "json|yaml", "Shape of the print (json)."),
        ],
        about: "\
Templates are filled in, files merged, defaults left out. Objects are named name@provider,
fields as in Traefik's own JSON.",
        examples: &[
            ("ringway render -f routes.yml", "One file, as JSON."),
            ("ringway render -f conf.d -o yaml", "A folder, as YAML."),
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

/// True when some static option's name begins so, and with a whole word.
pub(crate) fn has_options(beginning: &str) -> bool {
    let root = beginning.split('.').next().unwrap_or_default();
    options(beginning)
        .iter()
        .filter_map(|spec| spec.path.split('.').next())
        .any(|name| name.eq_ignore_ascii_case(root))
}

impl CommandSpec {
    /// The switch of this name, long or short.
    pub(crate) fn switch(&self, name: &str) -> Option<&'static Switch> {
        self.switches
            .iter()
            .find(|switch| switch.name == name || !name.is_empty() && switch.short == name)
    }
}

/// The text on a topic, with its line end.
pub(crate) fn text(topic: &Topic) -> String {
    match topic {
        Topic::All => overview(),
        Topic::Command(spec) => on_command(spec),
        Topic::Options(beginning) if beginning.is_empty() => all_options(),
        Topic::Options(beginning) => some_options(beginning),
    }
}

fn overview() -> String {
    let mut text = String::from(
        "Ringway is an edge router that reads what Traefik reads.\n\n\
         Usage:\n  ringway [<command>] [<flags>]\n\nCommands:\n",
    );
    for spec in &COMMANDS {
        push(
            &mut text,
            format_args!("  {:<12} {}\n", spec.name, spec.summary),
        );
    }
    text.push_str("\nExamples:\n");
    for (line, purpose) in [
        ("ringway demo", "See it work: a ready example on port 8000."),
        (
            "ringway check --configFile=traefik.yml",
            "What is wrong with my files?",
        ),
        ("ringway --configFile=traefik.yml", "Serve what they say."),
        (
            "ringway help run",
            "Where configuration comes from, and who wins.",
        ),
        ("ringway help options", "Every option there is."),
    ] {
        push(&mut text, format_args!("  {line:<40} {purpose}\n"));
    }
    text.push_str(
        "\nExit codes:\n\
         \x20 0  all is well, or the program was told to stop\n\
         \x20 1  the configuration is wrong, a check failed, or a port could not be had\n\
         \x20 2  the command line was not understood\n",
    );
    text
}

fn on_command(spec: &CommandSpec) -> String {
    let space = if spec.usage.is_empty() { "" } else { " " };
    let mut text = format!(
        "{}.\n\nUsage:\n  ringway {}{space}{}\n",
        spec.summary, spec.name, spec.usage
    );
    if !spec.about.is_empty() {
        push(&mut text, format_args!("\n{}\n", spec.about));
    }
    if !spec.switches.is_empty() {
        text.push_str("\nFlags:\n");
    }
    for switch in spec.switches {
        let short = match switch.short {
            "" => String::new(),
            short => format!("-{short}, "),
        };
        let value = match switch.value {
            "" => String::new(),
            value if value.contains('|') => format!("={value}"),
            value => format!("=<{value}>"),
        };
        let flag = format!("{short}--{}{value}", switch.name);
        push(&mut text, format_args!("  {flag:<26} {}\n", switch.help));
    }
    if spec.takes_options {
        text.push_str("\nStatic options are flags too: see `ringway help options`.\n");
    }
    if !spec.examples.is_empty() {
        text.push_str("\nExamples:\n");
    }
    for (line, purpose) in spec.examples {
        push(&mut text, format_args!("  {line}\n      {purpose}\n"));
    }
    text
}

/// Options whose names begin with `beginning`, those that are gone left out.
fn options(beginning: &str) -> Vec<&'static OptionSpec> {
    let wanted = beginning.trim_start_matches('-').to_ascii_lowercase();
    let mut rows = table::sorted();
    rows.retain(|spec| !matches!(spec.state, State::Refused(_)) && is_below(spec, &wanted));
    rows
}

/// `entrypoints.web.address` is below `entryPoints.*`, and so is `entrypoints.w`.
fn is_below(spec: &OptionSpec, wanted: &str) -> bool {
    let mut steps = spec.path.split('.');
    let mut parts = wanted.split('.').peekable();
    while let Some(part) = parts.next() {
        let Some(step) = steps.next() else {
            return false;
        };
        let step = step.to_ascii_lowercase();
        let fits = match parts.peek() {
            _ if step == "*" => true,
            None => step.starts_with(part),
            Some(_) => step == part,
        };
        if !fits {
            return false;
        }
    }
    true
}

fn all_options() -> String {
    let mut text = String::from(
        "Every static option: as flag --<name>=<value>, in files as nested keys, in the\n\
         environment as RINGWAY_<NAME> or TRAEFIK_<NAME> with _ for each dot.\n\
         `!` marks those that are known but not served yet. More on some of them:\n\
         ringway help options <beginning of a name>\n\n",
    );
    for spec in options("") {
        let mark = if spec.state == State::Served {
            ' '
        } else {
            '!'
        };
        let default = match spec.default {
            "" => String::new(),
            default => format!(" ({})", shortened(default)),
        };
        push(
            &mut text,
            format_args!("{mark} {} <{}>{default}\n", spec.shown(), spec.kind),
        );
    }
    text
}

fn some_options(beginning: &str) -> String {
    let rows = options(beginning);
    if rows.is_empty() {
        return format!("No option begins with `{beginning}`. All of them: ringway help options\n");
    }
    let mut text = String::new();
    for spec in rows {
        let since = match spec.since {
            "ringway" => "Ringway's own".to_owned(),
            "2.5" => "Traefik".to_owned(),
            since => format!("Traefik {since}"),
        };
        push(
            &mut text,
            format_args!("--{} <{}>\n", spec.shown(), spec.kind),
        );
        push(&mut text, format_args!("    {}\n", spec.help));
        let default = match spec.default {
            "" => String::new(),
            default => format!("default {default}; "),
        };
        push(&mut text, format_args!("    {default}{since}\n"));
        if let State::Warned(why) = spec.state {
            push(&mut text, format_args!("    No effect yet: {why}.\n"));
        }
    }
    text
}

/// The reference page of the static options, in Markdown.
#[must_use]
pub fn reference_page() -> String {
    let mut text = String::from(
        "# Static options\n\n\
         Made from the table in `src/config/statics/table/`; change it there and run\n\
         `UPDATE_GOLDEN=1 cargo test --test cli`.\n\n\
         Names match in any case. `<name>` is yours to choose, `[]` is a place in a list. Files\n\
         nest them, flags write `--name=value`, the environment `TRAEFIK_NAME` or `RINGWAY_NAME`\n\
         with `_` for each dot. *Since* is the first version of Traefik that has the option.\n\n\
         | Option | Value | Default | Since | Meaning |\n|---|---|---|---|---|\n",
    );
    for spec in options("") {
        let effect = match spec.state {
            State::Served | State::Refused(_) => String::new(),
            State::Warned(why) => format!(" **No effect yet**: {why}."),
        };
        let default = match spec.default {
            "" => String::new(),
            default => format!("`` {default} ``"),
        };
        let kind = spec.kind.to_string().replace('/', ", ");
        push(
            &mut text,
            format_args!(
                "| `{}` | {kind} | {default} | {} | {}{effect} |\n",
                spec.shown(),
                spec.since,
                spec.help
            ),
        );
    }
    text.push_str(
        "\n## Gone\n\nTraefik has these no more; each stops the start with its hint.\n\n\
         | Option | Last in | Instead |\n|---|---|---|\n",
    );
    let gone = table::sorted();
    for spec in gone.iter().filter(|spec| spec.kind == Kind::Free) {
        if let State::Refused(hint) = spec.state {
            push(
                &mut text,
                format_args!("| `{}` | {} | {hint} |\n", spec.shown(), spec.last()),
            );
        }
    }
    text
}

/// The beginning of a long default.
fn shortened(default: &str) -> String {
    const SHOWN_CHARS: usize = 40;
    if default.len() <= SHOWN_CHARS {
        return default.to_owned();
    }
    let shown: String = default.chars().take(SHOWN_CHARS).collect();
    format!("{shown}...")
}

/// A `String` takes all that is written to it.
fn push(text: &mut String, line: std::fmt::Arguments<'_>) {
    text.write_fmt(line).ok();
}
