use crate::base::Networks;

use super::*;

fn networks(texts: &[&str]) -> Networks {
    Networks::parse(texts.iter().copied()).unwrap()
}

/// Whether a client at `peer`, with these X-Forwarded-For lines, comes in.
fn admits(allowed: &[&str], strategy: IpStrategy, peer: &str, lines: &[&str]) -> bool {
    let step = Middleware::IpAllowList(IpAllowList::new(networks(allowed), strategy, 403));
    let lines: String = lines
        .iter()
        .map(|line| format!("X-Forwarded-For: {line}\r\n"))
        .collect();
    let mut head = request(&format!("GET / HTTP/1.1\r\nHost: a\r\n{lines}\r\n"));
    let around = Around {
        now: Tick::ZERO,
        peer: peer.parse().unwrap(),
        secure: false,
    };
    pass(&step, &mut head, &around).is_none()
}

#[test]
fn the_peer_counts_unless_a_strategy_is_set() {
    let table: [(Texts<'_>, &str, bool); 7] = [
        (&["10.0.0.0/8"], "10.1.2.3", true),
        (&["10.0.0.0/8"], "11.1.2.3", false),
        (&["192.0.2.7"], "192.0.2.7", true),
        (&["::1/128", "10.0.0.1"], "::1", true),
        (&["10.0.0.0/8"], "::ffff:10.1.2.3", true),
        (&["2001:db8::/32"], "2001:db9::1", false),
        (&["0.0.0.0/0"], "::1", false),
    ];
    for (allowed, peer, expected) in table {
        // What the client says of itself is not asked.
        let found = admits(allowed, IpStrategy::default(), peer, &["10.9.9.9"]);
        assert_eq!(found, expected, "{peer} in {allowed:?}");
    }
}

#[test]
fn depth_counts_from_the_right() {
    let table: [(usize, Texts<'_>, bool); 9] = [
        (1, &["10.0.0.1"], true),
        (1, &["10.0.0.1, 8.8.8.8"], false),
        (2, &["10.0.0.1, 8.8.8.8"], true),
        (2, &["10.0.0.1,8.8.8.8"], true),
        (3, &["10.0.0.1, 8.8.8.8"], false),
        (1, &[], false),
        (1, &["no address"], false),
        // Lines are one list, the last line is the nearest.
        (2, &["10.0.0.1", "8.8.8.8"], true),
        (1, &["10.0.0.1:80"], false),
    ];
    for (depth, lines, expected) in table {
        let strategy = IpStrategy {
            depth,
            ..IpStrategy::default()
        };
        let found = admits(&["10.0.0.0/8"], strategy, "192.0.2.7", lines);
        assert_eq!(found, expected, "{depth} of {lines:?}");
    }
}

#[test]
fn excluded_addresses_are_passed_over_from_the_right() {
    let table: [(Texts<'_>, bool); 7] = [
        (&["10.0.0.1, 172.16.0.1, 172.16.0.2"], true),
        (&["10.0.0.1, 8.8.8.8, 172.16.0.2"], false),
        (&["172.16.0.1"], false),
        (&["10.0.0.1, , 172.16.0.2"], true),
        (&["10.0.0.1, nonsense, 172.16.0.2"], false),
        (&["10.0.0.1", "172.16.0.2"], true),
        (&[], false),
    ];
    for (lines, expected) in table {
        let strategy = IpStrategy {
            excluded: networks(&["172.16.0.0/12"]),
            ..IpStrategy::default()
        };
        let found = admits(&["10.0.0.0/8"], strategy, "10.0.0.9", lines);
        assert_eq!(found, expected, "{lines:?}");
    }
}

#[test]
fn who_is_refused_gets_the_status_and_its_text() {
    for (status, expected) in [
        (403, "403 Forbidden\nContent-Length: 0\n\nForbidden"),
        (404, "404 Not Found\nContent-Length: 0\n\nNot Found"),
    ] {
        let step = IpAllowList::new(networks(&["10.0.0.1"]), IpStrategy::default(), status);
        let found = pass(&Middleware::IpAllowList(step), &mut get("/"), &PLAIN);
        assert_eq!(found.as_deref(), Some(expected));
    }
}
