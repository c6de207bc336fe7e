use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Poll, Waker};

use crate::base::{Civil, clock};
use crate::board::Signals;
use crate::engine;
use crate::middleware::Slot;
use crate::snapshot::route_table::Scratch;
use crate::snapshot::{Courier, EntryPoint, Home, Snapshot};
use crate::telemetry::access::{AccessLog, AccessSink, Notes};
use crate::telemetry::counters::ShardCounters;
use crate::upstream::Upstream;
use crate::wire::{RequestHead, ResponseHead};

use super::cookie::Cookies;
use super::errand::Errands;
use super::tree::Pending;
use super::walk::Trail;

/// What all exchanges of one shard share.
pub struct Context {
    pub entry_points: Arc<[EntryPoint]>,
    pub signals: Arc<Signals>,
    pub upstream: Upstream,
    pub errands: Errands,
    pub access: Option<AccessSink>,
    pub counters: ShardCounters,
    plan: RefCell<Rc<Plan>>,
    home: Home,
    phase: Cell<Phase>,
    /// The task of each open connection, to be woken when the phase changes.
    tasks: RefCell<Tasks>,
    /// The second that it is of, plus one, and the text.
    date: Cell<(u64, [u8; 29])>,
    /// Copies of requests that are on their way to mirrors.
    pub(super) copies: Cell<usize>,
}

/// What a shard is given by the control wing at its birth.
pub struct Shared {
    pub entry_points: Arc<[EntryPoint]>,
    pub signals: Arc<Signals>,
    pub courier: Courier,
    pub home: Home,
    pub access: Option<AccessLog>,
    pub counters: ShardCounters,
}

/// How far a shard is on its way to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    Serving,
    /// Requests in flight are finished, each the last on its connection.
    Draining,
    /// What is still open is cut off.
    Ending,
}

/// One configuration as a shard uses it. An exchange holds on to the one that it began with;
/// when the last has let go, the snapshot goes home to be freed by the control wing.
pub struct Plan {
    snapshot: Option<Arc<Snapshot>>,
    home: Home,
}

/// What an exchange needs while it runs, kept warm for the next one.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) head: RequestHead,
    pub(super) response: ResponseHead,
    /// The head of an answer to a step's own request.
    pub(super) reply: ResponseHead,
    pub(super) trail: Trail,
    /// Set-Cookie for the answer.
    pub(super) cookies: Cookies,
    /// What services that hold others want to do once there is an answer.
    pub(super) pending: Pending,
    pub(super) notes: Notes,
    pub(super) scratch: Scratch,
}

impl Context {
    #[must_use]
    pub fn new(shared: Shared, shard: usize, first: Arc<Snapshot>) -> Self {
        let Shared {
            entry_points,
            signals,
            courier,
            home,
            access,
            counters,
        } = shared;
        Self {
            entry_points,
            signals,
            upstream: Upstream::default(),
            errands: Errands::new(shard, courier),
            access: access.map(|log| log.sink()),
            counters,
            plan: RefCell::new(Rc::new(Plan {
                snapshot: Some(first),
                home: Arc::clone(&home),
            })),
            home,
            phase: Cell::new(Phase::Serving),
            tasks: RefCell::default(),
            date: Cell::default(),
            copies: Cell::new(0),
        }
    }

    /// The configuration of now.
    #[must_use]
    pub fn plan(&self) -> Rc<Plan> {
        Rc::clone(&self.plan.borrow())
    }

    /// Requests that begin from now on use `snapshot`.
    pub fn adopt(&self, snapshot: Arc<Snapshot>) {
        let plan = Plan {
            snapshot: Some(snapshot),
            home: Arc::clone(&self.home),
        };
        let old = self.plan.replace(Rc::new(plan));
        drop(old);
    }

    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase.get()
    }

    /// Wakes every connection, so that it notices.
    pub fn enter(&self, phase: Phase) {
        self.phase.set(phase);
        let wakers: Vec<Waker> = self
            .tasks
            .borrow()
            .wakers
            .iter()
            .flatten()
            .cloned()
            .collect();
        for waker in wakers {
            waker.wake();
        }
    }

    /// Ends once the shard has come to `phase`. Only for tasks that hold a [`Member`].
    pub async fn reaches(&self, phase: Phase) {
        poll_fn(|_| {
            if self.phase.get() >= phase {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// Ends once no connection is open and the shard drains.
    pub async fn emptied(&self) {
        poll_fn(|task| {
            if self.phase.get() >= Phase::Draining && self.members() == 0 {
                return Poll::Ready(());
            }
            self.tasks.borrow_mut().watcher = Some(task.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Makes the calling task one that is told of each new phase.
    pub async fn join(self: &Rc<Self>) -> Member {
        let waker = poll_fn(|task| Poll::Ready(task.waker().clone())).await;
        let place = self.tasks.borrow_mut().add(waker);
        Member {
            cx: Rc::clone(self),
            place,
        }
    }

    /// Connections that are open on this shard.
    #[must_use]
    pub fn members(&self) -> usize {
        let tasks = self.tasks.borrow();
        tasks.wakers.len() - tasks.free.len()
    }

    /// The date for answers (RFC 9110 5.6.7), made anew once a second.
    pub(super) fn date(&self) -> [u8; 29] {
        let second = engine::now().nanos() / 1_000_000_000;
        let (known, text) = self.date.get();
        if known == second + 1 {
            return text;
        }
        let unix = i64::try_from(clock::unix_nanos() / 1_000_000_000).unwrap_or(0);
        let text = Civil::new(unix, 0)
            .http()
            .into_bytes()
            .try_into()
            .unwrap_or([b' '; 29]);
        self.date.set((second + 1, text));
        text
    }
}

impl Work {
    /// Forgets the request, keeps the memory.
    pub(super) fn clear(&mut self) {
        self.head.clear();
        self.response.clear();
        self.reply.clear();
        self.trail.clear();
        self.cookies.clear();
        self.pending.clear();
    }

    /// The request, and what the step that it has come to remembers of it.
    pub(super) fn at_step(&mut self) -> (&mut RequestHead, &mut Slot) {
        (&mut self.head, self.trail.slot())
    }
}

/// Membership of a connection's task; ends when dropped.
#[derive(Debug)]
pub struct Member {
    cx: Rc<Context>,
    place: usize,
}

impl Drop for Member {
    fn drop(&mut self) {
        let mut tasks = self.cx.tasks.borrow_mut();
        tasks.remove(self.place);
        if self.cx.phase.get() >= Phase::Draining
            && let Some(watcher) = &tasks.watcher
        {
            watcher.wake_by_ref();
        }
    }
}

#[derive(Debug, Default)]
struct Tasks {
    wakers: Vec<Option<Waker>>,
    free: Vec<usize>,
    /// Who waits for the last one to end.
    watcher: Option<Waker>,
}

impl Tasks {
    fn add(&mut self, waker: Waker) -> usize {
        let place = self.free.pop().unwrap_or(self.wakers.len());
        if place == self.wakers.len() {
            self.wakers.push(Some(waker));
        } else {
            self.wakers[place] = Some(waker);
        }
        place
    }

    fn remove(&mut self, place: usize) {
        self.wakers[place] = None;
        self.free.push(place);
    }
}

impl Plan {
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        self.snapshot
            .as_deref()
            .unwrap_or_else(|| unreachable!("only drop takes it"))
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "Context({:?}, {} connections)",
            self.phase(),
            self.members()
        )
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Shared")
    }
}

impl std::fmt::Debug for Plan {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Plan({})", self.snapshot().number)
    }
}

impl Drop for Plan {
    fn drop(&mut self) {
        if let Some(snapshot) = self.snapshot.take() {
            (self.home)(snapshot);
        }
    }
}
