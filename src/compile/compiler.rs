use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::base::limits::ROUTER_LAYERS_MAX;
use crate::config::Report;
use crate::config::dynamic::{self, Configuration};
use crate::rule::Syntax;
use crate::snapshot::route_table::{Route, RouteTable};
use crate::snapshot::{End, EntryPointRoutes, Slots, Snapshot};

use super::EntryPointDefaults;
use super::diff::Changes;
use super::layers::{Layers, Named};
use super::objects::{Objects, all};
use super::report::Notes;
use super::routers::{Draft, Placed};
use super::services::{Flaw, Timeouts};

/// What the static configuration says about dynamic objects.
#[derive(Debug)]
pub struct Setup {
    pub entry_points: Vec<EntryPointDefaults>,
    pub shards: usize,
    pub timeouts: Timeouts,
    pub syntax: Syntax,
    /// Providers, the one that wins ties first (features 1.14).
    pub precedence: Vec<String>,
    /// `ping.terminatingStatusCode`.
    pub terminating_status: u16,
}

/// A snapshot, and what had to be left out of it.
#[derive(Debug)]
pub struct Compiled {
    pub snapshot: Arc<Snapshot>,
    pub report: Report,
}

/// What each provider says, by its name.
pub type Inputs = BTreeMap<String, Arc<Configuration>>;

/// Turns configurations into snapshots. It remembers the last one, so that what did not change
/// keeps its number, its state and its memory.
#[derive(Debug)]
pub struct Compiler {
    setup: Setup,
    inputs: Inputs,
    objects: Objects,
    notes: Notes,
    /// By `name@provider` of the configuration.
    placed: HashMap<String, Vec<Numbered>>,
    /// Full names that some router has as its parent.
    parents: HashSet<String>,
    numbers: Numbers,
    snapshot: Arc<Snapshot>,
}

/// A placed router with the number of its slot.
#[derive(Debug, Clone)]
pub(super) struct Numbered {
    pub(super) number: u32,
    pub(super) placed: Placed,
}

/// Slot numbers: a router keeps its own as long as it exists.
#[derive(Debug, Default)]
struct Numbers {
    next: u32,
    free: Vec<u32>,
}

impl Numbers {
    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.next += 1;
            self.next - 1
        })
    }
}

impl Compiler {
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let none = || EntryPointRoutes {
            plain: Arc::new(RouteTable::default()),
        };
        let entry_points = setup.entry_points.iter().map(|_| none()).collect();
        let snapshot = Arc::new(Snapshot {
            number: 0,
            entry_points,
            routers: Slots::default(),
            checked: Arc::default(),
        });
        Self {
            setup,
            inputs: Inputs::new(),
            objects: Objects::default(),
            notes: Notes::default(),
            placed: HashMap::new(),
            parents: HashSet::new(),
            numbers: Numbers::default(),
            snapshot,
        }
    }

    /// The last snapshot; before any [`Compiler::compile`], one without routers.
    #[must_use]
    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// The snapshot of what the providers say now.
    pub fn compile(&mut self, inputs: &Inputs) -> Compiled {
        let old = std::mem::replace(&mut self.inputs, inputs.clone());
        let snapshot = match self.router_changes(&old) {
            Some(changes) => self.patch(&changes),
            None => self.rebuild(),
        };
        self.snapshot = Arc::new(snapshot);
        let report = self.notes.report();
        Compiled {
            snapshot: Arc::clone(&self.snapshot),
            report,
        }
    }

    /// What is to be placed anew, if a few plain routers are all that changed; else None.
    fn router_changes(&self, old: &Inputs) -> Option<Patch> {
        if self.snapshot.number == 0 || !old.keys().eq(self.inputs.keys()) {
            return None;
        }
        let mut patch = Patch::default();
        for ((provider, was), is) in old.iter().zip(self.inputs.values()) {
            if Arc::ptr_eq(was, is) {
                continue;
            }
            let same = Changes::between(&was.http.services, &is.http.services).is_empty()
                && Changes::between(&was.http.middlewares, &is.http.middlewares).is_empty()
                && Changes::between(&was.http.servers_transports, &is.http.servers_transports)
                    .is_empty();
            if !same {
                return None;
            }
            let changes = Changes::between(&was.http.routers, &is.http.routers);
            let put = changes
                .put
                .iter()
                .map(|(name, options)| (*name, Some(*options)));
            let gone = changes.gone.iter().map(|name| (*name, None));
            for (name, options) in put.chain(gone) {
                let key = format!("{name}@{provider}");
                let is_child = |router: &Arc<dynamic::Router>| !router.parent_refs.is_empty();
                let layered = options.is_some_and(is_child)
                    || was.http.routers.get(name).is_some_and(is_child)
                    || self.parents.contains(&key);
                if layered {
                    return None;
                }
                match options {
                    Some(options) => {
                        let put = (provider.clone(), name.to_owned(), Arc::clone(options));
                        patch.put.push(put);
                    }
                    None => patch.gone.push(key),
                }
            }
        }
        Some(patch)
    }

    /// A snapshot that shares with the last one all but the routers that changed.
    fn patch(&mut self, patch: &Patch) -> Snapshot {
        let mut removed = Vec::new();
        let mut added: Vec<Numbered> = Vec::new();
        for name in &patch.gone {
            self.notes.forget("router", name);
            removed.extend(self.placed.remove(name).into_iter().flatten());
        }
        for (provider, name, options) in &patch.put {
            let key = format!("{name}@{provider}");
            let old = self.placed.remove(&key).unwrap_or_default();
            let draft = self.draft(provider, name, options, None);
            let (copies, flaws) =
                draft.place(&self.setup.entry_points, &(&self.objects, &self.setup));
            self.notes.set("router", &key, flaws);
            let copies = self.number(&old, copies);
            removed.extend(old);
            added.extend(copies.iter().cloned());
            self.placed.insert(key, copies);
        }
        let mut snapshot = Snapshot {
            number: self.snapshot.number + 1,
            entry_points: self.snapshot.entry_points.clone(),
            routers: self.snapshot.routers.clone(),
            checked: Arc::clone(&self.snapshot.checked),
        };
        for old in &removed {
            snapshot.routers.set(old.number, None);
        }
        for new in &added {
            snapshot
                .routers
                .set(new.number, Some(Arc::clone(&new.placed.router)));
        }
        for (entry_point, routes) in snapshot.entry_points.iter_mut().enumerate() {
            let here = |one: &&Numbered| one.placed.entry_points.contains(&entry_point);
            let out: Vec<u32> = removed.iter().filter(here).map(|one| one.number).collect();
            let put: Vec<Route> = added.iter().filter(here).map(Numbered::route).collect();
            if !out.is_empty() || !put.is_empty() {
                routes.plain = Arc::new(routes.plain.update(&out, put));
            }
        }
        self.release(&removed, &added);
        snapshot
    }

    /// A snapshot from scratch; services and middlewares that did not change are kept.
    fn rebuild(&mut self) -> Snapshot {
        self.notes.clear();
        self.objects
            .update(&self.setup, &self.inputs, &mut self.notes);
        let old = std::mem::take(&mut self.placed);
        let inputs = std::mem::take(&mut self.inputs);
        let layers = Layers::of(&inputs);
        let mut walk = Walk::new(&layers, &old);
        for named in all(&inputs, |config| &config.http.routers) {
            if named.2.parent_refs.is_empty() {
                self.place(&mut walk, named);
            }
        }
        for (key, flaw) in layers.unreachable(&self.placed) {
            self.notes.set("router", &key, vec![flaw]);
        }
        self.parents = layers.parents();
        self.inputs = inputs;
        let removed: Vec<Numbered> = old.into_values().flatten().collect();
        let added: Vec<Numbered> = self.placed.values().flatten().cloned().collect();
        self.release(&removed, &added);
        let mut routers = Slots::default();
        for new in &added {
            routers.set(new.number, Some(Arc::clone(&new.placed.router)));
        }
        let table = |entry_point: usize| {
            let here = added
                .iter()
                .filter(|one| one.placed.entry_points.contains(&entry_point));
            EntryPointRoutes {
                plain: Arc::new(RouteTable::build(here.map(Numbered::route))),
            }
        };
        let entry_points = (0..self.setup.entry_points.len()).map(table).collect();
        Snapshot {
            number: self.snapshot.number + 1,
            entry_points,
            routers,
            checked: Arc::clone(self.objects.checked()),
        }
    }

    /// Places a router, its children first. True when it can serve.
    fn place(&mut self, walk: &mut Walk<'_>, named: Named<'_>) -> bool {
        let key = Layers::key(&named);
        if let Some(copies) = self.placed.get(&key) {
            return !copies.is_empty();
        }
        let children = walk.layers.children(&key);
        let flaw = self.place_children(walk, &key, children);
        let (copies, flaws) = match flaw {
            Err(flaw) => (Vec::new(), vec![flaw]),
            Ok(table) => {
                let (provider, name, options) = named;
                let draft = self.draft(provider, name, options, table);
                draft.place(&self.setup.entry_points, &(&self.objects, &self.setup))
            }
        };
        self.notes.set("router", &key, flaws);
        let copies = self.number(walk.old.get(&key).map_or(&[], Vec::as_slice), copies);
        let serves = !copies.is_empty();
        self.placed.insert(key, copies);
        serves
    }

    /// The table of a router's children; none where it has none.
    fn place_children(
        &mut self,
        walk: &mut Walk<'_>,
        key: &str,
        children: &[Named<'_>],
    ) -> Result<Option<End>, Flaw> {
        if children.is_empty() {
            return Ok(None);
        }
        if walk.path.len() >= ROUTER_LAYERS_MAX {
            return Err(Layers::too_deep());
        }
        walk.path.push(key.to_owned());
        let mut served = Vec::new();
        for child in children {
            let child_key = Layers::key(child);
            if walk.path.contains(&child_key) {
                // It serves nobody: each of its ancestors is also below it.
                walk.circles.insert(child_key);
            } else if self.place(walk, *child) {
                let copies = self.placed.get(&child_key);
                served.extend(copies.into_iter().flatten().map(Numbered::route));
                let height = walk.heights.get(&child_key).copied().unwrap_or(1);
                let own = walk.heights.entry(key.to_owned()).or_insert(1);
                *own = (*own).max(height + 1);
            }
        }
        walk.path.pop();
        if walk.circles.contains(key) {
            return Err(Layers::circle());
        }
        if served.is_empty() {
            return Err(Layers::dead_end());
        }
        if walk
            .heights
            .get(key)
            .is_some_and(|height| *height > ROUTER_LAYERS_MAX)
        {
            return Err(Layers::too_deep());
        }
        Ok(Some(End::Children(Arc::new(RouteTable::build(served)))))
    }

    fn draft<'input>(
        &self,
        provider: &'input str,
        name: &'input str,
        options: &'input dynamic::Router,
        children: Option<End>,
    ) -> Draft<'input> {
        let order = &self.setup.precedence;
        let place = order
            .iter()
            .position(|known| known.eq_ignore_ascii_case(provider));
        let precedence = u32::try_from(place.unwrap_or(order.len())).unwrap_or(u32::MAX);
        Draft {
            name,
            provider,
            options,
            syntax: self.setup.syntax,
            precedence,
            children,
        }
    }

    /// A copy that was there before under the same name keeps its number.
    fn number(&mut self, old: &[Numbered], copies: Vec<Placed>) -> Vec<Numbered> {
        let number = |placed: &Placed, numbers: &mut Numbers| {
            let known = old.iter().find(|old| old.placed.name == placed.name);
            known.map_or_else(|| numbers.take(), |old| old.number)
        };
        let numbers = &mut self.numbers;
        copies
            .into_iter()
            .map(|placed| Numbered {
                number: number(&placed, numbers),
                placed,
            })
            .collect()
    }

    /// Numbers that nobody has any more may be given again.
    fn release(&mut self, removed: &[Numbered], added: &[Numbered]) {
        let mut kept: Vec<u32> = added.iter().map(|one| one.number).collect();
        kept.sort_unstable();
        let freed = removed.iter().map(|one| one.number);
        self.numbers
            .free
            .extend(freed.filter(|number| kept.binary_search(number).is_err()));
    }
}

/// The way through the layers of routers, while they are placed.
struct Walk<'walk> {
    layers: &'walk Layers<'walk>,
    old: &'walk HashMap<String, Vec<Numbered>>,
    /// The routers whose children are being placed, outermost first.
    path: Vec<String>,
    /// Routers that are their own ancestors.
    circles: HashSet<String>,
    /// Layers from a router to the innermost below it, itself included; 1 where none is said.
    heights: HashMap<String, usize>,
}

impl<'walk> Walk<'walk> {
    fn new(layers: &'walk Layers<'walk>, old: &'walk HashMap<String, Vec<Numbered>>) -> Self {
        Self {
            layers,
            old,
            path: Vec::new(),
            circles: HashSet::new(),
            heights: HashMap::new(),
        }
    }
}

/// Provider, name and options of a router.
type Put = (String, String, Arc<dynamic::Router>);

/// Routers that changed, with nothing else.
#[derive(Debug, Default)]
struct Patch {
    put: Vec<Put>,
    gone: Vec<String>,
}

impl Numbered {
    fn route(&self) -> Route {
        Route {
            id: self.number,
            order: self.placed.order.clone(),
            tree: Arc::clone(&self.placed.tree),
        }
    }
}
