use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use crate::base::limits::WORKERS_KEPT_MAX;

use super::answer;
use super::connection::{After, Connection};
use super::context::Context;

/// A connection whose request was served, and what becomes of it.
pub(super) type Done = (Box<Connection>, After);

/// The desks of workers that wait for a job. A worker is a task that serves one request after
/// the other, of whichever connection: a request costs no allocation and no move of a large
/// future, and an idle connection keeps none.
#[derive(Default)]
pub(super) struct Workers {
    idle: RefCell<Vec<Rc<Desk>>>,
    /// The fewest that were idle at once since the last [`Workers::shrink`].
    spare: Cell<usize>,
}

/// Where a worker finds a connection with a request, and leaves it again.
#[derive(Default)]
pub(super) struct Desk {
    job: Cell<Option<Box<Connection>>>,
    done: Cell<Option<Done>>,
    /// Wakes its worker; none before that has begun.
    waker: Cell<Option<Waker>>,
    dismissed: Cell<bool>,
}

/// A connection at work. If that ends in a panic, its client still gets an answer or a reset:
/// never a connection that looks as if all was said.
pub(super) struct Job<'work> {
    cx: &'work Context,
    conn: Option<Box<Connection>>,
}

impl Desk {
    /// Waits for the next job.
    pub(super) async fn job<'work>(&self, cx: &'work Context) -> Job<'work> {
        let conn = poll_fn(|_| self.job.take().map_or(Poll::Pending, Poll::Ready)).await;
        Job {
            cx,
            conn: Some(conn),
        }
    }

    pub(super) fn done(&self, mut job: Job<'_>, after: After) {
        self.done.set(job.conn.take().map(|conn| (conn, after)));
    }

    /// What the worker has done, once it has.
    pub(super) fn take_done(&self) -> Option<Done> {
        self.done.take()
    }

    /// Lays a connection on the desk, of a worker who is awake.
    pub(super) fn put(&self, connection: Box<Connection>) {
        self.job.set(Some(connection));
    }

    pub(super) fn is_dismissed(&self) -> bool {
        self.dismissed.get()
    }

    /// The calling task is the worker of this desk from now on.
    pub(super) async fn begin(&self) {
        let waker = poll_fn(|task| Poll::Ready(task.waker().clone())).await;
        self.waker.set(Some(waker));
    }

    fn wake(&self) {
        let waker = self.waker.take();
        if let Some(waker) = &waker {
            waker.wake_by_ref();
        }
        self.waker.set(waker);
    }
}

impl Job<'_> {
    /// The connection; None once the job is done.
    pub(super) fn connection(&mut self) -> Option<&mut Connection> {
        self.conn.as_deref_mut()
    }
}

impl Drop for Job<'_> {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        if let Some(conn) = self.conn.take() {
            answer::after_panic(self.cx, conn);
        }
    }
}

impl Workers {
    /// Gives the connection to a worker that waits; it comes back where there is none.
    pub(super) fn hand_over(&self, connection: Box<Connection>) -> Option<Box<Connection>> {
        let mut idle = self.idle.borrow_mut();
        let Some(desk) = idle.pop() else {
            return Some(connection);
        };
        self.spare.set(self.spare.get().min(idle.len()));
        desk.put(connection);
        desk.wake();
        None
    }

    /// The worker of this desk has nothing to do. False when there are enough of those.
    pub(super) fn wait(&self, desk: &Rc<Desk>) -> bool {
        let mut idle = self.idle.borrow_mut();
        let few = idle.len() < WORKERS_KEPT_MAX;
        if few {
            idle.push(Rc::clone(desk));
        }
        few
    }

    /// Dismisses half of those that have had nothing to do since the last time.
    pub(super) fn shrink(&self) {
        let mut idle = self.idle.borrow_mut();
        let spare = self.spare.replace(idle.len()).min(idle.len());
        // The longest idle stand in front.
        for desk in idle.drain(..spare.div_ceil(2)) {
            desk.dismissed.set(true);
            desk.wake();
        }
    }
}
