//! Services that hold others, and the ways in which a server is chosen.

use std::collections::BTreeMap;

use crate::harness::{Client, Heard, Router, Server, Site, pause, wait_for, with_text};

const ALL: &str = "PathPrefix(`/`)";

/// How often each text came as the answer to one GET after the other.
fn texts(router: &Router, count: usize) -> BTreeMap<String, usize> {
    let mut client = router.connect();
    let mut texts = BTreeMap::new();
    for _ in 0..count {
        *texts.entry(client.get("/").text()).or_default() += 1;
    }
    texts
}

fn counts(pairs: &[(&str, usize)]) -> BTreeMap<String, usize> {
    pairs
        .iter()
        .map(|(text, count)| ((*text).to_owned(), *count))
        .collect()
}

/// Load balancers `a`, `b`, `c` that answer with their names, and the router.
fn letters(top: &str) -> ([Server; 3], Site) {
    let servers = ["a", "b", "c"].map(Server::naming);
    let site = Site::new()
        .service("a", &[servers[0].address()])
        .service("b", &[servers[1].address()])
        .service("c", &[servers[2].address()])
        .service_of("top", top)
        .router("r", ALL, "top", "");
    (servers, site)
}

#[test]
fn weights_are_exact_at_every_level_and_zero_is_never() {
    let top = "weighted:\n  services: [{name: a, weight: 3}, {name: inner, weight: 1}, \
               {name: c, weight: 0}]";
    let inner = "weighted:\n  services: [{name: a}, {name: b}]";
    let (_servers, site) = letters(top);
    let router = site.service_of("inner", inner).start();
    assert_eq!(texts(&router, 16), counts(&[("a", 14), ("b", 2)]));
}

#[test]
fn a_weighted_service_passes_over_dead_children_only_if_told() {
    // Measured on Traefik: without healthCheck the share of the dead child is lost (15b.13).
    for (told, expected) in [
        ("", counts(&[("a", 10), ("no available server\n", 10)])),
        ("healthCheck: {}", counts(&[("a", 20)])),
    ] {
        let alive = Server::naming("a");
        let dead = Server::start(|peer| drop(peer.request()));
        let check = "healthCheck: {path: /, interval: 100ms, timeout: 1s}";
        let router = Site::new()
            .service_with("a", &[alive.address()], check)
            .service_with("b", &[dead.address()], check)
            .service_of(
                "top",
                &format!("weighted:\n  {told}\n  services: [{{name: a}}, {{name: b}}]"),
            )
            .router("r", ALL, "top", "")
            .router("b", "Path(`/only-for-b`)", "b", "")
            .start();
        wait_for("the dead one to be found", || {
            (router.get("/only-for-b").status == 503).then_some(())
        });
        assert_eq!(texts(&router, 20), expected, "{told}");
    }
}

#[test]
fn highest_random_weight_keeps_each_client_at_one_service() {
    let top = "highestRandomWeight:\n  services: [{name: a}, {name: b, weight: 2}, \
               {name: c, weight: 0}]";
    let (_servers, site) = letters(top);
    let router = site.entry("proxyProtocol:\n  insecure: true").start();
    let from = |last: u32| {
        let mut client = router.connect();
        client.send(format!("PROXY TCP4 10.0.0.{last} 10.9.9.9 1000 80\r\n"));
        [client.get("/").text(), client.get("/").text()]
    };
    let mut of = counts(&[]);
    for last in 1..=60 {
        let [first, second] = from(last);
        assert_eq!(first, second);
        assert_eq!(from(last)[0], first);
        *of.entry(first).or_default() += 1;
    }
    assert_eq!(of.len(), 2, "{of:?}");
    assert!(of["b"] > of["a"], "{of:?}");
}

#[test]
fn hrw_servers_keep_their_clients_when_another_one_dies() {
    let servers = ["a", "b", "c"].map(Server::naming);
    let dead = crate::harness::free_address();
    let addresses = [servers[0].address(), servers[1].address(), dead];
    let router = Site::new()
        .service_with("s", &addresses, "strategy: hrw")
        .router("r", ALL, "s", "")
        .start();
    let first = texts(&router, 5);
    assert_eq!(first.len(), 1, "{first:?}");
}

/// A server that keeps requests to `/hold` until it is told to let go of them.
fn holding(name: &'static str) -> Server {
    Server::start(move |peer| {
        while let Some(request) = peer.request() {
            if request.starts_with("GET /hold") {
                peer.head();
                return;
            }
            peer.send(with_text(200, name));
        }
    })
}

#[test]
fn busy_servers_get_less() {
    for strategy in ["p2c", "leastconn", "leasttime"] {
        let servers = ["a", "b"].map(holding);
        let addresses = [servers[0].address(), servers[1].address()];
        let router = Site::new()
            .service_with("s", &addresses, &format!("strategy: {strategy}"))
            .router("r", ALL, "s", "")
            .start();
        // With one request held, the other server is the less busy one of the two.
        let mut held = router.connect();
        held.send("GET /hold HTTP/1.1\r\nHost: test\r\n\r\n");
        let busy = wait_for("the request to arrive", || {
            servers.iter().position(|server| {
                server
                    .heard()
                    .iter()
                    .any(|heard| matches!(heard, Heard::Request(text) if text.contains("/hold")))
            })
        });
        let other = ["b", "a"][busy];
        let found = texts(&router, 10);
        assert_eq!(found, counts(&[(other, 10)]), "{strategy}");
        // Let go: both have their turn again.
        drop(held);
        wait_for("the busy one to be asked again", || {
            let mut clients: Vec<Client> = (0..4).map(|_| router.connect()).collect();
            let busy_name = ["a", "b"][busy];
            let found = clients.iter_mut().map(|client| client.get("/").text());
            found
                .collect::<Vec<_>>()
                .contains(&busy_name.to_owned())
                .then_some(())
        });
    }
}

#[test]
fn least_time_prefers_the_quick_one_and_forgives_a_slow_start() {
    // Its first answer takes long, later ones do not.
    let slow = Server::start(|peer| {
        let mut first = peer.number == 0;
        while peer.request().is_some() {
            if std::mem::take(&mut first) {
                pause(1500);
            }
            peer.send(with_text(200, "slow"));
        }
    });
    let quick = Server::naming("quick");
    let router = Site::new()
        .service_with(
            "s",
            &[slow.address(), quick.address()],
            "strategy: leasttime",
        )
        .router("r", ALL, "s", "")
        .start();
    texts(&router, 4);
    let found = texts(&router, 100);
    assert!(found["quick"] >= 95, "{found:?}");
    // After five seconds without an answer it is asked once more.
    wait_for("the slow one to be asked again", || {
        pause(300);
        texts(&router, 3).contains_key("slow").then_some(())
    });
}

#[test]
fn failover_looks_at_the_answer_and_sends_the_body_again() {
    let main = Server::start(|peer| {
        while let Some(request) = peer.request() {
            let status = if request.contains("/fail") { 500 } else { 200 };
            peer.send(with_text(status, "main"));
        }
    });
    let fallback = Server::naming("fallback");
    let router = Site::new()
        .service("main", &[main.address()])
        .service("fallback", &[fallback.address()])
        .service_of(
            "top",
            "failover:\n  service: main\n  fallback: fallback\n  errors:\n    \
             status: ['500-503']\n    maxRequestBodyBytes: 10",
        )
        .router("r", ALL, "top", "")
        .start();
    let mut client = router.connect();
    assert_eq!(client.get("/").text(), "main");
    assert_eq!(client.get("/fail").text(), "fallback");
    client.send("POST /fail HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
    let answer = client.answer();
    assert_eq!((answer.status, answer.text().as_str()), (200, "fallback"));
    for server in [&main, &fallback] {
        let heard = wait_for("the body", || {
            let heard = server.hears_request();
            heard.starts_with("POST").then_some(heard)
        });
        assert!(heard.ends_with("\r\n\r\nhello"), "{heard}");
    }
    client.send("POST /fail HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\nhello world");
    let answer = client.answer();
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (413, "Request Entity Too Large\n")
    );
}

#[test]
fn failover_counts_a_server_that_cannot_be_reached_as_502() {
    let fallback = Server::naming("fallback");
    let router = Site::new()
        .service("main", &[crate::harness::free_address()])
        .service("fallback", &[fallback.address()])
        .service_of(
            "top",
            "failover:\n  service: main\n  fallback: fallback\n  errors: {status: ['502']}",
        )
        .router("r", ALL, "top", "")
        .start();
    assert_eq!(router.get("/").text(), "fallback");
}

#[test]
fn failover_follows_the_health_of_its_services() {
    let main = crate::harness::free_address();
    let fallback = Server::naming("fallback");
    let check = "healthCheck: {path: /, interval: 100ms, timeout: 1s}";
    let site = |other: std::net::SocketAddr| {
        Site::new()
            .service_with("main", &[main], check)
            .service_with("fallback", &[other], check)
            .service_of(
                "top",
                "failover:\n  healthCheck: {}\n  service: main\n  fallback: fallback",
            )
            .router("r", ALL, "top", "")
    };
    let mut router = site(fallback.address()).start();
    wait_for("the fallback", || {
        (router.get("/").text() == "fallback").then_some(())
    });
    router.change(|_| site(crate::harness::free_address()));
    let answer = wait_for("both to be down", || {
        let answer = router.get("/");
        (answer.status == 503).then_some(answer)
    });
    assert_eq!(answer.text(), "Service Unavailable\n");
}

#[test]
fn failover_without_a_reason_to_fail_over_disables_its_router() {
    let (_servers, site) = letters("failover:\n  service: a\n  fallback: b");
    let router = site.start();
    assert_eq!(router.get("/").status, 404);
}

#[test]
fn middlewares_of_services_act_for_them_alone() {
    let (servers, site) =
        letters("middlewares: [outer]\nweighted:\n  services: [{name: inner}, {name: b}]");
    let header = |name: &str| {
        format!(
            "headers:\n  customRequestHeaders: {{X-Way: {name}}}\n  \
             customResponseHeaders: {{X-Back: {name}}}"
        )
    };
    let router = site
        .service_of(
            "inner",
            "middlewares: [strip, inner]\nweighted:\n  services: [{name: a}]",
        )
        .middleware("outer", &header("outer"))
        .middleware("inner", &header("inner"))
        .middleware("strip", "stripPrefix:\n  prefixes: [/x]")
        .start();
    let mut seen = BTreeMap::new();
    for _ in 0..2 {
        let answer = router.get("/x/y");
        let back: Vec<&str> = answer.headers("X-Back").collect();
        seen.insert(answer.text(), back.join(","));
    }
    assert_eq!(
        seen,
        BTreeMap::from([
            ("a".to_owned(), "outer".to_owned()),
            ("b".to_owned(), "outer".to_owned())
        ])
    );
    let heard = servers[0].hears_request();
    assert!(heard.starts_with("GET /y HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("X-Way: inner\r\n"), "{heard}");
    let heard = servers[1].hears_request();
    assert!(heard.starts_with("GET /x/y HTTP/1.1\r\n"), "{heard}");
    assert!(heard.contains("X-Way: outer\r\n"), "{heard}");
}

#[test]
fn the_access_log_names_the_innermost_service() {
    let (servers, site) = letters("weighted:\n  services: [{name: inner}]");
    let router = site
        .service_of("inner", "weighted:\n  services: [{name: b}]")
        .top("accessLog:\n  filePath: access.log")
        .start();
    router.get("/marked");
    let line = wait_for("the line", || {
        let text = router.folder().read("access.log");
        let line = text.lines().find(|line| line.contains("/marked"))?;
        Some(line.to_owned())
    });
    let url = format!("http://{}", servers[1].address());
    assert!(line.contains(&format!("\"r@file\" \"{url}\"")), "{line}");
}

#[test]
fn retry_around_services_chooses_anew() {
    let alive = Server::naming("alive");
    let router = Site::new()
        .service("dead", &[crate::harness::free_address()])
        .service("alive", &[alive.address()])
        .service_of(
            "top",
            "weighted:\n  services: [{name: dead}, {name: alive}]",
        )
        .middleware("again", "retry:\n  attempts: 2")
        .router("r", ALL, "top", "middlewares: [again]")
        .start();
    assert_eq!(texts(&router, 10), counts(&[("alive", 10)]));
}

#[test]
fn a_slow_client_holds_a_server_only_so_long() {
    let server = Server::start(|peer| {
        while let Some(head) = peer.head() {
            if head.starts_with("POST") {
                peer.wait_for_end();
                peer.say("let go");
                return;
            }
            let body = vec![b'x'; 64 << 20];
            peer.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n",
                body.len()
            ));
            peer.send(body);
            peer.wait_for_end();
            peer.say("let go");
        }
    });
    let router = Site::new()
        .service_with("s", &[server.address()], "serversTransport: strict")
        .transport("strict", "forwardingTimeouts:\n  slowClientTimeout: 1s")
        .router("r", ALL, "s", "")
        .start();
    let told = || {
        wait_for("the server to be let go", || {
            let heard = server.heard();
            heard
                .contains(&Heard::Rest("let go".to_owned()))
                .then_some(())
        });
    };
    // One that announces a body and dribbles it: each byte comes in time, all of them do not.
    let mut client = router.connect();
    client.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\r\n");
    for _ in 0..30 {
        client.send("x");
        pause(100);
    }
    assert_eq!(client.answer().status, 408);
    told();
    // One that does not take its answer.
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    told();
}
