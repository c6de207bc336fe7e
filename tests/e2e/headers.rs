//! Classes: header injection, NUL, CR, LF, folding, empty names; Connection and hop-by-hop.

use crate::harness::{Refused, Router, Server, Site, all_are_refused, with_lines};

#[test]
fn a_malformed_field_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let lines = [
        ("NUL in a value", "A: b\0c"),
        ("a bare CR in a value", "A: b\rc"),
        ("a bare CR at the end", "A: b\r"),
        ("a control character", "A: b\x01c"),
        ("DEL", "A: b\x7fc"),
        ("folded", "A: b\r\n c"),
        ("folded with a tab", "A: b\r\n\tc"),
        ("an empty name", ": b"),
        ("no colon", "A"),
        ("a space before the colon", "A : b"),
        ("a tab before the colon", "A\t: b"),
        ("a space in the name", "A B: c"),
        ("NUL in the name", "A\0: b"),
        ("a sign in the name", "A=B: c"),
        ("brackets in the name", "(A): c"),
        ("a byte above ASCII in the name", "\u{fc}: c"),
        ("a space in front of the first", " A: b"),
    ];
    let cases: Vec<Refused<'_>> = lines
        .iter()
        .map(|(name, line)| (*name, with_lines(line, ""), [400].as_slice()))
        .collect();
    all_are_refused(&router, &server, &cases);
}

#[test]
fn a_head_with_bare_line_feeds_reaches_no_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let heads = [
        ("all of them", "GET / HTTP/1.1\nHost: test\n\n"),
        (
            "behind the request line",
            "GET / HTTP/1.1\nHost: test\r\n\r\n",
        ),
        (
            "behind a field",
            "GET / HTTP/1.1\r\nHost: test\nA: b\r\n\r\n",
        ),
        ("at the end", "GET / HTTP/1.1\r\nHost: test\r\n\n\r\n\r\n"),
    ];
    let cases = heads.map(|(name, head)| (name, head.as_bytes().to_vec(), [400].as_slice()));
    all_are_refused(&router, &server, &cases);
}

#[test]
fn a_head_beyond_its_bounds_reaches_no_server() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("http:\n  maxHeaderBytes: 8192")
        .start();
    let many = "A: b\r\n".repeat(300);
    let cases = [
        (
            "one long field",
            with_lines(&format!("A: {}", "b".repeat(9000)), ""),
            &[431][..],
        ),
        ("many fields", with_lines(many.trim_end(), ""), &[431]),
        (
            "a long name",
            with_lines(&format!("{}: b", "a".repeat(9000)), ""),
            &[400, 431],
        ),
        (
            "a long target",
            format!("GET /{} HTTP/1.1\r\nHost: test\r\n\r\n", "a".repeat(9000)).into_bytes(),
            &[414, 431],
        ),
    ];
    all_are_refused(&router, &server, &cases);
    let fits = with_lines(&format!("A: {}\r\nContent-Length: 0", "b".repeat(7000)), "");
    assert_eq!(router.ask(fits).status, 200);
}

#[test]
fn an_endless_head_is_cut_off() {
    let server = Server::ok();
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send("GET / HTTP/1.1\r\nHost: test\r\nA: ");
    let piece = "b".repeat(64 * 1024);
    for _ in 0..64 {
        client.send(&piece);
    }
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 431 "),
        "{text}"
    );
    assert_eq!(server.heard(), []);
}

#[test]
fn hop_by_hop_fields_stay_on_their_hop() {
    let server = Server::answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: X-Hop, keep-alive\r\nX-Hop: a\r\n\
         Keep-Alive: timeout=5\r\nProxy-Authenticate: Basic\r\nProxy-Connection: keep-alive\r\n\
         TE: trailers\r\nTrailer: X\r\nUpgrade: h2c\r\nX-Kept: yes\r\n\r\nok",
    );
    let router = Router::to(&server);
    let answer = router.ask(with_lines(
        "Connection: X-Hop, keep-alive\r\nX-Hop: a\r\nKeep-Alive: timeout=5\r\n\
         Proxy-Connection: keep-alive\r\nProxy-Authorization: Basic YQ==\r\nTrailer: X\r\n\
         Upgrade: h2c\r\nX-Kept: yes\r\nContent-Length: 0",
        "",
    ));
    assert_eq!(answer.status, 200);
    let request = server.hears_request().to_lowercase();
    let gone = [
        "x-hop",
        "keep-alive:",
        "proxy-connection",
        "trailer",
        "upgrade",
        "h2c",
    ];
    for name in gone {
        assert!(!request.contains(name), "{name} in {request}");
        assert!(
            !answer.head.to_lowercase().contains(name),
            "{name} in {}",
            answer.head
        );
    }
    assert!(request.contains("\r\nx-kept: yes\r\n"), "{request}");
    assert_eq!(answer.header("X-Kept"), Some("yes"));
}

#[test]
fn te_trailers_passes_unless_connection_names_it_away() {
    let server = Server::ok();
    let router = Router::to(&server);
    router.ask(with_lines("TE: trailers\r\nContent-Length: 0", ""));
    let request = server.hears_request();
    assert!(
        request.to_lowercase().contains("\r\nte: trailers\r\n"),
        "{request}"
    );
    router.ask(with_lines(
        "TE: trailers\r\nConnection: TE\r\nContent-Length: 0",
        "",
    ));
    let request = server.hears_request();
    assert!(!request.to_lowercase().contains("\r\nte:"), "{request}");
}

#[test]
fn connection_cannot_name_away_what_the_server_must_see() {
    let server = Server::ok();
    let router = Router::to(&server);
    for case in [
        str::to_owned as fn(&str) -> String,
        str::to_lowercase,
        str::to_uppercase,
    ] {
        let names = case(
            "Host, X-Forwarded-For, X-Forwarded-Host, X-Forwarded-Proto, X-Forwarded-Port, \
             X-Forwarded-Server, X-Real-Ip",
        );
        let answer = router.ask(with_lines(
            &format!("Connection: {names}\r\nContent-Length: 0"),
            "",
        ));
        if answer.status == 400 {
            continue;
        }
        let request = server.hears_request().to_lowercase();
        for name in [
            "host",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
        ] {
            assert!(
                request.contains(&format!("\r\n{name}: ")),
                "{name} in {request}"
            );
        }
        assert!(
            request.contains("\r\nx-real-ip: 127.0.0.1\r\n"),
            "{request}"
        );
    }
}

#[test]
fn names_with_underscores_follow_the_entry_points_strategy() {
    let server = Server::ok();
    let table = [
        ("keep", 200, true),
        ("delete", 200, false),
        ("reject", 400, false),
    ];
    for (strategy, status, passes) in table {
        let router = Site::to(server.address())
            .entry(&format!("http:\n  underscoreHeadersStrategy: {strategy}"))
            .start();
        server.heard();
        let answer = router.ask(with_lines("X_My_Name: b\r\nContent-Length: 0", ""));
        assert_eq!(answer.status, status, "{strategy}");
        if status == 200 {
            let request = server.hears_request();
            assert_eq!(
                request.contains("X_My_Name"),
                passes,
                "{strategy}: {request}"
            );
        }
    }
}

#[test]
fn an_empty_user_agent_is_not_replaced_and_values_pass_as_they_are() {
    let server = Server::ok();
    let router = Router::to(&server);
    let value = "a  b\t\"c\" \u{fc} ,; d";
    router.ask(with_lines(
        &format!("X-Value:  {value} \t\r\nContent-Length: 0"),
        "",
    ));
    let request = server.hears_request();
    assert!(
        request.contains(&format!("\r\nX-Value: {value}\r\n")),
        "{request}"
    );
    assert!(!request.to_lowercase().contains("user-agent"), "{request}");
}
