use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::Pin;

use crate::base::limits::FUTURES_KEPT_MAX;

/// A box that holds a future while it runs.
type Place<F> = Pin<Box<Option<F>>>;

/// Boxes for futures of one kind, used again: a request in flight costs no allocation, and an
/// idle connection keeps no room for one.
#[derive(Debug)]
pub(super) struct Reused<F> {
    free: RefCell<Vec<Place<F>>>,
}

impl<F: Future> Reused<F> {
    pub(super) const fn new() -> Self {
        Self {
            free: RefCell::new(Vec::new()),
        }
    }

    /// Runs `future` in one of the boxes.
    pub(super) async fn run(&self, future: F) -> F::Output {
        let mut place = self.place(future);
        let output = poll_fn(|cx| match place.as_mut().as_pin_mut() {
            Some(future) => future.poll(cx),
            // Filled above, and emptied only below.
            None => std::task::Poll::Pending,
        })
        .await;
        place.set(None);
        let mut free = self.free.borrow_mut();
        if free.len() < FUTURES_KEPT_MAX {
            free.push(place);
        }
        output
    }

    fn place(&self, future: F) -> Place<F> {
        let free = self.free.borrow_mut().pop();
        let mut place = free.unwrap_or_else(|| Box::pin(None));
        place.set(Some(future));
        place
    }
}
