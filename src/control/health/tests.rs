use super::*;

const fn pace(fails: u32, passes: u32) -> Pace {
    Pace {
        interval: Duration::from_secs(1),
        unhealthy_interval: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        fails,
        passes,
    }
}

#[test]
fn so_many_checks_in_a_row_turn_a_server() {
    // `fails`, `passes`, checks (`+` passed), what the server counts as after each.
    let table = [
        (1, 1, "+-+--+", "+-+--+"),
        (3, 1, "--+---+", "+++++-+"),
        (1, 2, "-+-++-", "----+-"),
        (2, 2, "-+--+-++", "+++----+"),
    ];
    for (fails, passes, checks, expected) in table {
        let mut streak = Streak::new(true);
        let next = |check| {
            if streak.next(check == '+', pace(fails, passes)) {
                '+'
            } else {
                '-'
            }
        };
        let found: String = checks.chars().map(next).collect();
        assert_eq!(found, expected, "{fails} {passes} {checks}");
    }
}

#[test]
fn jitter_only_shortens_and_by_a_tenth_at_most() {
    let mut jitter = Jitter::of("http://10.0.0.1");
    let span = Duration::from_secs(10);
    let spans: Vec<Duration> = (0..1000).map(|_| jitter.shorten(span)).collect();
    assert!(
        spans
            .iter()
            .all(|one| *one <= span && *one >= span * 9 / 10)
    );
    assert!(spans.iter().any(|one| *one < span * 92 / 100));
    assert!(spans.iter().any(|one| *one > span * 98 / 100));
}
