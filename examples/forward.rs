//! A byte forwarder on the engine: each client gets one connection to the server, and bytes go
//! both ways. It reads no HTTP, so it shows what the engine itself costs.
//!
//! `cargo run --release --example forward -- 127.0.0.1:8000 127.0.0.1:9000 ring`

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ringway::base::Tick;
use ringway::engine::{
    Choice, Listener, Room, ShardOptions, TcpStream, bind, both, now, run, select, spawn,
};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// What one direction may queue before its source waits.
const UNSENT_BYTES: usize = 16 * 1024;
const IDLE_FOR: Duration = Duration::from_secs(180);

#[expect(clippy::print_stderr, reason = "a tool for a terminal")]
fn main() -> io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let usage = || io::Error::other("forward LISTEN SERVER [auto|ring|epoll]");
    let address = |at: usize| -> io::Result<SocketAddr> {
        words
            .get(at)
            .and_then(|word| word.parse().ok())
            .ok_or_else(usage)
    };
    let (listen, server) = (address(0)?, address(1)?);
    let choice = match words.get(2).map(String::as_str) {
        None | Some("auto") => Choice::Auto,
        Some("ring") => Choice::Ring,
        Some("epoll") => Choice::Epoll,
        Some(_) => return Err(usage()),
    };
    let selected = select(choice)?;
    eprintln!("{selected}");
    let bound = bind(listen, true)?;
    run(ShardOptions::new(selected.driver), || serve(bound, server))?
}

async fn serve(bound: ringway::engine::BoundListener, server: SocketAddr) -> io::Result<()> {
    let listener = Listener::adopt(bound)?;
    loop {
        let client = listener.accept().await?;
        spawn(async move {
            if let Ok(upstream) = TcpStream::connect(server, now() + CONNECT_WITHIN).await {
                relay(&client, &upstream).await;
            }
        });
    }
}

/// Until both directions have ended, or one has broken.
async fn relay(client: &TcpStream, upstream: &TcpStream) {
    let there = copy(client, upstream, Room::Head);
    let back = copy(upstream, client, Room::Bulk);
    both(there, back).await;
}

async fn copy(from: &TcpStream, to: &TcpStream, room: Room) {
    loop {
        let by = now() + IDLE_FOR;
        match from.recv(room, by).await {
            Ok(page) if !page.is_empty() => to.send(page),
            Ok(_) | Err(_) => break,
        }
        // The kernel's buffers keep the line busy; more in ours would only leave the cache.
        let full = to.unsent() > UNSENT_BYTES;
        if full && to.drained(UNSENT_BYTES, Tick::NEVER).await.is_err() {
            break;
        }
    }
    to.shutdown_write();
}
