//! Hosts, and the domains that wildcards and expressions stand for.

use super::hash::Seed;
use super::paths::Paths;
use super::shards::{Edit, Keyed, Map};
use super::text::Text;

/// A host, or what hosts end with, and its routes.
#[derive(Clone, Debug)]
pub(super) struct Host {
    name: Text<38>,
    pub(super) paths: Paths,
}

impl Host {
    pub(super) fn new(name: &[u8], paths: Paths) -> Self {
        Self {
            name: Text::new(name),
            paths,
        }
    }
}

impl Keyed for Host {
    #[inline]
    fn key(&self) -> &[u8] {
        self.name.as_bytes()
    }
}

/// What hosts end with, behind a dot.
#[derive(Clone, Debug)]
pub(super) struct Suffixes {
    map: Map<Host>,
    /// How many suffixes have so many labels; the last counts all that have more.
    counts: [u32; LABELS_MAX],
    /// A bit for each count that is not zero.
    present: u64,
}

const LABELS_MAX: usize = 64;

impl Suffixes {
    pub(super) fn new(hosts: Vec<Host>, seed: Seed) -> Self {
        let mut suffixes = Self {
            map: Map::new(Vec::new(), seed),
            counts: [0; LABELS_MAX],
            present: 0,
        };
        for host in &hosts {
            suffixes.counts[labels(host.key())] += 1;
        }
        suffixes.map = Map::new(hosts, seed);
        suffixes.see();
        suffixes
    }

    pub(super) fn get(&self, suffix: &[u8], seed: Seed) -> Option<&Host> {
        self.map.get(seed.hash(suffix), suffix)
    }

    pub(super) fn edited(&self, edits: Vec<Edit<Host>>, seed: Seed) -> Self {
        let mut counts = self.counts;
        for (key, host) in &edits {
            let count = &mut counts[labels(key)];
            match (self.get(key, seed).is_some(), host.is_some()) {
                (false, true) => *count += 1,
                (true, false) => *count -= 1,
                (true, true) | (false, false) => {}
            }
        }
        let mut suffixes = Self {
            map: self.map.edited(edits, seed),
            counts,
            present: 0,
        };
        suffixes.see();
        suffixes
    }

    fn see(&mut self) {
        let counts = self.counts.iter().rev();
        self.present = counts.fold(0, |bits, count| bits << 1 | u64::from(*count > 0));
    }

    /// The hosts' entries whose suffix `host` has, the shortest first.
    #[inline]
    pub(super) fn of<'table>(
        &'table self,
        host: &[u8],
        seed: Seed,
    ) -> impl Iterator<Item = &'table Host> {
        let dots = memchr::memrchr_iter(b'.', if self.present == 0 { b"" } else { host });
        dots.enumerate().filter_map(move |(index, dot)| {
            let bit = index.min(LABELS_MAX - 1);
            let suffix = host.get(dot + 1..).unwrap_or_default();
            let known = self.present >> bit & 1 == 1;
            if known { self.get(suffix, seed) } else { None }
        })
    }
}

/// The dots of a suffix, which are its labels but one, up to the last that is counted.
fn labels(suffix: &[u8]) -> usize {
    memchr::memchr_iter(b'.', suffix)
        .count()
        .min(LABELS_MAX - 1)
}
