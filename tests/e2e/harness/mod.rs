//! What tests stand on: a router in its own process, raw clients, servers that follow a script.

mod client;
mod process;
mod refused;
mod router;
mod server;
mod servers;

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::Duration;

pub(crate) use client::{Answer, Client};
pub(crate) use process::Process;
pub(crate) use refused::{Refused, all_are_refused, with_lines, with_request_line};
pub(crate) use router::{Router, Site};
pub(crate) use server::{Heard, Peer, Server, with_text};
pub(crate) use servers::{Nginx, Whoami};

/// Longer than anything here takes on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Lets time pass.
pub(crate) fn pause(millis: u64) {
    let (_keep, never) = mpsc::channel::<()>();
    let waited = never.recv_timeout(Duration::from_millis(millis));
    assert!(waited.is_err());
}

/// Asks again and again until there is something, for as long as [`PATIENCE`] lasts.
pub(crate) fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..PATIENCE.as_millis() / 10 {
        if let Some(found) = ask() {
            return found;
        }
        pause(10);
    }
    panic!("waited in vain for {what}");
}

/// An address of this machine that nobody listens on just now.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}

/// The names of all tests of this repository.
pub(crate) fn all_tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut folders = vec![PathBuf::from("src"), PathBuf::from("tests")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let text = std::fs::read_to_string(path).unwrap();
                // What follows the attribute, other attributes left out.
                let tests = text.split("#[test]").skip(1);
                let named = tests.filter_map(|rest| rest.split_once("fn "));
                names.extend(named.map(|(_, rest)| {
                    let end = rest.find('(').unwrap_or(rest.len());
                    rest[..end].trim().to_owned()
                }));
            }
        }
    }
    names
}

/// A folder that is removed with its owner.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ringway-e2e-{}-{number}", std::process::id());
        // In memory where that can be had: a busy disk holds up a rename for many seconds.
        let memory = Path::new("/dev/shm").join(&name);
        if std::fs::create_dir(&memory).is_ok() {
            return Self(memory);
        }
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file of this folder as a careful editor does: whole, or not at all.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        let draft = self.0.join(format!(".{name}.draft"));
        std::fs::write(&draft, text).unwrap();
        std::fs::rename(&draft, &path).unwrap();
        path
    }

    /// The text of a file of this folder; nothing when it is not there.
    pub(crate) fn read(&self, name: &str) -> String {
        let bytes = std::fs::read(self.0.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind lies in the folder for temporary files.
        drop(std::fs::remove_dir_all(&self.0));
    }
}
