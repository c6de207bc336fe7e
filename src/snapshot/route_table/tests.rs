use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::rule::tests::Asked;
use crate::rule::{Syntax, Tree, eval, parse};

fn route(id: u32, priority: i64, rule: &str) -> Route {
    let tree = parse(rule, Syntax::V3).unwrap_or_else(|fault| panic!("{rule}: {fault}"));
    Route {
        id,
        order: OrderKey {
            priority,
            precedence: 0,
            name: format!("r{id}").into(),
        },
        tree: Arc::new(tree),
    }
}

fn by_length(rules: &[&str]) -> RouteTable {
    let numbered = rules.iter().zip(0_u32..);
    RouteTable::build(
        numbered.map(|(rule, id)| route(id, i64::try_from(rule.len()).unwrap(), rule)),
    )
}

fn find(table: &RouteTable, request: &str) -> Option<u32> {
    table.find(&Asked::new(request), &mut Scratch::default())
}

/// The slow way: every rule in order.
fn first(routes: &BTreeMap<u32, Route>, asked: &Asked) -> Option<u32> {
    let mut ordered: Vec<&Route> = routes.values().collect();
    ordered.sort_by(|left, right| left.order.cmp(&right.order).then(left.id.cmp(&right.id)));
    let found = ordered.iter().find(|route| eval(&route.tree, asked));
    found.map(|route| route.id)
}

#[test]
fn the_longer_rule_wins() {
    let table = by_length(&[
        "PathPrefix(`/`)",
        "Host(`a.b`)",
        "Host(`a.b`) && PathPrefix(`/x`)",
        "Host(`a.b`) && PathPrefix(`/x`) && Method(`POST`)",
        "Host(`*.b`)",
        "HostRegexp(`^[a-z]+\\.(b|c)$`)",
        "Host(`a.b`) && Path(`/x/y`) || Host(`z`)",
    ]);
    let cases = [
        ("GET q /", Some(0)),
        ("GET a.b /", Some(5)),
        ("GET a.b. /", Some(0)),
        ("GET a.b /xx", Some(2)),
        ("POST a.b /xx", Some(3)),
        ("GET a.b /x/y", Some(6)),
        ("GET z /", Some(6)),
        ("GET 1.b /", Some(0)),
        ("GET k.c /", Some(5)),
        ("GET  *", None),
    ];
    for (request, expected) in cases {
        assert_eq!(find(&table, request), expected, "{request}");
    }
}

#[test]
fn ties_go_by_precedence_and_then_by_name() {
    let named = |id, precedence, name: &str| Route {
        order: OrderKey {
            priority: 7,
            precedence,
            name: name.into(),
        },
        ..route(id, 7, "PathPrefix(`/`)")
    };
    let routes = [named(1, 2, "a"), named(2, 1, "c"), named(3, 1, "b")];
    let table = RouteTable::build(routes);
    assert_eq!(find(&table, "GET h /"), Some(3));
    assert_eq!(find(&table.update(&[3], vec![]), "GET h /"), Some(2));
}

#[test]
fn priorities_may_be_negative_and_as_high_as_can_be() {
    let table = RouteTable::build([
        route(1, i64::MIN, "PathPrefix(`/`)"),
        route(2, -1, "Path(`/x`)"),
        route(3, i64::MAX, "Path(`/y`)"),
        route(4, 0, "Host(`h`)"),
    ]);
    for (request, expected) in [
        ("GET a /", 1),
        ("GET a /x", 2),
        ("GET h /x", 4),
        ("GET h /y", 3),
    ] {
        assert_eq!(find(&table, request), Some(expected), "{request}");
    }
}

#[test]
fn a_rule_of_many_hosts_and_paths_stays_whole() {
    let list = |word: &str, start: &str| {
        let parts: Vec<_> = (0..200).map(|n| format!("{word}(`{start}{n}`)")).collect();
        format!("({})", parts.join(" || "))
    };
    let rule = format!("{} && {}", list("Host", "h"), list("Path", "/"));
    let table = RouteTable::build([route(1, 1, &rule)]);
    assert_eq!(find(&table, "GET h7 /199"), Some(1));
    assert_eq!(find(&table, "GET h7 /200"), None);
    assert_eq!(find(&table, "GET h200 /1"), None);
}

#[test]
fn an_absurd_rule_costs_bounded_memory() {
    let list = |word: &str, start: &str, count: usize| {
        let parts: Vec<_> = (0..count)
            .map(|n| format!("{word}(`{start}{n}`)"))
            .collect();
        format!("({})", parts.join(" || "))
    };
    let rule = format!(
        "{} && {}",
        list("Host", "h", 1000),
        list("Method", "M", 8000)
    );
    let table = RouteTable::build([route(1, 1, &rule)]);
    assert_eq!(find(&table, "M7999 h7 /"), Some(1));
    assert_eq!(find(&table, "M8000 h7 /"), None);
}

#[test]
fn a_table_may_be_dropped_on_another_thread() {
    fn may_move<T: Send + Sync>(_: &T) {}
    may_move(&by_length(&["Host(`a`)"]));
}

#[test]
fn an_empty_table_finds_nothing() {
    let table = RouteTable::default();
    assert_eq!(find(&table, "GET a /"), None);
    let table = table.update(&[1], vec![route(1, 1, "Host(`a`)")]);
    assert_eq!(find(&table, "GET a /"), Some(1));
    let table = table.update(&[1], vec![]);
    assert!(table.is_empty() && find(&table, "GET a /").is_none());
}

#[test]
fn one_host_with_many_paths_follows_every_change() {
    let mut routes = BTreeMap::new();
    for id in 0..300_u32 {
        let word = if id % 3 == 0 { "Path" } else { "PathPrefix" };
        let rule = format!("Host(`h`) && {word}(`/{}`)", id % 97);
        routes.insert(id, route(id, i64::from(id % 50), &rule));
    }
    let mut table = RouteTable::build(routes.values().cloned());
    for id in 0..300_u32 {
        routes.remove(&(id * 7 % 300));
        let fresh = route(
            id,
            i64::from(id % 40),
            &format!("Host(`h`) && Path(`/{}x`)", id % 61),
        );
        routes.insert(id, fresh.clone());
        table = table.update(&[id * 7 % 300], vec![fresh]);
        for path in 0..97 {
            for end in ["", "x", "1"] {
                let request = format!("GET h /{path}{end}");
                let expected = first(&routes, &Asked::new(&request));
                assert_eq!(find(&table, &request), expected, "{request} after {id}");
            }
        }
    }
    assert_eq!(table.len(), routes.len());
}

const HOSTS: [&str; 9] = [
    "a.b.c", "b.c", "x.b.c", "c", "x.a.b.c", "xa.b.c", "q", "a.b.c.", "",
];
const PATHS: [&str; 8] = ["/", "/a", "/a/", "/ab", "/a/b", "/a/b/c", "/z", "*"];

fn matcher() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => select(&HOSTS[..8]).prop_map(|host| format!("Host(`{host}`)")),
        2 => select(vec!["*.b.c", "*.c", "*", "*.a.b.c"])
            .prop_map(|host| format!("Host(`{host}`)")),
        2 => select(vec![
            "^a\\.b\\.c$", "b\\.c$", "^(a|x)\\.b\\.c$", "\\.c$", "^.+$", "a", "c\\.$",
            "^([a-z]+\\.)?b\\.c$", "^$", "(?i)B\\.C$", "\\.(b\\.c|q)$", "\\.$",
        ]).prop_map(|pattern| format!("HostRegexp(`{pattern}`)")),
        3 => select(&PATHS[..7]).prop_map(|path| format!("Path(`{path}`)")),
        3 => select(&PATHS[..7]).prop_map(|path| format!("PathPrefix(`{path}`)")),
        2 => select(vec!["^/a(/.*)?$", "b", "^/(a|z)", "^/a/b$", "/$", "^/[ab]+", "^\\*$"])
            .prop_map(|pattern| format!("PathRegexp(`{pattern}`)")),
        1 => select(vec!["GET", "POST", "ODD"]).prop_map(|method| format!("Method(`{method}`)")),
        1 => select(vec!["1", "2"]).prop_map(|value| format!("Header(`X-A`, `{value}`)")),
        1 => select(vec!["1", "2"]).prop_map(|value| format!("Query(`k`, `{value}`)")),
        1 => select(vec!["10.0.0.1", "10.0.0.0/8"]).prop_map(|net| format!("ClientIP(`{net}`)")),
    ]
}

fn rule() -> impl Strategy<Value = String> {
    matcher().prop_recursive(4, 12, 3, |inner| {
        prop_oneof![
            3 => prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" && "))),
            2 => prop::collection::vec(inner.clone(), 2..4)
                .prop_map(|parts| format!("({})", parts.join(" || "))),
            1 => inner.prop_map(|part| format!("!{part}")),
        ]
    })
}

fn request() -> impl Strategy<Value = String> {
    let host = select(&HOSTS[..]);
    let path = select(&PATHS[..]);
    let method = select(vec!["GET", "POST", "ODD"]);
    let rest = select(vec![
        "",
        "?k=1",
        "?k=2 X-A:1",
        " X-A:2 @10.0.0.1",
        " @10.2.0.1",
    ]);
    (method, host, path, rest).prop_map(|(m, h, p, r)| format!("{m} {h} {p}{r}"))
}

fn rules(most: usize) -> impl Strategy<Value = Vec<(u32, i64, String)>> {
    prop::collection::vec((0_u32..60, -2_i64..4, rule()), 0..most)
}

fn tabled(rules: Vec<(u32, i64, String)>) -> BTreeMap<u32, Route> {
    let routes = rules
        .into_iter()
        .map(|(id, priority, rule)| (id, route(id, priority, &rule)));
    routes.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_index_agrees_with_every_rule_in_order(
        rules in rules(40),
        requests in prop::collection::vec(request(), 1..30),
    ) {
        let routes = tabled(rules);
        let table = RouteTable::build(routes.values().cloned());
        for request in requests {
            let asked = Asked::new(&request);
            let found = table.find(&asked, &mut Scratch::default());
            prop_assert_eq!(found, first(&routes, &asked), "{}", request);
        }
    }

    #[test]
    fn an_updated_table_agrees_too(
        start in rules(50),
        rounds in prop::collection::vec((rules(5), prop::collection::vec(0_u32..60, 0..5)), 1..6),
        requests in prop::collection::vec(request(), 1..30),
    ) {
        let mut routes = tabled(start);
        let mut table = RouteTable::build(routes.values().cloned());
        for (added, removed) in rounds {
            let added = tabled(added);
            table = table.update(&removed, added.values().cloned().collect());
            routes.retain(|id, _| !removed.contains(id));
            routes.extend(added);
            prop_assert_eq!(table.len(), routes.len());
            for request in &requests {
                let asked = Asked::new(request);
                let found = table.find(&asked, &mut Scratch::default());
                prop_assert_eq!(found, first(&routes, &asked), "{}", request);
            }
        }
    }

    #[test]
    fn a_rendered_tree_reads_as_itself(rule in rule()) {
        let tree: Tree = parse(&rule, Syntax::V3).unwrap();
        prop_assert_eq!(parse(&tree.render(), Syntax::V3).unwrap(), tree);
    }
}
