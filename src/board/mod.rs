//! The only words that shards share: atomics, all of them here.
//!
//! Never here: a lock; anything that grows without bound.

pub mod known;
pub mod seats;
pub mod signals;

pub use known::Known;
pub use seats::{Health, Seats};
pub use signals::Signals;
