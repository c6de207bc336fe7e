//! Connections to servers: this shard's idle ones, and new ones.
//!
//! Never here: a choice of server; anything of another shard.

mod pool;

pub use pool::{DialFault, Lease, Pool, Upstream};
