//! The forwardAuth middleware before a real auth server, and before none.

use crate::harness::{Router, Server, Site, Whoami, free_address, with_lines};

fn asking(auth: &str, server: &Server, more: &str) -> Router {
    Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [auth]")
        .middleware(
            "auth",
            &format!("forwardAuth:\n  address: \"{auth}\"\n{more}"),
        )
        .start()
}

fn yes() -> Server {
    Server::answering(
        "HTTP/1.1 200 OK\r\nX-User: me\r\nX-Team: a\r\nX-Team: b\r\nSet-Cookie: s=1\r\n\
         Content-Length: 3\r\n\r\nyes",
    )
}

#[test]
fn a_yes_lets_the_request_pass_with_what_it_says() {
    let (auth, server) = (yes(), Server::ok());
    let address = format!("http://{}/check?a=b", auth.address());
    let more = "  authResponseHeaders: [X-User]\n  authResponseHeadersRegex: ^X-Te\n  \
                addAuthCookiesToResponse: [s]";
    let router = asking(&address, &server, more);
    let mut client = router.connect();
    for number in 0..3 {
        client.send(
            "POST /path?query HTTP/1.1\r\nHost: test\r\nX-User: root\r\nx_user: root\r\n\
             X-Team: root\r\nContent-Length: 4\r\n\r\nbody",
        );
        let answer = client.answer();
        assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
        assert_eq!(answer.header("Set-Cookie"), Some("s=1"));
        let asked = auth.hears_request();
        assert!(asked.starts_with("GET /check?a=b HTTP/1.1\r\n"), "{asked}");
        for line in [
            "X-Forwarded-Method: POST",
            "X-Forwarded-Uri: /path?query",
            "X-Forwarded-Host: test",
            "X-Forwarded-Proto: http",
            "X-Forwarded-Port: 80",
            "X-Forwarded-For: 127.0.0.1",
        ] {
            assert!(
                asked.contains(&format!("\r\n{line}\r\n")),
                "{line}: {asked}"
            );
        }
        assert!(!asked.contains("Content-Length"), "{asked}");
        let request = server.hears_request();
        assert!(request.ends_with("\r\n\r\nbody"), "{number}: {request}");
        assert!(request.contains("\r\nX-User: me\r\n"), "{request}");
        assert!(
            request.contains("\r\nX-Team: a\r\nX-Team: b\r\n"),
            "{request}"
        );
        assert!(!request.contains("root"), "{request}");
    }
    // The auth server's connection is used again.
    let connections = |heard: Vec<crate::harness::Heard>| {
        let is_new =
            |one: &&crate::harness::Heard| matches!(one, crate::harness::Heard::Connection);
        heard.iter().filter(is_new).count()
    };
    assert_eq!(connections(auth.heard()), 0);
}

#[test]
fn a_no_is_the_answer_and_the_server_hears_nothing() {
    let auth = Server::answering(
        "HTTP/1.1 302 Found\r\nLocation: /login\r\nSet-Cookie: csrf=1\r\nContent-Length: 4\r\n\
         \r\ngone",
    );
    let server = Server::ok();
    let address = format!("http://{}/check", auth.address());
    let login = format!("http://{}/login", auth.address());
    for (more, location) in [
        ("", login.as_str()),
        ("  preserveLocationHeader: true", "/login"),
    ] {
        let router = asking(&address, &server, more);
        let mut client = router.connect();
        for _ in 0..2 {
            let answer = client.get("/");
            assert_eq!((answer.status, answer.text().as_str()), (302, "gone"));
            assert_eq!(answer.header("Location"), Some(location));
            assert_eq!(answer.header("Set-Cookie"), Some("csrf=1"));
        }
        client.send("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n");
        assert_eq!(client.answer_to("HEAD").status, 302);
        assert_eq!(
            client.get("/").status,
            302,
            "no body followed the answer to HEAD"
        );
    }
    assert_eq!(server.heard(), []);
}

#[test]
fn an_auth_server_that_fails_lets_nobody_in() {
    let server = Server::ok();
    let nonsense = Server::answering("nonsense\r\n\r\n");
    let silent = Server::start(|peer| {
        peer.head();
    });
    let large = Server::answering(format!(
        "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{}",
        "x".repeat(5000)
    ));
    let table = [
        (free_address(), "", 500),
        (nonsense.address(), "", 500),
        (silent.address(), "", 500),
        (large.address(), "  maxResponseBodySize: 4999", 401),
        (large.address(), "  maxResponseBodySize: 5000", 200),
        (large.address(), "  maxResponseBodySize: -1", 200),
    ];
    for (auth, more, expected) in table {
        let router = asking(&format!("http://{auth}"), &server, more);
        let answer = router.get("/");
        assert_eq!(answer.status, expected, "{more}");
        if expected != 200 {
            assert_eq!(answer.text(), "");
            assert_eq!(server.heard(), []);
        }
    }
}

#[test]
fn the_body_goes_to_both_where_it_is_wanted() {
    let (auth, server) = (yes(), Server::ok());
    let address = format!("http://{}", auth.address());
    let more = "  forwardBody: true\n  maxBodySize: 100000\n  preserveRequestMethod: true";
    let router = asking(&address, &server, more);
    let large = "y".repeat(90_000);
    for (framing, body, payload) in [
        ("Content-Length: 4".to_owned(), "body".to_owned(), "body"),
        (
            "Transfer-Encoding: chunked".to_owned(),
            "4\r\nbody\r\n0\r\n\r\n".to_owned(),
            "body",
        ),
        (
            format!("Content-Length: {}", large.len()),
            large.clone(),
            &large,
        ),
    ] {
        assert_eq!(router.ask(with_lines(&framing, &body)).status, 200);
        for heard in [auth.hears_request(), server.hears_request()] {
            assert!(heard.starts_with("POST / "), "{framing}");
            let length = format!("\r\nContent-Length: {}\r\n", payload.len());
            assert!(heard.contains(&length), "{framing}");
            assert!(heard.ends_with(&format!("\r\n\r\n{payload}")), "{framing}");
        }
    }
    let more = "z".repeat(100_001);
    let answer = router.ask(with_lines("Content-Length: 100001", &more));
    assert_eq!((answer.status, answer.text().as_str()), (401, ""));
    assert_eq!(server.heard().len(), 0);
}

#[test]
fn redirects_are_not_followed_and_the_access_log_knows_who_it_was() {
    let whoami = Whoami::start("auth");
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [auth]")
        .middleware(
            "auth",
            &format!(
                "forwardAuth:\n  address: \"http://{}/\"\n  headerField: Content-Type",
                whoami.address()
            ),
        )
        .top("accessLog:\n  filePath: access.log\n  format: json")
        .start();
    assert_eq!(router.get("/").status, 200);
    let line = crate::harness::wait_for("the log", || {
        let text = router.folder().read("access.log");
        text.lines()
            .find(|line| line.contains("\"r@file\""))
            .map(str::to_owned)
    });
    assert!(line.contains("\"ClientUsername\":\"text/plain"), "{line}");
}
