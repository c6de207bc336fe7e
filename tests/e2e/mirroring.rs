//! Copies of requests for mirrors.

use std::time::Duration;

use ringway::base::clock;

use crate::harness::{Heard, Router, Server, Site, pause, wait_for, with_text};

const ALL: &str = "PathPrefix(`/`)";

/// `main` answers, `copy` gets copies.
fn start(options: &str, main: &Server, copy: &Server) -> Router {
    Site::new()
        .service("main", &[main.address()])
        .service("copy", &[copy.address()])
        .service_of("top", &format!("mirroring:\n  service: main\n{options}"))
        .router("r", ALL, "top", "")
        .top("accessLog:\n  filePath: access.log")
        .start()
}

/// The requests that a server has heard once there are `count` of them, and no more come.
fn requests(server: &Server, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    let take = |found: &mut Vec<String>| {
        found.extend(server.heard().into_iter().filter_map(|heard| match heard {
            Heard::Request(text) => Some(text),
            Heard::Connection | Heard::Rest(_) => None,
        }));
    };
    wait_for("the copies", || {
        take(&mut found);
        (found.len() >= count).then_some(())
    });
    pause(200);
    take(&mut found);
    found
}

#[test]
fn exactly_so_many_percent_are_copied_the_first_one_too() {
    let (main, copy) = (Server::naming("main"), Server::naming("copy"));
    let router = start("  mirrors: [{name: copy, percent: 50}]", &main, &copy);
    let mut client = router.connect();
    for number in 1..=10 {
        assert_eq!(client.get(&format!("/{number}")).text(), "main");
    }
    let mut paths: Vec<String> = requests(&copy, 5)
        .iter()
        .map(|request| request.split(' ').nth(1).unwrap().to_owned())
        .collect();
    paths.sort();
    assert_eq!(paths, ["/1", "/3", "/5", "/7", "/9"]);
    let log = router.folder().read("access.log");
    assert!(!log.contains(&copy.address().to_string()), "{log}");
}

#[test]
fn bodies_go_along_unless_told_otherwise_or_too_large() {
    let table = [
        ("", Some("hello")),
        ("  mirrorBody: false\n", Some("")),
        ("  maxBodySize: 5\n", Some("hello")),
        ("  maxBodySize: 4\n", None),
    ];
    for (options, expected) in table {
        let (main, copy) = (Server::naming("main"), Server::naming("copy"));
        let options = format!("{options}  mirrors: [{{name: copy, percent: 100}}]");
        let router = start(&options, &main, &copy);
        for framing in [
            "Content-Length: 5\r\n\r\nhello",
            "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        ] {
            let answer = router.ask(format!("POST / HTTP/1.1\r\nHost: test\r\n{framing}"));
            assert_eq!(answer.text(), "main", "{options}");
            let heard = main.hears_request();
            assert!(heard.contains("hello"), "{heard}");
            let copies = requests(&copy, usize::from(expected.is_some()));
            let bodies: Vec<&str> = copies
                .iter()
                .map(|copy| copy.split_once("\r\n\r\n").unwrap().1)
                .collect();
            let expected: Vec<&str> = expected.into_iter().collect();
            assert_eq!(bodies, expected, "{options} {framing}");
        }
    }
}

#[test]
fn a_mirror_that_hangs_costs_the_client_nothing() {
    let main = Server::naming("main");
    let copy = Server::start(|peer| {
        peer.request();
        peer.wait_for_end();
    });
    let options = "  mirrors: [{name: copy, percent: 100}, {name: copy, percent: 100}]";
    let mut router = start(options, &main, &copy);
    let mut client = router.connect();
    for _ in 0..50 {
        assert_eq!(client.get("/").text(), "main");
    }
    // Copies on their way keep nobody from stopping.
    drop(client);
    let begun = clock::now();
    assert!(router.stop().success());
    assert!(clock::now().since(begun) < Duration::from_secs(8));
}

#[test]
fn copies_are_bounded_when_mirrors_are_slow() {
    let main = Server::naming("main");
    let copy = Server::start(|peer| {
        peer.request();
        peer.wait_for_end();
    });
    let options = "  mirrors: [{name: copy, percent: 100}]";
    let router = start(options, &main, &copy);
    let mut client = router.connect();
    let shards = std::thread::available_parallelism().unwrap().get();
    // One connection is one shard: more requests than it may have copies of.
    for _ in 0..400 {
        assert_eq!(client.get("/").text(), "main");
    }
    pause(300);
    let copies = copy.heard();
    let copies = copies
        .iter()
        .filter(|heard| matches!(heard, Heard::Connection))
        .count();
    assert!((200..=256 * shards).contains(&copies), "{copies}");
}

#[test]
fn copies_come_after_the_answer_and_as_the_service_got_it() {
    let main = Server::start(|peer| {
        while peer.request().is_some() {
            pause(100);
            peer.say("answered");
            peer.send(with_text(200, "main"));
        }
    });
    let copy = Server::naming("copy");
    let router = Site::new()
        .service("main", &[main.address()])
        .service_of(
            "copy",
            &format!(
                "middlewares: [own]\nloadBalancer:\n  servers: [{{url: 'http://{}'}}]",
                copy.address()
            ),
        )
        .service_of("nested", "weighted:\n  services: [{name: copy}]")
        .service_of(
            "top",
            "mirroring:\n  service: main\n  mirrors: [{name: nested, percent: 100}]",
        )
        .middleware("router", "addPrefix:\n  prefix: /router")
        .middleware("own", "addPrefix:\n  prefix: /own")
        .router("r", ALL, "top", "middlewares: [router]")
        .start();
    assert_eq!(router.get("/x").text(), "main");
    let heard = copy.hears_request();
    assert!(
        heard.starts_with("GET /own/router/x HTTP/1.1\r\n"),
        "{heard}"
    );
    assert!(heard.contains("X-Forwarded-For: 127.0.0.1"), "{heard}");
    let heard = main.heard();
    assert!(
        heard.contains(&Heard::Rest("answered".to_owned())),
        "{heard:?}"
    );
}

#[test]
fn a_client_that_leaves_early_is_not_copied() {
    let main = Server::start(|peer| {
        peer.request();
        peer.wait_for_end();
    });
    let copy = Server::naming("copy");
    let router = start("  mirrors: [{name: copy, percent: 100}]", &main, &copy);
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n");
    main.hears_request();
    drop(client);
    pause(500);
    assert_eq!(copy.heard(), []);
}
