use super::*;
use crate::wire::path::is_clean;

fn targeted(target: &str) -> Result<RequestHead, Fault> {
    read(&format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"))
}

/// The first line that a server gets.
fn line(head: &RequestHead) -> String {
    let text = rendered(head, &Render::default());
    text.split("\r\n").next().unwrap().to_owned()
}

/// As sent, to the server, for rules.
const PATHS: &[(&str, &str, &str)] = &[
    ("/", "/", "/"),
    ("/a/b", "/a/b", "/a/b"),
    ("/a/./b", "/a/b", "/a/b"),
    ("/a/../b", "/b", "/b"),
    ("/../../b", "/b", "/b"),
    ("/a/..", "/", "/"),
    ("/a/../", "/", "/"),
    ("/a/.", "/a", "/a"),
    ("/a/./", "/a/", "/a/"),
    ("/a/b/..", "/a", "/a"),
    ("//", "/", "/"),
    ("//a", "/a", "/a"),
    ("/a//b///c/", "/a/b/c/", "/a/b/c/"),
    ("/.", "/", "/"),
    ("/..", "/", "/"),
    ("/...", "/...", "/..."),
    ("/.a", "/.a", "/.a"),
    ("/a/..b", "/a/..b", "/a/..b"),
    ("/%2e%2e/b", "/b", "/b"),
    ("/a/%2E%2e/b", "/b", "/b"),
    ("/a/.%2e/b", "/b", "/b"),
    ("/a%2fb", "/a%2Fb", "/a%2Fb"),
    ("/a/..%2fb", "/a/..%2Fb", "/a/..%2Fb"),
    ("/%61%7e%2d", "/a~-", "/a~-"),
    ("/a%20b", "/a%20b", "/a b"),
    ("/%c3%a4", "/%C3%A4", "/\u{e4}"),
    ("/\u{e4}", "/%C3%A4", "/\u{e4}"),
    ("/a\\b", "/a%5Cb", "/a\\b"),
    ("/a%5cb", "/a%5Cb", "/a\\b"),
    ("/a;b=c", "/a;b=c", "/a;b=c"),
    ("/a%3bb", "/a%3Bb", "/a%3Bb"),
    ("/..;/b", "/..;/b", "/..;/b"),
    ("/a|b", "/a%7Cb", "/a|b"),
    ("/a\"<>^`{}", "/a%22%3C%3E%5E%60%7B%7D", "/a\"<>^`{}"),
    ("/%25", "/%25", "/%25"),
    ("/%252e%252e/", "/%252e%252e/", "/%252e%252e/"),
    ("/!$&'()*+,;=:@[]", "/!$&'()*+,;=:@[]", "/!$&'()*+,;=:@[]"),
];

#[test]
fn one_path_is_routed_and_forwarded() {
    for (sent, path, routing) in PATHS {
        let head = targeted(sent).unwrap();
        assert_eq!(text(head.path()), *path, "{sent}");
        assert_eq!(text(head.routing_path()), *routing, "{sent}");
        assert_eq!(text(head.raw_target()), *sent);
        assert_eq!(line(&head), format!("GET {path} HTTP/1.1"));
        assert!(is_clean(head.path()), "{path}");
    }
}

#[test]
fn a_path_that_is_not_in_its_one_spelling_is_not_clean() {
    for (sent, path, _) in PATHS {
        assert_eq!(is_clean(sent.as_bytes()), sent == path, "{sent}");
    }
    for path in ["", "a", "/a?b", "/a#b", "/a b", "/%", "/%4", "/\0"] {
        assert!(!is_clean(path.as_bytes()), "{path:?}");
    }
}

#[test]
fn without_sanitizing_only_the_spelling_changes() {
    let rules = HeadRules {
        sanitize_path: false,
        ..HeadRules::default()
    };
    let table = [("/a/../b//c/.", "/a/../b//c/."), ("/%2e%2E/%2f", "/../%2F")];
    for (sent, path) in table {
        let request = format!("GET {sent} HTTP/1.1\r\nHost: a\r\n\r\n");
        let head = read_with(request.as_bytes(), &rules).unwrap();
        assert_eq!(text(head.path()), path);
        assert_eq!(line(&head), format!("GET {path} HTTP/1.1"));
    }
}

#[test]
fn malformed_targets_are_refused() {
    let table = [
        ("a", Fault::TargetForm),
        ("a/b", Fault::TargetForm),
        ("?a", Fault::TargetForm),
        ("*", Fault::TargetForm),
        ("a:443", Fault::TargetForm),
        ("ftp://a/", Fault::TargetForm),
        ("http:/a", Fault::TargetForm),
        ("http:///a", Fault::TargetForm),
        ("http://?a", Fault::TargetForm),
        ("http://", Fault::TargetForm),
        ("http://user@a/", Fault::HostInvalid),
        ("http://a:b/", Fault::HostInvalid),
        ("http://a,b/", Fault::HostInvalid),
        ("/#", Fault::TargetFragment),
        ("/a#b", Fault::TargetFragment),
        ("/a?b#c", Fault::TargetFragment),
        ("http://a#b", Fault::TargetFragment),
        ("/%", Fault::TargetEscape),
        ("/%2", Fault::TargetEscape),
        ("/%zz", Fault::TargetEscape),
        ("/a%2gb", Fault::TargetEscape),
        ("/%?a", Fault::TargetEscape),
        ("/%+1", Fault::TargetEscape),
    ];
    for (target, expected) in table {
        assert_eq!(targeted(target).err(), Some(expected), "{target}");
    }
}

#[test]
fn an_absolute_target_becomes_a_path() {
    let table = [
        ("http://b/c?d", "GET /c?d HTTP/1.1"),
        ("HTTP://b/c", "GET /c HTTP/1.1"),
        ("https://b/c/../d", "GET /d HTTP/1.1"),
        ("http://b", "GET / HTTP/1.1"),
        ("http://b?c", "GET /?c HTTP/1.1"),
        ("http://b//c", "GET /c HTTP/1.1"),
    ];
    for (target, expected) in table {
        assert_eq!(line(&targeted(target).unwrap()), expected, "{target}");
    }
}

#[test]
fn a_general_options_is_about_no_path() {
    for target in ["*", "http://a"] {
        let head = read(&format!("OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n")).unwrap();
        assert!(head.is_asterisk());
        let how = Render {
            path_prefix: b"/prefix",
            ..Render::default()
        };
        assert!(rendered(&head, &how).starts_with("OPTIONS * HTTP/1.1\r\n"));
    }
    let head = read("OPTIONS http://a/ HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    assert!(!head.is_asterisk());
    let more = "OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(fault(more), Some(Fault::TargetForm));
}

#[test]
fn a_semicolon_in_a_query_becomes_an_ampersand_or_an_escape() {
    let table = [(false, "/;p?a=1&b=2&&c"), (true, "/;p?a=1%3Bb=2%3B&c")];
    for (encode_query_semicolons, expected) in table {
        let rules = HeadRules {
            encode_query_semicolons,
            ..HeadRules::default()
        };
        let bytes = b"GET /;p?a=1;b=2;&c HTTP/1.1\r\nHost: a\r\n\r\n";
        let head = read_with(bytes, &rules).unwrap();
        assert_eq!(line(&head), format!("GET {expected} HTTP/1.1"));
        let (_, query) = expected.split_once('?').unwrap();
        assert_eq!(head.query().map(text), Some(query));
    }
}

#[test]
fn a_query_is_passed_as_it_came() {
    let table = [
        ("/", None),
        ("/?", Some("")),
        ("/?a?b=%zz&c=/../%2e", Some("a?b=%zz&c=/../%2e")),
        ("/a/../?b={\"c\"}|d", Some("b={\"c\"}|d")),
    ];
    for (target, query) in table {
        let head = targeted(target).unwrap();
        assert_eq!(head.query().map(text), query, "{target}");
    }
    assert_eq!(line(&targeted("/?").unwrap()), "GET /? HTTP/1.1");
}

#[test]
fn a_target_can_be_replaced_and_ends_no_line() {
    let mut head = targeted("/old?q").unwrap();
    head.set_path(b"/new%20path");
    assert_eq!(text(head.routing_path()), "/new path");
    assert_eq!(line(&head), "GET /new%20path?q HTTP/1.1");
    head.set_query(Some(b"x=y"));
    assert_eq!(line(&head), "GET /new%20path?x=y HTTP/1.1");
    head.set_query(None);
    assert_eq!(line(&head), "GET /new%20path HTTP/1.1");
    head.set_path(b"a HTTP/1.1\r\nX: y?z#");
    assert_eq!(line(&head), "GET /a%20HTTP/1.1%0D%0AX:%20y%3Fz%23 HTTP/1.1");
    head.set_query(Some(b" #\r\n\0?\xff"));
    assert!(line(&head).ends_with("?%20%23%0D%0A%00?%FF HTTP/1.1"));
}

#[test]
fn a_prefix_stands_before_the_path() {
    let head = targeted("/a?b").unwrap();
    let how = Render {
        path_prefix: b"/base",
        ..Render::default()
    };
    assert_eq!(
        rendered(&head, &how),
        "GET /base/a?b HTTP/1.1\r\nHost: a\r\n\r\n"
    );
}

#[test]
fn it_is_known_whether_a_path_holds_escapes() {
    let table = [
        ("/a", false),
        ("/a%2f", true),
        ("/%61", false),
        ("/a\\", true),
    ];
    for (target, expected) in table {
        assert_eq!(
            targeted(target).unwrap().has_escapes(),
            expected,
            "{target}"
        );
    }
}

#[test]
fn a_request_of_our_own_is_written_like_others() {
    let mut head = RequestHead::new();
    head.new_request(b"GET", b"health.example:81", b"/ready");
    head.set(&names::USER_AGENT, b"Ringway");
    let how = Render {
        close: true,
        ..Render::default()
    };
    assert_eq!(
        rendered(&head, &how),
        "GET /ready HTTP/1.1\r\nHost: health.example:81\r\nUser-Agent: Ringway\r\n\
         Connection: close\r\n\r\n"
    );
}
