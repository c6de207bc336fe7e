use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::Tick;

/// Keeps the latest message of each provider until it may be applied: the first at once, later
/// ones at most every `span` (features 1.13). The last one wins.
#[derive(Debug)]
pub struct Throttle<M> {
    span: Duration,
    providers: BTreeMap<String, Provider<M>>,
}

#[derive(Debug)]
struct Provider<M> {
    waiting: Option<M>,
    /// Nothing of this provider is applied before.
    free_at: Tick,
}

impl<M> Throttle<M> {
    #[must_use]
    pub const fn new(span: Duration) -> Self {
        Self {
            span,
            providers: BTreeMap::new(),
        }
    }

    /// A provider has something new.
    pub fn put(&mut self, provider: &str, message: M) {
        let fresh = || Provider {
            waiting: None,
            free_at: Tick::ZERO,
        };
        self.providers
            .entry(provider.to_owned())
            .or_insert_with(fresh)
            .waiting = Some(message);
    }

    /// All that may be applied now.
    pub fn take(&mut self, now: Tick) -> Vec<M> {
        let mut due = Vec::new();
        for provider in self
            .providers
            .values_mut()
            .filter(|provider| provider.free_at <= now)
        {
            if let Some(message) = provider.waiting.take() {
                provider.free_at = now + self.span;
                due.push(message);
            }
        }
        due
    }

    /// When [`Throttle::take`] will have something; none when nothing waits.
    #[must_use]
    pub fn next_at(&self) -> Option<Tick> {
        let waiting = self
            .providers
            .values()
            .filter(|provider| provider.waiting.is_some());
        waiting.map(|provider| provider.free_at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_goes_at_once_and_the_last_of_a_burst_after_the_span() {
        let mut throttle = Throttle::new(Duration::from_secs(2));
        let at = |millis: u64| Tick::ZERO + Duration::from_millis(millis);
        throttle.put("file", 1);
        assert_eq!(throttle.take(at(100)), [1]);
        throttle.put("file", 2);
        throttle.put("file", 3);
        throttle.put("kube", 9);
        assert_eq!(throttle.take(at(200)), [9]);
        assert_eq!(throttle.next_at(), Some(at(2100)));
        assert_eq!(throttle.take(at(2100)), [3]);
        assert_eq!(throttle.next_at(), None);
    }
}
