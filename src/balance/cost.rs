use std::time::Duration;

use super::mix;

/// The one of `count` that costs least; ties go round with `turn`. A cost of None means that it
/// may not be taken.
pub fn least(count: usize, turn: u64, cost: impl Fn(usize) -> Option<f64>) -> Option<usize> {
    let start = usize::try_from(turn.checked_rem(count as u64)?).unwrap_or(0);
    let mut best: Option<(usize, f64)> = None;
    for server in (start..count).chain(0..start) {
        if let Some(cost) = cost(server)
            && best.is_none_or(|(_, least)| cost < least)
        {
            best = Some((server, cost));
        }
    }
    best.map(|(server, _)| server)
}

/// The less busy of two that fit, taken by chance (features 5.3). `turn` is another number each
/// time.
pub fn two_choices(
    count: usize,
    turn: u64,
    fits: impl Fn(usize) -> bool,
    load: impl Fn(usize) -> u32,
) -> Option<usize> {
    let fitting = || (0..count).filter(|server| fits(*server));
    let chosen = |number: u64| fitting().nth(usize::try_from(number).unwrap_or(0));
    let chance = mix(turn);
    match fitting().count() as u64 {
        0 => None,
        1 => chosen(0),
        among => {
            let one = chance % among;
            let other = (one + 1 + (chance >> 32) % (among - 1)) % among;
            let (one, other) = (chosen(one)?, chosen(other).or_else(|| chosen(0))?);
            Some(if load(other) < load(one) { other } else { one })
        }
    }
}

/// What least time knows of a server (features 5.5).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AnswerTimes {
    /// Average time to an answer in nanoseconds; None: it has not answered yet.
    pub average: Option<f64>,
    /// Since the last answer.
    pub idle: Duration,
    pub in_flight: u32,
    pub weight: f64,
}

impl AnswerTimes {
    /// After so long without an answer, one request finds out how the server is now.
    const PROBE_AFTER: Duration = Duration::from_secs(5);

    /// `average * (1 + in flight) / weight`. One that is unknown counts as the quickest known;
    /// one that nobody has asked for long costs nothing, once.
    #[must_use]
    pub fn cost(&self, quickest: f64) -> f64 {
        let forgotten = self.average.is_some() && self.idle >= Self::PROBE_AFTER;
        if forgotten && self.in_flight == 0 {
            return 0.0;
        }
        let average = self.average.unwrap_or(quickest);
        average * (1.0 + f64::from(self.in_flight)) / self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_wins_and_ties_go_round() {
        let costs = [Some(2.0), None, Some(1.0), Some(1.0)];
        let pick = |turn| least(costs.len(), turn, |server| costs[server]);
        assert_eq!([0, 1, 2, 3, 4].map(pick), [2, 2, 2, 3, 2].map(Some));
        assert_eq!(least(0, 9, |_| Some(1.0)), None);
        assert_eq!(least(3, 9, |_| None), None);
    }

    #[test]
    fn of_two_by_chance_the_less_busy_is_taken() {
        let load = [9, 0, 5, 5];
        let mut counts = [0; 4];
        for turn in 0..6000 {
            let fits = |server| server != 3;
            counts[two_choices(4, turn, fits, |server| load[server]).unwrap()] += 1;
        }
        // The busiest of three loses each of its pairs, the idlest wins each.
        assert_eq!((counts[0], counts[3]), (0, 0));
        assert!((3800..4200).contains(&counts[1]), "{counts:?}");
        assert_eq!(two_choices(4, 1, |_| false, |_| 0), None);
        assert_eq!(two_choices(4, 1, |server| server == 2, |_| 0), Some(2));
    }

    #[test]
    fn pairs_are_taken_evenly() {
        let mut counts = [0_u32; 5];
        for turn in 0..10_000 {
            counts[two_choices(5, turn, |_| true, |_| 0).unwrap()] += 1;
        }
        assert!(
            counts.iter().all(|count| (1800..2200).contains(count)),
            "{counts:?}"
        );
    }

    #[test]
    fn least_time_weighs_load_and_asks_the_forgotten_once() {
        let times = |average, idle, in_flight, weight| AnswerTimes {
            average,
            idle: Duration::from_secs(idle),
            in_flight,
            weight,
        };
        let table = [
            (times(Some(10.0), 0, 0, 1.0), 10.0),
            (times(Some(10.0), 0, 2, 1.0), 30.0),
            (times(Some(10.0), 0, 2, 3.0), 10.0),
            (times(None, 0, 0, 1.0), 4.0),
            (times(None, 9, 1, 1.0), 8.0),
            (times(Some(10.0), 5, 0, 1.0), 0.0),
            (times(Some(10.0), 5, 1, 1.0), 20.0),
        ];
        for (times, expected) in table {
            assert!((times.cost(4.0) - expected).abs() < 1e-9, "{times:?}");
        }
    }
}
