//! The errors middleware: pages of another service in the place of errors.

use crate::harness::{Router, Server, Site, free_address};

/// Answers with the status that the path names.
fn statuses() -> Server {
    Server::start(|peer| {
        while let Some(request) = peer.request() {
            let path = request.split(' ').nth(1).unwrap_or_default();
            let status = path.trim_matches('/').to_owned();
            peer.send(format!(
                "HTTP/1.1 {status} X\r\nContent-Length: 8\r\n\r\noriginal"
            ));
        }
    })
}

/// Answers with the target that it was asked for.
fn pages() -> Server {
    Server::start(|peer| {
        while let Some(request) = peer.request() {
            let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
            peer.send(format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n\
                 {:x}\r\n{target}\r\n0\r\n\r\n",
                target.len()
            ));
        }
    })
}

fn with_pages(server: &Server, pages: std::net::SocketAddr, more: &str) -> Router {
    Site::new()
        .service("s", &[server.address()])
        .service("pages", &[pages])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [pages]")
        .middleware(
            "pages",
            &format!("errors:\n  status: [\"404\", \"500-599\"]\n  service: pages\n{more}"),
        )
        .start()
}

#[test]
fn a_page_takes_the_place_of_an_error() {
    let (server, pages) = (statuses(), pages());
    let more =
        "  query: \"/{status}?was={originalStatus}\"\n  statusRewrites:\n    \"500-502\": 404";
    let router = with_pages(&server, pages.address(), more);
    let mut client = router.connect();
    for (path, status, text) in [
        ("/200", 200, "original"),
        ("/404", 404, "/404?was=404"),
        ("/403", 403, "original"),
        ("/503", 503, "/503?was=503"),
        ("/501", 404, "/404?was=501"),
    ] {
        let answer = client.get(path);
        assert_eq!(
            (answer.status, answer.text().as_str()),
            (status, text),
            "{path}"
        );
        if text != "original" {
            assert_eq!(answer.header("Content-Type"), Some("text/html"));
            let asked = pages.hears_request();
            assert!(asked.starts_with("GET /"), "{asked}");
            assert!(asked.contains("\r\nHost: test\r\n"), "{asked}");
            assert!(
                asked.contains("\r\nX-Forwarded-For: 127.0.0.1\r\n"),
                "{asked}"
            );
        }
    }
}

#[test]
fn an_answer_to_head_stays_without_body() {
    let (server, pages) = (statuses(), pages());
    let router = with_pages(&server, pages.address(), "  query: /page");
    let mut client = router.connect();
    for _ in 0..3 {
        client.send("HEAD /404 HTTP/1.1\r\nHost: test\r\n\r\n");
        assert_eq!(client.answer_to("HEAD").status, 404);
        assert_eq!(client.get("/404").text(), "/page");
    }
}

#[test]
fn a_body_that_nobody_waited_for_reaches_no_other_server() {
    // Answers before the body has come, and does not read it.
    let server = Server::start(|peer| {
        if peer.head().is_some() {
            peer.send("HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n");
            peer.wait_for_end();
        }
    });
    let pages = pages();
    let router = with_pages(&server, pages.address(), "  query: /page");
    let mut client = router.connect();
    let smuggled = "GET /admin HTTP/1.1\r\nHost: a\r\n\r\n";
    client.send(format!(
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n",
        smuggled.len() + 1
    ));
    let answer = client.answer();
    assert_eq!((answer.status, answer.text().as_str()), (500, "/page"));
    client.send(smuggled);
    drop(client.until_end());
    assert!(pages.hears_request().starts_with("GET /page "));
    assert_eq!(router.get("/").status, 500);
    assert!(
        pages.hears_request().starts_with("GET /page "),
        "only pages are asked for"
    );
}

#[test]
fn a_service_of_pages_that_fails_shows_its_own_error() {
    let server = statuses();
    let router = with_pages(&server, free_address(), "  query: /page");
    let answer = router.get("/503");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (503, "Bad Gateway")
    );
    assert_eq!(router.get("/200").text(), "original");
}

#[test]
fn errors_of_our_own_are_caught_too() {
    let pages = pages();
    let router = Site::new()
        .service("s", &[])
        .service("pages", &[pages.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [pages, closed]")
        .router("none", "Path(`/none-of-them`)", "s", "middlewares: [pages]")
        .middleware(
            "pages",
            "errors:\n  status: [403, 503]\n  service: pages\n  query: \"{url}\"",
        )
        .middleware("closed", "ipAllowList:\n  sourceRange: [192.0.2.1]")
        .start();
    let answer = router.get("/a?b");
    assert_eq!(answer.status, 403);
    assert_eq!(answer.text(), "/http%3A%2F%2Ftest%2Fa%3Fb");
    assert_eq!(router.get("/none-of-them").status, 503);
}

#[test]
fn a_service_that_is_not_there_disables_the_router() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "Path(`/a`)", "s", "middlewares: [pages]")
        .router("sound", "Path(`/b`)", "s", "")
        .middleware("pages", "errors:\n  status: [\"404\"]\n  service: nowhere")
        .start();
    assert_eq!(router.get("/a").status, 404);
    assert_eq!(router.get("/b").status, 200);
}
