//! Ping, signals, drain, descriptors: what an operator relies on.

use std::thread;
use std::time::Duration;

use ringway::base::clock;

use crate::harness::{Client, Server, Site, free_address, pause, wait_for};

#[test]
fn ping_says_ok_and_says_when_it_ends() {
    let server = Server::ok();
    let mut router = Site::to(server.address())
        .entry("transport:\n  lifeCycle:\n    requestAcceptGraceTimeout: 2s")
        .router("ping", "Path(`/ping`)", "ping@internal", "priority: 1000")
        .start();
    let answer = router.get("/ping");
    assert_eq!((answer.status, answer.text().as_str()), (200, "OK"));
    router.process().signal("TERM");
    let answer = wait_for("ping to say so", || {
        let answer = router.get("/ping");
        (answer.status != 200).then_some(answer)
    });
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (503, "Service Unavailable")
    );
    // Others are served as before until the grace time is over.
    assert_eq!(router.get("/").text(), "ok");
    assert!(router.wait().success());
}

#[test]
fn a_drain_answers_all_that_is_in_flight() {
    let server = Server::start(|peer| {
        while peer.request().is_some() {
            pause(700);
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let mut router = Site::to(server.address()).start();
    let mut clients: Vec<Client> = (0..20).map(|_| router.connect()).collect();
    for client in &mut clients {
        client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    }
    for _ in 0..20 {
        server.hears_request();
    }
    router.process().signal("TERM");
    for client in &mut clients {
        assert_eq!(client.answer().text(), "ok");
        assert!(client.is_closed());
    }
    assert!(router.wait().success());
    assert!(std::net::TcpStream::connect(router.web()).is_err());
}

#[test]
fn a_drain_ends_at_its_grace_time() {
    let server = Server::start(|peer| {
        peer.request();
        peer.wait_for_end();
    });
    let mut router = Site::to(server.address())
        .entry("transport:\n  lifeCycle:\n    graceTimeOut: 500ms")
        .start();
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    server.hears_request();
    assert!(router.stop().success());
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(!text.contains(" 200 "), "{text}");
}

#[test]
fn an_idle_router_ends_at_once() {
    let server = Server::ok();
    for signal in ["TERM", "INT"] {
        let mut router = Site::to(server.address()).start();
        let mut idle = router.connect();
        assert_eq!(idle.get("/").status, 200);
        router.process().signal(signal);
        assert!(router.wait().success(), "{signal}");
        assert!(idle.is_closed());
    }
}

/// The driver that is chosen here, and the other one.
const ENGINES: [&str; 2] = ["auto", "epoll"];

#[test]
fn without_descriptors_it_neither_spins_nor_dies() {
    for engine in ENGINES {
        let server = Server::ok();
        let router = Site::to(server.address())
            .engine(engine)
            .descriptors(64)
            .start();
        let mut clients: Vec<Client> = (0..200).map(|_| router.connect()).collect();
        pause(300);
        let before = router.cpu_millis();
        pause(2000);
        let spent = router.cpu_millis() - before;
        assert!(
            spent <= 100,
            "{engine}: {spent} ms of CPU in 2 s at the limit"
        );
        clients.clear();
        let freed = clock::now();
        wait_for("requests to be served again", || {
            (router.get("/").status == 200).then_some(())
        });
        let back = clock::now().since(freed);
        // A second is what it may take; this machine may be busy.
        assert!(back < Duration::from_secs(5), "{engine}: {back:?}");
    }
}

#[test]
fn requests_that_find_no_descriptor_are_refused() {
    for engine in ENGINES {
        let server = Server::start(|peer| {
            while peer.request().is_some() {
                pause(1500);
                peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        let router = Site::to(server.address())
            .engine(engine)
            .descriptors(64)
            .start();
        // Each client has its descriptor; their servers' connections have not.
        let mut clients: Vec<Client> = (0..35).map(|_| router.connect()).collect();
        pause(300);
        for client in &mut clients {
            client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
        }
        let before = router.cpu_millis();
        let answers = clients.iter_mut().map(|client| client.answer().status);
        let statuses: Vec<u16> = answers.collect();
        let spent = router.cpu_millis() - before;
        assert!(spent <= 500, "{engine}: {spent} ms of CPU");
        assert!(statuses.contains(&200), "{engine}: {statuses:?}");
        assert!(
            statuses.iter().all(|status| [200, 502].contains(status)),
            "{engine}: {statuses:?}"
        );
        drop(clients);
        wait_for("requests to be served again", || {
            (router.get("/").status == 200).then_some(())
        });
    }
}

#[test]
fn an_address_that_is_taken_ends_the_start_with_a_reason() {
    let taken = std::net::TcpListener::bind(free_address()).unwrap();
    let site = Site::new();
    let mut process = site.start_at(taken.local_addr().unwrap());
    assert!(!process.wait().success());
    let output = process.output();
    assert!(
        output.contains(&taken.local_addr().unwrap().to_string()),
        "{output}"
    );
}

#[test]
fn many_clients_at_once_are_all_answered() {
    let server = Server::ok();
    let router = Site::to(server.address()).start();
    thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let mut client = router.connect();
                for number in 0..200 {
                    assert_eq!(client.get(&format!("/{number}")).text(), "ok");
                }
            });
        }
    });
}

#[test]
fn the_first_request_meets_the_configuration() {
    let server = Server::ok();
    let web = free_address();
    let _process = Site::to(server.address()).start_at(web);
    let probe = wait_for("the port", || std::net::TcpStream::connect(web).ok());
    assert_eq!(Client::connect(web).get("/").text(), "ok");
    drop(probe);
}
