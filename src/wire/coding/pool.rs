//! The encoders of one shard: how many may be at work, and those that wait to be used again.

use std::cell::RefCell;

use super::{Coding, Engine};
use crate::base::limits::{ENCODER_BYTES_MAX, ENCODERS_KEPT_MAX};

#[derive(Default)]
struct Pool {
    /// Memory of the encoders at work.
    bytes: usize,
    gzip: Vec<Engine>,
    zstd: Vec<Engine>,
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

/// None when there would be too many.
pub(super) fn take(coding: Coding) -> Option<Engine> {
    POOL.with(|pool| {
        let mut pool = pool.borrow_mut();
        let bytes = pool.bytes.saturating_add(coding.bytes());
        if bytes > ENCODER_BYTES_MAX {
            return None;
        }
        let kept = match coding {
            Coding::Gzip => pool.gzip.pop(),
            Coding::Brotli => None,
            Coding::Zstd => pool.zstd.pop(),
        };
        let engine = kept.or_else(|| Engine::new(coding))?;
        pool.bytes = bytes;
        Some(engine)
    })
}

pub(super) fn give_back(coding: Coding, engine: Option<Engine>) {
    let engine = engine.and_then(Engine::again);
    // A thread that is ending has no pool any more: then the encoder is just freed.
    let _ = POOL.try_with(|pool| {
        let mut pool = pool.borrow_mut();
        pool.bytes = pool.bytes.saturating_sub(coding.bytes());
        let shelf = match coding {
            Coding::Gzip => &mut pool.gzip,
            Coding::Zstd => &mut pool.zstd,
            Coding::Brotli => return,
        };
        if shelf.len() < ENCODERS_KEPT_MAX {
            shelf.extend(engine);
        }
    });
}
