//! The plain evaluator: the reference for every faster one.

use std::net::IpAddr;

use super::matcher::{HostPattern, Matcher};
use super::query;
use super::regex::Caches;
use super::tree::Tree;
use crate::wire::HeaderName;

/// What a rule may ask about a request (or, where said, about a TCP connection).
pub trait Facts {
    /// Lower-case, without port and brackets; a trailing dot is kept. Empty when there is none.
    /// Of a connection: the server name.
    fn canonical_host(&self) -> &[u8];

    /// The path with all but reserved characters decoded (features 4.1). Empty of a connection.
    fn routing_path(&self) -> &[u8];

    /// The method as sent.
    fn method(&self) -> &[u8];

    /// True when `test` accepts some value of the header. `Host` is no header here.
    fn some_header(&self, name: &HeaderName, test: impl FnMut(&[u8]) -> bool) -> bool;

    /// The raw query behind the `?`.
    fn query(&self) -> &[u8];

    /// Where the connection comes from (the PROXY protocol's word counts).
    fn client_ip(&self) -> Option<IpAddr>;

    /// True when `test` accepts some protocol that a TLS connection offers.
    fn some_protocol(&self, _test: impl FnMut(&[u8]) -> bool) -> bool {
        false
    }
}

/// What an evaluation may reuse from the one before: one for each shard. Holds bounded memory.
#[derive(Default, Debug)]
pub struct Scratch {
    text: Vec<u8>,
    caches: Caches,
}

/// True when the rule holds. The slow and plain way.
#[must_use]
pub fn eval(tree: &Tree, facts: &impl Facts) -> bool {
    eval_with(tree, facts, &mut Scratch::default())
}

fn eval_with(tree: &Tree, facts: &impl Facts, scratch: &mut Scratch) -> bool {
    match tree {
        Tree::All(parts) => parts.iter().all(|part| eval_with(part, facts, scratch)),
        Tree::Any(parts) => parts.iter().any(|part| eval_with(part, facts, scratch)),
        Tree::Not(part) => !eval_with(part, facts, scratch),
        Tree::Is(matcher) => holds(matcher, facts, scratch),
    }
}

/// True when this one matcher holds.
pub fn holds(matcher: &Matcher, facts: &impl Facts, scratch: &mut Scratch) -> bool {
    let Scratch { text, caches } = scratch;
    match matcher {
        Matcher::Host(pattern) => pattern.admits(facts.canonical_host()),
        Matcher::HostRegexp(pattern) => pattern.finds(facts.canonical_host(), caches),
        Matcher::Path(path) => facts.routing_path() == path.as_bytes(),
        Matcher::PathPrefix(prefix) => facts.routing_path().starts_with(prefix.as_bytes()),
        Matcher::PathRegexp(pattern) => pattern.finds(facts.routing_path(), caches),
        Matcher::Method(method) => facts.method() == method.as_bytes(),
        Matcher::Header { name, value } => facts.some_header(name, |seen| seen == value.as_bytes()),
        Matcher::HeaderRegexp { name, pattern } => {
            facts.some_header(name, |seen| pattern.finds(seen, caches))
        }
        Matcher::Query { key, value } => query::pairs(facts.query())
            .any(|(seen, given)| seen.is(key.as_bytes()) && given.is(value.as_bytes())),
        Matcher::QueryRegexp { key, pattern } => query::pairs(facts.query())
            .filter(|(seen, _)| seen.is(key.as_bytes()))
            .any(|(_, given)| pattern.finds(given.resolve(text), caches)),
        Matcher::QueryFirst { key, pattern } => query::pairs(facts.query())
            .find(|(seen, _)| seen.is(key.as_bytes()))
            .is_some_and(|(_, given)| pattern.finds(given.resolve(text), caches)),
        Matcher::ClientIp(client) => facts
            .client_ip()
            .is_some_and(|address| client.network.contains(address)),
        Matcher::Alpn(protocol) => facts.some_protocol(|offered| offered == protocol.as_bytes()),
    }
}

impl HostPattern {
    /// True when a canonical host is meant; a trailing dot of it does not count.
    #[must_use]
    pub fn admits(&self, host: &[u8]) -> bool {
        let bare = host.strip_suffix(b".").unwrap_or(host);
        match self {
            Self::Any => true,
            Self::Exact(name) => !host.is_empty() && bare == name.as_bytes(),
            Self::OneLabel(rest) => memchr::memchr(b'.', bare)
                .and_then(|dot| bare.get(dot + 1..))
                .is_some_and(|behind| behind == rest.as_bytes()),
        }
    }
}
