use std::net::{IpAddr, Ipv6Addr};

use crate::base::Networks;
use crate::wire::{RequestHead, names};

use super::Around;

/// Which address a request counts as (features 6, ipStrategy).
#[derive(Debug, Default)]
pub struct IpStrategy {
    /// The so-many-th entry of `X-Forwarded-For` from the right; 0: the peer.
    pub depth: usize,
    /// The first entry from the right that is not one of these.
    pub excluded: Networks,
    /// Addresses of one IPv6 network of so many bits count as one.
    pub ipv6_bits: Option<u8>,
}

impl IpStrategy {
    /// None when the header does not hold the entry that is asked for.
    #[must_use]
    pub fn address(&self, head: &RequestHead, around: &Around) -> Option<IpAddr> {
        let address = if self.depth > 0 {
            address(entries(head).nth(self.depth - 1)?)
        } else if self.excluded.is_empty() {
            Some(around.peer)
        } else {
            let outside = |entry: &Option<IpAddr>| {
                entry.is_none_or(|address| !self.excluded.contain(address))
            };
            entries(head)
                .filter(|entry| !entry.is_empty())
                .map(address)
                .find(outside)?
        };
        address.map(|address| self.fold(address))
    }

    fn fold(&self, address: IpAddr) -> IpAddr {
        match (address.to_canonical(), self.ipv6_bits) {
            (IpAddr::V6(six), Some(bits)) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(bits.min(128)))
                    .unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & mask))
            }
            (address, _) => address,
        }
    }
}

/// Entries of all `X-Forwarded-For` fields from the right.
fn entries(head: &RequestHead) -> impl Iterator<Item = &[u8]> {
    let fields: Vec<&[u8]> = head.values(&names::X_FORWARDED_FOR).collect();
    fields
        .into_iter()
        .rev()
        .flat_map(|field| field.rsplit(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
}

/// None for an entry that is no address.
fn address(entry: &[u8]) -> Option<IpAddr> {
    std::str::from_utf8(entry).ok()?.parse().ok()
}
