//! The simulator: a network in memory and a clock that moves when nobody has anything to do.
//!
//! One seed decides everything: the same seed, faults and program give the same log, byte for
//! byte. An event names an end of a connection; what arrives there waits in that end's own queue
//! in the order it was sent, so however events are reordered, a stream stays a stream.

mod faults;
mod network;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use super::{Accepted, Closed, Happening, Taken};
use crate::base::{Page, Tick};
use crate::engine::socket::{Flags, Key, Socket, Sockets};
use crate::engine::stream::Room;
use faults::Dice;
use network::{End, Gate, Segment, State};

pub use faults::Faults;

/// What a run did, one line per event.
pub(in crate::engine) type Log = Rc<RefCell<String>>;

/// When the simulated clock begins; not at zero, which stands for "not yet" in places.
const BEGIN: Tick = Tick::from_nanos(1_000_000_000);
/// How far the clock moves in a turn although tasks are ready: a task that yields until
/// something comes must live to see it.
const BUSY: Duration = Duration::from_micros(1);

pub(in crate::engine) struct Sim {
    now: Tick,
    dice: Dice,
    faults: Faults,
    ends: Vec<End>,
    gates: Vec<Option<Gate>>,
    /// By time, then by the order in which they were planned.
    plans: BinaryHeap<Reverse<Plan>>,
    planned: u64,
    /// What happens now, the next one last.
    due: Vec<Event>,
    next_port: u16,
    log: Log,
}

/// When something happens in nanoseconds, its number among what was planned, and what it is.
type Plan = (u64, u64, Event);

/// Something that will happen; numbers are places in `ends`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Event {
    /// The next segment reaches this end.
    Arrive(usize),
    /// A stall of this end is over; or nothing at all.
    Look(usize),
    /// There may be room to send again.
    Room(usize),
    /// The attempt of this end reaches the other side.
    Knock(usize),
    /// The attempt of this end is answered: with an `errno`, or zero.
    Answer(usize, i32),
    /// Somebody waits at this listener.
    Gate(u32),
}

impl Sim {
    pub(in crate::engine) fn new(seed: u64, faults: Faults, log: Log) -> Self {
        Self {
            now: BEGIN,
            dice: Dice::new(seed),
            faults,
            ends: Vec::new(),
            gates: Vec::new(),
            plans: BinaryHeap::new(),
            planned: 0,
            due: Vec::new(),
            next_port: 49_152,
            log,
        }
    }

    pub(super) const fn clock(&self) -> Tick {
        self.now
    }

    pub(super) fn listen(&mut self, slot: u32, mut local: SocketAddr) -> io::Result<SocketAddr> {
        if local.port() == 0 {
            local.set_port(self.fresh_port());
        }
        if self.gates.iter().flatten().any(|gate| gate.local == local) {
            return Err(io::ErrorKind::AddrInUse.into());
        }
        let slot = slot as usize;
        if self.gates.len() <= slot {
            self.gates.resize_with(slot + 1, || None);
        }
        self.gates[slot] = Some(Gate::new(local));
        self.note("listen", slot, usize::from(local.port()));
        Ok(local)
    }

    pub(super) fn unlisten(&mut self, slot: u32) {
        let gate = self.gates.get_mut(slot as usize).and_then(Option::take);
        self.note("unlisten", slot as usize, 0);
        for end in gate.into_iter().flat_map(|gate| gate.waiting) {
            self.ends[end].closed = true;
            self.post(end, Segment::Reset);
        }
    }

    pub(super) fn accept(&mut self, slot: u32) -> Accepted {
        let Some(gate) = self.gates.get_mut(slot as usize).and_then(Option::as_mut) else {
            return Accepted::Nothing;
        };
        if gate.waiting.is_empty() {
            return Accepted::Nothing;
        }
        if self.dice.chance(self.faults.exhausted) {
            self.note("exhausted", slot as usize, 0);
            return Accepted::Fault(libc::EMFILE);
        }
        let Some(end) = gate.waiting.pop_front() else {
            return Accepted::Nothing;
        };
        self.note("accept", slot as usize, end);
        Accepted::One(
            i32::try_from(end).unwrap_or(i32::MAX),
            self.ends[end].remote,
        )
    }

    pub(super) fn connect(&mut self, sockets: &mut Sockets, to: SocketAddr) -> Key {
        let number = self.ends.len();
        let mut local = to;
        local.set_port(self.fresh_port());
        let mut socket = Socket::new(i32::try_from(number).unwrap_or(i32::MAX), to);
        socket.flags.set(Flags::CONNECTING);
        let key = sockets.insert(socket);
        self.ends.push(End::new(local, to, Some(key)));
        self.note("connect", number, usize::from(to.port()));
        if self.dice.chance(self.faults.lost) {
            self.note("lost", number, 0);
        } else {
            self.plan(Event::Knock(number));
        }
        key
    }

    pub(super) fn take(&mut self, key: Key, socket: &Socket, room: Room) -> Taken {
        let number = self.end_of(key, socket);
        let end = &mut self.ends[number];
        if end.stalled {
            return Taken::Nothing;
        }
        if end.inbox.is_empty() {
            return match end.state {
                State::Open => Taken::Nothing,
                State::Ended => Taken::Page(Page::empty()),
                State::Reset => Taken::Fault(libc::ECONNRESET),
            };
        }
        let mut page = room.page();
        let mut count = page.room().min(end.inbox.len());
        if self.dice.chance(self.faults.split) {
            count = 1 + self.dice.below(count);
        }
        let bytes: Vec<u8> = end.inbox.drain(..count).collect();
        page.append(&bytes);
        let other = end.other;
        self.note("take", number, count);
        self.plan(Event::Room(other));
        Taken::Page(page)
    }

    pub(super) fn is_readable(&mut self, key: Key, socket: &Socket) -> bool {
        let number = self.end_of(key, socket);
        let end = &self.ends[number];
        !end.stalled && (!end.inbox.is_empty() || end.state != State::Open)
    }

    pub(super) fn kick(&mut self, key: Key, socket: &mut Socket) {
        let number = self.end_of(key, socket);
        if socket.flags.has(Flags::CONNECTING) || socket.outward.is_empty() {
            return;
        }
        if self.ends[number].state == State::Reset {
            socket.fail(libc::ECONNRESET);
            return;
        }
        loop {
            let room = self.faults.window.saturating_sub(self.unread_of(number));
            let whole = socket.outward.first().len();
            let mut count = room.min(whole);
            if count == 0 {
                // Empty, or full: then the other side's reading will tell.
                return;
            }
            let short = count > 1 && self.dice.chance(self.faults.short_write);
            if short {
                count = 1 + self.dice.below(count - 1);
            }
            let bytes = socket.outward.first().as_slice()[..count].to_vec();
            socket.sent(count);
            self.note("send", number, count);
            self.post_bytes(number, &bytes);
            if short {
                self.plan(Event::Room(number));
                return;
            }
        }
    }

    pub(super) fn finish(&mut self, key: Key, socket: &Socket) {
        let number = self.end_of(key, socket);
        self.note("finish", number, 0);
        self.post(number, Segment::Fin);
    }

    pub(super) fn close(&mut self, key: Key, socket: &Socket, reset: bool) -> Closed {
        let number = self.end_of(key, socket);
        let end = &mut self.ends[number];
        end.key = None;
        end.closed = true;
        // As a kernel does: unread bytes make a close a reset.
        let reset = reset || !end.inbox.is_empty();
        self.note(if reset { "abort" } else { "close" }, number, 0);
        if reset {
            self.post(number, Segment::Reset);
        } else if !socket.flags.has(Flags::FINISHED) {
            self.post(number, Segment::Fin);
        }
        Closed::Now
    }

    pub(super) fn local_address(&self, socket: &Socket) -> SocketAddr {
        self.ends[number_of(socket)].local
    }

    /// Moves the clock to the next thing that happens, at most by `limit`.
    pub(super) fn wait(&mut self, limit: Option<Duration>) -> io::Result<()> {
        let next = self
            .plans
            .peek()
            .map(|Reverse((at, _, _))| Tick::from_nanos(*at));
        let end = limit.map(|limit| self.now + limit.max(BUSY));
        let Some(until) = next.into_iter().chain(end).min() else {
            self.note("deadlock", 0, 0);
            return Err(io::Error::other(
                "all tasks wait, and nothing can ever happen",
            ));
        };
        self.now = self.now.max(until);
        while let Some(Reverse((at, _, event))) = self.plans.peek().copied() {
            if at > self.now.nanos() {
                break;
            }
            self.plans.pop();
            self.due.push(event);
        }
        if self.faults.reorder {
            self.dice.shuffle(&mut self.due);
        }
        self.due.reverse();
        Ok(())
    }

    pub(super) fn next(&mut self, sockets: &mut Sockets) -> Option<Happening> {
        loop {
            let happening = match self.due.pop()? {
                Event::Gate(slot) => Some(Happening::Port { slot }),
                Event::Knock(end) => {
                    self.knock(end);
                    None
                }
                Event::Answer(end, code) => self.answer(end, code, sockets),
                Event::Arrive(end) => self.arrive(end),
                Event::Room(end) => self.tell(end, false, true),
                Event::Look(end) => {
                    self.ends[end].stalled = false;
                    self.tell(end, true, false)
                }
            };
            if happening.is_some() {
                return happening;
            }
        }
    }

    /// The end behind a socket, which learns here by which key its events are told.
    fn end_of(&mut self, key: Key, socket: &Socket) -> usize {
        let number = number_of(socket);
        self.ends[number].key = Some(key);
        number
    }

    fn plan(&mut self, event: Event) {
        let delay = self.dice.between(self.faults.delay);
        self.plan_at(self.now.nanos() + delay, event);
    }

    fn plan_at(&mut self, at: u64, event: Event) {
        self.plans.push(Reverse((at, self.planned, event)));
        self.planned += 1;
    }

    fn fresh_port(&mut self) -> u16 {
        let port = self.next_port;
        self.next_port = self.next_port.checked_add(1).unwrap_or(1024);
        port
    }

    fn note(&self, what: &str, first: usize, second: usize) {
        let micros = self.now.nanos() / 1000;
        // Writing to a string does not fail.
        let _written = writeln!(self.log.borrow_mut(), "{micros} {what} {first} {second}");
    }
}

fn number_of(socket: &Socket) -> usize {
    usize::try_from(socket.fd).unwrap_or(usize::MAX)
}
