//! The compiled index of routers: a request's facts in, a router's number out.
//!
//! The index narrows, order decides. Each rule is laid out as alternatives (`term`), each with at
//! most one host and one path to look under; a map of hosts, one of domains, and for each host a
//! list or an index of paths lead to the few entries that can match; what their rules ask besides
//! (`residual`) is tested, and of those that pass the first in order wins.
//! [`crate::rule::eval`] over all routers in order is the reference.
//!
//! A table never changes. [`RouteTable::update`] makes the next one, which shares all parts that
//! no change touched, so one changed router among many costs little. Tables can be dropped on any
//! thread.

mod entry;
mod hash;
mod hosts;
mod paths;
mod residual;
mod shards;
mod term;
mod text;

use std::collections::HashMap;
use std::sync::Arc;

use crate::rule::Facts;
use entry::Entry;
use hash::Seed;
use hosts::{Host, Suffixes};
use paths::{Change, Paths, Search};
use residual::residual;
use shards::{Edit, Keyed, Map};
use term::{HostKey, terms};

pub use crate::rule::Scratch;
pub use entry::{OrderKey, Route};

/// The routers of one entry point, or the children of one router. A clone costs little.
#[derive(Clone, Debug)]
pub struct RouteTable {
    seed: Seed,
    /// Routes that no host narrows.
    any: Arc<Paths>,
    exact: Map<Host>,
    under: Arc<Suffixes>,
    routes: Map<Numbered>,
}

/// A route under its number.
#[derive(Clone, Debug)]
struct Numbered {
    key: [u8; 4],
    route: Arc<Route>,
}

impl Keyed for Numbered {
    fn key(&self) -> &[u8] {
        &self.key
    }
}

type Changes = HashMap<HostKey, Change, ahash::RandomState>;

impl RouteTable {
    /// Of routes with different numbers.
    pub fn build(routes: impl IntoIterator<Item = Route>) -> Self {
        let seed = Seed::random();
        let mut changes = Changes::default();
        let mut numbered = Vec::new();
        for route in routes {
            let route = Arc::new(route);
            add(&route, &mut changes);
            numbered.push(Numbered {
                key: route.id.to_le_bytes(),
                route,
            });
        }
        let mut any = Vec::new();
        let (mut exact, mut under) = (Vec::new(), Vec::new());
        for (key, change) in changes {
            match key {
                HostKey::Any => any = change.added,
                HostKey::Exact(name) => {
                    exact.push(Host::new(&name, Paths::new(change.added, seed)));
                }
                HostKey::Under(name) => {
                    under.push(Host::new(&name, Paths::new(change.added, seed)));
                }
            }
        }
        Self {
            seed,
            any: Arc::new(Paths::new(any, seed)),
            exact: Map::new(exact, seed),
            under: Arc::new(Suffixes::new(under, seed)),
            routes: Map::new(numbered, seed),
        }
    }

    /// The table without `removed` and with `added`; an added number that is there already is
    /// replaced. Costs by what changes, not by what there is.
    #[must_use]
    pub fn update(&self, removed: &[u32], added: Vec<Route>) -> Self {
        let replaced = added.iter().map(|route| route.id);
        let mut gone: Vec<u32> = removed.iter().copied().chain(replaced).collect();
        gone.sort_unstable();
        gone.dedup();
        if gone.len() > self.routes.len() / 4 + 16 {
            return self.rebuilt(&gone, added);
        }
        let mut changes = Changes::default();
        let mut numbers: HashMap<u32, Option<Arc<Route>>, ahash::RandomState> = HashMap::default();
        for &id in &gone {
            if let Some(route) = self.route(id) {
                remove(route, &mut changes);
                numbers.insert(id, None);
            }
        }
        for route in added {
            let route = Arc::new(route);
            add(&route, &mut changes);
            numbers.insert(route.id, Some(route));
        }
        let numbers = numbers.into_iter().map(|(id, route)| {
            let key = id.to_le_bytes();
            let numbered = route.map(|route| Numbered { key, route });
            (key.into(), numbered)
        });
        let mut next = self.edited(changes, &gone);
        next.routes = self.routes.edited(numbers.collect(), self.seed);
        next
    }

    fn rebuilt(&self, gone: &[u32], added: Vec<Route>) -> Self {
        let kept = self
            .routes
            .values()
            .filter(|numbered| gone.binary_search(&numbered.route.id).is_err())
            .map(|numbered| Route::clone(&numbered.route));
        Self::build(kept.chain(added))
    }

    fn edited(&self, changes: Changes, gone: &[u32]) -> Self {
        let seed = self.seed;
        let mut next = self.clone();
        let (mut exact, mut under) = (Vec::new(), Vec::new());
        for (key, change) in changes {
            match key {
                HostKey::Any => {
                    next.any = Arc::new(self.any.edited(change, gone, seed));
                }
                HostKey::Exact(name) => {
                    let old = self.exact.get(seed.hash(&name), &name);
                    let paths = paths_after(old, change, gone, seed);
                    exact.push(edit(name, paths));
                }
                HostKey::Under(name) => {
                    let old = self.under.get(&name, seed);
                    let paths = paths_after(old, change, gone, seed);
                    under.push(edit(name, paths));
                }
            }
        }
        if !exact.is_empty() {
            next.exact = self.exact.edited(exact, seed);
        }
        if !under.is_empty() {
            next.under = Arc::new(self.under.edited(under, seed));
        }
        next
    }

    /// The number of the router that serves a request. Allocates nothing (but for what an
    /// expression too large to be compiled whole puts into `scratch`).
    #[inline]
    pub fn find(&self, facts: &impl Facts, scratch: &mut Scratch) -> Option<u32> {
        let host = facts.canonical_host();
        let host = host.strip_suffix(b".").unwrap_or(host);
        let mut search = Search {
            facts,
            path: facts.routing_path(),
            scratch,
            best: None,
        };
        if !self.exact.is_empty()
            && let Some(host) = self.exact.get(self.seed.hash(host), host)
        {
            host.paths.search(self.seed, &mut search);
        }
        for host in self.under.of(host, self.seed) {
            host.paths.search(self.seed, &mut search);
        }
        self.any.search(self.seed, &mut search);
        search.best.map(|entry| entry.id)
    }

    /// The route with this number.
    #[must_use]
    pub fn route(&self, id: u32) -> Option<&Arc<Route>> {
        let key = id.to_le_bytes();
        let numbered = self.routes.get(self.seed.hash(&key), &key);
        numbered.map(|numbered| &numbered.route)
    }

    /// How many routes there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.routes.len()
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.routes.is_empty()
    }
}

impl Default for RouteTable {
    fn default() -> Self {
        Self::build([])
    }
}

fn add(route: &Arc<Route>, changes: &mut Changes) {
    for term in terms(&route.tree) {
        let Ok(test) = residual(&term.rest, &term.host, &term.path) else {
            continue;
        };
        let change = changes.entry(term.host).or_default();
        change.added.push((term.path, Entry::new(route, test)));
    }
}

fn remove(route: &Arc<Route>, changes: &mut Changes) {
    for term in terms(&route.tree) {
        let change = changes.entry(term.host).or_default();
        change.vacated.push(term.path);
    }
}

fn paths_after(old: Option<&Host>, change: Change, gone: &[u32], seed: Seed) -> Paths {
    match old {
        Some(host) => host.paths.edited(change, gone, seed),
        None => Paths::new(change.added, seed),
    }
}

fn edit(name: Box<[u8]>, paths: Paths) -> Edit<Host> {
    let host = (!paths.is_empty()).then(|| Host::new(&name, paths));
    (name, host)
}

#[cfg(test)]
mod tests;
