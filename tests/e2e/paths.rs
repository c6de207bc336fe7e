//! Class: path: dot segments, encoded slashes, `//`, `;`, backslash. What is matched is what the
//! server sees.

use crate::harness::{Router, Server, Site};

#[test]
fn dot_segments_do_not_walk_around_a_router() {
    let guarded = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nguarded");
    let open = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nopen");
    let router = Site::new()
        .service("guarded", &[guarded.address()])
        .service("open", &[open.address()])
        .router("guarded", "PathPrefix(`/admin`)", "guarded", "")
        .router("open", "PathPrefix(`/`)", "open", "")
        .start();
    let table = [
        ("/admin/a", "/admin/a"),
        ("/x/../admin/a", "/admin/a"),
        ("/./admin/a", "/admin/a"),
        ("//admin/a", "/admin/a"),
        ("/x//../admin/a", "/admin/a"),
        ("/%61dmin/a", "/admin/a"),
        ("/x/%2e%2e/admin/a", "/admin/a"),
        ("/x/.%2E/admin/a", "/admin/a"),
        ("/../../admin/a", "/admin/a"),
        ("/admin/%2e/a", "/admin/a"),
    ];
    for (sent, seen) in table {
        assert_eq!(router.get(sent).text(), "guarded", "{sent}");
        let request = guarded.hears_request();
        assert!(
            request.starts_with(&format!("GET {seen} HTTP/1.1\r\n")),
            "{request}"
        );
    }
    assert_eq!(router.get("/admin/../b").text(), "open");
    assert!(open.hears_request().starts_with("GET /b HTTP/1.1\r\n"));
}

#[test]
fn reserved_characters_stay_escaped_for_matching_and_for_the_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let table = [
        ("/a%2Fb", "/a%2Fb"),
        ("/a%2fb", "/a%2Fb"),
        ("/a%5cb", "/a%5Cb"),
        ("/a%3Bb;c", "/a%3Bb;c"),
        ("/a%3fb", "/a%3Fb"),
        ("/a%23b", "/a%23b"),
        ("/a%25b", "/a%25b"),
        ("/a%00b", "/a%00b"),
        ("/a%20b", "/a%20b"),
        ("/%7euser", "/~user"),
    ];
    for (sent, seen) in table {
        assert_eq!(router.get(sent).status, 200, "{sent}");
        let request = server.hears_request();
        assert!(
            request.starts_with(&format!("GET {seen} HTTP/1.1\r\n")),
            "{request}"
        );
    }
}

#[test]
fn an_encoded_slash_does_not_match_a_real_one() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/a/b`)", "s", "")
        .start();
    assert_eq!(router.get("/a/b").status, 200);
    assert_eq!(router.get("/a%2Fb").status, 404);
    assert_eq!(router.get("/a%2fb").status, 404);
}

#[test]
fn encoded_characters_that_are_denied_reach_no_server() {
    let server = Server::ok();
    let options = [
        ("allowEncodedSlash", "%2F"),
        ("allowEncodedBackSlash", "%5C"),
        ("allowEncodedNullCharacter", "%00"),
        ("allowEncodedSemicolon", "%3B"),
        ("allowEncodedPercent", "%25"),
        ("allowEncodedQuestionMark", "%3F"),
        ("allowEncodedHash", "%23"),
    ];
    let lines = options
        .map(|(name, _)| format!("    {name}: false"))
        .join("\n");
    let router = Site::to(server.address())
        .entry(&format!("http:\n  encodedCharacters:\n{lines}"))
        .start();
    server.heard();
    for (name, escape) in options {
        for escape in [escape.to_owned(), escape.to_lowercase()] {
            let answer = router.get(&format!("/a{escape}b"));
            assert_eq!(
                (answer.status, answer.text()),
                (400, String::new()),
                "{name}"
            );
        }
    }
    assert_eq!(server.heard(), []);
    assert_eq!(router.get("/a%20b?%2F").status, 200);
}

#[test]
fn an_unsanitised_path_reaches_the_server_as_it_is_matched() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("http:\n  sanitizePath: false")
        .start();
    for path in ["/a/../b", "/a//b", "/./a"] {
        assert_eq!(router.get(path).status, 200, "{path}");
        let request = server.hears_request();
        assert!(
            request.starts_with(&format!("GET {path} HTTP/1.1\r\n")),
            "{request}"
        );
    }
}

#[test]
fn semicolons_in_a_query_become_what_the_entry_point_says() {
    let server = Server::ok();
    let table = [("false", "/?a=1&b=2"), ("true", "/?a=1%3Bb=2")];
    for (encode, seen) in table {
        let router = Site::to(server.address())
            .entry(&format!("http:\n  encodeQuerySemicolons: {encode}"))
            .start();
        assert_eq!(router.get("/?a=1;b=2").status, 200);
        let request = server.hears_request();
        assert!(
            request.starts_with(&format!("GET {seen} HTTP/1.1\r\n")),
            "{request}"
        );
    }
}

#[test]
fn a_stripped_prefix_leaves_a_path_in_normal_form() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/api`)", "s", "middlewares: [strip]")
        .middleware("strip", "stripPrefix:\n  prefixes: [\"/api\"]")
        .start();
    let table = [
        ("/api", "/"),
        ("/api/", "/"),
        ("/api/a", "/a"),
        ("/apia", "/a"),
        ("/api/a%2Fb", "/a%2Fb"),
    ];
    for (sent, seen) in table {
        assert_eq!(router.get(sent).status, 200, "{sent}");
        let request = server.hears_request();
        assert!(
            request.starts_with(&format!("GET {seen} HTTP/1.1\r\n")),
            "{sent}: {request}"
        );
        assert!(
            request.contains("\r\nX-Forwarded-Prefix: /api\r\n"),
            "{request}"
        );
    }
    for sent in ["/api./a", "/api../a"] {
        assert_eq!(router.get(sent).status, 400, "{sent}");
    }
}
