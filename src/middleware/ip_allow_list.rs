use crate::base::Networks;
use crate::wire::{RequestHead, names};

use super::source::IpStrategy;
use super::{Around, Flow, plain, reason};

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
                let mut answer = plain(self.reject_status);
                answer.set(&names::CONTENT_TYPE, b"text/plain; charset=utf-8");
                Flow::Answer(answer, reason(self.reject_status))
            }
        }
    }
}
