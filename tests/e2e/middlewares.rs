//! The middlewares as a client and a server see them.

use crate::harness::{Server, Site, with_lines};

#[test]
fn basic_auth_asks_and_tells_the_server_who_it_is() {
    let server = Server::ok();
    // test:test in two of the forms that htpasswd makes.
    let users = [
        "test:$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/",
        "two:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=",
    ];
    let lines = users.map(|user| format!("    - \"{user}\"")).join("\n");
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [auth]")
        .middleware(
            "auth",
            &format!("basicAuth:\n  headerField: X-User\n  users:\n{lines}"),
        )
        .start();
    let ask = |field: &str| router.ask(with_lines(&format!("{field}Content-Length: 0"), ""));
    for field in [
        "",
        "Authorization: Basic dGVzdDp3cm9uZw==\r\n",
        "Authorization: Basic x\r\n",
    ] {
        let answer = ask(field);
        assert_eq!(answer.status, 401, "{field}");
        assert_eq!(
            answer.header("WWW-Authenticate"),
            Some("Basic realm=\"traefik\"")
        );
    }
    assert_eq!(server.heard(), []);
    // test:test and two:test, with a lie about who it is.
    for (secret, name) in [("dGVzdDp0ZXN0", "test"), ("dHdvOnRlc3Q=", "two")] {
        let field = format!("Authorization: Basic {secret}\r\nX-User: root\r\nx_user: root\r\n");
        assert_eq!(ask(&field).status, 200, "{name}");
        let request = server.hears_request();
        assert!(
            request.contains(&format!("\r\nX-User: {name}\r\n")),
            "{request}"
        );
        assert!(!request.contains("root"), "{request}");
    }
}

#[test]
fn headers_are_set_and_removed_both_ways() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nServer: secret\r\nX-Old: a\r\nContent-Length: 2\r\n\r\nok",
    );
    let lines = "headers:\n  customRequestHeaders:\n    X-New: one\n    X-Gone: \"\"\n  \
                 customResponseHeaders:\n    Server: \"\"\n    X-Old: b\n";
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [h]")
        .middleware("h", lines)
        .start();
    let answer = router.ask(with_lines(
        "X-Gone: a\r\nX-New: two\r\nContent-Length: 0",
        "",
    ));
    assert_eq!(answer.headers("X-Old").collect::<Vec<_>>(), ["b"]);
    assert_eq!(answer.header("Server"), None);
    let request = server.hears_request();
    assert!(request.contains("\r\nX-New: one\r\n"), "{request}");
    assert!(
        !request.contains("two") && !request.contains("X-Gone"),
        "{request}"
    );
}

#[test]
fn a_redirection_keeps_path_and_query() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "Path(`/once`)", "s", "middlewares: [once]")
        .router("p", "Path(`/ever`)", "s", "middlewares: [ever]")
        .middleware("once", "redirectScheme:\n  scheme: https")
        .middleware(
            "ever",
            "redirectScheme:\n  scheme: https\n  port: 8443\n  permanent: true",
        )
        .start();
    let table = [
        ("GET", "/once?a=b", 302, "https://test/once?a=b"),
        ("POST", "/once", 307, "https://test/once"),
        ("GET", "/ever", 301, "https://test:8443/ever"),
        ("POST", "/ever", 308, "https://test:8443/ever"),
    ];
    for (method, path, status, location) in table {
        let answer = router.ask(format!(
            "{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Length: 0\r\n\r\n"
        ));
        assert_eq!(answer.status, status, "{method} {path}");
        assert_eq!(answer.header("Location"), Some(location));
    }
    assert_eq!(server.heard(), []);
}

#[test]
fn a_middleware_that_is_not_served_or_not_there_disables_its_router() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "Path(`/a`)", "s", "middlewares: [nowhere]")
        .router("sound", "Path(`/b`)", "s", "")
        .start();
    assert_eq!(router.get("/a").status, 404);
    assert_eq!(router.get("/b").status, 200);
}
