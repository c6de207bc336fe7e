//! Cookies that keep clients at their servers.

use crate::harness::{Answer, Client, Router, Server, Site, wait_for};

const ALL: &str = "PathPrefix(`/`)";

/// Servers `a` and `b` in one service.
fn pair(cookie: &str) -> ([Server; 2], Router) {
    let servers = ["a", "b"].map(Server::naming);
    let addresses = [servers[0].address(), servers[1].address()];
    let router = Site::new()
        .service_with("s", &addresses, &format!("sticky:\n  cookie: {cookie}"))
        .router("r", ALL, "s", "")
        .start();
    (servers, router)
}

fn with_cookie(client: &mut Client, cookie: &str) -> Answer {
    client.send(format!(
        "GET / HTTP/1.1\r\nHost: test\r\nCookie: {cookie}\r\n\r\n"
    ));
    client.answer()
}

/// `name=value` of the cookies that an answer sets.
fn set(answer: &Answer) -> Vec<String> {
    let values = answer.headers("Set-Cookie");
    let pair = |value: &str| value.split(';').next().unwrap().to_owned();
    values.map(pair).collect()
}

#[test]
fn a_cookie_keeps_its_client_and_tells_no_address() {
    let (servers, router) = pair("{}");
    let mut client = router.connect();
    let first = client.get("/");
    let cookie = first.header("Set-Cookie").unwrap().to_owned();
    // printf '_TRAEFIK_BACKEND_s@file' | sha1sum
    assert!(cookie.starts_with("_23300="), "{cookie}");
    assert!(cookie.ends_with("; Path=/"), "{cookie}");
    let port = servers[0].address().port().to_string();
    assert!(
        !cookie.contains("127.0.0.1") && !cookie.contains(&port),
        "{cookie}"
    );
    let pair = set(&first).remove(0);
    for _ in 0..10 {
        let answer = with_cookie(&mut client, &format!("x=y; {pair}"));
        assert_eq!(answer.text(), first.text());
        assert_eq!(answer.header("Set-Cookie"), None);
    }
}

#[test]
fn a_forged_cookie_is_as_good_as_none() {
    let (_servers, router) = pair("{name: lb}");
    let mut client = router.connect();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..4 {
        let answer = with_cookie(&mut client, "lb=0123456789abcdef");
        assert_eq!(set(&answer).len(), 1);
        seen.insert(answer.text());
    }
    assert_eq!(seen.len(), 2);
}

#[test]
fn old_spellings_are_understood_and_rewritten() {
    let (servers, router) = pair("{name: lb}");
    let mut client = router.connect();
    let url = format!("http://{}", servers[1].address());
    let step = |hash: u64, byte: u8| hash.wrapping_mul(0x0100_0000_01B3) ^ u64::from(byte);
    let fnv = url.bytes().fold(0xCBF2_9CE4_8422_2325, step);
    for old in [url, format!("{fnv:x}")] {
        for _ in 0..3 {
            let answer = with_cookie(&mut client, &format!("lb={old}"));
            assert_eq!(answer.text(), "b");
            let fresh = set(&answer).remove(0);
            let answer = with_cookie(&mut client, &fresh);
            assert_eq!((answer.text().as_str(), set(&answer).len()), ("b", 0));
        }
    }
}

#[test]
fn all_attributes_are_written_as_configured() {
    let (_servers, router) = pair(
        "{name: 'l b', secure: true, httpOnly: true, sameSite: strict, maxAge: 60, path: /p, \
         domain: example.org}",
    );
    let answer = router.get("/");
    let cookie = answer.header("Set-Cookie").unwrap();
    assert!(cookie.starts_with("l_b="), "{cookie}");
    let rest = cookie.split_once("; ").unwrap().1;
    assert_eq!(
        rest,
        "Path=/p; Domain=example.org; Max-Age=60; HttpOnly; Secure; SameSite=Strict"
    );
}

#[test]
fn every_level_has_a_cookie_of_its_own() {
    let servers = ["a", "b", "c", "d"].map(Server::naming);
    let addresses: Vec<_> = servers.iter().map(Server::address).collect();
    let router = Site::new()
        .service_with("x", &addresses[..2], "sticky:\n  cookie: {name: in-x}")
        .service_with("y", &addresses[2..], "sticky:\n  cookie: {name: in-y}")
        .service_of(
            "top",
            "weighted:\n  sticky:\n    cookie: {name: top}\n  services: [{name: x}, {name: y}]",
        )
        .router("r", ALL, "top", "")
        .start();
    let mut client = router.connect();
    for _ in 0..4 {
        let first = client.get("/");
        let cookies = set(&first);
        assert_eq!(cookies.len(), 2, "{cookies:?}");
        assert!(cookies[0].starts_with("top=") && cookies[1].starts_with("in-"));
        for _ in 0..3 {
            let answer = with_cookie(&mut client, &cookies.join("; "));
            assert_eq!((answer.text(), set(&answer).len()), (first.text(), 0));
        }
    }
}

#[test]
fn who_loses_its_server_gets_another_one_and_its_cookie() {
    let alive = Server::naming("alive");
    let dead = crate::harness::free_address();
    let check = "healthCheck: {path: /, interval: 100ms, timeout: 1s}\n\
                 sticky:\n  cookie: {name: lb}";
    for more in [check, "sticky:\n  cookie: {name: lb}"] {
        let router = Site::new()
            .service_with("s", &[dead, alive.address()], more)
            .router("r", ALL, "s", "")
            .start();
        let mut client = router.connect();
        let answer = with_cookie(&mut client, &format!("lb=http://{dead}"));
        assert_eq!(answer.text(), "alive");
        let fresh = set(&answer).remove(0);
        let answer = with_cookie(&mut client, &fresh);
        assert_eq!((answer.text().as_str(), set(&answer).len()), ("alive", 0));
    }
}

#[test]
fn a_fenced_server_serves_only_clients_that_know_it() {
    let servers = ["a", "b"].map(Server::naming);
    let urls =
        [servers[0].address(), servers[1].address()].map(|address| format!("http://{address}"));
    let router = Site::new()
        .service_of(
            "s",
            &format!(
                "loadBalancer:\n  sticky:\n    cookie: {{name: lb}}\n  servers:\n    \
                 - {{url: '{}', fenced: true}}\n    - {{url: '{}'}}",
                urls[0], urls[1]
            ),
        )
        .router("r", ALL, "s", "")
        .start();
    let mut client = router.connect();
    for _ in 0..6 {
        assert_eq!(client.get("/").text(), "b");
    }
    let known = with_cookie(&mut client, &format!("lb={}", urls[0]));
    assert_eq!(known.text(), "a");
}

#[test]
fn a_cookie_outlives_a_reload() {
    let servers = ["a", "b"].map(Server::naming);
    let addresses = [servers[0].address(), servers[1].address()];
    let site = |more: &str| {
        Site::new()
            .service_with("s", &addresses, &format!("sticky:\n  cookie: {{}}\n{more}"))
            .router("r", ALL, "s", "")
    };
    let mut router = site("").start();
    let first = router.get("/");
    let pair = set(&first).remove(0);
    router.change(|_| {
        site("passHostHeader: false").service("t", &[]).router(
            "t",
            "Path(`/after-the-change`)",
            "t",
            "",
        )
    });
    wait_for("the change", || {
        (router.get("/after-the-change").status == 503).then_some(())
    });
    let mut client = router.connect();
    let answer = with_cookie(&mut client, &pair);
    assert_eq!((answer.text(), set(&answer).len()), (first.text(), 0));
}
