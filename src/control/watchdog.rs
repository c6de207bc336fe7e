use std::sync::Arc;
use std::time::Duration;

use crate::base::Tick;
use crate::base::limits::STALL_MS;
use crate::engine::Pulse;
use crate::telemetry::log;

/// Notices shards whose turn does not end: whoever waits there waits for it.
#[derive(Debug)]
pub struct Watchdog {
    shards: Vec<(Arc<Pulse>, bool)>,
}

impl Watchdog {
    #[must_use]
    pub fn new(pulses: Vec<Arc<Pulse>>) -> Self {
        Self {
            shards: pulses.into_iter().map(|pulse| (pulse, false)).collect(),
        }
    }

    /// Tells the log of each stall once, and of its end. The number of shards that stall now.
    pub fn look(&mut self, now: Tick) -> usize {
        for (number, (pulse, told)) in self.shards.iter_mut().enumerate() {
            let stalled = pulse.stalled_for(now);
            let stalls = stalled >= Duration::from_millis(STALL_MS);
            if stalls && !*told {
                log::warn("a shard does not come round: its connections wait")
                    .with("shard", number)
                    .with("stalled_ms", stalled.as_millis())
                    .send();
            } else if !stalls && *told {
                log::warn("a shard that stalled goes on")
                    .with("shard", number)
                    .send();
            }
            *told = stalls;
        }
        self.shards.iter().filter(|(_, told)| *told).count()
    }
}
