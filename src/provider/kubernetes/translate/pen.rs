use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::names::{Claim, Identity, Names};
use super::{Flavour, World};
use crate::config::dynamic::{Configuration, Section, StoredCertificate};
use crate::config::statics::Kubernetes;
use crate::config::{Places, Problem};
use crate::provider::kubernetes::objects::core::Secret;
use crate::provider::kubernetes::objects::{Held, Key, Kind, ObjectRef, Shelf};

/// What one object of the cluster becomes.
#[derive(Debug, Default)]
pub(in super::super) struct Fragment {
    pub(in super::super) configuration: Configuration,
    /// By where they come from, so that one that several objects name is there once.
    pub(in super::super) certificates: Vec<(String, Arc<StoredCertificate>)>,
    pub(super) claims: Vec<Claim>,
    /// Everything that was looked at: when it changes, the fragment is made anew.
    pub(in super::super) depends: BTreeSet<ObjectRef>,
    pub(in super::super) problems: Vec<Problem>,
}

/// What is wrong was noted already.
#[derive(Debug)]
pub(super) struct Told;

/// A place in an object: `spec.routes[0].services[1].port`.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'up> {
    up: Option<&'up Self>,
    name: &'up str,
    index: Option<usize>,
}

impl<'up> At<'up> {
    pub(super) fn root(name: &'up str) -> Self {
        Self {
            up: None,
            name,
            index: None,
        }
    }

    pub(super) fn field(&'up self, name: &'up str) -> Self {
        Self {
            up: Some(self),
            name,
            index: None,
        }
    }

    pub(super) fn item(&'up self, name: &'up str, index: usize) -> Self {
        Self {
            index: Some(index),
            ..self.field(name)
        }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(up) = self.up {
            write!(out, "{up}.")?;
        }
        out.write_str(self.name)?;
        match self.index {
            Some(index) => write!(out, "[{index}]"),
            None => Ok(()),
        }
    }
}

/// Writes the fragment of one object.
pub(super) struct Pen<'all> {
    world: World<'all>,
    names: &'all Names,
    pub(super) root: &'all ObjectRef,
    places: Option<Arc<Places>>,
    pub(super) out: Fragment,
}

impl<'all> Pen<'all> {
    pub(super) fn new(world: World<'all>, names: &'all Names, root: &'all ObjectRef) -> Self {
        Self {
            world,
            names,
            root,
            places: None,
            out: Fragment::default(),
        }
    }

    /// Looks up the object that is translated.
    pub(super) fn own<T>(&mut self, shelf: &'all Shelf<T>) -> Option<&'all Held<T>> {
        let held = shelf.find(&self.root.key)?;
        self.places.clone_from(&held.places);
        Some(held)
    }

    pub(super) fn options(&self) -> &'all Kubernetes {
        self.world.options
    }

    pub(super) fn world(&self) -> World<'all> {
        self.world
    }

    pub(super) fn flavour(&self) -> Flavour {
        self.world.flavour
    }

    /// The namespace of the object that is translated.
    pub(super) fn namespace(&self) -> &'all str {
        &self.root.key.namespace
    }

    /// Looks up another object.
    pub(super) fn look<T>(
        &mut self,
        kind: Kind,
        shelf: &'all Shelf<T>,
        key: &Key,
    ) -> Option<&'all Held<T>> {
        self.depend(ObjectRef::new(kind, key.clone()));
        shelf.find(key).map(|held| &**held)
    }

    pub(super) fn depend(&mut self, on: ObjectRef) {
        self.out.depends.insert(on);
    }

    /// Looks up a secret of the own namespace.
    pub(super) fn secret(&mut self, name: &str, at: At<'_>) -> Result<&'all Secret, Told> {
        let key = Key::new(self.namespace(), name);
        let objects = self.world.objects;
        match self.look(Kind::Secret, &objects.secrets, &key) {
            Some(held) => Ok(&held.spec),
            None => {
                let hint = "create it in the same namespace";
                Err(self.error(at, format!("there is no Secret {key}"), hint))
            }
        }
    }

    /// Names an object that this fragment makes.
    pub(super) fn make(&mut self, section: Section, plain: &str, identity: Identity) -> String {
        self.claim(section, plain, identity, true)
    }

    /// Names an object that another fragment makes.
    pub(super) fn refer(&mut self, section: Section, plain: &str, identity: Identity) -> String {
        self.claim(section, plain, identity, false)
    }

    fn claim(
        &mut self,
        section: Section,
        plain: &str,
        identity: Identity,
        is_made: bool,
    ) -> String {
        let claim = Claim {
            section,
            plain: plain.into(),
            identity,
            is_made,
        };
        if !self.out.claims.contains(&claim) {
            self.out.claims.push(claim);
        }
        self.names.of(section, plain, identity)
    }

    pub(super) fn error(
        &mut self,
        at: At<'_>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Told {
        self.note(Problem::error(message), at, hint.into());
        Told
    }

    pub(super) fn warn(&mut self, at: At<'_>, message: impl Into<String>, hint: impl Into<String>) {
        self.note(Problem::warning(message), at, hint.into());
    }

    fn note(&mut self, problem: Problem, at: At<'_>, hint: String) {
        let object = self.root.to_string();
        let path = at.to_string();
        let mut problem = problem
            .field(format!("{object} {path}"))
            .object(object)
            .from_provider(self.world.flavour.provider());
        if let Some(places) = &self.places
            && let Some(place) = places.find(&path)
        {
            problem = problem.at(places.file(place), place);
        }
        problem.hint = (!hint.is_empty()).then_some(hint);
        self.out.problems.push(problem);
    }

    /// Notes what the finished objects say about themselves.
    pub(super) fn finish(mut self) -> Fragment {
        let provider = self.world.flavour.provider();
        let none = Places::new();
        let report = crate::config::dynamic::verify(&self.out.configuration, provider, &none);
        for problem in &report {
            let mut problem = problem.clone();
            problem.field = format!("{} {}", self.root, problem.field);
            if let Some(places) = &self.places
                && let Some(place) = places.find("spec")
            {
                problem = problem.at(places.file(place), place);
            }
            self.out.problems.push(problem);
        }
        self.out
    }
}
