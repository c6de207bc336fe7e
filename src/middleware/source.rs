use std::net::{IpAddr, Ipv6Addr};

use ahash::RandomState;

use crate::base::Networks;
use crate::wire::{HeaderName, RequestHead, names};

use super::Around;

/// `X-Forwarded-For` lines that are looked at without taking memory for them.
const LINES_AT_HAND: usize = 8;

/// Which address a request counts as (features 6, ipStrategy).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct IpStrategy {
    /// The so-many-th entry of `X-Forwarded-For` from the right; 0: the peer.
    pub depth: usize,
    /// The first entry from the right that is not one of these.
    pub excluded: Networks,
    /// Addresses of one IPv6 network of so many bits count as one. Not for `excluded`.
    pub ipv6_bits: Option<u8>,
}

/// Whom a request counts as.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Who<'head> {
    Address(IpAddr),
    /// An entry that is no address.
    Text(&'head [u8]),
    /// There is no such entry.
    Nobody,
}

/// What requests are told apart by (features 6, sourceCriterion).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    Address(IpStrategy),
    /// The value of a field; requests without it are of one source (features 15b.6).
    Header(HeaderName),
    /// Host as the client wrote it, port and case included (features 15b.3).
    Host,
}

impl IpStrategy {
    /// None when the header does not hold an address where it is asked for.
    #[must_use]
    pub fn address(&self, head: &RequestHead, around: &Around) -> Option<IpAddr> {
        match self.who(head, around) {
            Who::Address(address) => Some(address),
            Who::Text(_) | Who::Nobody => None,
        }
    }

    fn who<'head>(&self, head: &'head RequestHead, around: &Around) -> Who<'head> {
        if self.depth > 0 {
            let entry = find_entry(head, self.depth, |_| true);
            entry.map_or(Who::Nobody, |entry| self.fold(entry))
        } else if self.excluded.is_empty() {
            self.fold(Who::Address(around.peer))
        } else {
            let outside = |entry: Who<'_>| match entry {
                Who::Address(address) => !self.excluded.contain(address),
                Who::Text(text) => !text.is_empty(),
                Who::Nobody => false,
            };
            find_entry(head, 1, outside).unwrap_or(Who::Nobody)
        }
    }

    fn fold<'head>(&self, who: Who<'head>) -> Who<'head> {
        match (who, self.ipv6_bits) {
            (Who::Address(IpAddr::V6(six)), Some(bits)) => {
                let mask = u128::MAX
                    .checked_shl(128 - u32::from(bits.min(128)))
                    .unwrap_or(0);
                Who::Address(IpAddr::V6(Ipv6Addr::from_bits(six.to_bits() & mask)))
            }
            (who, _) => who,
        }
    }
}

impl Source {
    /// A number for the source, the same for all its requests under one `hasher`.
    #[must_use]
    pub fn key(&self, head: &RequestHead, around: &Around, hasher: &RandomState) -> u64 {
        match self {
            Self::Address(strategy) => hasher.hash_one(strategy.who(head, around)),
            Self::Header(name) => hasher.hash_one(head.value(name).unwrap_or_default()),
            Self::Host => hasher.hash_one(head.host()),
        }
    }

    /// The source as a text, for who keeps it elsewhere.
    #[must_use]
    pub fn text(&self, head: &RequestHead, around: &Around) -> Vec<u8> {
        match self {
            Self::Address(strategy) => match strategy.who(head, around) {
                Who::Address(address) => address.to_string().into_bytes(),
                Who::Text(text) => text.to_vec(),
                Who::Nobody => Vec::new(),
            },
            Self::Header(name) => head.value(name).unwrap_or_default().to_vec(),
            Self::Host => head.host().to_vec(),
        }
    }
}

/// The so-many-th entry of all `X-Forwarded-For` fields, from the right, that `fits`.
fn find_entry<'head>(
    head: &'head RequestHead,
    place: usize,
    fits: impl Fn(Who<'head>) -> bool,
) -> Option<Who<'head>> {
    let mut at_hand: [&[u8]; LINES_AT_HAND] = [&[]; LINES_AT_HAND];
    let mut count = 0;
    for line in head.values(&names::X_FORWARDED_FOR) {
        let Some(free) = at_hand.get_mut(count) else {
            let lines: Vec<&[u8]> = head.values(&names::X_FORWARDED_FOR).collect();
            return entries(&lines).filter(|entry| fits(*entry)).nth(place - 1);
        };
        *free = line;
        count += 1;
    }
    let lines = at_hand.get(..count).unwrap_or_default();
    entries(lines).filter(|entry| fits(*entry)).nth(place - 1)
}

/// Entries from the right.
fn entries<'lines, 'head>(
    lines: &'lines [&'head [u8]],
) -> impl Iterator<Item = Who<'head>> + use<'lines, 'head> {
    let entries = lines
        .iter()
        .rev()
        .flat_map(|line| line.rsplit(|byte| *byte == b','));
    entries.map(|entry| {
        let entry = entry.trim_ascii();
        let text = std::str::from_utf8(entry).ok();
        let address = text.and_then(|text| text.parse::<IpAddr>().ok());
        address.map_or(Who::Text(entry), |address| {
            Who::Address(address.to_canonical())
        })
    })
}
