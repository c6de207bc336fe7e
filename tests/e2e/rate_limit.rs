//! rateLimit, inFlightReq and circuitBreaker as clients see them, over several shards and over
//! changes of the configuration.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::harness::{Client, Heard, Server, Site, wait_for};

/// One request in an hour, and so many at once.
fn limit(burst: u32) -> String {
    format!("rateLimit:\n  average: 1\n  period: 1h\n  burst: {burst}")
}

fn limited(server: &Server, burst: u32) -> Site {
    Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/r`)", "s", "middlewares: [m]")
        .router("q", "PathPrefix(`/q`)", "s", "middlewares: [m]")
        .middleware("m", &limit(burst))
}

#[test]
fn all_shards_together_let_in_one_burst() {
    const BURST: usize = 40;
    let server = Server::ok();
    let router = limited(&server, 40).start();
    let web = router.web();
    let clients = (0..8).map(|_| {
        thread::spawn(move || {
            let asked = (0..10).map(|_| Client::connect(web).get("/r").status);
            asked.collect::<Vec<_>>()
        })
    });
    let clients: Vec<_> = clients.collect();
    let statuses: Vec<u16> = clients
        .into_iter()
        .flat_map(|client| client.join().unwrap())
        .collect();
    let passed = statuses.iter().filter(|status| **status == 200).count();
    // Exact within one token.
    assert!((BURST..=BURST + 1).contains(&passed), "{passed}");
    assert!(statuses.iter().all(|status| [200, 429].contains(status)));
}

#[test]
fn who_comes_too_early_is_told_when_to_come_again() {
    let server = Server::ok();
    let router = limited(&server, 1).start();
    assert_eq!(router.get("/r").status, 200);
    let answer = router.get("/r");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (429, "Too Many Requests")
    );
    let seconds: u32 = answer.header("Retry-After").unwrap().parse().unwrap();
    assert!((3500..=3600).contains(&seconds), "{seconds}");
    let retry_in = answer.header("X-Retry-In").unwrap();
    assert!(
        retry_in.starts_with("59m") || retry_in == "1h0m0s",
        "{retry_in}"
    );
    // The other router has buckets of its own.
    assert_eq!(router.get("/q").status, 200);
}

#[test]
fn who_comes_a_little_early_waits() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [m]")
        .middleware("m", "rateLimit:\n  average: 10\n  period: 10s\n  burst: 1")
        .start();
    // The next token comes in a second; half a second before it, a request is let wait.
    let mut client = router.connect();
    assert_eq!(client.get("/").status, 200);
    let mut refused = 0;
    wait_for("a request that waited", || match client.get("/").status {
        200 => Some(()),
        429 => {
            refused += 1;
            None
        }
        status => panic!("{status}"),
    });
    assert!(refused > 0);
}

#[test]
fn buckets_outlive_a_change_of_everything_else() {
    let server = Server::ok();
    let mut router = limited(&server, 1).start();
    assert_eq!(router.get("/r").status, 200);
    assert_eq!(router.get("/r").status, 429);
    router.change(|site| site.router("new", "Path(`/new`)", "s", ""));
    wait_for("the new router", || {
        (router.get("/new").status == 200).then_some(())
    });
    assert_eq!(router.get("/r").status, 429);
    router.change(|site| site.middleware("n", "addPrefix:\n  prefix: /n"));
    router.change(|site| site.router("newer", "Path(`/newer`)", "s", "middlewares: [n]"));
    wait_for("the newer router", || {
        (router.get("/newer").status == 200).then_some(())
    });
    assert_eq!(router.get("/r").status, 429);
}

#[test]
fn in_flight_counts_until_the_body_is_over() {
    let go = Arc::new(AtomicBool::new(false));
    let may_end = Arc::clone(&go);
    let server = Server::start(move |peer| {
        while peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab");
            wait_for("leave to end", || {
                may_end.load(Ordering::SeqCst).then_some(())
            });
            peer.send("cd");
        }
    });
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [m]")
        .middleware("m", "inFlightReq:\n  amount: 1")
        .start();
    let mut first = router.connect();
    first.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    assert_eq!(server.hears(), Heard::Connection);
    server.hears_request();
    let second = router.get("/");
    assert_eq!(
        (second.status, second.text().as_str()),
        (429, "max connections reached: 1")
    );
    // Another host is another source.
    go.store(true, Ordering::SeqCst);
    assert_eq!(first.answer().text(), "abcd");
    wait_for("the first to be over", || {
        (router.get("/").status == 200).then_some(())
    });
}

#[test]
fn a_circuit_breaker_answers_for_a_failing_service() {
    let good = Arc::new(AtomicBool::new(false));
    let is_good = Arc::clone(&good);
    let server = Server::start(move |peer| {
        while peer.request().is_some() {
            let status = if is_good.load(Ordering::SeqCst) {
                "200 OK"
            } else {
                "500 Internal Server Error"
            };
            peer.send(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
        }
    });
    let lines = "circuitBreaker:\n  expression: \"ResponseCodeRatio(500, 600, 0, 600) > 0.3\"\n  \
                 checkPeriod: 1ms\n  fallbackDuration: 1s\n  recoveryDuration: 1s\n  \
                 responseCode: 529";
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [m]")
        .middleware("m", lines)
        .start();
    assert_eq!(router.get("/").status, 500);
    assert_eq!(router.get("/").status, 529);
    server.heard();
    assert_eq!(router.get("/").status, 529);
    assert_eq!(server.heard(), [], "the service is left alone");
    good.store(true, Ordering::SeqCst);
    wait_for("recovery", || (router.get("/").status == 200).then_some(()));
}
