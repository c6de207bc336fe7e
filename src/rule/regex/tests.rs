use super::*;

fn finds(pattern: &str, text: &[u8]) -> bool {
    let pattern = Pattern::new(pattern).unwrap();
    pattern.finds(text, &mut Caches::default())
}

#[test]
fn expressions_mean_what_go_means_by_them() {
    let yes = true;
    let no = false;
    let table: &[(&str, &str, bool)] = &[
        ("b", "abc", yes),
        ("^b", "abc", no),
        (r"^\d+$", "123", yes),
        (r"^\d+$", "\u{0663}", no),
        (r"^\w$", "\u{e9}", no),
        (r"^\s$", "\x0B", no),
        (r"^\S$", "\x0B", yes),
        (r"^[\s\d]+$", "1 2\t", yes),
        (r"^[^\d]$", "\u{e9}", yes),
        (r"\bfoo\b", "a foo b", yes),
        (r"\bfoo\b", "\u{e9}foo\u{e9}", yes),
        (r"\Bfoo", "xfoo", yes),
        (r"^(?P<year>\d{4})$", "2024", yes),
        (r"^(?<year>\d{4})$", "2024", yes),
        (r"^[[a]$", "[", yes),
        (r"^[a&&b]+$", "a&b", yes),
        (r"^[+--]+$", "+,-", yes),
        (r"^[]a]+$", "]a", yes),
        (r"^[^]a]+$", "]", no),
        (r"^[a-]+$", "-a", yes),
        (r"^[a~~b]$", "~", yes),
        (r"^[[:alpha:]_]+$", "ab_", yes),
        (r"^[[:^alpha:]]+$", "12", yes),
        (r"^[[:word:]]+$", "a_1", yes),
        ("^a{,2}$", "a{,2}", yes),
        ("^a{x}$", "a{x}", yes),
        ("^a{2,3}$", "aaa", yes),
        ("^a{2}$", "a", no),
        ("^a{02}$", "a{02}", yes),
        (r"^\Qa.b*\E+$", "a.b**", yes),
        (r"^\Qa.b", "a.bc", yes),
        (r"^\pL+$", "\u{e9}a", yes),
        (r"^\p{Greek}$", "\u{3b1}", yes),
        (r"^\p{^Greek}$", "\u{3b1}", no),
        (r"^\P{Greek}$", "a", yes),
        (r"^[\pL\d]+$", "\u{e9}1", yes),
        ("(?i)FOO", "foo", yes),
        ("(?i:F)OO", "foo", no),
        ("(?s)^a.b$", "a\nb", yes),
        ("^a.b$", "a\nb", no),
        ("(?m)^b$", "a\nb", yes),
        ("^b$", "a\nb", no),
        (r"a\z", "a\n", no),
        ("a$", "a\n", no),
        (r"^\x41\x{42}\103$", "ABC", yes),
        (r"^\_\-\/\.\<$", "_-/.<", yes),
        ("^(|a)b$", "b", yes),
        ("^[a-c-e]+$", "b-e", yes),
        ("^.$", "\u{e9}", yes),
        ("^..$", "\u{e9}", yes),
        ("^(?:.*)x$", "\u{e9}x", yes),
    ];
    for (pattern, text, expected) in table {
        assert_eq!(
            finds(pattern, text.as_bytes()),
            *expected,
            "{pattern} on {text:?}"
        );
    }
}

#[test]
fn broken_utf8_counts_as_a_character() {
    assert!(finds("^/x/.*$", b"/x/\xFF"));
    assert!(finds("^/x/[^/]+$", b"/x/\xFFa"));
    assert!(finds("^/x/.$", b"/x/\xFF"));
    assert!(!finds("^/x/[a-z]+$", b"/x/\xFF"));
}

#[test]
fn what_go_refuses_is_refused_and_explained() {
    let table = [
        ("(", "unclosed group"),
        (")", "unopened group"),
        ("*a", "repetition operator missing expression"),
        ("a**", "a repetition is repeated"),
        ("a*?+", "a repetition is repeated"),
        ("a{1001}", "a bad count of repetitions"),
        ("a{3,2}", "a bad count of repetitions"),
        ("[z-a]", "runs backwards"),
        ("[a", "a `[` is not closed"),
        ("[]", "a `[` is not closed"),
        ("[[:foo:]]", "there is no class `[:foo:]`"),
        ("(?=a)", "look-around"),
        ("(?!a)", "look-around"),
        ("(?<=a)", "look-around"),
        ("(?<!a)", "look-around"),
        (r"(a)\1", "the back-reference `\\1`"),
        (r"\C", "the escape `\\C`"),
        (r"\Z", "the escape `\\Z`"),
        (r"\u0041", "the escape `\\u`"),
        ("\\", "a `\\` at the end"),
        ("(?x)a", "`(?x` is not supported"),
        ("(?>a)", "`(?>` is not supported"),
        ("(?P<a-b>x)", "a bad group name"),
        (r"\p{Nope}", "property not found"),
        (r"(?:\pL{1000}){1000}", "its automaton needs more than"),
    ];
    for (pattern, expected) in table {
        let fault = Pattern::new(pattern).unwrap_err();
        assert!(fault.what.contains(expected), "{pattern}: {}", fault.what);
    }
}

#[test]
fn a_large_class_runs_on_the_growing_automaton() {
    let pattern = Pattern::new(r"^(\pL|\pN|-){1,60}\.example\.com$").unwrap();
    let mut caches = Caches::default();
    assert!(pattern.finds("caf\u{e9}-1.example.com".as_bytes(), &mut caches));
    assert!(!pattern.finds(b"a.b.example.com", &mut caches));
    assert_eq!(format!("{caches:?}"), "Caches(1)");
}

#[test]
fn caches_are_bounded() {
    let mut caches = Caches::default();
    for number in 0..crate::base::limits::REGEX_CACHES_MAX + 10 {
        let pattern = Pattern::new(&format!(r"^\pL{{1,6}}{number}$")).unwrap();
        pattern.finds(b"x", &mut caches);
    }
    assert_eq!(format!("{caches:?}"), "Caches(10)");
}

#[test]
fn anchors_are_what_every_match_has() {
    let shown = |texts: &[Box<[u8]>]| {
        let texts = texts
            .iter()
            .map(|text| String::from_utf8_lossy(text).into_owned());
        texts.collect::<Vec<_>>().join(" ")
    };
    let table = [
        (
            "^/api/v[0-9]+/x",
            [
                "/api/v0 /api/v1 /api/v2 /api/v3 /api/v4 /api/v5 /api/v6 /api/v7 /api/v8 /api/v9",
                "",
                "",
            ],
        ),
        ("/api", ["", "", ""]),
        (
            "^(www\\.)?example\\.com$",
            [
                "example.com www.example.com",
                "example.com",
                "example.com www.example.com",
            ],
        ),
        ("^.+\\.(foo|bar)\\.com$", ["", ".bar.com .foo.com", ""]),
        ("^a|b$", ["", "", ""]),
        ("^/(foo|bar)(/.*)?$", ["/bar /foo", "", ""]),
        ("(?m)^a$", ["", "", ""]),
    ];
    for (pattern, expected) in table {
        let pattern = Pattern::new(pattern).unwrap();
        let anchors = pattern.anchors();
        let seen = [&anchors.starts, &anchors.ends, &anchors.whole].map(|texts| shown(texts));
        assert_eq!(seen, expected, "{pattern}");
    }
}
