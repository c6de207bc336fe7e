//! The file provider: one file, or a folder with all below it (features 11.8).
//!
//! `load` reads once; `watch` reads again whenever something changed. A file that can not be
//! read refuses the whole, so the configuration before it stays.
//! Never here: what objects mean; the throttle between two changes.

mod listing;
mod load;
mod render;
mod settle;
mod watch;

#[cfg(test)]
mod tests;

pub use load::{Generated, Loaded, fill_in, load, load_paths, load_text};
pub use render::{Format, render};
pub use watch::{Watch, watch};

/// The provider's name, behind the `@` of its objects.
pub const NAME: &str = "file";
