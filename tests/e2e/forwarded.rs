//! Classes: X-Forwarded-* trust, alias names, PROXY protocol.

use crate::harness::{Client, Router, Server, Site, with_lines};

const LIES: &str = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: evil\r\n\
    X-Forwarded-Proto: https\r\nX-Forwarded-Port: 666\r\nX-Forwarded-Server: evil\r\n\
    X-Forwarded-Prefix: /evil\r\nX-Forwarded-Uri: /evil\r\nX-Forwarded-Method: EVIL\r\n\
    X-Forwarded-Tls-Client-Cert: evil\r\nX-Forwarded-Tls-Client-Cert-Info: evil\r\n\
    X-Forwarded-Scheme: evil\r\nX-Scheme: evil\r\nX-Real-Ip: 6.6.6.6\r\nContent-Length: 0";

fn aliases() -> String {
    let lines = LIES.split("\r\n").filter(|line| line.starts_with('X'));
    let renamed = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        format!("{}:{value}", name.replace('-', "_"))
    });
    let mut lines: Vec<_> = renamed.collect();
    lines.push("X-Forwarded_For: 6.6.6.6".to_owned());
    lines.push("x_FORWARDED-proto: https".to_owned());
    lines.push("Content-Length: 0".to_owned());
    lines.join("\r\n")
}

fn value<'text>(request: &'text str, name: &str) -> Vec<&'text str> {
    let fields = request
        .split("\r\n")
        .filter_map(|line| line.split_once(": "));
    fields
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .collect()
}

#[test]
fn what_a_stranger_says_of_its_way_here_is_replaced() {
    let server = Server::ok();
    let router = Router::to(&server);
    for lines in [LIES.to_owned(), LIES.to_lowercase(), aliases()] {
        assert_eq!(router.ask(with_lines(&lines, "")).status, 200);
        let request = server.hears_request();
        let lower = request.to_lowercase();
        for lie in ["evil", "6.6.6.6", "666", ": https"] {
            assert!(!lower.contains(lie), "{lie} in {request}");
        }
        assert_eq!(
            value(&request, "X-Forwarded-For"),
            ["127.0.0.1"],
            "{request}"
        );
        assert_eq!(value(&request, "X-Real-Ip"), ["127.0.0.1"], "{request}");
        assert_eq!(value(&request, "X-Forwarded-Host"), ["test"], "{request}");
        assert_eq!(value(&request, "X-Forwarded-Proto"), ["http"], "{request}");
        assert_eq!(value(&request, "X-Forwarded-Port"), ["80"], "{request}");
        assert_eq!(value(&request, "X-Forwarded-Server").len(), 1, "{request}");
    }
}

#[test]
fn what_a_trusted_proxy_says_is_kept_and_continued() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("forwardedHeaders:\n  trustedIPs: [\"127.0.0.0/8\"]")
        .start();
    let lines = "X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n\
        X-Forwarded-Proto: https\r\nX-Forwarded-Host: other.test\r\nX-Real-Ip: 1.2.3.4\r\n\
        X-Forwarded-Prefix: /p\r\nContent-Length: 0";
    assert_eq!(router.ask(with_lines(lines, "")).status, 200);
    let request = server.hears_request();
    assert_eq!(
        value(&request, "X-Forwarded-For"),
        ["1.2.3.4, 5.6.7.8, 127.0.0.1"],
        "{request}"
    );
    assert_eq!(value(&request, "X-Forwarded-Proto"), ["https"], "{request}");
    assert_eq!(
        value(&request, "X-Forwarded-Host"),
        ["other.test"],
        "{request}"
    );
    assert_eq!(value(&request, "X-Real-Ip"), ["1.2.3.4"], "{request}");
    assert_eq!(value(&request, "X-Forwarded-Prefix"), ["/p"], "{request}");
}

#[test]
fn all_are_trusted_where_the_operator_says_insecure() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("forwardedHeaders:\n  insecure: true")
        .start();
    router.ask(with_lines(
        "X-Forwarded-For: 1.2.3.4\r\nContent-Length: 0",
        "",
    ));
    let request = server.hears_request();
    assert_eq!(
        value(&request, "X-Forwarded-For"),
        ["1.2.3.4, 127.0.0.1"],
        "{request}"
    );
}

#[test]
fn the_port_is_that_of_the_host_field() {
    let server = Server::ok();
    let router = Router::to(&server);
    router.ask("GET / HTTP/1.1\r\nHost: test:8123\r\n\r\n");
    let request = server.hears_request();
    assert_eq!(value(&request, "X-Forwarded-Port"), ["8123"], "{request}");
    assert_eq!(
        value(&request, "X-Forwarded-Host"),
        ["test:8123"],
        "{request}"
    );
}

#[test]
fn a_server_sees_its_own_host_when_the_clients_is_not_passed() {
    let server = Server::ok();
    let router = Site::new()
        .service_with("s", &[server.address()], "passHostHeader: false")
        .router("r", "PathPrefix(`/`)", "s", "")
        .start();
    router.get("/");
    let request = server.hears_request();
    assert_eq!(
        value(&request, "Host"),
        [server.address().to_string()],
        "{request}"
    );
    assert_eq!(value(&request, "X-Forwarded-Host"), ["test"], "{request}");
}

fn proxied(client: &mut Client, header: &[u8]) -> u16 {
    client.send(header);
    client.get("/").status
}

fn version_2() -> Vec<u8> {
    let mut header = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c".to_vec();
    header.extend([9, 8, 7, 6, 127, 0, 0, 1, 0x10, 0x00, 0x00, 0x50]);
    header
}

#[test]
fn a_trusted_proxy_tells_the_clients_address_by_the_proxy_protocol() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("proxyProtocol:\n  trustedIPs: [\"127.0.0.1/32\"]")
        .start();
    let table: [(Vec<u8>, &str); 5] = [
        (
            b"PROXY TCP4 9.8.7.6 127.0.0.1 4096 80\r\n".to_vec(),
            "9.8.7.6",
        ),
        (
            b"PROXY TCP6 2001:db8::1 ::1 4096 80\r\n".to_vec(),
            "2001:db8::1",
        ),
        (b"PROXY UNKNOWN\r\n".to_vec(), "127.0.0.1"),
        (version_2(), "9.8.7.6"),
        (Vec::new(), "127.0.0.1"),
    ];
    for (header, address) in table {
        assert_eq!(proxied(&mut router.connect(), &header), 200);
        let request = server.hears_request();
        assert_eq!(value(&request, "X-Forwarded-For"), [address], "{request}");
        assert_eq!(value(&request, "X-Real-Ip"), [address], "{request}");
    }
}

#[test]
fn the_proxy_protocol_of_a_stranger_changes_nothing() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("proxyProtocol:\n  trustedIPs: [\"10.0.0.0/8\"]")
        .start();
    for header in [
        b"PROXY TCP4 9.8.7.6 127.0.0.1 4096 80\r\n".to_vec(),
        version_2(),
    ] {
        assert_eq!(proxied(&mut router.connect(), &header), 200);
        let request = server.hears_request();
        assert_eq!(
            value(&request, "X-Forwarded-For"),
            ["127.0.0.1"],
            "{request}"
        );
    }
}

#[test]
fn a_malformed_proxy_header_reaches_no_server() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .entry("proxyProtocol:\n  insecure: true")
        .start();
    server.heard();
    let headers: [&[u8]; 4] = [
        b"PROXY TCP4 999.8.7.6 127.0.0.1 4096 80\r\n",
        b"PROXY TCP4 9.8.7.6 127.0.0.1 70000 80\r\n",
        b"PROXY TCP4 9.8.7.6\r\n",
        b"\r\n\r\n\0\r\nQUIT\n\x31\x11\0\x0c123456789012",
    ];
    for header in headers {
        let mut client = router.connect();
        client
            .send(header)
            .send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
            .finish();
        let (bytes, _) = client.until_end();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.starts_with("HTTP/1.1 200"), "{header:?}: {text}");
        assert_eq!(server.heard(), [], "{header:?}");
    }
}
