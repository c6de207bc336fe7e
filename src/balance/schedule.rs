use crate::base::limits::{SCHEDULE_SEATS_MAX, SERVERS_PER_SERVICE_MAX};
use crate::board::{Health, Seats};

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

    /// The server that is next, passing over those that are down. None when none is left.
    #[must_use]
    pub fn next(&self, seats: &Seats, health: &Health) -> Option<usize> {
        self.next_where(seats, |server| health.is_up(server))
    }

    /// As [`Schedule::next`], with the caller's own idea of who may serve.
    pub fn next_where(&self, seats: &Seats, fit: impl Fn(usize) -> bool) -> Option<usize> {
        // One server takes no turn: shards need not share a word about it.
        if let [only] = *self.cycle {
            return Some(usize::from(only)).filter(|server| fit(*server));
        }
        let length = self.cycle.len() as u64;
        let start = usize::try_from(seats.take().checked_rem(length)?).unwrap_or(0);
        let (before, after) = self.cycle.split_at(start);
        after
            .iter()
            .chain(before)
            .map(|server| usize::from(*server))
            .find(|server| fit(*server))
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
        let (seats, health) = (Seats::starting_at(7), Health::all_up(weights.len()));
        let mut counts = vec![0; weights.len()];
        for _ in 0..rounds * schedule.len() {
            counts[schedule.next(&seats, &health).unwrap()] += 1;
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
    fn a_server_that_is_down_is_passed_over() {
        let schedule = Schedule::weighted(&[1, 1]).unwrap();
        let (seats, health) = (Seats::default(), Health::all_up(2));
        health.set(0, false);
        let picks: Vec<_> = (0..4).map(|_| schedule.next(&seats, &health)).collect();
        assert_eq!(picks, [Some(1); 4]);
        health.set(1, false);
        assert_eq!(schedule.next(&seats, &health), None);
    }

    #[test]
    fn huge_weights_make_a_bounded_cycle() {
        let schedule = Schedule::weighted(&[1_000_003, 1]).unwrap();
        assert!(schedule.len() as u64 <= SCHEDULE_SEATS_MAX + 2);
        assert!(schedule.cycle.contains(&1));
    }
}
