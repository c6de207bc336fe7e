use super::*;

fn hosted(host: &str) -> Result<RequestHead, Fault> {
    read(&format!("GET / HTTP/1.1\r\nHost: {host}\r\n\r\n"))
}

#[test]
fn a_host_is_canonical_in_lower_case_without_port() {
    let table = [
        ("example.com", "example.com"),
        ("Example.COM:8080", "example.com"),
        ("example.com.", "example.com."),
        ("example.com.:80", "example.com."),
        ("a_b-c~d.example", "a_b-c~d.example"),
        ("127.0.0.1:65535", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[2001:DB8::1]:443", "2001:db8::1"),
        ("[::ffff:1.2.3.4]", "::ffff:1.2.3.4"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("", ""),
    ];
    for (host, canonical) in table {
        let head = hosted(host).unwrap();
        assert_eq!(text(head.canonical_host()), canonical);
        assert_eq!(text(head.host()), host);
    }
}

#[test]
fn a_malformed_host_is_refused() {
    let hosts = "user@example.com|user:pass@example.com|a@|@a|a,b|a, b|a b|a/b|a\\b|a?b|a#b|a%41|\
                 a%00|a:|a:b|a:80:80|a:-1|a:+1|a:65536|a:000080|a:8 0|:80|:|[::1|::1|[::1]x|\
                 [::1]:|[::1%eth0]|[]|[1.2.3.4]|[::g]|a[::1]|\"a\"|a;b|a'b|a<b>|a^b|a`b|a{b}|a$b|\
                 a*b|a(b)|a&b|a=b|a!b|a+b|\u{e4}.example";
    for host in hosts.split('|') {
        assert_eq!(hosted(host).err(), Some(Fault::HostInvalid), "{host:?}");
    }
}

#[test]
fn there_is_exactly_one_host() {
    let table = [
        ("GET / HTTP/1.1\r\n\r\n", Some(Fault::HostMissing)),
        ("GET / HTTP/1.1\r\nA: b\r\n\r\n", Some(Fault::HostMissing)),
        ("GET http://a/ HTTP/1.1\r\n\r\n", Some(Fault::HostMissing)),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            Some(Fault::HostDuplicate),
        ),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n",
            Some(Fault::HostDuplicate),
        ),
        (
            "GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n",
            Some(Fault::HostDuplicate),
        ),
        (
            "GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            Some(Fault::HostDuplicate),
        ),
        (
            "GET http://a/ HTTP/1.1\r\nHost: a,b\r\n\r\n",
            Some(Fault::HostInvalid),
        ),
        ("GET / HTTP/1.0\r\n\r\n", None),
        ("GET / HTTP/1.0\r\nHost: a\r\n\r\n", None),
    ];
    for (text, expected) in table {
        assert_eq!(fault(text), expected, "{text:?}");
    }
}

#[test]
fn the_authority_of_the_target_wins() {
    let head =
        read("GET http://Real.example:81/p?q HTTP/1.1\r\nHost: other\r\nA: b\r\n\r\n").unwrap();
    assert_eq!(text(head.host()), "Real.example:81");
    assert_eq!(text(head.canonical_host()), "real.example");
    assert_eq!(
        rendered(&head, &Render::default()),
        "GET /p?q HTTP/1.1\r\nHost: Real.example:81\r\nA: b\r\n\r\n"
    );
}

#[test]
fn a_host_can_be_replaced() {
    let mut head = read("GET / HTTP/1.1\r\nA: b\r\nHost: a:1\r\n\r\n").unwrap();
    let how = Render {
        host: Some(b"server:8080"),
        ..Render::default()
    };
    assert_eq!(
        rendered(&head, &how),
        "GET / HTTP/1.1\r\nHost: server:8080\r\nA: b\r\n\r\n"
    );
    head.set_host(b"New.example");
    assert_eq!(text(head.canonical_host()), "new.example");
    let expected = "GET / HTTP/1.1\r\nHost: New.example\r\nA: b\r\n\r\n";
    assert_eq!(rendered(&head, &Render::default()), expected);
    head.set_host(b"not a host\r\nX: y");
    assert_eq!(rendered(&head, &Render::default()), expected);
    head.set(&names::HOST, b"third");
    head.remove(&names::HOST);
    assert_eq!(text(head.host()), "third");
    let sent = rendered(&head, &Render::default());
    assert_eq!(sent, "GET / HTTP/1.1\r\nHost: third\r\nA: b\r\n\r\n");
}

#[test]
fn host_is_no_header_for_rules() {
    let head = hosted("a").unwrap();
    assert_eq!(head.value(&names::HOST), None);
    assert_eq!(head.headers().count(), 0);
}

#[test]
fn an_old_request_without_host_is_forwarded_with_an_empty_one() {
    let head = read("GET / HTTP/1.0\r\nA: b\r\n\r\n").unwrap();
    assert_eq!(head.host(), b"");
    assert_eq!(
        rendered(&head, &Render::default()),
        "GET / HTTP/1.1\r\nHost: \r\nA: b\r\n\r\n"
    );
}
