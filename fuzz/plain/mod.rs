//! The plain way to read what `ringway::wire` reads fast: whole, obvious, slow, written from the
//! standards and not from the fast code. `check` of each module says that the two agree; the
//! fuzz targets and `tests/plain.rs` call it.

#![allow(dead_code, reason = "each fuzz target uses one of the modules")]

pub(crate) mod answer;
pub(crate) mod chunked;
pub(crate) mod config;
pub(crate) mod lines;
pub(crate) mod path;
pub(crate) mod proxy;
pub(crate) mod request;
pub(crate) mod rule;
