//! Words that all rooms use: time, pages, names, bits, and every limit.
//!
//! Never here: I/O; a read of the system clock outside `clock`.

pub mod bitset;
pub mod civil;
pub mod clock;
pub mod limits;
pub mod name;
pub mod network;
pub mod page;
pub mod tick;

pub use bitset::BitSet;
pub use civil::Civil;
pub use name::{NameFault, QualifiedName};
pub use network::{Network, NetworkFault, Networks};
pub use page::Page;
pub use tick::Tick;
