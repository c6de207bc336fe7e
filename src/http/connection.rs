//! One client connection: it waits, serves a request, and waits again.

use std::cell::Cell;
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use crate::base::limits::{LINGER_MS, UNSENT_BYTES_MAX};
use crate::base::{Page, Tick};
use crate::engine::{self, Either, TcpStream};
use crate::wire::Peer;

use super::context::{Context, Phase};
use super::exchange;
use super::workers::Workers;

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

/// What serves the connections of one shard. `F` is the future of a worker.
pub struct Server<F> {
    cx: Rc<Context>,
    workers: Workers<F>,
}

impl<F> std::fmt::Debug for Server<F> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Server")
    }
}

/// The server of one shard.
#[must_use]
pub fn server(cx: Rc<Context>) -> Rc<Server<impl Future<Output = ()>>> {
    Rc::new(Server {
        workers: Workers::new(Rc::clone(&cx), exchange::work),
        cx,
    })
}

impl Connection {
    /// `rest` is what was received while finding out that this is HTTP; `client` is who the
    /// PROXY protocol says it is.
    #[must_use]
    pub fn new(
        cx: &Context,
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
        }
    }
}

impl<F: Future<Output = ()>> Server<F> {
    /// Serves all requests of a connection whose task is a member.
    pub async fn serve(&self, conn: Box<Connection>) {
        let ending = self.cx.reaches(Phase::Ending);
        let Either::Left((conn, after)) = engine::first(self.serve_all(conn), ending).await else {
            return;
        };
        match after {
            After::Keep | After::Close => {}
            After::Linger => {
                let by = engine::now() + Duration::from_millis(LINGER_MS);
                conn.stream.close_gently(by).await;
            }
            After::Abort => conn.stream.abort(),
        }
    }

    async fn serve_all(&self, mut conn: Box<Connection>) -> (Box<Connection>, After) {
        let mut after = After::Keep;
        while after == After::Keep {
            if conn.rest.is_empty() && !self.next_request(&conn).await {
                return (conn, After::Close);
            }
            (conn, after) = self.workers.serve(conn).await;
            conn.served += 1;
        }
        (conn, after)
    }

    /// Waits until there is something to read. False when the connection is to end.
    async fn next_request(&self, conn: &Connection) -> bool {
        let entry = &self.cx.entry_points[conn.entry_point];
        let patience = if conn.served == 0 {
            entry.read_timeout
        } else {
            entry.idle_timeout
        };
        let by = patience.map_or(Tick::NEVER, |patience| engine::now() + patience);
        let stream = &conn.stream;
        if stream.unsent() > UNSENT_BYTES_MAX && stream.drained(UNSENT_BYTES_MAX, by).await.is_err()
        {
            return false;
        }
        let draining = self.cx.reaches(Phase::Draining);
        matches!(
            engine::first(stream.readable(by), draining).await,
            Either::Left(Ok(()))
        )
    }
}
