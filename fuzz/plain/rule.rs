//! Rules: the index of `snapshot` finds what asking every rule in order finds.

use std::net::IpAddr;
use std::sync::Arc;

use ringway::rule::{Facts, HeaderName, Scratch, Syntax, Tree, eval, parse};
use ringway::snapshot::RouteTable;
use ringway::snapshot::route_table::{OrderKey, Route};

/// Rules of one input.
const RULES_MAX: usize = 12;

/// A request: `METHOD host path?query address`, then lines of `name:value`.
struct Asked<'text> {
    method: &'text str,
    host: String,
    path: &'text str,
    query: &'text str,
    client: Option<IpAddr>,
    fields: Vec<(&'text str, &'text str)>,
}

impl<'text> Asked<'text> {
    fn read(text: &'text str) -> Self {
        let mut lines = text.lines();
        let mut words = lines.next().unwrap_or_default().split(' ');
        let mut next = || words.next().unwrap_or_default();
        let (method, host, target, client) = (next(), next(), next(), next());
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        // What the wire calls a canonical host.
        let host = host.chars().filter(|letter| letter.is_ascii_graphic());
        Self {
            method,
            host: host.collect::<String>().to_ascii_lowercase(),
            path,
            query,
            client: client.parse().ok(),
            fields: lines.filter_map(|line| line.split_once(':')).collect(),
        }
    }
}

impl Facts for Asked<'_> {
    fn canonical_host(&self) -> &[u8] {
        self.host.as_bytes()
    }

    fn routing_path(&self) -> &[u8] {
        self.path.as_bytes()
    }

    fn method(&self) -> &[u8] {
        self.method.as_bytes()
    }

    fn some_header(&self, name: &HeaderName, mut test: impl FnMut(&[u8]) -> bool) -> bool {
        let mut fields = self.fields.iter();
        fields.any(|(seen, value)| name.is(seen.as_bytes()) && test(value.as_bytes()))
    }

    fn query(&self) -> &[u8] {
        self.query.as_bytes()
    }

    fn client_ip(&self) -> Option<IpAddr> {
        self.client
    }
}

/// Rules, one in a line; an empty line; a request.
pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (rules, request) = text.split_once("\n\n").unwrap_or((text, "GET a.b /x"));
    let mut trees = Vec::new();
    for rule in rules.lines().take(RULES_MAX) {
        if let Ok(tree) = parse(rule, Syntax::V3) {
            let rendered = tree.render();
            let again = parse(&rendered, Syntax::V3);
            assert_eq!(again.as_ref(), Ok(&tree), "{rule}: {rendered}");
            trees.push(tree);
        }
        trees.extend(parse(rule, Syntax::V2));
    }
    let asked = Asked::read(request);
    let routes: Vec<Route> = trees.into_iter().zip(0..).map(route).collect();
    let mut ordered: Vec<&Route> = routes.iter().collect();
    ordered.sort_by(|left, right| left.order.cmp(&right.order));
    let plain = ordered.iter().find(|route| eval(&route.tree, &asked));
    let table = RouteTable::build(routes.iter().cloned());
    let found = table.find(&asked, &mut Scratch::default());
    assert_eq!(found, plain.map(|route| route.id), "{text}");
}

fn route((tree, id): (Tree, u32)) -> Route {
    Route {
        id,
        // Several share a priority.
        order: OrderKey::new(i64::from(id % 3), 0, &format!("r{id}")),
        tree: Arc::new(tree),
    }
}
