//! Active health checks (features 5.10): one thread with a loop of its own asks the servers of
//! all services that want it, and writes what it finds where every shard reads it.

mod lookups;
mod probe;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use crate::base::Tick;
use crate::base::limits::HEALTH_CHECKS_AT_ONCE_MAX;
use crate::board::ServerState;
use crate::engine::{self, Mailbox};
use crate::snapshot::{Courier, Directive, HealthCheck, Pace, Probe, Service, ServiceKind};
use crate::telemetry::log;

use lookups::Lookups;
use probe::Failed;

/// Asks servers until the process drains. It is told of configurations as shards are; `number`
/// is that of its mailbox, for replies to its errands.
pub async fn check_servers(mailbox: Mailbox<Directive>, courier: Courier, number: usize) {
    let wing = Rc::new(Wing {
        lookups: Lookups::new(courier, number),
        gate: Gate::default(),
    });
    let mut watches = HashMap::new();
    let mut last: Arc<[Arc<Service>]> = Arc::default();
    while let Some(directive) = mailbox.recv().await {
        match directive {
            Directive::Adopt(snapshot) => {
                let checked = Arc::clone(&snapshot.checked);
                drop(snapshot);
                if !Arc::ptr_eq(&checked, &last) {
                    watches = adopt(&wing, watches, &checked);
                    last = checked;
                }
            }
            Directive::Settle { ticket, reply } => wing.lookups.settle(ticket, reply),
            Directive::Drain | Directive::End => return,
        }
    }
}

/// What all checks share.
struct Wing {
    lookups: Lookups,
    gate: Gate,
}

/// Servers that are watched, by what is known of them.
type Watches = HashMap<*const ServerState, Watch>;

/// The watch over one server; it ends when this is dropped.
struct Watch {
    server: Rc<Watched>,
    stop: Rc<Stop>,
}

/// One server, and how it is asked.
struct Watched {
    /// Of the first service that watches it.
    service: Box<str>,
    url: Box<str>,
    state: Arc<ServerState>,
    check: HealthCheck,
    probe: Probe,
}

impl Watched {
    fn is_as(&self, other: &Self) -> bool {
        self.check == other.check && self.probe == other.probe && self.service == other.service
    }
}

/// Watches what is new, goes on watching what is as before, and nothing else.
fn adopt(wing: &Rc<Wing>, mut old: Watches, services: &[Arc<Service>]) -> Watches {
    let mut watches = Watches::new();
    for service in services {
        let ServiceKind::LoadBalancer(balancer) = &service.kind else {
            continue;
        };
        let Some(check) = &balancer.check else {
            continue;
        };
        for (server, probe) in balancer.servers.iter().zip(&check.probes) {
            let key = Arc::as_ptr(&server.state);
            if watches.contains_key(&key) {
                continue;
            }
            let server = Watched {
                service: service.name.clone(),
                url: server.url.clone(),
                state: Arc::clone(&server.state),
                check: HealthCheck {
                    probes: Box::default(),
                    ..check.clone()
                },
                probe: probe.clone(),
            };
            let kept = old.remove(&key).filter(|watch| watch.server.is_as(&server));
            watches.insert(key, kept.unwrap_or_else(|| begin(wing, server)));
        }
    }
    watches
}

fn begin(wing: &Rc<Wing>, server: Watched) -> Watch {
    let (server, stop) = (Rc::new(server), Rc::new(Stop::default()));
    let (wing, watched, stopped) = (Rc::clone(wing), Rc::clone(&server), Rc::clone(&stop));
    engine::spawn(async move {
        engine::first(watch(&wing, &watched), stopped.wait()).await;
    });
    Watch { server, stop }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.set();
    }
}

/// Asks one server again and again, the first time at once.
async fn watch(wing: &Wing, server: &Watched) {
    let pace = server.check.pace;
    let mut streak = Streak::new(server.state.is_checked_up());
    let mut jitter = Jitter::of(&server.url);
    loop {
        let begun = engine::now();
        let found = {
            let _permit = wing.gate.enter().await;
            probe::ask(&wing.lookups, &server.check, &server.probe).await
        };
        note(server, &mut streak, found.err().as_ref());
        let pause = if streak.up {
            pace.interval
        } else {
            pace.unhealthy_interval
        };
        engine::sleep_until(begun + jitter.shorten(pause)).await;
        // However short the interval: a server that refuses at once is not asked without end.
        engine::sleep(Duration::from_millis(1)).await;
    }
}

fn note(server: &Watched, streak: &mut Streak, failed: Option<&Failed>) {
    let now = engine::now();
    let up = streak.next(failed.is_none(), server.check.pace);
    // One failure of several that are allowed says nothing yet: neither up nor down.
    let undecided = up && failed.is_some();
    let news = !undecided && server.state.checked(up, now);
    let event = match failed {
        Some(why) if news => {
            log::warn("Health check failed: the server is down").with("error", why)
        }
        None if news => log::warn("Health check passed: the server is up again"),
        Some(why) => log::debug("Health check failed").with("error", why),
        None => return,
    };
    event
        .with("serviceName", &server.service)
        .with("targetURL", &server.url)
        .send();
}

/// What the last checks of a server say together.
#[derive(Debug)]
struct Streak {
    up: bool,
    /// Checks in a row that said otherwise.
    against: u32,
}

impl Streak {
    const fn new(up: bool) -> Self {
        Self { up, against: 0 }
    }

    /// Takes one check in, and says whether the server counts as up.
    const fn next(&mut self, passed: bool, pace: Pace) -> bool {
        if passed == self.up {
            self.against = 0;
            return self.up;
        }
        self.against += 1;
        let enough = if passed { pace.passes } else { pace.fails };
        if self.against >= enough {
            self.up = passed;
            self.against = 0;
        }
        self.up
    }
}

/// Keeps many checks from falling on one moment, also over restarts of many routers.
#[derive(Debug)]
struct Jitter(u64);

impl Jitter {
    fn of(url: &str) -> Self {
        let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
        Self(url.bytes().fold(0xCBF2_9CE4_8422_2325, step) | 1)
    }

    /// The span, up to a tenth shorter.
    fn shorten(&mut self, span: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let tenth = span / 10;
        let part = u32::try_from(self.0 % 1024).unwrap_or(0);
        span.saturating_sub(tenth * part / 1024)
    }
}

/// Ends a task from outside.
#[derive(Default)]
struct Stop {
    set: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Stop {
    fn set(&self) {
        self.set.set(true);
        if let Some(waker) = self.waker.borrow_mut().take() {
            waker.wake();
        }
    }

    async fn wait(&self) {
        poll_fn(|task| {
            if self.set.get() {
                return Poll::Ready(());
            }
            *self.waker.borrow_mut() = Some(task.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// Lets so many checks run at once.
#[derive(Default)]
struct Gate {
    inside: Cell<usize>,
    waiting: RefCell<VecDeque<Waker>>,
}

struct Permit<'gate>(&'gate Gate);

impl Gate {
    async fn enter(&self) -> Permit<'_> {
        poll_fn(|task| {
            if self.inside.get() < HEALTH_CHECKS_AT_ONCE_MAX {
                self.inside.set(self.inside.get() + 1);
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push_back(task.waker().clone());
            Poll::Pending
        })
        .await;
        Permit(self)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.0.inside.set(self.0.inside.get() - 1);
        // A waker whose task has ended meanwhile wakes nobody: so the rest is woken, too.
        for waker in self.0.waiting.borrow_mut().drain(..) {
            waker.wake();
        }
    }
}

/// When something must have happened at the latest.
fn deadline(pace: &Pace) -> Tick {
    engine::now() + pace.timeout
}

#[cfg(test)]
mod tests;
