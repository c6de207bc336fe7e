use super::*;

fn replaced(step: &Middleware, path: &str) -> Result<(String, String), String> {
    let mut head = get(path);
    match pass(step, &mut head, &PLAIN) {
        None => Ok(target_and(&head, &names::X_REPLACED_PATH)),
        Some(answer) => Err(answer),
    }
}

#[test]
fn a_prefix_is_put_before_the_path() {
    let table = [
        ("/foo", "/bar", "/foo/bar"),
        ("foo", "/bar", "/foo/bar"),
        ("/foo", "/", "/foo/"),
        ("/foo", "/bar?a=b", "/foo/bar?a=b"),
        // A slash at its end stays, as in Traefik.
        ("/foo/", "/bar", "/foo//bar"),
        // What is escaped stays so on both sides (15b.4).
        ("/a%2Fb", "/c%2Fd", "/a%2Fb/c%2Fd"),
        ("/a b", "/c%20d", "/a%20b/c%20d"),
        ("/100%", "/x", "/100%25/x"),
        ("/a?b", "/x", "/a%3Fb/x"),
        ("/\u{e9}", "/x", "/%C3%A9/x"),
    ];
    for (prefix, path, expected) in table {
        let step = Middleware::AddPrefix(AddPrefix::new(prefix));
        let mut head = get(path);
        assert_eq!(pass(&step, &mut head, &PLAIN), None);
        let target = target_and(&head, &names::X_REPLACED_PATH).0;
        assert_eq!(target, expected, "{prefix} before {path}");
    }
}

#[test]
fn an_asterisk_has_no_path_to_prefix() {
    let step = Middleware::AddPrefix(AddPrefix::new("/foo"));
    let mut head = request("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(pass(&step, &mut head, &PLAIN), None);
    assert!(sent(&head).starts_with("OPTIONS * HTTP/1.1\n"));
}

#[test]
fn the_whole_path_is_replaced_and_noted() {
    let table = [
        ("/new", "/old", "/new", "/old"),
        ("/new", "/a%2Fb?x=y", "/new?x=y", "/a%2Fb"),
        ("new", "/old", "/new", "/old"),
        ("", "/old", "/", "/old"),
        ("/a b?c", "/", "/a%20b%3Fc", "/"),
        ("/%7eme%2f", "/", "/~me%2F", "/"),
    ];
    for (to, path, target, old) in table {
        let step = Middleware::ReplacePath(ReplacePath::new(to));
        let expected = (target.to_owned(), old.to_owned());
        assert_eq!(replaced(&step, path), Ok(expected), "{to} for {path}");
    }
}

#[test]
fn what_a_client_said_about_the_old_path_stays_before() {
    let step = Middleware::ReplacePath(ReplacePath::new("/new"));
    let mut head = request("GET /old HTTP/1.1\r\nHost: a\r\nX-Replaced-Path: /mine\r\n\r\n");
    assert_eq!(pass(&step, &mut head, &PLAIN), None);
    let (_, old) = target_and(&head, &names::X_REPLACED_PATH);
    assert_eq!(old, "/mine|/old");
}

#[test]
fn an_escape_that_is_none_is_the_servers_fault() {
    let step = Middleware::ReplacePath(ReplacePath::new("/%zz"));
    let answer = "500 Internal Server Error\n\
                  Content-Type: text/plain; charset=utf-8\n\
                  X-Content-Type-Options: nosniff\n\
                  Content-Length: 0\n\nInternal Server Error\n";
    assert_eq!(replaced(&step, "/"), Err(answer.to_owned()));
}

#[test]
fn a_pattern_replaces_what_it_finds_in_the_escaped_path() {
    let table = [
        ("^/foo/(.*)", "/bar/$1", "/foo/x", "/bar/x", "/foo/x"),
        (
            "^/foo/(.*)",
            "/bar/${1}z",
            "/foo/x?q=1",
            "/bar/xz?q=1",
            "/foo/x",
        ),
        (
            "^/(?P<a>[^/]+)/(.*)",
            "/$2/$a",
            "/one/two",
            "/two/one",
            "/one/two",
        ),
        // Where nothing is found, nothing is noted.
        ("^/foo/(.*)", "/bar/$1", "/other", "/other", ""),
        // On the escaped text: `%2F` is three letters.
        ("%2F", "/", "/a%2Fb", "/a/b", "/a%2Fb"),
        (
            "^/foo/(.*)",
            "/bar/$1",
            "/foo/a%2fb",
            "/bar/a%2Fb",
            "/foo/a%2Fb",
        ),
        // An empty replacement replaces nothing, as in Traefik.
        ("^/foo", "", "/foo/x", "/foo/x", ""),
        ("^/foo", "bar", "/foo/x", "/bar/x", "/foo/x"),
    ];
    for (find, to, path, target, old) in table {
        let step = ReplacePathRegex::new(pattern(find), Template::read(to));
        let step = Middleware::ReplacePathRegex(step);
        let expected = (target.to_owned(), old.to_owned());
        assert_eq!(replaced(&step, path), Ok(expected), "{find} in {path}");
    }
}

#[test]
fn a_replacement_that_makes_an_unclean_path_is_refused() {
    let table = [
        ("^/foo(.*)", "$1/", "/foo/x/.", Some("/x/")),
        ("^/foo/(.*)", "/bar/$1", "/foo/%2e./x", Some("/x")),
        ("^/foo(.*)", "/x/..$1", "/foo/y", None),
        ("^/foo(.*)", "/%2e%2e$1", "/foo/y", None),
        ("^/foo(.*)", "/$1", "/foo/y", None),
        ("^/foo", "/%4", "/foo/y", None),
    ];
    for (find, to, path, expected) in table {
        let step = ReplacePathRegex::new(pattern(find), Template::read(to));
        let found = replaced(&Middleware::ReplacePathRegex(step), path);
        match expected {
            Some(target) => assert_eq!(found.unwrap().0, target, "{find} in {path}"),
            None => assert!(found.is_err(), "{find} in {path}"),
        }
    }
}
