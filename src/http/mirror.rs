//! Copies of requests, sent to mirrors once the client has its answer (features 5.7). What
//! becomes of them concerns nobody.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::base::limits::{DISCARD_BYTES_MAX, MIRROR_MS_MAX};
use crate::base::{Page, Tick};
use crate::engine;
use crate::middleware::Around;
use crate::snapshot::Service;
use crate::telemetry::log;
use crate::wire::{BodyLength, BodyReader, RequestHead, ResponseHead};

use super::context::{Context, Plan};
use super::descent::Descent;
use super::relay::Passage;

/// A request for one mirror.
pub(super) struct Copy {
    /// The configuration of the request, which holds the service.
    pub(super) plan: Rc<Plan>,
    pub(super) service: Arc<Service>,
    pub(super) head: RequestHead,
    pub(super) body: Passage,
    pub(super) around: Around,
}

/// Sends the copy, and throws away the answer. It takes its time, but not more than
/// [`MIRROR_MS_MAX`].
pub(super) async fn send(cx: Rc<Context>, copy: Copy) {
    let _open = Open::new(&cx);
    let by = engine::now() + Duration::from_millis(MIRROR_MS_MAX);
    let sent = pin!(deliver(&cx, copy, by));
    engine::first(sent, engine::sleep_until(by)).await;
}

async fn deliver(cx: &Context, copy: Copy, by: Tick) {
    let Copy {
        plan: _plan,
        service,
        mut head,
        mut body,
        around,
    } = copy;
    let mut response = ResponseHead::new();
    let descent = Descent {
        cx,
        head: &mut head,
        response: &mut response,
        body: &mut body,
        around,
    };
    let served = match descent.forward(&service).await {
        Ok(served) if !served.switched => served,
        Ok(_) => return,
        Err(failure) => {
            log::debug("A copy did not reach its mirror")
                .with("serviceName", &service.name)
                .with("error", &failure.kind)
                .send();
            return;
        }
    };
    let length = response.body();
    let mut answer = served.body(length);
    let most = DISCARD_BYTES_MAX as u64;
    let whole = answer.discard(&served.lease.stream, (most, by)).await;
    let reusable = whole && body.is_ended() && response.keep_alive();
    if reusable && length != BodyLength::UntilClose && answer.into_rest().is_empty() {
        served.lease.give_back(engine::now());
    }
}

pub(super) fn no_body() -> Passage {
    Passage::new(BodyReader::new(BodyLength::None), Page::empty())
}

/// Too many copies are on their way: mirrors are too slow.
pub(super) fn tell_full(service: &Service) {
    log::debug("Mirrors are slow: a request was not copied")
        .with("serviceName", &service.name)
        .send();
}

/// Counted among the copies of its shard.
struct Open<'shard>(&'shard Context);

impl<'shard> Open<'shard> {
    fn new(cx: &'shard Context) -> Self {
        cx.copies.set(cx.copies.get() + 1);
        Self(cx)
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        self.0.copies.set(self.0.copies.get() - 1);
    }
}
