//! Connections to servers: dead ones, closing ones, and what is sent a second time.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::harness::{Client, Heard, Router, Server, Site, Whoami, pause};

const POST: &str = "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\nhi";

#[test]
fn a_get_on_a_connection_that_dies_unanswered_is_sent_once_more() {
    // Each connection answers once, waits for the next request, and hangs up on it.
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            peer.head();
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    for _ in 0..5 {
        let answer = client.get("/");
        assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
    }
}

#[test]
fn a_post_is_sent_at_most_once() {
    let server = Server::start(|peer| {
        if peer.request().is_some() && peer.number == 0 {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            peer.request();
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    assert_eq!(client.get("/").status, 200);
    client.send(POST);
    let answer = client.answer();
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (502, "Bad Gateway")
    );
    let posts = server
        .heard()
        .into_iter()
        .filter(|heard| matches!(heard, Heard::Request(text) if text.starts_with("POST")));
    assert_eq!(posts.count(), 1);
}

#[test]
fn a_server_that_closes_after_each_answer_costs_no_request() {
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    let mut failed = 0;
    for number in 0..300 {
        if number % 2 == 0 {
            assert_eq!(client.get("/").status, 200, "{number}");
        } else {
            client.send(POST);
            failed += u32::from(client.answer().status != 200);
        }
    }
    // A POST is lost when the server's end and the request cross on the wire: how often that
    // happens is measured elsewhere, here it must not be the rule.
    assert!(failed <= 30, "{failed} of 150");
}

#[test]
fn a_server_that_says_close_is_not_asked_again_on_that_connection() {
    let server = Server::start(|peer| {
        while peer.request().is_some() {
            peer.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    for _ in 0..3 {
        let answer = client.get("/");
        assert_eq!(answer.text(), "ok");
        assert_eq!(answer.header("Connection"), None, "{}", answer.head);
    }
    let connections = server
        .heard()
        .into_iter()
        .filter(|heard| *heard == Heard::Connection);
    assert_eq!(connections.count(), 3);
}

#[test]
fn of_two_servers_one_may_die() {
    let alive = Server::ok();
    let dead = crate::harness::free_address();
    let router = Site::new()
        .service("s", &[alive.address(), dead])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [again]")
        .middleware("again", "retry:\n  attempts: 2")
        .start();
    for _ in 0..20 {
        assert_eq!(router.get("/").status, 200);
        assert_eq!(router.ask(POST).status, 200);
    }
}

#[test]
fn a_server_that_is_killed_under_load_costs_no_get() {
    let (one, two) = (Whoami::start("one"), Whoami::start("two"));
    let router = Site::new()
        .service("s", &[one.address(), two.address()])
        .router("r", "PathPrefix(`/`)", "s", "")
        .start();
    let web = router.web();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| scope.spawn(|| ask_until(web, &stop)))
            .collect();
        pause(300);
        drop(one);
        pause(700);
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            assert!(worker.join().unwrap() > 0);
        }
    });
}

/// Asks on one connection until told to stop; how often.
fn ask_until(web: std::net::SocketAddr, stop: &AtomicBool) -> u32 {
    let mut client = Client::connect(web);
    let mut count = 0;
    while !stop.load(Ordering::Relaxed) {
        let answer = client.get("/");
        assert_eq!(answer.status, 200, "{}", answer.head);
        count += 1;
    }
    count
}

#[test]
fn retry_sends_nothing_twice_that_a_server_has_heard() {
    let server = Server::start(|peer| {
        peer.request();
    });
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [again]")
        .middleware("again", "retry:\n  attempts: 4")
        .start();
    assert_eq!(router.ask(POST).status, 502);
    pause(200);
    let heard = server.heard();
    let requests = heard
        .iter()
        .filter(|heard| matches!(heard, Heard::Request(_)));
    assert_eq!(requests.count(), 1, "{heard:?}");
}

#[test]
fn servers_are_asked_in_their_weights() {
    let names = ["a", "b"];
    let servers = names.map(|name| {
        Server::answering(format!(
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{name}"
        ))
    });
    let addresses = [servers[0].address(), servers[1].address()];
    let router = Site::new()
        .service("s", &addresses)
        .router("r", "PathPrefix(`/`)", "s", "")
        .start();
    let mut client = router.connect();
    let answers: Vec<_> = (0..20).map(|_| client.get("/").text()).collect();
    for name in names {
        assert_eq!(answers.iter().filter(|answer| *answer == name).count(), 10);
    }
}
