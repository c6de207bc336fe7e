use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, select};

use crate::base::{Tick, clock};
use crate::board::Signals;
use crate::compile::{Compiled, Compiler};
use crate::config::dynamic::Configuration;
use crate::config::{Places, Report, Severity};
use crate::engine;
use crate::provider::Message;
use crate::snapshot::Snapshot;
use crate::telemetry::access::AccessLog;
use crate::telemetry::log;

use super::publish::Shards;
use super::throttle::Throttle;
use super::watchdog::Watchdog;

/// What the control thread reacts to.
#[derive(Debug)]
pub enum Event {
    /// A shard has done with this.
    Retired(Arc<Snapshot>),
    /// SIGTERM or SIGINT.
    Terminate,
    /// SIGUSR1.
    Reopen,
    /// A shard's thread is over.
    ShardEnded,
}

/// How a process ends (features 2.8).
#[derive(Clone, Copy, Debug)]
pub struct Lifecycle {
    /// After the signal: still accepting, while `ping` tells that the end is near.
    pub accept_grace: Duration,
    /// After that: no new connections, requests in flight are finished.
    pub grace: Duration,
}

/// How often the shards are looked at.
const WATCH_EVERY: Duration = Duration::from_secs(1);

enum News {
    Event(Event),
    Message(Message),
}

/// The control thread's own.
#[derive(Debug)]
pub struct Control {
    pub events: Receiver<Event>,
    /// What providers have read, or failed to.
    pub messages: Receiver<Message>,
    pub watchdog: Watchdog,
    pub shards: Shards,
    pub shard_count: usize,
    pub signals: Arc<Signals>,
    pub compiler: Compiler,
    pub throttle: Throttle<Message>,
    pub lifecycle: Lifecycle,
    pub providers: BTreeMap<String, Arc<Configuration>>,
    /// Where the providers' objects stand in the user's files.
    pub places: BTreeMap<String, Arc<Places>>,
    /// What the providers themselves found wrong.
    pub reports: BTreeMap<String, Report>,
    /// What each of them has told the log; under the empty name, the compiler.
    pub heard: BTreeMap<String, Report>,
    pub access: Option<AccessLog>,
    pub stage: Stage,
    /// A shard's mailbox was full when the last snapshot was published.
    pub unpublished: bool,
}

/// How far the process is on its way to its end, and when the next step is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Serving,
    /// Drains at this moment.
    Leaving(Tick),
    /// Cuts off at this moment.
    Draining(Tick),
    Cut,
}

impl Control {
    /// Runs until every shard has ended.
    pub fn run(mut self) {
        let mut running = self.shard_count;
        // Something large was freed since memory was given back.
        let mut untidy = true;
        while running > 0 {
            match self.next_event() {
                Some(News::Message(message)) => {
                    self.hear(message);
                    untidy = true;
                }
                Some(News::Event(Event::Retired(snapshot))) => {
                    drop(snapshot);
                    untidy = true;
                }
                Some(News::Event(Event::Terminate)) => self.terminate(),
                Some(News::Event(Event::Reopen)) => {
                    log::reopen();
                    if let Some(access) = &self.access {
                        access.reopen();
                    }
                }
                Some(News::Event(Event::ShardEnded)) => running -= 1,
                None if untidy && self.throttle.next_at().is_none() => {
                    engine::give_back();
                    untidy = false;
                }
                None => {}
            }
            self.advance();
            self.apply();
            self.watchdog.look(clock::now());
        }
    }

    /// Waits for what a provider says first, so that the first clients are not told that there
    /// is nothing. A provider that takes longer is not waited for.
    pub fn await_first(&mut self, patience: Duration) {
        if let Ok(message) = self.messages.recv_timeout(patience) {
            self.hear(message);
            self.apply();
        }
    }

    fn next_event(&self) -> Option<News> {
        let due = match self.stage {
            Stage::Leaving(at) | Stage::Draining(at) => Some(at),
            Stage::Serving | Stage::Cut => None,
        };
        let due = due.into_iter().chain(self.throttle.next_at()).min();
        let wait = due
            .map_or(WATCH_EVERY, |at| at.since(clock::now()))
            .min(WATCH_EVERY);
        select! {
            recv(self.events) -> event => event.ok().map(News::Event),
            recv(self.messages) -> message => match message {
                Ok(message) => Some(News::Message(message)),
                // No provider is left: only events can come.
                Err(_) => self.events.recv_timeout(wait).ok().map(News::Event),
            },
            default(wait) => None,
        }
    }

    /// Equal configurations are dropped; a broken one leaves the last good one in force.
    fn hear(&mut self, message: Message) {
        for text in &message.debug {
            log::debug(text.clone())
                .with("providerName", &message.provider)
                .send();
        }
        let heard = self.heard.entry(message.provider.clone()).or_default();
        tell_news(&message.report, heard);
        heard.clone_from(&message.report);
        let current = self.providers.get(&message.provider);
        if current.is_some_and(|current| Arc::ptr_eq(current, &message.configuration)) {
            return;
        }
        let provider = message.provider.clone();
        self.throttle.put(&provider, message);
    }

    fn apply(&mut self) {
        if self.unpublished {
            self.unpublished = !self.shards.publish(self.compiler.snapshot());
        }
        let due = self.throttle.take(clock::now());
        if due.is_empty() {
            return;
        }
        for message in due {
            self.reports
                .insert(message.provider.clone(), message.report);
            self.places.insert(message.provider.clone(), message.places);
            self.providers
                .insert(message.provider, message.configuration);
        }
        let begun = clock::now();
        let Compiled {
            snapshot,
            mut report,
        } = self.compiler.compile(&self.providers);
        for before in self.reports.values() {
            report.leave_out_disabled_by(before);
        }
        place(&mut report, &self.places);
        let heard = self.heard.entry(String::new()).or_default();
        tell_news(&report, heard);
        *heard = report;
        self.unpublished = !self.shards.publish(&snapshot);
        let took = clock::now().since(begun);
        log::info("configuration is in force")
            .with("number", snapshot.number)
            .with("took_us", took.as_micros())
            .send();
    }

    fn terminate(&mut self) {
        match self.stage {
            Stage::Serving => {
                self.signals.terminate();
                log::info("asked to end")
                    .with("accept_grace", self.lifecycle.accept_grace.as_secs_f64())
                    .send();
                self.stage = Stage::Leaving(clock::now() + self.lifecycle.accept_grace);
            }
            // Asked twice: whoever asks means now.
            Stage::Leaving(_) | Stage::Draining(_) => self.stage = Stage::Draining(Tick::ZERO),
            Stage::Cut => {}
        }
    }

    fn advance(&mut self) {
        let now = clock::now();
        match self.stage {
            Stage::Leaving(at) if at <= now => {
                if self.shards.drain() {
                    self.stage = Stage::Draining(now + self.lifecycle.grace);
                }
            }
            Stage::Draining(at) if at <= now => {
                log::warn("requests were still in flight at the end of graceTimeOut").send();
                if self.shards.drain() && self.shards.end() {
                    self.stage = Stage::Cut;
                }
            }
            Stage::Serving | Stage::Leaving(_) | Stage::Draining(_) | Stage::Cut => {}
        }
    }
}

/// Tells the log every problem.
pub fn tell(report: &Report) {
    for problem in report {
        let level = match problem.severity {
            Severity::Warning => log::Level::Warn,
            Severity::Error => log::Level::Error,
        };
        log::event(level, problem.to_string()).send();
    }
}

/// Tells the log what was not told before.
fn tell_news(report: &Report, before: &Report) {
    let known: HashSet<String> = before.iter().map(ToString::to_string).collect();
    let mut news = Report::new();
    news.extend(
        report
            .iter()
            .filter(|problem| !known.contains(&problem.to_string()))
            .cloned(),
    );
    tell(&news);
}

/// Adds to each problem where its object stands in the user's files.
pub fn place(report: &mut Report, places: &BTreeMap<String, Arc<Places>>) {
    for problem in report.problems_mut() {
        let Some(places) = places.get(&problem.provider) else {
            continue;
        };
        if let Some(place) = places.find(&problem.field) {
            places.file(place).clone_into(&mut problem.file);
            problem.place = place;
        }
    }
}
