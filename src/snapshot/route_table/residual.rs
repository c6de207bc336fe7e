//! What is left of a rule once an index has answered its part.

use std::sync::Arc;

use super::term::{HostKey, Literal, PathKey};
use crate::rule::{Facts, HostPattern, Matcher, Scratch, Tree, holds};

#[derive(Clone, Debug)]
pub(super) enum Test {
    /// One of the methods whose bits are set; see [`method_bit`].
    Methods(u16),
    Is(Arc<Matcher>),
    Not(Box<Self>),
    All(Box<[Self]>),
    Any(Box<[Self]>),
}

/// A part of a rule under what the index knows.
enum Known {
    Always,
    Never,
    Depends(Test),
}

/// The test that is left of a conjunction under its keys; `Err` when it can never hold.
pub(super) fn residual(
    literals: &[Literal<'_>],
    host: &HostKey,
    path: &PathKey,
) -> Result<Option<Test>, Never> {
    let mut under = Under {
        host,
        path,
        scratch: Scratch::default(),
    };
    let parts = literals
        .iter()
        .map(|literal| under.part(literal.tree, literal.negated));
    match all(parts) {
        Known::Always => Ok(None),
        Known::Never => Err(Never),
        Known::Depends(test) => Ok(Some(test)),
    }
}

pub(super) struct Never;

struct Under<'key> {
    host: &'key HostKey,
    path: &'key PathKey,
    scratch: Scratch,
}

impl Under<'_> {
    fn part(&mut self, tree: &Tree, negated: bool) -> Known {
        match (tree, negated) {
            (Tree::Not(part), _) => self.part(part, !negated),
            (Tree::All(parts), false) | (Tree::Any(parts), true) => {
                all(parts.iter().map(|part| self.part(part, negated)))
            }
            (Tree::Any(parts), false) | (Tree::All(parts), true) => {
                any(parts.iter().map(|part| self.part(part, negated)))
            }
            (Tree::Is(matcher), _) => match self.verdict(matcher) {
                Some(held) if held != negated => Known::Always,
                Some(_) => Known::Never,
                None => Known::Depends(leaf(matcher, negated)),
            },
        }
    }

    /// What the keys say about a matcher, if they say anything.
    fn verdict(&mut self, matcher: &Matcher) -> Option<bool> {
        match matcher {
            Matcher::Host(pattern) => self.host_verdict(pattern),
            Matcher::HostRegexp(_) => {
                let HostKey::Exact(host) = self.host else {
                    return None;
                };
                // The key ignores a trailing dot, the expression does not.
                let bare = self.holds_on(matcher, host, b"");
                let dotted = self.holds_on(matcher, &[host, &b"."[..]].concat(), b"");
                (bare == dotted).then_some(bare)
            }
            Matcher::Path(wanted) => match self.path {
                PathKey::Exact(path) => Some(**path == *wanted.as_bytes()),
                PathKey::Prefix(prefix) if !wanted.as_bytes().starts_with(prefix) => Some(false),
                PathKey::Prefix(_) | PathKey::Any => None,
            },
            Matcher::PathPrefix(wanted) => match self.path {
                PathKey::Exact(path) => Some(path.starts_with(wanted.as_bytes())),
                PathKey::Prefix(prefix) if prefix.starts_with(wanted.as_bytes()) => Some(true),
                PathKey::Prefix(prefix) if !wanted.as_bytes().starts_with(prefix) => Some(false),
                PathKey::Prefix(_) | PathKey::Any => None,
            },
            Matcher::PathRegexp(_) => match self.path {
                PathKey::Exact(path) => Some(self.holds_on(matcher, b"", path)),
                PathKey::Prefix(_) | PathKey::Any => None,
            },
            Matcher::Method(_)
            | Matcher::Header { .. }
            | Matcher::HeaderRegexp { .. }
            | Matcher::Query { .. }
            | Matcher::QueryRegexp { .. }
            | Matcher::QueryFirst { .. }
            | Matcher::ClientIp(_)
            | Matcher::Alpn(_) => None,
        }
    }

    fn host_verdict(&self, pattern: &HostPattern) -> Option<bool> {
        match (pattern, self.host) {
            (HostPattern::Any, _) => Some(true),
            (_, HostKey::Exact(host)) => Some(pattern.admits(host)),
            (HostPattern::Exact(wanted), HostKey::Under(suffix)) => {
                let below = super::term::is_below(wanted.as_bytes(), suffix);
                if below { None } else { Some(false) }
            }
            (HostPattern::Exact(_), HostKey::Any)
            | (HostPattern::OneLabel(_), HostKey::Any | HostKey::Under(_)) => None,
        }
    }

    fn holds_on(&mut self, matcher: &Matcher, host: &[u8], path: &[u8]) -> bool {
        holds(matcher, &Supposed { host, path }, &mut self.scratch)
    }
}

/// A request of which only host and path are known.
struct Supposed<'key> {
    host: &'key [u8],
    path: &'key [u8],
}

impl Facts for Supposed<'_> {
    fn canonical_host(&self) -> &[u8] {
        self.host
    }

    fn routing_path(&self) -> &[u8] {
        self.path
    }

    fn method(&self) -> &[u8] {
        b""
    }

    fn some_header(
        &self,
        _name: &crate::wire::HeaderName,
        _test: impl FnMut(&[u8]) -> bool,
    ) -> bool {
        false
    }

    fn query(&self) -> &[u8] {
        b""
    }

    fn client_ip(&self) -> Option<std::net::IpAddr> {
        None
    }
}

fn leaf(matcher: &Arc<Matcher>, negated: bool) -> Test {
    let bit = if let Matcher::Method(method) = &**matcher {
        method_bit(method.as_bytes())
    } else {
        0
    };
    let test = if bit == 0 {
        Test::Is(Arc::clone(matcher))
    } else {
        Test::Methods(bit)
    };
    if negated {
        Test::Not(Box::new(test))
    } else {
        test
    }
}

fn all(parts: impl Iterator<Item = Known>) -> Known {
    let mut left = Vec::new();
    for part in parts {
        match part {
            Known::Always => {}
            Known::Never => return Known::Never,
            Known::Depends(test) => left.push(test),
        }
    }
    // Cheap questions first; their order changes no answer.
    left.sort_by_key(Test::cost);
    match <[Test; 1]>::try_from(left) {
        Ok([only]) => Known::Depends(only),
        Err(none) if none.is_empty() => Known::Always,
        Err(left) => Known::Depends(Test::All(left.into())),
    }
}

fn any(parts: impl Iterator<Item = Known>) -> Known {
    let mut left = Vec::new();
    let mut methods = 0;
    for part in parts {
        match part {
            Known::Always => return Known::Always,
            Known::Never => {}
            Known::Depends(Test::Methods(bits)) => methods |= bits,
            Known::Depends(test) => left.push(test),
        }
    }
    if methods != 0 {
        left.push(Test::Methods(methods));
    }
    left.sort_by_key(Test::cost);
    match <[Test; 1]>::try_from(left) {
        Ok([only]) => Known::Depends(only),
        Err(none) if none.is_empty() => Known::Never,
        Err(left) => Known::Depends(Test::Any(left.into())),
    }
}

impl Test {
    #[inline]
    pub(super) fn holds(&self, facts: &impl Facts, scratch: &mut Scratch) -> bool {
        match self {
            Self::Methods(bits) => method_bit(facts.method()) & bits != 0,
            Self::Is(matcher) => holds(matcher, facts, scratch),
            Self::Not(test) => !test.holds(facts, scratch),
            Self::All(tests) => tests.iter().all(|test| test.holds(facts, scratch)),
            Self::Any(tests) => tests.iter().any(|test| test.holds(facts, scratch)),
        }
    }

    /// A rough rank by what asking costs.
    fn cost(&self) -> u32 {
        match self {
            Self::Methods(_) => 1,
            Self::Is(matcher) => match &**matcher {
                Matcher::Method(_) | Matcher::ClientIp(_) | Matcher::Host(_) => 2,
                Matcher::Path(_) | Matcher::PathPrefix(_) => 3,
                Matcher::Header { .. } | Matcher::Alpn(_) => 10,
                Matcher::Query { .. } => 20,
                Matcher::HostRegexp(_) => 30,
                Matcher::PathRegexp(_) | Matcher::HeaderRegexp { .. } => 40,
                Matcher::QueryRegexp { .. } | Matcher::QueryFirst { .. } => 50,
            },
            Self::Not(test) => test.cost(),
            Self::All(tests) | Self::Any(tests) => {
                tests.iter().map(Self::cost).fold(5, u32::saturating_add)
            }
        }
    }
}

/// A bit for each method of RFC 9110 and PATCH; none for another.
#[inline]
fn method_bit(method: &[u8]) -> u16 {
    match method {
        b"GET" => 1,
        b"HEAD" => 1 << 1,
        b"POST" => 1 << 2,
        b"PUT" => 1 << 3,
        b"DELETE" => 1 << 4,
        b"CONNECT" => 1 << 5,
        b"OPTIONS" => 1 << 6,
        b"TRACE" => 1 << 7,
        b"PATCH" => 1 << 8,
        _ => 0,
    }
}
