//! The shard's clock and its sleeps.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use super::shard;
use crate::base::Tick;

/// The time at which this turn of the shard's loop began; of the simulator inside it.
///
/// # Panics
/// On a thread that is no shard.
pub fn now() -> Tick {
    shard::within(shard::Shard::now)
}

/// Waits until `at`, to the millisecond after it.
pub const fn sleep_until(at: Tick) -> Sleep {
    Sleep { at, sleeper: None }
}

/// Waits for `span` from now on.
///
/// # Panics
/// On a thread that is no shard.
pub fn sleep(span: Duration) -> Sleep {
    sleep_until(now() + span)
}

/// Lets every other ready task go first.
pub async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|cx| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// A wait for a point in time.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct Sleep {
    at: Tick,
    sleeper: Option<u32>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        shard::within(|shard| {
            if self.at <= shard.now() {
                return Poll::Ready(());
            }
            shard.io(|io| match self.sleeper {
                Some(slot) => io.sleepers.renew(&mut io.wheel, slot, self.at, cx.waker()),
                None => {
                    self.sleeper = Some(io.sleepers.add(&mut io.wheel, self.at, cx.waker()));
                }
            });
            Poll::Pending
        })
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(slot) = self.sleeper {
            // A shard that has ended has no sleepers.
            let _gone = shard::with(|shard| {
                shard.io(|io| io.sleepers.remove(&mut io.wheel, slot));
            });
        }
    }
}
