//! Configurations in, tables and reports out.

mod content;
mod gates;
mod layers;
mod patches;
mod places;
mod references;
mod services;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Page;
use crate::config::decode::{self, Reader};
use crate::config::dynamic::Configuration;
use crate::config::tree::Tree;
use crate::config::{Places, Report};
use crate::rule::{RequestFacts, Scratch, Syntax};
use crate::snapshot::{End, LoadBalancer, RouteTable, Router, ServiceKind, Snapshot};
use crate::wire::path::DeniedEscapes;
use crate::wire::{HeadRules, RequestHead, Step};

use super::*;

/// A service `s` that every test may name.
const SERVICE: &str = "  services: {s: {loadBalancer: {servers: [{url: 'http://10.0.0.1'}]}}}\n";

/// The `http` section of a file.
fn yaml(http: &str) -> Arc<Configuration> {
    let tree = Tree::yaml(&format!("http:\n{http}")).unwrap();
    let mut reader = Reader::new("f.yml", Places::new());
    let configuration = decode::read(&tree, &mut reader);
    let (report, _) = reader.finish();
    assert_eq!(report.to_string(), "");
    Arc::new(configuration)
}

/// One provider, `file`.
fn file(http: &str) -> Inputs {
    Inputs::from([("file".to_owned(), yaml(http))])
}

fn entry(name: &str) -> EntryPointDefaults {
    EntryPointDefaults {
        name: name.to_owned(),
        as_default: false,
        middlewares: Vec::new(),
        refused_escapes: DeniedEscapes::default(),
        access_log: true,
        tls: false,
    }
}

fn setup(entry_points: Vec<EntryPointDefaults>) -> Setup {
    Setup {
        entry_points,
        shards: 1,
        timeouts: Timeouts::default(),
        syntax: Syntax::V3,
        precedence: vec!["internal".to_owned(), "file".to_owned(), "http".to_owned()],
        terminating_status: 503,
    }
}

/// Entry points `admin`, `traefik` and `web`, with nothing to add.
fn compiler() -> Compiler {
    Compiler::new(setup(["admin", "traefik", "web"].map(entry).into()))
}

fn compiled(http: &str) -> Compiled {
    compiler().compile(&file(http))
}

fn request(target: &str) -> RequestHead {
    let text = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
    let mut head = RequestHead::new();
    let step = head.parse(&mut Page::copy_of(text.as_bytes()), &HeadRules::default());
    assert_eq!(step, Ok(Step::Done));
    head
}

fn found(table: &RouteTable, head: &RequestHead) -> Option<u32> {
    let client = [192, 0, 2, 7].into();
    table.find(&RequestFacts { head, client }, &mut Scratch::default())
}

/// The routers that a request walks through, outermost first: `parent > child`. `404` when
/// nobody takes it.
fn way(snapshot: &Snapshot, entry_point: usize, target: &str) -> String {
    let head = request(target);
    let mut table = Some(Arc::clone(&snapshot.entry_points[entry_point].plain));
    let mut names = Vec::new();
    while let Some(here) = table {
        let Some(number) = found(&here, &head) else {
            names.push("404".to_owned());
            break;
        };
        let router = snapshot.routers.get(number).unwrap();
        names.push(router.name.to_string());
        table = match &router.end {
            End::Children(children) => Some(Arc::clone(children)),
            End::Service(_) => None,
        };
    }
    names.join(" > ")
}

fn router(snapshot: &Snapshot, entry_point: usize, target: &str) -> Arc<Router> {
    let number = found(&snapshot.entry_points[entry_point].plain, &request(target)).unwrap();
    Arc::clone(snapshot.routers.get(number).unwrap())
}

fn balancer(router: &Router) -> &LoadBalancer {
    let End::Service(service) = &router.end else {
        panic!("{} has children", router.name);
    };
    let ServiceKind::LoadBalancer(balancer) = &service.kind else {
        panic!("{service:?}");
    };
    balancer
}

/// One line for each problem: `severity object: field: message (hint)`.
fn said(report: &Report) -> Vec<String> {
    let line = |problem: &crate::config::Problem| {
        format!(
            "{} {}: {}: {} ({})",
            problem.severity,
            problem.object.as_deref().unwrap_or(""),
            problem.field,
            problem.message,
            problem.hint.as_deref().unwrap_or("")
        )
    };
    report.iter().map(line).collect()
}
