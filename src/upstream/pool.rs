use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::base::Tick;
use crate::engine::{self, TcpStream};
use crate::snapshot::Origin;

type Pools = HashMap<u32, Rc<Pool>, ahash::RandomState>;

/// The connections of one shard to all servers, by [`Origin::number`].
#[derive(Debug, Default)]
pub struct Upstream {
    pools: RefCell<Pools>,
}

/// The connections of one shard to one origin.
#[derive(Debug)]
pub struct Pool {
    origin: Arc<Origin>,
    /// The most recently used last.
    idle: RefCell<Vec<Idle>>,
    /// The last answer did not fit a head page: receive the next one into a large page at once.
    large_answers: Cell<bool>,
    /// The server was seen to close connections that it had not said it would.
    closes_early: Cell<bool>,
}

#[derive(Debug)]
struct Idle {
    stream: TcpStream,
    since: Tick,
}

/// A connection lent for one exchange. It goes back only by [`Lease::give_back`].
#[derive(Debug)]
pub struct Lease {
    pub stream: TcpStream,
    /// It has served a request before, so the server may be closing it right now.
    pub reused: bool,
    pool: Rc<Pool>,
}

/// Why there is no connection.
#[derive(Debug)]
pub enum DialFault {
    /// Not within `dialTimeout`.
    Timeout,
    Refused(io::Error),
}

impl Upstream {
    /// The connections to `origin`.
    pub fn pool(&self, origin: &Arc<Origin>) -> Rc<Pool> {
        let mut pools = self.pools.borrow_mut();
        let pool = pools.entry(origin.number).or_insert_with(|| {
            Rc::new(Pool {
                origin: Arc::clone(origin),
                idle: RefCell::default(),
                large_answers: Cell::new(false),
                closes_early: Cell::new(false),
            })
        });
        Rc::clone(pool)
    }

    /// Closes what has been idle for too long or was closed by its server. Called now and then.
    pub fn sweep(&self, now: Tick) {
        self.pools.borrow_mut().retain(|_, pool| {
            pool.idle
                .borrow_mut()
                .retain(|idle| pool.is_fresh(idle, now));
            Rc::strong_count(pool) > 1 || !pool.idle.borrow().is_empty()
        });
    }

    /// Idle connections of this shard, to all servers.
    #[must_use]
    pub fn idle_connections(&self) -> usize {
        self.pools
            .borrow()
            .values()
            .map(|pool| pool.idle.borrow().len())
            .sum()
    }
}

impl Pool {
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// An idle connection on which nothing has happened since it was given back. A request
    /// that could not be sent again gets none of a server that closes them early.
    pub fn take_idle(self: &Rc<Self>, now: Tick, replayable: bool) -> Option<Lease> {
        let mut idle = self.idle.borrow_mut();
        while replayable || !self.closes_early.get() {
            let one = idle.pop()?;
            if self.is_fresh(&one, now) {
                return Some(Lease {
                    stream: one.stream,
                    reused: true,
                    pool: Rc::clone(self),
                });
            }
            self.note_early_close(!one.stream.is_quiet());
        }
        None
    }

    /// Notes whether a connection that was kept had been closed by its server.
    pub fn note_early_close(&self, closed: bool) {
        if closed {
            self.closes_early.set(true);
        }
    }

    /// A new connection.
    ///
    /// # Errors
    /// The server cannot be reached, or not in time.
    pub async fn dial(self: &Rc<Self>, address: SocketAddr) -> Result<Lease, DialFault> {
        let by = engine::now() + self.origin.transport.dial_timeout;
        match TcpStream::connect(address, by).await {
            Ok(stream) => Ok(Lease {
                stream,
                reused: false,
                pool: Rc::clone(self),
            }),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Err(DialFault::Timeout),
            Err(error) => Err(DialFault::Refused(error)),
        }
    }

    fn is_fresh(&self, idle: &Idle, now: Tick) -> bool {
        let timeout = self.origin.transport.idle_timeout;
        idle.stream.is_quiet() && timeout.is_none_or(|timeout| now.since(idle.since) < timeout)
    }
}

impl Lease {
    /// How long, in all, the server may be kept waiting for a client.
    #[must_use]
    pub fn slow_client(&self) -> Option<Duration> {
        self.pool.origin.transport.slow_client
    }

    /// Whether answers of this server are usually larger than a head page.
    #[must_use]
    pub fn has_large_answers(&self) -> bool {
        self.pool.large_answers.get()
    }

    /// Notes how large this answer was.
    pub fn note_answer(&self, large: bool) {
        self.pool.large_answers.set(large);
        if self.reused {
            self.pool.closes_early.set(false);
        }
    }

    /// The exchange is over and both sides agree that the connection may serve another one.
    pub fn give_back(self, now: Tick) {
        let mut idle = self.pool.idle.borrow_mut();
        if idle.len() < self.pool.origin.transport.idle_max && self.stream.is_quiet() {
            idle.push(Idle {
                stream: self.stream,
                since: now,
            });
        }
    }
}
