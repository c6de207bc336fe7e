use std::time::Duration;

use crate::wire::{ForwardedRules, HeadRules};

/// One HTTP entry point as the data wing needs it (features 2).
#[derive(Debug)]
pub struct EntryPoint {
    pub name: Box<str>,
    pub head: HeadRules,
    pub forwarded: ForwardedRules,
    pub proxy_protocol: Option<ProxyProtocol>,
    /// From the first byte of a request to the last of its body. None: no bound.
    pub read_timeout: Option<Duration>,
    /// From the end of the head to the last byte of the answer. None: no bound.
    pub write_timeout: Option<Duration>,
    /// How long a connection may wait for its next request.
    pub idle_timeout: Option<Duration>,
    /// After this age a connection is told to close; none: never.
    pub keep_alive_max_time: Option<Duration>,
    /// After so many requests a connection is told to close; none: never.
    pub keep_alive_max_requests: Option<u64>,
}

/// Whose PROXY headers are believed (features 2.6).
#[derive(Debug)]
pub struct ProxyProtocol {
    pub insecure: bool,
    pub trusted: crate::base::Networks,
}

impl EntryPoint {
    /// True when a connection of that age, with so many requests served, is to be closed.
    #[must_use]
    pub fn is_worn(&self, requests: u64, age: Duration) -> bool {
        self.keep_alive_max_requests
            .is_some_and(|most| requests >= most)
            || self
                .keep_alive_max_time
                .is_some_and(|longest| age >= longest)
    }
}
