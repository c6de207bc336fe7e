//! Ringway: an edge router that reads what Traefik reads.
//!
//! The rooms and who may know whom: `docs/ARCHITECTURE.md`.

pub mod app;
mod arguments;
pub mod balance;
pub mod base;
pub mod board;
pub mod check;
pub mod cli;
pub mod commands;
pub mod compile;
mod complete;
pub mod config;
pub mod control;
pub mod demo;
pub mod engine;
mod healthcheck;
pub mod help;
pub mod http;
pub mod internal;
pub mod middleware;
pub mod observe;
pub mod provider;
pub mod rule;
pub mod run;
pub mod shard;
pub mod snapshot;
mod suspicions;
pub mod telemetry;
pub mod upstream;
mod ways;
pub mod wire;
