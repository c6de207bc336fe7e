//! Ringway: an edge router that reads what Traefik reads.
//!
//! The rooms and who may know whom: `docs/ARCHITECTURE.md`.

mod arguments;
pub mod balance;
pub mod base;
pub mod board;
pub mod cli;
pub mod commands;
mod complete;
pub mod config;
pub mod engine;
mod healthcheck;
pub mod help;
pub mod internal;
pub mod observe;
pub mod provider;
pub mod rule;
pub mod telemetry;
pub mod wire;

