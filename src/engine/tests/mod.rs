//! Every function of the door, over real sockets, on each driver that works here.

mod combined;
mod listening;
mod simulated;
mod streams;
mod tasks;
mod traps;

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use super::{
    BoundListener, Choice, DriverKind, Listener, Room, ShardOptions, TcpStream, bind, now, run,
    select,
};
use crate::base::{Page, Tick};

/// The drivers that work on this machine; epoll always does.
fn drivers() -> Vec<DriverKind> {
    let ring = select(Choice::Ring).ok().map(|selected| selected.driver);
    [Some(DriverKind::Epoll), ring]
        .into_iter()
        .flatten()
        .collect()
}

/// Runs a test on a fresh shard of each driver.
fn on_each<F: Future<Output = ()>>(test: impl Fn() -> F) {
    for driver in drivers() {
        run(ShardOptions::new(driver), &test).unwrap();
    }
}

fn any_port() -> BoundListener {
    bind("127.0.0.1:0".parse().unwrap(), false).unwrap()
}

/// A deadline that only a broken test meets.
fn soon() -> Tick {
    now() + Duration::from_secs(20)
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address, soon()).await.unwrap()
}

/// Both ends of a connection on this shard: the one that connected, and the accepted one.
async fn pair() -> (TcpStream, TcpStream) {
    let listener = Listener::adopt(any_port()).unwrap();
    let near = connect(listener.local_addr()).await;
    let far = listener.accept().await.unwrap();
    (near, far)
}

/// Receives until `count` bytes are there, or the end.
async fn read(stream: &TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < count {
        let page = stream.recv(Room::Bulk, soon()).await.unwrap();
        if page.is_empty() {
            break;
        }
        bytes.extend_from_slice(page.as_slice());
    }
    bytes
}

fn page(text: &str) -> Page {
    Page::copy_of(text.as_bytes())
}

/// Bytes that show where they are.
fn pattern(count: usize) -> Vec<u8> {
    (0..count)
        .map(|at| u8::try_from(at * 31 % 251).unwrap())
        .collect()
}
