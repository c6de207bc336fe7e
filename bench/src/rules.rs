//! Rules: read, and looked up among many. Two shapes of the same load: every router has a host of
//! its own, or all share one host and differ by path.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ringway::rule::{RequestFacts, Scratch, Syntax, default_priority, parse};
use ringway::snapshot::RouteTable;
use ringway::snapshot::route_table::{OrderKey, Route};
use ringway::wire::RequestHead;

use crate::Subject;
use crate::wire::parsed;

/// Requests that take turns, so that the index is walked all over.
const REQUESTS: u32 = 256;
/// Steps through the routers without an order that a cache could learn.
const STRIDE: u32 = 7919;

pub(crate) fn subjects() -> Vec<Subject> {
    vec![
        Subject {
            name: "rule/parse",
            operations: 1000,
            batch: 1,
            prepare: parse_rule,
        },
        Subject {
            name: "match/hosts-10",
            operations: 2560,
            batch: 1,
            prepare: || find(10, of_host),
        },
        Subject {
            name: "match/hosts-1k",
            operations: 2560,
            batch: 1,
            prepare: || find(1_000, of_host),
        },
        Subject {
            name: "match/hosts-10k",
            operations: 2560,
            batch: 1,
            prepare: || find(10_000, of_host),
        },
        Subject {
            name: "match/hosts-100k",
            operations: 2560,
            batch: 1,
            prepare: || find(100_000, of_host),
        },
        Subject {
            name: "match/paths-10",
            operations: 2560,
            batch: 1,
            prepare: || find(10, of_path),
        },
        Subject {
            name: "match/paths-1k",
            operations: 2560,
            batch: 1,
            prepare: || find(1_000, of_path),
        },
        Subject {
            name: "match/paths-10k",
            operations: 2560,
            batch: 1,
            prepare: || find(10_000, of_path),
        },
        Subject {
            name: "match/paths-100k",
            operations: 2560,
            batch: 1,
            prepare: || find(100_000, of_path),
        },
    ]
}

/// The rule of one router, and the target and host of a request for it.
type Shape = fn(u32) -> (String, String, String);

pub(crate) fn of_host(number: u32) -> (String, String, String) {
    let host = format!("r{number}.routers.test");
    (format!("Host(`{host}`)"), "/index.html".to_owned(), host)
}

fn of_path(number: u32) -> (String, String, String) {
    let path = format!("/team{}/service{number}", number % 97);
    let rule = format!("Host(`shop.test`) && PathPrefix(`{path}`)");
    (rule, format!("{path}/items/4711"), "shop.test".to_owned())
}

fn parse_rule() -> Box<dyn FnMut()> {
    let text = "Host(`shop.test`) && (PathPrefix(`/api`) || Path(`/health`)) && !Method(`POST`)";
    Box::new(move || {
        let tree = parse(black_box(text), Syntax::V3);
        assert!(black_box(tree).is_ok());
    })
}

fn find(count: u32, shape: Shape) -> Box<dyn FnMut()> {
    let table = RouteTable::build((0..count).map(|number| route(number, &shape(number).0)));
    let wanted: Vec<u32> = (0..REQUESTS)
        .map(|number| number.wrapping_mul(STRIDE) % count)
        .collect();
    let heads: Vec<RequestHead> = wanted
        .iter()
        .map(|number| request(shape(*number)))
        .collect();
    let mut scratch = Scratch::default();
    let mut turn = 0;
    Box::new(move || {
        turn = (turn + 1) % heads.len();
        let facts = RequestFacts {
            head: &heads[turn],
            client: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let found = table.find(black_box(&facts), &mut scratch);
        assert_eq!(found, Some(wanted[turn]));
    })
}

fn route(number: u32, rule: &str) -> Route {
    let tree = parse(rule, Syntax::V3).expect("the example is a good rule");
    let order = OrderKey::new(default_priority(rule), 0, &format!("r{number}@file"));
    Route {
        id: number,
        order,
        tree: Arc::new(tree),
    }
}

fn request((_, target, host): (String, String, String)) -> RequestHead {
    parsed(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
}
