//! What the machine is called and which addresses it has.

use std::collections::BTreeSet;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The name of this machine, or of the container.
pub(super) fn hostname() -> String {
    let told = fs::read_to_string("/proc/sys/kernel/hostname");
    told.map(|name| name.trim().to_owned()).unwrap_or_default()
}

/// The addresses of all interfaces, those of the loopback first.
pub(super) fn addresses() -> Vec<IpAddr> {
    let table = |path| fs::read_to_string(path).unwrap_or_default();
    let (trie, list) = (table("/proc/net/fib_trie"), table("/proc/net/if_inet6"));
    let v4 = local_v4(&trie).map(IpAddr::V4);
    let all: BTreeSet<_> = v4.chain(v6(&list).map(IpAddr::V6)).collect();
    let mut all: Vec<_> = all.into_iter().collect();
    all.sort_by_key(|address| !address.is_loopback());
    all
}

/// `|-- 10.0.0.2` followed by `/32 host LOCAL`, once for each table that holds it.
fn local_v4(table: &str) -> impl Iterator<Item = Ipv4Addr> {
    let lines = table.lines().zip(table.lines().skip(1));
    lines.filter_map(|(leaf, kind)| {
        let address = leaf.trim().strip_prefix("|-- ")?;
        kind.contains("/32 host LOCAL").then_some(())?;
        address.parse().ok()
    })
}

/// Lines that begin with an address of 32 hex digits.
fn v6(table: &str) -> impl Iterator<Item = Ipv6Addr> {
    table.lines().filter_map(|line| {
        let digits = line.split_whitespace().next()?;
        let bits = u128::from_str_radix(digits, 16).ok()?;
        Some(Ipv6Addr::from_bits(bits))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_tables_are_read() {
        let trie = "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n     \
                    +-- 10.0.0.0/24 2 0 2\n        |-- 10.0.0.2\n           /32 host LOCAL\n";
        let found: Vec<_> = local_v4(trie).collect();
        assert_eq!(found, [Ipv4Addr::new(10, 0, 0, 2)]);
        let list = "00000000000000000000000000000001 01 80 10 80       lo\nnonsense\n";
        assert_eq!(v6(list).collect::<Vec<_>>(), [Ipv6Addr::LOCALHOST]);
    }
}
