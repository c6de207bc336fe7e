//! From a listener's connections to HTTP ones, past the PROXY protocol.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use crate::base::limits::{ACCEPT_RETRY_MS, PROXY_HEADER_BYTES_MAX};
use crate::base::{Page, Tick};
use crate::engine::{self, BoundListener, Either, Listener, Room, TcpStream};
use crate::http::{Connection, Context, Phase, Server};
use crate::snapshot::ProxyProtocol;
use crate::telemetry::log;
use crate::wire::proxy_protocol::{self, Opening};

/// Listens on one entry point until the shard drains.
pub(super) fn start<F>(
    cx: &Rc<Context>,
    server: &Rc<Server<F>>,
    entry_point: usize,
    bound: BoundListener,
) -> io::Result<()>
where
    F: Future<Output = ()> + 'static,
{
    let listener = Listener::adopt(bound)?;
    let (cx, server) = (Rc::clone(cx), Rc::clone(server));
    engine::spawn(async move {
        let _member = cx.join().await;
        loop {
            match engine::first(listener.accept(), cx.reaches(Phase::Draining)).await {
                Either::Left(Ok(stream)) => welcome(&cx, &server, entry_point, stream),
                Either::Left(Err(error)) => {
                    log::error("accept failed").with("error", error).send();
                    engine::sleep(Duration::from_millis(ACCEPT_RETRY_MS)).await;
                }
                Either::Right(()) => break,
            }
        }
        // What the kernel has accepted for us already is served, not reset.
        while let Some(stream) = listener.accept_ready() {
            welcome(&cx, &server, entry_point, stream);
        }
    });
    Ok(())
}

fn welcome<F>(cx: &Rc<Context>, server: &Rc<Server<F>>, entry_point: usize, stream: TcpStream)
where
    F: Future<Output = ()> + 'static,
{
    let (cx, server) = (Rc::clone(cx), Rc::clone(server));
    engine::spawn(async move {
        let _member = cx.join().await;
        if let Some(connection) = greet(&cx, entry_point, stream).await {
            server.serve(Box::new(connection)).await;
        }
    });
}

/// Reads the PROXY header, where the entry point wants one.
async fn greet(cx: &Context, entry_point: usize, stream: TcpStream) -> Option<Connection> {
    let peer = stream.peer_addr();
    let entry = &cx.entry_points[entry_point];
    let Some(rules) = &entry.proxy_protocol else {
        return Some(Connection::new(
            cx,
            stream,
            Page::empty(),
            peer,
            entry_point,
        ));
    };
    let by = entry
        .read_timeout
        .map_or(Tick::NEVER, |timeout| engine::now() + timeout);
    let (rest, client) = read_prelude(&stream, rules, peer, by).await?;
    Some(Connection::new(cx, stream, rest, client, entry_point))
}

/// The bytes behind the PROXY header, and who the client is (features 2.6): a header of an
/// untrusted peer is read and ignored; a connection without one is served too.
async fn read_prelude(
    stream: &TcpStream,
    rules: &ProxyProtocol,
    peer: SocketAddr,
    by: Tick,
) -> Option<(Page, SocketAddr)> {
    let trusted = rules.insecure || rules.trusted.contain(peer.ip());
    let mut page = Page::empty();
    while page.len() < PROXY_HEADER_BYTES_MAX {
        let more = stream
            .recv(Room::Head, by)
            .await
            .ok()
            .filter(|more| !more.is_empty())?;
        if page.is_empty() {
            page = more;
        } else {
            page.append(more.as_slice());
        }
        match proxy_protocol::read(page.as_slice()) {
            Ok(Opening::Partial) => {}
            Ok(Opening::Plain) => return Some((page, peer)),
            Ok(Opening::Header(proxied)) => {
                page.consume(proxied.consumed);
                let told = proxied.addresses.filter(|_| trusted);
                return Some((page, told.map_or(peer, |told| told.source)));
            }
            Err(_) => return None,
        }
    }
    None
}
