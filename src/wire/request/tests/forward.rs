use super::*;
use crate::base::network::Networks;

fn trusting() -> ForwardedRules {
    ForwardedRules {
        trusted: Networks::parse(["192.0.2.0/24", "::1"].into_iter()).unwrap(),
        server: b"edge"[..].into(),
        ..ForwardedRules::default()
    }
}

/// What a server gets from a trusted peer.
fn from_trusted(rules: &ForwardedRules, lines: &str, tls: bool) -> Vec<String> {
    let request = format!("GET / HTTP/1.1\r\nHost: a:81\r\n{lines}\r\n\r\n");
    let mut head = read(&request).unwrap();
    head.forward(rules, &Peer::new([192, 0, 2, 7].into(), rules), tls);
    let text = rendered(&head, &Render::default());
    text.split("\r\n")
        .skip(2)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn a_plain_request_is_forwarded_as_it_came() {
    let text = "GET /a/b?c=d HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent: curl\r\n\
                Connection: keep-alive\r\nAccept: */*\r\n\r\n";
    let expected = "GET /a/b?c=d HTTP/1.1\r\nHost: example.com:8080\r\nUser-Agent: curl\r\n\
                    Accept: */*\r\nX-Real-Ip: 192.0.2.7\r\nX-Forwarded-Proto: http\r\n\
                    X-Forwarded-Port: 8080\r\nX-Forwarded-Host: example.com:8080\r\n\
                    X-Forwarded-Server: edge\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n";
    assert_eq!(forwarded(text), expected);
}

#[test]
fn what_a_stranger_says_of_itself_is_removed_in_every_spelling() {
    let names = "X-Forwarded-For|X-Forwarded-Host|X-Forwarded-Port|X-Forwarded-Proto|\
                 X-Forwarded-Server|X-Real-Ip|X-Forwarded-Uri|X-Forwarded-Method|\
                 X-Forwarded-Prefix|X-Forwarded-Tls-Client-Cert|\
                 X-Forwarded-Tls-Client-Cert-Info|X-Forwarded-Scheme|X-Scheme";
    for name in names.split('|') {
        for spelled in [
            name.to_owned(),
            name.to_lowercase(),
            name.to_uppercase(),
            name.replace('-', "_"),
            name.replacen('-', "_", 1),
            name.to_uppercase().replace('-', "_"),
        ] {
            let left = forwarded_lines(&format!("{spelled}: evil\r\n{spelled}: twice"));
            assert_eq!(left, [""; 0], "{spelled}");
        }
    }
}

#[test]
fn aliases_of_framing_and_connection_names_are_removed() {
    for name in [
        "Content_Length",
        "transfer_encoding",
        "HTTP2_Settings",
        "Proxy_Connection",
    ] {
        assert_eq!(forwarded_lines(&format!("{name}: 5\r\nX_Y: z")), ["X_Y: z"]);
    }
}

#[test]
fn a_trusted_peer_is_believed() {
    let lines = "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-For: 198.51.100.1\r\n\
                 X-Forwarded-Host: h\r\nX-Forwarded-Port: 9\r\nX-Forwarded-Proto: https\r\n\
                 X-Real-Ip: 203.0.113.9\r\nX-Forwarded-Server: before\r\nX_Forwarded_Proto: x\r\n\
                 X-Forwarded-Prefix: /p";
    assert_eq!(
        from_trusted(&trusting(), lines, false),
        [
            "X-Forwarded-Host: h",
            "X-Forwarded-Port: 9",
            "X-Forwarded-Proto: https",
            "X-Real-Ip: 203.0.113.9",
            "X-Forwarded-Prefix: /p",
            "X-Forwarded-Server: edge",
            "X-Forwarded-For: 203.0.113.9, 198.51.100.1, 192.0.2.7",
        ]
    );
}

#[test]
fn what_a_trusted_peer_left_empty_is_filled_in() {
    let lines = "X-Forwarded-Proto: \r\nX-Real-Ip:\r\nX-Forwarded-For: ";
    assert_eq!(
        from_trusted(&trusting(), lines, true),
        [
            "X-Real-Ip: 192.0.2.7",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Port: 81",
            "X-Forwarded-Host: a:81",
            "X-Forwarded-Server: edge",
            "X-Forwarded-For: 192.0.2.7",
        ]
    );
}

#[test]
fn the_port_follows_the_host_then_the_scheme() {
    // Host, the trusted peer's scheme, TLS here, expected.
    let table = [
        ("a:81", "", false, "81"),
        ("a", "", false, "80"),
        ("a", "", true, "443"),
        ("a", "X-Forwarded-Proto: https\r\n", false, "443"),
        ("a", "X-Forwarded-Proto: wss\r\n", false, "443"),
        ("a", "X-Forwarded-Proto: http\r\n", false, "80"),
        ("[::1]", "", false, "80"),
        ("[::1]:82", "", true, "82"),
    ];
    for (host, lines, tls, port) in table {
        let mut head = read(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n")).unwrap();
        let rules = trusting();
        head.forward(&rules, &Peer::new([192, 0, 2, 7].into(), &rules), tls);
        let told = head.value(&names::X_FORWARDED_PORT).map(text);
        assert_eq!(told, Some(port), "{host} {lines}");
    }
}

#[test]
fn a_websocket_has_its_own_scheme() {
    let lines = "Connection: Upgrade\r\nUpgrade: WebSocket";
    for (tls, proto) in [(false, "ws"), (true, "wss")] {
        let told = from_trusted(&trusting(), lines, tls);
        let expected = format!("X-Forwarded-Proto: {proto}");
        assert!(told.contains(&expected), "{told:?}");
    }
}

#[test]
fn trust_is_decided_on_canonical_addresses() {
    let rules = trusting();
    let long = "2001:db8:1111:2222:3333:4444:5555:6666";
    let table = [
        ("192.0.2.1", true, "192.0.2.1"),
        ("::ffff:192.0.2.1", true, "192.0.2.1"),
        ("::ffff:203.0.113.1", false, "203.0.113.1"),
        ("::1", true, "::1"),
        ("2001:db8::1", false, "2001:db8::1"),
        (long, false, long),
    ];
    for (address, trusted, told) in table {
        let peer = Peer::new(address.parse().unwrap(), &rules);
        assert_eq!((peer.is_trusted(), text(peer.text())), (trusted, told));
    }
    let rules = ForwardedRules {
        insecure: true,
        ..ForwardedRules::default()
    };
    assert!(Peer::new([203, 0, 113, 1].into(), &rules).is_trusted());
}

#[test]
fn forwarded_for_can_be_left_as_it_came() {
    let rules = ForwardedRules {
        not_append: true,
        ..trusting()
    };
    let told = from_trusted(&rules, "X-Forwarded-For: 203.0.113.9", false);
    assert!(told.contains(&"X-Forwarded-For: 203.0.113.9".to_owned()));
    let told = from_trusted(&rules, "A: b", false);
    assert!(!told.iter().any(|line| line.starts_with("X-Forwarded-For")));
}

#[test]
fn what_concerns_this_connection_only_is_not_forwarded() {
    let lines = "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\nProxy-Connection: close\r\n\
                 Proxy-Authorization: x\r\nProxy-Authenticate: x\r\nTrailer: T\r\nTE: gzip\r\n\
                 Upgrade: websocket\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nA: b";
    assert_eq!(forwarded_lines(lines), ["A: b"]);
}

#[test]
fn connection_removes_what_it_names_but_not_what_we_manage() {
    let lines = "connection: close, X-FORWARDED-FOR, x-forwarded-host, X-Real-IP,, a ,host\r\n\
                 Connection: Cookie, content-length\r\nA: 1\r\na: 2\r\nCookie: c\r\nB: 3\r\n\
                 Content-Length: 0";
    assert_eq!(forwarded_lines(lines), ["B: 3", "Content-Length: 0"]);
    let told = from_trusted(
        &trusting(),
        "Connection: x-forwarded-proto\r\nX-Forwarded-Proto: https",
        false,
    );
    assert!(told.contains(&"X-Forwarded-Proto: https".to_owned()));
}

#[test]
fn named_fields_can_be_shown_to_middlewares_and_are_still_not_forwarded() {
    let rules = ForwardedRules {
        connection: [HeaderName::new("x-kept").unwrap()].into(),
        ..trusting()
    };
    let request = "GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Kept, X-Gone\r\nX-Kept: 1\r\n\
                   X-Gone: 2\r\n\r\n";
    let mut head = read(request).unwrap();
    head.forward(&rules, &Peer::new([192, 0, 2, 7].into(), &rules), false);
    let value = |name: &str| {
        let name = HeaderName::new(name).unwrap();
        head.value(&name).map(<[u8]>::to_vec)
    };
    assert_eq!(value("X-Kept"), Some(b"1".to_vec()));
    assert_eq!(value("X-Gone"), None);
    assert!(!rendered(&head, &Render::default()).contains("X-Kept"));
}

#[test]
fn te_trailers_is_kept_unless_connection_names_it() {
    let table: &[(&str, &[&str])] = &[
        ("TE: trailers", &["TE: trailers"]),
        ("TE: gzip;q=1, Trailers", &["TE: trailers"]),
        ("TE: gzip", &[]),
        ("TE: trailers\r\nConnection: TE", &[]),
        ("Connection: te\r\nTE: trailers", &[]),
    ];
    for (lines, expected) in table {
        assert_eq!(forwarded_lines(lines), *expected, "{lines}");
    }
}

#[test]
fn an_upgrade_is_offered_to_the_server() {
    let lines = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
                 sec-websocket-key: k\r\nSec-WebSocket-Version: 13\r\nSEC-WEBSOCKET-PROTOCOL: p\r\n\
                 Sec-Websocket-Extensions: e";
    assert_eq!(
        forwarded_lines(lines),
        [
            "Sec-WebSocket-Key: k",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: p",
            "Sec-WebSocket-Extensions: e",
            "X-Forwarded-Proto: ws",
            "Connection: Upgrade",
            "Upgrade: websocket",
        ]
    );
}

#[test]
fn http_2_cannot_be_reached_by_an_upgrade() {
    for lines in [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
        "Connection: Upgrade\r\nUpgrade: H2C",
        "Connection: Upgrade\r\nUpgrade: h2c/1",
        "Connection: Upgrade\r\nUpgrade: HTTP/2.0",
        "Connection: Upgrade\r\nUpgrade: h2",
        "Connection: Upgrade\r\nUpgrade: h3",
        "Connection: Upgrade\r\nUpgrade: ",
        "Connection: Upgrade\r\nUpgrade: web socket",
        "Upgrade: websocket",
    ] {
        assert_eq!(forwarded_lines(lines), [""; 0], "{lines}");
    }
    let lines = "Connection: Upgrade\r\nUpgrade: h2c, websocket";
    assert!(forwarded_lines(lines).contains(&"Upgrade: websocket".to_owned()));
}

#[test]
fn an_upgrade_with_a_body_or_in_http_1_0_is_none() {
    let upgrade = "Connection: upgrade\r\nUpgrade: x\r\n\r\n";
    for start in [
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\n",
    ] {
        let head = read(&format!("{start}{upgrade}")).unwrap();
        assert_eq!(head.upgrade(), None);
        assert!(!rendered(&head, &Render::default()).contains("pgrade"));
    }
}

#[test]
fn a_connection_lives_on_unless_somebody_says_otherwise() {
    let table = [
        ("1.1", "A: b", true),
        ("1.1", "Connection: close", false),
        ("1.1", "Connection: Keep-Alive", true),
        ("1.1", "Connection: x, CLOSE", false),
        ("1.1", "Connection: keep-alive\r\nConnection: close", false),
        ("1.0", "A: b", false),
        ("1.0", "Connection: keep-alive", true),
        ("1.0", "Connection: keep-alive, close", false),
    ];
    for (version, lines, expected) in table {
        let text = format!("GET / HTTP/{version}\r\nHost: a\r\n{lines}\r\n\r\n");
        let head = read(&text).unwrap();
        assert_eq!(head.keep_alive(), expected, "{version} {lines}");
    }
}

#[test]
fn edits_are_seen_and_sent() {
    let mut head = read(
        "GET / HTTP/1.1\r\nHost: a\r\nCookie: 1\r\nX-Own: 2\r\nAccept: 3\r\ncookie: 4\r\n\r\n",
    )
    .unwrap();
    let own = HeaderName::new("x-OWN").unwrap();
    let values = |head: &RequestHead, name: &HeaderName| -> Vec<String> {
        head.values(name)
            .map(|value| text(value).to_owned())
            .collect()
    };
    assert_eq!(values(&head, &names::COOKIE), ["1", "4"]);
    assert_eq!(values(&head, &own), ["2"]);
    let before = head.checkpoint();
    head.remove(&names::COOKIE);
    head.append(&own, b"5");
    head.set(&names::ACCEPT, b"6");
    assert_eq!(values(&head, &names::COOKIE), [""; 0]);
    assert_eq!(values(&head, &own), ["2", "5"]);
    assert_eq!(
        rendered(&head, &Render::default()),
        "GET / HTTP/1.1\r\nHost: a\r\nX-Own: 2\r\nX-Own: 5\r\nAccept: 6\r\n\r\n"
    );
    head.set_path(b"/other");
    head.restore(&before);
    assert_eq!(
        rendered(&head, &Render::default()),
        "GET / HTTP/1.1\r\nHost: a\r\nCookie: 1\r\nX-Own: 2\r\nAccept: 3\r\ncookie: 4\r\n\r\n"
    );
}

#[test]
fn a_value_that_is_set_can_end_no_line() {
    let mut head = read("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    head.set(&names::COOKIE, b"a\r\nX: y\0\x7f\tb");
    assert_eq!(
        rendered(&head, &Render::default()),
        "GET / HTTP/1.1\r\nHost: a\r\nCookie: a  X: y  \tb\r\n\r\n"
    );
}

#[test]
fn all_spellings_of_a_name_can_be_removed() {
    let mut head = read(
        "GET / HTTP/1.1\r\nHost: a\r\nX-User-Id: 1\r\nX_User_Id: 2\r\nx_user-id: 3\r\n\
         X-User: 4\r\n\r\n",
    )
    .unwrap();
    head.remove_spellings(&HeaderName::new("x-user-id").unwrap());
    assert_eq!(
        rendered(&head, &Render::default()),
        "GET / HTTP/1.1\r\nHost: a\r\nX-User: 4\r\n\r\n"
    );
}
