use super::*;

/// Milliseconds; none where the request goes on.
type Pauses<'list> = &'list [Option<u128>];

/// Attempts, the first pause, what comes out each time; the pauses.
type Row = (u32, u64, &'static [Outcome], Pauses<'static>);

/// Walks in, then sees `outcomes` come out; says how long each pause was, none for going on.
fn pauses(step: &Middleware, head: &mut RequestHead, outcomes: &[Outcome]) -> Vec<Option<u128>> {
    let mut slot = Slot::default();
    assert!(matches!(
        step.on_request(head, &PLAIN, &mut slot),
        Flow::Next
    ));
    let mut response = ResponseHead::new();
    outcomes
        .iter()
        .map(|outcome| {
            let around = (*outcome, &PLAIN);
            let flow = step.on_response(head, &mut response, around, &mut slot);
            if let Flow::Again { after } = flow {
                return Some(after.as_millis());
            }
            assert!(matches!(flow, Flow::Next), "{flow:?}");
            None
        })
        .collect()
}

#[test]
fn attempts_count_the_first_one() {
    const UNSENT: Outcome = Outcome::NeverSent;
    let table: [Row; 6] = [
        (1, 100, &[UNSENT], &[None]),
        (2, 100, &[UNSENT, UNSENT], &[Some(100), None]),
        (
            3,
            100,
            &[UNSENT, UNSENT, UNSENT],
            &[Some(100), Some(141), None],
        ),
        (3, 0, &[UNSENT, Outcome::Answered], &[Some(0), None]),
        // What was begun, or answered by anybody, is not sent again.
        (3, 100, &[Outcome::Failed], &[None]),
        (3, 100, &[Outcome::Answered], &[None]),
    ];
    for (attempts, millis, outcomes, expected) in table {
        let step = Middleware::Retry(Retry::new(attempts, Duration::from_millis(millis)));
        let found = pauses(&step, &mut get("/"), outcomes);
        assert_eq!(found, expected, "{attempts} {outcomes:?}");
    }
}

#[test]
fn the_next_try_begins_with_the_request_as_it_entered() {
    let step = Middleware::Retry(Retry::new(2, Duration::ZERO));
    let mut head = get("/api/x");
    let mut slot = Slot::default();
    let before = sent(&head);
    assert!(matches!(
        step.on_request(&mut head, &PLAIN, &mut slot),
        Flow::Next
    ));
    let strip = Middleware::StripPrefix(StripPrefix::new(&["/api".to_owned()], false));
    assert_eq!(pass(&strip, &mut head, &PLAIN), None);
    assert_ne!(sent(&head), before);
    let mut response = ResponseHead::new();
    let flow = step.on_response(
        &mut head,
        &mut response,
        (Outcome::NeverSent, &PLAIN),
        &mut slot,
    );
    assert!(matches!(flow, Flow::Again { .. }));
    assert_eq!(sent(&head), before);
}
