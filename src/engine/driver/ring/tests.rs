//! The traps of io_uring that can be met at the ring itself; the others are in `engine::tests`. Each
//! test passes over a machine without io_uring.

use std::net::{TcpListener, TcpStream};
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::task::Waker;

use io_uring::opcode;

use super::setup::COMPLETIONS;
use super::*;
use crate::base::Tick;
use crate::engine::driver::{Accepted, NOWHERE, Taken};
use crate::engine::port::Port;
use crate::engine::sys::event;

/// A ring with what a shard has beside it.
struct Bench {
    ring: Ring,
    sockets: Sockets,
    _bell: OwnedFd,
}

impl Bench {
    fn new() -> Option<Self> {
        Ring::trial().ok()?;
        let bell = event::bell().unwrap();
        Some(Self {
            ring: Ring::new(bell.as_raw_fd()).unwrap(),
            sockets: Sockets::starting_at(1),
            _bell: bell,
        })
    }

    /// A connection that receives into pages of the group from now on, and its other end.
    fn listening(&mut self) -> (Key, UnixStream) {
        let (near, far) = UnixStream::pair().unwrap();
        let key = self.sockets.insert(Socket::new(far.into_raw_fd(), NOWHERE));
        let socket = self.sockets.get_mut(key).unwrap();
        socket.calm = u8::MAX;
        socket.receiving.wait(Waker::noop(), Tick::NEVER);
        self.ring.arm(key, socket, Room::Head).unwrap();
        (key, near)
    }

    /// Takes what comes until `count` bytes have come, or nothing comes any more.
    fn receive(&mut self, count: usize) -> usize {
        let mut received = 0;
        for _ in 0..1000 {
            if received >= count {
                break;
            }
            let patience = Some(Duration::from_millis(20));
            self.ring.wait(&mut self.sockets, patience).unwrap();
            while let Some(happening) = self.ring.next(&mut self.sockets) {
                let Happening::Socket { slot, .. } = happening else {
                    continue;
                };
                let socket = self.sockets.in_slot(slot).unwrap();
                let generation = socket.generation;
                let key = Key { slot, generation };
                while let Taken::Page(page) = self.ring.take(key, socket, Room::Head) {
                    received += page.len();
                }
            }
        }
        received
    }

    fn close(&mut self, key: Key) {
        let socket = self.sockets.get_mut(key).unwrap();
        socket.flags.set(Flags::CLOSED);
        if self.ring.close(key, socket, false) == Closed::Now {
            self.sockets.remove(key.slot);
        }
    }

    fn end(mut self) {
        for key in self.sockets.keys() {
            self.close(key);
        }
        self.ring.drain(&mut self.sockets);
        assert_eq!(self.sockets.len(), 0, "the kernel has let go of all");
    }
}

#[test]
fn completions_beyond_the_queue_are_not_lost() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let wanted = COMPLETIONS as usize * 3;
    let token = Token::new(IGNORED, 7, 7);
    let entry = opcode::Nop::new().build().user_data(token.0);
    for _ in 0..wanted {
        // SAFETY: a no-op points to no memory.
        unsafe { bench.ring.queues.push(&entry) }.unwrap();
    }
    let mut came = 0;
    for _ in 0..100 {
        bench.ring.queues.enter(Some(Duration::ZERO)).unwrap();
        while let Some(entry) = bench.ring.queues.next() {
            came += usize::from(entry.user_data() == token.0);
        }
    }
    assert_eq!(came, wanted);
    bench.end();
}

#[test]
fn a_group_that_runs_dry_is_filled_and_everybody_hears() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let many = usize::from(limits::RING_HEAD_PAGES) * 3;
    let ends: Vec<_> = (0..many).map(|_| bench.listening()).collect();
    bench
        .ring
        .wait(&mut bench.sockets, Some(Duration::ZERO))
        .unwrap();
    // All at once, between two turns: three for each page that there is; and again, through what
    // was armed anew.
    for _ in 0..3 {
        for (_, near) in &ends {
            assert_eq!(call::send(near.as_raw_fd(), b"hello").unwrap(), 5);
        }
        assert_eq!(bench.receive(many * 5), many * 5);
    }
    bench.end();
}

#[test]
fn a_completion_of_an_earlier_connection_does_not_touch_the_next_one() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let (key, near) = bench.listening();
    bench
        .ring
        .wait(&mut bench.sockets, Some(Duration::ZERO))
        .unwrap();
    assert_eq!(call::send(near.as_raw_fd(), b"old").unwrap(), 3);
    // Its slot is given away before the kernel's word is read: no shard does so.
    let old = bench.sockets.remove(key.slot).unwrap();
    let (other, _far) = UnixStream::pair().unwrap();
    let next = bench
        .sockets
        .insert(Socket::new(other.into_raw_fd(), NOWHERE));
    assert_eq!(next.slot, key.slot);
    for _ in 0..5 {
        let patience = Some(Duration::from_millis(20));
        bench.ring.wait(&mut bench.sockets, patience).unwrap();
        assert_eq!(bench.ring.next(&mut bench.sockets), None);
    }
    let socket = bench.sockets.get_mut(next).unwrap();
    assert!(socket.held.is_empty() && socket.inflight == 0);
    bench.ring.close_descriptor(old.fd);
    bench.end();
}

#[test]
fn a_closed_connection_keeps_its_slot_until_the_kernel_lets_go() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let (key, near) = bench.listening();
    bench
        .ring
        .wait(&mut bench.sockets, Some(Duration::ZERO))
        .unwrap();
    bench.close(key);
    assert_eq!(bench.sockets.len(), 1, "a receive is still armed");
    drop(near);
    bench.end();
}

#[test]
fn where_an_accept_cannot_stay_armed_it_is_armed_each_time() {
    let Some(mut bench) = Bench::new() else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let port = Port::new(Some(listener.into()));
    bench.ring.listen(0, &port).unwrap();
    // As if the kernel had refused the one that stays armed.
    let generation = bench.ring.next_door - 1;
    bench.ring.cancel(Token::new(ACCEPT, 0, generation));
    for _ in 0..3 {
        let patience = Some(Duration::from_millis(20));
        bench.ring.wait(&mut bench.sockets, patience).unwrap();
        while bench.ring.next(&mut bench.sockets).is_some() {}
    }
    bench.ring.doors[0].only_once();
    let mut clients = Vec::new();
    for _ in 0..5 {
        clients.push(TcpStream::connect(address).unwrap());
    }
    let mut accepted = 0;
    for _ in 0..100 {
        while let Accepted::One(fd, _) = bench.ring.accept(0, &port) {
            bench.ring.close_descriptor(fd);
            accepted += 1;
        }
        let patience = Some(Duration::from_millis(20));
        bench.ring.wait(&mut bench.sockets, patience).unwrap();
        while bench.ring.next(&mut bench.sockets).is_some() {}
        if accepted == clients.len() {
            break;
        }
    }
    assert_eq!(accepted, clients.len());
    bench.ring.unlisten(0, port);
    bench.end();
}
