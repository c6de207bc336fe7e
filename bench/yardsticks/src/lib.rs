//! What the yardsticks share: a few system calls, and the two addresses on the command line.
//!
//! Never here: anything the router uses. These programs exist to be compared with.

pub mod sys;

use std::net::SocketAddrV4;

/// Bytes that one receive may take for a connection whose traffic is small.
pub const SMALL_BYTES: usize = 4 * 1024;
/// Bytes that one receive may take for a connection whose traffic is large.
pub const BULK_BYTES: usize = 128 * 1024;

/// `program LISTEN UPSTREAM [option..]`, addresses as `127.0.0.1:8000`.
pub fn addresses() -> Result<(SocketAddrV4, SocketAddrV4, Vec<String>), String> {
    let mut words = std::env::args().skip(1);
    let mut address = |what: &str| -> Result<SocketAddrV4, String> {
        let word = words
            .next()
            .ok_or_else(|| format!("missing {what} address"))?;
        word.parse()
            .map_err(|fault| format!("{what} address {word:?}: {fault}"))
    };
    let listen = address("listen")?;
    let upstream = address("upstream")?;
    Ok((listen, upstream, words.collect()))
}
