//! What changes little costs little, keeps what it can, and gives what a rebuild would give.

use proptest::prelude::*;

use crate::config::dynamic;

use super::*;

const WEB: usize = 2;

/// The same configuration with what is equal taken over, as a provider's next message.
pub(super) fn next(http: &str, before: &Inputs) -> Inputs {
    let mut after = (*yaml(http)).clone();
    after.reuse(&before["file"]);
    Inputs::from([("file".to_owned(), Arc::new(after))])
}

#[test]
fn what_did_not_change_keeps_its_state() {
    let both = |more: &str, router: &str| {
        format!(
            "  routers:\n    r: {{rule: 'PathPrefix(`/r`)', service: s, middlewares: [m]}}\n    \
             t: {{rule: 'PathPrefix(`/t`)', service: t}}\n{router}  \
             middlewares: {{m: {{addPrefix: {{prefix: /m}}}}}}\n  services:\n    \
             s: {{loadBalancer: {{servers: [{{url: 'http://10.0.0.1'}}]}}}}\n    \
             t: {{loadBalancer: {{serversTransport: x, servers: [{{url: 'http://10.0.0.2'}}]}}}}\n\
             {more}  serversTransports: {{x: {{maxIdleConnsPerHost: 7}}}}\n"
        )
    };
    let mut compiler = compiler();
    let first = file(&both("", ""));
    let before = compiler.compile(&first);
    assert_eq!(said(&before.report), [""; 0]);
    let of = |snapshot: &Snapshot, target: &str| router(snapshot, WEB, target);
    // A router more: only that one is new.
    let new = "    n: {rule: 'PathPrefix(`/n`)', service: s}\n";
    let second = next(&both("", new), &first);
    let patched = compiler.compile(&second);
    assert!(Arc::ptr_eq(
        &of(&before.snapshot, "/r"),
        &of(&patched.snapshot, "/r")
    ));
    assert_eq!(way(&patched.snapshot, WEB, "/n"), "n@file");
    assert_eq!(way(&before.snapshot, WEB, "/n"), "404");
    // A service more: the others keep their seats, their servers' connections, their chains.
    let more = "    u: {loadBalancer: {servers: [{url: 'http://10.0.0.1'}]}}\n";
    let third = next(&both(more, new), &second);
    let rebuilt = compiler.compile(&third);
    for target in ["/r", "/t"] {
        let (old, kept) = (of(&before.snapshot, target), of(&rebuilt.snapshot, target));
        assert!(
            Arc::ptr_eq(&balancer(&old).seats, &balancer(&kept).seats),
            "{target}"
        );
        let (old, kept) = (&balancer(&old).servers[0], &balancer(&kept).servers[0]);
        assert!(Arc::ptr_eq(&old.state, &kept.state));
        assert!(Arc::ptr_eq(&old.origin, &kept.origin));
    }
    let (old, kept) = (of(&before.snapshot, "/r"), of(&rebuilt.snapshot, "/r"));
    assert!(Arc::ptr_eq(
        &old.chain[0].middleware,
        &kept.chain[0].middleware
    ));
}

#[test]
fn servers_that_stay_keep_their_connections() {
    let with = |servers: &str| {
        format!(
            "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s}}}}\n  \
             services: {{s: {{loadBalancer: {{servers: [{servers}]}}}}}}\n"
        )
    };
    let mut compiler = compiler();
    let first = file(&with("{url: 'http://10.0.0.1'}, {url: 'http://10.0.0.2'}"));
    let before = router(&compiler.compile(&first).snapshot, WEB, "/");
    let second = next(
        &with("{url: 'http://10.0.0.2'}, {url: 'http://10.0.0.3'}"),
        &first,
    );
    let after = router(&compiler.compile(&second).snapshot, WEB, "/");
    let (old, new) = (&balancer(&before).servers, &balancer(&after).servers);
    assert!(Arc::ptr_eq(&old[1].origin, &new[0].origin));
    let numbers = [&old[0], &old[1], &new[1]].map(|server| server.origin.number);
    assert_eq!(numbers, [0, 1, 2]);
}

#[test]
fn a_transport_that_changes_makes_its_services_anew() {
    let with = |idle: u32| {
        format!(
            "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: s}}}}\n  \
             services: {{s: {{loadBalancer: {{serversTransport: x, \
             servers: [{{url: 'http://10.0.0.1'}}]}}}}}}\n  \
             serversTransports: {{x: {{maxIdleConnsPerHost: {idle}}}}}\n"
        )
    };
    let mut compiler = compiler();
    let first = file(&with(7));
    compiler.compile(&first);
    let second = next(&with(8), &first);
    let after = router(&compiler.compile(&second).snapshot, WEB, "/");
    let server = &balancer(&after).servers[0];
    assert_eq!(server.origin.transport.idle_max, 8);
}

#[test]
fn a_number_is_given_again_only_when_nobody_has_it() {
    let with = |names: &[&str]| {
        let router = |name: &&str| format!("    {name}: {{rule: 'Path(`/{name}`)', service: s}}\n");
        let routers: String = names.iter().map(router).collect();
        format!("  routers:\n{routers}{SERVICE}")
    };
    let mut compiler = compiler();
    let number = |snapshot: &Snapshot, name: &str| {
        found(
            &snapshot.entry_points[WEB].plain,
            &request(&format!("/{name}")),
        )
    };
    let mut inputs = file(&with(&["a", "b", "c"]));
    let first = compiler.compile(&inputs).snapshot;
    // `b` goes and `d` comes at once: in this step `b`'s number is still in use elsewhere.
    inputs = next(&with(&["a", "c", "d"]), &inputs);
    let second = compiler.compile(&inputs).snapshot;
    assert_eq!(number(&second, "a"), number(&first, "a"));
    assert_eq!(number(&second, "c"), number(&first, "c"));
    assert_ne!(number(&second, "d"), number(&first, "b"));
    assert!(second.routers.get(number(&first, "b").unwrap()).is_none());
    inputs = next(&with(&["a", "c", "d", "e"]), &inputs);
    let third = compiler.compile(&inputs).snapshot;
    assert_eq!(number(&third, "e"), number(&first, "b"));
    // Whoever still holds the first snapshot sees it as it was.
    let name = |snapshot: &Snapshot, number| snapshot.routers.get(number).unwrap().name.to_string();
    assert_eq!(name(&first, number(&first, "b").unwrap()), "b@file");
    assert_eq!(name(&third, number(&third, "e").unwrap()), "e@file");
}

#[test]
fn a_parent_that_comes_later_finds_its_children() {
    let child = "    c: {rule: 'PathPrefix(`/c`)', service: s, parentRefs: [p]}\n";
    let parent = "    p: {rule: 'PathPrefix(`/`)'}\n";
    let with = |routers: &str| format!("  routers:\n{routers}{SERVICE}");
    let mut compiler = compiler();
    let first = file(&with(child));
    assert_eq!(compiler.compile(&first).report.len(), 1);
    let second = next(&with(&format!("{child}{parent}")), &first);
    let all = compiler.compile(&second);
    assert_eq!(said(&all.report), [""; 0]);
    assert_eq!(way(&all.snapshot, WEB, "/c"), "p@file > c@file");
    // The child becomes one without a parent: then `p` has nobody.
    let third = next(
        &with(&format!(
            "    c: {{rule: 'PathPrefix(`/c`)', service: s}}\n{parent}"
        )),
        &second,
    );
    let all = compiler.compile(&third);
    assert_eq!(way(&all.snapshot, WEB, "/c"), "c@file");
    assert_eq!(all.report.len(), 1);
}

/// Its rule, its service, its parents, its priority.
type Options = (usize, usize, Vec<usize>, i64);

/// One router of the property below, or its absence.
#[derive(Clone, Debug)]
struct Edit {
    name: usize,
    options: Option<Options>,
}

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const RULES: [&str; 6] = [
    "PathPrefix(`/`)",
    "PathPrefix(`/a`)",
    "Path(`/a/b`)",
    "Host(`h`) && PathPrefix(`/b`)",
    "Host(`x`)",
    "Hots(`broken`)",
];

fn edit() -> impl Strategy<Value = Edit> {
    let options = (
        0..RULES.len(),
        // A service, none, one that does not exist.
        0_usize..5,
        prop::collection::vec(0..NAMES.len(), 0..2),
        -1_i64..3,
    );
    let options = prop::option::weighted(0.8, options);
    (0..NAMES.len(), options).prop_map(|(name, options)| Edit { name, options })
}

fn router_of((rule, service, parents, priority): &Options) -> dynamic::Router {
    let service = match service {
        0 => "",
        1 => "gone",
        _ => "s",
    };
    // Few are children: else nearly everything leads nowhere.
    let parents = parents.iter().filter(|parent| **parent < 2);
    dynamic::Router {
        rule: RULES[*rule].to_owned(),
        service: service.to_owned(),
        parent_refs: parents.map(|parent| NAMES[*parent].to_owned()).collect(),
        priority: *priority,
        entry_points: Vec::new(),
        ..dynamic::Router::default()
    }
}

proptest! {
    #[test]
    fn a_patched_snapshot_is_as_good_as_a_new_one(
        edits in prop::collection::vec(edit(), 1..24),
        at_once in 1_usize..4,
    ) {
        let adding = EntryPointDefaults { access_log: false, ..entry("admin") };
        let entry_points = || vec![adding.clone(), entry("traefik"), entry("web")];
        let mut config = (*yaml(SERVICE)).clone();
        let mut patched = Compiler::new(setup(entry_points()));
        for edits in edits.chunks(at_once) {
            for Edit { name, options } in edits {
                let name = NAMES[*name].to_owned();
                match options {
                    Some(options) => {
                        config.http.routers.insert(name, Arc::new(router_of(options)));
                    }
                    None => {
                        config.http.routers.remove(&name);
                    }
                }
            }
            let inputs = Inputs::from([("file".to_owned(), Arc::new(config.clone()))]);
            let one = patched.compile(&inputs);
            let other = Compiler::new(setup(entry_points())).compile(&inputs);
            prop_assert_eq!(said(&one.report), said(&other.report));
            for target in ["/", "/a", "/a/b", "/b/c", "/x"] {
                for entry_point in 0..3 {
                    let new = way(&other.snapshot, entry_point, target);
                    prop_assert_eq!(way(&one.snapshot, entry_point, target), new, "{}", target);
                }
            }
        }
    }
}
