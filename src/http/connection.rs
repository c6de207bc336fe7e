//! Client connections: they rest, a worker serves a request, and they rest again.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use crate::base::limits::{LINGER_MS, UNSENT_BYTES_MAX};
use crate::base::{Page, Tick};
use crate::engine::{self, Either, TcpStream};
use crate::wire::Peer;

use super::context::{Context, Open, Phase};
use super::exchange;
use super::workers::{Desk, Done, Workers};

/// A client's connection between and during its requests.
#[derive(Debug)]
pub struct Connection {
    pub(super) stream: TcpStream,
    /// Received and not yet used: the next request, or the beginning of it.
    pub(super) rest: Page,
    pub(super) client: SocketAddr,
    /// The client's address as header fields tell it.
    pub(super) peer: Peer,
    pub(super) entry_point: usize,
    pub(super) secure: bool,
    pub(super) opened: Tick,
    /// Requests that were served.
    pub(super) served: u64,
    /// The head of the present request's answer is on its way.
    pub(super) answered: Cell<bool>,
    /// The shard does not end before this does.
    _open: Open,
}

/// What becomes of a client's connection after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    Keep,
    /// Nothing more is expected from the client.
    Close,
    /// The client may still be sending: it is listened to until it has seen our answer.
    Linger,
    /// The answer is not whole, or nobody takes it: a reset says so.
    Abort,
}

/// Makes a worker for its desk.
type Hire<F> = fn(Rc<Context>, Rc<Desk>) -> F;

/// What serves the connections of one shard. `F` is the future of a worker.
pub struct Server<F> {
    cx: Rc<Context>,
    hire: Hire<F>,
    workers: Workers,
    resting: RefCell<Resting>,
}

/// Connections between requests, by their numbers in the engine's lot.
#[derive(Default)]
struct Resting {
    places: Vec<Option<Box<Connection>>>,
    free: Vec<u32>,
}

impl<F> std::fmt::Debug for Server<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Server")
    }
}

/// The server of one shard.
#[must_use]
pub fn server(cx: Rc<Context>) -> Rc<Server<impl Future<Output = ()>>> {
    let server = Rc::new(Server {
        cx,
        hire: exchange::work,
        workers: Workers::default(),
        resting: RefCell::default(),
    });
    engine::spawn(keep(Rc::clone(&server)));
    server
}

impl Connection {
    /// `rest` is what was received while finding out that this is HTTP; `client` is who the
    /// PROXY protocol says it is.
    #[must_use]
    pub fn new(
        cx: &Rc<Context>,
        stream: TcpStream,
        rest: Page,
        client: SocketAddr,
        entry_point: usize,
    ) -> Self {
        let opened = engine::now();
        let peer = Peer::new(client.ip(), &cx.entry_points[entry_point].forwarded);
        Self {
            peer,
            stream,
            rest,
            client,
            entry_point,
            secure: false,
            opened,
            served: 0,
            answered: Cell::new(false),
            _open: cx.open(),
        }
    }

    /// When it has been idle for too long.
    fn patience(&self, cx: &Context) -> Tick {
        let entry = &cx.entry_points[self.entry_point];
        let patience = if self.served == 0 {
            entry.read_timeout
        } else {
            entry.idle_timeout
        };
        patience.map_or(Tick::NEVER, |patience| engine::now() + patience)
    }
}

impl<F: Future<Output = ()> + 'static> Server<F> {
    /// Serves all requests of a connection.
    pub fn serve(self: &Rc<Self>, connection: Box<Connection>) {
        if let Some(stirring) = self.rest(connection) {
            self.work_on(stirring);
        }
    }

    /// Dismisses workers that are not needed. Called now and then.
    pub fn shrink(&self) {
        self.workers.shrink();
    }

    /// Lets the connection wait for its next request; one that has it already comes back.
    /// When the shard drains, the others are closed.
    fn rest(&self, connection: Box<Connection>) -> Option<Box<Connection>> {
        if !connection.rest.is_empty() {
            return Some(connection);
        }
        if self.cx.phase() >= Phase::Draining {
            return Some(connection).filter(|connection| !connection.stream.is_quiet());
        }
        let by = connection.patience(&self.cx);
        self.resting.borrow_mut().add(connection, by)
    }

    fn work_on(self: &Rc<Self>, connection: Box<Connection>) {
        if let Some(connection) = self.workers.hand_over(connection) {
            let desk = Rc::<Desk>::default();
            desk.put(connection);
            engine::spawn(work(Rc::clone(self), desk));
        }
    }

    /// Waits until the client has taken most of what it was sent; false when it does not.
    async fn catches_up(&self, connection: &Connection) -> bool {
        let by = connection.patience(&self.cx);
        let taken = connection.stream.drained(UNSENT_BYTES_MAX, by);
        let ending = self.cx.reaches(Phase::Ending);
        matches!(engine::first(taken, ending).await, Either::Left(Ok(())))
    }

    /// What is to be done when a request was served. A connection that has another one already
    /// comes back.
    async fn settle(&self, (mut conn, after): Done) -> Option<Box<Connection>> {
        match after {
            After::Keep => {
                conn.served += 1;
                if conn.stream.unsent() > UNSENT_BYTES_MAX && !self.catches_up(&conn).await {
                    return None;
                }
                self.rest(conn)
            }
            After::Close => None,
            After::Linger => {
                engine::spawn(linger(Rc::clone(&self.cx), conn));
                None
            }
            After::Abort => {
                conn.stream.abort();
                None
            }
        }
    }
}

impl Resting {
    /// The connection comes back when it has something to say.
    fn add(&mut self, connection: Box<Connection>, by: Tick) -> Option<Box<Connection>> {
        let number = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            u32::try_from(self.places.len() - 1).unwrap_or(u32::MAX)
        });
        if connection.stream.rest(number, by) {
            self.places[number as usize] = Some(connection);
            None
        } else {
            self.free.push(number);
            Some(connection)
        }
    }

    fn remove(&mut self, number: u32) -> Option<Box<Connection>> {
        let connection = self.places.get_mut(number as usize)?.take()?;
        self.free.push(number);
        Some(connection)
    }
}

/// Keeps the connections that rest: one that stirs goes to a worker. When the shard drains,
/// those that have nothing to say are closed.
async fn keep<F: Future<Output = ()> + 'static>(server: Rc<Server<F>>) {
    let _told = server.cx.join().await;
    let mut risen = Vec::new();
    loop {
        let draining = server.cx.reaches(Phase::Draining);
        if let Either::Right(()) = engine::first(engine::risen(&mut risen), draining).await {
            break;
        }
        for one in risen.drain(..) {
            let connection = server.resting.borrow_mut().remove(one.number);
            // One that has waited for too long just ends.
            if let Some(connection) = connection.filter(|_| !one.due) {
                server.work_on(connection);
            }
        }
    }
    let resting = std::mem::take(&mut *server.resting.borrow_mut());
    for connection in resting.places.into_iter().flatten() {
        if !connection.stream.is_quiet() {
            server.work_on(connection);
        }
    }
}

/// A worker's life: one request after the other, until it is dismissed.
async fn work<F: Future<Output = ()> + 'static>(server: Rc<Server<F>>, desk: Rc<Desk>) {
    let _told = server.cx.join().await;
    desk.begin().await;
    let mut hands = pin!((server.hire)(Rc::clone(&server.cx), Rc::clone(&desk)));
    while let Some(done) = next_done(&server.cx, &desk, hands.as_mut()).await {
        match server.settle(done).await {
            Some(connection) => desk.put(connection),
            None if server.workers.wait(&desk) => {}
            None => return,
        }
    }
}

/// Goes on until a request is served; none when the worker is to end.
async fn next_done(
    cx: &Context,
    desk: &Desk,
    mut hands: Pin<&mut impl Future<Output = ()>>,
) -> Option<Done> {
    poll_fn(|task| {
        if cx.phase() >= Phase::Ending || desk.is_dismissed() {
            return Poll::Ready(None);
        }
        // It never ends by itself: it waits for its next job.
        let _pending = hands.as_mut().poll(task);
        desk.take_done()
            .map_or(Poll::Pending, |done| Poll::Ready(Some(done)))
    })
    .await
}

async fn linger(cx: Rc<Context>, connection: Box<Connection>) {
    let _told = cx.join().await;
    let Connection { stream, _open, .. } = *connection;
    let by = engine::now() + Duration::from_millis(LINGER_MS);
    engine::first(stream.close_gently(by), cx.reaches(Phase::Ending)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With its place in the engine (`engine::socket`, 240 bytes), a timer and a number this
    /// stays below 0.6 KiB; `loadtest/run --cases memory` measures what it comes to.
    #[test]
    fn a_connection_at_rest_is_small() {
        let connection = size_of::<Connection>();
        assert!(connection <= 208, "{connection} bytes");
    }
}
