//! One HTTP exchange from its first byte to its log line.
//!
//! Never here: where configuration comes from; another shard.

mod answer;
mod call;
mod choose;
mod connection;
mod context;
mod cookie;
mod descent;
mod errand;
mod exchange;
mod finish;
mod forward;
mod head;
mod keep;
mod mirror;
mod patience;
mod record;
mod relay;
mod shape;
mod store;
mod tree;
mod walk;
mod workers;

pub use connection::{After, Connection, Server, server};
pub use context::{Context, Member, Phase, Plan, Shared};
