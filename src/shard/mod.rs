//! One core: it accepts, finds out what a connection is, serves it, and drains.
//!
//! Never here: a wait for another shard.

mod accept;

use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::base::limits::{ACCESS_FLUSH_MS, SWEEP_MS};
use crate::engine::{self, BoundListener, Either, Mailbox, ShardOptions};
use crate::http::{self, Context, Phase, Shared};
use crate::snapshot::{Directive, Snapshot};
use crate::telemetry::access::AccessSink;

/// What a shard needs to begin.
pub struct Birth {
    /// Counts from zero.
    pub number: usize,
    /// With the number of the entry point that each belongs to.
    pub listeners: Vec<(usize, BoundListener)>,
    pub mailbox: Mailbox<Directive>,
    pub shared: Shared,
    pub first: Arc<Snapshot>,
}

impl std::fmt::Debug for Birth {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Birth({})", self.number)
    }
}

/// Runs the shard on this thread, until it is told to drain and its connections are done.
///
/// # Errors
/// The engine's driver or a listener cannot be set up.
pub fn run(engine: ShardOptions, birth: Birth) -> io::Result<()> {
    engine::run(engine, move || live(birth))?
}

/// The life of a shard, as the root of an engine's loop.
///
/// # Errors
/// A listener cannot be set up.
pub async fn live(birth: Birth) -> io::Result<()> {
    let Birth {
        number,
        listeners,
        mailbox,
        shared,
        first,
    } = birth;
    let cx = Rc::new(Context::new(shared, number, first));
    let server = http::server(Rc::clone(&cx));
    for (entry_point, bound) in listeners {
        accept::start(&cx, &server, entry_point, bound)?;
    }
    engine::spawn(sweep(Rc::clone(&cx)));
    if let Some(access) = cx.access.clone() {
        engine::spawn(hand_over(access));
    }
    obey(&cx, mailbox).await;
    Ok(())
}

/// Does what the control wing says, until the shard is done.
async fn obey(cx: &Rc<Context>, mailbox: Mailbox<Directive>) {
    while !(cx.phase() >= Phase::Draining && cx.members() == 0) {
        match engine::first(mailbox.recv(), cx.emptied()).await {
            Either::Left(Some(Directive::Adopt(snapshot))) => cx.adopt(snapshot),
            Either::Left(Some(Directive::Settle { ticket, reply })) => {
                cx.errands.settle(ticket, reply);
            }
            Either::Left(Some(Directive::Drain)) => cx.enter(Phase::Draining),
            Either::Left(Some(Directive::End)) => cx.enter(Phase::Ending),
            Either::Left(None) => {
                // Nobody is left who could say more: asking again would never wait.
                cx.enter(Phase::Ending);
                cx.emptied().await;
            }
            Either::Right(()) => {}
        }
    }
}

/// Closes idle connections to servers whose time has come.
async fn sweep(cx: Rc<Context>) {
    loop {
        engine::sleep(Duration::from_millis(SWEEP_MS)).await;
        cx.upstream.sweep(engine::now());
    }
}

/// Hands what the access log has gathered to its writer, so that quiet times show, too.
async fn hand_over(access: AccessSink) {
    loop {
        engine::sleep(Duration::from_millis(ACCESS_FLUSH_MS)).await;
        access.flush();
    }
}
