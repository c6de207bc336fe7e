//! What a configuration text says, as one tree with positions.
//!
//! YAML (and JSON, its subset), TOML, flags and environment all end here. The tree lies flat in
//! one vector, so that a file of 100,000 routers costs one allocation and not a million.
//! Never here: what a key means.

mod builder;
mod plain;
mod toml;
mod yaml;

#[cfg(test)]
mod tests;

use std::fmt;

pub use builder::Builder;
pub use plain::Sort;

/// Where something stands in its text: line and column count from 1, in characters; 0 is unknown.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

/// Why a text is no tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub at: Position,
    pub message: String,
    pub hint: Option<String>,
}

/// One text, read. `root` is the way in.
#[derive(Clone, Default)]
pub struct Tree {
    /// Pre-order: a container stands before what it holds; in a map, key and value alternate.
    raws: Vec<Raw>,
    /// The texts of all scalars, one behind the other.
    text: String,
    /// Where a second YAML document begins, which nobody reads.
    surplus: Option<Position>,
}

/// One key, value or container.
#[derive(Clone, Copy)]
struct Raw {
    /// Scalars: where the text begins. Containers: how many raws they span, themselves included.
    first: u32,
    /// Scalars: bytes of the text. Containers: how many items or entries.
    second: u32,
    line: u32,
    column: u16,
    form: Form,
    /// How many containers lie inside each other here: 0 for a scalar.
    height: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Null,
    Scalar(Sort),
    List,
    Map,
}

/// One place of a tree.
#[derive(Clone, Copy)]
pub struct Node<'tree> {
    tree: &'tree Tree,
    index: usize,
}

/// What stands at a place.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'tree> {
    /// Nothing: `key:` with no value, or `~`.
    Null,
    Scalar(Scalar<'tree>),
    List(Items<'tree>),
    Map(Entries<'tree>),
}

/// A text, number or truth value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Scalar<'tree> {
    /// Whole numbers and truth values in their plain form (`0x10` is `16`, `True` is `true`).
    pub text: &'tree str,
    pub sort: Sort,
}

/// The items of a list, in order.
#[derive(Clone, Copy)]
pub struct Items<'tree> {
    next: Node<'tree>,
    left: usize,
}

/// The entries of a map, in order; no key comes twice.
#[derive(Clone, Copy)]
pub struct Entries<'tree> {
    next: Node<'tree>,
    left: usize,
}

/// One entry of a map.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'tree> {
    pub key: &'tree str,
    pub at: Position,
    pub value: Node<'tree>,
}

impl Tree {
    /// Reads YAML 1.2 (first document), which includes JSON.
    pub fn yaml(text: &str) -> Result<Self, Fault> {
        yaml::read(text)
    }

    /// Reads every document of a YAML text, each as a tree of its own.
    pub fn yaml_documents(text: &str) -> Result<Vec<Self>, Fault> {
        yaml::read_all(text)
    }

    /// Reads TOML 1.0.
    pub fn toml(text: &str) -> Result<Self, Fault> {
        toml::read(text)
    }

    /// A tree of one text.
    pub fn of_text(text: &str, at: Position) -> Self {
        let mut builder = Builder::new();
        // One scalar reaches no bound; if it did, the tree would be empty.
        let pushed = builder.scalar(text, Sort::Text, at);
        pushed.and_then(|()| builder.finish()).unwrap_or_default()
    }

    /// The whole; `Null` when the text is empty.
    pub fn root(&self) -> Node<'_> {
        Node {
            tree: self,
            index: 0,
        }
    }

    /// Where a second YAML document begins: nothing behind it was read.
    pub fn surplus(&self) -> Option<Position> {
        self.surplus
    }
}

impl<'tree> Node<'tree> {
    /// Where it begins.
    pub fn at(self) -> Position {
        self.raw().map(Raw::at).unwrap_or_default()
    }

    pub fn kind(self) -> Kind<'tree> {
        let Some(raw) = self.raw() else {
            return Kind::Null;
        };
        let inside = Node {
            tree: self.tree,
            index: self.index + 1,
        };
        match raw.form {
            Form::Null => Kind::Null,
            Form::Scalar(sort) => Kind::Scalar(Scalar {
                text: self.tree.text_of(raw),
                sort,
            }),
            Form::List => Kind::List(Items {
                next: inside,
                left: raw.second as usize,
            }),
            Form::Map => Kind::Map(Entries {
                next: inside,
                left: raw.second as usize,
            }),
        }
    }

    /// What it is, in words for an error.
    pub fn describe(self) -> &'static str {
        match self.kind() {
            Kind::Null => "nothing",
            Kind::Scalar(scalar) => scalar.sort.describe(),
            Kind::List(_) => "a list",
            Kind::Map(_) => "a map",
        }
    }

    /// True for a null, and for a list or map that holds nothing.
    pub fn is_hollow(self) -> bool {
        match self.kind() {
            Kind::Null => true,
            Kind::Scalar(_) => false,
            Kind::List(items) => items.left == 0,
            Kind::Map(entries) => entries.left == 0,
        }
    }

    fn raw(self) -> Option<Raw> {
        self.tree.raws.get(self.index).copied()
    }

    /// The place behind this one and all it holds.
    fn skip(self) -> Self {
        let span = self.raw().map_or(1, Raw::span);
        Self {
            tree: self.tree,
            index: self.index + span,
        }
    }
}

impl Tree {
    fn text_of(&self, raw: Raw) -> &str {
        let start = raw.first as usize;
        self.text
            .get(start..start + raw.second as usize)
            .unwrap_or_default()
    }
}

impl Raw {
    fn at(self) -> Position {
        Position {
            line: self.line,
            column: u32::from(self.column),
        }
    }

    fn span(self) -> usize {
        match self.form {
            Form::Null | Form::Scalar(_) => 1,
            Form::List | Form::Map => self.first as usize,
        }
    }
}

impl Items<'_> {
    pub fn is_empty(self) -> bool {
        self.left == 0
    }
}

impl Entries<'_> {
    pub fn is_empty(self) -> bool {
        self.left == 0
    }
}

impl<'tree> Iterator for Items<'tree> {
    type Item = Node<'tree>;

    fn next(&mut self) -> Option<Node<'tree>> {
        self.left = self.left.checked_sub(1)?;
        let item = self.next;
        self.next = item.skip();
        Some(item)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Items<'_> {}

impl<'tree> Iterator for Entries<'tree> {
    type Item = Entry<'tree>;

    fn next(&mut self) -> Option<Entry<'tree>> {
        self.left = self.left.checked_sub(1)?;
        let key = self.next;
        let value = key.skip();
        self.next = value.skip();
        Some(Entry {
            key: key.raw().map_or("", |raw| key.tree.text_of(raw)),
            at: key.at(),
            value,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Entries<'_> {}

impl fmt::Debug for Tree {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.root().fmt(out)
    }
}

/// Prints the shape without the texts of values: a password may be among them.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind() {
            Kind::Null => out.write_str("null"),
            Kind::Scalar(scalar) => out.write_str(scalar.sort.describe()),
            Kind::List(items) => items.fmt(out),
            Kind::Map(entries) => entries.fmt(out),
        }
    }
}

impl fmt::Debug for Items<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_list().entries(*self).finish()
    }
}

impl fmt::Debug for Entries<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map()
            .entries(self.map(|entry| (entry.key, entry.value)))
            .finish()
    }
}
