use crate::base::limits::{SCHEDULE_SEATS_MAX, SERVERS_PER_SERVICE_MAX};
use crate::board::Seats;

/// A weighted round robin (features 5.2), worked out in advance: earliest deadline first with
/// `deadline += 1 / weight`, over one whole cycle. Picking is one atomic add and one load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Server numbers in the order in which they are used; empty when no server has weight.
    cycle: Box<[u16]>,
}

/// Why no schedule can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleFault {
    TooManyServers,
}

impl Schedule {
    /// `weights[i]` is the weight of server `i`; those of zero or less are never used.
    ///
    /// # Errors
    /// More than [`SERVERS_PER_SERVICE_MAX`] servers.
    pub fn weighted(weights: &[i64]) -> Result<Self, ScheduleFault> {
        if weights.len() > SERVERS_PER_SERVICE_MAX {
            return Err(ScheduleFault::TooManyServers);
        }
        let weights: Vec<u64> = weights.iter().map(|weight| clamp(*weight)).collect();
        let weights = reduce(&weights);
        let total: u64 = weights.iter().sum();
        let mut used = vec![0_u64; weights.len()];
        let cycle = (0..total)
            .filter_map(|_| earliest(&weights, &mut used))
            .collect();
        Ok(Self { cycle })
    }

    /// The server that is next, passing over those that do not fit; `fit` is told the server
    /// and the turn, which is another number each time. None when none is left.
    pub fn next(&self, seats: &Seats, fit: impl Fn(usize, u64) -> bool) -> Option<usize> {
        // One server takes no turn: shards need not share a word about it.
        if let [only] = *self.cycle {
            return Some(usize::from(only)).filter(|server| fit(*server, 0));
        }
        let length = self.cycle.len() as u64;
        if length == 0 {
            return None;
        }
        let turn = seats.take();
        let start = usize::try_from(turn % length).unwrap_or(0);
        let (before, after) = self.cycle.split_at(start);
        after
            .iter()
            .chain(before)
            .map(|server| usize::from(*server))
            .find(|server| fit(*server, turn))
    }

    /// Length of one cycle, in requests.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cycle.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cycle.is_empty()
    }
}

fn clamp(weight: i64) -> u64 {
    u64::try_from(weight).unwrap_or(0).min(u64::from(u32::MAX))
}

/// Divides by the common divisor, and scales down what would still be too long a cycle
/// (no server with weight loses its last seat).
fn reduce(weights: &[u64]) -> Vec<u64> {
    let divisor = weights.iter().copied().fold(0, gcd).max(1);
    let reduced: Vec<u64> = weights.iter().map(|weight| weight / divisor).collect();
    let total: u64 = reduced.iter().sum();
    if total <= SCHEDULE_SEATS_MAX {
        return reduced;
    }
    let scaled = |weight: u64| {
        if weight == 0 {
            0
        } else {
            (weight * SCHEDULE_SEATS_MAX / total).max(1)
        }
    };
    reduced.into_iter().map(scaled).collect()
}

const fn gcd(one: u64, other: u64) -> u64 {
    if other == 0 {
        one
    } else {
        gcd(other, one % other)
    }
}

/// The server whose `(used + 1) / weight` is least; ties go to the first.
fn earliest(weights: &[u64], used: &mut [u64]) -> Option<u16> {
    let candidates = weights
        .iter()
        .enumerate()
        .filter(|(_, weight)| **weight > 0);
    let (server, _) = candidates.min_by(|(one, a), (other, b)| {
        let left = u128::from(used[*one] + 1) * u128::from(**b);
        let right = u128::from(used[*other] + 1) * u128::from(**a);
        left.cmp(&right).then(one.cmp(other))
    })?;
    used[server] += 1;
    u16::try_from(server).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(weights: &[i64], rounds: usize) -> Vec<usize> {
        let schedule = Schedule::weighted(weights).unwrap();
        let seats = Seats::starting_at(7);
        let mut counts = vec![0; weights.len()];
        for _ in 0..rounds * schedule.len() {
            counts[schedule.next(&seats, |_, _| true).unwrap()] += 1;
        }
        counts
    }

    #[test]
    fn every_cycle_is_exact_from_any_start() {
        assert_eq!(counts(&[3, 1], 1), [3, 1]);
        assert_eq!(counts(&[1, 1, 1], 1), [1, 1, 1]);
        assert_eq!(counts(&[5, 0, -2, 10], 1), [1, 0, 0, 2]);
        assert_eq!(counts(&[30, 10], 2), [6, 2]);
    }

    #[test]
    fn heavy_servers_are_spread_over_the_cycle() {
        let schedule = Schedule::weighted(&[3, 1]).unwrap();
        assert_eq!(&*schedule.cycle, [0, 0, 0, 1]);
        let schedule = Schedule::weighted(&[2, 2]).unwrap();
        assert_eq!(&*schedule.cycle, [0, 1]);
    }

    #[test]
    fn a_server_that_does_not_fit_is_passed_over() {
        let schedule = Schedule::weighted(&[1, 1]).unwrap();
        let seats = Seats::default();
        let second = |server, _| server == 1;
        let picks: Vec<_> = (0..4).map(|_| schedule.next(&seats, second)).collect();
        assert_eq!(picks, [Some(1); 4]);
        assert_eq!(schedule.next(&seats, |_, _| false), None);
        let none = Schedule::weighted(&[0]).unwrap();
        assert_eq!(none.next(&seats, |_, _| true), None);
    }

    #[test]
    fn huge_weights_make_a_bounded_cycle() {
        let schedule = Schedule::weighted(&[1_000_003, 1]).unwrap();
        assert!(schedule.len() as u64 <= SCHEDULE_SEATS_MAX + 2);
        assert!(schedule.cycle.contains(&1));
    }
}
