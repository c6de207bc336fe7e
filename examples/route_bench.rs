//! How long the route table takes: `cargo run --release --example route_bench [routers]`.
//!
//! Prints nanoseconds for each find, and milliseconds for parse, build and one update, for
//! several shapes of configuration. With a number: only that many routers.

#![expect(clippy::print_stdout, reason = "it prints what it measures")]

use std::hint::black_box;
use std::net::IpAddr;
use std::sync::Arc;

use ringway::base::clock;
use ringway::rule::{Facts, Scratch, Syntax, default_priority, parse};
use ringway::snapshot::route_table::{OrderKey, Route, RouteTable};
use ringway::wire::HeaderName;

struct Asked {
    host: String,
    path: String,
}

impl Facts for Asked {
    fn canonical_host(&self) -> &[u8] {
        self.host.as_bytes()
    }
    fn routing_path(&self) -> &[u8] {
        self.path.as_bytes()
    }
    fn method(&self) -> &[u8] {
        b"GET"
    }
    fn some_header(&self, _name: &HeaderName, _test: impl FnMut(&[u8]) -> bool) -> bool {
        false
    }
    fn query(&self) -> &[u8] {
        b""
    }
    fn client_ip(&self) -> Option<IpAddr> {
        None
    }
}

/// A shape: its name, its rule for each number, and a request that this rule serves.
struct Shape {
    name: &'static str,
    rule: fn(u32) -> String,
    asked: fn(u32) -> Asked,
}

const SHAPES: [Shape; 6] = [
    Shape {
        name: "hosts",
        rule: |n| format!("Host(`app-{n}.example.com`)"),
        asked: |n| asked(&format!("app-{n}.example.com"), "/some/path/of/a/page.html"),
    },
    Shape {
        name: "hosts, path prefix",
        rule: |n| format!("Host(`app-{n}.example.com`) && PathPrefix(`/api`)"),
        asked: |n| asked(&format!("app-{n}.example.com"), "/api/v1/items/12"),
    },
    Shape {
        name: "prefixes, one host",
        rule: |n| format!("Host(`example.com`) && PathPrefix(`/service-{n}/`)"),
        asked: |n| asked("example.com", &format!("/service-{n}/items/12")),
    },
    Shape {
        name: "paths, one host",
        rule: |n| format!("Host(`example.com`) && Path(`/service/{n}/items`)"),
        asked: |n| asked("example.com", &format!("/service/{n}/items")),
    },
    Shape {
        name: "wildcard hosts",
        rule: |n| format!("Host(`*.tenant-{n}.example.com`)"),
        asked: |n| asked(&format!("www.tenant-{n}.example.com"), "/"),
    },
    Shape {
        name: "host regexps",
        rule: |n| format!("HostRegexp(`^[a-z]+\\.tenant-{n}\\.example\\.com$`)"),
        asked: |n| asked(&format!("www.tenant-{n}.example.com"), "/"),
    },
];

fn asked(host: &str, path: &str) -> Asked {
    Asked {
        host: host.to_owned(),
        path: path.to_owned(),
    }
}

fn main() {
    let only: Option<u32> = std::env::args().nth(1).and_then(|text| text.parse().ok());
    println!("routers  shape                 find ns  parse ms  build ms  update ms  KiB/router");
    for shape in &SHAPES {
        for count in [1, 10, 1_000, 10_000, 100_000] {
            if only.is_none_or(|only| only == count) {
                measure(shape, count);
            }
        }
    }
}

fn measure(shape: &Shape, count: u32) {
    let before = resident_bytes();
    let start = clock::now();
    let routes: Vec<Route> = (0..count).map(|id| route(id, &(shape.rule)(id))).collect();
    let parse_time = clock::now().since(start);
    let start = clock::now();
    let table = RouteTable::build(routes.iter().cloned());
    let build_time = clock::now().since(start);
    let memory = resident_bytes().saturating_sub(before) / u64::from(count);

    let changed = route(count / 2, &(shape.rule)(count + 1));
    let start = clock::now();
    let rounds = 20;
    for _ in 0..rounds {
        drop(black_box(table.update(&[], vec![changed.clone()])));
    }
    let update_time = clock::now().since(start) / rounds;

    // Requests in an order that no cache foresees.
    let requests: Vec<Asked> = (0..count.clamp(1, 100_000))
        .map(|n| (shape.asked)(n.wrapping_mul(7919) % count))
        .collect();
    let mut scratch = Scratch::default();
    let mut best = f64::MAX;
    for _ in 0..7 {
        let start = clock::now();
        let mut found = 0_usize;
        let mut asked = 0_u32;
        while asked < 400_000 {
            for request in &requests {
                found += usize::from(table.find(request, &mut scratch).is_some());
                asked += 1;
            }
        }
        assert_eq!(found, asked as usize, "each request has its router");
        best = best.min(clock::now().since(start).as_secs_f64() * 1e9 / f64::from(asked));
    }
    println!(
        "{count:>7}  {:<20} {best:>8.1} {:>9.1} {:>9.1} {:>10.3} {:>11.2}",
        shape.name,
        parse_time.as_secs_f64() * 1e3,
        build_time.as_secs_f64() * 1e3,
        update_time.as_secs_f64() * 1e3,
        memory as f64 / 1024.0,
    );
}

fn route(id: u32, rule: &str) -> Route {
    let tree = match parse(rule, Syntax::V3) {
        Ok(tree) => tree,
        Err(fault) => unreachable!("{rule}: {fault}"),
    };
    Route {
        id,
        order: OrderKey::new(default_priority(rule), 0, &format!("router-{id}@file")),
        tree: Arc::new(tree),
    }
}

fn resident_bytes() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text
        .split(' ')
        .nth(1)
        .and_then(|pages| pages.parse::<u64>().ok());
    pages.unwrap_or_default() * 4096
}
