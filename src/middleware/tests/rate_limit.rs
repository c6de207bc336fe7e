use std::sync::Arc;

use crate::base::{Networks, Tick};
use crate::board::{Pace, Turn};

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn rules(average: u64, burst: u64, source: Source) -> Arc<RateRules> {
    let wait = Duration::from_secs(1) / u32::try_from(2 * average.max(1)).unwrap();
    Arc::new(RateRules {
        pace: (average > 0).then(|| Pace::new(average, SECOND, burst, wait)),
        source,
        shared: None,
        retry_in: HeaderName::new("X-Retry-In").unwrap(),
    })
}

fn by_address(average: u64, burst: u64) -> Middleware {
    let source = Source::Address(IpStrategy::default());
    Middleware::RateLimit(RateLimit::new(rules(average, burst, source)))
}

fn at(millis: u64) -> Around {
    Around {
        now: Tick::from_nanos(millis * 1_000_000),
        ..PLAIN
    }
}

/// `next`, `wait 40ms`, or the answer.
fn outcome(step: &Middleware, head: &mut RequestHead, around: &Around) -> String {
    told(step.on_request(head, around, &mut Slot::default()))
}

fn told(flow: Flow) -> String {
    if let Flow::Wait(pause) = flow {
        return format!("wait {}ms", pause.as_millis());
    }
    answer_of(flow).unwrap_or_else(|| "next".to_owned())
}

#[test]
fn who_comes_early_waits_and_who_comes_too_early_is_told_when() {
    let step = by_address(10, 2);
    let refused = |seconds, retry_in| {
        format!(
            "429 Too Many Requests\nRetry-After: {seconds}\nX-Retry-In: {retry_in}\n\
             Content-Length: 0\n\nToo Many Requests"
        )
    };
    let table = [
        (0, "next".to_owned()),
        (0, "next".to_owned()),
        (0, refused(1, "100ms")),
        (49, refused(1, "51ms")),
        (50, "wait 50ms".to_owned()),
        (51, refused(1, "149ms")),
        (100, refused(1, "100ms")),
        (200, "next".to_owned()),
    ];
    for (millis, expected) in table {
        assert_eq!(
            outcome(&step, &mut get("/"), &at(millis)),
            expected,
            "{millis}"
        );
    }
}

#[test]
fn long_waits_are_told_as_go_does() {
    let source = Source::Host;
    let rules = RateRules {
        pace: Some(Pace::new(
            1,
            Duration::from_millis(90_500),
            1,
            Duration::ZERO,
        )),
        source,
        shared: None,
        retry_in: HeaderName::new("X-Retry-In").unwrap(),
    };
    let step = Middleware::RateLimit(RateLimit::new(Arc::new(rules)));
    assert_eq!(outcome(&step, &mut get("/"), &at(0)), "next");
    let refused = outcome(&step, &mut get("/"), &at(0));
    assert!(
        refused.contains("\nRetry-After: 91\nX-Retry-In: 1m30.5s\n"),
        "{refused}"
    );
}

#[test]
fn without_an_average_there_is_no_limit() {
    let step = by_address(0, 1);
    for _ in 0..100 {
        assert_eq!(outcome(&step, &mut get("/"), &at(0)), "next");
    }
}

#[test]
fn a_token_that_never_comes_is_told_so() {
    let pace = Pace::new(1, Duration::from_secs(1 << 33), 1, Duration::ZERO);
    let mut rules = Arc::into_inner(rules(1, 1, Source::Host)).unwrap();
    rules.pace = Some(pace);
    let step = Middleware::RateLimit(RateLimit::new(Arc::new(rules)));
    assert_eq!(outcome(&step, &mut get("/"), &at(0)), "next");
    assert_eq!(
        outcome(&step, &mut get("/"), &at(0)),
        "429 Too Many Requests\nContent-Type: text/plain; charset=utf-8\n\
         X-Content-Type-Options: nosniff\nContent-Length: 0\n\nNo bursty traffic allowed\n"
    );
}

const HERE: &str = "192.0.2.1";
const THERE: &str = "192.0.2.2";

/// Peer and the lines of one request, of another, and whether they are of one source.
type Row = (Request, Request, bool);
type Request = (&'static str, &'static str);

/// Each row's first request takes the only token of its source.
fn check(source: &Source, table: &[Row]) {
    for (one, other, expected) in table {
        let step = Middleware::RateLimit(RateLimit::new(rules(1, 1, source.clone())));
        let ask = |(peer, line): &Request| {
            let host = if line.starts_with("Host") {
                ""
            } else {
                "Host: a\r\n"
            };
            let mut head = request(&format!("GET / HTTP/1.1\r\n{host}{line}\r\n\r\n"));
            let around = Around {
                peer: peer.parse().unwrap(),
                ..at(0)
            };
            outcome(&step, &mut head, &around)
        };
        assert_eq!(ask(one), "next");
        let found = ask(other) != "next";
        assert_eq!(found, *expected, "{source:?}: {one:?} {other:?}");
    }
}

fn strategy(depth: usize, excluded: &[&str], ipv6_bits: Option<u8>) -> Source {
    Source::Address(IpStrategy {
        depth,
        excluded: Networks::parse(excluded.iter().copied()).unwrap(),
        ipv6_bits,
    })
}

#[test]
fn peers_are_told_apart_by_address_or_subnet() {
    const NONE: &str = "Accept: a";
    let table = [
        ((HERE, NONE), (HERE, NONE), true),
        ((HERE, NONE), (THERE, NONE), false),
        (
            (HERE, "X-Forwarded-For: 1.1.1.1"),
            (HERE, "X-Forwarded-For: 2.2.2.2"),
            true,
        ),
        (("2001:db8::1", NONE), ("2001:db8::2", NONE), false),
    ];
    check(&strategy(0, &[], None), &table);
    let table = [
        (("2001:db8::1", NONE), ("2001:db8::2", NONE), true),
        (("2001:db8::1", NONE), ("2001:db8:1::1", NONE), false),
        ((HERE, NONE), (THERE, NONE), false),
    ];
    check(&strategy(0, &[], Some(64)), &table);
}

#[test]
fn forwarded_clients_are_told_apart_by_depth_or_by_who_is_left() {
    const ONE: &str = "X-Forwarded-For: 1.1.1.1";
    let table = [
        (
            (HERE, "X-Forwarded-For: 8.8.8.8, 1.1.1.1"),
            (THERE, ONE),
            true,
        ),
        (
            (HERE, ONE),
            (HERE, "X-Forwarded-For: 1.1.1.1, 9.9.9.9"),
            false,
        ),
        ((HERE, "X-Forwarded-For: ::ffff:1.1.1.1"), (HERE, ONE), true),
        // No address, but not all of one source either.
        (
            (HERE, "X-Forwarded-For: 1.1.1.1:80"),
            (HERE, "X-Forwarded-For: 1.1.1.1:81"),
            false,
        ),
        ((HERE, "Accept: a"), (THERE, "Accept: a"), true),
    ];
    check(&strategy(1, &[], None), &table);
    let table = [
        ((HERE, ONE), (THERE, "X-Forwarded-For: 2.2.2.2"), true),
        (
            (HERE, "X-Forwarded-For: 2001:db8::1, ::"),
            (HERE, "X-Forwarded-For: 2001:db8::2, ::"),
            true,
        ),
    ];
    check(&strategy(2, &[], Some(64)), &table);
    let table = [
        (
            (HERE, "X-Forwarded-For: 1.1.1.1, 10.0.0.1"),
            (HERE, ONE),
            true,
        ),
        (
            (HERE, "X-Forwarded-For: 1.1.1.1, 10.0.0.1"),
            (HERE, "X-Forwarded-For: 2.2.2.2, 10.0.0.1"),
            false,
        ),
        // The subnet is not for entries that are found by leaving others out.
        (
            (HERE, "X-Forwarded-For: 2001:db8::1"),
            (HERE, "X-Forwarded-For: 2001:db8::2"),
            false,
        ),
    ];
    check(&strategy(0, &["10.0.0.0/8"], Some(64)), &table);
}

#[test]
fn headers_and_hosts_tell_sources_apart() {
    let header = Source::Header(HeaderName::new("X-Key").unwrap());
    let table = [
        ((HERE, "X-Key: a"), (THERE, "x-key: a"), true),
        ((HERE, "X-Key: a"), (HERE, "X-Key: b"), false),
        // Without the header all are one (features 15b.6).
        ((HERE, "Accept: a"), (THERE, "X-Key: "), true),
    ];
    check(&header, &table);
    let table = [
        ((HERE, "Accept: a"), (THERE, "Accept: b"), true),
        ((HERE, "Host: a"), (HERE, "Host: A"), false),
        ((HERE, "Host: a"), (HERE, "Host: a:81"), false),
    ];
    check(&Source::Host, &table);
}

#[test]
fn many_lines_of_forwarders_are_one_list() {
    let lines: String = (0..20)
        .map(|n| format!("X-Forwarded-For: 10.0.0.{n}, 10.0.1.{n}\r\n"))
        .collect();
    let head = request(&format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n"));
    let found = |depth| {
        let strategy = IpStrategy {
            depth,
            ..IpStrategy::default()
        };
        let address = strategy.address(&head, &PLAIN);
        address.map(|address| address.to_string())
    };
    assert_eq!(found(1).as_deref(), Some("10.0.1.19"));
    assert_eq!(found(2).as_deref(), Some("10.0.0.19"));
    assert_eq!(found(40).as_deref(), Some("10.0.0.0"));
    assert_eq!(found(41), None);
}

#[test]
fn what_redis_says_is_done_and_its_silence_is_an_error() {
    let store = RedisStore {
        endpoint: "127.0.0.1:6379".into(),
        username: "".into(),
        password: crate::config::Secret::default(),
        database: 0,
        connections_min: 0,
        connections_max: 1,
        dial_timeout: SECOND,
        read_timeout: SECOND,
        write_timeout: SECOND,
    };
    let mut rules = Arc::into_inner(rules(10, 1, Source::Host)).unwrap();
    rules.shared = Some(Shared {
        store: Arc::new(store),
        name: "limit@file".into(),
    });
    let step = Middleware::RateLimit(RateLimit::new(Arc::new(rules)));
    let flow = step.on_request(&mut get("/"), &at(0), &mut Slot::default());
    let Flow::Count(tally) = flow else {
        panic!("{flow:?}");
    };
    assert_eq!(tally.key, b"limit@file:example.com");
    let said = |turn| {
        let told = told(step.on_counted(turn));
        told.split('\n').next().unwrap().to_owned()
    };
    assert_eq!(said(Some(Turn::In(Duration::ZERO))), "next");
    assert_eq!(said(Some(Turn::In(Duration::from_millis(5)))), "wait 5ms");
    assert_eq!(said(Some(Turn::TooLate(SECOND))), "429 Too Many Requests");
    assert_eq!(said(Some(Turn::Never)), "429 Too Many Requests");
    assert_eq!(said(None), "500 Internal Server Error");
    assert!(step.anew().is_none(), "all routers share what Redis counts");
}
