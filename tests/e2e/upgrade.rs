//! Classes: upgrade tunnelling, WebSocket smuggling, h2c.

use crate::harness::{Client, Heard, Router, Server, Site, Whoami, pause};

const UPGRADE: &str = "GET /echo HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![first];
    match payload.len() {
        short @ 0..=125 => frame.push(0x80 | u8::try_from(short).unwrap()),
        long => {
            frame.push(0x80 | 126);
            frame.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    let mask = [0x11, 0x22, 0x33, 0x44];
    frame.extend(mask);
    frame.extend(
        payload
            .iter()
            .zip(mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask),
    );
    frame
}

fn hears(client: &mut Client, first: u8, payload: &[u8]) {
    let mut wanted = vec![first];
    match payload.len() {
        short @ 0..=125 => wanted.push(u8::try_from(short).unwrap()),
        long => {
            wanted.push(126);
            wanted.extend(u16::try_from(long).unwrap().to_be_bytes());
        }
    }
    wanted.extend_from_slice(payload);
    assert!(client.exactly(wanted.len()) == wanted);
}

#[test]
fn a_websocket_speaks_through_the_router() {
    let whoami = Whoami::start("one");
    let router = Site::to(whoami.address()).start();
    let mut client = router.connect();
    client.send(UPGRADE);
    let answer = client.answer();
    assert_eq!(answer.status, 101, "{}", answer.head);
    assert_eq!(answer.header("Upgrade"), Some("websocket"));
    assert_eq!(answer.header("Connection"), Some("Upgrade"));
    assert_eq!(
        answer.header("Sec-WebSocket-Accept"),
        Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    );
    for payload in [b"hello".as_slice(), b"", &[b'x'; 60_000]] {
        client.send(masked(0x81, payload));
        hears(&mut client, 0x81, payload);
    }
    client.dribble(masked(0x89, b"ping"));
    hears(&mut client, 0x8a, b"ping");
    client.send(masked(0x88, &[3, 0xe8]));
    hears(&mut client, 0x88, &[3, 0xe8]);
    assert!(client.is_closed());
}

#[test]
fn a_frame_behind_the_upgrade_is_not_lost() {
    let whoami = Whoami::start("one");
    let router = Site::to(whoami.address()).start();
    let mut client = router.connect();
    client.send([UPGRADE.as_bytes(), &masked(0x81, b"early")].concat());
    assert_eq!(client.answer().status, 101);
    hears(&mut client, 0x81, b"early");
}

#[test]
fn the_scheme_of_a_websocket_is_told_as_ws() {
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            peer.send(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                 Upgrade: websocket\r\n\r\n",
            );
            peer.wait_for_end();
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send(UPGRADE);
    assert_eq!(client.answer().status, 101);
    let request = server.hears_request();
    assert!(
        request.contains("\r\nX-Forwarded-Proto: ws\r\n"),
        "{request}"
    );
    assert!(
        request
            .to_lowercase()
            .contains("\r\nconnection: upgrade\r\n"),
        "{request}"
    );
    assert!(
        request
            .to_lowercase()
            .contains("\r\nupgrade: websocket\r\n"),
        "{request}"
    );
}

#[test]
fn each_end_of_a_tunnel_ends_the_other() {
    let server = Server::start(|peer| {
        if peer.request().is_some() {
            peer.send(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                 Upgrade: websocket\r\n\r\nhello",
            );
            if peer.number == 0 {
                peer.finish();
            }
            peer.wait_for_end();
            let rest = peer.take();
            assert!(peer.number == 0 || rest == b"bye", "{rest:?}");
        }
    });
    let router = Router::to(&server);
    let mut client = router.connect();
    client.send(UPGRADE);
    client.answer();
    assert_eq!(client.until_end().0, b"hello");
    let mut client = router.connect();
    client.send(UPGRADE);
    client.answer();
    assert_eq!(client.exactly(5), b"hello");
    client.send("bye").finish();
    client.until_end();
}

#[test]
fn what_follows_a_refused_upgrade_is_a_request_and_no_tunnel() {
    let server = Server::start(|peer| {
        while peer.request().is_some() {
            peer.send("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n");
        }
    });
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "Path(`/echo`)", "s", "")
        .start();
    let mut client = router.connect();
    client.send(format!(
        "{UPGRADE}GET /forbidden HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"
    ));
    assert_eq!(client.answer().status, 426);
    let (bytes, _) = client.until_end();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    assert!(
        text.is_empty() || text.starts_with("HTTP/1.1 404 "),
        "{text}"
    );
    for heard in server.heard() {
        if let Heard::Request(text) | Heard::Rest(text) = heard {
            assert!(!text.contains("/forbidden"), "{text}");
        }
    }
}

#[test]
fn an_upgrade_to_h2c_never_reaches_a_server() {
    let server = Server::ok();
    let router = Router::to(&server);
    let offers = [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
        "Connection: upgrade\r\nUpgrade: H2C",
        "Connection: Upgrade\r\nUpgrade: h2c, websocket",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c",
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 0",
        "Upgrade: h2c",
    ];
    for lines in offers {
        let answer = router.ask(format!("GET / HTTP/1.1\r\nHost: test\r\n{lines}\r\n\r\n"));
        if answer.status != 200 {
            assert_eq!(answer.status, 400, "{lines}");
            continue;
        }
        let request = server.hears_request().to_lowercase();
        assert!(
            !request.contains("h2c") && !request.contains("http2"),
            "{request}"
        );
    }
}

#[test]
fn a_tunnel_that_nobody_uses_again_is_not_pooled() {
    let server = Server::start(|peer| {
        while let Some(request) = peer.request() {
            if request.contains("websocket") {
                peer.send(
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                     Upgrade: websocket\r\n\r\n",
                );
                peer.wait_for_end();
                return;
            }
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
    });
    let router = Router::to(&server);
    let mut tunnel = router.connect();
    tunnel.send(UPGRADE);
    assert_eq!(tunnel.answer().status, 101);
    tunnel.send("GET /smuggled HTTP/1.1\r\n");
    pause(50);
    drop(tunnel);
    for _ in 0..3 {
        assert_eq!(router.get("/").text(), "ok");
    }
    for heard in server.heard() {
        assert!(
            !matches!(&heard, Heard::Request(text) if text.contains("/smuggled")),
            "{heard:?}"
        );
    }
}

#[test]
fn a_websocket_passes_a_retry() {
    let whoami = Whoami::start("one");
    let router = Site::new()
        .service("s", &[whoami.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [again]")
        .middleware("again", "retry: {attempts: 3}")
        .start();
    let mut client = router.connect();
    client.send(UPGRADE);
    assert_eq!(client.answer().status, 101);
    client.send(masked(0x81, b"hello"));
    hears(&mut client, 0x81, b"hello");
}
