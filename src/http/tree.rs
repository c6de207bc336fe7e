//! The way of a request through services that hold others: which of them it goes to, what must
//! be kept for it, and what happens once there is an answer.

use std::net::IpAddr;
use std::rc::Rc;

use crate::balance::{Cookie, Schedule, is_mirrored};
use crate::base::Tick;
use crate::base::limits::{MIRRORS_OPEN_MAX, REPLAY_MEMORY_BYTES};
use crate::engine;
use crate::middleware::{Around, Collect, Collected};
use crate::snapshot::{Failover, Mirroring, Service, ServiceKind, Snapshot, Weighted};
use crate::wire::{BodyLength, Edits, RequestHead, names};

use super::answer::{self, Answer};
use super::cookie;
use super::exchange::{Body, Exchange};
use super::mirror::{self, Copy};
use super::walk::Place;

/// What services that were entered want to do once there is an answer.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// The request at a failover that looks at the answer, the innermost last.
    failovers: Vec<(Place, Edits)>,
    copies: Vec<Copies>,
}

/// A request as it came to a mirroring service, for some of its mirrors.
#[derive(Debug)]
struct Copies {
    place: Place,
    head: RequestHead,
    mirrors: Vec<usize>,
    with_body: bool,
}

impl Pending {
    pub(super) fn clear(&mut self) {
        self.failovers.clear();
        self.copies.clear();
    }

    /// Forgets what services wanted that are left, and come to again perhaps.
    fn keep(&mut self, stays: impl Fn(Place) -> bool) {
        self.failovers.retain(|(place, _)| stays(*place));
        self.copies.retain(|copies| stays(copies.place));
    }

    pub(super) fn has_copies(&self) -> bool {
        !self.copies.is_empty()
    }
}

/// Where a request goes from a service.
pub(super) enum Way<'service> {
    /// It is the last one.
    End,
    /// To the service below with that number; a cookie of this one tells the client.
    Down(usize, Option<&'service Cookie>),
    /// Nowhere.
    Closed(Answer),
}

/// Where a request goes from `service`.
pub(super) fn way<'service>(
    service: &'service Service,
    head: &RequestHead,
    (peer, now): (IpAddr, Tick),
) -> Way<'service> {
    match &service.kind {
        ServiceKind::LoadBalancer(_) | ServiceKind::Internal(_) => Way::End,
        ServiceKind::Weighted(weighted) => of_weighted(weighted, head, now),
        ServiceKind::HighestRandomWeight(highest) => {
            let fits = |number: usize| {
                let child = highest.children.get(number);
                child.is_some_and(|child| !highest.propagates || child.service.is_up(now))
            };
            let chosen = highest.table.pick(peer, fits);
            chosen.map_or(Way::Closed(answer::NO_SERVER), |number| {
                Way::Down(number, None)
            })
        }
        ServiceKind::Mirroring(_) => Way::Down(0, None),
        ServiceKind::Failover(failover) => of_failover(failover, now),
    }
}

fn of_weighted<'service>(
    weighted: &'service Weighted,
    head: &RequestHead,
    now: Tick,
) -> Way<'service> {
    let fits = |number: usize| {
        let child = weighted.children.get(number);
        let used = child.filter(|child| child.weight > 0);
        used.is_some_and(|child| !weighted.propagates || child.service.is_up(now))
    };
    let cookie = weighted.sticky.as_deref();
    let kept = cookie.and_then(|cookie| cookie::find(cookie, head));
    if let Some(kept) = kept.filter(|kept| fits(kept.number)) {
        return Way::Down(kept.number, cookie.filter(|_| kept.outdated));
    }
    let next = Schedule::next(&weighted.schedule, &weighted.seats, |number, _| {
        fits(number)
    });
    next.map_or(Way::Closed(answer::NO_SERVER), |number| {
        Way::Down(number, cookie)
    })
}

fn of_failover(failover: &Failover, now: Tick) -> Way<'static> {
    if failover.main.is_up(now) {
        Way::Down(0, None)
    } else if !failover.propagates || failover.fallback.is_up(now) {
        Way::Down(1, None)
    } else {
        Way::Closed(answer::UNAVAILABLE)
    }
}

impl Exchange<'_> {
    /// Goes on to a service below the innermost one. False when there is none: it serves the
    /// request itself. An error is the answer.
    pub(super) async fn descend(&mut self, around: &Around) -> Result<bool, Body> {
        let plan = Rc::clone(&self.plan);
        let Some(service) = self.work.trail.service(plan.snapshot()) else {
            return Ok(false);
        };
        let place = self.work.trail.place();
        let (number, cookie) = match way(service, &self.work.head, (around.peer, around.now)) {
            Way::End => return Ok(false),
            Way::Closed(answer) => return Err(self.local(answer)),
            Way::Down(number, cookie) => (number, cookie),
        };
        match &service.kind {
            ServiceKind::Mirroring(mirroring) => {
                Box::pin(self.copy_for(mirroring, place)).await?;
            }
            ServiceKind::Failover(failover) if number == 0 => {
                Box::pin(self.keep_for(failover, place)).await?;
            }
            ServiceKind::LoadBalancer(_)
            | ServiceKind::Weighted(_)
            | ServiceKind::HighestRandomWeight(_)
            | ServiceKind::Failover(_)
            | ServiceKind::Internal(_) => {}
        }
        self.work.cookies.enter(place.depth());
        if let Some(cookie) = cookie {
            self.work.cookies.add(cookie, number);
        }
        self.work.trail.enter_child(number);
        Ok(true)
    }

    /// Keeps the request for a fallback, where answers may send it there.
    async fn keep_for(&mut self, failover: &Failover, place: Place) -> Result<(), Body> {
        let Some(errors) = &failover.errors else {
            return Ok(());
        };
        let wish = Collect {
            memory_bytes: REPLAY_MEMORY_BYTES,
            bytes_max: errors.body_bytes_max,
        };
        match self.collect(wish).await? {
            Collected::Whole { .. } => {
                let before = self.work.head.checkpoint();
                self.work.pending.failovers.push((place, before));
                Ok(())
            }
            Collected::TooLarge => Err(self.local(answer::TOO_LARGE)),
        }
    }

    /// Keeps the request for the mirrors whose turn it is (features 5.7).
    async fn copy_for(&mut self, mirroring: &Mirroring, place: Place) -> Result<(), Body> {
        let turn = mirroring.seats.take();
        let mirrors = mirroring.mirrors.iter().enumerate();
        let mirrors: Vec<usize> = mirrors
            .filter(|(_, mirror)| is_mirrored(turn, mirror.percent))
            .map(|(number, _)| number)
            .collect();
        // A tunnel has no end that a copy could follow.
        if mirrors.is_empty() || self.work.head.upgrade().is_some() {
            return Ok(());
        }
        let with_body = mirroring.mirror_body && self.work.head.body() != BodyLength::None;
        if with_body {
            let wish = Collect {
                memory_bytes: REPLAY_MEMORY_BYTES,
                bytes_max: mirroring.body_bytes_max,
            };
            if self.collect(wish).await? == Collected::TooLarge {
                return Ok(());
            }
        }
        let mut head = self.work.head.duplicate();
        if !with_body {
            head.set_body(BodyLength::None);
            head.remove(&names::CONTENT_LENGTH);
            head.remove(&names::EXPECT);
        }
        self.work.pending.copies.push(Copies {
            place,
            head,
            mirrors,
            with_body,
        });
        Ok(())
    }

    /// On the way out: whether a failover that the request has come back to sends it to its
    /// fallback. Then it is there.
    pub(super) fn falls_over(&mut self, plan: &Snapshot) -> bool {
        while let Some((place, _)) = self.work.pending.failovers.last()
            && self.work.trail.is_back_at(*place)
        {
            let Some((place, before)) = self.work.pending.failovers.pop() else {
                return false;
            };
            let service = self.work.trail.service_at(plan, place);
            let errors = service.and_then(|service| match &service.kind {
                ServiceKind::Failover(failover) => failover.errors.as_ref(),
                ServiceKind::LoadBalancer(_)
                | ServiceKind::Weighted(_)
                | ServiceKind::HighestRandomWeight(_)
                | ServiceKind::Mirroring(_)
                | ServiceKind::Internal(_) => None,
            });
            let status = self.work.response.status();
            if !errors.is_some_and(|errors| errors.holds(status)) || self.record.is_client_gone() {
                continue;
            }
            if !self.upload.rewind() {
                continue;
            }
            self.work.head.restore(&before);
            self.work.trail.back_to(place);
            self.work.cookies.leave(place.depth());
            self.work
                .pending
                .keep(|other| other.depth() < place.depth());
            self.work.cookies.enter(place.depth());
            self.work.trail.enter_child(1);
            return true;
        }
        false
    }

    /// The request turns inwards again: services that were left begin anew.
    pub(super) fn leave_services(&mut self) {
        let here = self.work.trail.place();
        self.work.cookies.leave(here.depth());
        self.work.pending.keep(|place| place.is_before(here));
    }

    /// The answer is out: sends the copies on their way.
    pub(super) fn send_copies(&mut self, around: &Around) {
        let plan = Rc::clone(&self.plan);
        let all = std::mem::take(&mut self.work.pending.copies);
        for copies in all {
            let service = self.work.trail.service_at(plan.snapshot(), copies.place);
            let Some(service) = service else { continue };
            for mirror in &copies.mirrors {
                let body = if copies.with_body {
                    self.upload.again()
                } else {
                    None
                };
                let target = service.child(mirror + 1);
                let (Some(target), true) = (target, body.is_some() || !copies.with_body) else {
                    continue;
                };
                if self.cx.copies.get() >= MIRRORS_OPEN_MAX {
                    mirror::tell_full(service);
                    return;
                }
                let copy = Copy {
                    plan: Rc::clone(&self.plan),
                    service: std::sync::Arc::clone(target),
                    head: copies.head.duplicate(),
                    body: body.unwrap_or_else(mirror::no_body),
                    around: *around,
                };
                engine::spawn(mirror::send(Rc::clone(self.cx), copy));
            }
        }
    }
}
