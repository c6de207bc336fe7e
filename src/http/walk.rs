//! The way of one request through its routers' chains: in step by step, out through the steps
//! that it entered.

use crate::base::limits::ROUTER_LAYERS_MAX;
use crate::middleware::Slot;
use crate::snapshot::{End, Router, Snapshot, Step};

/// The routers that a request has entered, outermost first, and how far it has come in.
/// Routers are kept as numbers: the exchange's plan knows them, and nothing shared is counted.
#[derive(Debug, Default)]
pub(super) struct Trail {
    layers: Vec<u32>,
    /// What each entered step remembers.
    slots: Vec<Slot>,
    /// Steps entered, over all layers.
    cursor: usize,
}

impl Trail {
    pub(super) fn clear(&mut self) {
        self.layers.clear();
        self.slots.clear();
        self.cursor = 0;
    }

    /// False when there would be more layers than any configuration may have.
    pub(super) fn enter(&mut self, router: u32) -> bool {
        self.layers.push(router);
        self.layers.len() <= ROUTER_LAYERS_MAX
    }

    /// The innermost router so far.
    pub(super) fn router<'plan>(&self, plan: &'plan Snapshot) -> Option<&'plan Router> {
        plan.routers
            .get(*self.layers.last()?)
            .map(|router| &**router)
    }

    /// Where the innermost router leads.
    pub(super) fn end<'plan>(&self, plan: &'plan Snapshot) -> Option<&'plan End> {
        self.router(plan).map(|router| &router.end)
    }

    /// The next step inwards with its slot; none when the last router's chain is through.
    pub(super) fn step<'plan>(
        &mut self,
        plan: &'plan Snapshot,
    ) -> Option<(&'plan Step, &mut Slot)> {
        let step = at(plan, &self.layers, self.cursor)?;
        if self.slots.len() <= self.cursor {
            self.slots.push(Slot::Nothing);
        }
        Some((step, self.slots.get_mut(self.cursor)?))
    }

    /// What the step that was shown last remembers.
    pub(super) fn slot(&mut self) -> &mut Slot {
        if self.slots.len() <= self.cursor {
            self.slots.resize_with(self.cursor + 1, Slot::default);
        }
        &mut self.slots[self.cursor]
    }

    /// The step that [`Trail::step`] showed was passed.
    pub(super) const fn inwards(&mut self) {
        self.cursor += 1;
    }

    /// Goes back over one entered step; none when the request is out.
    pub(super) fn outwards<'plan>(
        &mut self,
        plan: &'plan Snapshot,
    ) -> Option<(&'plan Step, &mut Slot)> {
        self.cursor = self.cursor.checked_sub(1)?;
        let step = at(plan, &self.layers, self.cursor)?;
        Some((step, self.slots.get_mut(self.cursor)?))
    }

    /// Turns inwards again behind the step that [`Trail::outwards`] showed last: the layers
    /// that were entered behind it are left.
    pub(super) fn turn(&mut self, plan: &Snapshot) {
        self.cursor += 1;
        self.slots.truncate(self.cursor);
        let mut before = 0;
        let mut keep = 0;
        for router in &self.layers {
            if before >= self.cursor {
                break;
            }
            keep += 1;
            before += plan
                .routers
                .get(*router)
                .map_or(0, |router| router.chain.len());
        }
        self.layers.truncate(keep);
    }

    /// Who was let in by a middleware, for the access log.
    pub(super) fn user(&self) -> Option<&[u8]> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::User(user) => Some(&**user),
            Slot::Nothing
            | Slot::Attempts(_)
            | Slot::Compress(_)
            | Slot::Entered(_)
            | Slot::Headers(_)
            | Slot::InFlight(_)
            | Slot::Retry(_) => None,
        })
    }
}

fn at<'plan>(plan: &'plan Snapshot, layers: &[u32], mut cursor: usize) -> Option<&'plan Step> {
    for number in layers {
        let chain = &plan.routers.get(*number)?.chain;
        match chain.get(cursor) {
            Some(step) => return Some(step),
            None => cursor -= chain.len(),
        }
    }
    None
}
