use std::time::Duration;

use super::mix;

/// The part of its share that a server gets that has just come back, and no less.
const RAMP_FLOOR: f64 = 0.1;

/// Whether the request with that turn, counted from zero, goes to a mirror of so many percent
/// (features 5.7): the first one does, and exactly so many of any hundred.
#[must_use]
pub const fn is_mirrored(turn: u64, percent: u8) -> bool {
    let (turn, percent) = (turn % 100, percent as u64);
    // What was mirrored of the turns before: `turn * percent / 100`, rounded up.
    let before = (turn * percent).div_ceil(100);
    before * 100 < (turn + 1) * percent
}

/// The part of its share, up to 1, that a server gets when it is back for so long and starts
/// slowly over `span`.
#[must_use]
pub fn ramp(back_for: Option<Duration>, span: Duration) -> f64 {
    match back_for {
        Some(passed) if passed < span => {
            (passed.as_secs_f64() / span.as_secs_f64()).max(RAMP_FLOOR)
        }
        Some(_) | None => 1.0,
    }
}

/// Whether a request with that turn is among `part` (of 1) of all, evenly by chance.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are plenty for a share of requests"
)]
pub fn is_admitted(turn: u64, part: f64) -> bool {
    part >= 1.0 || ((mix(turn) >> 11) as f64) < part * (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_get_exactly_their_percentage() {
        for percent in 0..=100_u8 {
            for start in [0, 100, 7_000] {
                let fired = (start..start + 100).filter(|turn| is_mirrored(*turn, percent));
                assert_eq!(fired.count(), usize::from(percent), "{percent}");
            }
        }
        let first = |percent| -> Vec<u64> {
            let fired = (0..10).filter(|turn| is_mirrored(*turn, percent));
            fired.map(|turn| turn + 1).collect()
        };
        assert_eq!(first(50), [1, 3, 5, 7, 9]);
        assert_eq!(first(10), [1]);
        assert_eq!(first(33), [1, 4, 7, 10]);
        assert!(first(0).is_empty());
    }

    #[test]
    fn mirrors_fire_when_a_counter_would_say_so() {
        for percent in [1_u8, 10, 33, 50, 99, 100] {
            let mut count = 0_u64;
            for total in 1..=1000_u64 {
                let fires = count * 100 < total * u64::from(percent);
                assert_eq!(is_mirrored(total - 1, percent), fires, "{percent} {total}");
                count += u64::from(fires);
            }
        }
    }

    #[test]
    fn a_share_grows_with_the_time_since_the_return() {
        let secs = Duration::from_secs;
        let table = [
            (None, 1.0),
            (Some(secs(0)), 0.1),
            (Some(secs(15)), 0.5),
            (Some(secs(30)), 1.0),
            (Some(secs(90)), 1.0),
        ];
        for (back_for, expected) in table {
            assert!(
                (ramp(back_for, secs(30)) - expected).abs() < 1e-9,
                "{back_for:?}"
            );
        }
        assert!((ramp(Some(secs(0)), secs(0)) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_part_is_admitted_evenly() {
        let admitted = |part| (0..10_000).filter(|turn| is_admitted(*turn, part)).count();
        assert_eq!((admitted(1.0), admitted(0.0)), (10_000, 0));
        assert!((2800..3200).contains(&admitted(0.3)));
    }
}
