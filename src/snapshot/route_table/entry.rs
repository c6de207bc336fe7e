use std::cmp::Ordering;
use std::sync::Arc;

use super::residual::Test;
use crate::rule::{Facts, Scratch, Tree};

/// One router, as the table sees it.
#[derive(Clone, Debug)]
pub struct Route {
    /// The router's number: what [`super::RouteTable::find`] answers.
    pub id: u32,
    pub order: OrderKey,
    pub tree: Arc<Tree>,
}

/// Which router is asked first: the smaller key (features 4.3.2).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderKey {
    /// The higher, the earlier.
    pub priority: i64,
    /// Place of the provider in `providers.precedence`: the lower, the earlier.
    pub precedence: u32,
    /// Decides last, so that equal routers always stand in one order.
    pub name: Arc<str>,
}

impl OrderKey {
    /// `name` is the router's full name.
    #[must_use]
    pub fn new(priority: i64, precedence: u32, name: &str) -> Self {
        Self {
            priority,
            precedence,
            name: name.into(),
        }
    }
}

impl Ord for OrderKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let priority = other.priority.cmp(&self.priority);
        priority
            .then_with(|| self.precedence.cmp(&other.precedence))
            .then_with(|| self.name.cmp(&other.name))
    }
}

impl PartialOrd for OrderKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One way in which a route may match: what is left to ask once an index led here.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    priority: i64,
    pub(super) id: u32,
    precedence: u32,
    route: Arc<Route>,
    test: Option<Arc<Test>>,
}

impl Entry {
    pub(super) fn new(route: &Arc<Route>, test: Option<Test>) -> Self {
        Self {
            priority: route.order.priority,
            id: route.id,
            precedence: route.order.precedence,
            route: Arc::clone(route),
            test: test.map(Arc::new),
        }
    }

    /// True when this is asked before the other.
    #[inline]
    pub(super) fn precedes(&self, other: &Self) -> bool {
        if self.priority == other.priority {
            self.cmp_tied(other).is_lt()
        } else {
            self.priority > other.priority
        }
    }

    pub(super) fn cmp(&self, other: &Self) -> Ordering {
        let priority = other.priority.cmp(&self.priority);
        priority.then_with(|| self.cmp_tied(other))
    }

    #[cold]
    fn cmp_tied(&self, other: &Self) -> Ordering {
        let precedence = self.precedence.cmp(&other.precedence);
        precedence
            .then_with(|| self.route.order.name.cmp(&other.route.order.name))
            .then_with(|| self.id.cmp(&other.id))
    }

    #[inline]
    pub(super) fn passes(&self, facts: &impl Facts, scratch: &mut Scratch) -> bool {
        match &self.test {
            None => true,
            Some(test) => test.holds(facts, scratch),
        }
    }
}
