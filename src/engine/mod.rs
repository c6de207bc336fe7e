//! The ground floor: connections, timers, tasks and mail of one shard thread.
//!
//! Above this door everyone names [`TcpStream`]; which driver carries the bytes (io_uring, epoll,
//! or the simulator) is chosen at start and shows nowhere. All `unsafe` of the program lives in
//! here. Everything is `!Send` but what says otherwise: [`BoundListener`], [`Post`], [`Mailbox`],
//! [`Pulse`]. Never here: a protocol; a policy; a type of a driver at the door.
#![expect(unsafe_code, reason = "this room makes the system calls")]

mod accept;
mod choice;
mod combine;
mod cpus;
mod driver;
mod io;
mod listener;
mod mailbox;
mod memory;
mod port;
mod pulse;
mod remote;
mod shard;
pub mod sim;
mod sleepers;
mod socket;
mod stream;
mod sys;
mod task;
mod time;
mod waiting;
mod wheel;

#[cfg(test)]
mod tests;

pub use choice::{Choice, DriverKind, Selected, select};
pub use combine::{Either, both, first};
pub use cpus::usable_cpus;
pub use listener::{BoundListener, Listener, bind};
pub use mailbox::{Mailbox, Post, Returned, mailbox};
pub use memory::{give_back, use_small_pages};
pub use pulse::Pulse;
pub use shard::{ShardOptions, panics, run};
pub use stream::{Room, TcpStream};
pub use time::{Sleep, now, sleep, sleep_until, yield_now};
pub use waiting::{Drained, Readable, Recv};

/// Runs a task on this shard beside the others. A panic in it ends it alone, is counted
/// ([`panics`]) and told to [`ShardOptions::on_panic`].
///
/// # Panics
/// On a thread that is no shard.
pub fn spawn(task: impl Future<Output = ()> + 'static) {
    shard::within(|shard| shard.spawn(Box::pin(task)));
}

/// Tasks that are alive on this shard, the root not counted.
///
/// # Panics
/// On a thread that is no shard.
pub fn tasks() -> usize {
    shard::within(shard::Shard::tasks_alive)
}
