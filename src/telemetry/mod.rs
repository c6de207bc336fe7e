//! What the program tells about itself: its log, its access log, its counters.
//!
//! One request is one record; anything noisier is a counter. Lines are made and written by
//! threads of their own: whoever has something to tell never waits for a disk or a terminal.
//! Never here: a lock, a stranger's bytes in a line as they came, a wait on a shard.

pub mod access;
pub mod counters;
mod date;
mod escape;
mod lane;
pub mod log;
mod outlet;

pub use counters::{Counter, Counters, ShardCounters};
pub use outlet::Rotation;
