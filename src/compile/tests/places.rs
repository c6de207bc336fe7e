//! Where routers are put: entry points, copies, order.

use super::*;

const ADMIN: usize = 0;
const TRAEFIK: usize = 1;
const WEB: usize = 2;

fn names(snapshot: &Snapshot, target: &str) -> [String; 3] {
    [ADMIN, TRAEFIK, WEB].map(|entry_point| way(snapshot, entry_point, target))
}

fn with(defaults: [EntryPointDefaults; 3], http: &str) -> Compiled {
    Compiler::new(setup(defaults.into())).compile(&file(http))
}

#[test]
fn routers_without_entry_points_are_on_all_but_traefik() {
    let http = format!("  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s}}}}\n{SERVICE}");
    let names_of = |marked: &[&str]| {
        let all = ["admin", "traefik", "web"].map(|name| EntryPointDefaults {
            as_default: marked.contains(&name),
            ..entry(name)
        });
        names(&with(all, &http).snapshot, "/")
    };
    assert_eq!(names_of(&[]), ["r@file", "404", "r@file"]);
    assert_eq!(names_of(&["web"]), ["404", "404", "r@file"]);
    assert_eq!(names_of(&["web", "traefik"]), ["404", "r@file", "r@file"]);
}

#[test]
fn a_router_is_copied_for_entry_points_that_add_something() {
    let adding = || EntryPointDefaults {
        middlewares: vec!["m@file".to_owned()],
        ..entry("admin")
    };
    let quiet = || EntryPointDefaults {
        access_log: false,
        ..entry("traefik")
    };
    let http = |entry_points: &str| {
        format!(
            "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s, middlewares: [own], \
             entryPoints: [{entry_points}]}}}}\n  middlewares: {{m: {{addPrefix: {{prefix: \
             /m}}}}, own: {{addPrefix: {{prefix: /own}}}}}}\n{SERVICE}"
        )
    };
    let table = [
        (
            "admin, traefik, web",
            ["admin-r@file", "traefik-r@file", "r@file"],
        ),
        ("admin, web", ["admin-r@file", "404", "r@file"]),
        ("admin", ["r@file", "404", "404"]),
        ("admin, admin", ["r@file", "404", "404"]),
        ("web, web", ["404", "404", "r@file"]),
    ];
    for (entry_points, expected) in table {
        let all = with([adding(), quiet(), entry("web")], &http(entry_points));
        assert_eq!(said(&all.report), [""; 0], "{entry_points}");
        assert_eq!(names(&all.snapshot, "/"), expected, "{entry_points}");
    }
    let all = with(
        [adding(), quiet(), entry("web")],
        &http("admin, traefik, web"),
    );
    let chains = [ADMIN, TRAEFIK, WEB].map(|at| router(&all.snapshot, at, "/").chain.len());
    assert_eq!(chains, [2, 1, 1]);
    let first = format!("{:?}", router(&all.snapshot, ADMIN, "/").chain[0]);
    let own = format!("{:?}", router(&all.snapshot, WEB, "/").chain[0]);
    assert_ne!(first, own, "the entry point's middlewares come first");
    let logs = [ADMIN, TRAEFIK, WEB].map(|at| router(&all.snapshot, at, "/").access_log);
    assert_eq!(logs, [true, false, true]);
}

#[test]
fn a_routers_own_word_on_access_logs_counts() {
    let quiet = EntryPointDefaults {
        access_log: false,
        ..entry("admin")
    };
    let http = format!(
        "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s, \
         observability: {{accessLogs: true}}}}}}\n{SERVICE}"
    );
    let all = with([quiet, entry("traefik"), entry("web")], &http);
    assert!(router(&all.snapshot, ADMIN, "/").access_log);
}

#[test]
fn a_broken_entry_point_takes_its_own_copy_only() {
    let broken = EntryPointDefaults {
        middlewares: vec!["gone@file".to_owned()],
        ..entry("admin")
    };
    let http = format!(
        "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s, entryPoints: [admin, web]}}}}\n\
         {SERVICE}"
    );
    let all = with([broken, entry("traefik"), entry("web")], &http);
    assert_eq!(names(&all.snapshot, "/"), ["404", "404", "r@file"]);
    let expected = "error http.routers.r@file: \
                    http.routers.r.entryPoints.admin.http.middlewares: \
                    the middleware `gone@file` does not exist (define it, or correct the name)";
    assert_eq!(said(&all.report), [expected]);
}

#[test]
fn one_entry_point_that_exists_is_enough() {
    let http = |entry_points: &str| {
        format!(
            "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s, \
             entryPoints: [{entry_points}]}}}}\n{SERVICE}"
        )
    };
    let line = "http.routers.r@file: http.routers.r.entryPoints: \
                there is no entry point `wbe` (known are admin, traefik, web)";
    let all = compiled(&http("wbe, web"));
    assert_eq!(names(&all.snapshot, "/"), ["404", "404", "r@file"]);
    assert_eq!(said(&all.report), [format!("warning {line}")]);
    let all = compiled(&http("wbe"));
    assert_eq!(names(&all.snapshot, "/"), ["404", "404", "404"]);
    assert_eq!(said(&all.report), [format!("error {line}")]);
}

#[test]
fn an_entry_point_with_tls_is_not_answered_in_plain_http() {
    let tls = || EntryPointDefaults {
        tls: true,
        ..entry("admin")
    };
    let adding = || EntryPointDefaults {
        access_log: false,
        ..entry("web")
    };
    let http = |entry_points: &str| {
        format!(
            "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s, \
             entryPoints: [{entry_points}]}}}}\n{SERVICE}"
        )
    };
    let all = with([tls(), entry("traefik"), adding()], &http("admin, web"));
    assert_eq!(names(&all.snapshot, "/"), ["404", "404", "web-r@file"]);
    let all = with([tls(), entry("traefik"), adding()], &http("admin"));
    assert_eq!(names(&all.snapshot, "/"), ["404", "404", "404"]);
    assert_eq!(all.report.len(), 1);
}

#[test]
fn the_order_is_priority_then_provider_then_name() {
    let table = [
        // The longer rule comes first; a written priority counts more.
        (
            "a: {rule: 'PathPrefix(`/x`)', service: s}",
            "b: {rule: 'PathPrefix(`/`)', service: s}",
            "a",
        ),
        (
            "a: {rule: 'PathPrefix(`/x`)', service: s}",
            "b: {rule: 'PathPrefix(`/`)', service: s, priority: 1000}",
            "b",
        ),
        (
            "a: {rule: 'PathPrefix(`/x`)', service: s, priority: -1}",
            "b: {rule: 'PathPrefix(`/`)', service: s, priority: 1}",
            "b",
        ),
        // Equal ones: by name.
        (
            "b: {rule: 'PathPrefix(`/`)', service: s}",
            "a: {rule: 'PathPrefix(`/`)', service: s}",
            "a",
        ),
        // Spaces count, as they are part of the text.
        (
            "b: {rule: ' PathPrefix(`/`)', service: s}",
            "a: {rule: 'PathPrefix(`/`)', service: s}",
            "b",
        ),
    ];
    for (one, other, expected) in table {
        let all = compiled(&format!("  routers: {{{one}, {other}}}\n{SERVICE}"));
        assert_eq!(
            way(&all.snapshot, WEB, "/x"),
            format!("{expected}@file"),
            "{one} {other}"
        );
    }
    let same = || {
        yaml(&format!(
            "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s}}}}\n{SERVICE}"
        ))
    };
    let inputs = BTreeMap::from([("aaa", same()), ("file", same()), ("http", same())]);
    let inputs = inputs
        .into_iter()
        .map(|(name, config)| (name.to_owned(), config));
    let all = compiler().compile(&inputs.collect());
    assert_eq!(way(&all.snapshot, WEB, "/x"), "r@file");
}

#[test]
fn priorities_above_the_users_are_ringways_own() {
    let at = |priority: i64| {
        compiled(&format!(
            "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s, priority: {priority}}}}}\n\
             {SERVICE}"
        ))
    };
    assert_eq!(said(&at(i64::MAX - 1000).report), [""; 0]);
    let all = at(i64::MAX - 999);
    assert_eq!(way(&all.snapshot, WEB, "/"), "404");
    assert_eq!(all.report.len(), 1);
    let router = "  routers: {r: {rule: 'PathPrefix(`/`)', service: noop@internal, \
                  priority: 9223372036854775807}}\n";
    let inputs = Inputs::from([("internal".to_owned(), yaml(router))]);
    let all = compiler().compile(&inputs);
    assert_eq!(said(&all.report), [""; 0]);
    assert_eq!(way(&all.snapshot, WEB, "/"), "r@internal");
}
