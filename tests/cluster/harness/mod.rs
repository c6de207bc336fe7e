//! What the tests stand on: the cluster that is up, a namespace for each test, plain requests.

mod client;
mod cluster;

use std::time::Duration;

pub(crate) use client::{Answer, get, udp};
pub(crate) use cluster::{Cluster, Namespace, repository};

/// Longer than a pod takes to start on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);
const PAUSE: Duration = Duration::from_millis(100);

/// Asks again and again until there is something, for as long as [`PATIENCE`] lasts.
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Result<T, String>) -> T {
    let mut last = String::new();
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        match ask() {
            Ok(found) => return found,
            Err(error) => last = error,
        }
        std::thread::park_timeout(PAUSE);
    }
    panic!("waited in vain for {what}; in the end: {last}")
}
