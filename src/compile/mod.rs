//! Configuration, text and names -> numbers: `(Snapshot, Report)`.
//!
//! It never fails: what is wrong is left out and reported, its neighbours live.

mod asking;
mod auth;
mod balancers;
mod bodies;
mod compiler;
mod content;
mod diff;
mod entry_points;
mod headers;
mod instances;
mod layers;
mod limits;
mod middlewares;
mod objects;
mod regex;
mod report;
mod routers;
mod service_tree;
mod services;
#[cfg(test)]
mod tests;

pub use compiler::{Compiled, Compiler, Inputs, Setup};
pub use entry_points::{EntryPointDefaults, defaults, entry_points};
pub use services::Timeouts;
