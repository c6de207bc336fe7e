//! From what users write to what shards run on: everything at once, and one router among many.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;

use ringway::compile::{self, Compiler, Inputs, Setup, Timeouts};
use ringway::config::dynamic::{Configuration, LoadBalancer, Router, Server, Service};
use ringway::config::statics::{self, Static};
use ringway::rule::Syntax;

use crate::Subject;
use crate::rules::of_host;

pub(crate) fn subjects() -> Vec<Subject> {
    vec![
        Subject {
            name: "compile/all-1k",
            operations: 1,
            batch: 1,
            prepare: || all(1_000),
        },
        Subject {
            name: "compile/all-100k",
            operations: 1,
            batch: 1,
            prepare: || all(100_000),
        },
        Subject {
            name: "compile/one-of-1k",
            operations: 4,
            batch: 1,
            prepare: || one_of(1_000),
        },
        Subject {
            name: "compile/one-of-100k",
            operations: 4,
            batch: 1,
            prepare: || one_of(100_000),
        },
    ]
}

/// Rules are parsed, names resolved, the index built.
fn all(count: u32) -> Box<dyn FnMut()> {
    let inputs = inputs(Arc::new(configuration(count)));
    Box::new(move || {
        let compiled = Compiler::new(setup()).compile(black_box(&inputs));
        assert!(compiled.report.is_empty());
        black_box(compiled.snapshot);
    })
}

/// The rule of one router changes to and fro.
fn one_of(count: u32) -> Box<dyn FnMut()> {
    let before = Arc::new(configuration(count));
    let mut after = configuration(count);
    after.reuse(&before);
    let changed = Router {
        rule: "Host(`changed.test`)".to_owned(),
        ..router(0)
    };
    after
        .http
        .routers
        .insert("r0".to_owned(), Arc::new(changed));
    let turns = [inputs(Arc::new(after)), inputs(before)];
    let mut compiler = Compiler::new(setup());
    compiler.compile(&turns[1]);
    let mut turn = 1;
    Box::new(move || {
        turn = 1 - turn;
        let compiled = compiler.compile(black_box(&turns[turn]));
        assert!(compiled.report.is_empty());
        black_box(compiled.snapshot);
    })
}

fn inputs(configuration: Arc<Configuration>) -> Inputs {
    BTreeMap::from([("file".to_owned(), configuration)])
}

fn configuration(count: u32) -> Configuration {
    let mut all = Configuration::default();
    for number in 0..count {
        all.http
            .routers
            .insert(format!("r{number}"), Arc::new(router(number)));
    }
    all.http
        .services
        .insert("origin".to_owned(), Arc::new(service("127.0.0.1:9000")));
    all
}

/// One router, and one server behind it.
pub(crate) fn configuration_for(rule: &str, server: &str) -> Configuration {
    let mut all = Configuration::default();
    let router = Router {
        rule: rule.to_owned(),
        ..router(0)
    };
    all.http.routers.insert("all".to_owned(), Arc::new(router));
    all.http
        .services
        .insert("origin".to_owned(), Arc::new(service(server)));
    all
}

fn service(server: &str) -> Service {
    let server = Server {
        url: format!("http://{server}"),
        ..Server::default()
    };
    let balancer = LoadBalancer {
        servers: vec![server],
        ..LoadBalancer::default()
    };
    Service {
        load_balancer: Some(Box::new(balancer)),
        ..Service::default()
    }
}

fn router(number: u32) -> Router {
    Router {
        rule: of_host(number).0,
        service: "origin".to_owned(),
        ..Router::default()
    }
}

pub(crate) fn setup() -> Setup {
    Setup {
        entry_points: compile::defaults(&settings()),
        shards: 1,
        timeouts: Timeouts::default(),
        syntax: Syntax::V3,
        precedence: vec!["file".to_owned()],
        terminating_status: 503,
    }
}

/// One entry point with Traefik's defaults.
pub(crate) fn settings() -> Static {
    let text = "entryPoints: {web: {address: ':80'}}\n";
    let loaded = statics::load_text(Path::new("bench.yml"), text);
    loaded.expect("the example is a good configuration").config
}
