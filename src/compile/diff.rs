use std::collections::BTreeMap;
use std::collections::btree_map::Iter;
use std::iter::Peekable;
use std::sync::Arc;

/// What changed between two versions of the same objects. Unchanged ones are told by their
/// pointer: a provider keeps the `Arc` of what did not change.
#[derive(Debug)]
pub(super) struct Changes<'maps, T> {
    /// New, or not the same as before.
    pub(super) put: Vec<(&'maps str, &'maps Arc<T>)>,
    pub(super) gone: Vec<&'maps str>,
}

impl<'maps, T> Changes<'maps, T> {
    /// Walks both maps side by side.
    pub(super) fn between(
        old: &'maps BTreeMap<String, Arc<T>>,
        new: &'maps BTreeMap<String, Arc<T>>,
    ) -> Self {
        let mut changes = Self {
            put: Vec::new(),
            gone: Vec::new(),
        };
        let (mut before, mut after) = (old.iter().peekable(), new.iter().peekable());
        while changes.step(&mut before, &mut after) {}
        changes
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.put.is_empty() && self.gone.is_empty()
    }

    fn step(
        &mut self,
        before: &mut Peekable<Iter<'maps, String, Arc<T>>>,
        after: &mut Peekable<Iter<'maps, String, Arc<T>>>,
    ) -> bool {
        match (before.peek(), after.peek()) {
            (None, None) => return false,
            (Some((old, _)), Some((new, _))) if old < new => {
                self.gone
                    .extend(before.next().map(|(name, _)| name.as_str()));
            }
            (Some(_), None) => self
                .gone
                .extend(before.next().map(|(name, _)| name.as_str())),
            (Some((old, was)), Some((new, is))) if old == new => {
                if !Arc::ptr_eq(was, is) {
                    self.put.push((new, is));
                }
                before.next();
                after.next();
            }
            (_, Some(_)) => self
                .put
                .extend(after.next().map(|(name, is)| (name.as_str(), is))),
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_named() {
        let one = Arc::new(1);
        let map = |pairs: &[(&str, &Arc<i32>)]| {
            pairs
                .iter()
                .map(|(name, value)| ((*name).to_owned(), Arc::clone(value)))
                .collect()
        };
        let old: BTreeMap<String, Arc<i32>> = map(&[("a", &one), ("b", &one), ("d", &one)]);
        let new = map(&[("a", &one), ("b", &Arc::new(1)), ("c", &one)]);
        let changes = Changes::between(&old, &new);
        let put: Vec<&str> = changes.put.iter().map(|(name, _)| *name).collect();
        assert_eq!((put, changes.gone), (vec!["b", "c"], vec!["d"]));
        assert!(Changes::between(&new, &new).is_empty());
    }
}
