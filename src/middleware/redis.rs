//! What a rateLimit wants to know from a Redis server. The control wing asks it.

use std::sync::Arc;
use std::time::Duration;

use crate::board::Pace;
use crate::config::Secret;

/// A Redis server as configured (features 6, rateLimit.redis).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RedisStore {
    /// `host:port`
    pub endpoint: Box<str>,
    pub username: Box<str>,
    pub password: Secret,
    pub database: i64,
    /// Connections that are made without waiting for the first question.
    pub connections_min: usize,
    pub connections_max: usize,
    pub dial_timeout: Duration,
    pub read_timeout: Duration,
    pub write_timeout: Duration,
}

/// One token that is to be taken.
#[derive(Debug)]
pub struct Tally {
    pub store: Arc<RedisStore>,
    pub key: Vec<u8>,
    pub pace: Pace,
}
