use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use crate::base::limits::WORKERS_KEPT_MAX;

use super::answer;
use super::connection::{After, Connection};
use super::context::Context;

/// Makes a worker for its desk.
type Hire<F> = fn(Rc<Context>, Rc<Desk>) -> F;

/// A connection whose request was served, and what becomes of it.
type Done = (Box<Connection>, After);

/// Futures that serve one request after the other, and wait for the next one in between. A
/// request in flight costs no allocation and no move of a large future; an idle connection
/// keeps none.
pub(super) struct Workers<F> {
    cx: Rc<Context>,
    hire: Hire<F>,
    idle: RefCell<Vec<Worker<F>>>,
}

/// Where a worker finds a connection with a request, and leaves it again.
#[derive(Default)]
pub(super) struct Desk {
    job: Cell<Option<Box<Connection>>>,
    done: Cell<Option<Done>>,
}

/// A connection at work. If that ends in a panic, its client still gets an answer or a reset:
/// never a connection that looks as if all was said.
pub(super) struct Job<'work> {
    cx: &'work Context,
    conn: Option<Box<Connection>>,
}

struct Worker<F> {
    desk: Rc<Desk>,
    future: Pin<Box<F>>,
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

impl<F: Future<Output = ()>> Workers<F> {
    pub(super) const fn new(cx: Rc<Context>, hire: Hire<F>) -> Self {
        Self {
            cx,
            hire,
            idle: RefCell::new(Vec::new()),
        }
    }

    /// Has a worker serve a request. When this is dropped before the end, so is the worker.
    pub(super) async fn serve(&self, connection: Box<Connection>) -> Done {
        let mut worker = self.worker();
        worker.desk.job.set(Some(connection));
        let output = poll_fn(|task| {
            // A worker never ends by itself: it waits for its next job.
            let _pending = worker.future.as_mut().poll(task);
            worker.desk.done.take().map_or(Poll::Pending, Poll::Ready)
        })
        .await;
        let mut idle = self.idle.borrow_mut();
        if idle.len() < WORKERS_KEPT_MAX {
            idle.push(worker);
        }
        output
    }

    fn worker(&self) -> Worker<F> {
        let idle = self.idle.borrow_mut().pop();
        idle.unwrap_or_else(|| {
            let desk = Rc::<Desk>::default();
            let future = (self.hire)(Rc::clone(&self.cx), Rc::clone(&desk));
            Worker {
                desk,
                future: Box::pin(future),
            }
        })
    }
}
