//! A cluster that is watched: lists and watches of the kinds that are read, kept as `Objects`,
//! translated, and sent whenever something came of a change.
//!
//! One thread with a runtime of its own does it all; without a Kubernetes provider there is
//! neither. Whatever happens to the API server, what was read stays in force.
//! Never here: what an object means.

mod api;
mod connect;
mod feed;
mod groups;
mod hub;
mod object;
mod pace;
mod status;

use std::io;
use std::rc::Rc;
use std::thread::{self, JoinHandle};

use crossbeam_channel::Sender;
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use self::hub::{Desk, Hub};
use super::translate::Flavour;
use crate::config::statics::Kubernetes;
use crate::provider::Message;

/// Which providers are on, and what holds for both.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub custom: Option<Kubernetes>,
    pub ingress: Option<Kubernetes>,
    /// Rules without a syntax of their own are read as version 2.
    pub is_rule_v2: bool,
}

impl Settings {
    /// True when no Kubernetes provider is on.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.custom.is_none() && self.ingress.is_none()
    }

    /// The providers, those that look at one cluster in one way together.
    fn clusters(self) -> Vec<Vec<Desk>> {
        let custom = self.custom.map(|options| (Flavour::Custom, options));
        let ingress = self.ingress.map(|options| (Flavour::Ingress, options));
        let mut clusters: Vec<Vec<Desk>> = Vec::new();
        for (flavour, options) in custom.into_iter().chain(ingress) {
            let desk = Desk::new(flavour, options, self.is_rule_v2);
            let same = clusters.iter_mut().find(|desks| {
                desks
                    .first()
                    .is_some_and(|first| first.options.cluster == desk.options.cluster)
            });
            match same {
                Some(desks) => desks.push(desk),
                None => clusters.push(vec![desk]),
            }
        }
        clusters
    }
}

/// A running watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Watches the clusters from a thread of its own.
pub fn watch(settings: Settings, sink: Sender<Message>) -> io::Result<Watch> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = thread::Builder::new()
        .name("provider-kube".to_owned())
        .spawn(move || {
            let local = LocalSet::new();
            for desks in settings.clusters() {
                let hub = Rc::new(Hub::new(desks, sink.clone()));
                local.spawn_local(hub::run(hub));
            }
            // The sender that is gone has asked to stop as well.
            local.block_on(&runtime, async move { drop(stopped.await) });
        })?;
    Ok(Watch {
        stop: Some(stop),
        thread: Some(thread),
    })
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The thread may have ended by itself, and then nobody hears this.
            let _gone = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic over there was printed there.
            let _ended = thread.join();
        }
    }
}
