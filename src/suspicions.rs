//! What is legal and hardly meant: routers that are never asked, objects that nobody uses,
//! expressions that mean everything. `ringway check` warns of them.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::base::QualifiedName;
use crate::base::limits::SHADOWED_ROUTERS_MAX;
use crate::config::decode::Choice;
use crate::config::dynamic::{Middleware, Router, RuleSyntax};
use crate::config::{Problem, Report};
use crate::rule::{self, Facts, HeaderName, HostPattern, Matcher, Scratch, Syntax, Tree};
use crate::ways::{self, Ways};

/// Looks for all of it. `whole`: no provider is left out, so that what nobody names here is
/// named by nobody.
pub(crate) fn find(ways: &Ways<'_>, whole: bool) -> Report {
    let mut report = Report::new();
    let routers = entered(ways);
    for router in &routers {
        regexes(router, &router.tree, &mut report);
        if let Some((one, other)) = contradiction(&router.tree) {
            let message = format!("can never match: it asks for {one} and {other} at once");
            report.push(router.warning(message).hint("join them with ||"));
        }
    }
    shadowed(&routers, &mut report);
    if whole {
        unused(ways, &mut report);
    }
    report
}

/// A router that runs.
struct Entered<'check> {
    name: &'check str,
    provider: &'check str,
    priority: i64,
    /// Entry points, or the parents of a child.
    places: BTreeSet<String>,
    is_child: bool,
    tls: bool,
    tree: Tree,
}

impl Entered<'_> {
    fn key(&self) -> String {
        format!("{}@{}", self.name, self.provider)
    }

    fn warning(&self, message: impl Into<String>) -> Problem {
        Problem::warning(message)
            .field(format!("http.routers.{}.rule", self.name))
            .object(format!("http.routers.{}", self.key()))
            .from_provider(self.provider)
    }

    /// Whether it is asked before `other`, wherever that one is.
    fn comes_before(&self, other: &Self) -> bool {
        let same_tables = self.is_child == other.is_child && self.tls == other.tls;
        let earlier = self.priority > other.priority
            || self.priority == other.priority && self.key() < other.key();
        same_tables && earlier && other.places.is_subset(&self.places)
    }
}

fn entered<'check>(ways: &'check Ways<'_>) -> Vec<Entered<'check>> {
    let mut found = Vec::new();
    for (provider, configuration) in ways.inputs {
        for (name, router) in &configuration.http.routers {
            let object = format!("http.routers.{name}@{provider}");
            let tree = rule::parse(&router.rule, syntax(router, ways.setup.syntax));
            let (false, Ok(tree)) = (ways.left_out.contains(&object), tree) else {
                continue;
            };
            let is_child = !router.parent_refs.is_empty();
            let places = if is_child {
                let parents = router.parent_refs.iter();
                parents
                    .map(|one| QualifiedName::resolve(one, provider).to_string())
                    .collect()
            } else {
                let points = ways.entry_points(router);
                points.into_iter().map(str::to_owned).collect()
            };
            found.push(Entered {
                name,
                provider,
                priority: ways::effective_priority(router),
                places,
                is_child,
                tls: router.tls.is_some(),
                tree,
            });
        }
    }
    found
}

fn syntax(router: &Router, default: Syntax) -> Syntax {
    match router.rule_syntax {
        Some(Choice::Known(RuleSyntax::V2)) => Syntax::V2,
        Some(Choice::Known(RuleSyntax::V3)) => Syntax::V3,
        Some(Choice::Unknown(_)) | None => default,
    }
}

/// Routers that are never asked, since another one always wins.
fn shadowed(routers: &[Entered<'_>], report: &mut Report) {
    if routers.len() > SHADOWED_ROUTERS_MAX {
        let message = format!(
            "{} routers are more than are compared with each other",
            routers.len()
        );
        return report.push(Problem::warning(message).field("http.routers"));
    }
    for router in routers {
        let winner = routers
            .iter()
            .find(|other| other.comes_before(router) && implies(&router.tree, &other.tree));
        let Some(winner) = winner else { continue };
        let message = format!(
            "is never asked: {} holds whenever this one does, and comes first \
             (priority {} against {})",
            winner.key(),
            winner.priority,
            router.priority
        );
        let hint = "give it a higher priority, or remove it";
        report.push(router.warning(message).hint(hint));
    }
}

/// True when `wide` surely holds wherever `narrow` does.
fn implies(narrow: &Tree, wide: &Tree) -> bool {
    if narrow == wide {
        return true;
    }
    match (narrow, wide) {
        (_, Tree::All(parts)) => parts.iter().all(|part| implies(narrow, part)),
        (Tree::Any(parts), _) => parts.iter().all(|part| implies(part, wide)),
        (_, Tree::Any(parts)) if parts.iter().any(|part| implies(narrow, part)) => true,
        (Tree::All(parts), _) => parts.iter().any(|part| implies(part, wide)),
        (Tree::Is(narrow), Tree::Is(wide)) => is_within(narrow, wide),
        (_, Tree::Is(wide)) => is_everything(wide),
        _ => false,
    }
}

fn is_within(narrow: &Matcher, wide: &Matcher) -> bool {
    match (narrow, wide) {
        (_, wide) if is_everything(wide) => true,
        (Matcher::Host(HostPattern::Exact(name)), Matcher::Host(pattern)) => {
            pattern.admits(name.as_bytes())
        }
        (Matcher::Path(path) | Matcher::PathPrefix(path), Matcher::PathPrefix(prefix)) => {
            path.starts_with(&**prefix)
        }
        _ => false,
    }
}

/// What holds of every request that has a host and a path.
fn is_everything(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::Host(HostPattern::Any) => true,
        Matcher::PathPrefix(prefix) => &**prefix == "/",
        Matcher::HostRegexp(_) => HOSTS.iter().all(|host| Sample(host).meets(matcher)),
        Matcher::PathRegexp(_) => PATHS.iter().all(|path| Sample(path).meets(matcher)),
        Matcher::Host(_)
        | Matcher::Path(_)
        | Matcher::Method(_)
        | Matcher::Header { .. }
        | Matcher::HeaderRegexp { .. }
        | Matcher::Query { .. }
        | Matcher::QueryRegexp { .. }
        | Matcher::QueryFirst { .. }
        | Matcher::ClientIp(_)
        | Matcher::Alpn(_) => false,
    }
}

/// Two parts of a conjunction of which only one can hold.
fn contradiction(tree: &Tree) -> Option<(String, String)> {
    let Tree::All(parts) = tree else { return None };
    let matchers: Vec<_> = parts
        .iter()
        .filter_map(|part| match part {
            Tree::Is(matcher) => Some(matcher),
            Tree::All(_) | Tree::Any(_) | Tree::Not(_) => None,
        })
        .collect();
    for (number, one) in matchers.iter().enumerate() {
        for other in matchers.iter().skip(number + 1) {
            let apart = match (&***one, &***other) {
                (
                    Matcher::Host(HostPattern::Exact(one)),
                    Matcher::Host(HostPattern::Exact(other)),
                )
                | (Matcher::Path(one), Matcher::Path(other))
                | (Matcher::Method(one), Matcher::Method(other)) => one != other,
                (Matcher::Path(path), Matcher::PathPrefix(prefix))
                | (Matcher::PathPrefix(prefix), Matcher::Path(path)) => {
                    !path.starts_with(&**prefix)
                }
                _ => false,
            };
            if apart {
                let shown = |matcher: &std::sync::Arc<Matcher>| {
                    Tree::Is(std::sync::Arc::clone(matcher)).render()
                };
                return Some((shown(one), shown(other)));
            }
        }
    }
    None
}

/// Hosts and paths of many kinds: an expression that finds itself in all of them means all.
const HOSTS: [&str; 7] = ["a", "x.y.z", "127.0.0.1", "xn--9-a", "a-b_c", "::1", "0"];
const PATHS: [&str; 5] = ["/", "/a", "/0/-.html", "/%2F;x=Y", "/\u{fc}"];

fn regexes(router: &Entered<'_>, tree: &Tree, report: &mut Report) {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => {
            for part in parts {
                regexes(router, part, report);
            }
        }
        Tree::Not(part) => regexes(router, part, report),
        Tree::Is(matcher) => {
            let (what, hint) = if matches!(&**matcher, Matcher::HostRegexp(_)) {
                ("host", "leave it out: it asks nothing")
            } else if matches!(&**matcher, Matcher::PathRegexp(_)) {
                ("path", "leave it out, or write PathPrefix(`/`)")
            } else {
                return;
            };
            if is_everything(matcher) {
                let message = format!("{} matches every {what}", tree.render());
                report.push(router.warning(message).hint(hint));
            }
        }
    }
}

/// Something to try an expression with: it is host and path alike.
struct Sample(&'static str);

impl Sample {
    fn meets(&self, matcher: &Matcher) -> bool {
        rule::holds(matcher, self, &mut Scratch::default())
    }
}

impl Facts for Sample {
    fn canonical_host(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn routing_path(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn method(&self) -> &[u8] {
        b"GET"
    }

    fn some_header(&self, _: &HeaderName, _: impl FnMut(&[u8]) -> bool) -> bool {
        false
    }

    fn query(&self) -> &[u8] {
        b""
    }

    fn client_ip(&self) -> Option<IpAddr> {
        None
    }
}

/// Services, middlewares and transports that nothing names.
fn unused(ways: &Ways<'_>, report: &mut Report) {
    let named = Named::of(ways);
    for (provider, configuration) in ways.inputs {
        let http = &configuration.http;
        let services = http.services.keys().map(|name| ("services", name));
        let middlewares = http.middlewares.keys().map(|name| ("middlewares", name));
        let transports = http.servers_transports.keys();
        let transports = transports.map(|name| ("serversTransports", name));
        for (section, name) in services.chain(middlewares).chain(transports) {
            let key = format!("{name}@{provider}");
            let used = match section {
                "services" => named.services.contains(&key),
                "middlewares" => named.middlewares.contains(&key),
                _ => name == "default" || named.transports.contains(&key),
            };
            if used {
                continue;
            }
            let problem = Problem::warning("nobody uses it")
                .field(format!("http.{section}.{name}"))
                .object(format!("http.{section}.{key}"))
                .from_provider(provider)
                .hint("name it somewhere, or remove it");
            report.push(problem);
        }
    }
}

/// Full names of what something names.
#[derive(Default)]
struct Named {
    services: BTreeSet<String>,
    middlewares: BTreeSet<String>,
    transports: BTreeSet<String>,
}

impl Named {
    fn of(ways: &Ways<'_>) -> Self {
        let mut named = Self::default();
        for point in &ways.setup.entry_points {
            named.middlewares.extend(point.middlewares.iter().cloned());
        }
        for (provider, configuration) in ways.inputs {
            let full = |name: &str| QualifiedName::resolve(name, provider).to_string();
            for router in configuration.http.routers.values() {
                named.services.insert(full(&router.service));
                let middlewares = router.middlewares.iter();
                named.middlewares.extend(middlewares.map(|one| full(one)));
            }
            for middleware in configuration.http.middlewares.values() {
                if let Middleware::Chain(chain) = &**middleware {
                    let inner = chain.middlewares.iter();
                    named.middlewares.extend(inner.map(|one| full(one)));
                } else if let Middleware::Errors(errors) = &**middleware {
                    named.services.insert(full(&errors.service));
                }
            }
            for service in configuration.http.services.values() {
                let below = ways::below(service);
                named
                    .services
                    .extend(below.iter().map(|(_, name)| full(name)));
                let middlewares = service.middlewares.iter();
                named.middlewares.extend(middlewares.map(|one| full(one)));
                if let Some(balancer) = &service.load_balancer {
                    named.transports.insert(full(&balancer.servers_transport));
                }
            }
        }
        named
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(rule: &str) -> Tree {
        rule::parse(rule, Syntax::V3).unwrap()
    }

    #[test]
    fn a_wider_rule_is_known_as_such() {
        let table = [
            ("Host(`a`) && Path(`/x`)", "Host(`a`)", true),
            ("Host(`a`)", "Host(`a`) && Path(`/x`)", false),
            ("Path(`/x/y`)", "PathPrefix(`/x`)", true),
            ("PathPrefix(`/x`)", "Path(`/x`)", false),
            ("Host(`a.b`)", "Host(`*.b`)", true),
            (
                "Host(`a`) || Host(`b`)",
                "Host(`b`) || Host(`a`) || Host(`c`)",
                true,
            ),
            ("Host(`a`) || Host(`b`)", "Host(`a`)", false),
            (
                "(Host(`a`) || Host(`b`)) && Path(`/x`)",
                "PathPrefix(`/`)",
                true,
            ),
            ("Method(`GET`)", "HostRegexp(`.*`)", true),
            ("!Host(`a`)", "PathPrefix(`/`)", true),
            ("!Host(`a`)", "Host(`b`)", false),
            ("Host(`a`)", "!Host(`b`)", false),
            ("PathRegexp(`^/x`)", "PathPrefix(`/x`)", false),
        ];
        for (narrow, wide, expected) in table {
            assert_eq!(
                implies(&tree(narrow), &tree(wide)),
                expected,
                "{narrow} / {wide}"
            );
        }
    }

    #[test]
    fn an_expression_that_means_everything_is_known_as_such() {
        let table = [
            ("HostRegexp(`.*`)", true),
            ("HostRegexp(`^.+$`)", true),
            ("HostRegexp(``)", true),
            ("HostRegexp(`^[a-z.]+$`)", false),
            ("PathRegexp(`^/`)", true),
            ("PathRegexp(`^/.+`)", false),
            ("PathRegexp(`.*`)", true),
        ];
        for (rule, expected) in table {
            let Tree::Is(matcher) = tree(rule) else {
                panic!("{rule}");
            };
            assert_eq!(is_everything(&matcher), expected, "{rule}");
        }
    }

    #[test]
    fn rules_that_contradict_themselves_are_known() {
        let table = [
            ("Host(`a`) && Host(`b`)", true),
            ("Path(`/a`) && PathPrefix(`/b`)", true),
            ("Method(`GET`) && Method(`POST`)", true),
            ("Path(`/a/b`) && PathPrefix(`/a`)", false),
            ("Host(`a`) || Host(`b`)", false),
            ("Host(`a`) && Host(`*.a`)", false),
        ];
        for (rule, expected) in table {
            assert_eq!(contradiction(&tree(rule)).is_some(), expected, "{rule}");
        }
    }

    #[test]
    fn only_so_many_routers_are_compared() {
        let router = |number: usize| Entered {
            name: "r",
            provider: "file",
            priority: i64::try_from(number).unwrap(),
            places: BTreeSet::from(["web".to_owned()]),
            is_child: false,
            tls: false,
            tree: tree("Host(`a`)"),
        };
        let mut routers: Vec<_> = (0..3).map(router).collect();
        let mut report = Report::new();
        shadowed(&routers, &mut report);
        assert_eq!(report.len(), 2, "{report}");
        routers.extend((3..=SHADOWED_ROUTERS_MAX).map(router));
        let mut report = Report::new();
        shadowed(&routers, &mut report);
        assert_eq!(report.len(), 1, "{report}");
    }
}
