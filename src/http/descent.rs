//! A request of our own on its way to a server: a middleware's, or a copy for a mirror. It goes
//! the same way through services as a client's, but nobody is told of cookies, and steps that
//! would ask others are not asked.

use crate::engine;
use crate::middleware::{Around, Collected, Flow, Slot};
use crate::snapshot::{Service, ServiceKind, Step};
use crate::wire::{RequestHead, ResponseHead};

use super::context::Context;
use super::cookie::Cookies;
use super::forward::{Asker, Failure, FailureKind, Sending, Served};
use super::relay::Passage;
use super::tree::{Way, way};

/// The request, and where the head of its answer goes.
pub(super) struct Descent<'send> {
    pub(super) cx: &'send Context,
    pub(super) head: &'send mut RequestHead,
    pub(super) response: &'send mut ResponseHead,
    /// All of it must be here.
    pub(super) body: &'send mut Passage,
    pub(super) around: Around,
}

impl Descent<'_> {
    /// Sends the request to a server of `top`, or of what is below it.
    pub(super) async fn forward(mut self, top: &Service) -> Result<Served, Failure> {
        let none = || Failure::before(FailureKind::NoServer);
        // What steps remember, for as long as the server is asked.
        let mut entered: Vec<Slot> = Vec::new();
        let mut service = top;
        loop {
            for step in &service.chain {
                let mut slot = Slot::Nothing;
                let passes = self.pass(step, &mut slot).await;
                entered.push(slot);
                if !passes {
                    return Err(none());
                }
            }
            let asked = (self.around.peer, engine::now());
            match way(service, self.head, asked) {
                Way::End => break,
                Way::Closed(_) => return Err(none()),
                Way::Down(number, _) => service = service.child(number).ok_or_else(none)?,
            }
        }
        let ServiceKind::LoadBalancer(balancer) = &service.kind else {
            return Err(none());
        };
        let sending = Sending {
            cx: self.cx,
            head: self.head,
            response: self.response,
            body: self.body,
            asker: Asker::Ourselves,
            peer: self.around.peer,
            server: &mut None,
            cookies: &mut Cookies::default(),
        };
        sending.forward(balancer).await
    }

    /// Whether a step lets the request pass. One that answers it, or would send a request of its
    /// own, ends it.
    async fn pass(&mut self, step: &Step, slot: &mut Slot) -> bool {
        self.around.now = engine::now();
        let middleware = &step.middleware;
        let mut flow = middleware.on_request(self.head, &self.around, slot);
        loop {
            flow = match flow {
                Flow::Next | Flow::Again { .. } | Flow::Store(_) => return true,
                Flow::Count(tally) => middleware.on_counted(self.cx.errands.count(tally).await),
                Flow::Wait(pause) => {
                    engine::sleep(pause).await;
                    return true;
                }
                Flow::Verify(asked) => {
                    let Some(right) = self.cx.errands.verify(asked.clone()).await else {
                        return false;
                    };
                    middleware.on_verified(self.head, &asked, right, slot)
                }
                Flow::Collect(_) => {
                    let bytes = self.body.passed;
                    let whole = Collected::Whole { bytes };
                    middleware.on_collected(self.head, whole, &self.around, slot)
                }
                Flow::Answer(..) | Flow::Call(_) | Flow::Relay => return false,
            };
        }
    }
}
