//! The way of one request through its routers' chains: in step by step, out through the steps
//! that it entered.

use std::sync::Arc;

use crate::base::limits::ROUTER_LAYERS_MAX;
use crate::middleware::Slot;
use crate::snapshot::{End, Router, Service, Snapshot, Step};

/// The routers and services that a request has entered, outermost first, and how far it has
/// come in. They are kept as numbers: the exchange's plan knows them, and nothing shared is
/// counted.
#[derive(Debug, Default)]
pub(super) struct Trail {
    layers: Vec<Layer>,
    /// What each entered step remembers.
    slots: Vec<Slot>,
    /// Steps entered, over all layers.
    cursor: usize,
}

/// One part of the way.
#[derive(Clone, Copy, Debug)]
enum Layer {
    Router(u32),
    /// The service with that number below the one before.
    Child(u16),
}

/// How far a request had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    layers: usize,
    cursor: usize,
}

impl Place {
    /// Routers and services entered.
    pub(super) const fn depth(self) -> usize {
        self.layers
    }

    /// Whether a step lies between this and `other`, which is further in.
    pub(super) const fn is_before(self, other: Self) -> bool {
        self.cursor < other.cursor && self.layers <= other.layers
    }
}

impl Trail {
    pub(super) fn clear(&mut self) {
        self.layers.clear();
        self.slots.clear();
        self.cursor = 0;
    }

    /// False when there would be more layers than any configuration may have.
    pub(super) fn enter(&mut self, router: u32) -> bool {
        self.layers.push(Layer::Router(router));
        self.layers.len() <= ROUTER_LAYERS_MAX
    }

    /// Goes on to a service below the innermost one.
    pub(super) fn enter_child(&mut self, number: usize) {
        let number = u16::try_from(number).unwrap_or(u16::MAX);
        self.layers.push(Layer::Child(number));
    }

    /// Where the request is now.
    pub(super) const fn place(&self) -> Place {
        Place {
            layers: self.layers.len(),
            cursor: self.cursor,
        }
    }

    /// Whether the request has come back out to `place`.
    pub(super) const fn is_back_at(&self, place: Place) -> bool {
        self.cursor == place.cursor
    }

    /// The innermost service at `place`.
    pub(super) fn service_at<'plan>(
        &self,
        plan: &'plan Snapshot,
        place: Place,
    ) -> Option<&'plan Arc<Service>> {
        let mut service = None;
        for layer in self.layers.get(..place.layers)? {
            service = layer.enter(plan, service)?.1;
        }
        service
    }

    /// Leaves all that was entered behind `place`.
    pub(super) fn back_to(&mut self, place: Place) {
        self.layers.truncate(place.layers);
        self.slots.truncate(place.cursor);
        self.cursor = place.cursor;
    }

    /// The innermost router so far.
    pub(super) fn router<'plan>(&self, plan: &'plan Snapshot) -> Option<&'plan Router> {
        let router = |layer: &Layer| match layer {
            Layer::Router(number) => Some(*number),
            Layer::Child(_) => None,
        };
        let number = self.layers.iter().rev().find_map(router)?;
        plan.routers.get(number).map(|router| &**router)
    }

    /// The innermost service so far.
    pub(super) fn service<'plan>(&self, plan: &'plan Snapshot) -> Option<&'plan Arc<Service>> {
        self.service_at(plan, self.place())
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
        let mut service = None;
        for layer in &self.layers {
            if before >= self.cursor {
                break;
            }
            keep += 1;
            let entered = layer.enter(plan, service);
            service = entered.and_then(|(_, service)| service);
            before += entered.map_or(0, |(chain, _)| chain.len());
        }
        self.layers.truncate(keep);
    }

    /// Who was let in by a middleware, for the access log.
    pub(super) fn user(&self) -> Option<&[u8]> {
        self.slots.iter().find_map(|slot| match slot {
            Slot::User(user) => Some(&**user),
            Slot::ForwardAuth(verdict) => verdict.user(),
            Slot::Nothing
            | Slot::Attempts(_)
            | Slot::Compress(_)
            | Slot::Entered(_)
            | Slot::Headers(_)
            | Slot::InFlight(_)
            | Slot::Errors(_)
            | Slot::Retry(_) => None,
        })
    }
}

/// The chain of a layer, and the service that it leads to.
type Entered<'plan> = (&'plan [Step], Option<&'plan Arc<Service>>);

impl Layer {
    /// `service` is that of the layer before. The chain of a router holds that of its service.
    fn enter<'plan>(
        self,
        plan: &'plan Snapshot,
        service: Option<&'plan Arc<Service>>,
    ) -> Option<Entered<'plan>> {
        match self {
            Self::Router(number) => {
                let router = plan.routers.get(number)?;
                let service = match &router.end {
                    End::Service(service) => Some(service),
                    End::Children(_) => None,
                };
                Some((&router.chain, service))
            }
            Self::Child(number) => {
                let child = service?.child(usize::from(number))?;
                Some((&child.chain, Some(child)))
            }
        }
    }
}

fn at<'plan>(plan: &'plan Snapshot, layers: &[Layer], mut cursor: usize) -> Option<&'plan Step> {
    let mut service = None;
    for layer in layers {
        let chain;
        (chain, service) = layer.enter(plan, service)?;
        match chain.get(cursor) {
            Some(step) => return Some(step),
            None => cursor -= chain.len(),
        }
    }
    None
}
