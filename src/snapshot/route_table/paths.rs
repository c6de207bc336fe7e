//! The routes of one host by path: a short list in order, or an index when there are many.

use std::collections::HashMap;
use std::sync::Arc;

use super::entry::Entry;
use super::hash::{Rolling, Seed};
use super::shards::{Edit, Keyed, Map};
use super::term::PathKey;
use super::text::Text;
use crate::rule::{Facts, Scratch};

/// Routes that are tried one by one; more are indexed.
const LISTED_MAX: usize = 12;

/// An entry and the path under which it belongs.
pub(super) type Placed = (PathKey, Entry);

/// What changes among the routes of one host.
#[derive(Default)]
pub(super) struct Change {
    /// Paths from under which a route goes; its number is in the list of those that go.
    pub(super) vacated: Vec<PathKey>,
    pub(super) added: Vec<Placed>,
}

#[derive(Clone, Debug)]
pub(super) enum Paths {
    One(Listed),
    /// In order.
    Few(Box<[Listed]>),
    Many(Arc<PathIndex>),
}

#[derive(Clone, Debug)]
pub(super) struct Listed {
    path: PathTest,
    entry: Entry,
}

#[derive(Clone, Debug)]
enum PathTest {
    Any,
    Exact(Text<22>),
    Prefix(Text<22>),
}

#[derive(Debug)]
pub(super) struct PathIndex {
    /// Routes that no path narrows.
    any: List,
    exact: Map<PathNode>,
    prefix: Map<PathNode>,
    /// No exact path is longer.
    exact_bytes_max: usize,
    /// Lengths of prefixes, ascending, and how many prefixes have them.
    lengths: Box<[(usize, usize)]>,
}

#[derive(Clone, Debug)]
struct PathNode {
    path: Text<30>,
    list: List,
}

/// In order.
#[derive(Clone, Debug)]
enum List {
    One(Entry),
    More(Box<[Entry]>),
}

/// A look-up in progress: the best route so far.
pub(super) struct Search<'table, 'facts, F> {
    pub(super) facts: &'facts F,
    pub(super) path: &'facts [u8],
    pub(super) scratch: &'facts mut Scratch,
    pub(super) best: Option<&'table Entry>,
}

impl<'table, F: Facts> Search<'table, '_, F> {
    /// Tries a candidate. False when those behind it in its list cannot win any more.
    #[inline]
    fn try_entry(&mut self, entry: &'table Entry) -> bool {
        if self.best.is_some_and(|best| !entry.precedes(best)) {
            return false;
        }
        if entry.passes(self.facts, self.scratch) {
            self.best = Some(entry);
            return false;
        }
        true
    }
}

impl Paths {
    pub(super) fn new(mut placed: Vec<Placed>, seed: Seed) -> Self {
        if placed.len() > LISTED_MAX {
            return Self::Many(Arc::new(PathIndex::new(placed, seed)));
        }
        placed.sort_by(|(_, left), (_, right)| left.cmp(right));
        let listed = placed.into_iter().map(|(path, entry)| Listed {
            path: PathTest::new(&path),
            entry,
        });
        let listed: Vec<Listed> = listed.collect();
        match <[Listed; 1]>::try_from(listed) {
            Ok([one]) => Self::One(one),
            Err(few) => Self::Few(few.into()),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::One(_) => false,
            Self::Few(list) => list.is_empty(),
            Self::Many(index) => index.is_empty(),
        }
    }

    #[inline]
    pub(super) fn search<'table, F: Facts>(
        &'table self,
        seed: Seed,
        search: &mut Search<'table, '_, F>,
    ) {
        let list = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Few(list) => list,
            Self::Many(index) => return index.search(seed, search),
        };
        for listed in list {
            if listed.path.admits(search.path) && !search.try_entry(&listed.entry) {
                return;
            }
        }
    }

    /// After a change; the routes in `gone`, which is sorted, go.
    pub(super) fn edited(&self, change: Change, gone: &[u32], seed: Seed) -> Self {
        let stays = |entry: &&Listed| gone.binary_search(&entry.entry.id).is_err();
        let list = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Few(list) => list,
            Self::Many(index) => {
                return Self::Many(Arc::new(index.edited(change, gone, seed)));
            }
        };
        let kept = list
            .iter()
            .filter(stays)
            .map(|listed| (listed.path.key(), listed.entry.clone()));
        Self::new(kept.chain(change.added).collect(), seed)
    }
}

impl PathTest {
    fn new(path: &PathKey) -> Self {
        match path {
            PathKey::Any => Self::Any,
            PathKey::Exact(path) => Self::Exact(Text::new(path)),
            PathKey::Prefix(path) => Self::Prefix(Text::new(path)),
        }
    }

    fn key(&self) -> PathKey {
        match self {
            Self::Any => PathKey::Any,
            Self::Exact(path) => PathKey::Exact(path.as_bytes().into()),
            Self::Prefix(path) => PathKey::Prefix(path.as_bytes().into()),
        }
    }

    #[inline]
    fn admits(&self, path: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(wanted) => path == wanted.as_bytes(),
            Self::Prefix(wanted) => path.starts_with(wanted.as_bytes()),
        }
    }
}

/// Entries by the path that they stand under.
#[derive(Default)]
struct Groups {
    any: Vec<Entry>,
    exact: Group,
    prefix: Group,
}

type Group = HashMap<Box<[u8]>, Vec<Entry>, ahash::RandomState>;

impl Groups {
    fn new(placed: Vec<Placed>) -> Self {
        let mut groups = Self::default();
        for (path, entry) in placed {
            match path {
                PathKey::Any => groups.any.push(entry),
                PathKey::Exact(path) => groups.exact.entry(path).or_default().push(entry),
                PathKey::Prefix(path) => groups.prefix.entry(path).or_default().push(entry),
            }
        }
        groups
    }

    /// Names the paths at which something is taken away.
    fn touch(&mut self, vacated: &[PathKey]) {
        for path in vacated {
            match path {
                PathKey::Any => {}
                PathKey::Exact(path) => drop(self.exact.entry(path.clone()).or_default()),
                PathKey::Prefix(path) => drop(self.prefix.entry(path.clone()).or_default()),
            }
        }
    }
}

impl PathIndex {
    fn new(placed: Vec<Placed>, seed: Seed) -> Self {
        let groups = Groups::new(placed);
        let exact_bytes_max = groups.exact.keys().map(|path| path.len()).max();
        let prefixes = groups.prefix.keys().map(|path| (path.len(), true));
        Self {
            any: List::new(groups.any),
            exact_bytes_max: exact_bytes_max.unwrap_or_default(),
            lengths: counted(&[], prefixes),
            exact: Map::new(nodes(groups.exact), seed),
            prefix: Map::new(nodes(groups.prefix), seed),
        }
    }

    fn is_empty(&self) -> bool {
        self.any.as_slice().is_empty() && self.exact.is_empty() && self.prefix.is_empty()
    }

    fn search<'table, F: Facts>(&'table self, seed: Seed, search: &mut Search<'table, '_, F>) {
        let path = search.path;
        if !self.exact.is_empty()
            && path.len() <= self.exact_bytes_max
            && let Some(node) = self.exact.get(seed.hash(path), path)
        {
            node.list.search(search);
        }
        let mut rolling = Rolling::new(seed, path);
        for (length, _) in &self.lengths {
            let Some(prefix) = path.get(..*length) else {
                break;
            };
            if let Some(node) = self.prefix.get(rolling.at(*length), prefix) {
                node.list.search(search);
            }
        }
        self.any.search(search);
    }

    fn edited(&self, change: Change, gone: &[u32], seed: Seed) -> Self {
        let mut groups = Groups::new(change.added);
        groups.touch(&change.vacated);
        let stays = |entry: &Entry| gone.binary_search(&entry.id).is_err();
        let any_vacated = change.vacated.contains(&PathKey::Any);
        let any = if any_vacated || !groups.any.is_empty() {
            self.any.edited(stays, groups.any)
        } else {
            self.any.clone()
        };
        let exact_longest = groups.exact.keys().map(|path| path.len()).max();
        let exact = edits(&self.exact, groups.exact, stays, seed);
        let prefix = edits(&self.prefix, groups.prefix, stays, seed);
        let changed = prefix.iter().filter_map(|(path, node)| {
            let before = self.prefix.get(seed.hash(path), path).is_some();
            (before != node.is_some()).then(|| (path.len(), node.is_some()))
        });
        Self {
            any,
            exact_bytes_max: self.exact_bytes_max.max(exact_longest.unwrap_or_default()),
            lengths: counted(&self.lengths, changed),
            exact: self.exact.edited(exact, seed),
            prefix: self.prefix.edited(prefix, seed),
        }
    }
}

fn nodes(group: Group) -> Vec<PathNode> {
    let nodes = group.into_iter().map(|(path, entries)| PathNode {
        path: Text::new(&path),
        list: List::new(entries),
    });
    nodes.collect()
}

/// What becomes of each path in `group` once those that do not stay are gone.
fn edits(
    map: &Map<PathNode>,
    group: Group,
    stays: impl Fn(&Entry) -> bool + Copy,
    seed: Seed,
) -> Vec<Edit<PathNode>> {
    let edits = group.into_iter().map(|(path, added)| {
        let list = match map.get(seed.hash(&path), &path) {
            Some(node) => node.list.edited(stays, added),
            None => List::new(added),
        };
        let node = (!list.as_slice().is_empty()).then(|| PathNode {
            path: Text::new(&path),
            list,
        });
        (path, node)
    });
    edits.collect()
}

/// Counts of lengths after some came (`true`) or went.
fn counted(
    before: &[(usize, usize)],
    changes: impl Iterator<Item = (usize, bool)>,
) -> Box<[(usize, usize)]> {
    let mut counts: HashMap<usize, usize> = before.iter().copied().collect();
    for (length, came) in changes {
        let count = counts.entry(length).or_default();
        *count = if came {
            *count + 1
        } else {
            count.saturating_sub(1)
        };
    }
    let mut lengths: Vec<_> = counts.into_iter().filter(|(_, count)| *count > 0).collect();
    lengths.sort_unstable();
    lengths.into()
}

impl List {
    fn new(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(Entry::cmp);
        match <[Entry; 1]>::try_from(entries) {
            Ok([one]) => Self::One(one),
            Err(entries) => Self::More(entries.into()),
        }
    }

    #[inline]
    fn as_slice(&self) -> &[Entry] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::More(entries) => entries,
        }
    }

    #[inline]
    fn search<'table, F: Facts>(&'table self, search: &mut Search<'table, '_, F>) {
        for entry in self.as_slice() {
            if !search.try_entry(entry) {
                return;
            }
        }
    }

    fn edited(&self, stays: impl Fn(&Entry) -> bool, added: Vec<Entry>) -> Self {
        let kept = self.as_slice().iter().filter(|entry| stays(entry)).cloned();
        Self::new(kept.chain(added).collect())
    }
}

impl Keyed for PathNode {
    #[inline]
    fn key(&self) -> &[u8] {
        self.path.as_bytes()
    }
}
