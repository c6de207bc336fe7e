//! Requests to an API server, and what their failures mean.

use std::fmt;
use std::time::Duration;

use kube::api::{ListParams, Request, WatchParams};
use kube::{Client, Error};
use tokio::time::timeout;

use super::object::Page;
use crate::base::limits;
use crate::provider::kubernetes::objects::{Group, Kind};

/// What is listed and watched: one kind, of one group, in one namespace or in all.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Place {
    pub(super) kind: Kind,
    pub(super) group: Group,
    /// `None`: all, or a kind without namespaces.
    pub(super) namespace: Option<String>,
    pub(super) labels: String,
}

/// Secrets that can be nothing for us: releases of Helm, and what lets machines in.
const SECRET_FIELDS: &str = "type!=helm.sh/release.v1,type!=kubernetes.io/service-account-token,\
    type!=kubernetes.io/dockerconfigjson,type!=kubernetes.io/dockercfg,\
    type!=bootstrap.kubernetes.io/token";

/// Why a request did not do.
#[derive(Debug)]
pub(super) enum Trouble {
    /// We have no right to.
    Forbidden,
    /// The kind is not installed.
    Missing,
    /// The version is too old: everything has to be listed again.
    Gone,
    /// Somebody else was quicker.
    Conflict,
    /// The server asks for a pause.
    Busy(Duration),
    /// It can't be reached, or answers what makes no sense.
    Broken(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forbidden => out.write_str("we have no right to"),
            Self::Missing => out.write_str("the kind is not installed"),
            Self::Gone => out.write_str("the version is too old"),
            Self::Conflict => out.write_str("somebody else was quicker"),
            Self::Busy(_) => out.write_str("the API server asks for a pause"),
            Self::Broken(why) => out.write_str(why),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let Error::Api(status) = &error else {
            return Self::Broken(innermost(&error));
        };
        match status.code {
            401 | 403 => Self::Forbidden,
            404 => Self::Missing,
            409 => Self::Conflict,
            410 => Self::Gone,
            429 => {
                let asked = status.details.as_ref();
                let seconds = asked.map_or(1, |details| details.retry_after_seconds);
                let seconds = u64::from(seconds).clamp(1, limits::KUBE_PAUSE_S_MAX);
                Self::Busy(Duration::from_secs(seconds))
            }
            code => Self::Broken(format!("the API server answers {code}: {}", status.message)),
        }
    }
}

/// The cause behind all causes, which says most.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

impl Place {
    /// The path of the collection.
    pub(super) fn path(&self) -> String {
        let (group, version) = self.kind.api(self.group);
        let root = if group.is_empty() {
            format!("/api/{version}")
        } else {
            format!("/apis/{group}/{version}")
        };
        let plural = self.kind.plural();
        match &self.namespace {
            Some(namespace) => format!("{root}/namespaces/{namespace}/{plural}"),
            None => format!("{root}/{plural}"),
        }
    }

    fn fields(&self) -> Option<&'static str> {
        (self.kind == Kind::Secret).then_some(SECRET_FIELDS)
    }

    /// What a role must hold so that it can be read.
    pub(super) fn rule(&self) -> String {
        let (group, _) = self.kind.api(self.group);
        format!(
            "{{apiGroups: [\"{group}\"], resources: [{}], verbs: [get, list, watch]}}",
            self.kind.plural()
        )
    }

    pub(super) fn watch_params(&self) -> WatchParams {
        let mut params = WatchParams::default().timeout(limits::KUBE_WATCH_S);
        if let Some(fields) = self.fields() {
            params = params.fields(fields);
        }
        if !self.labels.is_empty() {
            params = params.labels(&self.labels);
        }
        params
    }

    fn list_params(&self, next: Option<&str>) -> ListParams {
        let mut params = ListParams::default().limit(limits::KUBE_PAGE_OBJECTS);
        if let Some(next) = next {
            params = params.continue_token(next);
        }
        if let Some(fields) = self.fields() {
            params = params.fields(fields);
        }
        if !self.labels.is_empty() {
            params = params.labels(&self.labels);
        }
        params
    }

    /// One page of the collection.
    pub(super) async fn page(&self, client: &Client, next: Option<&str>) -> Result<Page, Trouble> {
        let request = Request::new(self.path()).list(&self.list_params(next));
        let request = request.map_err(|error| Trouble::Broken(error.to_string()))?;
        within(client.request::<Page>(request)).await
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, _) = self.kind.api(self.group);
        let dot = if group.is_empty() { "" } else { "." };
        write!(out, "{}{dot}{group}", self.kind.plural())?;
        match &self.namespace {
            Some(namespace) => write!(out, " in {namespace}"),
            None => Ok(()),
        }
    }
}

/// An answer that must not take forever.
pub(super) async fn within<T>(
    answer: impl Future<Output = Result<T, Error>>,
) -> Result<T, Trouble> {
    match timeout(Duration::from_secs(limits::KUBE_ANSWER_S_MAX), answer).await {
        Ok(answer) => answer.map_err(Trouble::from),
        Err(_) => Err(Trouble::Broken("no answer in time".to_owned())),
    }
}
