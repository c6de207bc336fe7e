//! One kind, listed and then watched, for as long as the process lives.

use std::collections::BTreeSet;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures_util::TryStreamExt;
use futures_util::future::{Either, select};
use kube::Client;
use kube::api::{Request, WatchEvent};
use tokio::time::sleep;

use super::api::{Place, Trouble, within};
use super::hub::Hub;
use super::object::Raw;
use super::pace::Pace;
use crate::base::clock;
use crate::provider::kubernetes::objects::Key;

/// The first pause after something failed, and the longest one.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// The longest pause where only a right is missing: it may be granted at any moment.
const LONGEST_RIGHT_PAUSE: Duration = Duration::from_millis(700);
/// How often a kind that is gone is asked for.
const MISSING_PAUSE: Duration = Duration::from_secs(2);
/// A watch that has lived so long has done well.
const LONG_LIFE: Duration = Duration::from_secs(5);

/// Why a watch ended.
enum End {
    /// Go on from the last version.
    Resume,
    /// List everything again.
    Relist,
}

/// Keeps the objects of a place up to date.
pub(super) async fn follow(hub: Rc<Hub>, client: Client, place: Place) {
    let mut pace = Pace::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut rights = Pace::new(FIRST_PAUSE, LONGEST_RIGHT_PAUSE);
    loop {
        match list(&hub, &client, &place).await {
            Ok(version) => {
                hub.is_well(&place);
                rights.reset();
                let begun = clock::now();
                watch(&hub, &client, &place, version).await;
                if clock::now().since(begun) >= LONG_LIFE {
                    pace.reset();
                }
                // A server that makes everybody list again must not get all lists at once.
                sleep(pace.next()).await;
            }
            Err(trouble) => {
                hub.is_ill(&place, &trouble);
                let pause = match &trouble {
                    Trouble::Forbidden => rights.next(),
                    Trouble::Missing => MISSING_PAUSE,
                    Trouble::Busy(pause) => *pause + pace.next(),
                    Trouble::Gone | Trouble::Conflict | Trouble::Broken(_) => pace.next(),
                };
                sleep(pause).await;
            }
        }
    }
}

/// Reads all objects of the place; gives the version that a watch begins at.
async fn list(hub: &Hub, client: &Client, place: &Place) -> Result<String, Trouble> {
    let mut seen: BTreeSet<Key> = BTreeSet::new();
    let mut next: Option<String> = None;
    loop {
        let page = place.page(client, next.as_deref()).await?;
        for raw in &page.items {
            seen.insert(hub.put(place, raw));
        }
        next = page.metadata.next.filter(|next| !next.is_empty());
        if next.is_none() {
            hub.keep_only(place, &seen);
            return Ok(page.metadata.resource_version);
        }
    }
}

/// Follows the changes from a version on, until everything has to be listed again.
async fn watch(hub: &Hub, client: &Client, place: &Place, from: String) {
    let mut version = from;
    let mut pace = Pace::new(FIRST_PAUSE, LONGEST_PAUSE);
    loop {
        let begun = clock::now();
        match stream(hub, client, place, &mut version).await {
            Ok(End::Relist) | Err(Trouble::Gone | Trouble::Missing | Trouble::Forbidden) => return,
            Ok(End::Resume) => {}
            Err(trouble) => {
                hub.is_ill(place, &trouble);
                if let Trouble::Busy(pause) = trouble {
                    sleep(pause).await;
                }
            }
        }
        if clock::now().since(begun) >= LONG_LIFE {
            pace.reset();
        }
        sleep(pace.next()).await;
    }
}

/// One watch, from its answer to its end.
async fn stream(
    hub: &Hub,
    client: &Client,
    place: &Place,
    version: &mut String,
) -> Result<End, Trouble> {
    let request = Request::new(place.path()).watch(&place.watch_params(), version);
    let request = request.map_err(|error| Trouble::Broken(error.to_string()))?;
    let events = within(client.request_events::<Raw>(request)).await?;
    hub.is_well(place);
    let mut events = pin!(events);
    let mut lost = hub.lost();
    loop {
        let event = match select(events.try_next(), pin!(lost.changed())).await {
            Either::Left((event, _)) => event.map_err(Trouble::from)?,
            // The server can't be reached: this stream may never tell.
            Either::Right(_) => return Ok(End::Resume),
        };
        match event {
            None => return Ok(End::Resume),
            Some(WatchEvent::Added(raw) | WatchEvent::Modified(raw)) => {
                renew(version, &raw);
                hub.put(place, &raw);
            }
            Some(WatchEvent::Deleted(raw)) => {
                renew(version, &raw);
                hub.remove(place, &raw);
            }
            Some(WatchEvent::Bookmark(mark)) => *version = mark.metadata.resource_version,
            Some(WatchEvent::Error(status)) if status.code == 410 => return Ok(End::Relist),
            Some(WatchEvent::Error(status)) => {
                let message = format!("the watch ended with {}: {}", status.code, status.message);
                return Err(Trouble::Broken(message));
            }
        }
    }
}

fn renew(version: &mut String, raw: &Raw) {
    if let Some(newer) = raw.resource_version() {
        newer.clone_into(version);
    }
}
