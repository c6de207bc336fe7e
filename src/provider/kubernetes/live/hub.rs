//! What all feeds of one cluster share: its objects, the books made of them, and what is wrong.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;
use kube::Client;
use tokio::sync::{Notify, watch};
use tokio::task::spawn_local;
use tokio::time::{sleep, timeout};

use super::api::{Place, Trouble, within};
use super::connect::connect;
use super::object::Raw;
use super::pace::Pace;
use super::{feed, groups, status};
use crate::base::{Tick, clock};
use crate::config::dynamic::Configuration;
use crate::config::statics::{Cluster, Kubernetes};
use crate::config::{Places, Problem, Severity};
use crate::provider::Message;
use crate::provider::kubernetes::objects::{Group, Key, Kind, ObjectRef, Objects, read};
use crate::provider::kubernetes::translate::{Book, Changed, Flavour, World};

/// How long the first configuration waits for kinds that can not be read yet.
const START_GRACE: Duration = Duration::from_secs(10);
/// How long a change waits for others that come with it.
const GATHER: Duration = Duration::from_millis(5);
/// How often the server is asked whether it is there, and how long that may take.
const BEAT: Duration = Duration::from_secs(2);
/// What stands for the API server where a problem names an object.
const SERVER: &str = "Kubernetes API";

/// Problems of objects that could not be read, or not all of them.
type Unreadable = BTreeMap<(Kind, Group, Key), Vec<Problem>>;

/// One provider.
#[derive(Debug)]
pub(super) struct Desk {
    pub(super) flavour: Flavour,
    pub(super) options: Kubernetes,
    is_rule_v2: bool,
    /// `None` before the first configuration.
    book: Option<Book>,
    configuration: Arc<Configuration>,
    /// Something is to be sent.
    is_due: bool,
    /// Nothing is sent before.
    free_at: Tick,
}

impl Desk {
    pub(super) fn new(flavour: Flavour, options: Kubernetes, is_rule_v2: bool) -> Self {
        Self {
            flavour,
            options,
            is_rule_v2,
            book: None,
            configuration: Arc::default(),
            is_due: false,
            free_at: Tick::ZERO,
        }
    }

    fn update(&mut self, objects: &Objects, changes: &[ObjectRef]) {
        let world = World {
            objects,
            options: &self.options,
            flavour: self.flavour,
            is_rule_v2: self.is_rule_v2,
            hides_secrets: false,
        };
        let changed = match &mut self.book {
            Some(book) => book.update(world, changes),
            None => {
                self.book = Some(Book::fill(world));
                Changed::ALL
            }
        };
        if changed.configuration
            && let Some(book) = &self.book
        {
            self.configuration = Arc::new(book.configuration());
        }
        self.is_due |= changed.configuration || changed.report;
    }
}

/// See above.
#[derive(Debug)]
pub(super) struct Hub {
    desks: RefCell<Vec<Desk>>,
    objects: RefCell<Objects>,
    changes: RefCell<Vec<ObjectRef>>,
    /// What has to be read before the first configuration.
    awaited: RefCell<BTreeSet<String>>,
    /// What is wrong with the server or our rights, by what it concerns.
    troubles: RefCell<BTreeMap<String, Problem>>,
    /// What is wrong with single objects.
    unreadable: RefCell<Unreadable>,
    /// Kinds that are watched only because an object asks for them.
    asked_for: RefCell<BTreeSet<Kind>>,
    news: Notify,
    lost: watch::Sender<u64>,
    sink: Sender<Message>,
}

impl Hub {
    pub(super) fn new(desks: Vec<Desk>, sink: Sender<Message>) -> Self {
        Self {
            desks: RefCell::new(desks),
            objects: RefCell::default(),
            changes: RefCell::default(),
            awaited: RefCell::default(),
            troubles: RefCell::default(),
            unreadable: RefCell::default(),
            asked_for: RefCell::default(),
            news: Notify::new(),
            lost: watch::Sender::new(0),
            sink,
        }
    }

    fn cluster(&self) -> Cluster {
        let desks = self.desks.borrow();
        desks
            .first()
            .map(|desk| desk.options.cluster.clone())
            .unwrap_or_default()
    }

    /// The options of a provider that is on.
    pub(super) fn options(&self, flavour: Flavour) -> Option<Kubernetes> {
        let desks = self.desks.borrow();
        let desk = desks.iter().find(|desk| desk.flavour == flavour);
        desk.map(|desk| desk.options.clone())
    }

    /// Looks at the objects.
    pub(super) fn look<T>(&self, look: impl FnOnce(&Objects) -> T) -> T {
        look(&self.objects.borrow())
    }

    /// Ends when the server can't be reached.
    pub(super) fn lost(&self) -> watch::Receiver<u64> {
        self.lost.subscribe()
    }

    /// Begins to watch a kind, in each namespace that the options name.
    pub(super) fn start(self: &Rc<Self>, client: &Client, kind: Kind, group: Group) {
        let flavour = if kind.is_custom() {
            Some(Flavour::Custom)
        } else if kind == Kind::Ingress {
            Some(Flavour::Ingress)
        } else {
            None
        };
        let options = flavour.and_then(|flavour| self.options(flavour));
        let labels = options
            .map(|options| options.label_selector)
            .unwrap_or_default();
        let namespaces = self.cluster().namespaces;
        let namespaces: Vec<Option<String>> = if namespaces.is_empty() || !kind.is_namespaced() {
            vec![None]
        } else {
            namespaces.into_iter().map(Some).collect()
        };
        for namespace in namespaces {
            let place = Place {
                kind,
                group,
                namespace,
                labels: labels.clone(),
            };
            self.awaited.borrow_mut().insert(place.to_string());
            spawn_local(feed::follow(Rc::clone(self), client.clone(), place));
        }
    }

    /// Takes an object in. Gives its name.
    pub(super) fn put(&self, place: &Place, raw: &Raw) -> Key {
        let (object, told) = read(place.kind, raw.tree.root(), "");
        let seat = (place.kind, place.group, told.key.clone());
        let mut unreadable = self.unreadable.borrow_mut();
        let before = unreadable.remove(&seat);
        let is_news = before.as_ref().unwrap_or(&Vec::new()) != &told.problems;
        if !told.problems.is_empty() {
            unreadable.insert(seat, told.problems);
        }
        let mut objects = self.objects.borrow_mut();
        let changes = match object {
            Some(object) => objects.put(place.group, object),
            None => objects.remove(place.kind, place.group, &told.key),
        };
        self.note(changes, is_news);
        told.key
    }

    pub(super) fn remove(&self, place: &Place, raw: &Raw) {
        let (_, told) = read(place.kind, raw.tree.root(), "");
        self.forget(place, &told.key);
    }

    fn forget(&self, place: &Place, key: &Key) {
        let seat = (place.kind, place.group, key.clone());
        let was_wrong = self.unreadable.borrow_mut().remove(&seat).is_some();
        let mut objects = self.objects.borrow_mut();
        let changes = objects.remove(place.kind, place.group, key);
        self.note(changes, was_wrong);
    }

    /// A list is complete: what is not in it is gone.
    pub(super) fn keep_only(&self, place: &Place, seen: &BTreeSet<Key>) {
        let known = self.objects.borrow().keys(place.kind, place.group);
        let here = |key: &&Key| match &place.namespace {
            Some(namespace) => *key.namespace == **namespace,
            None => true,
        };
        for key in known.iter().filter(here).filter(|key| !seen.contains(*key)) {
            self.forget(place, key);
        }
    }

    fn note(&self, changes: Vec<ObjectRef>, is_news: bool) {
        if is_news {
            for desk in self.desks.borrow_mut().iter_mut() {
                desk.is_due = true;
            }
        }
        if is_news || !changes.is_empty() {
            self.changes.borrow_mut().extend(changes);
            self.news.notify_one();
        }
    }

    /// The place was read.
    pub(super) fn is_well(&self, place: &Place) {
        let mut troubles = self.troubles.borrow_mut();
        let was_ill = troubles.remove(&place.to_string()).is_some();
        let was_lost = troubles.remove(SERVER).is_some();
        drop(troubles);
        self.note(Vec::new(), was_ill || was_lost);
        self.is_settled(&place.to_string());
    }

    /// The place could not be read.
    pub(super) fn is_ill(&self, place: &Place, trouble: &Trouble) {
        match trouble {
            Trouble::Forbidden => {
                let message = format!("we have no right to list and watch {place}");
                let hint = format!(
                    "add to the rules of our {}: {}",
                    if place.namespace.is_some() {
                        "Role"
                    } else {
                        "ClusterRole"
                    },
                    place.rule()
                );
                self.trouble(&place.to_string(), Problem::error(message).hint(hint));
                self.is_settled(&place.to_string());
            }
            Trouble::Missing => {
                self.keep_only(place, &BTreeSet::new());
                self.is_settled(&place.to_string());
            }
            Trouble::Busy(_) | Trouble::Gone | Trouble::Conflict | Trouble::Broken(_) => {
                self.is_lost(trouble);
            }
        }
    }

    /// The server does not do what it should.
    pub(super) fn is_lost(&self, trouble: &Trouble) {
        let message = format!("{trouble}; what was read before stays in force");
        self.trouble(SERVER, Problem::warning(message));
    }

    /// Notes what is wrong; the first thing said of a kind stays until it is well again.
    pub(super) fn trouble(&self, about: &str, problem: Problem) {
        let problem = problem.object(SERVER).field(SERVER);
        let mut troubles = self.troubles.borrow_mut();
        if !troubles.contains_key(about) {
            troubles.insert(about.to_owned(), problem);
            drop(troubles);
            self.note(Vec::new(), true);
        }
    }

    pub(super) fn well(&self, about: &str) {
        let was_ill = self.troubles.borrow_mut().remove(about).is_some();
        self.note(Vec::new(), was_ill);
    }

    /// It need not be waited for any longer.
    pub(super) fn is_settled(&self, what: &str) {
        if self.awaited.borrow_mut().remove(what) {
            self.news.notify_one();
        }
    }

    /// Translates what has changed, and sends what came of it. When to come again, if something
    /// has to wait.
    fn flush(self: &Rc<Self>, client: Option<&Client>) -> Option<Tick> {
        let changes = std::mem::take(&mut *self.changes.borrow_mut());
        let objects = self.objects.borrow();
        let now = clock::now();
        let mut again: Option<Tick> = None;
        for desk in self.desks.borrow_mut().iter_mut() {
            desk.update(&objects, &changes);
            if !desk.is_due {
                continue;
            }
            if desk.free_at > now {
                again = Some(again.map_or(desk.free_at, |other| other.min(desk.free_at)));
                continue;
            }
            desk.is_due = false;
            desk.free_at = now + desk.options.throttle;
            // The control thread is gone only when the process ends.
            let _gone = self.sink.send(self.message(desk));
        }
        drop(objects);
        if let Some(client) = client {
            self.start_what_is_asked_for(client);
        }
        again
    }

    fn message(&self, desk: &Desk) -> Message {
        let provider = desk.flavour.provider();
        let mut report = desk
            .book
            .as_ref()
            .map(|book| book.report(desk.flavour))
            .unwrap_or_default();
        let troubles = self.troubles.borrow();
        report.extend(
            troubles
                .values()
                .cloned()
                .map(|one| one.from_provider(provider)),
        );
        for ((kind, _, key), problems) in self.unreadable.borrow().iter() {
            let is_ours = match desk.flavour {
                Flavour::Custom => kind.is_custom(),
                Flavour::Ingress => !kind.is_custom(),
            };
            for problem in problems.iter().filter(|_| is_ours) {
                let name = format!("{kind} {key}");
                let field = format!("{name} {}", problem.field);
                let mut problem = problem.clone().object(name).field(field.trim_end());
                provider.clone_into(&mut problem.provider);
                if problem.severity == Severity::Error {
                    problem.message.push_str("; the object is left out");
                }
                report.push(problem);
            }
        }
        Message {
            provider: provider.to_owned(),
            configuration: Arc::clone(&desk.configuration),
            places: Arc::new(Places::new()),
            report,
            debug: Vec::new(),
        }
    }

    /// Nodes and ConfigMaps are read only where an object names them: most clusters have many of
    /// both, and most roles no right to them.
    fn start_what_is_asked_for(self: &Rc<Self>, client: &Client) {
        for kind in [Kind::Node, Kind::ConfigMap] {
            let is_asked = self
                .desks
                .borrow()
                .iter()
                .any(|desk| desk.book.as_ref().is_some_and(|book| book.asks_for(kind)));
            if is_asked && self.asked_for.borrow_mut().insert(kind) {
                self.start(client, kind, Group::Core);
            }
        }
    }

    fn first_kinds(&self) -> BTreeSet<Kind> {
        let mut kinds = BTreeSet::from([Kind::Service, Kind::EndpointSlice, Kind::Secret]);
        if let Some(options) = self.options(Flavour::Ingress) {
            kinds.insert(Kind::Ingress);
            let looks_up =
                !options.disable_ingress_class_lookup && !options.disable_cluster_scope_resources;
            if looks_up {
                kinds.insert(Kind::IngressClass);
            }
            let endpoint = options.ingress_endpoint.unwrap_or_default();
            if !endpoint.published_service.is_empty() && !options.disable_cluster_scope_resources {
                // A published Service of type NodePort has the addresses of nodes.
                self.asked_for.borrow_mut().insert(Kind::Node);
                kinds.insert(Kind::Node);
            }
        }
        kinds
    }
}

/// Connects, and keeps everything up to date.
pub(super) async fn run(hub: Rc<Hub>) {
    const CONNECTION: &str = "connection";
    hub.awaited.borrow_mut().insert(CONNECTION.to_owned());
    let writer = Rc::clone(&hub);
    let (told, known) = watch::channel(None);
    spawn_local(write(writer, known));
    let mut pace = Pace::new(Duration::from_millis(250), Duration::from_secs(2));
    let client = loop {
        match connect(&hub.cluster()).await {
            Ok(client) => break client,
            Err(why) => {
                let hint = "see docs/kubernetes.md";
                hub.trouble(CONNECTION, Problem::error(why).hint(hint));
                hub.is_settled(CONNECTION);
                sleep(pace.next()).await;
            }
        }
    };
    // The writer lives as long as the hub.
    let _gone = told.send(Some(client.clone()));
    for kind in hub.first_kinds() {
        hub.start(&client, kind, Group::Core);
    }
    if hub.options(Flavour::Custom).is_some() {
        for group in [Group::Traefik, Group::Containous] {
            let (name, version) = Kind::IngressRoute.api(group);
            hub.awaited.borrow_mut().insert(format!("{name}/{version}"));
            spawn_local(groups::discover(Rc::clone(&hub), client.clone(), group));
        }
    }
    if let Some(options) = hub.options(Flavour::Ingress)
        && let Some(endpoint) = options.ingress_endpoint.clone()
    {
        let hub = Rc::clone(&hub);
        spawn_local(status::keep(hub, client.clone(), options, endpoint));
    }
    hub.well(CONNECTION);
    hub.is_settled(CONNECTION);
    beat(&hub, &client).await;
}

/// Sends what is new: the first time when everything has been read once.
async fn write(hub: Rc<Hub>, client: watch::Receiver<Option<Client>>) {
    let begun = clock::now();
    let waited = || clock::now().since(begun);
    loop {
        hub.news.notified().await;
        while !hub.awaited.borrow().is_empty() && waited() < START_GRACE {
            let left = START_GRACE.saturating_sub(waited());
            // Either something came, or the time is over.
            let _over = timeout(left, hub.news.notified()).await;
        }
        sleep(GATHER).await;
        loop {
            let client = client.borrow().clone();
            let Some(again) = hub.flush(client.as_ref()) else {
                break;
            };
            sleep(again.since(clock::now())).await;
        }
    }
}

/// Asks the server whether it is there. A stream over a path that is cut says nothing, and would
/// say nothing for minutes after the path is back.
async fn beat(hub: &Hub, client: &Client) {
    let mut missed = 0_u32;
    loop {
        sleep(BEAT).await;
        let answer = timeout(BEAT, within(client.apiserver_version())).await;
        match answer {
            Ok(Ok(_)) => {
                missed = 0;
                hub.well(SERVER);
            }
            Ok(Err(
                Trouble::Forbidden
                | Trouble::Missing
                | Trouble::Gone
                | Trouble::Conflict
                | Trouble::Busy(_),
            )) => {
                missed = 0;
            }
            Ok(Err(Trouble::Broken(_))) | Err(_) => {
                missed += 1;
                hub.is_lost(&Trouble::Broken(
                    "the API server does not answer".to_owned(),
                ));
                if missed == 2 {
                    hub.lost.send_modify(|count| *count += 1);
                }
            }
        }
    }
}
