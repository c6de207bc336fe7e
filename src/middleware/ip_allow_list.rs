use crate::base::Networks;
use crate::wire::{RequestHead, reason_of};

use super::source::IpStrategy;
use super::{Around, Flow, plain};

/// Lets in only some addresses (features 6, ipAllowList).
#[derive(Debug)]
pub struct IpAllowList {
    allowed: Networks,
    strategy: IpStrategy,
    reject_status: u16,
}

impl IpAllowList {
    #[must_use]
    pub const fn new(allowed: Networks, strategy: IpStrategy, reject_status: u16) -> Self {
        Self {
            allowed,
            strategy,
            reject_status,
        }
    }

    pub(super) fn on_request(&self, head: &RequestHead, around: &Around) -> Flow {
        match self.strategy.address(head, around) {
            Some(address) if self.allowed.contain(address) => Flow::Next,
            Some(_) | None => {
                let body = reason_of(self.reject_status).as_bytes();
                Flow::Answer(plain(self.reject_status), body.into())
            }
        }
    }
}
