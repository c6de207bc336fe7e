//! The only words that shards share: atomics, all of them here.
//!
//! Never here: a lock; anything that grows without bound.

pub mod buckets;
pub mod circuit;
pub mod in_flight;
pub mod known;
mod levels;
pub mod nonces;
pub mod seats;
pub mod server_state;
pub mod signals;
pub mod window;

pub use buckets::{Buckets, Pace, Turn};
pub use circuit::{Circuit, Spans};
pub use in_flight::{Counted, InFlight};
pub use known::Known;
pub use nonces::Nonces;
pub use seats::Seats;
pub use server_state::ServerState;
pub use signals::Signals;
pub use window::{Latencies, Window};
