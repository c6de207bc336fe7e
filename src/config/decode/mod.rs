//! Typed records from trees, and back to JSON: each field is written down once.
//!
//! `record!` turns one list of fields into a struct with Traefik's defaults, a table of its
//! fields, and through that table into a reader, a JSON writer, an inspector and a list of
//! paths. `one_of!` does it for *exactly one of these kinds*, `words!` for a closed set of texts.
//! Keys are found in any case; texts, numbers and truth values are taken for each other as
//! Traefik's loader does (features 1.2, 1.5, 15b.1, 15b.2).
//! Never here: a particular option.

mod choice;
mod inspect;
mod many;
mod nearest;
mod one_of;
mod reader;
mod record;
mod word;

#[cfg(test)]
mod tests;

pub use choice::{Choice, Closed};
pub use inspect::Inspector;
pub use nearest::nearest;
pub use reader::{Manner, Reader};
pub use record::{Field, Flags, PathList, Record, Shape, field_paths};
pub use word::Word;

pub(crate) use choice::words;
pub(crate) use one_of::one_of;
pub(crate) use record::record;
pub(crate) use word::word_settings;

// What the macros above name, besides what the door shows.
pub(crate) use one_of::{inspect_mixed, kind_paths, read_kinds, write_kinds};
pub(crate) use record::{inspect_record, read_record, record_paths, write_record};
pub(crate) use word::read_word;

use serde_json::Value as Json;

use super::tree::{Kind, Node, Tree};

/// A value that can be read from a tree and written as JSON.
pub trait Setting: Sized {
    /// What it looks like from outside.
    const SHAPE: Shape;

    /// Reads it; what is wrong is told to `reader`, and `None` means that there is no value.
    fn read(node: Node<'_>, reader: &mut Reader<'_>) -> Option<Self>;

    /// True when its JSON leaves it out: zero, empty, or not given.
    fn is_omitted(&self) -> bool;

    /// Its JSON, as Traefik writes it.
    fn write(&self, how: Writing) -> Json;

    /// Tells what is wrong in the value itself, though it could be read.
    fn inspect(&self, _inspector: &mut Inspector<'_>) {}

    /// Lists the paths under it, or itself.
    fn paths(list: &mut PathList) {
        list.leaf();
    }
}

/// How JSON is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Writing {
    /// Secrets are written as `[redacted]`.
    pub redact: bool,
}

/// Reads a whole file. Unknown keys at its root are warnings; `T::default()` when it is empty.
pub fn read<T: Setting + Default>(tree: &Tree, reader: &mut Reader<'_>) -> T {
    if let Some(at) = tree.surplus() {
        reader.warn(
            at,
            "a second YAML document begins here and is not read",
            Some("put it into a file of its own".to_owned()),
        );
    }
    match tree.root().kind() {
        Kind::Null => T::default(),
        Kind::Scalar(_) | Kind::List(_) | Kind::Map(_) => {
            T::read(tree.root(), reader).unwrap_or_default()
        }
    }
}
