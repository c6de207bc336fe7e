//! The control wing: it gathers what providers say, publishes what shards run on, and does
//! what a shard may not. No request in flight needs it.

mod errands;
mod health;
mod internal;
mod publish;
mod redis;
mod throttle;
mod watch;
mod watchdog;

pub use errands::{Desk, desk};
pub use health::check_servers;
pub use internal::internal_configuration;
pub use publish::{Shards, home};
pub use throttle::Throttle;
pub use watch::{Control, Event, Lifecycle, Stage, place, tell};
pub use watchdog::Watchdog;
