use super::*;

fn step(amount: u64, source: Source) -> Middleware {
    Middleware::InFlightReq(InFlightReq::new(amount, source))
}

/// The request's slot when it comes in, else the answer.
fn enter(step: &Middleware, host: &str) -> Result<Slot, String> {
    let mut head = request(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    let mut slot = Slot::default();
    match answer_of(step.on_request(&mut head, &PLAIN, &mut slot)) {
        None => Ok(slot),
        Some(refusal) => Err(refusal),
    }
}

#[test]
fn a_request_counts_until_its_slot_is_gone() {
    let step = step(2, Source::Host);
    let first = enter(&step, "a").unwrap();
    let second = enter(&step, "a").unwrap();
    assert_eq!(
        enter(&step, "a").unwrap_err(),
        "429 Too Many Requests\nContent-Length: 0\n\nmax connections reached: 2"
    );
    let other = enter(&step, "b").unwrap();
    drop(first);
    let third = enter(&step, "a").unwrap();
    assert!(enter(&step, "a").is_err());
    drop((second, third, other));
    assert!(enter(&step, "a").is_ok());
}

#[test]
fn none_may_mean_none() {
    let refused = enter(&step(0, Source::Host), "a").unwrap_err();
    assert!(refused.ends_with("max connections reached: 0"), "{refused}");
}

#[test]
fn by_address_all_hosts_are_one() {
    let step = step(1, Source::Address(IpStrategy::default()));
    let _first = enter(&step, "a").unwrap();
    assert!(enter(&step, "b").is_err());
}

#[test]
fn each_router_has_counts_of_its_own() {
    let step = step(1, Source::Host);
    let other = step.anew().unwrap();
    let _first = enter(&step, "a").unwrap();
    assert!(enter(&other, "a").is_ok());
    assert!(enter(&step, "a").is_err());
}
