//! The table as a tree, to find the option that a file, a flag or a variable means.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::option::{Kind, OptionSpec};
use super::path::{OptionPath, Step};
use super::table;

/// A place in the tree of options.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) spec: Option<&'static OptionSpec>,
    /// Lower-case name -> canonical name and what lies below.
    children: BTreeMap<String, (&'static str, Self)>,
    /// Below a name of the user's.
    any: Option<Box<Self>>,
    /// Below a place in a list.
    item: Option<Box<Self>>,
}

/// An option that was found.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    pub(crate) path: OptionPath,
    pub(crate) node: &'static Node,
    /// Blocks on the way, the option itself not counted: how many steps, and which.
    pub(crate) blocks: Vec<(usize, &'static OptionSpec)>,
}

static ROOT: LazyLock<Node> = LazyLock::new(|| {
    let mut root = Node::default();
    for spec in table::all() {
        root.plant(spec.path, spec);
    }
    root
});

pub(crate) fn root() -> &'static Node {
    &ROOT
}

impl Node {
    fn plant(&mut self, path: &'static str, spec: &'static OptionSpec) {
        if path.is_empty() {
            self.spec = Some(spec);
            return;
        }
        let end = path.find(['.', '[']).unwrap_or(path.len());
        let (step, rest) = path.split_at(end);
        if let Some(rest) = rest_of_item(path) {
            self.item.get_or_insert_default().plant(rest, spec);
        } else if step == "*" {
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            self.any.get_or_insert_default().plant(rest, spec);
        } else {
            let rest = rest.strip_prefix('.').unwrap_or(rest);
            let entry = self
                .children
                .entry(step.to_ascii_lowercase())
                .or_insert_with(|| (step, Self::default()));
            entry.1.plant(rest, spec);
        }
    }

    /// The child of this name, in any case; else the place for names of the user's.
    pub(crate) fn child<'text>(
        &'static self,
        name: &'text str,
    ) -> Option<(&'text str, &'static Self)> {
        match self.children.get(&name.to_ascii_lowercase()) {
            Some((canonical, node)) => Some((canonical, node)),
            None => self.any.as_deref().map(|node| (name, node)),
        }
    }

    pub(crate) fn item(&'static self) -> Option<&'static Self> {
        self.item.as_deref()
    }

    pub(crate) fn any(&'static self) -> Option<&'static Self> {
        self.any.as_deref()
    }

    /// Canonical names of the children, without the users' own.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.children.values().map(|(canonical, _)| *canonical)
    }

    /// True when nothing can stand below.
    pub(crate) fn is_leaf(&self) -> bool {
        self.children.is_empty() && self.any.is_none() && self.item.is_none()
    }

    fn kind(&self) -> Option<Kind> {
        self.spec.map(|spec| spec.kind)
    }

    /// Takes lists by index as well: `middlewares[0]`.
    pub(crate) fn is_list(&self) -> bool {
        matches!(self.kind(), Some(Kind::Texts | Kind::Floats)) || self.item.is_some()
    }

    /// Whatever stands below is not ours to check.
    pub(crate) fn is_free(&self) -> bool {
        self.kind() == Some(Kind::Free)
    }
}

/// `[].main` -> `main`.
fn rest_of_item(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("[]")?;
    Some(rest.strip_prefix('.').unwrap_or(rest))
}

impl Found {
    pub(crate) fn start() -> Self {
        Self {
            path: OptionPath::default(),
            node: root(),
            blocks: Vec::new(),
        }
    }

    /// One step further by name; `None` when there is no such option.
    pub(crate) fn by_name(&self, name: &str) -> Option<Self> {
        match self.node.child(name) {
            Some((canonical, node)) if !name.is_empty() => {
                Some(self.next(Step::Name(canonical.to_owned()), node))
            }
            _ if self.node.is_free() => Some(self.next(Step::Name(name.to_owned()), self.node)),
            _ => None,
        }
    }

    /// One step further by place in a list.
    pub(crate) fn by_index(&self, index: usize) -> Option<Self> {
        if self.node.is_list() {
            // The elements of a plain list have no options of their own: the list stands for them.
            let node = self.node.item().unwrap_or(self.node);
            Some(self.next(Step::Item(index), node))
        } else {
            self.node
                .is_free()
                .then(|| self.next(Step::Item(index), self.node))
        }
    }

    fn next(&self, step: Step, node: &'static Node) -> Self {
        let mut blocks = self.blocks.clone();
        if let Some(spec) = self.node.spec.filter(|spec| spec.kind == Kind::Block) {
            blocks.push((self.path.steps().len(), spec));
        }
        Self {
            path: self.path.with(step),
            node,
            blocks,
        }
    }
}
