//! Tasks of one shard, and the wakers that name them.
//!
//! A waker is eight bytes, `(shard, slot, generation)`, and owns nothing: cloning and dropping it
//! is free, and it may be woken from any thread at any time, also when its task is long gone.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{RawWaker, RawWakerVTable, Waker};

use super::{remote, shard};

pub(super) type Work = Pin<Box<dyn Future<Output = ()>>>;

const SLOT_BITS: u32 = 24;
const GENERATION_BITS: u32 = 24;
const MASK: u64 = (1 << SLOT_BITS) - 1;

/// `shard:16 | generation:24 | slot:24`. After 2^24 tasks in one slot a name may come back; a
/// waker that old then wakes a stranger once for nothing, which every future must bear anyway.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct TaskName(u64);

const _: () = assert!(
    size_of::<*const ()>() == size_of::<u64>(),
    "a waker is a 64-bit name"
);

impl TaskName {
    fn new(shard: u16, slot: u32, generation: u32) -> Self {
        let generation = u64::from(generation) & MASK;
        let high = u64::from(shard) << (SLOT_BITS + GENERATION_BITS);
        Self(high | generation << SLOT_BITS | u64::from(slot))
    }

    pub(super) const fn shard(self) -> u16 {
        (self.0 >> (SLOT_BITS + GENERATION_BITS)) as u16
    }

    const fn slot(self) -> usize {
        (self.0 & MASK) as usize
    }

    const fn generation(self) -> u64 {
        self.0 >> SLOT_BITS & MASK
    }

    /// A waker of this task.
    pub(super) fn waker(self) -> Waker {
        // SAFETY: the four functions treat the pointer as a number and touch no memory through
        // it; waking reaches thread-local or lock-free state only, so it is sound on any thread.
        unsafe { Waker::from_raw(self.raw()) }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a 64-bit machine, asserted above"
    )]
    const fn raw(self) -> RawWaker {
        RawWaker::new(std::ptr::without_provenance(self.0 as usize), &VTABLE)
    }

    fn wake(self) {
        if !shard::wake_here(self) {
            remote::wake(self);
        }
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(
    |data| name_in(data).raw(),
    |data| name_in(data).wake(),
    |data| name_in(data).wake(),
    |_| {},
);

fn name_in(data: *const ()) -> TaskName {
    TaskName(data.addr() as u64)
}

struct Slot {
    /// Nothing while it is being polled, and always for the root, whose future lives elsewhere.
    work: Option<Work>,
    generation: u32,
    alive: bool,
    /// The slot is in the queue. It may be so although its task has ended, and then again
    /// holds the next one; the queue never names a slot twice.
    queued: bool,
}

/// What to poll next.
pub(super) enum Next {
    Root(TaskName),
    Task(TaskName, Work),
}

/// The slab of tasks, and the queue of those that want to be polled.
pub(super) struct Tasks {
    shard: u16,
    slots: Vec<Slot>,
    free: Vec<u32>,
    ready: VecDeque<u32>,
}

const ROOT: u32 = 0;

impl Tasks {
    /// With the root task queued.
    pub(super) fn new(shard: u16) -> Self {
        let root = Slot {
            work: None,
            generation: 0,
            alive: true,
            queued: true,
        };
        Self {
            shard,
            slots: vec![root],
            free: Vec::new(),
            ready: VecDeque::from([ROOT]),
        }
    }

    /// Adds a task to the end of the queue.
    ///
    /// # Panics
    /// At 2^24 tasks on one shard.
    pub(super) fn add(&mut self, work: Work) {
        let slot = self.free.pop().unwrap_or_else(|| {
            assert!(
                self.slots.len() as u64 <= MASK,
                "too many tasks on one shard"
            );
            self.slots.push(Slot {
                work: None,
                generation: 0,
                alive: false,
                queued: false,
            });
            slot_number(self.slots.len() - 1)
        });
        let entry = &mut self.slots[slot as usize];
        entry.work = Some(work);
        entry.alive = true;
        if !entry.queued {
            entry.queued = true;
            self.ready.push_back(slot);
        }
    }

    /// Queues a task, unless it is queued or gone.
    pub(super) fn wake(&mut self, name: TaskName) {
        let Some(entry) = self.slots.get_mut(name.slot()) else {
            return;
        };
        let same = u64::from(entry.generation) & MASK == name.generation();
        if same && entry.alive && !entry.queued {
            entry.queued = true;
            self.ready.push_back(slot_number(name.slot()));
        }
    }

    /// How many slots are queued.
    pub(super) fn ready(&self) -> usize {
        self.ready.len()
    }

    /// Takes the next task out of its slot; `None` when no task is ready.
    pub(super) fn next(&mut self) -> Option<Next> {
        loop {
            let slot = self.ready.pop_front()?;
            let entry = &mut self.slots[slot as usize];
            entry.queued = false;
            let name = TaskName::new(self.shard, slot, entry.generation);
            if slot == ROOT {
                return Some(Next::Root(name));
            }
            if let Some(work) = entry.work.take() {
                return Some(Next::Task(name, work));
            }
        }
    }

    /// Puts a task that is not done back into its slot.
    pub(super) fn put_back(&mut self, name: TaskName, work: Work) {
        self.slots[name.slot()].work = Some(work);
    }

    /// The task is done; its name is no longer answered to.
    pub(super) fn forget(&mut self, name: TaskName) {
        let entry = &mut self.slots[name.slot()];
        entry.alive = false;
        entry.generation = entry.generation.wrapping_add(1);
        self.free.push(slot_number(name.slot()));
    }

    /// Takes all tasks out, to be dropped by the caller.
    pub(super) fn take_all(&mut self) -> Vec<Work> {
        let mut taken = Vec::new();
        for (slot, entry) in self.slots.iter_mut().enumerate() {
            if let Some(work) = entry.work.take() {
                entry.alive = false;
                entry.generation = entry.generation.wrapping_add(1);
                self.free.push(slot_number(slot));
                taken.push(work);
            }
        }
        taken
    }

    /// Tasks that are alive, the root not counted.
    pub(super) fn alive(&self) -> usize {
        self.slots.len() - 1 - self.free.len()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "slots are below 2^24, asserted in `add`"
)]
const fn slot_number(slot: usize) -> u32 {
    slot as u32
}
