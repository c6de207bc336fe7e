//! A byte forwarder as one writes it on glommio: two tasks a connection, split streams.

use std::net::SocketAddrV4;

use futures_lite::io::{ReadHalf, WriteHalf, split};
use futures_lite::{AsyncReadExt, AsyncWriteExt};
use glommio::net::{TcpListener, TcpStream};
use glommio::{GlommioError, LocalExecutorBuilder, Placement};
use yardsticks::{BULK_BYTES, SMALL_BYTES, addresses};

type Fault = GlommioError<()>;

fn main() -> Result<(), String> {
    let (listen, upstream, _) = addresses()?;
    // Pinning is the caller's work (taskset), as for every other proxy.
    let thread = LocalExecutorBuilder::new(Placement::Unbound)
        .spawn(move || serve(listen, upstream))
        .map_err(|fault| fault.to_string())?;
    match thread.join() {
        Ok(Ok(())) => Ok(()),
        Ok(Err(fault)) => Err(format!("{listen}: {fault}")),
        Err(fault) => Err(fault.to_string()),
    }
}

async fn serve(listen: SocketAddrV4, upstream: SocketAddrV4) -> Result<(), Fault> {
    let listener = TcpListener::bind(listen)?;
    loop {
        let client = listener.accept().await?;
        glommio::spawn_local(async move {
            let Ok(server) = TcpStream::connect(upstream).await else {
                return;
            };
            if client
                .set_nodelay(true)
                .and(server.set_nodelay(true))
                .is_err()
            {
                return;
            }
            let (client_in, client_out) = split(client);
            let (server_in, server_out) = split(server);
            glommio::spawn_local(copy(server_in, client_out)).detach();
            copy(client_in, server_out).await;
        })
        .detach();
    }
}

/// The buffer grows with the flow: a receive that fills a small one gets a large one next.
async fn copy(mut from: ReadHalf<TcpStream>, mut to: WriteHalf<TcpStream>) {
    let mut room = vec![0; SMALL_BYTES];
    while let Ok(count @ 1..) = from.read(&mut room).await {
        if to.write_all(&room[..count]).await.is_err() {
            break;
        }
        if count == room.len() && count < BULK_BYTES {
            room = vec![0; BULK_BYTES];
        }
    }
    // The other side may be gone already; then there is nobody to tell.
    let _ = to.close().await;
}
