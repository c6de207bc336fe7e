use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Group, Held, Key, Kind, ObjectRef};

/// The objects of one kind, from both groups. Of two with one name that of `traefik.io` counts.
#[derive(Debug)]
pub struct Shelf<T> {
    current: BTreeMap<Key, Arc<Held<T>>>,
    /// Those of the old group.
    old: BTreeMap<Key, Arc<Held<T>>>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            current: BTreeMap::new(),
            old: BTreeMap::new(),
        }
    }
}

impl<T> Shelf<T> {
    pub fn find(&self, key: &Key) -> Option<&Arc<Held<T>>> {
        self.current.get(key).or_else(|| self.old.get(key))
    }

    /// Each object once.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Held<T>>> {
        let old = self.old.iter();
        let hidden = |key: &Key| self.current.contains_key(key);
        let old = old.filter(move |(key, _)| !hidden(key));
        self.current.values().chain(old.map(|(_, held)| held))
    }

    pub fn is_empty(&self) -> bool {
        self.current.is_empty() && self.old.is_empty()
    }

    fn side(&mut self, group: Group) -> &mut BTreeMap<Key, Arc<Held<T>>> {
        match group {
            Group::Traefik | Group::Core => &mut self.current,
            Group::Containous => &mut self.old,
        }
    }

    pub(super) fn keys(&self, group: Group) -> Vec<Key> {
        let side = match group {
            Group::Traefik | Group::Core => &self.current,
            Group::Containous => &self.old,
        };
        side.keys().cloned().collect()
    }

    pub(super) fn put(&mut self, kind: Kind, group: Group, held: Held<T>) -> Vec<ObjectRef>
    where
        T: PartialEq,
    {
        let key = held.meta.key.clone();
        let side = self.side(group);
        if side.get(&key).is_some_and(|before| **before == held) {
            return Vec::new();
        }
        side.insert(key.clone(), Arc::new(held));
        told(kind, key)
    }

    pub(super) fn remove(&mut self, kind: Kind, group: Group, key: &Key) -> Vec<ObjectRef> {
        match self.side(group).remove(key) {
            Some(_) => told(kind, key.clone()),
            None => Vec::new(),
        }
    }
}

/// Nodes, classes and (for the default backend) Ingresses are depended on all at once.
fn told(kind: Kind, key: Key) -> Vec<ObjectRef> {
    let own = ObjectRef::new(kind, key);
    if kind.is_namespaced() && kind != Kind::Ingress {
        vec![own]
    } else {
        vec![own, ObjectRef::all(kind)]
    }
}
