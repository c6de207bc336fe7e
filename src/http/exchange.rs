//! The walk of one request: in through its chain, to a server or an answer of our own, out
//! again. Only this file acts on a [`Flow`].

use std::rc::Rc;
use std::time::Duration;

use crate::base::Tick;
use crate::engine;
use crate::middleware::{Around, CallFault, Flow, Outcome, Reply, Text};
use crate::snapshot::{End, EntryPoint, Internal, RouteTable, ServiceKind, Step};
use crate::telemetry::log;
use crate::wire::{BodyLength, BodyReader};

use super::answer;
use super::connection::{After, Connection};
use super::context::{Context, Plan, Work};
use super::forward::{Failure, FailureKind, Served};
use super::head::{self, Arrival};
use super::record::{self, Record};
use super::relay::Passage;
use super::store::Reading;
use super::workers::Desk;

/// One request from its head to its log line.
pub(super) struct Exchange<'shard> {
    pub(super) cx: &'shard Rc<Context>,
    pub(super) conn: &'shard mut Connection,
    pub(super) work: &'shard mut Work,
    pub(super) entry: &'shard EntryPoint,
    pub(super) plan: Rc<Plan>,
    pub(super) record: Record,
    /// The request's body.
    pub(super) upload: Passage,
    /// When the whole request must have come.
    pub(super) read_by: Tick,
    /// When the whole answer must have gone.
    pub(super) write_by: Tick,
}

/// What will be sent to the client; its head is in `work.response`.
pub(super) enum Body {
    Local(Text),
    /// What is here already, whole.
    Stored(Reading),
    Served(Served),
}

/// Serves one request after the other, each of any connection.
pub(super) async fn work(cx: Rc<Context>, desk: Rc<Desk>) {
    let mut work = Work::default();
    loop {
        let mut job = desk.job(&cx).await;
        let Some(conn) = job.connection() else {
            continue;
        };
        conn.answered.set(false);
        let after = serve(&cx, conn, &mut work).await;
        work.clear();
        desk.done(job, after);
    }
}

/// Serves one request of the connection, and says what becomes of the connection.
async fn serve(cx: &Rc<Context>, conn: &mut Connection, work: &mut Work) -> After {
    match head::read(cx, conn, &mut work.head).await {
        Arrival::Head { begun, read_by } => {
            Exchange::begin(cx, conn, work, (begun, read_by))
                .run()
                .await
        }
        Arrival::Refused { begun, fault } => {
            record::refused(cx, conn.client, conn.entry_point, (begun, fault.status()));
            answer::refuse(cx, conn, fault)
        }
        Arrival::Gone => After::Close,
    }
}

impl<'shard> Exchange<'shard> {
    fn begin(
        cx: &'shard Rc<Context>,
        conn: &'shard mut Connection,
        work: &'shard mut Work,
        (begun, read_by): (Tick, Tick),
    ) -> Self {
        let entry = &cx.entry_points[conn.entry_point];
        let mut upload = Passage::new(BodyReader::new(work.head.body()), work.head.take_rest());
        upload.hand_rest_to(&mut conn.rest);
        work.trail.clear();
        let record = Record::begin(begun);
        let write_by = entry
            .write_timeout
            .map_or(Tick::NEVER, |timeout| engine::now() + timeout);
        let plan = cx.plan();
        Self {
            cx,
            conn,
            work,
            entry,
            plan,
            record,
            upload,
            read_by,
            write_by,
        }
    }

    async fn run(mut self) -> After {
        self.note_request();
        let peer = self.conn.client.ip().to_canonical();
        self.work
            .head
            .forward(&self.entry.forwarded, &self.conn.peer, self.conn.secure);
        let mut around = Around {
            peer,
            secure: self.conn.secure,
            now: engine::now(),
        };
        let body = match self.first_router() {
            Ok(()) => self.walk(&mut around).await,
            Err(body) => body,
        };
        self.finish(body, &around).await
    }

    /// Finds the router by the entry point's rules.
    fn first_router(&mut self) -> Result<(), Body> {
        let plan = Rc::clone(&self.plan);
        let routes = &plan.snapshot().entry_points[self.conn.entry_point];
        self.enter(&routes.plain)
    }

    /// Enters the first router of `table` that fits; an error is the answer if none does.
    fn enter(&mut self, table: &RouteTable) -> Result<(), Body> {
        let facts = head::Facts::new(&self.work.head, self.conn.client.ip());
        let Some(number) = table.find(&facts, &mut self.work.scratch) else {
            return Err(self.local(answer::NOT_FOUND));
        };
        let entered = self.work.trail.enter(number);
        let plan = Rc::clone(&self.plan);
        let Some(router) = self.work.trail.router(plan.snapshot()).filter(|_| entered) else {
            return Err(self.local(answer::INTERNAL_ERROR));
        };
        let refused = router.refused_escapes;
        if !refused.is_empty() && refused.occur_in(self.work.head.path()) {
            return Err(self.local(answer::BAD_REQUEST_EMPTY));
        }
        Ok(())
    }

    /// In and out, as often as a middleware asks for it.
    async fn walk(&mut self, around: &mut Around) -> Body {
        loop {
            let (mut body, outcome) = match self.inwards(around).await {
                Some(local) => (local, Outcome::Local),
                None => self.serve().await,
            };
            if !self.work.cookies.is_empty() {
                self.work.cookies.write(&mut self.work.response);
            }
            self.announce(&body);
            match self.outwards((&mut body, outcome), around).await {
                None => return body,
                Some(pause) => {
                    drop(body);
                    if !pause.is_zero() {
                        engine::sleep(pause).await;
                    }
                }
            }
        }
    }

    /// Walks in until a step answers, or the end of the last chain is reached (None).
    async fn inwards(&mut self, around: &mut Around) -> Option<Body> {
        let plan = Rc::clone(&self.plan);
        let plan = plan.snapshot();
        around.now = engine::now();
        loop {
            let work = &mut *self.work;
            let Some((step, slot)) = work.trail.step(plan) else {
                let entered = match work.trail.end(plan)? {
                    End::Children(table) => self.enter(table),
                    End::Service(service) if service.is_leaf() => return None,
                    End::Service(_) => match self.descend(around).await {
                        Ok(true) => Ok(()),
                        Ok(false) => return None,
                        Err(body) => Err(body),
                    },
                };
                if let Err(body) = entered {
                    return Some(body);
                }
                continue;
            };
            let flow = step.middleware.on_request(&mut work.head, around, slot);
            match self.settle(step, flow, around).await {
                Ok(()) => self.work.trail.inwards(),
                Err(body) => return Some(body),
            }
        }
    }

    /// Does what a step wants on the way in, until it lets the request pass or answers it.
    async fn settle(
        &mut self,
        step: &Step,
        mut flow: Flow,
        around: &mut Around,
    ) -> Result<(), Body> {
        let middleware = &step.middleware;
        let mut reply = None;
        loop {
            flow = match flow {
                Flow::Next | Flow::Again { .. } | Flow::Store(_) => return Ok(()),
                Flow::Answer(response, text) => {
                    self.work.response = response;
                    return Err(Body::Local(text));
                }
                Flow::Wait(pause) => {
                    engine::sleep(pause).await;
                    // The steps behind it must not take the pause for the service's slowness.
                    around.now = engine::now();
                    return Ok(());
                }
                Flow::Verify(asked) => {
                    let Some(right) = self.cx.errands.verify(asked.clone()).await else {
                        return Err(self.local(answer::BUSY));
                    };
                    let (head, slot) = self.work.at_step();
                    middleware.on_verified(head, &asked, right, slot)
                }
                Flow::Count(tally) => {
                    let turn = self.cx.errands.count(tally).await;
                    middleware.on_counted(turn)
                }
                Flow::Collect(wish) => {
                    let collected = Box::pin(self.collect(wish)).await?;
                    around.now = engine::now();
                    let (head, slot) = self.work.at_step();
                    middleware.on_collected(head, collected, around, slot)
                }
                Flow::Call(call) => {
                    let replied = Box::pin(self.call(*call, step.service.as_deref())).await;
                    around.now = engine::now();
                    self.replied(step, replied, around, &mut reply)
                }
                Flow::Relay => match reply.take() {
                    Some(body) => {
                        std::mem::swap(&mut self.work.response, &mut self.work.reply);
                        return Err(body);
                    }
                    None => return Err(self.local(answer::INTERNAL_ERROR)),
                },
            };
        }
    }

    /// Tells a step what came of its request; keeps the body of the reply in `kept`.
    fn replied(
        &mut self,
        step: &Step,
        replied: Result<Body, CallFault>,
        around: &Around,
        kept: &mut Option<Body>,
    ) -> Flow {
        let Work {
            head, reply, trail, ..
        } = &mut *self.work;
        let told = match replied {
            Ok(body) => {
                *kept = Some(body);
                Reply::Answered(reply)
            }
            Err(fault) => {
                if fault == CallFault::ClientGone {
                    self.record.client_gone();
                }
                Reply::Failed(fault)
            }
        };
        step.middleware.on_reply(head, told, around, trail.slot())
    }

    /// Walks out through the steps that were entered. Some: wait so long, then walk in again.
    async fn outwards(
        &mut self,
        (body, outcome): (&mut Body, Outcome),
        around: &mut Around,
    ) -> Option<Duration> {
        let plan = Rc::clone(&self.plan);
        let plan = plan.snapshot();
        around.now = engine::now();
        loop {
            if self.falls_over(plan) {
                return Some(Duration::ZERO);
            }
            let work = &mut *self.work;
            let (step, slot) = work.trail.outwards(plan)?;
            let flow = step.middleware.on_response(
                &mut work.head,
                &mut work.response,
                (outcome, around),
                slot,
            );
            match flow {
                Flow::Next => {}
                Flow::Again { after } => {
                    if self.upload.rewind() {
                        self.work.trail.turn(plan);
                        self.leave_services();
                        self.record.retried();
                        return Some(after);
                    }
                }
                Flow::Answer(response, text) => {
                    self.work.response = response;
                    *body = Body::Local(text);
                    self.announce(body);
                }
                Flow::Store(wish) => {
                    let Some(collected) = Box::pin(self.keep(wish, body)).await else {
                        continue;
                    };
                    let flow = step.middleware.on_stored(collected);
                    self.replace(flow, None, body);
                }
                Flow::Call(call) => {
                    let replied = Box::pin(self.call(*call, step.service.as_deref())).await;
                    let mut kept = None;
                    let flow = self.replied(step, replied, around, &mut kept);
                    self.replace(flow, kept, body);
                }
                Flow::Verify(_)
                | Flow::Count(_)
                | Flow::Wait(_)
                | Flow::Collect(_)
                | Flow::Relay => {}
            }
        }
    }

    /// Has the head say how long the body is, where that is known already.
    fn announce(&mut self, body: &Body) {
        let length = match body {
            Body::Local(text) => text.as_slice().len() as u64,
            Body::Stored(reading) => reading.len(),
            Body::Served(_) => return,
        };
        if self.work.response.body() != BodyLength::None {
            self.work.response.set_body(BodyLength::Length(length));
        }
    }

    /// Puts what a step made of its reply in the place of the answer.
    fn replace(&mut self, flow: Flow, reply: Option<Body>, body: &mut Body) {
        match (flow, reply) {
            (Flow::Relay, Some(reply)) => {
                std::mem::swap(&mut self.work.response, &mut self.work.reply);
                *body = reply;
            }
            (Flow::Answer(response, text), _) => {
                self.work.response = response;
                *body = Body::Local(text);
            }
            _ => {}
        }
        self.announce(body);
    }

    /// What the last router's service says.
    async fn serve(&mut self) -> (Body, Outcome) {
        let plan = Rc::clone(&self.plan);
        let Some(service) = self.work.trail.service(plan.snapshot()) else {
            return (self.local(answer::INTERNAL_ERROR), Outcome::Answered);
        };
        self.work.cookies.enter(self.work.trail.place().depth());
        match &service.kind {
            ServiceKind::Internal(internal) => (self.internal(*internal), Outcome::Answered),
            ServiceKind::Weighted(_)
            | ServiceKind::HighestRandomWeight(_)
            | ServiceKind::Mirroring(_)
            | ServiceKind::Failover(_) => (self.local(answer::NO_SERVER), Outcome::Answered),
            ServiceKind::LoadBalancer(servers) => match self.forward(servers).await {
                Ok(served) => {
                    self.note_origin();
                    (Body::Served(served), Outcome::Answered)
                }
                Err(failure) => self.failed(&failure),
            },
        }
    }

    pub(super) fn failed(&mut self, failure: &Failure) -> (Body, Outcome) {
        self.record.failed(failure);
        log::debug("The request could not be forwarded")
            .with("status", failure.status())
            .with("error", &failure.kind)
            .send();
        self.cx.counters.add(record::counter_of(&failure.kind), 1);
        let body = match failure.kind {
            FailureKind::NoServer => self.local(answer::NO_SERVER),
            FailureKind::Unreachable(_)
            | FailureKind::Broken(_)
            | FailureKind::TooSlow
            | FailureKind::Nonsense(_)
            | FailureKind::UnaskedSwitch
            | FailureKind::ClientGone
            | FailureKind::ClientBody(_) => self.local(answer::of_status(failure.status())),
        };
        (body, failure.outcome)
    }

    fn internal(&mut self, internal: Internal) -> Body {
        match internal {
            Internal::Ping { terminating } if self.cx.signals.is_terminating() => {
                self.local(answer::of_status(terminating))
            }
            Internal::Ping { .. } => self.local(answer::PING),
            Internal::Noop => self.local(answer::of_status(418)),
        }
    }

    /// Makes `answer` the response; to be sent once it has walked out.
    pub(super) fn local(&mut self, answer: answer::Answer) -> Body {
        answer.begin(&mut self.work.response);
        Body::Local(answer.body.into())
    }
}
