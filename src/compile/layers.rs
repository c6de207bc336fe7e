//! Routers with `parentRefs` (features 4.4.6): who is whose child.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::QualifiedName;
use crate::config::dynamic;

use super::compiler::{Inputs, Numbered};
use super::objects::all;
use super::services::Flaw;

/// Provider, name and options of a router.
pub(super) type Named<'inputs> = (&'inputs str, &'inputs str, &'inputs Arc<dynamic::Router>);

/// Children by the full name of their parent.
#[derive(Debug)]
pub(super) struct Layers<'inputs> {
    children: HashMap<String, Vec<Named<'inputs>>>,
}

impl<'inputs> Layers<'inputs> {
    pub(super) fn of(inputs: &'inputs Inputs) -> Self {
        let mut children: HashMap<String, Vec<Named<'inputs>>> = HashMap::new();
        for (provider, name, options) in all(inputs, |config| &config.http.routers) {
            for parent in &options.parent_refs {
                let parent = QualifiedName::resolve(parent, provider).to_string();
                children
                    .entry(parent)
                    .or_default()
                    .push((provider, name, options));
            }
        }
        Self { children }
    }

    pub(super) fn children(&self, parent: &str) -> &[Named<'inputs>] {
        self.children.get(parent).map_or(&[], Vec::as_slice)
    }

    pub(super) fn key((provider, name, _): &Named<'_>) -> String {
        format!("{name}@{provider}")
    }

    /// Children that no way from a router without parents leads to: their parent does not
    /// exist, or they are their own ancestors.
    pub(super) fn unreachable(
        &self,
        placed: &HashMap<String, Vec<Numbered>>,
    ) -> Vec<(String, Flaw)> {
        let mut seen = HashSet::new();
        let all = self.children.values().flatten().map(Self::key);
        let lost = all.filter(|key| !placed.contains_key(key) && seen.insert(key.clone()));
        let flaw = || {
            let message = "no router without parents leads here";
            Flaw::new(
                "parentRefs",
                message,
                "name an existing router, and no circle of them",
            )
        };
        lost.map(|key| (key, flaw())).collect()
    }

    /// All names of parents, also of those that do not exist.
    pub(super) fn parents(&self) -> HashSet<String> {
        self.children.keys().cloned().collect()
    }

    pub(super) fn circle() -> Flaw {
        Flaw::new(
            "parentRefs",
            "the router is its own ancestor",
            "break the circle of parentRefs",
        )
    }

    pub(super) fn too_deep() -> Flaw {
        Flaw::new(
            "parentRefs",
            "too many layers of routers",
            "use fewer layers",
        )
    }

    pub(super) fn dead_end() -> Flaw {
        Flaw::new(
            "parentRefs",
            "none of its children can serve",
            "see what is said about them",
        )
    }
}
