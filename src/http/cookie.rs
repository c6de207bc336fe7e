//! Cookies that keep clients at their servers.

use crate::balance::{Cookie, Found};
use crate::wire::{RequestHead, ResponseHead, names};

/// Values of Set-Cookie that the answer is to bring.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    /// How deep in the services the cookie's one is, and the value.
    values: Vec<(usize, Vec<u8>)>,
    /// Where the request is now.
    depth: usize,
}

impl Cookies {
    pub(super) fn clear(&mut self) {
        self.values.clear();
        self.depth = 0;
    }

    /// From here on, cookies are those of services so deep.
    pub(super) fn enter(&mut self, depth: usize) {
        self.depth = depth;
    }

    /// Forgets those of services so deep and deeper, which were left.
    pub(super) fn leave(&mut self, depth: usize) {
        self.values.retain(|(deep, _)| *deep < depth);
    }

    pub(super) fn add(&mut self, cookie: &Cookie, number: usize) {
        let mut value = Vec::with_capacity(64);
        cookie.write(number, &mut value);
        self.values.push((self.depth, value));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Puts them into the answer.
    pub(super) fn write(&self, response: &mut ResponseHead) {
        for (_, value) in &self.values {
            response.append(&names::SET_COOKIE, value);
        }
    }
}

/// What a request's cookies say about where it belongs.
pub(super) fn find(cookie: &Cookie, head: &RequestHead) -> Option<Found> {
    cookie.find(head.values(&names::COOKIE))
}
