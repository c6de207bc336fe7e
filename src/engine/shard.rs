//! One thread's loop: poll what is ready, ask the kernel, see what time it is, again.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use super::choice::DriverKind;
use super::driver::Driver;
use super::io::Io;
use super::pulse::Pulse;
use super::remote::Seat;
use super::socket::Sockets;
use super::sys::cpu;
use super::task::{Next, TaskName, Tasks, Work};
use crate::base::{Tick, limits};

thread_local! {
    static CURRENT: Cell<*const Shard> = const { Cell::new(std::ptr::null()) };
    /// Where the next shard of this thread begins to count its sockets.
    static GENERATION: Cell<u32> = const { Cell::new(1) };
}

static PANICS: AtomicU64 = AtomicU64::new(0);

/// Tasks of this process that have ended by a panic.
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// How one shard runs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ShardOptions {
    pub driver: DriverKind,
    /// The CPU to bind this thread to.
    pub cpu: Option<usize>,
    /// Told, on the shard, what a task's panic said; the task is gone by then.
    pub on_panic: Option<fn(&str)>,
    /// Where this shard shows that it turns.
    pub pulse: Option<Arc<Pulse>>,
}

impl ShardOptions {
    #[must_use]
    pub const fn new(driver: DriverKind) -> Self {
        Self {
            driver,
            cpu: None,
            on_panic: None,
            pulse: None,
        }
    }
}

/// Makes this thread a shard until `root` is done. Then its other tasks are dropped, and what
/// dropped connections still had to send is sent (within [`limits::LINGER_MS`]).
///
/// # Errors
/// When the driver cannot be made, the CPU cannot be bound to, this thread is a shard already,
/// or the kernel refuses to wait.
pub fn run<F: Future>(options: ShardOptions, root: impl FnOnce() -> F) -> io::Result<F::Output> {
    if let Some(cpu) = options.cpu {
        cpu::pin(cpu)?;
    }
    let seat = Seat::take()?;
    let driver = Driver::new(options.driver, seat.bell())?;
    run_on(driver, seat, options, root)
}

pub(super) fn run_on<F: Future>(
    driver: Driver,
    seat: Seat,
    options: ShardOptions,
    root: impl FnOnce() -> F,
) -> io::Result<F::Output> {
    let shard = Shard {
        tasks: RefCell::new(Tasks::new(seat.number())),
        io: RefCell::new(Io::new(driver, Sockets::starting_at(GENERATION.get()))),
        seat,
        budget: Cell::new(0),
        on_panic: options.on_panic,
        pulse: options.pulse.unwrap_or_default(),
    };
    let entered = Entered::new(&shard)?;
    let output = {
        let root = pin!(root());
        shard.turns(root)
    };
    shard.close_down();
    drop(entered);
    output
}

pub(super) struct Shard {
    seat: Seat,
    tasks: RefCell<Tasks>,
    io: RefCell<Io>,
    /// Receives that the task being polled may still make.
    budget: Cell<u32>,
    on_panic: Option<fn(&str)>,
    pulse: Arc<Pulse>,
}

/// While this lives, [`with`] finds the shard.
struct Entered;

impl Entered {
    fn new(shard: &Shard) -> io::Result<Self> {
        if !CURRENT.get().is_null() {
            return Err(io::Error::other("this thread is a shard already"));
        }
        CURRENT.set(shard);
        Ok(Self)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(std::ptr::null());
    }
}

/// Runs `f` with this thread's shard; `None` on a thread that is no shard.
pub(super) fn with<R>(f: impl FnOnce(&Shard) -> R) -> Option<R> {
    let shard = CURRENT.get();
    // SAFETY: `CURRENT` is null or names the shard on the stack of `run_on`, which outlives the
    // `Entered` that clears it; the reference does not leave this call.
    unsafe { shard.as_ref() }.map(f)
}

/// As [`with`], for what makes no sense elsewhere.
///
/// # Panics
/// On a thread that is no shard.
pub(super) fn within<R>(f: impl FnOnce(&Shard) -> R) -> R {
    let result = with(f);
    assert!(
        result.is_some(),
        "only a shard's thread can do this: call it inside engine::run"
    );
    match result {
        Some(result) => result,
        None => unreachable!(),
    }
}

/// Queues a task if it is one of this thread's shard; false when it is not.
pub(super) fn wake_here(name: TaskName) -> bool {
    let woken = with(|shard| {
        let ours = shard.seat.number() == name.shard();
        if ours {
            shard.tasks.borrow_mut().wake(name);
        }
        ours
    });
    woken.unwrap_or(false)
}

impl Shard {
    /// Runs `f` on the sockets, then wakes whom it concerned.
    pub(super) fn io<R>(&self, f: impl FnOnce(&mut Io) -> R) -> R {
        let mut io = self.io.borrow_mut();
        let result = f(&mut io);
        if io.wakes.is_empty() {
            return result;
        }
        let wakes = std::mem::take(&mut io.wakes);
        drop(io);
        for waker in wakes {
            waker.wake();
        }
        result
    }

    pub(super) fn now(&self) -> Tick {
        self.io.borrow().now
    }

    pub(super) fn spawn(&self, work: Work) {
        self.tasks.borrow_mut().add(work);
    }

    pub(super) fn tasks_alive(&self) -> usize {
        self.tasks.borrow().alive()
    }

    /// Whether the task being polled may receive once more; if not, it should let others go
    /// first. A closed set of connections can so not starve the rest of the shard.
    pub(super) fn may_receive(&self) -> bool {
        self.budget.get() > 0
    }

    pub(super) fn received(&self, cost: u32) {
        self.budget.set(self.budget.get().saturating_sub(cost));
    }

    fn turns<F: Future>(&self, mut root: Pin<&mut F>) -> io::Result<F::Output> {
        loop {
            for _ in 0..limits::ROUNDS_PER_TURN {
                if let Some(output) = self.round(root.as_mut()) {
                    return Ok(output);
                }
                if self.tasks.borrow().ready() == 0 {
                    break;
                }
            }
            self.turn()?;
        }
    }

    /// Polls each task that is queued now, once.
    fn round<F: Future>(&self, mut root: Pin<&mut F>) -> Option<F::Output> {
        let count = self.tasks.borrow().ready();
        for _ in 0..count {
            let next = self.tasks.borrow_mut().next();
            self.budget.set(limits::RECEIVES_PER_POLL);
            match next {
                Some(Next::Task(name, work)) => self.poll(name, work),
                Some(Next::Root(name)) => {
                    let waker = name.waker();
                    let polled = root.as_mut().poll(&mut Context::from_waker(&waker));
                    if let Poll::Ready(output) = polled {
                        return Some(output);
                    }
                }
                None => return None,
            }
        }
        None
    }

    fn poll(&self, name: TaskName, mut work: Work) {
        let waker = name.waker();
        let mut context = Context::from_waker(&waker);
        // A task owns what it touches, or shares it with others through cells that were not
        // borrowed across its awaits; what it left half done is seen by those alone.
        match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(&mut context))) {
            Ok(Poll::Pending) => self.tasks.borrow_mut().put_back(name, work),
            Ok(Poll::Ready(())) => {
                self.tasks.borrow_mut().forget(name);
                self.discard(work);
            }
            Err(payload) => {
                self.tasks.borrow_mut().forget(name);
                self.report(payload.as_ref());
                self.discard(work);
            }
        }
    }

    /// Drops a task; that may panic as well.
    fn discard(&self, work: Work) {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(work))) {
            self.report(payload.as_ref());
        }
    }

    fn report(&self, payload: &(dyn Any + Send)) {
        PANICS.fetch_add(1, Ordering::Relaxed);
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        if let Some(hook) = self.on_panic {
            hook(text.unwrap_or("a panic without words"));
        }
    }

    /// Asks the kernel, and waits there when there is nothing to do.
    fn turn(&self) -> io::Result<()> {
        let limit = self.limit();
        let sleeps = limit != Some(Duration::ZERO) && self.seat.fall_asleep();
        let limit = if sleeps { limit } else { Some(Duration::ZERO) };
        if sleeps {
            self.pulse.sleep();
        }
        let turned = self.io(|io| io.turn(limit));
        if sleeps {
            self.seat.wake_up();
        }
        self.pulse.beat(self.now(), sleeps);
        while let Some(name) = self.seat.take_name() {
            self.tasks.borrow_mut().wake(name);
        }
        turned
    }

    /// How long nothing is to be done.
    fn limit(&self) -> Option<Duration> {
        if self.tasks.borrow().ready() > 0 {
            return Some(Duration::ZERO);
        }
        let io = self.io.borrow();
        io.wheel.next_due().map(|due| due.since(io.now))
    }

    /// The root is done: drops the tasks, lets dropped connections send what they had, closes.
    fn close_down(&self) {
        loop {
            // Dropping one may wake, or even spawn, another.
            let tasks = self.tasks.borrow_mut().take_all();
            if tasks.is_empty() {
                break;
            }
            tasks.into_iter().for_each(|work| self.discard(work));
        }
        while self.io.borrow().orphans > 0 {
            let limit = self
                .io
                .borrow()
                .wheel
                .next_due()
                .map(|due| due.since(self.now()));
            if self.io(|io| io.turn(limit)).is_err() {
                break;
            }
        }
        self.io(Io::close_all);
        GENERATION.set(self.io.borrow().sockets.next_generation());
    }
}
