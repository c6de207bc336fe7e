//! Those who only wait for a point in time.

use std::task::Waker;

use super::io::sleeper_owner;
use super::wheel::{Timer, Wheel};
use crate::base::Tick;

#[derive(Default)]
pub(super) struct Sleepers {
    slots: Vec<Sleeper>,
    free: Vec<u32>,
}

struct Sleeper {
    waker: Option<Waker>,
    /// None once it has fired.
    timer: Timer,
}

impl Sleepers {
    pub(super) fn add(&mut self, wheel: &mut Wheel, at: Tick, waker: &Waker) -> u32 {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(Sleeper {
                waker: None,
                timer: Timer::NONE,
            });
            u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX)
        });
        let sleeper = &mut self.slots[slot as usize];
        sleeper.waker = Some(waker.clone());
        sleeper.timer = wheel.arm(Wheel::ms_of(at), sleeper_owner(slot));
        slot
    }

    /// Polled before its time: the newest waker counts.
    pub(super) fn renew(&mut self, wheel: &mut Wheel, slot: u32, at: Tick, waker: &Waker) {
        let sleeper = &mut self.slots[slot as usize];
        sleeper.waker = Some(waker.clone());
        if sleeper.timer == Timer::NONE {
            sleeper.timer = wheel.arm(Wheel::ms_of(at), sleeper_owner(slot));
        }
    }

    pub(super) fn due(&mut self, slot: u32) -> Option<Waker> {
        let sleeper = &mut self.slots[slot as usize];
        sleeper.timer = Timer::NONE;
        sleeper.waker.take()
    }

    pub(super) fn remove(&mut self, wheel: &mut Wheel, slot: u32) {
        let sleeper = &mut self.slots[slot as usize];
        sleeper.waker = None;
        if sleeper.timer != Timer::NONE {
            wheel.disarm(sleeper.timer);
            sleeper.timer = Timer::NONE;
        }
        self.free.push(slot);
    }
}
