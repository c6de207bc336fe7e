use std::net::IpAddr;

use super::*;
use crate::wire::HeaderName;

/// A request written as `METHOD host path?query`, then ` name:value` for each header, `@address`.
pub(crate) struct Asked {
    method: String,
    host: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    client: Option<IpAddr>,
    protocols: Vec<String>,
}

impl Asked {
    pub(crate) fn new(text: &str) -> Self {
        let mut words = text.split(' ');
        let mut next = || words.next().unwrap_or_default().to_owned();
        let (method, host, target) = (next(), next(), next());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut asked = Self {
            method,
            host,
            path: path.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            client: None,
            protocols: Vec::new(),
        };
        for word in words {
            if let Some(address) = word.strip_prefix('@') {
                asked.client = Some(address.parse().unwrap());
            } else if let Some(protocol) = word.strip_prefix('+') {
                asked.protocols.push(protocol.to_owned());
            } else {
                let (name, value) = word.split_once(':').unwrap();
                asked.headers.push((name.to_owned(), value.to_owned()));
            }
        }
        asked
    }
}

impl Facts for Asked {
    fn canonical_host(&self) -> &[u8] {
        self.host.as_bytes()
    }

    fn routing_path(&self) -> &[u8] {
        self.path.as_bytes()
    }

    fn method(&self) -> &[u8] {
        self.method.as_bytes()
    }

    fn some_header(&self, name: &HeaderName, mut test: impl FnMut(&[u8]) -> bool) -> bool {
        let mut headers = self.headers.iter();
        headers.any(|(seen, value)| name.is(seen.as_bytes()) && test(value.as_bytes()))
    }

    fn query(&self) -> &[u8] {
        self.query.as_bytes()
    }

    fn client_ip(&self) -> Option<IpAddr> {
        self.client
    }

    fn some_protocol(&self, mut test: impl FnMut(&[u8]) -> bool) -> bool {
        self.protocols
            .iter()
            .any(|offered| test(offered.as_bytes()))
    }
}

/// A rule, requests that it means, requests that it does not mean.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
);

fn check(syntax: Syntax, table: &[Row]) {
    for (rule, meant, others) in table {
        let tree = parse(rule, syntax).unwrap_or_else(|fault| panic!("{rule}: {fault}"));
        for request in *meant {
            assert!(eval(&tree, &Asked::new(request)), "{rule} on {request}");
        }
        for request in *others {
            assert!(
                !eval(&tree, &Asked::new(request)),
                "{rule} not on {request}"
            );
        }
    }
}

const V3: &[Row] = &[
    (
        "Host(`Example.COM`)",
        &["GET example.com /", "GET example.com. /"],
        &["GET a.example.com /", "GET  /"],
    ),
    (
        "Host(`example.com.`)",
        &["GET example.com /", "GET example.com. /"],
        &["GET example.org /"],
    ),
    ("Host(`*`)", &["GET example.com /", "GET  /"], &[]),
    (
        "Host(`*.example.com`)",
        &["GET a.example.com /", "GET a.example.com. /"],
        &["GET example.com /", "GET a.b.example.com /", "GET  /"],
    ),
    ("Host(`10::10`)", &["GET 10::10 /"], &[]),
    (
        "HostRegexp(`example\\.com`)",
        &["GET xexample.community /"],
        &["GET exampleacom /"],
    ),
    (
        "HostRegexp(`^example\\.com$`)",
        &["GET example.com /"],
        &["GET example.com. /"],
    ),
    ("HostRegexp(`Example`)", &[], &["GET example.com /"]),
    ("HostRegexp(`^.+$`)", &["GET a /"], &["GET  /"]),
    ("Path(`/a b`)", &[], &["GET h /a"]),
    (
        "Path(`/a`)",
        &["GET h /a", "GET h /a?x"],
        &["GET h /a/", "GET h /A"],
    ),
    (
        "PathPrefix(`/foo`)",
        &["GET h /foo", "GET h /foobar"],
        &["GET h /fo", "GET h /x/foo"],
    ),
    ("PathPrefix(`/foo/bar`)", &[], &["GET h /foo%2Fbar"]),
    ("PathRegexp(`/v[0-9]`)", &["GET h /x/v1"], &["GET h /v"]),
    ("Method(`get`)", &["GET h /"], &["get h /", "POST h /"]),
    (
        "Header(`x-one`, `a`)",
        &["GET h / X-One:b X-ONE:a"],
        &["GET h / X-One:a,b", "GET h / X-One:A", "GET h /"],
    ),
    (
        "HeaderRegexp(`X-One`, `^a+$`)",
        &["GET h / x-one:b x-one:aa"],
        &["GET h / x-one:b"],
    ),
    (
        "Query(`k`)",
        &["GET h /?k", "GET h /?k=", "GET h /?k=1&k="],
        &["GET h /?k=1", "GET h /", "GET h /?K"],
    ),
    (
        "Query(`k`, `a b`)",
        &["GET h /?k=a+b", "GET h /?x&%6b=a%20b"],
        &["GET h /?k=a"],
    ),
    ("QueryRegexp(`k`)", &["GET h /?k"], &["GET h /?k=1"]),
    (
        "QueryRegexp(`k`, `^[0-9]+$`)",
        &["GET h /?k=x&k=%31"],
        &["GET h /?k=x", "GET h /?k"],
    ),
    (
        "ClientIP(`10.0.0.0/8`)",
        &["GET h / @10.1.2.3", "GET h / @::ffff:10.1.2.3"],
        &["GET h / @11.0.0.1", "GET h /"],
    ),
    ("ClientIP(`::1`)", &["GET h / @::1"], &["GET h / @::2"]),
];

#[test]
fn v3_matchers_mean_what_traefik_means() {
    check(Syntax::V3, V3);
}

#[test]
fn operators_bind_as_in_go() {
    check(
        Syntax::V3,
        &[
            (
                "Host(`a`) || Host(`b`) && Path(`/x`)",
                &["GET a /y", "GET b /x"],
                &["GET b /y"],
            ),
            (
                "(Host(`a`) || Host(`b`)) && Path(`/x`)",
                &["GET a /x", "GET b /x"],
                &["GET a /y"],
            ),
            (
                "!Host(`a`) && Path(`/x`)",
                &["GET b /x"],
                &["GET a /x", "GET b /y"],
            ),
            (
                "!(Host(`a`) && Path(`/x`))",
                &["GET b /x", "GET a /y"],
                &["GET a /x"],
            ),
            ("!(!(Host(`a`)))", &["GET a /"], &["GET b /"]),
            ("!!Host(`a`)", &["GET a /"], &["GET b /"]),
            (
                "Host(`a`)\n  && Path(\"/x\",)",
                &["GET a /x"],
                &["GET a /y"],
            ),
            (
                "PATHPREFIX(`/x`) && pathprefix(`/x`) && Pathprefix(`/x`) && PathPrefix (`/x`)",
                &["GET a /x"],
                &[],
            ),
            (
                "Path(\"/\\u00e9\\x41\\101\\\\\\\"\")",
                &["GET a /\u{e9}AA\\\""],
                &[],
            ),
        ],
    );
}

const V2: &[Row] = &[
    ("Host(`a`, `B.`)", &["GET a /", "GET b. /"], &["GET c /"]),
    ("Host(`*.a`)", &[], &["GET x.a /"]),
    ("HostHeader(`a`)", &["GET a /"], &["GET b /"]),
    (
        "HostRegexp(`{sub:[a-z]+}.example.com`, `b`)",
        &["GET a.example.com /", "GET b /"],
        &["GET xa.example.com.x /", "GET 1.example.com /", "GET xb /"],
    ),
    (
        "HostRegexp(`{sub}.example.com`)",
        &["GET a.example.com /"],
        &["GET a.b.example.com /"],
    ),
    (
        "HostRegexp(`{sub:(foo\\.)?bar\\.com}`)",
        &["GET foo.bar.com /", "GET bar.com /"],
        &["GET fooubar.com /", "GET barcom /"],
    ),
    ("HostRegexp(`(example.com`)", &[], &["GET example.com /"]),
    (
        "Path(`/css`, `/js`)",
        &["GET h /css", "GET h /js"],
        &["GET h /css/"],
    ),
    (
        "Path(`/css{path:(/.*)?}`)",
        &["GET h /css", "GET h /css/main.css"],
        &["GET h /css.css"],
    ),
    (
        "Path(`/a/{id}/c`)",
        &["GET h /a/b/c"],
        &["GET h /a/b/b/c", "GET h /x/a/b/c"],
    ),
    (
        "PathPrefix(`/css-{name:[0-9]?}`)",
        &["GET h /css-1/main.css", "GET h /css-222/x"],
        &["GET h /css.css"],
    ),
    (
        "Method(`GET`, `post`)",
        &["GET h /", "POST h /"],
        &["PUT h /"],
    ),
    (
        "Headers(`a`, `1`, `b`, `2`)",
        &["GET h / A:1 B:2"],
        &["GET h / A:1", "GET h / B:2"],
    ),
    (
        "HeadersRegexp(`Content-Type`, `application/(text|json)`)",
        &["GET h / content-type:application/json"],
        &["GET h / content-type:text/html"],
    ),
    (
        "Query(`foo=bar`, `bar=baz`)",
        &["GET h /?foo=bar&bar=baz"],
        &["GET h /?bar=baz"],
    ),
    (
        "Query(`foo=b=ar`)",
        &["GET h /?foo=b=ar"],
        &["GET h /?foo=bar"],
    ),
    ("Query(`a=`)", &["GET h /?a=1", "GET h /?a"], &["GET h /?b"]),
    (
        "Query(`v={x:[a-z]+}`)",
        &["GET h /?v=ab"],
        &["GET h /?v=1", "GET h /?v=1&v=ab"],
    ),
    (
        "ClientIP(`10.0.0.1`, `11.0.0.0/8`)",
        &["GET h / @10.0.0.1", "GET h / @11.2.3.4"],
        &["GET h / @10.0.0.2"],
    ),
    (
        "!(Host(`a`,`b`) && Path(`/x`, `/y`))",
        &["GET a /", "GET c /x"],
        &["GET a /x", "GET b /y"],
    ),
];

#[test]
fn v2_matchers_mean_what_traefik_means() {
    check(Syntax::V2, V2);
}

#[test]
fn tcp_matchers_mean_what_traefik_means() {
    check(
        Syntax::TcpV3,
        &[
            ("HostSNI(`*`)", &["  ", " a.b "], &[]),
            (
                "HostSNI(`Example.com.`)",
                &[" example.com "],
                &["  ", " x.example.com "],
            ),
            (
                "HostSNI(`*.example.com`)",
                &[" a.example.com "],
                &[" example.com ", " a.b.example.com "],
            ),
            (
                "HostSNIRegexp(`^example\\.(com|org)$`)",
                &[" example.org "],
                &["  ", " exampleuorg "],
            ),
            (
                "HOSTSNI(`a`) && ALPN(`h2`)",
                &[" a  +http/1.1 +h2"],
                &[" a  +http/1.1", " a "],
            ),
            (
                "HostSNI(`*`) && !ClientIP(`10.0.0.0/8`)",
                &["   @9.9.9.9"],
                &["   @10.0.0.1"],
            ),
        ],
    );
    check(
        Syntax::TcpV2,
        &[
            ("HostSNI(`a`, `*`)", &["  "], &[]),
            ("HostSNI(`a`, `b`)", &[" a ", " b "], &[" c "]),
            (
                "HostSNIRegexp(`{x:[a-z]+}.com`)",
                &[" ab.com ", " AB.COM "],
                &[" 1.com ", " ab.com.x "],
            ),
            ("ALPN(`h2`, `mqtt`)", &[" a  +mqtt"], &[" a  +x"]),
        ],
    );
}

const BROKEN: &[(Syntax, &str, &str)] = &[
    (
        Syntax::V3,
        "",
        "column 1: the rule is empty; write a matcher",
    ),
    (
        Syntax::V3,
        "Host(`a`) &&",
        "column 13: the end of the rule is not expected here; a matcher is expected here, as in Host(`example.com`)",
    ),
    (
        Syntax::V3,
        "Hots(`a`)",
        "column 1: there is no matcher `Hots`; did you mean `Host`?",
    ),
    (
        Syntax::V3,
        "Path(`/a`) && pathPrefix(`/x`)",
        "column 15: there is no matcher `pathPrefix`; write it `PathPrefix`",
    ),
    (
        Syntax::V3,
        "Headers(`a`, `b`)",
        "column 1: there is no matcher `Headers`; v3 writes Header(`name`, `value`)",
    ),
    (
        Syntax::V3,
        "HostSNI(`a`)",
        "column 1: there is no matcher `HostSNI`; it is for TCP routers",
    ),
    (
        Syntax::V2,
        "PathRegexp(`a`)",
        "column 1: there is no matcher `PathRegexp`; `PathRegexp` is of the v3 syntax, and this router reads v2 (ruleSyntax)",
    ),
    (
        Syntax::TcpV3,
        "Host(`a`)",
        "column 1: there is no matcher `Host`; it is for HTTP routers; a TCP router has HostSNI, HostSNIRegexp, ClientIP and ALPN",
    ),
    (
        Syntax::V3,
        "Host(`a`, `b`)",
        "column 1: Host takes one value, here are 2; for several, write Host(`a`) || Host(`b`)",
    ),
    (
        Syntax::V3,
        "Header(`a`)",
        "column 1: Header takes two values, here are 1; write Header(`name`, `value`)",
    ),
    (
        Syntax::V3,
        "Host()",
        "column 1: Host takes one value, here are 0; write Host(`...`)",
    ),
    (
        Syntax::V3,
        "Query(`a`, `b`, `c`)",
        "column 1: Query takes one value or two, here are 3; for several, write Query(`a`) || Query(`b`)",
    ),
    (
        Syntax::V2,
        "Headers(`a`, `b`, `c`)",
        "column 1: Headers takes pairs of values, here are 3; write Headers(`name`, `value`)",
    ),
    (
        Syntax::V2,
        "Query(`titi`)",
        "column 7: `titi` has no value; write `key=value`",
    ),
    (
        Syntax::V2,
        "Path(`/a{`)",
        "column 6: the braces of `/a{` do not pair; each variable is written `{name}` or `{name:pattern}`",
    ),
    (
        Syntax::V3,
        "Host(``)",
        "column 6: an empty value in Host; give it a value",
    ),
    (
        Syntax::V3,
        "Host(`\u{e9}`)",
        "column 6: Host takes ASCII only, not `\u{e9}`; write the host in its punycode form (xn--...)",
    ),
    (
        Syntax::V3,
        "Path(`\u{e9}`) ",
        "column 6: the path `\u{e9}` does not start with `/`; write `/\u{e9}`",
    ),
    (
        Syntax::V3,
        "Path(`/\u{e9}`) x",
        "column 12: `x` is not expected here; join matchers with `&&` or `||`",
    ),
    (
        Syntax::V3,
        "Host(tchouk)",
        "column 6: `tchouk` is not expected here; put the value in quotes: Host(`tchouk`)",
    ),
    (
        Syntax::V3,
        "Host(`a` `b`)",
        "column 10: a string is not expected here; write `,` or `)` here",
    ),
    (
        Syntax::V3,
        "Host(`a`) & Path(`/`)",
        "column 11: a single `&`; write `&&`",
    ),
    (
        Syntax::V3,
        "Host('a')",
        "column 6: a string in single quotes; put it in back-quotes or double quotes",
    ),
    (
        Syntax::V3,
        "Host(`a)",
        "column 6: this string has no end; close it with a back-quote `",
    ),
    (
        Syntax::V3,
        "HostRegexp(\"a\\.b\")",
        "column 14: this escape is not known in a string in double quotes; double the backslash, or put the string in back-quotes, where nothing is escaped",
    ),
    (
        Syntax::V3,
        "(Host(`a`)",
        "column 11: the end of the rule is not expected here; a `(` before it is not closed: write `)`",
    ),
    (
        Syntax::V3,
        "Host(`a`))",
        "column 10: `)` is not expected here; there is no `(` that it would close",
    ),
    (
        Syntax::V3,
        "Host(`a`) == Path(`/`)",
        "column 11: `=` has no place in a rule; a rule is made of matchers such as Host(`example.com`), `&&`, `||`, `!` and parentheses",
    ),
    (
        Syntax::V3,
        "ClientIP(`10.0.0.0/33`)",
        "column 10: `10.0.0.0/33` is no address and no range; write an address (`10.0.0.1`, `::1`) or a range (`10.0.0.0/8`)",
    ),
    (
        Syntax::V3,
        "Header(`a b`, `x`)",
        "column 8: `a b` is no header name; use letters, digits and hyphens",
    ),
    (
        Syntax::V3,
        "HeaderRegexp(`a`, `(?=x)`)",
        "column 19: the regular expression `(?=x)` does not compile: look-around, `(?=`, is not supported; match in linear time cannot look around; use `!` of the rule",
    ),
    (
        Syntax::TcpV3,
        "ALPN(`acme-tls/1`)",
        "column 6: `acme-tls/1` belongs to ACME challenges and cannot be routed; leave it to the certificate resolver",
    ),
    (
        Syntax::TcpV3,
        "HostSNI(`a b`)",
        "column 9: `a b` is no host name; write a host name, `*.` and a host name, or `*`; for a pattern use HostSNIRegexp",
    ),
    (
        Syntax::V2,
        "HostRegexp(`{a:x)(y}`)",
        "column 12: the regular expression `x)(y` does not compile: unopened group",
    ),
];

#[test]
fn a_broken_rule_is_shown_where_it_is_broken() {
    for (syntax, rule, expected) in BROKEN {
        let fault = parse(rule, *syntax).unwrap_err();
        assert_eq!(fault.to_string(), *expected, "{rule}");
    }
}

#[test]
fn the_bounds_of_a_rule_hold() {
    use crate::base::limits::{RULE_BYTES_MAX, RULE_DEPTH_MAX, RULE_MATCHERS_MAX};
    let deep = |depth: usize| format!("{}Host(`a`){}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&deep(RULE_DEPTH_MAX), Syntax::V3).is_ok());
    assert!(parse(&deep(RULE_DEPTH_MAX + 1), Syntax::V3).is_err());
    assert!(parse(&"!".repeat(RULE_DEPTH_MAX + 1), Syntax::V3).is_err());
    let wide = |count: usize| ["Host(`a`)"].repeat(count).join("||");
    assert!(parse(&wide(RULE_MATCHERS_MAX), Syntax::V3).is_ok());
    assert!(parse(&wide(RULE_MATCHERS_MAX + 1), Syntax::V3).is_err());
    let long = format!("Path(`/{}`)", "a".repeat(RULE_BYTES_MAX));
    assert!(parse(&long, Syntax::V3).is_err());
}

#[test]
fn a_rendered_rule_reads_as_the_same_tree() {
    let table = [
        ("host(\"A\")&&path(`/x`)", "Host(`a`) && Path(`/x`)"),
        (
            "(Host(`a`)&&Host(`b`))&&Host(`c`)",
            "Host(`a`) && Host(`b`) && Host(`c`)",
        ),
        (
            "Host(`a`)||(Host(`b`)||Host(`c`)&&Path(`/`))",
            "Host(`a`) || Host(`b`) || (Host(`c`) && Path(`/`))",
        ),
        ("!(Host(`a`)||Host(`b`))", "!(Host(`a`) || Host(`b`))"),
        ("!!Host(`*.A.`)", "Host(`*.a`)"),
        (
            "Path(\"/`\\n\\\"\\\\\\u0001\")",
            "Path(\"/`\\n\\\"\\\\\\u0001\")",
        ),
        (
            "Query(`a`)&&Query(`a`,`b`)&&QueryRegexp(`a`,`b`)",
            "Query(`a`) && Query(`a`, `b`) && QueryRegexp(`a`, `b`)",
        ),
        (
            "Header(`x-a`,`b`)&&HeaderRegexp(`x-a`,`b`)",
            "Header(`X-A`, `b`) && HeaderRegexp(`X-A`, `b`)",
        ),
        (
            "Method(`get`)&&ClientIP(`10.0.0.0/8`)",
            "Method(`GET`) && ClientIP(`10.0.0.0/8`)",
        ),
        (
            "HostRegexp(`a`)&&PathRegexp(`(?P<x>b)`)&&PathPrefix(`/`)",
            "HostRegexp(`a`) && PathRegexp(`(?P<x>b)`) && PathPrefix(`/`)",
        ),
    ];
    for (rule, expected) in table {
        let tree = parse(rule, Syntax::V3).unwrap();
        assert_eq!(tree.render(), expected);
        assert_eq!(parse(expected, Syntax::V3).unwrap(), tree);
    }
    let tcp = parse(
        "hostsni(`A`) && HostSNIRegexp(`b`) && ALPN(`h2`)",
        Syntax::TcpV3,
    )
    .unwrap();
    assert_eq!(
        tcp.render_tcp(),
        "HostSNI(`a`) && HostSNIRegexp(`b`) && ALPN(`h2`)"
    );
}

#[test]
fn trees_without_parts_are_constants() {
    let asked = Asked::new("GET  /");
    assert!(eval(&Tree::all(vec![]), &asked));
    assert!(!eval(&Tree::any(vec![]), &asked));
    assert_eq!(Tree::any(vec![]).render(), "!Host(`*`)");
}

#[test]
fn hosts_are_those_without_a_not() {
    let rule =
        "Host(`B.`) && (Host(`*.a`) || !Host(`c`) || !(!Host(`b`) && Path(`/`))) || Host(`*`)";
    let tree = parse(rule, Syntax::V3).unwrap();
    let hosts: Vec<_> = tree.hosts().iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["b", "*.a", "*"]);
}

#[test]
fn priority_is_the_length_of_the_text() {
    assert_eq!(default_priority("Host(`\u{e9}`)"), 10);
    for (rule, expected) in [
        ("HostSNI(`*`)", -1),
        ("(hostsni(\"*\"))", -1),
        ("HostSNI(`a`)", 12),
        ("HostSNI(`*`) && ALPN(`h2`)", 26),
    ] {
        let tree = parse(rule, Syntax::TcpV3).unwrap();
        assert_eq!(default_tcp_priority(rule, &tree), expected, "{rule}");
    }
}
