use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::names::{Claim, Names, PlainName};
use super::pen::Fragment;
use super::{Flavour, World, is_watched, translate};
use crate::config::dynamic::{Configuration, Section, StoredCertificate};
use crate::config::{Problem, Report};
use crate::provider::kubernetes::objects::{Key, Kind, ObjectRef, Objects};

/// How often names may change hands before a round ends; each change settles in two.
const ROUNDS_MAX: usize = 8;
/// The TLS options and the TLS store that belong to no namespace.
const DEFAULT: &str = "default";

/// What a change has changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Changed {
    pub configuration: bool,
    pub report: bool,
}

impl Changed {
    pub const ALL: Self = Self {
        configuration: true,
        report: true,
    };

    fn and(self, other: Self) -> Self {
        Self {
            configuration: self.configuration || other.configuration,
            report: self.report || other.report,
        }
    }
}

/// The fragments of all objects, and the configuration that they make together.
#[derive(Debug, Default)]
pub struct Book {
    fragments: BTreeMap<ObjectRef, Fragment>,
    /// Which fragments have looked at an object.
    readers: HashMap<ObjectRef, BTreeSet<ObjectRef>>,
    /// Which fragments use a name.
    users: HashMap<PlainName, BTreeSet<ObjectRef>>,
    /// Which fragments have made an object of the configuration.
    makers: HashMap<(Section, String), BTreeSet<ObjectRef>>,
    names: Names,
    /// Fragments that bring certificates.
    certified: BTreeSet<ObjectRef>,
    whole: Configuration,
}

impl Book {
    /// The configuration as it is now.
    pub fn configuration(&self) -> Configuration {
        self.whole.clone()
    }

    /// Translates everything.
    pub fn fill(world: World<'_>) -> Self {
        let mut book = Self::default();
        let mut all = BTreeSet::new();
        for kind in world.flavour.roots() {
            all.extend(keys(world.objects, *kind).map(|key| ObjectRef::new(*kind, key)));
        }
        book.renew(world, all);
        book
    }

    /// Translates anew what the changed objects touch. Tells what came of it.
    pub fn update(&mut self, world: World<'_>, changes: &[ObjectRef]) -> Changed {
        let mut dirty = BTreeSet::new();
        for change in changes {
            if world.flavour.roots().contains(&change.kind) && !change.key.name.is_empty() {
                dirty.insert(change.clone());
            }
            dirty.extend(self.readers.get(change).into_iter().flatten().cloned());
        }
        self.renew(world, dirty)
    }

    fn renew(&mut self, world: World<'_>, mut dirty: BTreeSet<ObjectRef>) -> Changed {
        let mut changed = Changed::default();
        for _ in 0..ROUNDS_MAX {
            let mut moved: BTreeSet<PlainName> = BTreeSet::new();
            for root in &dirty {
                changed = changed.and(self.renew_one(world, root, &mut moved));
            }
            let users = moved.iter().filter_map(|name| self.users.get(name));
            dirty = users.flatten().cloned().collect();
            if dirty.is_empty() {
                break;
            }
        }
        changed
    }

    /// Puts a new fragment in the place of the old one.
    fn renew_one(
        &mut self,
        world: World<'_>,
        root: &ObjectRef,
        moved: &mut BTreeSet<PlainName>,
    ) -> Changed {
        let old = self.fragments.remove(root).unwrap_or_default();
        let mut new = if is_watched(world.options, &root.key.namespace) {
            translate(world, &self.names, root)
        } else {
            Fragment::default()
        };
        new.configuration.reuse(&old.configuration);
        self.note_depends(root, &old, &new);
        self.note_claims(root, &old.claims, &new.claims, moved);
        let mut configuration = self.exchange(root, &old.configuration, &new.configuration);
        let has_certificates = old.certificates != new.certificates;
        if has_certificates {
            configuration = true;
            if new.certificates.is_empty() {
                self.certified.remove(root);
            } else {
                self.certified.insert(root.clone());
            }
        }
        let report = old.problems != new.problems;
        if new.is_there() {
            self.fragments.insert(root.clone(), new);
        }
        if has_certificates {
            self.gather_certificates();
        }
        Changed {
            configuration,
            report,
        }
    }

    /// True when some object depends on objects of a kind.
    pub fn asks_for(&self, kind: Kind) -> bool {
        self.readers.keys().any(|object| object.kind == kind)
    }

    fn note_depends(&mut self, root: &ObjectRef, old: &Fragment, new: &Fragment) {
        for gone in old.depends.difference(&new.depends) {
            if let Some(readers) = self.readers.get_mut(gone) {
                readers.remove(root);
                if readers.is_empty() {
                    self.readers.remove(gone);
                }
            }
        }
        for come in new.depends.difference(&old.depends) {
            let readers = self.readers.entry(come.clone()).or_default();
            readers.insert(root.clone());
        }
    }

    fn note_claims(
        &mut self,
        root: &ObjectRef,
        old: &[Claim],
        new: &[Claim],
        moved: &mut BTreeSet<PlainName>,
    ) {
        for come in new.iter().filter(|claim| !old.contains(claim)) {
            let name = (come.section, come.plain.clone());
            let users = self.users.entry(name.clone()).or_default();
            users.insert(root.clone());
            if self.names.add(come) {
                moved.insert(name);
            }
        }
        for gone in old.iter().filter(|claim| !new.contains(claim)) {
            let name = (gone.section, gone.plain.clone());
            if self.names.remove(gone) {
                moved.insert(name.clone());
            }
            let is_used = new
                .iter()
                .any(|one| one.section == gone.section && one.plain == gone.plain);
            if is_used {
                continue;
            }
            if let Some(users) = self.users.get_mut(&name) {
                users.remove(root);
                if users.is_empty() {
                    self.users.remove(&name);
                }
            }
        }
    }

    /// Takes the objects of the old fragment out of the whole and puts those of the new one in.
    fn exchange(&mut self, root: &ObjectRef, old: &Configuration, new: &Configuration) -> bool {
        let mut changed = false;
        let before: BTreeSet<(Section, String)> = old.names().collect();
        let after: BTreeSet<(Section, String)> = new.names().collect();
        for name in before.difference(&after) {
            changed = true;
            if let Some(makers) = self.makers.get_mut(name) {
                makers.remove(root);
                if makers.is_empty() {
                    self.makers.remove(name);
                }
            }
            self.place(name, None);
        }
        for name in after {
            let same = before.contains(&name) && new.shares(old, name.0, &name.1);
            if same {
                continue;
            }
            changed = true;
            let makers = self.makers.entry(name.clone()).or_default();
            makers.insert(root.clone());
            self.place(&name, Some((root, new)));
        }
        changed
    }

    /// Sees to it that the whole has the right object under a name.
    fn place(&mut self, name: &(Section, String), newest: Option<(&ObjectRef, &Configuration)>) {
        let (section, text) = (name.0, name.1.as_str());
        let makers = self.makers.get(name);
        let count = makers.map_or(0, BTreeSet::len);
        let is_default =
            text == DEFAULT && matches!(section, Section::TlsOptions | Section::TlsStores);
        // Two that are called default are both ignored: nobody can tell which is meant.
        if count == 0 || is_default && count > 1 {
            self.whole.take_out(section, text);
            return;
        }
        // Of several that make the same object, the first by name is asked.
        let first = makers.and_then(BTreeSet::first);
        match (first, newest) {
            (Some(first), Some((root, new))) if first == root => {
                self.whole.put_from(new, section, text);
            }
            (Some(first), _) => {
                if let Some(fragment) = self.fragments.get(first) {
                    self.whole.put_from(&fragment.configuration, section, text);
                }
            }
            (None, _) => {}
        }
    }

    fn gather_certificates(&mut self) {
        let mut all: BTreeMap<&str, &Arc<StoredCertificate>> = BTreeMap::new();
        for root in &self.certified {
            let found = self.fragments.get(root).into_iter();
            for (place, certificate) in found.flat_map(|fragment| &fragment.certificates) {
                all.entry(place).or_insert(certificate);
            }
        }
        self.whole.tls.certificates = all.into_values().map(Arc::clone).collect();
    }

    /// Everything that is wrong with any object.
    pub fn report(&self, flavour: Flavour) -> Report {
        let mut report = Report::new();
        for fragment in self.fragments.values() {
            report.extend(fragment.problems.iter().cloned());
        }
        for section in [Section::TlsOptions, Section::TlsStores] {
            let makers = self.makers.get(&(section, DEFAULT.to_owned()));
            let Some(makers) = makers.filter(|makers| makers.len() > 1) else {
                continue;
            };
            let names: Vec<String> = makers.iter().map(ToString::to_string).collect();
            for root in &names {
                let message = format!(
                    "several are called default: {}; none is used",
                    names.join(", ")
                );
                let problem = Problem::error(message)
                    .object(root.as_str())
                    .field(root.as_str())
                    .from_provider(flavour.provider())
                    .hint("keep it in one namespace");
                report.push(problem);
            }
        }
        report
    }

    /// The object that made something, such as `http.routers.a@kubernetescrd`.
    pub fn maker(&self, object: &str) -> Option<&ObjectRef> {
        let bare = object.rsplit_once('@').map_or(object, |(bare, _)| bare);
        let section = Section::ALL
            .iter()
            .find(|section| bare.starts_with(&format!("{}.", section.path())))?;
        let name = bare.get(section.path().len() + 1..)?;
        self.makers.get(&(*section, name.to_owned()))?.first()
    }
}

impl Fragment {
    /// False when the object said nothing, and nothing is wrong with it.
    fn is_there(&self) -> bool {
        !self.problems.is_empty()
            || !self.depends.is_empty()
            || !self.claims.is_empty()
            || !self.certificates.is_empty()
            || !self.configuration.is_empty()
    }
}

/// The names of all objects of a kind, from both groups.
fn keys(objects: &Objects, kind: Kind) -> impl Iterator<Item = Key> + use<> {
    use crate::provider::kubernetes::objects::Group;
    let mut keys: BTreeSet<Key> = objects.keys(kind, Group::Traefik).into_iter().collect();
    keys.extend(objects.keys(kind, Group::Containous));
    keys.into_iter()
}
