//! A byte forwarder on the router's own engine, to measure the engine without the rest of the
//! router: `forward LISTEN UPSTREAM ring|epoll`. Beside it stand the forwarders of `yardsticks/`.

use std::net::SocketAddr;

use ringway::base::{Tick, limits};
use ringway::engine::{self, Choice, Listener, Room, ShardOptions, TcpStream};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), String> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [listen, upstream, engine] = words.as_slice() else {
        return Err("usage: forward 127.0.0.1:8000 127.0.0.1:9000 ring|epoll".to_owned());
    };
    let address = |word: &String| -> Result<SocketAddr, String> {
        word.parse().map_err(|fault| format!("{word:?}: {fault}"))
    };
    let choice = match engine.as_str() {
        "ring" => Choice::Ring,
        "epoll" => Choice::Epoll,
        other => return Err(format!("no engine named {other:?}")),
    };
    serve(address(listen)?, address(upstream)?, choice).map_err(|fault| fault.to_string())
}

fn serve(listen: SocketAddr, upstream: SocketAddr, choice: Choice) -> std::io::Result<()> {
    let selected = engine::select(choice)?;
    let bound = engine::bind(listen, true)?;
    engine::run(ShardOptions::new(selected.driver), || async move {
        let listener = Listener::adopt(bound)?;
        loop {
            let downstream = listener.accept().await?;
            engine::spawn(forward(downstream, upstream));
        }
    })?
}

async fn forward(downstream: TcpStream, upstream: SocketAddr) {
    let Ok(upstream) = TcpStream::connect(upstream, Tick::NEVER).await else {
        return;
    };
    engine::both(copy(&downstream, &upstream), copy(&upstream, &downstream)).await;
}

/// Until the end of the stream or an error; the room grows with the flow.
async fn copy(from: &TcpStream, to: &TcpStream) {
    let mut room = Room::Head;
    while let Ok(page) = from.recv(room, Tick::NEVER).await {
        if page.is_empty() {
            break;
        }
        room = if page.len() >= limits::PAGE_HEAD_BYTES {
            Room::Bulk
        } else {
            Room::Head
        };
        to.send(page);
        if to.unsent() > limits::UNSENT_BYTES_MAX {
            let half = limits::UNSENT_BYTES_MAX / 2;
            if to.drained(half, Tick::NEVER).await.is_err() {
                break;
            }
        }
    }
    to.shutdown_write();
}
