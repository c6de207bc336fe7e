//! Arguments, word by word, to a [`Command`].

use std::net::{IpAddr, Ipv6Addr};
use std::path::PathBuf;

use crate::cli::{
    Check, CliError, Command, Demo, Healthcheck, Output, Render, RenderProvider, Shell, Tool,
    Whoami,
};
use crate::commands::{self, COMMANDS, CommandSpec};
use crate::config::decode::nearest;
use crate::config::statics::{Engine, Flags, Sources};
use crate::config::{Problem, Severity};
use crate::help::{self, Topic};

/// What follows the command's name, taken apart.
pub(crate) struct Words {
    spec: &'static CommandSpec,
    flags: Flags,
    /// Name of a switch without dashes, and its value.
    switches: Vec<(&'static str, String)>,
    /// Words that belong to no flag.
    loose: Vec<String>,
}

impl Words {
    pub(crate) fn read(
        spec: &'static CommandSpec,
        arguments: Vec<String>,
    ) -> Result<Self, CliError> {
        let mut words = Self {
            spec,
            flags: Flags::new(),
            switches: Vec::new(),
            loose: Vec::new(),
        };
        let mut rest = arguments.into_iter();
        while let Some(word) = rest.next() {
            if word == "-" || !word.starts_with('-') {
                words.loose.push(word);
            } else if !words.take_switch(&word, &mut rest)? {
                if !spec.takes_options {
                    return Err(words.unknown_switch(&word));
                }
                words.flags.take(&word, &mut rest);
            }
        }
        let is_error = |problem: &&Problem| problem.severity == Severity::Error;
        let faults: Vec<String> = words
            .flags
            .problems()
            .iter()
            .filter(is_error)
            .map(ToString::to_string)
            .collect();
        if faults.is_empty() {
            Ok(words)
        } else {
            let text = faults.join("\n");
            Err(CliError {
                text,
                command: spec.name,
            })
        }
    }

    /// Takes a switch of the command itself; false when it is none.
    fn take_switch(
        &mut self,
        word: &str,
        rest: &mut dyn Iterator<Item = String>,
    ) -> Result<bool, CliError> {
        let bare = word.trim_start_matches('-');
        let (name, value) = match bare.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (bare, None),
        };
        let Some(switch) = self.spec.switch(name) else {
            return Ok(false);
        };
        let value = match (switch.value, value) {
            (_, Some(value)) => value,
            ("", None) => "true".to_owned(),
            (what, None) => rest.next().ok_or_else(|| {
                let hint = format!("write --{}=<{what}>", switch.name);
                CliError::new(self.spec.name, &format!("{word} needs a value"), &hint)
            })?,
        };
        self.switches.push((switch.name, value));
        Ok(true)
    }

    fn unknown_switch(&self, word: &str) -> CliError {
        let name = word
            .trim_start_matches('-')
            .split('=')
            .next()
            .unwrap_or_default();
        let known = self.spec.switches.iter().map(|switch| switch.name);
        let hint = match nearest(name, known) {
            Some(near) => format!("did you mean `--{near}`?"),
            None => format!("see `ringway help {}`", self.spec.name),
        };
        let text = format!("`ringway {}` has no flag {word}", self.spec.name);
        CliError::new(self.spec.name, &text, &hint)
    }

    /// The last value given for a switch.
    fn value(&self, name: &str) -> Option<&str> {
        let mut given = self.switches.iter().rev();
        given
            .find(|(switch, _)| *switch == name)
            .map(|(_, value)| value.as_str())
    }

    fn is_on(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value != "false")
    }

    fn port(&self, default: u16) -> Result<u16, CliError> {
        let Some(text) = self.value("port") else {
            return Ok(default);
        };
        text.parse()
            .map_err(|_| self.wrong("port", "a number from 0 to 65535"))
    }

    /// One of a few words.
    fn choice<T: Copy>(&self, name: &str, words: &[(&str, T)]) -> Result<Option<T>, CliError> {
        let Some(text) = self.value(name) else {
            return Ok(None);
        };
        let found = words
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text));
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        match found {
            Some((_, value)) => Ok(Some(*value)),
            None => Err(self.wrong(name, &format!("one of {}", all.join(", ")))),
        }
    }

    fn wrong(&self, name: &str, expected: &str) -> CliError {
        let found = self.value(name).unwrap_or_default();
        let text = format!("--{name}: expected {expected}, found `{found}`");
        CliError::new(
            self.spec.name,
            &text,
            &format!("see `ringway help {}`", self.spec.name),
        )
    }

    /// Paths of `-f`, which may be followed by several: `-f a.yml b.yml`.
    fn paths(&mut self) -> Result<Vec<PathBuf>, CliError> {
        let named = self.switches.iter().filter(|(switch, _)| *switch == "file");
        let mut paths: Vec<PathBuf> = named.map(|(_, path)| PathBuf::from(path)).collect();
        if paths.is_empty() {
            self.no_loose_words()?;
        }
        paths.extend(self.loose.drain(..).map(PathBuf::from));
        Ok(paths)
    }

    fn no_loose_words(&self) -> Result<(), CliError> {
        let Some(word) = self.loose.first() else {
            return Ok(());
        };
        let hint = if commands::command(word).is_some() {
            format!("a command stands first: `ringway {word} ...`")
        } else if matches!(word.as_str(), "true" | "false") {
            format!("a switch takes its value behind an equals sign: --name={word}")
        } else {
            format!("see `ringway help {}`", self.spec.name)
        };
        let text = format!("`{word}` belongs to no flag");
        Err(CliError::new(self.spec.name, &text, &hint))
    }

    pub(crate) fn into_command(
        mut self,
        environment: Vec<(String, String)>,
    ) -> Result<Command, CliError> {
        let paths = match self.spec.name {
            "check" | "render" => self.paths()?,
            "help" | "completion" => Vec::new(),
            _ => {
                self.no_loose_words()?;
                Vec::new()
            }
        };
        let sources = Sources {
            flags: self.flags.clone(),
            environment,
        };
        Ok(match self.spec.name {
            "demo" => Command::Demo(Demo {
                port: self.port(8000)?,
                engine: self.engine()?,
            }),
            "check" => Command::Check(Check {
                sources,
                dynamic: paths,
                provider: self.choice("provider", &PROVIDERS)?,
            }),
            "render" => Command::Render(self.render(sources, paths)?),
            "whoami" => Command::Whoami(self.whoami()?),
            "healthcheck" => Command::Tool(Tool::Healthcheck(Healthcheck {
                sources,
                url: self.value("url").map(str::to_owned),
            })),
            "version" => Command::Tool(Tool::Version),
            "completion" => Command::Tool(Tool::Completion(self.shell()?)),
            "help" => Command::Tool(Tool::Help(self.topic()?)),
            _ => Command::Run(sources),
        })
    }

    fn engine(&self) -> Result<Engine, CliError> {
        let words = [
            ("auto", Engine::Auto),
            ("ring", Engine::Ring),
            ("epoll", Engine::Epoll),
        ];
        Ok(self.choice("engine", &words)?.unwrap_or(Engine::Auto))
    }

    fn render(&self, sources: Sources, paths: Vec<PathBuf>) -> Result<Render, CliError> {
        let provider = self
            .choice("provider", &PROVIDERS)?
            .unwrap_or(RenderProvider::File);
        let outputs = [("json", Output::Json), ("yaml", Output::Yaml)];
        let output = self.choice("output", &outputs)?;
        if paths.is_empty() {
            let hint = "write `ringway render --provider=file -f dynamic.yml`";
            return Err(CliError::new("render", "there is nothing to render", hint));
        }
        if provider == RenderProvider::File && !sources.flags.is_empty() {
            let text = "the file provider's input needs no option of the static configuration";
            let hint = "leave it out, or name another --provider";
            return Err(CliError::new("render", text, hint));
        }
        Ok(Render {
            provider,
            sources,
            paths,
            output: output.unwrap_or(Output::Json),
            redact: self.is_on("redact"),
        })
    }

    fn whoami(&self) -> Result<Whoami, CliError> {
        let address = match self.value("address") {
            None => Ok(IpAddr::V6(Ipv6Addr::UNSPECIFIED)),
            Some(text) => text
                .parse()
                .map_err(|_| self.wrong("address", "an IP address")),
        };
        for name in ["cert", "key", "cacert"] {
            if self.value(name).is_some() {
                let text = format!("--{name}: whoami does not speak TLS yet");
                return Err(CliError::new(
                    "whoami",
                    &text,
                    "leave it out: whoami speaks HTTP",
                ));
            }
        }
        Ok(Whoami {
            address: address?,
            port: self.port(80)?,
            name: self.value("name").map(str::to_owned),
            verbose: self.is_on("verbose"),
        })
    }

    fn shell(&self) -> Result<Shell, CliError> {
        match self.loose.first().map_or("", String::as_str) {
            "bash" => Ok(Shell::Bash),
            "zsh" => Ok(Shell::Zsh),
            "fish" => Ok(Shell::Fish),
            "" => Err(CliError::new(
                "completion",
                "the name of the shell is missing",
                "write `ringway completion bash`, or zsh, or fish",
            )),
            other => Err(CliError::new(
                "completion",
                &format!("there is no completion for `{other}`"),
                "write `ringway completion bash`, or zsh, or fish",
            )),
        }
    }

    fn topic(&self) -> Result<Topic, CliError> {
        let mut words = self.loose.iter().map(String::as_str);
        match words.next() {
            None => Ok(Topic::All),
            Some("options") => Ok(Topic::Options(words.next().unwrap_or_default().to_owned())),
            Some(name) => commands::command(name)
                .map(Topic::Command)
                .or_else(|| help::has_options(name).then(|| Topic::Options(name.to_owned())))
                .ok_or_else(|| unknown_command(name)),
        }
    }
}

/// What `--provider` may be.
const PROVIDERS: [(&str, RenderProvider); 4] = [
    ("file", RenderProvider::File),
    ("kubernetescrd", RenderProvider::KubernetesCrd),
    ("kubernetesingress", RenderProvider::KubernetesIngress),
    ("kubernetes", RenderProvider::KubernetesIngress),
];

pub(crate) fn unknown_command(name: &str) -> CliError {
    let hint = match nearest(name, COMMANDS.iter().map(|spec| spec.name)) {
        Some(near) => format!("did you mean `ringway {near}`?"),
        None => "options start with two dashes: `ringway --configFile=traefik.yml`".to_owned(),
    };
    CliError::new("", &format!("there is no command `{name}`"), &hint)
}
