use std::sync::Arc;
use std::time::Duration;

use crate::base::Tick;
use crate::board::{Circuit, Latencies, Spans, Window};
use crate::wire::{ResponseHead, reason_of};

use super::expression::{Call, Expression, ExpressionFault, Function, Yields};
use super::{Around, Flow, Slot, plain};

/// Keeps requests away from a service that fails, until it has had time to recover (features 6,
/// circuitBreaker).
#[derive(Debug)]
pub struct CircuitBreaker {
    rules: Arc<BreakerRules>,
    circuit: Circuit,
    window: Window,
    latencies: Option<Latencies>,
}

/// When a breaker trips, and what happens then.
#[derive(Debug)]
struct BreakerRules {
    condition: Expression,
    /// What each call of the condition tells.
    measures: Box<[Measure]>,
    /// What is counted for that.
    counts: Box<[Counts]>,
    spans: Spans,
    status: u16,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Measure {
    /// One count as a part of another.
    Ratio(usize, usize),
    /// Milliseconds within which so many of a hundred answers came.
    Latency(f64),
}

/// Which answers count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Counts {
    All,
    /// Those that say that the service could not be asked.
    NetworkErrors,
    /// Those with a status from the first on, below the second.
    Codes(u16, u16),
}

const FUNCTIONS: [Function; 3] = [
    number("NetworkErrorRatio", 0),
    number("ResponseCodeRatio", 4),
    number("LatencyAtQuantileMS", 1),
];

const fn number(name: &'static str, arguments: usize) -> Function {
    Function {
        name,
        arguments,
        yields: Yields::Number,
    }
}

impl CircuitBreaker {
    /// # Errors
    /// `expression` is none.
    pub fn new(expression: &str, spans: Spans, status: u16) -> Result<Self, ExpressionFault> {
        let condition = Expression::read(expression, &FUNCTIONS)?;
        let mut counts = Vec::new();
        let measures = condition
            .calls()
            .iter()
            .map(|call| measure(call, &mut counts))
            .collect();
        Ok(Self::of(Arc::new(BreakerRules {
            condition,
            measures,
            counts: counts.into(),
            spans,
            status,
        })))
    }

    fn of(rules: Arc<BreakerRules>) -> Self {
        let latency = |measure: &Measure| matches!(measure, Measure::Latency(_));
        Self {
            circuit: Circuit::default(),
            window: Window::of(rules.counts.len()),
            latencies: rules.measures.iter().any(latency).then(Latencies::default),
            rules,
        }
    }

    /// One with the same rules and a state of its own.
    pub(super) fn anew(&self) -> Self {
        Self::of(Arc::clone(&self.rules))
    }

    pub(super) fn on_request(&self, around: &Around, slot: &mut Slot) -> Flow {
        if self.circuit.lets_in(around.now, &self.rules.spans) {
            *slot = Slot::Entered(around.now);
            return Flow::Next;
        }
        let status = self.rules.status;
        Flow::Answer(plain(status), reason_of(status).as_bytes().into())
    }

    pub(super) fn on_response(
        &self,
        response: &ResponseHead,
        around: &Around,
        slot: &Slot,
    ) -> Flow {
        let Slot::Entered(entered) = *slot else {
            return Flow::Next;
        };
        let (now, status) = (around.now, response.status());
        for (place, counts) in self.rules.counts.iter().enumerate() {
            if counts.hold(status) {
                self.window.count(place, now);
            }
        }
        if let Some(latencies) = &self.latencies {
            latencies.note(micros(now.since(entered)), now);
        }
        let spans = &self.rules.spans;
        if self.circuit.is_check_due(now, spans)
            && self.rules.condition.holds(|call| self.value(call, now))
            && self.circuit.trip(now, spans)
        {
            self.window.clear();
            if let Some(latencies) = &self.latencies {
                latencies.clear();
            }
        }
        Flow::Next
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "an hour of microseconds is exact"
    )]
    fn value(&self, call: usize, now: Tick) -> f64 {
        match self.rules.measures.get(call) {
            Some(Measure::Ratio(part, whole)) => self.window.ratio(*part, *whole, now),
            Some(Measure::Latency(percent)) => {
                let latencies = self.latencies.as_ref();
                let micros = latencies.map_or(0, |latencies| latencies.quantile(*percent, now));
                micros as f64 / 1000.0
            }
            None => 0.0,
        }
    }
}

impl Counts {
    const fn hold(self, status: u16) -> bool {
        match self {
            Self::All => true,
            Self::NetworkErrors => matches!(status, 502 | 504),
            Self::Codes(from, below) => from <= status && status < below,
        }
    }
}

/// What a call measures; what is to be counted for it joins `counts`.
fn measure(call: &Call, counts: &mut Vec<Counts>) -> Measure {
    let mut place = |wanted: Counts| {
        let known = counts.iter().position(|known| *known == wanted);
        known.unwrap_or_else(|| {
            counts.push(wanted);
            counts.len() - 1
        })
    };
    match *call.arguments {
        [from, below, whole_from, whole_below] => {
            let part = Counts::Codes(status(from), status(below));
            let whole = Counts::Codes(status(whole_from), status(whole_below));
            Measure::Ratio(place(part), place(whole))
        }
        [percent] => Measure::Latency(percent),
        _ => Measure::Ratio(place(Counts::NetworkErrors), place(Counts::All)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates, and no status is outside of its range"
)]
const fn status(number: f64) -> u16 {
    number as u16
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}
