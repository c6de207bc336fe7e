//! Which custom resources are installed. They are picked up when they come later.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use kube::Client;
use tokio::time::sleep;

use super::api::{Trouble, within};
use super::hub::Hub;
use super::pace::Pace;
use crate::provider::kubernetes::objects::{Group, Kind};

/// How often a group that lacks a kind is asked again.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Starts to watch each kind of the group that is installed.
pub(super) async fn discover(hub: Rc<Hub>, client: Client, group: Group) {
    let mut left: BTreeSet<Kind> = Kind::CUSTOM.into_iter().collect();
    let mut pace = Pace::new(Duration::from_millis(200), Duration::from_secs(2));
    let (name, version) = Kind::IngressRoute.api(group);
    let api = format!("{name}/{version}");
    while !left.is_empty() {
        let answer = within(client.list_api_group_resources(&api)).await;
        let mut pause = ASK_EVERY;
        match answer {
            Ok(list) => {
                let installed: BTreeSet<String> =
                    list.resources.into_iter().map(|one| one.name).collect();
                let found: Vec<Kind> = left
                    .iter()
                    .copied()
                    .filter(|kind| installed.contains(kind.plural()))
                    .collect();
                for kind in found {
                    left.remove(&kind);
                    hub.start(&client, kind, group);
                }
                hub.is_settled(&api);
            }
            // Who may not ask tries each kind.
            Err(Trouble::Forbidden) => {
                for kind in std::mem::take(&mut left) {
                    hub.start(&client, kind, group);
                }
                hub.is_settled(&api);
            }
            Err(Trouble::Missing | Trouble::Gone | Trouble::Conflict) => hub.is_settled(&api),
            Err(Trouble::Busy(asked)) => pause = asked,
            Err(trouble @ Trouble::Broken(_)) => {
                hub.is_lost(&trouble);
                pause = pace.next();
            }
        }
        sleep(pause).await;
    }
}
