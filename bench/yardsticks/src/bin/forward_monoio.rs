//! A byte forwarder as one writes it on monoio: two tasks a connection, owned buffers.
//!
//! Options: `--flags=none|coop|defer` (default `coop`, the best that does not starve a ready read
//! while another task runs), `--driver=ring|epoll`.

use std::io;
use std::net::SocketAddrV4;

use monoio::io::{
    AsyncReadRent, AsyncWriteRent, AsyncWriteRentExt, OwnedReadHalf, OwnedWriteHalf, Splitable,
};
use monoio::net::{TcpListener, TcpStream};
use monoio::{IoUringDriver, LegacyDriver, RuntimeBuilder};
use yardsticks::{BULK_BYTES, SMALL_BYTES, addresses};

fn main() -> Result<(), String> {
    let (listen, upstream, options) = addresses()?;
    let said = |option: &str| options.iter().any(|word| word == option);
    let served = if said("--driver=epoll") {
        RuntimeBuilder::<LegacyDriver>::new()
            .build()
            .and_then(|mut runtime| runtime.block_on(serve(listen, upstream)))
    } else {
        let mut ring = io_uring::IoUring::builder();
        if said("--flags=defer") {
            ring.setup_single_issuer()
                .setup_coop_taskrun()
                .setup_defer_taskrun();
        } else if !said("--flags=none") {
            ring.setup_single_issuer().setup_coop_taskrun();
        }
        RuntimeBuilder::<IoUringDriver>::new()
            .uring_builder(ring)
            .with_entries(4096)
            .build()
            .and_then(|mut runtime| runtime.block_on(serve(listen, upstream)))
    };
    served.map_err(|fault| format!("{listen}: {fault}"))
}

async fn serve(listen: SocketAddrV4, upstream: SocketAddrV4) -> io::Result<()> {
    let listener = TcpListener::bind(listen)?;
    loop {
        let (client, _) = listener.accept().await?;
        monoio::spawn(async move {
            let Ok(server) = TcpStream::connect_addr(upstream.into()).await else {
                return;
            };
            if client
                .set_nodelay(true)
                .and(server.set_nodelay(true))
                .is_err()
            {
                return;
            }
            let (client_in, client_out) = client.into_split();
            let (server_in, server_out) = server.into_split();
            monoio::spawn(copy(server_in, client_out));
            copy(client_in, server_out).await;
        });
    }
}

/// The buffer grows with the flow: a receive that fills a small one gets a large one next.
async fn copy(mut from: OwnedReadHalf<TcpStream>, mut to: OwnedWriteHalf<TcpStream>) {
    let mut room = Vec::with_capacity(SMALL_BYTES);
    loop {
        room.clear();
        let (count, filled) = from.read(room).await;
        if !matches!(count, Ok(1..)) {
            break;
        }
        let full = filled.len() == filled.capacity();
        let (sent, back) = to.write_all(filled).await;
        if sent.is_err() {
            break;
        }
        room = if full && back.capacity() < BULK_BYTES {
            Vec::with_capacity(BULK_BYTES)
        } else {
            back
        };
    }
    // The other side may be gone already; then there is nobody to tell.
    let _ = to.shutdown().await;
}
