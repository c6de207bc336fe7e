use std::collections::HashMap;
use std::sync::{Arc, Weak};

use crate::middleware::Middleware;
use crate::snapshot::Step;

/// Middlewares that remember something for each router apart (features 6, rateLimit): the same
/// one again for the same place of the same router, as long as it did not change itself.
#[derive(Debug, Default)]
pub(super) struct Instances {
    known: HashMap<Place, Instance>,
    /// So many places are looked through for those that nobody uses any more.
    sweep_at: usize,
}

/// A router's name, the address of the middleware as configured, and how many of it stand before
/// it in the router's chain.
type Place = (Box<str>, usize, usize);

#[derive(Debug)]
struct Instance {
    /// Keeps the address from being given to another one.
    _template: Weak<Middleware>,
    made: Weak<Middleware>,
}

/// Places below which nothing is swept.
const SWEEP_MIN: usize = 64;

impl Instances {
    /// The chain as the router is to have it.
    pub(super) fn chain(&mut self, router: &str, mut chain: Vec<Step>) -> Box<[Step]> {
        let templates: Vec<_> = chain
            .iter()
            .map(|step| Arc::clone(&step.middleware))
            .collect();
        for (index, step) in chain.iter_mut().enumerate() {
            let before = templates.iter().take(index);
            let turn = before.filter(|other| Arc::ptr_eq(other, &step.middleware));
            let place = (
                router.into(),
                Arc::as_ptr(&step.middleware).addr(),
                turn.count(),
            );
            self.put(place, &mut step.middleware);
        }
        chain.into()
    }

    fn put(&mut self, place: Place, step: &mut Arc<Middleware>) {
        let Some(anew) = step.anew() else {
            return;
        };
        let known = self.known.get(&place);
        if let Some(known) = known.and_then(|known| known.made.upgrade()) {
            *step = known;
            return;
        }
        if self.known.len() >= self.sweep_at {
            self.known.retain(|_, known| known.made.strong_count() > 0);
            self.sweep_at = (2 * self.known.len()).max(SWEEP_MIN);
        }
        let made = Arc::new(anew);
        let instance = Instance {
            _template: Arc::downgrade(step),
            made: Arc::downgrade(&made),
        };
        self.known.insert(place, instance);
        *step = made;
    }
}
