//! How other threads reach a shard: an inbox of task names, and a bell that is rung only when
//! the shard sleeps.
//!
//! A shard borrows one [`Desk`] of a fixed hall for its life. Desks are never freed, so a waker
//! that outlives its shard finds a desk still; at worst it names a task that is not there.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering, fence};

use crossbeam_channel::{Receiver, Sender};

use super::sys::event;
use super::task::TaskName;

/// Shards that one process may run at a time.
const DESKS: usize = 512;

static HALL: [Desk; DESKS] = [const { Desk::new() }; DESKS];

pub(super) struct Desk {
    taken: AtomicBool,
    sleeping: AtomicBool,
    furniture: OnceLock<Furniture>,
}

/// What a desk gets when it is first taken, and keeps.
struct Furniture {
    bell: OwnedFd,
    post: Sender<TaskName>,
    inbox: Receiver<TaskName>,
}

impl Desk {
    const fn new() -> Self {
        Self {
            taken: AtomicBool::new(false),
            sleeping: AtomicBool::new(false),
            furniture: OnceLock::new(),
        }
    }

    fn furnish(&self) -> io::Result<&Furniture> {
        if let Some(furniture) = self.furniture.get() {
            return Ok(furniture);
        }
        let (post, inbox) = crossbeam_channel::unbounded();
        let furniture = Furniture {
            bell: event::bell()?,
            post,
            inbox,
        };
        Ok(self.furniture.get_or_init(|| furniture))
    }
}

/// A desk taken for the life of one shard.
pub(super) struct Seat {
    number: u16,
    desk: &'static Desk,
    furniture: &'static Furniture,
}

impl Seat {
    /// Takes a free desk.
    pub(super) fn take() -> io::Result<Self> {
        let free = |desk: &&'static Desk| !desk.taken.swap(true, Ordering::AcqRel);
        let number = HALL.iter().position(|desk| free(&desk));
        let full = || io::Error::other("too many shards in one process");
        let number = number.ok_or_else(full)?;
        let desk = &HALL[number];
        let furniture = desk
            .furnish()
            .inspect_err(|_| desk.taken.store(false, Ordering::Release));
        let seat = Self {
            number: u16::try_from(number).unwrap_or(u16::MAX),
            desk,
            furniture: furniture?,
        };
        // What was left for the last one who sat here.
        while seat.take_name().is_some() {}
        event::hush(seat.bell());
        Ok(seat)
    }

    pub(super) const fn number(&self) -> u16 {
        self.number
    }

    pub(super) fn bell(&self) -> RawFd {
        self.furniture.bell.as_raw_fd()
    }

    /// The next task that another thread has woken.
    pub(super) fn take_name(&self) -> Option<TaskName> {
        self.furniture.inbox.try_recv().ok()
    }

    /// Says that the shard is about to sleep; false when there is mail, so it must not.
    pub(super) fn fall_asleep(&self) -> bool {
        self.desk.sleeping.store(true, Ordering::SeqCst);
        // Either the poster sees `sleeping`, or we see what it posted.
        fence(Ordering::SeqCst);
        let quiet = self.furniture.inbox.is_empty();
        if !quiet {
            self.wake_up();
        }
        quiet
    }

    pub(super) fn wake_up(&self) {
        self.desk.sleeping.store(false, Ordering::Relaxed);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.wake_up();
        self.desk.taken.store(false, Ordering::Release);
    }
}

/// Wakes a task of another shard; from any thread.
pub(super) fn wake(name: TaskName) {
    let Some(desk) = HALL.get(usize::from(name.shard())) else {
        return;
    };
    let Some(furniture) = desk.furniture.get() else {
        return;
    };
    // The receiver is never dropped, so this cannot fail.
    let _sent = furniture.post.send(name);
    fence(Ordering::SeqCst);
    if desk.sleeping.load(Ordering::Relaxed) && desk.sleeping.swap(false, Ordering::AcqRel) {
        event::ring(furniture.bell.as_raw_fd());
    }
}
