//! STUB until the index lands.
pub use crate::rule::Scratch;
use crate::rule::{Facts, Tree, eval};
use std::sync::Arc;
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OrderKey(std::cmp::Reverse<i64>, u32, String);
impl OrderKey {
    pub fn new(p: i64, c: u32, n: &str) -> Self {
        Self(std::cmp::Reverse(p), c, n.to_owned())
    }
}
#[derive(Clone, Debug)]
pub struct Route {
    pub id: u32,
    pub order: OrderKey,
    pub tree: Arc<Tree>,
}
#[derive(Default, Debug)]
pub struct RouteTable {
    routes: Vec<Route>,
}
impl RouteTable {
    pub fn build(routes: impl IntoIterator<Item = Route>) -> Self {
        let mut routes: Vec<_> = routes.into_iter().collect();
        routes.sort_by(|a, b| a.order.cmp(&b.order));
        Self { routes }
    }
    pub fn update(&self, removed: &[u32], added: Vec<Route>) -> Self {
        Self::build(
            self.routes
                .iter()
                .filter(|r| !removed.contains(&r.id))
                .cloned()
                .chain(added),
        )
    }
    pub fn find(&self, facts: &impl Facts, _s: &mut Scratch) -> Option<u32> {
        self.routes
            .iter()
            .find(|r| eval(&r.tree, facts))
            .map(|r| r.id)
    }
}
