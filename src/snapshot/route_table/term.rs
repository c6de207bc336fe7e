//! A rule as alternatives, each of them: one host to look under, one path to look under, and
//! what else must hold. (A disjunctive normal form over hosts and paths alone; the rest stays
//! whole, so it never explodes.)

use crate::rule::{Anchors, HostPattern, Matcher, Tree};

/// Where in the index of hosts an alternative is found. All speak of the host without a dot at
/// its end.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum HostKey {
    Any,
    /// The host is this.
    Exact(Box<[u8]>),
    /// The host ends with a dot and this.
    Under(Box<[u8]>),
}

/// Where in the index of paths an alternative is found.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum PathKey {
    Any,
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
}

/// A part of a rule, or its opposite.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literal<'tree> {
    pub(super) tree: &'tree Tree,
    pub(super) negated: bool,
}

/// One alternative: a request matches when both keys lead to it and all of `rest` holds.
#[derive(Clone, Debug)]
pub(super) struct Term<'tree> {
    pub(super) host: HostKey,
    pub(super) path: PathKey,
    pub(super) rest: Vec<Literal<'tree>>,
    /// Matchers in `rest`.
    weight: usize,
}

/// Alternatives that joining two lists may make; above, one list stays a question.
const PRODUCT_MAX: usize = 1024;
/// Matchers in all alternatives of one rule; where there would be more, a part of the rule stays
/// one question.
const WEIGHT_MAX: usize = 256 * 1024;

/// The alternatives of a rule: it holds exactly when one of them does.
pub(super) fn terms(tree: &Tree) -> Vec<Term<'_>> {
    let mut expansion = Expansion { left: WEIGHT_MAX };
    let literal = Literal {
        tree,
        negated: false,
    };
    expansion.expand(literal)
}

struct Expansion {
    /// Of [`WEIGHT_MAX`].
    left: usize,
}

impl Expansion {
    fn expand<'tree>(&mut self, literal: Literal<'tree>) -> Vec<Term<'tree>> {
        let negated = literal.negated;
        match (literal.tree, negated) {
            (Tree::Not(part), _) => self.expand(Literal {
                tree: part,
                negated: !negated,
            }),
            (Tree::All(parts), false) | (Tree::Any(parts), true) => {
                let joined = self.all(parts, negated);
                joined.unwrap_or_else(|| vec![Term::plain(literal)])
            }
            (Tree::Any(parts), false) | (Tree::All(parts), true) => self.any(literal, parts),
            (Tree::Is(_), true) => vec![Term::plain(literal)],
            (Tree::Is(matcher), false) => leaf(literal, matcher),
        }
    }

    /// `None` when it would weigh too much.
    fn all<'tree>(&mut self, parts: &'tree [Tree], negated: bool) -> Option<Vec<Term<'tree>>> {
        let mut joined = vec![Term::always()];
        for tree in parts {
            let literal = Literal { tree, negated };
            let terms = self.expand(literal);
            let few = joined.len().saturating_mul(terms.len()) <= PRODUCT_MAX;
            if few || joined.len() == 1 {
                self.spend(weight_of(&joined), terms.len())?;
                self.spend(weight_of(&terms), joined.len())?;
                joined = product(joined, &terms);
            } else {
                let plain = Term::plain(literal);
                self.spend(plain.weight, joined.len())?;
                joined = product(joined, &[plain]);
            }
        }
        Some(joined)
    }

    fn any<'tree>(&mut self, literal: Literal<'tree>, parts: &'tree [Tree]) -> Vec<Term<'tree>> {
        let negated = literal.negated;
        let mut terms = Vec::with_capacity(parts.len());
        for tree in parts {
            terms.extend(self.expand(Literal { tree, negated }));
        }
        if terms.iter().any(Term::has_key) {
            terms
        } else {
            // No index narrows any of them: then one question is better than many.
            vec![Term::plain(literal)]
        }
    }

    fn spend(&mut self, weight: usize, times: usize) -> Option<()> {
        // A single list that goes on growing is not copied, but moved.
        let cost = if times == 1 {
            0
        } else {
            weight.saturating_mul(times)
        };
        self.left = self.left.checked_sub(cost)?;
        Some(())
    }
}

fn weight_of(terms: &[Term<'_>]) -> usize {
    terms.iter().map(|term| term.weight + 1).sum()
}

fn product<'tree>(mut left: Vec<Term<'tree>>, right: &[Term<'tree>]) -> Vec<Term<'tree>> {
    if let [only] = right {
        left.retain_mut(|term| term.narrow(only));
        return left;
    }
    let mut joined = Vec::with_capacity(left.len() * right.len());
    for one in &left {
        for other in right {
            let mut term = one.clone();
            if term.narrow(other) {
                joined.push(term);
            }
        }
    }
    joined
}

fn leaf<'tree>(literal: Literal<'tree>, matcher: &Matcher) -> Vec<Term<'tree>> {
    match matcher {
        Matcher::Host(HostPattern::Any) => vec![Term::always()],
        Matcher::Host(HostPattern::Exact(host)) if !host.is_empty() => {
            vec![Term {
                host: HostKey::Exact(host.as_bytes().into()),
                ..Term::always()
            }]
        }
        Matcher::Host(HostPattern::OneLabel(rest)) => vec![Term {
            host: HostKey::Under(rest.as_bytes().into()),
            ..Term::plain(literal)
        }],
        Matcher::HostRegexp(pattern) => hosts(pattern.anchors())
            .into_iter()
            .map(|host| Term {
                host,
                ..Term::plain(literal)
            })
            .collect(),
        Matcher::Path(path) => vec![Term {
            path: PathKey::Exact(path.as_bytes().into()),
            ..Term::always()
        }],
        Matcher::PathPrefix(path) => vec![Term {
            path: PathKey::Prefix(path.as_bytes().into()),
            ..Term::always()
        }],
        Matcher::PathRegexp(pattern) => paths(pattern.anchors())
            .into_iter()
            .map(|path| Term {
                path,
                ..Term::plain(literal)
            })
            .collect(),
        Matcher::Host(HostPattern::Exact(_))
        | Matcher::Method(_)
        | Matcher::Header { .. }
        | Matcher::HeaderRegexp { .. }
        | Matcher::Query { .. }
        | Matcher::QueryRegexp { .. }
        | Matcher::QueryFirst { .. }
        | Matcher::ClientIp(_)
        | Matcher::Alpn(_) => vec![Term::plain(literal)],
    }
}

/// The keys under which every host is that an expression finds.
fn hosts(anchors: &Anchors) -> Vec<HostKey> {
    let bare = |text: &[u8]| text.strip_suffix(b".").unwrap_or(text).to_vec();
    let whole: Vec<_> = anchors.whole.iter().map(|text| bare(text)).collect();
    if !whole.is_empty() && whole.iter().all(|host| !host.is_empty()) {
        let keys = whole.into_iter().map(|host| HostKey::Exact(host.into()));
        return distinct(keys);
    }
    // What stands before the first dot may be the end of a longer label: labels count whole.
    let ends = anchors.ends.iter().map(|text| {
        let text = bare(text);
        let dot = memchr::memchr(b'.', &text)?;
        let suffix = text.get(dot + 1..).filter(|suffix| !suffix.is_empty())?;
        Some(HostKey::Under(suffix.into()))
    });
    match ends.collect::<Option<Vec<_>>>() {
        Some(keys) if !keys.is_empty() => distinct(keys.into_iter()),
        Some(_) | None => vec![HostKey::Any],
    }
}

/// The keys under which every path is that an expression finds.
fn paths(anchors: &Anchors) -> Vec<PathKey> {
    if !anchors.whole.is_empty() {
        return distinct(anchors.whole.iter().cloned().map(PathKey::Exact));
    }
    if !anchors.starts.is_empty() {
        return distinct(anchors.starts.iter().cloned().map(PathKey::Prefix));
    }
    vec![PathKey::Any]
}

fn distinct<K: PartialEq>(keys: impl Iterator<Item = K>) -> Vec<K> {
    let mut kept = Vec::new();
    for key in keys {
        if !kept.contains(&key) {
            kept.push(key);
        }
    }
    kept
}

impl<'tree> Term<'tree> {
    const fn always() -> Self {
        Self {
            host: HostKey::Any,
            path: PathKey::Any,
            rest: Vec::new(),
            weight: 0,
        }
    }

    fn plain(literal: Literal<'tree>) -> Self {
        Self {
            rest: vec![literal],
            weight: matchers_in(literal.tree),
            ..Self::always()
        }
    }

    fn has_key(&self) -> bool {
        self.host != HostKey::Any || self.path != PathKey::Any
    }

    /// Becomes both terms; false when they exclude each other. The narrower key implies the wider.
    fn narrow(&mut self, other: &Self) -> bool {
        let (Some(host), Some(path)) = (self.host.and(&other.host), self.path.and(&other.path))
        else {
            return false;
        };
        self.host = host;
        self.path = path;
        self.rest.extend(&other.rest);
        self.weight += other.weight;
        true
    }
}

fn matchers_in(tree: &Tree) -> usize {
    match tree {
        Tree::All(parts) | Tree::Any(parts) => parts.iter().map(matchers_in).sum(),
        Tree::Not(part) => matchers_in(part),
        Tree::Is(_) => 1,
    }
}

impl HostKey {
    fn and(&self, other: &Self) -> Option<Self> {
        let narrower = match (self, other) {
            (Self::Any, key) | (key, Self::Any) => return Some(key.clone()),
            (Self::Exact(host), Self::Exact(same)) => (host == same).then_some(self),
            (Self::Exact(host), Self::Under(suffix)) => is_below(host, suffix).then_some(self),
            (Self::Under(suffix), Self::Exact(host)) => is_below(host, suffix).then_some(other),
            (Self::Under(one), Self::Under(two)) if one == two || is_below(one, two) => Some(self),
            (Self::Under(one), Self::Under(two)) => is_below(two, one).then_some(other),
        };
        narrower.cloned()
    }
}

impl PathKey {
    fn and(&self, other: &Self) -> Option<Self> {
        let narrower = match (self, other) {
            (Self::Any, key) | (key, Self::Any) => return Some(key.clone()),
            (Self::Exact(path), Self::Exact(same)) => (path == same).then_some(self),
            (Self::Exact(path), Self::Prefix(start)) => path.starts_with(start).then_some(self),
            (Self::Prefix(start), Self::Exact(path)) => path.starts_with(start).then_some(other),
            (Self::Prefix(one), Self::Prefix(two)) if one.starts_with(two) => Some(self),
            (Self::Prefix(one), Self::Prefix(two)) => two.starts_with(one).then_some(other),
        };
        narrower.cloned()
    }
}

/// True when `host` ends with a dot and `suffix`.
pub(super) fn is_below(host: &[u8], suffix: &[u8]) -> bool {
    host.strip_suffix(suffix)
        .is_some_and(|before| before.ends_with(b"."))
}
