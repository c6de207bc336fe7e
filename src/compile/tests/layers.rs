//! Routers in layers (features 4.4.6).

use super::*;

const WEB: usize = 2;

fn layered(routers: &str) -> Compiled {
    compiled(&format!("  routers:\n{routers}{SERVICE}"))
}

#[test]
fn a_request_walks_from_the_parent_to_the_first_child_that_fits() {
    let all = layered(
        "    root: {rule: 'PathPrefix(`/`)'}\n    \
         a: {rule: 'PathPrefix(`/a`)', service: s, parentRefs: [root]}\n    \
         ab: {rule: 'PathPrefix(`/a/b`)', parentRefs: [root@file]}\n    \
         leaf: {rule: 'PathPrefix(`/a/b/c`)', service: s, parentRefs: [ab]}\n",
    );
    assert_eq!(said(&all.report), [""; 0]);
    let table = [
        ("/a", "root@file > a@file"),
        ("/a/b/c", "root@file > ab@file > leaf@file"),
        // Who has entered a router does not look for another one.
        ("/a/b", "root@file > ab@file > 404"),
        ("/x", "root@file > 404"),
    ];
    for (target, expected) in table {
        assert_eq!(way(&all.snapshot, WEB, target), expected, "{target}");
    }
    // A child is reached through its parent only.
    let tables = &all.snapshot.entry_points;
    assert_eq!(
        tables.iter().map(|one| one.plain.len()).collect::<Vec<_>>(),
        [1, 0, 1]
    );
}

#[test]
fn a_child_may_have_several_parents() {
    let all = layered(
        "    one: {rule: 'PathPrefix(`/one`)'}\n    two: {rule: 'PathPrefix(`/two`)'}\n    \
         child: {rule: 'PathPrefix(`/`)', service: s, parentRefs: [one, two]}\n    \
         only: {rule: 'Path(`/two/x`)', service: s, parentRefs: [two]}\n",
    );
    assert_eq!(said(&all.report), [""; 0]);
    let table = [
        ("/one/x", "one@file > child@file"),
        ("/two/y", "two@file > child@file"),
        ("/two/x", "two@file > child@file"),
        ("/x", "404"),
    ];
    for (target, expected) in table {
        assert_eq!(way(&all.snapshot, WEB, target), expected, "{target}");
    }
}

/// Name and message.
type Flaws = &'static [(&'static str, &'static str)];

/// What is said about each router, by its name.
fn flaws(routers: &str) -> BTreeMap<String, String> {
    let all = layered(routers);
    all.report
        .iter()
        .map(|problem| {
            let name = problem.object.as_deref().unwrap_or_default();
            let name = name
                .trim_start_matches("http.routers.")
                .trim_end_matches("@file");
            (name.to_owned(), problem.message.clone())
        })
        .collect()
}

#[test]
fn what_leads_nowhere_is_disabled_with_its_reason() {
    const LOST: &str = "no router without parents leads here";
    const DEAD: &str = "none of its children can serve";
    const CIRCLE: &str = "the router is its own ancestor";
    let table: [(&str, Flaws); 7] = [
        // The parent does not exist.
        (
            "    a: {rule: 'PathPrefix(`/`)', service: s, parentRefs: [gone]}\n",
            &[("a", LOST)],
        ),
        // A circle that nobody leads into.
        (
            "    a: {rule: 'PathPrefix(`/`)', parentRefs: [b]}\n    \
             b: {rule: 'PathPrefix(`/`)', parentRefs: [a]}\n",
            &[("a", LOST), ("b", LOST)],
        ),
        (
            "    a: {rule: 'PathPrefix(`/`)', service: s, parentRefs: [a]}\n",
            &[("a", LOST)],
        ),
        // One that a router leads into.
        (
            "    root: {rule: 'PathPrefix(`/`)'}\n    \
             a: {rule: 'PathPrefix(`/`)', parentRefs: [root, b]}\n    \
             b: {rule: 'PathPrefix(`/`)', parentRefs: [a]}\n",
            &[("a", CIRCLE), ("b", DEAD), ("root", DEAD)],
        ),
        // The only child is broken.
        (
            "    root: {rule: 'PathPrefix(`/`)'}\n    \
             a: {rule: 'PathPrefix(`/`)', parentRefs: [root]}\n",
            &[("a", "the service is missing"), ("root", DEAD)],
        ),
        (
            "    root: {rule: 'PathPrefix(`/`)', service: s}\n    \
             a: {rule: 'PathPrefix(`/`)', service: s, parentRefs: [root]}\n",
            &[(
                "root",
                "a router that is a parent has no service of its own",
            )],
        ),
        // What only the outermost router may say.
        (
            "    root: {rule: 'PathPrefix(`/`)'}\n    \
             a: {rule: 'PathPrefix(`/`)', service: s, parentRefs: [root], entryPoints: [web]}\n    \
             b: {rule: 'PathPrefix(`/`)', service: s, parentRefs: [root], \
             observability: {metrics: true}}\n    \
             c: {rule: 'PathPrefix(`/`)', service: s, parentRefs: [root]}\n",
            &[
                ("a", "not allowed together with parentRefs"),
                ("b", "not allowed together with parentRefs"),
            ],
        ),
    ];
    for (routers, expected) in table {
        let expected = expected
            .iter()
            .map(|(name, flaw)| ((*name).to_owned(), (*flaw).to_owned()))
            .collect();
        assert_eq!(flaws(routers), expected, "{routers}");
    }
}

#[test]
fn a_child_that_is_broken_leaves_its_siblings() {
    let all = layered(
        "    root: {rule: 'PathPrefix(`/`)'}\n    \
         a: {rule: 'PathPrefix(`/a`)', service: gone, parentRefs: [root]}\n    \
         b: {rule: 'PathPrefix(`/`)', service: s, parentRefs: [root]}\n",
    );
    assert_eq!(way(&all.snapshot, WEB, "/a"), "root@file > b@file");
}

/// `r0` is the root, each next one its child; the last has a service.
fn ladder(layers: usize) -> String {
    (0..layers)
        .map(|at| {
            let parent = match at {
                0 => String::new(),
                _ => format!(", parentRefs: [r{}]", at - 1),
            };
            let service = if at + 1 == layers { ", service: s" } else { "" };
            format!("    r{at}: {{rule: 'PathPrefix(`/`)'{parent}{service}}}\n")
        })
        .collect()
}

#[test]
fn there_are_only_so_many_layers() {
    let most = crate::base::limits::ROUTER_LAYERS_MAX;
    let all = layered(&ladder(most));
    assert_eq!(said(&all.report), [""; 0]);
    assert_eq!(way(&all.snapshot, WEB, "/").split(" > ").count(), most);
    let all = layered(&ladder(most + 1));
    assert_eq!(way(&all.snapshot, WEB, "/"), "404");
    let all = layered(&ladder(5000));
    assert_eq!(way(&all.snapshot, WEB, "/"), "404");
}

#[test]
fn everybody_as_everybodys_parent_takes_no_time() {
    let all: Vec<String> = (0..60).map(|at| format!("r{at}")).collect();
    let parents = all.join(", ");
    let routers: String = all
        .iter()
        .map(|name| {
            format!("    {name}: {{rule: 'PathPrefix(`/`)', service: s, parentRefs: [root, {parents}]}}\n")
        })
        .collect();
    let compiled = layered(&format!("    root: {{rule: 'PathPrefix(`/`)'}}\n{routers}"));
    assert_eq!(way(&compiled.snapshot, WEB, "/"), "404");
    assert_eq!(compiled.report.len(), 61);
}
