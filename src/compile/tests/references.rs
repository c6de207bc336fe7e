//! Names that lead nowhere, and what must not follow from that.

use super::*;

const WEB: usize = 2;

#[test]
fn a_name_that_leads_nowhere_disables_one_router() {
    let table = [
        (
            "rule: 'PathPrefix(`/a`)', service: sx",
            "http.routers.a.service: the service `sx@file` does not exist (did you mean s@file?)",
        ),
        (
            "rule: 'PathPrefix(`/a`)'",
            "http.routers.a.service: the service is missing (name one under service)",
        ),
        (
            "rule: 'PathPrefix(`/a`)', service: s@other",
            "http.routers.a.service: the service `s@other` does not exist (did you mean s@file?)",
        ),
        (
            "rule: 'PathPrefix(`/a`)', service: api@internal",
            "http.routers.a.service: the internal service `api@internal` is not served yet \
             (ping@internal and noop@internal are)",
        ),
        (
            "rule: 'PathPrefix(`/a`)', service: s, middlewares: [m, n]",
            "http.routers.a.middlewares[1]: the middleware `n@file` does not exist \
             (did you mean m@file?)",
        ),
        (
            "rule: 'PathPrefix(`/a`)', service: s, middlewares: [broken]",
            "http.routers.a.middlewares[0]: the middleware `broken@file` is left out \
             (see what is said about that middleware)",
        ),
        (
            "rule: 'PathPrefix(`/a`)', service: unserved",
            "http.routers.a.service: the service `unserved@file` is left out \
             (see what is said about that service)",
        ),
        (
            "rule: 'PathPrefix(`/a`)', service: s, middlewares: [circle]",
            "http.routers.a.middlewares[0]: the chain `circle@file` contains itself \
             (take it out of its own chain)",
        ),
        (
            "rule: 'PathPrefix(`/a`)', service: s, tls: {}",
            "http.routers.a.tls: TLS is not served yet (remove tls to serve plain HTTP)",
        ),
        (
            "rule: 'PathPrefix(`/a`)', service: s, ruleSyntax: v4",
            "http.routers.a.ruleSyntax: `v4` is no rule syntax (write v3, or v2 for old rules)",
        ),
    ];
    for (options, expected) in table {
        let all = compiled(&format!(
            "  routers:\n    a: {{{options}}}\n    good: {{rule: 'PathPrefix(`/`)', service: s}}\n  \
             middlewares:\n    m: {{addPrefix: {{prefix: /m}}}}\n    \
             broken: {{redirectRegex: {{regex: '(', replacement: x}}}}\n    \
             circle: {{chain: {{middlewares: [m, inner]}}}}\n    \
             inner: {{chain: {{middlewares: [circle]}}}}\n  services:\n    \
             s: {{loadBalancer: {{servers: [{{url: 'http://10.0.0.1'}}]}}}}\n    \
             unserved: {{mirroring: {{service: none}}}}\n"
        ));
        // The neighbour takes what the broken one would have.
        assert_eq!(way(&all.snapshot, WEB, "/a"), "good@file", "{options}");
        let of_router = |line: &String| line.contains("http.routers.a@file");
        let lines: Vec<String> = said(&all.report).into_iter().filter(of_router).collect();
        assert_eq!(lines, [format!("error http.routers.a@file: {expected}")]);
    }
}

#[test]
fn all_that_is_wrong_with_a_router_is_said_at_once() {
    let all = compiled(
        "  routers: {a: {rule: 'Hots(`a`)', service: gone, middlewares: [gone], \
         entryPoints: [gone]}}\n",
    );
    let fields: Vec<&str> = all.report.iter().map(|problem| &*problem.field).collect();
    let expected = ["rule", "service", "entryPoints", "middlewares[0]"];
    assert_eq!(
        fields,
        expected.map(|field| format!("http.routers.a.{field}"))
    );
}

#[test]
fn what_is_not_served_is_refused_by_name() {
    let table = [
        (
            "plugin: {a: {}}",
            "plugin: the middleware plugin is not served yet",
        ),
        (
            "addPrefix: {prefix: ''}",
            "addPrefix.prefix: the prefix is missing",
        ),
        ("retry: {attempts: 0}", "retry.attempts: must be at least 1"),
        (
            "redirectScheme: {port: '1'}",
            "redirectScheme.scheme: the scheme is missing",
        ),
        (
            "ipAllowList: {sourceRange: []}",
            "ipAllowList.sourceRange: no range is given",
        ),
        (
            "ipAllowList: {sourceRange: [10.0.0.0/33]}",
            "ipAllowList.sourceRange: `10.0.0.0/33` is no address and no range",
        ),
        (
            "basicAuth: {users: []}",
            "basicAuth.users: there are no users, so nobody could be let in",
        ),
        (
            "basicAuth: {users: [me]}",
            "basicAuth.users: user 1 has no colon",
        ),
        (
            "headers: {isDevelopment: true}",
            "headers: no option of it is set",
        ),
        (
            "headers: {customRequestHeaders: {Host: 'a/b'}}",
            "headers.customRequestHeaders.Host: `a/b` is no host",
        ),
    ];
    for (options, expected) in table {
        let all = compiled(&format!("  middlewares: {{m: {{{options}}}}}\n"));
        let lines = said(&all.report);
        let start = format!("error http.middlewares.m@file: http.middlewares.m.{expected} (");
        assert!(
            lines.len() == 1 && lines[0].starts_with(&start),
            "{options}: {lines:?}"
        );
    }
}

#[test]
fn a_chain_is_laid_out_flat_in_order() {
    let all = compiled(&format!(
        "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s, middlewares: [x, outer, x]}}}}\n  \
         middlewares:\n    x: {{addPrefix: {{prefix: /x}}}}\n    y: {{addPrefix: {{prefix: \
         /y}}}}\n    outer: {{chain: {{middlewares: [y, inner, inner]}}}}\n    \
         inner: {{chain: {{middlewares: [x, y@file]}}}}\n{SERVICE}"
    ));
    assert_eq!(said(&all.report), [""; 0]);
    let router = router(&all.snapshot, WEB, "/");
    let x = &router.chain[0].middleware;
    let letters: String = router
        .chain
        .iter()
        .map(|step| {
            if Arc::ptr_eq(&step.middleware, x) {
                'x'
            } else {
                'y'
            }
        })
        .collect();
    assert_eq!(letters, "xyxyxyx");
}

#[test]
fn chains_of_empty_chains_have_an_end() {
    let chain = |depth: u32| {
        format!(
            "    c{depth}: {{chain: {{middlewares: [c{0}, c{0}]}}}}\n",
            depth + 1
        )
    };
    let chains: String = (0..40).map(chain).collect();
    let all = compiled(&format!(
        "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s, middlewares: [c0]}}}}\n  \
         middlewares:\n{chains}    c40: {{chain: {{middlewares: []}}}}\n{SERVICE}"
    ));
    let expected = "error http.routers.r@file: http.routers.r.middlewares[0]: \
                    too many in one chain (use fewer)";
    assert_eq!(said(&all.report), [expected]);
}

#[test]
fn other_providers_are_named_with_an_at() {
    let inputs = Inputs::from([
        (
            "file".to_owned(),
            yaml("  routers: {r: {rule: 'PathPrefix(`/`)', service: s@http}}\n"),
        ),
        ("http".to_owned(), yaml(SERVICE)),
    ]);
    let all = compiler().compile(&inputs);
    assert_eq!(said(&all.report), [""; 0]);
    assert_eq!(way(&all.snapshot, WEB, "/"), "r@file");
}
