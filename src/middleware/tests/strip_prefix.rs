use super::*;

/// What to cut, a path; the target that a server gets, what is noted.
type Row = (Texts<'static>, &'static str, &'static str, &'static str);

const REFUSED: &str = "400 Bad Request\nContent-Length: 0\n\n";

fn step(prefixes: &[&str], force_slash: bool) -> Middleware {
    let prefixes: Vec<String> = prefixes.iter().map(|text| (*text).to_owned()).collect();
    Middleware::StripPrefix(StripPrefix::new(&prefixes, force_slash))
}

fn stripped(step: &Middleware, mut head: RequestHead) -> Result<(String, String), String> {
    match pass(step, &mut head, &PLAIN) {
        None => Ok(target_and(&head, &names::X_FORWARDED_PREFIX)),
        Some(answer) => Err(answer),
    }
}

#[test]
fn the_first_prefix_that_fits_is_cut_and_noted() {
    let table: [Row; 12] = [
        (&["/foo"], "/foo/bar?a=b", "/bar?a=b", "/foo"),
        (&["/foo"], "/other", "/other", ""),
        // A string prefix, no segment.
        (&["/foo"], "/foobar", "/bar", "/foo"),
        (&["/foo"], "/foo", "/", "/foo"),
        (&["/foo/"], "/foo/", "/", "/foo/"),
        (&["/foo/"], "/foo", "/foo", ""),
        (&["/a", "/a/b"], "/a/b/c", "/b/c", "/a"),
        (&["/x", "/a"], "/a/b", "/b", "/a"),
        // Escapes count as one letter, and those behind the prefix stay.
        (&["/a b"], "/a%20b/c%2Fd", "/c%2Fd", "/a b"),
        (&["/\u{e9}"], "/%c3%a9/x", "/x", "/\u{e9}"),
        // An escaped slash is no slash.
        (&["/a/b"], "/a%2Fb/c", "/a%2Fb/c", ""),
        // As is said elsewhere: case matters.
        (&["/Foo"], "/foo/x", "/foo/x", ""),
    ];
    for (prefixes, path, target, prefix) in table {
        let expected = (target.to_owned(), prefix.to_owned());
        let found = stripped(&step(prefixes, false), get(path));
        assert_eq!(found, Ok(expected), "{prefixes:?} off {path}");
    }
}

#[test]
fn a_prefix_joins_those_that_proxies_before_us_cut() {
    let head = request("GET /b/c HTTP/1.1\r\nHost: a\r\nX-Forwarded-Prefix: /a\r\n\r\n");
    let expected = ("/c".to_owned(), "/a|/b".to_owned());
    assert_eq!(stripped(&step(&["/b"], false), head), Ok(expected));
}

#[test]
fn a_path_cut_whole_is_empty_until_it_is_sent() {
    for (force_slash, expected) in [(false, "/v2"), (true, "/v2/")] {
        let mut head = get("/api");
        assert_eq!(pass(&step(&["/api"], force_slash), &mut head, &PLAIN), None);
        assert!(sent(&head).starts_with("GET / HTTP/1.1\n"));
        let add = Middleware::AddPrefix(AddPrefix::new("/v2"));
        assert_eq!(pass(&add, &mut head, &PLAIN), None);
        assert_eq!(target_and(&head, &names::HOST).0, expected);
    }
}

#[test]
fn what_is_left_must_be_clean() {
    let table = [
        "/foo//bar",
        "/foo/./bar",
        "/foo/../bar",
        "/foo.",
        "/foo..",
        "/foo../admin",
        "/foo/bar/..",
        "/foo%2e%2e/admin",
    ];
    for path in table {
        let text = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        let found = stripped(&step(&["/foo"], false), uncleaned(&text));
        assert_eq!(found, Err(REFUSED.to_owned()), "{path}");
    }
    // With a clean entry point only a cut inside of a segment can do it.
    let found = stripped(&step(&["/foo"], false), get("/foo../admin"));
    assert_eq!(found, Err(REFUSED.to_owned()));
}

#[test]
fn a_pattern_is_cut_at_the_beginning_only() {
    let table: [Row; 8] = [
        (&["/[a-z]+"], "/foo/x", "/x", "/foo"),
        (&["^/v[0-9]+"], "/v12/x?y", "/x?y", "/v12"),
        (&["/b"], "/a/b", "/a/b", ""),
        (&["/foo"], "/foo", "/", "/foo"),
        // One that finds nothing there leaves it to the next.
        (&["x*", "/b"], "/b/c", "/c", "/b"),
        (&["/b", "/a"], "/a/b", "/b", "/a"),
        (&["/a b"], "/a%20b/c", "/c", "/a b"),
        (&["/fo"], "/foo", "/o", "/fo"),
    ];
    for (patterns, path, target, prefix) in table {
        let all = patterns.iter().map(|text| pattern(text)).collect();
        let step = Middleware::StripPrefixRegex(StripPrefixRegex::new(all));
        let expected = (target.to_owned(), prefix.to_owned());
        assert_eq!(
            stripped(&step, get(path)),
            Ok(expected),
            "{patterns:?} off {path}"
        );
    }
}

#[test]
fn a_client_cannot_put_a_field_behind_the_prefix() {
    let step = StripPrefixRegex::new(vec![pattern("(?s)^/[^/]+")]);
    let mut head = get("/a%0d%0aEvil:%20x/b");
    assert_eq!(
        pass(&Middleware::StripPrefixRegex(step), &mut head, &PLAIN),
        None
    );
    let text = sent(&head);
    assert!(text.starts_with("GET /b HTTP/1.1\n"), "{text}");
    assert!(!text.contains("\nEvil"), "{text}");
}
