use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A range of addresses: `10.0.0.0/8`, `::1`, or a single address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Network {
    first: u128,
    mask: u128,
    four: bool,
}

/// A text that is no address and no range.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NetworkFault;

impl Network {
    /// IPv4-mapped IPv6 addresses count as the IPv4 address that they hold.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (bits, four) = bits(address);
        four == self.four && bits & self.mask == self.first
    }
}

impl FromStr for Network {
    type Err = NetworkFault;

    fn from_str(text: &str) -> Result<Self, NetworkFault> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.trim().parse().map_err(|_| NetworkFault)?;
        let (first, four) = bits(address);
        let whole: u32 = if four { 32 } else { 128 };
        let written: u32 = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(text) => text.trim().parse().ok().filter(|length| *length <= written),
            None => Some(written),
        };
        // A mapped network `::ffff:a.b.c.d/120` is the IPv4 network with the last bits of it.
        let length = length
            .ok_or(NetworkFault)?
            .checked_sub(written - whole)
            .ok_or(NetworkFault)?;
        let mask = u128::MAX.checked_shl(whole - length).unwrap_or(0);
        let mask = if four {
            mask & u128::from(u32::MAX)
        } else {
            mask
        };
        Ok(Self {
            first: first & mask,
            mask,
            four,
        })
    }
}

/// A list of ranges.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Networks(Box<[Network]>);

impl Networks {
    /// # Errors
    /// The first text that is no range.
    pub fn parse<'text>(texts: impl Iterator<Item = &'text str>) -> Result<Self, &'text str> {
        texts
            .map(|text| text.parse().map_err(|_| text))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    #[must_use]
    pub fn contain(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// `::ffff:1.2.3.4` -> `1.2.3.4`.
#[must_use]
pub fn canonical(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn bits(address: IpAddr) -> (u128, bool) {
    match canonical(address) {
        IpAddr::V4(four) => (u128::from(u32::from(four)), true),
        IpAddr::V6(six) => (Ipv6Addr::to_bits(six), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_should() {
        let table = [
            ("10.0.0.0/8", "10.255.1.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.1.1.1", true),
            ("::ffff:10.0.0.0/104", "10.1.1.1", true),
            ("192.168.1.7", "192.168.1.7", true),
            ("192.168.1.7", "192.168.1.8", false),
            ("0.0.0.0/0", "8.8.8.8", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "::1", true),
            ("2001:db8::/32", "2001:db8:1::", true),
        ];
        for (range, address, inside) in table {
            let network: Network = range.parse().unwrap();
            assert_eq!(
                network.contains(address.parse().unwrap()),
                inside,
                "{range} {address}"
            );
        }
        for wrong in [
            "",
            "10.0.0.0/33",
            "x",
            "1.2.3.4/-1",
            "::1/129",
            "::ffff:10.0.0.0/8",
        ] {
            assert_eq!(wrong.parse::<Network>(), Err(NetworkFault), "{wrong}");
        }
    }
}
