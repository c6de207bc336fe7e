//! The bare forwarder: bytes from client to server and back, edge-triggered epoll, one thread.
//!
//! It reads no HTTP and keeps no pool: one connection to the server per client. What it costs is
//! what the kernel asks for moving these bytes; a proxy can only add to it.

use std::io;
use std::net::SocketAddrV4;
use std::os::fd::{AsRawFd, OwnedFd};

use yardsticks::sys::{self, Poller};
use yardsticks::{BULK_BYTES, addresses};

/// Events taken from the kernel at once.
const BATCH: usize = 512;
/// Connections accepted per turn, so that a storm of them does not starve the others.
const ACCEPTS_PER_TURN: usize = 64;
const LISTENER: u64 = u64::MAX;

fn main() -> Result<(), String> {
    let (listen, upstream, _) = addresses()?;
    serve(listen, upstream).map_err(|fault| format!("{listen}: {fault}"))
}

fn serve(listen: SocketAddrV4, upstream: SocketAddrV4) -> io::Result<()> {
    let mut poller = Poller::new(BATCH)?;
    let listener = sys::listen(listen)?;
    poller.add_listener(listener.as_raw_fd(), LISTENER)?;
    let mut turn = Vec::with_capacity(BATCH);
    let mut house = House {
        pairs: Vec::new(),
        free: Vec::new(),
        closed: Vec::new(),
        upstream,
    };
    let mut hot = vec![0; BULK_BYTES];
    loop {
        turn.clear();
        turn.extend(poller.wait(None)?);
        for &(token, events) in &turn {
            if token == LISTENER {
                house.accept(&listener, &poller);
            } else {
                house.turn(token, events, &mut hot);
            }
        }
        // A place is given away again only after the turn: a late event must not hit a newcomer.
        house.free.append(&mut house.closed);
    }
}

/// All connections; a token is twice the place in `pairs`, plus one for the server's side.
struct House {
    pairs: Vec<Option<Pair>>,
    free: Vec<usize>,
    closed: Vec<usize>,
    upstream: SocketAddrV4,
}

/// A client (side 0) and its server (side 1).
struct Pair {
    sides: [Side; 2],
}

struct Side {
    socket: OwnedFd,
    /// Bytes from the other side that this one has not taken yet.
    waiting: Vec<u8>,
    connected: bool,
    /// Nothing more comes from this side.
    ended: bool,
}

enum Fate {
    Lives,
    Over,
}

impl House {
    fn accept(&mut self, listener: &OwnedFd, poller: &Poller) {
        for _ in 0..ACCEPTS_PER_TURN {
            let Ok(client) = sys::accept(listener.as_raw_fd()) else {
                return;
            };
            let Ok(server) = sys::connect(self.upstream) else {
                continue;
            };
            let place = self.free.pop().unwrap_or_else(|| {
                self.pairs.push(None);
                self.pairs.len() - 1
            });
            let token = (place as u64) << 1;
            let added = poller
                .add(server.as_raw_fd(), token | 1)
                .and_then(|()| poller.add(client.as_raw_fd(), token));
            if added.is_err() {
                self.closed.push(place);
                continue;
            }
            self.pairs[place] = Some(Pair {
                sides: [Side::new(client, true), Side::new(server, false)],
            });
        }
    }

    fn turn(&mut self, token: u64, events: i32, hot: &mut [u8]) {
        let (place, side) = ((token >> 1) as usize, (token & 1) as usize);
        let Some(pair) = &mut self.pairs[place] else {
            return;
        };
        match pair.turn(side, events, hot) {
            Ok(Fate::Lives) => {}
            Ok(Fate::Over) | Err(_) => {
                self.pairs[place] = None;
                self.closed.push(place);
            }
        }
    }
}

impl Pair {
    fn turn(&mut self, side: usize, events: i32, hot: &mut [u8]) -> io::Result<Fate> {
        let hung_up = events & (libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR) != 0;
        let writable = events & libc::EPOLLOUT != 0;
        if writable && (!self.sides[side].connected || !self.sides[side].waiting.is_empty()) {
            self.sides[side].connected = true;
            self.pump(1 - side, true, hot)?;
        }
        if events & libc::EPOLLIN != 0 || hung_up {
            self.pump(side, hung_up, hot)?;
        }
        let over = self
            .sides
            .iter()
            .all(|side| side.ended && side.waiting.is_empty());
        Ok(if over { Fate::Over } else { Fate::Lives })
    }

    /// Moves bytes away from side `from` until one of the two sockets has had enough. A receive
    /// that does not fill the room has emptied the socket, unless its end is known to be near.
    fn pump(&mut self, from: usize, to_the_end: bool, hot: &mut [u8]) -> io::Result<()> {
        let [client, server] = &mut self.sides;
        let (from, to) = if from == 0 {
            (client, server)
        } else {
            (server, client)
        };
        if !to.connected || !to.flush()? {
            return Ok(());
        }
        while !from.ended {
            let count = match sys::recv(from.socket.as_raw_fd(), hot) {
                Ok(count) => count,
                Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(fault) => return Err(fault),
            };
            if count == 0 {
                from.ended = true;
                sys::shutdown_write(to.socket.as_raw_fd());
                return Ok(());
            }
            let filled = count == hot.len();
            if !to.take(&hot[..count])? || !(filled || to_the_end) {
                return Ok(());
            }
        }
        Ok(())
    }
}

impl Side {
    fn new(socket: OwnedFd, connected: bool) -> Self {
        Self {
            socket,
            waiting: Vec::new(),
            connected,
            ended: false,
        }
    }

    /// Sends at once what the socket takes; true when that was everything.
    fn take(&mut self, bytes: &[u8]) -> io::Result<bool> {
        let sent = self.send(bytes)?;
        self.waiting.extend_from_slice(&bytes[sent..]);
        Ok(self.waiting.is_empty())
    }

    fn flush(&mut self) -> io::Result<bool> {
        if self.waiting.is_empty() {
            return Ok(true);
        }
        let sent = self.send(&self.waiting)?;
        if sent == self.waiting.len() {
            self.waiting = Vec::new();
        } else {
            self.waiting.drain(..sent);
        }
        Ok(self.waiting.is_empty())
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while sent < bytes.len() {
            match sys::send(self.socket.as_raw_fd(), &bytes[sent..]) {
                Ok(count) => sent += count,
                Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => break,
                Err(fault) => return Err(fault),
            }
        }
        Ok(sent)
    }
}
