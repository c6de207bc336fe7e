//! Configuration as users write it: texts to trees, trees to typed values, faults with a place.
//!
//! `tree` holds what a YAML or TOML file says, with positions. `decode` reads typed records from
//! a tree. `dynamic` is what providers deliver, `statics` what is decided at start, `report` what
//! is wrong with either.
//! Never here: what will run; a file's or a network's I/O.

pub mod decode;
pub mod duration;
pub mod dynamic;
pub mod places;
pub mod report;
pub mod secret;
pub mod statics;
pub mod tree;
mod yaml_text;

pub use duration::GoDuration;
pub use places::{Place, Places};
pub use report::{Problem, Report, Severity};
pub use secret::{FileOrContent, Secret};
pub use yaml_text::yaml_text;
