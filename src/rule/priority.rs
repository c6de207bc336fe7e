use super::matcher::{HostPattern, Matcher};
use super::tree::Tree;

/// The highest priority that a user may write (features 4.3.1); above are the internal routers.
pub const PRIORITY_USER_MAX: i64 = i64::MAX - 1000;

/// The priority of a router that names none: the bytes of its rule, as its provider renders it.
#[must_use]
pub fn default_priority(text: &str) -> i64 {
    i64::try_from(text.len()).unwrap_or(PRIORITY_USER_MAX)
}

/// As [`default_priority`], for a TCP router: exactly ``HostSNI(`*`)`` comes behind all others.
#[must_use]
pub fn default_tcp_priority(text: &str, tree: &Tree) -> i64 {
    match tree {
        Tree::Is(matcher) if **matcher == Matcher::Host(HostPattern::Any) => -1,
        Tree::Is(_) | Tree::All(_) | Tree::Any(_) | Tree::Not(_) => default_priority(text),
    }
}
