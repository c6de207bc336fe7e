use std::time::Duration;

use crate::base::limits::BUFFERING_ATTEMPTS_MAX;
use crate::wire::{BodyLength, Edits, RequestHead, ResponseHead, reason_of};

use super::expression::{Expression, ExpressionFault, Function, Yields};
use super::{Collect, Collected, Flow, Outcome, Slot, plain};

/// Takes whole bodies in before they are passed on, and asks again where the answer is not good
/// enough (features 6, buffering).
#[derive(Debug)]
pub struct Buffering {
    rules: BufferingRules,
    retry: Option<Expression>,
}

/// What bodies may be, and how they are kept.
#[derive(Debug)]
pub struct BufferingRules {
    /// None: they pass as they come.
    pub request: Option<Collect>,
    pub response: Option<Collect>,
    /// A request whose announced body is larger is refused at once.
    pub request_bytes_max: Option<u64>,
    /// An answer whose announced body is larger is not passed on.
    pub response_bytes_max: Option<u64>,
}

/// How often a request with a body was tried, and what it looked like.
#[derive(Debug)]
pub struct Attempts {
    done: u32,
    entered: Edits,
}

const FUNCTIONS: [Function; 3] = [
    Function {
        name: "IsNetworkError",
        arguments: 0,
        yields: Yields::Truth,
    },
    Function {
        name: "Attempts",
        arguments: 0,
        yields: Yields::Number,
    },
    Function {
        name: "ResponseCode",
        arguments: 0,
        yields: Yields::Number,
    },
];

impl Buffering {
    /// An empty `retry_expression` never asks again.
    ///
    /// # Errors
    /// It is no expression.
    pub fn new(rules: BufferingRules, retry_expression: &str) -> Result<Self, ExpressionFault> {
        let retry = if retry_expression.is_empty() {
            None
        } else {
            Some(Expression::read(retry_expression, &FUNCTIONS)?)
        };
        Ok(Self { rules, retry })
    }

    pub(super) fn on_request(&self, head: &RequestHead) -> Flow {
        let length = head.body();
        if length.is_empty() || head.upgrade().is_some() {
            return Flow::Next;
        }
        if is_larger(length, self.rules.request_bytes_max) {
            return too_large();
        }
        match self.rules.request {
            Some(wish) => Flow::Collect(wish),
            None => Flow::Next,
        }
    }

    pub(super) fn on_collected(
        &self,
        head: &RequestHead,
        collected: Collected,
        slot: &mut Slot,
    ) -> Flow {
        match collected {
            Collected::TooLarge => too_large(),
            Collected::Whole { .. } => {
                // Only requests with a body are tried again (features 15b.8).
                if self.retry.is_some() {
                    *slot = Slot::Attempts(Attempts {
                        done: 1,
                        entered: head.checkpoint(),
                    });
                }
                Flow::Next
            }
        }
    }

    pub(super) fn on_response(
        &self,
        head: &mut RequestHead,
        response: &ResponseHead,
        outcome: Outcome,
        slot: &mut Slot,
    ) -> Flow {
        if let (Some(retry), Slot::Attempts(attempts)) = (&self.retry, slot)
            && attempts.done < BUFFERING_ATTEMPTS_MAX
            && outcome != Outcome::Local
            && retry.holds(|call| value(retry, call, attempts.done, response.status()))
        {
            head.restore(&attempts.entered);
            attempts.done += 1;
            let after = Duration::ZERO;
            return Flow::Again { after };
        }
        if response.status() == 101 {
            return Flow::Next;
        }
        if is_larger(response.body(), self.rules.response_bytes_max) {
            return Self::on_stored(Collected::TooLarge);
        }
        match self.rules.response {
            Some(wish) => Flow::Store(wish),
            None => Flow::Next,
        }
    }

    /// The answer's body was read, as [`Flow::Store`] asked.
    pub(super) fn on_stored(collected: Collected) -> Flow {
        match collected {
            Collected::Whole { .. } => Flow::Next,
            Collected::TooLarge => Flow::Answer(plain(500), reason_of(500).as_bytes().into()),
        }
    }
}

fn too_large() -> Flow {
    // As Go calls this status.
    Flow::Answer(plain(413), b"Request Entity Too Large".into())
}

fn is_larger(length: BodyLength, most: Option<u64>) -> bool {
    matches!((length, most), (BodyLength::Length(bytes), Some(most)) if bytes > most)
}

fn value(expression: &Expression, call: usize, done: u32, status: u16) -> f64 {
    let function = expression.calls().get(call).map(|call| call.function);
    match function {
        Some(0) => f64::from(u8::from(matches!(status, 502 | 504))),
        Some(1) => f64::from(done),
        _ => f64::from(status),
    }
}
