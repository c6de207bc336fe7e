//! Healthy servers -> one of them. Numbers in, a number out.
//!
//! Never here: a connection; a name.

mod schedule;

pub use schedule::{Schedule, ScheduleFault};
