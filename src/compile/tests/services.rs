//! Service kinds: what they are made of, what is refused, and what a change leaves as it was.

use crate::base::Tick;
use crate::snapshot::{Service, Strategy};

use super::*;

const WEB: usize = 2;

/// Services by name; a router `r` leads to `top`.
fn with(services: &str) -> String {
    format!(
        "  routers: {{r: {{rule: 'PathPrefix(`/`)', service: top}}}}\n  services:\n{services}\n  \
         middlewares: {{m: {{addPrefix: {{prefix: /m}}}}}}\n"
    )
}

const LB: &str = "loadBalancer: {servers: [{url: 'http://10.0.0.1'}]}";
const CHECKED: &str =
    "loadBalancer: {healthCheck: {path: /h}, servers: [{url: 'http://10.0.0.1'}]}";

fn top(compiled: &Compiled) -> Arc<Service> {
    let router = router(&compiled.snapshot, WEB, "/");
    let End::Service(service) = &router.end else {
        panic!("{} has children", router.name);
    };
    Arc::clone(service)
}

fn of_top(compiled: &Compiled) -> Vec<String> {
    let start = "error http.services.top@file: http.services.top";
    let lines = said(&compiled.report).into_iter();
    lines
        .filter_map(|line| {
            line.strip_prefix(start)
                .map(|rest| rest.trim_start_matches('.').to_owned())
        })
        .collect()
}

/// What a service says, and what is said of it.
const REFUSED: &[(&str, &str)] = &[
    (
        "weighted: {services: [{name: gone}]}",
        "weighted.services[0].name: the service `gone@file` does not exist",
    ),
    (
        "weighted: {services: [{name: a}, {name: broken}]}",
        "weighted.services[1].name: the service `broken@file` is left out",
    ),
    (
        "weighted: {services: [{name: top}]}",
        "weighted.services[0].name: the service `top@file` contains itself",
    ),
    (
        "weighted: {healthCheck: {}, services: [{name: checked}, {name: a}]}",
        "weighted.healthCheck: the service `a@file` has no healthCheck of its own",
    ),
    (
        "highestRandomWeight: {healthCheck: {}, services: [{name: a}]}",
        "highestRandomWeight.healthCheck: the service `a@file` has no healthCheck of its own",
    ),
    (
        "mirroring: {service: a, mirrors: [{name: a, percent: 101}]}",
        "mirroring.mirrors[0].percent: must be from 0 to 100",
    ),
    (
        "mirroring: {service: a, mirrors: [{name: gone, percent: 1}]}",
        "mirroring.mirrors[0].name: the service `gone@file` does not exist",
    ),
    (
        "mirroring: {service: a, healthCheck: {}}",
        "mirroring.healthCheck: the service `a@file` has no healthCheck of its own",
    ),
    (
        "failover: {service: a, fallback: a}",
        "failover.service: the service `a@file` has no healthCheck of its own",
    ),
    (
        "failover: {service: checked, fallback: a, healthCheck: {}}",
        "failover.healthCheck: the service `a@file` has no healthCheck of its own",
    ),
    (
        "failover: {service: a}",
        "failover.fallback: the service is missing",
    ),
    (
        "failover: {service: a, fallback: a, errors: {status: [5xx]}}",
        "failover.errors.status: `5xx` is no status",
    ),
    (
        "loadBalancer: {strategy: best}",
        "loadBalancer.strategy: `best` is no strategy",
    ),
    (
        "loadBalancer: {healthCheck: {path: /, mode: grpc}}",
        "loadBalancer.healthCheck.mode: the mode grpc is not served yet",
    ),
    (
        "loadBalancer: {healthCheck: {path: /, scheme: https}}",
        "loadBalancer.healthCheck.scheme: the scheme https is not served yet",
    ),
    (
        "loadBalancer: {healthCheck: {path: 'http://10.0.0.9/h'}}",
        "loadBalancer.healthCheck.path: a whole address is not allowed here",
    ),
    (
        "loadBalancer: {healthCheck: {path: /, port: 70000}}",
        "loadBalancer.healthCheck.port: 70000 is no port",
    ),
    (
        "loadBalancer: {healthCheck: {path: /, status: 20}}",
        "loadBalancer.healthCheck.status: 20 is no status",
    ),
    (
        "loadBalancer: {healthCheck: {path: /, method: 'A B'}}",
        "loadBalancer.healthCheck.method: `A B` is no method",
    ),
    (
        "loadBalancer: {healthCheck: {path: /, headers: {'X Y': z}}}",
        "loadBalancer.healthCheck.headers.X Y: it is no header field",
    ),
    (
        "loadBalancer: {passiveHealthCheck: {maxFailedAttempts: 0}}",
        "loadBalancer.passiveHealthCheck.maxFailedAttempts: must be from 1 to 1024",
    ),
    (
        "loadBalancer: {passiveHealthCheck: {failureWindow: 0}}",
        "loadBalancer.passiveHealthCheck.failureWindow: must be more than zero",
    ),
    (
        "middlewares: [m, gone], loadBalancer: {servers: [{url: 'http://10.0.0.1'}]}",
        "middlewares[1]: the middleware `gone@file` does not exist",
    ),
];

#[test]
fn what_cannot_be_is_refused_with_the_field() {
    for (options, expected) in REFUSED {
        let text = with(&format!(
            "    top: {{{options}}}\n    a: {{{LB}}}\n    checked: {{{CHECKED}}}\n    \
             broken: {{loadBalancer: {{servers: [{{url: 'ftp://a'}}]}}}}"
        ));
        let compiled = compiled(&text);
        assert_eq!(way(&compiled.snapshot, WEB, "/"), "404", "{options}");
        let lines = of_top(&compiled);
        assert!(
            lines.len() == 1 && lines[0].starts_with(expected),
            "{options}: {lines:?}"
        );
    }
}

#[test]
fn every_kind_is_made_with_its_children() {
    let table = [
        (
            "weighted: {services: [{name: a}, {name: b, weight: 0}]}",
            "a@file b@file",
        ),
        (
            "highestRandomWeight: {services: [{name: b}, {name: a}]}",
            "b@file a@file",
        ),
        (
            "mirroring: {service: a, mirrors: [{name: b, percent: 10}, {name: a}]}",
            "a@file b@file a@file",
        ),
        (
            "failover: {service: checked, fallback: a}",
            "checked@file a@file",
        ),
        (
            "failover: {service: a, fallback: b, errors: {status: [500]}}",
            "a@file b@file",
        ),
        ("weighted: {services: [{name: nested}]}", "nested@file"),
        (
            "weighted: {services: [{name: ping@internal}]}",
            "ping@internal",
        ),
        (LB, ""),
    ];
    for (options, expected) in table {
        let compiled = compiled(&with(&format!(
            "    top: {{{options}}}\n    a: {{{LB}}}\n    b: {{{LB}}}\n    checked: {{{CHECKED}}}\n    \
             nested: {{weighted: {{services: [{{name: a}}]}}}}"
        )));
        assert_eq!(said(&compiled.report), [""; 0], "{options}");
        let top = top(&compiled);
        let names: Vec<&str> = top.children().map(|child| &*child.name).collect();
        assert_eq!(names.join(" "), expected, "{options}");
    }
}

#[test]
fn circles_and_towers_are_refused() {
    let circle = compiled(&with(
        "    top: {weighted: {services: [{name: x}]}}\n    \
         x: {failover: {service: top, fallback: top, errors: {status: [500]}}}",
    ));
    assert_eq!(way(&circle.snapshot, WEB, "/"), "404");
    // Eight services inside one another are served, nine are not, in whatever order they are met.
    for (layers, served) in [(8, true), (9, false)] {
        for names in ["abcdefghi", "ihgfedcba"] {
            let names: Vec<char> = names.chars().take(layers).collect();
            let tower = |(index, name): (usize, &char)| match names.get(index + 1) {
                Some(next) => {
                    format!("    {name}: {{weighted: {{services: [{{name: {next}}}]}}}}\n")
                }
                None => format!("    {name}: {{{LB}}}\n"),
            };
            let all: String = names.iter().enumerate().map(tower).collect();
            let text = with(&all).replace("service: top", &format!("service: {}", names[0]));
            let way = way(&compiled(&text).snapshot, WEB, "/");
            assert_eq!(way == "r@file", served, "{layers}");
        }
    }
}

#[test]
fn middlewares_of_a_service_come_behind_those_of_the_router() {
    let compiled = compiled(
        &with(&format!("    top: {{middlewares: [m, n], {LB}}}"))
            .replace("service: top", "service: top, middlewares: [n]")
            .replace(
                "middlewares: {m:",
                "middlewares: {n: {replacePath: {path: /n}}, m:",
            ),
    );
    assert_eq!(said(&compiled.report), [""; 0]);
    let router = router(&compiled.snapshot, WEB, "/");
    let letters: String = router
        .chain
        .iter()
        .map(|step| {
            if matches!(
                *step.middleware,
                crate::middleware::Middleware::AddPrefix(_)
            ) {
                'm'
            } else {
                'n'
            }
        })
        .collect();
    assert_eq!(letters, "nmn");
}

#[test]
fn a_change_elsewhere_leaves_the_state_of_services() {
    let text = |extra: &str, main: &str, servers: &str| {
        with(&format!(
            "    top: {{weighted: {{services: [{{name: a}}, {{name: copy}}]}}}}\n    \
             a: {{loadBalancer: {{{main}servers: [{servers}]}}}}\n    \
             copy: {{mirroring: {{service: a, mirrors: [{{name: a, percent: 1}}]}}}}\n{extra}"
        ))
    };
    let one = "{url: 'http://10.0.0.1'}, {url: 'http://10.0.0.2'}";
    let mut compiler = compiler();
    let mut inputs = file(&text("", "", one));
    let first = compiler.compile(&inputs);
    let steps = [
        // What else changes, and whether the state of the second server must stay.
        (text(&format!("    more: {{{LB}}}"), "", one), true),
        (
            text("", "", "{url: 'http://10.0.0.2'}, {url: 'http://10.0.0.3'}"),
            true,
        ),
        (text("", "passHostHeader: false, ", one), true),
        (text("", "strategy: p2c, ", one), true),
        // What was found out otherwise is forgotten.
        (text("", "passiveHealthCheck: {}, ", one), false),
    ];
    let servers = |compiled: &Compiled| {
        let ServiceKind::Weighted(top) = &top(compiled).kind else {
            panic!()
        };
        let ServiceKind::Mirroring(copy) = &top.children[1].service.kind else {
            panic!()
        };
        let ServiceKind::LoadBalancer(a) = &copy.main.kind else {
            panic!()
        };
        let known = a
            .servers
            .iter()
            .map(|server| (server.url.to_string(), Arc::clone(&server.state)));
        let known: BTreeMap<String, _> = known.collect();
        let seats = [&top.seats, &copy.seats, &a.seats].map(Arc::clone);
        (seats, Arc::clone(&known["http://10.0.0.2"]))
    };
    let (seats, state) = servers(&first);
    for (text, stays) in steps {
        inputs = patches::next(&text, &inputs);
        let after = compiler.compile(&inputs);
        assert_eq!(said(&after.report), [""; 0]);
        let (seats_now, state_now) = servers(&after);
        assert!(
            seats
                .iter()
                .zip(&seats_now)
                .all(|(one, other)| Arc::ptr_eq(one, other)),
            "{text}"
        );
        assert_eq!(Arc::ptr_eq(&state, &state_now), stays, "{text}");
    }
}

#[test]
fn a_parent_is_up_as_long_as_a_child_is() {
    let now = Tick::from_nanos(1);
    // Kind, whether it is up with the first, the second, both of its children down.
    let table = [
        (
            "weighted: {healthCheck: {}, services: [{name: a}, {name: b}]}",
            [true, true, false],
        ),
        (
            "weighted: {healthCheck: {}, services: [{name: a}, {name: b, weight: 0}]}",
            [false, true, false],
        ),
        (
            "weighted: {services: [{name: a}, {name: b}]}",
            [true, true, true],
        ),
        (
            "highestRandomWeight: {healthCheck: {}, services: [{name: a}, {name: b}]}",
            [true, true, false],
        ),
        (
            "mirroring: {healthCheck: {}, service: a, mirrors: [{name: b, percent: 9}]}",
            [false, true, false],
        ),
        (
            "failover: {healthCheck: {}, service: a, fallback: b}",
            [true, true, false],
        ),
        ("failover: {service: a, fallback: b}", [true, true, true]),
    ];
    for (options, expected) in table {
        let compiled = compiled(&with(&format!(
            "    top: {{{options}}}\n    a: {{{CHECKED}}}\n    b: {{{CHECKED}}}"
        )));
        assert_eq!(said(&compiled.report), [""; 0], "{options}");
        let top = top(&compiled);
        let set = |child: usize, up| {
            let ServiceKind::LoadBalancer(balancer) = &top.child(child).unwrap().kind else {
                panic!();
            };
            balancer.servers[0].state.checked(up, now);
        };
        let mut found = [true; 3];
        for (found, down) in found
            .iter_mut()
            .zip([[true, false], [false, true], [true, true]])
        {
            set(0, !down[0]);
            set(1, !down[1]);
            *found = top.is_up(now);
        }
        assert_eq!(found, expected, "{options}");
    }
}

#[test]
fn a_probe_knows_where_to_ask() {
    // Options of the check, server, what is connected to, Host, path.
    let table = [
        (
            "path: /h",
            "http://10.0.0.1:81/base/x",
            "10.0.0.1:81 10.0.0.1:81 /h",
        ),
        (
            "path: '/h?a=b'",
            "http://10.0.0.1",
            "10.0.0.1:80 10.0.0.1 /h?a=b",
        ),
        (
            "path: h",
            "http://10.0.0.1/base/x",
            "10.0.0.1:80 10.0.0.1 /base/h",
        ),
        ("path: h", "http://10.0.0.1", "10.0.0.1:80 10.0.0.1 /h"),
        (
            "interval: 1s",
            "http://10.0.0.1/base",
            "10.0.0.1:80 10.0.0.1 /base",
        ),
        ("path: /, port: 9", "http://web:81", "web:9 web:9 /"),
        ("path: /, port: 9", "http://[::1]:81", "[::1]:9 [::1]:9 /"),
        (
            "path: /, hostname: probe.org",
            "http://10.0.0.1",
            "10.0.0.1:80 probe.org /",
        ),
        (
            "path: /, headers: {Host: x.org}",
            "http://10.0.0.1",
            "10.0.0.1:80 x.org /",
        ),
    ];
    for (options, url, expected) in table {
        let compiled = compiled(&with(&format!(
            "    top: {{loadBalancer: {{healthCheck: {{{options}}}, servers: [{{url: '{url}'}}]}}}}"
        )));
        assert_eq!(compiled.snapshot.checked.len(), 1);
        let router = router(&compiled.snapshot, WEB, "/");
        let probe = &balancer(&router).check.as_ref().unwrap().probes[0];
        let target = match &probe.target {
            crate::snapshot::Target::Address(address) => address.to_string(),
            crate::snapshot::Target::Name { host, port } => format!("{host}:{port}"),
        };
        assert_eq!(
            format!("{target} {} {}", probe.host, probe.path),
            expected,
            "{options}"
        );
    }
}

#[test]
fn the_options_of_a_balancer_arrive() {
    let compiled = compiled(&with(
        "    top:\n      loadBalancer:\n        strategy: leastconn\n        slowStart: 30s\n        \
         sticky: {cookie: {name: c, httpOnly: true}}\n        \
         healthCheck: {path: /h, interval: 0s, unhealthyInterval: 1s, timeout: 2s, status: 204, \
         method: HEAD, fails: 3, passes: 2, followRedirects: false, headers: {X-A: b}}\n        \
         passiveHealthCheck: {failureWindow: 7s, maxFailedAttempts: 4}\n        \
         servers:\n          - {url: 'http://10.0.0.1', weight: 3}\n          \
         - {url: 'http://10.0.0.2', fenced: true}\n          - {url: 'http://10.0.0.3', weight: -1}",
    ));
    assert_eq!(said(&compiled.report), [""; 0]);
    let router = router(&compiled.snapshot, WEB, "/");
    let balancer = balancer(&router);
    assert_eq!(balancer.strategy, Strategy::LeastConnections);
    assert_eq!(
        balancer.slow_start,
        Some(std::time::Duration::from_secs(30))
    );
    let used: Vec<bool> = balancer
        .servers
        .iter()
        .map(|server| server.is_used())
        .collect();
    assert_eq!(used, [true, false, false]);
    let mut cookie = Vec::new();
    balancer.sticky.as_ref().unwrap().write(0, &mut cookie);
    let cookie = String::from_utf8(cookie).unwrap();
    assert!(
        cookie.starts_with("c=") && cookie.ends_with("; Path=/; HttpOnly"),
        "{cookie}"
    );
    let check = balancer.check.as_ref().unwrap();
    assert_eq!(
        (&*check.method, check.status, check.follow_redirects),
        ("HEAD", Some(204), false)
    );
    assert_eq!(&*check.headers, [("X-A".into(), "b".into())]);
    let secs = std::time::Duration::from_secs;
    let pace = check.pace;
    assert_eq!(
        (
            pace.interval,
            pace.unhealthy_interval,
            pace.timeout,
            pace.fails,
            pace.passes
        ),
        (secs(30), secs(1), secs(2), 3, 2)
    );
    let passive = balancer.passive.unwrap();
    assert_eq!((passive.window, passive.rest), (secs(7), None));
}
