//! The router in a small Kubernetes with real components: `tests/cluster/up` starts it, and says
//! in its environment where it is. Without one, each test passes over, and says so.
//!
//! Tests run at once and share the cluster: each has a namespace of its own, and those that take
//! the node's ports 80 and 443 take turns.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may stop at the first surprise, and says where"
)]

mod chart;
mod harness;
mod manifests;
mod node;
mod providers;
mod tutorial;
