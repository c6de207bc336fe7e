//! An echo server whose answers read like traefik/whoami's, for trying things out.
//!
//! It runs on the shards of the engine, so it can also be the server behind a measurement.
//! Never here: the process environment in an answer (the original has `?env=true`).

mod answer;
mod connection;
mod data;
mod echo;
mod facts;
mod prepared;
mod query;
#[cfg(test)]
mod tests;
mod websocket;

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;

use answer::Identity;
use prepared::Prepared;

use crate::engine::{self, BoundListener, Choice, Listener, ShardOptions};

/// How a server introduces itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// `--name` or `WHOAMI_NAME`; told first when there is one.
    pub name: String,
    /// Tell the program's log of each request, at level INFO.
    pub verbose: bool,
}

/// How `ringway whoami` runs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RunOptions {
    pub whoami: Options,
    pub address: SocketAddr,
    pub engine: Choice,
    /// Threads; each has its own listener.
    pub shards: usize,
}

/// Serves on one listener of this shard for as long as the future is polled; connections live
/// in tasks of their own.
///
/// # Errors
/// The listener is broken.
pub async fn serve(listener: BoundListener, options: Options) -> io::Result<()> {
    accept_all(listener, Arc::new(Identity::new(options))).await
}

/// Serves until the process is ended.
///
/// # Errors
/// When the address cannot be bound, or no engine works here.
pub fn run(options: &RunOptions) -> io::Result<()> {
    let selected = engine::select(options.engine)?;
    let identity = Arc::new(Identity::new(options.whoami.clone()));
    let shards = options.shards.max(1);
    // All are bound before any serves: a second process must fail, not share the load.
    let mut listeners = Vec::new();
    let mut address = options.address;
    for _ in 0..shards {
        let listener = engine::bind(address, shards > 1)?;
        address = listener.local_addr();
        listeners.push(listener);
    }
    let threads: Vec<_> = listeners
        .into_iter()
        .map(|listener| {
            let identity = Arc::clone(&identity);
            let shard = ShardOptions {
                driver: selected.driver,
                cpu: None,
                on_panic: None,
                pulse: None,
            };
            std::thread::Builder::new()
                .name("whoami".to_owned())
                .spawn(move || engine::run(shard, || accept_all(listener, identity))?)
        })
        .collect::<io::Result<_>>()?;
    for thread in threads {
        thread
            .join()
            .map_err(|_| io::Error::other("a thread of whoami has panicked"))??;
    }
    Ok(())
}

async fn accept_all(listener: BoundListener, identity: Arc<Identity>) -> io::Result<()> {
    let listener = Listener::adopt(listener)?;
    let prepared = Rc::new(Prepared::default());
    loop {
        let stream = listener.accept().await?;
        engine::spawn(connection::serve(
            stream,
            Arc::clone(&identity),
            Rc::clone(&prepared),
        ));
    }
}
