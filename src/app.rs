//! Puts the wings together: entry points, shards, providers, signals, and the end.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Sender, bounded};
use signal_hook::consts::{SIGINT, SIGTERM, SIGUSR1};

use crate::base::limits::{EVENTS_QUEUED_MAX, FIRST_CONFIGURATION_MS};
use crate::board::Signals;
use crate::compile::{self, Compiler, Setup, Timeouts};
use crate::config::statics::{self, Address, Protocol, RuleSyntax, Static};
use crate::control::{self, Control, Event, Lifecycle, Shards, Stage, Throttle, Watchdog};
use crate::engine::{
    self, BoundListener, Choice, DriverKind, Mailbox, Post, Pulse, Selected, ShardOptions,
};
use crate::http::Shared;
use crate::observe::access_options;
use crate::provider::{Message, file, kubernetes};
use crate::rule::Syntax;
use crate::shard::{self, Birth};
use crate::snapshot::{Courier, Directive, EntryPoint, Snapshot};
use crate::telemetry::access::AccessLog;
use crate::telemetry::counters::Counters;
use crate::telemetry::log;

/// Why the router did not start.
#[derive(Debug)]
pub enum StartFault {
    Engine(io::Error),
    /// An entry point's address cannot be listened on.
    Listen {
        entry_point: String,
        address: String,
        error: io::Error,
    },
    Thread(io::Error),
    Signals(io::Error),
    AccessLog(io::Error),
    Provider(io::Error),
}

impl std::fmt::Display for StartFault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Engine(error) => write!(
                out,
                "the engine cannot start: {error}\n  next: try --engine=epoll, which needs no io_uring"
            ),
            Self::Listen {
                entry_point,
                address,
                error,
            } => write!(
                out,
                "entry point {entry_point} cannot listen on {address}: {error}\n  next: see who \
                 listens there (ss -ltnp), or change entryPoints.{entry_point}.address"
            ),
            Self::Thread(error) => write!(out, "a thread cannot start: {error}"),
            Self::Signals(error) => write!(out, "signals cannot be handled: {error}"),
            Self::AccessLog(error) => write!(
                out,
                "the access log cannot be written: {error}\n  next: see accessLog.filePath"
            ),
            Self::Provider(error) => write!(out, "the file provider cannot start: {error}"),
        }
    }
}

/// A router that listens; [`App::run`] makes it serve.
#[derive(Debug)]
pub struct App {
    settings: Static,
    selected: Selected,
    entry_points: Arc<[EntryPoint]>,
    /// For each shard: the entry point's number and its listener.
    listeners: Vec<Vec<(usize, BoundListener)>>,
}

impl App {
    /// Chooses the engine and opens every entry point.
    ///
    /// # Errors
    /// No driver works, or an address is taken.
    pub fn prepare(settings: Static) -> Result<Self, StartFault> {
        let choice = match settings.engine {
            statics::Engine::Auto => Choice::Auto,
            statics::Engine::Ring => Choice::Ring,
            statics::Engine::Epoll => Choice::Epoll,
        };
        let selected = engine::select(choice).map_err(StartFault::Engine)?;
        let shards = match settings.shards {
            0 => engine::usable_cpus().len(),
            number => number,
        };
        let listeners = listen(&settings, shards)?;
        let hostname = hostname();
        let entry_points = compile::entry_points(&settings, &hostname).into();
        Ok(Self {
            settings,
            selected,
            entry_points,
            listeners,
        })
    }

    /// The line that says which engine was chosen, and why.
    #[must_use]
    pub fn engine(&self) -> String {
        format!("{} ({} shards)", self.selected, self.listeners.len())
    }

    /// Where each entry point listens, by name.
    #[must_use]
    pub fn addresses(&self) -> Vec<(String, std::net::SocketAddr)> {
        let first = self.listeners.first().map_or(&[][..], Vec::as_slice);
        let named = first.iter().filter_map(|(number, listener)| {
            Some((
                self.entry_points.get(*number)?.name.to_string(),
                listener.local_addr(),
            ))
        });
        named.collect()
    }

    /// Serves until a signal ends it and everything in flight is done.
    ///
    /// # Errors
    /// A thread, the signals, the access log or a provider cannot be set up.
    pub fn run(self) -> Result<(), StartFault> {
        let (events, inbox) = bounded(EVENTS_QUEUED_MAX);
        signals(&events)?;
        let (sink, messages) = bounded(EVENTS_QUEUED_MAX);
        let mut compiler = Compiler::new(setup(&self.settings, self.listeners.len()));
        let internal = Arc::new(control::internal_configuration(&self.settings));
        let providers = BTreeMap::from([("internal".to_owned(), internal)]);
        let first = compiler.compile(&providers);
        control::tell(&first.report);
        let access = self.settings.access_log.as_ref().map(|settings| {
            AccessLog::start(&access_options(settings)).map_err(StartFault::AccessLog)
        });
        let access = access.transpose()?;
        let signals = Arc::new(Signals::default());
        let settings = self.settings.clone();
        let wing = Wing {
            signals: Arc::clone(&signals),
            events,
            access: access.clone(),
        };
        // Dropping the watch would end it.
        let _clusters = start_kubernetes_providers(&settings, sink.clone())?;
        let watch = start_file_provider(&settings, sink)?;
        let mut control = Control {
            events: inbox,
            messages,
            shard_count: 0,
            shards: Shards::new(Vec::new()),
            watchdog: Watchdog::new(Vec::new()),
            signals,
            compiler,
            throttle: Throttle::new(settings.providers.throttle),
            lifecycle: lifecycle(&settings),
            providers,
            places: BTreeMap::new(),
            reports: BTreeMap::new(),
            heard: BTreeMap::new(),
            access: access.clone(),
            stage: Stage::Serving,
            unpublished: false,
        };
        if watch.is_some() {
            control.await_first(Duration::from_millis(FIRST_CONFIGURATION_MS));
        }
        let started = self.start(&wing, control.compiler.snapshot())?;
        control.shard_count = started.pulses.len();
        control.shards = Shards::new(started.posts);
        control.watchdog = Watchdog::new(started.pulses);
        drop(wing);
        control.run();
        if let Some(access) = access {
            access.flush();
        }
        Ok(())
    }

    /// Starts the threads of the data wing, and those that do its errands.
    fn start(self, wing: &Wing, first: &Arc<Snapshot>) -> Result<Started, StartFault> {
        let (courier, desk) = control::desk();
        let mut started = Started {
            posts: Vec::new(),
            pulses: Vec::new(),
        };
        let count = self.listeners.len();
        let cpus = engine::usable_cpus();
        let pinned = count > 1 && count == cpus.len();
        let (_, counters) = Counters::new(count);
        for ((number, listeners), counters) in self.listeners.into_iter().enumerate().zip(counters)
        {
            let (post, mailbox) = engine::mailbox();
            let pulse = Arc::new(Pulse::default());
            started.posts.push(post);
            started.pulses.push(Arc::clone(&pulse));
            let engine = ShardOptions {
                cpu: cpus.get(number).copied().filter(|_| pinned),
                on_panic: Some(told_of_panic),
                pulse: Some(pulse),
                ..ShardOptions::new(self.selected.driver)
            };
            let birth = Birth {
                number,
                listeners,
                mailbox,
                shared: Shared {
                    entry_points: Arc::clone(&self.entry_points),
                    signals: Arc::clone(&wing.signals),
                    courier: Arc::clone(&courier),
                    home: control::home(wing.events.clone()),
                    access: wing.access.clone(),
                    counters,
                },
                first: Arc::clone(first),
            };
            start_shard(engine, birth, wing.events.clone())?;
        }
        let (post, mailbox) = engine::mailbox();
        let number = started.posts.len();
        // An empty mailbox takes a first message.
        drop(post.send(Directive::Adopt(Arc::clone(first))));
        started.posts.push(post);
        desk.open(&started.posts).map_err(StartFault::Thread)?;
        start_health_checks(mailbox, courier, number)?;
        Ok(started)
    }
}

/// What the data wing is told about at its start.
struct Wing {
    signals: Arc<Signals>,
    events: Sender<Event>,
    access: Option<AccessLog>,
}

/// The ways to the shards that were started.
struct Started {
    posts: Vec<Post<Directive>>,
    pulses: Vec<Arc<Pulse>>,
}

fn told_of_panic(what: &str) {
    log::error("a connection was given up for a mistake of ours; please report it")
        .with("panic", what)
        .send();
}

/// Watches the files that hold dynamic configuration, if there are any.
fn start_file_provider(
    settings: &Static,
    sink: Sender<Message>,
) -> Result<Option<file::Watch>, StartFault> {
    let Some(options) = settings.providers.file.clone() else {
        return Ok(None);
    };
    file::watch(options, sink)
        .map(Some)
        .map_err(StartFault::Provider)
}

/// Watches clusters, if a provider asks for it; else there is neither a thread nor a runtime.
fn start_kubernetes_providers(
    settings: &Static,
    sink: Sender<Message>,
) -> Result<Option<kubernetes::Watch>, StartFault> {
    let wanted = kubernetes::Settings {
        custom: settings.providers.kubernetes_crd.clone(),
        ingress: settings.providers.kubernetes_ingress.clone(),
        is_rule_v2: settings.default_rule_syntax == RuleSyntax::V2,
    };
    if wanted.is_empty() {
        return Ok(None);
    }
    kubernetes::watch(wanted, sink)
        .map(Some)
        .map_err(StartFault::Provider)
}

/// What one shard listens on, by the number of the entry point.
type Listeners = Vec<(usize, BoundListener)>;

/// Opens each entry point once for each shard, all on the same port.
fn listen(settings: &Static, shards: usize) -> Result<Vec<Listeners>, StartFault> {
    let mut listeners: Vec<Listeners> = (0..shards).map(|_| Vec::new()).collect();
    let tcp = settings
        .entry_points
        .iter()
        .filter(|(_, point)| point.address.protocol == Protocol::Tcp);
    for (number, (name, options)) in tcp.enumerate() {
        let fault = |error| StartFault::Listen {
            entry_point: name.clone(),
            address: options.address.authority(),
            error,
        };
        let (first, rest) = listeners
            .split_first_mut()
            .ok_or_else(|| fault(no_shard()))?;
        let bound = bind_first(&options.address, options.reuse_port).map_err(fault)?;
        // Port 0 was chosen by the kernel the first time; the others join it.
        let address = bound.local_addr();
        first.push((number, bound));
        for listeners in rest {
            listeners.push((number, engine::bind(address, true).map_err(fault)?));
        }
    }
    Ok(listeners)
}

/// Binds the first of the addresses that can be bound.
fn bind_first(address: &Address, shared: bool) -> io::Result<BoundListener> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for candidate in address.candidates()? {
        // Shards share a port in any case; whether another process has it already is found out
        // by asking for it alone first.
        let alone = if shared {
            Ok(())
        } else {
            engine::bind(candidate, false).map(drop)
        };
        match alone.and_then(|()| engine::bind(candidate, true)) {
            Ok(bound) => return Ok(bound),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn no_shard() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "there is no shard to listen")
}

fn start_shard(
    engine: ShardOptions,
    birth: Birth,
    events: Sender<Event>,
) -> Result<(), StartFault> {
    let name = format!("shard-{}", birth.number);
    let body = move || {
        if let Err(error) = shard::run(engine, birth) {
            log::error("a shard has ended").with("error", error).send();
        }
        // The control thread has gone first only when the process is ending anyway.
        drop(events.send(Event::ShardEnded));
    };
    thread::Builder::new()
        .name(name)
        .spawn(body)
        .map(drop)
        .map_err(StartFault::Thread)
}

/// Starts the thread that asks servers whether they live. It moves few bytes: epoll will do.
fn start_health_checks(
    mailbox: Mailbox<Directive>,
    courier: Courier,
    number: usize,
) -> Result<(), StartFault> {
    let body = move || {
        let options = ShardOptions::new(DriverKind::Epoll);
        let checks = || control::check_servers(mailbox, courier, number);
        if let Err(error) = engine::run(options, checks) {
            log::error("health checks have ended")
                .with("error", error)
                .send();
        }
    };
    let thread = thread::Builder::new().name("health".to_owned());
    thread.spawn(body).map(drop).map_err(StartFault::Thread)
}

pub(crate) fn setup(settings: &Static, shards: usize) -> Setup {
    let transport = &settings.servers_transport;
    Setup {
        entry_points: compile::defaults(settings),
        shards,
        timeouts: Timeouts {
            dial: transport.dial_timeout.unwrap_or_default(),
            response_header: transport.response_header_timeout.unwrap_or_default(),
            idle: transport.idle_timeout.unwrap_or_default(),
            idle_max: transport.idle_connections_max,
            ..Timeouts::default()
        },
        syntax: match settings.default_rule_syntax {
            RuleSyntax::V2 => Syntax::V2,
            RuleSyntax::V3 => Syntax::V3,
        },
        precedence: settings.providers.precedence.clone(),
        terminating_status: settings
            .ping
            .as_ref()
            .map_or(503, |ping| ping.terminating_status),
    }
}

/// The longest of what the entry points ask for: they end together.
fn lifecycle(settings: &Static) -> Lifecycle {
    let transports = || settings.entry_points.values().map(|point| &point.transport);
    Lifecycle {
        accept_grace: transports()
            .map(|one| one.request_accept_grace)
            .max()
            .unwrap_or_default(),
        grace: transports().map(|one| one.grace).max().unwrap_or_default(),
    }
}

/// Turns signals into events.
fn signals(events: &Sender<Event>) -> Result<(), StartFault> {
    let kinds = [SIGTERM, SIGINT, SIGUSR1];
    let mut signals = signal_hook::iterator::Signals::new(kinds).map_err(StartFault::Signals)?;
    let events = events.clone();
    let body = move || {
        for signal in signals.forever() {
            let event = if signal == SIGUSR1 {
                Event::Reopen
            } else {
                Event::Terminate
            };
            if events.send(event).is_err() {
                return;
            }
        }
    };
    let thread = thread::Builder::new().name("signals".to_owned());
    thread.spawn(body).map(drop).map_err(StartFault::Signals)
}

/// The name of this machine, for `X-Forwarded-Server`.
fn hostname() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name.to_owned()
    }
}
