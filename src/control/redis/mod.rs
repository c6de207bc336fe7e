//! Rate limits that several routers share through Redis: each server has threads of its own, so
//! that one which hangs delays nobody else, and questions that wait are asked in one go.

mod client;

use std::collections::HashMap;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, TrySendError, bounded};

use crate::base::limits::{REDIS_BATCH_MAX, REDIS_IDLE_S, REDIS_QUEUED_MAX, REDIS_STORES_MAX};
use crate::board::Turn;
use crate::engine::Post;
use crate::middleware::{RedisStore, Tally};
use crate::snapshot::{Directive, Errand, Reply, Ticket};
use crate::telemetry::log;

use client::{Client, Taken};

/// A question, and who asks.
struct Question {
    shard: usize,
    ticket: u64,
    tally: Box<Tally>,
}

/// One Redis server that somebody has asked for.
struct Line {
    store: Weak<RedisStore>,
    queue: Sender<Question>,
    inbox: Receiver<Question>,
    threads: usize,
}

/// Hands questions to the threads of their server. Runs until nobody can ask any more.
pub(super) fn dispatch(inbox: &Receiver<Ticket>, shards: &[Post<Directive>]) {
    // By the address of the store, which a `Weak` keeps from being given to another.
    let mut lines: HashMap<usize, Line> = HashMap::new();
    loop {
        match inbox.recv_timeout(Duration::from_secs(REDIS_IDLE_S)) {
            Ok(ticket) => {
                let (shard, number) = (ticket.shard, ticket.number);
                match ticket.errand {
                    Errand::Count(tally) => {
                        let question = Question {
                            shard,
                            ticket: number,
                            tally,
                        };
                        hand_over(&mut lines, question, shards);
                    }
                    Errand::Verify(_) | Errand::Resolve { .. } => {}
                }
            }
            Err(RecvTimeoutError::Timeout) => sweep(&mut lines),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// Lets go of servers that no middleware names any more; their threads end.
fn sweep(lines: &mut HashMap<usize, Line>) {
    lines.retain(|_, line| line.store.strong_count() > 0);
}

fn hand_over(lines: &mut HashMap<usize, Line>, question: Question, shards: &[Post<Directive>]) {
    let place = Arc::as_ptr(&question.tally.store).addr();
    if !lines.contains_key(&place) {
        sweep(lines);
        if lines.len() >= REDIS_STORES_MAX {
            return reply(shards, &question, None);
        }
    }
    let line = lines.entry(place).or_insert_with(|| {
        let (queue, inbox) = bounded(REDIS_QUEUED_MAX);
        Line {
            store: Arc::downgrade(&question.tally.store),
            queue,
            inbox,
            threads: 0,
        }
    });
    let store = &question.tally.store;
    let wanted = if line.queue.is_empty() {
        store.connections_min.max(1)
    } else {
        store.connections_max
    };
    while line.threads < wanted && line.hire(store, shards) {}
    if let Err(TrySendError::Full(question) | TrySendError::Disconnected(question)) =
        line.queue.try_send(question)
    {
        reply(shards, &question, None);
    }
}

impl Line {
    /// One more thread; false when there can be none.
    fn hire(&mut self, store: &RedisStore, shards: &[Post<Directive>]) -> bool {
        let (inbox, shards) = (self.inbox.clone(), shards.to_vec());
        let settings = store.clone();
        let name = format!("redis-{}", self.threads);
        let hired = thread::Builder::new()
            .name(name)
            .spawn(move || work(&settings, &inbox, &shards));
        if let Err(error) = &hired {
            log::error("No thread can be started for Redis")
                .with("error", error)
                .send();
        }
        self.threads += 1;
        hired.is_ok()
    }
}

/// Asks one server, over one connection, until nobody can ask any more.
fn work(store: &RedisStore, inbox: &Receiver<Question>, shards: &[Post<Directive>]) {
    let mut client = connect(store).ok();
    let mut batch: Vec<Question> = Vec::new();
    while let Ok(first) = inbox.recv() {
        batch.push(first);
        batch.extend(inbox.try_iter().take(REDIS_BATCH_MAX - 1));
        match ask(&mut client, store, &batch) {
            Some(answers) => {
                for (question, taken) in batch.drain(..).zip(answers) {
                    reply(shards, &question, Some(turn(taken)));
                }
            }
            None => {
                // Those that came meanwhile would only wait as long in vain.
                batch.extend(inbox.try_iter().take(REDIS_QUEUED_MAX));
                for question in batch.drain(..) {
                    reply(shards, &question, None);
                }
            }
        }
    }
}

/// Asks all at once; a connection that has died since is replaced once.
fn ask(client: &mut Option<Client>, store: &RedisStore, batch: &[Question]) -> Option<Vec<Taken>> {
    let wanted: Vec<_> = batch
        .iter()
        .map(|question| (&*question.tally.key, question.tally.pace.micros()))
        .collect();
    let was_connected = client.is_some();
    for turn in 0..=usize::from(was_connected) {
        if client.is_none() {
            *client = connect(store).ok();
        }
        match client.as_mut()?.take(&wanted) {
            Ok(answers) => return Some(answers),
            Err(fault) => {
                *client = None;
                if turn > 0 || !was_connected {
                    complain(store, &fault);
                }
            }
        }
    }
    None
}

fn connect(store: &RedisStore) -> Result<Client, ()> {
    Client::connect(store).map_err(|fault| complain(store, &fault))
}

fn complain(store: &RedisStore, fault: &client::ClientFault) {
    log::error("Redis cannot be asked for a rateLimit")
        .with("endpoint", &store.endpoint)
        .with("error", fault)
        .send();
}

fn turn((micros, taken): Taken) -> Turn {
    let wait = Duration::from_micros(micros);
    if taken {
        Turn::In(wait)
    } else {
        Turn::too_late(wait)
    }
}

fn reply(shards: &[Post<Directive>], question: &Question, turn: Option<Turn>) {
    if let Some(shard) = shards.get(question.shard) {
        // A shard that is gone waits for nothing; one whose mailbox is full has stalled.
        drop(shard.send(Directive::Settle {
            ticket: question.ticket,
            reply: Reply::Counted(turn),
        }));
    }
}
