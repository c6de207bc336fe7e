//! Ringway: an edge router that reads what Traefik reads.
//!
//! The rooms and who may know whom: `docs/ARCHITECTURE.md`.

pub mod balance;
pub mod base;
pub mod board;
pub mod config;
pub mod telemetry;
