//! Health checks, active and passive, and what survives a reload.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use crate::harness::{Heard, Router, Server, Site, pause, wait_for, with_text};

const ALL: &str = "PathPrefix(`/`)";

/// Answers checks (`/health`) with a status that can be changed, all else with its name.
fn switched(name: &'static str) -> (Server, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(200));
    let now = Arc::clone(&status);
    let server = Server::start(move |peer| {
        while let Some(request) = peer.request() {
            let status = if request.split(' ').nth(1) == Some("/health") {
                now.load(Ordering::Relaxed)
            } else {
                200
            };
            peer.send(with_text(status, name));
        }
    });
    (server, status)
}

fn is_served_by(router: &Router, names: &[&str]) {
    wait_for(&format!("only {names:?} to serve"), || {
        let mut client = router.connect();
        let found: std::collections::BTreeSet<String> =
            (0..6).map(|_| client.get("/").text()).collect();
        let wanted = names.iter().map(|name| (*name).to_owned()).collect();
        (found == wanted).then_some(())
    });
}

fn over(servers: &[SocketAddr], more: &str) -> Site {
    Site::new()
        .service_with("s", servers, more)
        .router("r", ALL, "s", "")
        .top("log:\n  level: WARN")
}

const CHECK: &str = "healthCheck: {path: /health, interval: 100ms, timeout: 2s}";

#[test]
fn a_server_that_fails_its_check_rests_until_it_passes() {
    let (a, of_a) = switched("a");
    let (b, of_b) = switched("b");
    let router = over(&[a.address(), b.address()], CHECK).start();
    is_served_by(&router, &["a", "b"]);
    of_a.store(500, Ordering::Relaxed);
    is_served_by(&router, &["b"]);
    of_b.store(404, Ordering::Relaxed);
    wait_for("none to be left", || {
        let answer = router.get("/");
        (answer.status == 503 && answer.text() == "no available server\n").then_some(())
    });
    of_a.store(399, Ordering::Relaxed);
    is_served_by(&router, &["a"]);
    let output = router.process().output();
    let url = format!("http://{}", a.address());
    let told = |what: &str| {
        let lines = output.lines();
        lines
            .filter(|line| line.contains(what) && line.contains(&url))
            .count()
    };
    assert_eq!(told("Health check failed"), 1, "{output}");
    assert_eq!(told("Health check passed"), 1, "{output}");
}

#[test]
fn a_hung_server_gets_no_more_requests() {
    let hung = Server::start(|peer| {
        peer.request();
        peer.wait_for_end();
    });
    let alive = Server::naming("alive");
    let check = "healthCheck: {path: /health, interval: 100ms, timeout: 200ms}";
    let router = over(&[hung.address(), alive.address()], check).start();
    wait_for("the check to fail", || {
        let output = router.process().output();
        output.contains("Health check failed").then_some(())
    });
    is_served_by(&router, &["alive"]);
}

#[test]
fn a_check_is_sent_as_configured() {
    let server = Server::naming("s");
    let check = "healthCheck:\n  path: /health?x=y\n  method: POST\n  hostname: probe.org\n  \
                 headers: {X-Probe: yes}\n  interval: 1h";
    let router = over(&[server.address()], check).start();
    let heard = server.hears_request();
    assert!(
        heard.starts_with("POST /health?x=y HTTP/1.1\r\n"),
        "{heard}"
    );
    assert!(heard.contains("\r\nHost: probe.org\r\n"), "{heard}");
    assert!(heard.contains("\r\nX-Probe: yes\r\n"), "{heard}");
    assert_eq!(router.get("/").text(), "s");
}

#[test]
fn port_status_and_redirections_decide() {
    let main = Server::naming("main");
    let table = [
        // What the other port answers, options, whether the server counts as up.
        (with_text(204, ""), "status: 204", true),
        (with_text(200, ""), "status: 204", false),
        (
            redirect("/other"),
            "status: 302, followRedirects: false",
            true,
        ),
        (redirect("/other"), "followRedirects: false", true),
        (redirect("/health"), "followRedirects: true", false),
        (
            redirect(&format!("http://{}/", main.address())),
            "status: 200",
            true,
        ),
        (redirect("https://127.0.0.1/"), "status: 200", false),
        ("nonsense\r\n\r\n".to_owned(), "status: 200", false),
        (String::new(), "status: 200", false),
    ];
    for (answer, options, up) in table {
        let other = if answer.is_empty() {
            Server::start(|_| ())
        } else {
            Server::answering(answer.clone())
        };
        let check = format!(
            "healthCheck: {{path: /health, port: {}, interval: 100ms, timeout: 2s, {options}}}",
            other.address().port()
        );
        let router = over(&[main.address()], &check).start();
        let expected = if up { 200 } else { 503 };
        wait_for(&format!("{expected} with {answer} {options}"), || {
            (router.get("/").status == expected).then_some(())
        });
        pause(250);
        assert_eq!(router.get("/").status, expected, "{answer} {options}");
    }
}

fn redirect(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n")
}

#[test]
fn names_are_looked_up_for_checks_too() {
    let server = Server::naming("s");
    let port = server.address().port();
    let router = Site::new()
        .service_of(
            "s",
            &format!(
                "loadBalancer:\n  healthCheck: {{path: /health, interval: 100ms}}\n  \
                 servers: [{{url: 'http://localhost:{port}'}}]"
            ),
        )
        .router("r", ALL, "s", "")
        .start();
    assert!(server.hears_request().contains("/health"));
    assert_eq!(router.get("/").text(), "s");
}

#[test]
fn several_failures_may_be_asked_for() {
    let (server, status) = switched("s");
    let check = "healthCheck: {path: /health, interval: 100ms, timeout: 2s, fails: 3, passes: 2}";
    let router = over(&[server.address()], check).start();
    status.store(500, Ordering::Relaxed);
    server.heard();
    wait_for("the server to be down", || {
        (router.get("/").status == 503).then_some(())
    });
    let checks = |server: &Server| {
        let heard = server.heard();
        heard
            .iter()
            .filter(|heard| matches!(heard, Heard::Request(text) if text.contains("/health")))
            .count()
    };
    assert!(checks(&server) >= 3);
    status.store(200, Ordering::Relaxed);
    wait_for("the server to be up", || {
        (router.get("/").status == 200).then_some(())
    });
    assert!(checks(&server) >= 2);
}

#[test]
fn a_reload_forgets_no_health() {
    let (a, of_a) = switched("a");
    let b = Server::naming("b");
    // No check comes again for a long time: what is known must come from before the reload.
    let check = "healthCheck: {path: /health, interval: 1h, timeout: 2s}";
    of_a.store(500, Ordering::Relaxed);
    let site = |more: usize| {
        let mut site = over(&[a.address(), b.address()], check);
        for number in 0..more {
            site = site
                .service(&format!("more{number}"), &[b.address()])
                .router(
                    &format!("m{number}"),
                    &format!("Path(`/m{number}`)"),
                    &format!("more{number}"),
                    "",
                );
        }
        site
    };
    let mut router = site(0).start();
    is_served_by(&router, &["b"]);
    for more in 1..4 {
        router.change(|_| site(more));
        wait_for("the change", || {
            let path = format!("/m{}", more - 1);
            (router.get(&path).status == 200).then_some(())
        });
        let mut client = router.connect();
        for _ in 0..6 {
            assert_eq!(client.get("/").text(), "b");
        }
    }
    let heard = a.heard();
    let is_check =
        |heard: &&Heard| matches!(heard, Heard::Request(text) if text.contains("/health"));
    let checks = heard.iter().filter(is_check);
    assert_eq!(checks.count(), 1, "one check, whatever else changed");
}

#[test]
fn a_server_whose_requests_fail_rests_for_the_window() {
    for failure in ["HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\nx", ""] {
        let bad = if failure.is_empty() {
            Server::start(|peer| drop(peer.request()))
        } else {
            Server::answering(failure)
        };
        let good = Server::naming("good");
        let passive = "passiveHealthCheck: {failureWindow: 3s, maxFailedAttempts: 2}";
        let router = over(&[bad.address(), good.address()], passive).start();
        let mut failures = 0;
        wait_for("the bad one to rest", || {
            let mut client = router.connect();
            let answers: Vec<u16> = (0..6)
                .map(|_| {
                    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
                    client.answer().status
                })
                .collect();
            let failed = answers.iter().filter(|status| **status != 200).count();
            failures += failed;
            (failed == 0).then_some(())
        });
        assert_eq!(failures, 2, "{failure}");
        // After the window it is asked again.
        wait_for("the bad one to be tried again", || {
            pause(100);
            let answer = router.ask("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n");
            (answer.status != 200).then_some(())
        });
    }
}

#[test]
fn a_server_that_is_back_starts_slowly() {
    let (a, of_a) = switched("a");
    let b = Server::naming("b");
    let options = format!("{CHECK}\nslowStart: 1h");
    let router = over(&[a.address(), b.address()], &options).start();
    of_a.store(500, Ordering::Relaxed);
    is_served_by(&router, &["b"]);
    of_a.store(200, Ordering::Relaxed);
    wait_for("the first one to be back", || {
        let output = router.process().output();
        output.contains("Health check passed").then_some(())
    });
    let mut client = router.connect();
    let of_a = (0..400).filter(|_| client.get("/").text() == "a").count();
    // A tenth of its half.
    assert!((4..=60).contains(&of_a), "{of_a} of 400");
}
