use std::net::IpAddr;

use super::mix;

/// Rendezvous hashing (features 5.4): each client keeps its server as long as that one serves,
/// and a server that goes takes along only its own clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Rendezvous {
    /// Hash of the name, and weight.
    seats: Box<[(u64, f64)]>,
}

impl Rendezvous {
    /// Names of servers or services, with their weights. The same names give the same answers
    /// in every process.
    pub fn new<'names>(names: impl Iterator<Item = (&'names str, i64)>) -> Self {
        let seat = |(name, weight): (&str, i64)| {
            let weight = u32::try_from(weight.max(0)).unwrap_or(u32::MAX);
            (fnv(name.as_bytes()), f64::from(weight))
        };
        Self {
            seats: names.map(seat).collect(),
        }
    }

    /// The one with the highest score for this client among those that fit.
    pub fn pick(&self, client: IpAddr, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let client = match client {
            IpAddr::V4(address) => fnv(&address.octets()),
            IpAddr::V6(address) => fnv(&address.octets()),
        };
        let mut best: Option<(usize, f64)> = None;
        for (number, (name, weight)) in self.seats.iter().enumerate() {
            if *weight <= 0.0 || !fits(number) {
                continue;
            }
            let score = weight / -chance(*name, client).ln();
            if best.is_none_or(|(_, highest)| score > highest) {
                best = Some((number, score));
            }
        }
        best.map(|(number, _)| number)
    }
}

/// A number between 0 and 1, neither included, of a name and a client.
#[expect(
    clippy::cast_precision_loss,
    reason = "the 53 bits that are left are exact"
)]
fn chance(name: u64, client: u64) -> f64 {
    let mixed = mix(name ^ mix(client)) >> 11;
    (mixed as f64 + 0.5) / (1_u64 << 53) as f64
}

/// FNV-1a.
fn fnv(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3);
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clients() -> impl Iterator<Item = IpAddr> {
        (0..8000_u32).map(|number| IpAddr::from((0x0A00_0000 + number * 7).to_be_bytes()))
    }

    #[test]
    fn shares_follow_the_weights() {
        let names = [
            ("http://a", 1),
            ("http://b", 2),
            ("http://c", 1),
            ("http://d", 0),
        ];
        let table = Rendezvous::new(names.into_iter());
        let mut counts = [0_u32; 4];
        for client in clients() {
            counts[table.pick(client, |_| true).unwrap()] += 1;
        }
        assert_eq!(counts[3], 0);
        for (count, expected) in counts.into_iter().zip([2000_u32, 4000, 2000]) {
            assert!(count.abs_diff(expected) < 200, "{counts:?}");
        }
    }

    #[test]
    fn who_goes_takes_along_only_its_own_clients() {
        let names = ["http://a", "http://b", "http://c"].map(|name| (name, 1));
        let table = Rendezvous::new(names.into_iter());
        for client in clients() {
            let before = table.pick(client, |_| true).unwrap();
            let after = table.pick(client, |number| number != 1).unwrap();
            assert!(before == after || before == 1);
        }
        assert_eq!(table.pick([10, 0, 0, 1].into(), |_| false), None);
    }

    #[test]
    fn a_client_keeps_its_server_over_restarts() {
        let names = ["http://a", "http://b", "http://c"].map(|name| (name, 1));
        let table = Rendezvous::new(names.into_iter());
        let picks: Vec<_> = (1..7)
            .map(|last| table.pick([192, 0, 2, last].into(), |_| true).unwrap())
            .collect();
        assert_eq!(picks, KEPT);
    }

    /// Changes only with the hash, which must not change.
    const KEPT: [usize; 6] = [1, 1, 0, 2, 2, 0];
}
