//! Rules: text -> [`Tree`] -> yes or no.
//!
//! Here are the v3 and v2 grammars of HTTP and TCP rules, the tree that both become (providers
//! build the same tree with constructors, never by pasting text), and the plain evaluator
//! [`eval`]: the reference that the compiled index of `snapshot` is tested against.
//!
//! Never here: an index; anything that must be fast beyond one rule.

mod build;
mod eval;
mod fault;
mod lex;
mod matcher;
mod parse;
mod priority;
mod query;
mod regex;
mod request;
mod template;
mod tree;
mod words;

pub use crate::wire::HeaderName;
pub use eval::{Facts, Scratch, eval, holds};
pub use fault::{Fault, ValueFault};
pub use matcher::{Client, HostPattern, Matcher};
pub use parse::{Syntax, parse};
pub use priority::{PRIORITY_USER_MAX, default_priority, default_tcp_priority};
pub use query::pairs as query_pairs;
pub use regex::{Anchors, Pattern, with_groups as regex_with_groups};
pub use request::RequestFacts;
pub use tree::Tree;

#[cfg(test)]
pub(crate) mod tests;
