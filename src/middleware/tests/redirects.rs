use super::*;

fn moved(status: &str, location: &str) -> Option<String> {
    let body = status.split_once(' ').unwrap().1;
    Some(format!(
        "{status}\nLocation: {location}\nContent-Length: 0\n\n{body}"
    ))
}

fn asked(method: &str, path: &str, fields: &str) -> RequestHead {
    request(&format!("{method} {path} HTTP/1.1\r\n{fields}\r\n"))
}

#[test]
fn the_status_says_for_how_long_and_keeps_the_method() {
    let table = [
        ("GET", false, "302 Found"),
        ("GET", true, "301 Moved Permanently"),
        ("HEAD", false, "307 Temporary Redirect"),
        ("POST", false, "307 Temporary Redirect"),
        ("POST", true, "308 Permanent Redirect"),
        ("DELETE", true, "308 Permanent Redirect"),
    ];
    for (method, permanent, status) in table {
        let step = Middleware::RedirectScheme(RedirectScheme::new("https", "", permanent));
        let mut head = asked(method, "/a?b=c", "Host: example.com\r\n");
        let expected = moved(status, "https://example.com/a?b=c");
        assert_eq!(
            pass(&step, &mut head, &PLAIN),
            expected,
            "{method} {permanent}"
        );
    }
}

#[test]
fn the_scheme_and_port_are_replaced() {
    let table = [
        ("https", "", "example.com:8080", "https://example.com/x"),
        ("https", "443", "example.com", "https://example.com/x"),
        ("https", "8443", "example.com", "https://example.com:8443/x"),
        ("https", "80", "example.com", "https://example.com:80/x"),
        ("http", "81", "example.com:80", "http://example.com:81/x"),
        ("https", "", "[::1]:8080", "https://[::1]/x"),
        ("https", "8443", "[::1]", "https://[::1]:8443/x"),
    ];
    for (scheme, port, host, location) in table {
        let step = Middleware::RedirectScheme(RedirectScheme::new(scheme, port, false));
        let mut head = asked("GET", "/x", &format!("Host: {host}\r\n"));
        let found = pass(&step, &mut head, &PLAIN);
        assert_eq!(
            found,
            moved("302 Found", location),
            "{scheme} {port} {host}"
        );
    }
}

#[test]
fn who_is_there_already_goes_on() {
    let table = [
        ("https", "", TLS, "Host: a\r\n"),
        // Not sent in a circle: the port is https's own.
        ("https", "", TLS, "Host: a:443\r\n"),
        ("https", "8443", TLS, "Host: a:8443\r\n"),
        ("http", "", PLAIN, "Host: a:80\r\n"),
        // A proxy before us spoke TLS.
        (
            "https",
            "",
            PLAIN,
            "Host: a\r\nX-Forwarded-Proto: https\r\n",
        ),
        ("https", "", PLAIN, "Host: a\r\nX-Forwarded-Proto: wss\r\n"),
        ("http", "", TLS, "Host: a\r\nX-Forwarded-Proto: ws\r\n"),
    ];
    for (scheme, port, around, fields) in table {
        let step = Middleware::RedirectScheme(RedirectScheme::new(scheme, port, false));
        let mut head = asked("GET", "/x", fields);
        assert_eq!(
            pass(&step, &mut head, &around),
            None,
            "{scheme} {port} {fields}"
        );
    }
}

#[test]
fn the_url_is_matched_whole() {
    let table = [
        (
            "^http://localhost/(.*)",
            "http://mydomain/$1",
            "Host: localhost\r\n",
            Some("http://mydomain/a?b=c"),
        ),
        (
            "^https?://([^/:]+)(:[0-9]+)?/(.*)",
            "https://${1}/new/${3}",
            "Host: h:8080\r\n",
            Some("https://h/new/a?b=c"),
        ),
        ("^https://", "http://", "Host: localhost\r\n", None),
        ("^http://other", "http://x", "Host: localhost\r\n", None),
        // The same again is no redirect.
        ("(.*)", "$1", "Host: localhost\r\n", None),
        // Only the connection's own scheme counts.
        (
            "^http://(.*)",
            "https://$1",
            "Host: h\r\nX-Forwarded-Proto: https\r\n",
            Some("https://h/a?b=c"),
        ),
        // A relative target is one.
        ("^.*$", "/elsewhere", "Host: h\r\n", Some("/elsewhere")),
        (
            "^.*$",
            "http://h/a b",
            "Host: h\r\n",
            Some("http://h/a%20b"),
        ),
    ];
    for (find, to, fields, location) in table {
        let step = RedirectRegex::new(pattern(find), Template::read(to), false);
        let mut head = asked("GET", "/a?b=c", fields);
        let found = pass(&Middleware::RedirectRegex(step), &mut head, &PLAIN);
        let expected = location.and_then(|location| moved("302 Found", location));
        assert_eq!(found, expected, "{find} -> {to}");
    }
}

#[test]
fn what_is_no_url_is_a_bad_gateway() {
    let table = [
        "http://a b/",
        "http://h:port/",
        "http://h/%zz",
        ":x",
        "http://h/\u{1}",
    ];
    for to in table {
        let step = RedirectRegex::new(pattern("^.*$"), Template::read(to), true);
        let found = pass(&Middleware::RedirectRegex(step), &mut get("/"), &PLAIN);
        let expected = "502 Bad Gateway\nContent-Length: 0\n\nBad Gateway";
        assert_eq!(found.as_deref(), Some(expected), "{to}");
    }
}
