//! What travels, and what it does where it arrives.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::{Event, Sim};
use crate::engine::driver::Happening;
use crate::engine::socket::{Flags, Key, Sockets};

/// Connections that wait at one listener; the next is refused.
const WAITING_MAX: usize = 128;
/// Pieces that one send is split into at most.
const PIECES_MAX: usize = 4;

/// One end of a connection.
pub(super) struct End {
    pub(super) local: SocketAddr,
    /// Where it connects to, or came from.
    pub(super) remote: SocketAddr,
    /// The socket of this end, once it has been asked anything.
    pub(super) key: Option<Key>,
    /// The other end; nowhere until there is one.
    pub(super) other: usize,
    /// On their way here, in order.
    transit: VecDeque<Segment>,
    /// When the last of them arrives.
    last_ns: u64,
    pub(super) inbox: VecDeque<u8>,
    pub(super) state: State,
    pub(super) stalled: bool,
    /// Its owner has closed it.
    pub(super) closed: bool,
}

/// What has come of the direction towards an end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Ended,
    Reset,
}

pub(super) enum Segment {
    Bytes(Vec<u8>),
    Fin,
    Reset,
}

/// A listener.
pub(super) struct Gate {
    pub(super) local: SocketAddr,
    pub(super) waiting: VecDeque<usize>,
}

impl Gate {
    pub(super) const fn new(local: SocketAddr) -> Self {
        Self {
            local,
            waiting: VecDeque::new(),
        }
    }

    fn answers(&self, to: SocketAddr) -> bool {
        let same_host = self.local.ip() == to.ip() || self.local.ip().is_unspecified();
        self.local.port() == to.port() && same_host && self.waiting.len() < WAITING_MAX
    }
}

impl End {
    pub(super) const fn new(local: SocketAddr, remote: SocketAddr, key: Option<Key>) -> Self {
        Self {
            local,
            remote,
            key,
            other: usize::MAX,
            transit: VecDeque::new(),
            last_ns: 0,
            inbox: VecDeque::new(),
            state: State::Open,
            stalled: false,
            closed: false,
        }
    }
}

impl Sim {
    /// An attempt to connect reaches the other side.
    pub(super) fn knock(&mut self, number: usize) {
        let End { local, remote, .. } = self.ends[number];
        let answers = |gate: &Option<Gate>| gate.as_ref().is_some_and(|gate| gate.answers(remote));
        let gate = self.gates.iter().position(answers);
        let refused = gate.is_none() || self.dice.chance(self.faults.refuse);
        self.note(if refused { "refuse" } else { "knock" }, number, 0);
        let Some(slot) = gate.filter(|_| !refused) else {
            self.plan(Event::Answer(number, libc::ECONNREFUSED));
            return;
        };
        let far = self.ends.len();
        let mut end = End::new(remote, local, None);
        end.other = number;
        self.ends.push(end);
        self.ends[number].other = far;
        if let Some(gate) = &mut self.gates[slot] {
            gate.waiting.push_back(far);
        }
        self.plan(Event::Answer(number, 0));
        if self.ends[number].closed {
            // It gave up while it was on its way.
            self.post(number, Segment::Fin);
        }
        self.plan(Event::Gate(u32::try_from(slot).unwrap_or(u32::MAX)));
    }

    /// The answer reaches the side that asked.
    pub(super) fn answer(
        &self,
        number: usize,
        code: i32,
        sockets: &mut Sockets,
    ) -> Option<Happening> {
        let key = self.ends[number].key?;
        let socket = sockets.get_mut(key)?;
        socket.flags.clear(Flags::CONNECTING);
        if code != 0 {
            socket.fail(code);
        }
        self.note("answer", number, usize::from(code != 0));
        self.tell(number, true, true)
    }

    /// The next segment reaches an end.
    pub(super) fn arrive(&mut self, number: usize) -> Option<Happening> {
        let segment = self.ends[number].transit.pop_front()?;
        if self.ends[number].state == State::Reset {
            return None;
        }
        if self.dice.chance(self.faults.reset) {
            self.break_off(number);
            self.post(number, Segment::Reset);
            return self.tell(number, true, true);
        }
        match segment {
            Segment::Bytes(bytes) if self.ends[number].closed => {
                self.note("unwanted", number, bytes.len());
                self.post(number, Segment::Reset);
            }
            Segment::Bytes(bytes) => {
                self.note("arrive", number, bytes.len());
                self.ends[number].inbox.extend(bytes);
                if self.dice.chance(self.faults.stall) {
                    self.ends[number].stalled = true;
                    self.plan(Event::Look(number));
                    return None;
                }
            }
            Segment::Fin => {
                self.note("fin", number, 0);
                self.ends[number].state = State::Ended;
            }
            Segment::Reset => {
                self.break_off(number);
                return self.tell(number, true, true);
            }
        }
        if self.dice.chance(self.faults.spurious) {
            self.plan(Event::Look(number));
            self.plan(Event::Room(number));
        }
        self.tell(number, true, false)
    }

    /// Tells the socket of an end, if it has one.
    pub(super) fn tell(&self, number: usize, read: bool, write: bool) -> Option<Happening> {
        let key = self.ends.get(number)?.key?;
        Some(Happening::Socket {
            slot: key.slot,
            read,
            write,
        })
    }

    /// Bytes that this end has sent and the other has not read.
    pub(super) fn unread_of(&self, number: usize) -> usize {
        let Some(other) = self.ends.get(self.ends[number].other) else {
            return 0;
        };
        let moving = other.transit.iter().map(|segment| match segment {
            Segment::Bytes(bytes) => bytes.len(),
            Segment::Fin | Segment::Reset => 0,
        });
        moving.sum::<usize>() + other.inbox.len()
    }

    /// Sends bytes from this end, in one piece or several.
    pub(super) fn post_bytes(&mut self, number: usize, bytes: &[u8]) {
        let mut rest = bytes;
        for _ in 1..PIECES_MAX {
            if rest.len() < 2 || !self.dice.chance(self.faults.split) {
                break;
            }
            let (piece, behind) = rest.split_at(1 + self.dice.below(rest.len() - 1));
            self.post(number, Segment::Bytes(piece.to_vec()));
            rest = behind;
        }
        self.post(number, Segment::Bytes(rest.to_vec()));
    }

    /// Sends one segment from this end. Later ones never overtake it.
    pub(super) fn post(&mut self, number: usize, segment: Segment) {
        let other = self.ends[number].other;
        let earliest = self.now.nanos() + self.dice.between(self.faults.delay);
        let Some(end) = self.ends.get_mut(other) else {
            return;
        };
        end.last_ns = end.last_ns.max(earliest);
        end.transit.push_back(segment);
        let at = end.last_ns;
        self.plan_at(at, Event::Arrive(other));
    }

    fn break_off(&mut self, number: usize) {
        self.ends[number].state = State::Reset;
        self.note("reset", number, 0);
    }
}
