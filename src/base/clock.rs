//! The one place that reads the system's clocks.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Tick;

static START: OnceLock<Instant> = OnceLock::new();

/// Monotonic time now. A shard calls this once per turn of its loop; others may call it freely.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is base::clock")]
pub fn now() -> Tick {
    let start = *START.get_or_init(Instant::now);
    let nanos = Instant::now().saturating_duration_since(start).as_nanos();
    Tick::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX - 1))
}

/// Wall-clock time in nanoseconds since 1970, for log records.
#[must_use]
pub fn unix_nanos() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}
