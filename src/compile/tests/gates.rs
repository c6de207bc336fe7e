//! Middlewares that let in, hold back, or ask again: their options, and their state over changes.

use crate::middleware::{Around, Flow, Middleware, Slot};

use super::*;

const WEB: usize = 2;

/// Options, and what is said of them.
const WRONG: &[(&str, &str)] = &[
    (
        "rateLimit: {average: -1}",
        "rateLimit.average: must not be negative",
    ),
    (
        "rateLimit: {average: 1, burst: -1}",
        "rateLimit.burst: must not be negative",
    ),
    (
        "rateLimit: {average: 1, period: -1s}",
        "rateLimit.period: must not be negative",
    ),
    (
        "rateLimit: {sourceCriterion: {requestHost: true, requestHeaderName: a}}",
        "rateLimit.sourceCriterion: several criteria at once",
    ),
    (
        "rateLimit: {sourceCriterion: {requestHeaderName: 'a b'}}",
        "rateLimit.sourceCriterion.requestHeaderName: is no header name",
    ),
    (
        "rateLimit: {redis: {tls: {insecureSkipVerify: true}}}",
        "rateLimit.redis.tls: is not served yet",
    ),
    (
        "rateLimit: {redis: {endpoints: ['a:1', 'b:1']}}",
        "rateLimit.redis.endpoints: several endpoints (a Redis cluster) are not served yet",
    ),
    (
        "rateLimit: {redis: {endpoints: [a]}}",
        "rateLimit.redis.endpoints: is no host:port",
    ),
    (
        "rateLimit: {redis: {poolSize: -1}}",
        "rateLimit.redis.poolSize: must not be negative",
    ),
    (
        "inFlightReq: {amount: -1}",
        "inFlightReq.amount: must not be negative",
    ),
    (
        "inFlightReq: {amount: 1, sourceCriterion: {ipStrategy: {ipv6Subnet: 129}}}",
        "ipStrategy.ipv6Subnet: is no length",
    ),
    (
        "circuitBreaker: {expression: 'NetworkErrorRatio()'}",
        "circuitBreaker.expression: column 1: compare it with something",
    ),
    (
        "circuitBreaker: {expression: 'NetworkErrorRatio() > 1', responseCode: 42}",
        "circuitBreaker.responseCode: is no HTTP status",
    ),
    (
        "digestAuth: {users: [me]}",
        "digestAuth.users: user 1 has no colon",
    ),
    (
        "digestAuth: {usersFile: /nowhere/at/all}",
        "digestAuth.usersFile: cannot read /nowhere/at/all",
    ),
    (
        "digestAuth: {headerField: 'a b'}",
        "digestAuth.headerField: is no header name",
    ),
    (
        "ipAllowList: {sourceRange: [10.0.0.1], rejectStatusCode: 42}",
        "ipAllowList.rejectStatusCode: is no HTTP status",
    ),
    (
        "retry: {attempts: 2, status: ['5xx']}",
        "retry.status: `5xx` is no status",
    ),
    (
        "retry: {attempts: 2, maxRequestBodyBytes: -2}",
        "retry.maxRequestBodyBytes: must not be negative",
    ),
    (
        "retry: {attempts: 2, disableRetryOnNetworkError: true}",
        "retry.disableRetryOnNetworkError: without status there is nothing left",
    ),
    (
        "buffering: {memRequestBodyBytes: -1}",
        "buffering.memRequestBodyBytes: must not be negative",
    ),
    (
        "buffering: {retryExpression: 'Attempts() > 1 &'}",
        "buffering.retryExpression: column 16: `&` stands for nothing",
    ),
];

#[test]
fn wrong_options_are_told_by_name() {
    for (options, expected) in WRONG {
        let all = compiled(&format!("  middlewares: {{m: {{{options}}}}}\n"));
        let lines = said(&all.report);
        let start = format!("error http.middlewares.m@file: http.middlewares.m.{expected}");
        assert!(
            lines.len() == 1 && lines[0].starts_with(&start),
            "{options}: {lines:?}"
        );
    }
}

#[test]
fn usual_options_are_served() {
    for options in [
        "rateLimit: {average: 100, period: 1m, burst: 50}",
        "rateLimit: {average: 0}",
        "rateLimit: {average: 1, redis: {endpoints: ['10.0.0.1:6379'], db: 3, poolSize: 2}}",
        "rateLimit: {average: 1, redis: {maxActiveConns: 3, minIdleConns: 1, password: a}}",
        "inFlightReq: {amount: 0}",
        "circuitBreaker: {expression: 'LatencyAtQuantileMS(50.0) > 100', checkPeriod: 1s}",
        "digestAuth: {users: []}",
        "digestAuth: {users: ['a:traefik:0cc175b9c0f1b6a831c399e269772661'], realm: traefik}",
        "ipWhiteList: {sourceRange: [10.0.0.0/8]}",
        "retry: {attempts: 2, status: ['500-599'], timeout: 1s, maxRequestBodyBytes: -1}",
        "buffering: {maxRequestBodyBytes: 1, disableResponseBuffer: true}",
    ] {
        let all = compiled(&format!("  middlewares: {{m: {{{options}}}}}\n"));
        assert_eq!(said(&all.report), [""; 0], "{options}");
    }
}

/// Routers `a`, twice with the same limit, and `b` with it, of one request in an hour.
fn limited(average: u32, rule: &str, more: &str) -> String {
    format!(
        "  routers:\n    a: {{rule: '{rule}', service: s, middlewares: [m, m]}}\n    \
         b: {{rule: 'Path(`/b`)', service: s, middlewares: [m]}}\n  \
         middlewares:\n    m: {{rateLimit: {{average: {average}, period: 1h}}}}\n{more}  \
         services: {{s: {{loadBalancer: {{servers: [{{url: 'http://10.0.0.1'}}]}}}}}}\n"
    )
}

/// Whether each step of a router's chain lets one more request pass.
fn passes(snapshot: &Snapshot, target: &str) -> Vec<bool> {
    let around = Around {
        peer: [192, 0, 2, 7].into(),
        secure: false,
        now: crate::base::Tick::from_nanos(1_000_000_000),
    };
    let steps = router(snapshot, WEB, target);
    let ask = |middleware: &Middleware| {
        let mut head = request(target);
        let flow = middleware.on_request(&mut head, &around, &mut Slot::default());
        matches!(flow, Flow::Next)
    };
    steps
        .chain
        .iter()
        .map(|step| ask(&step.middleware))
        .collect()
}

#[test]
fn each_place_counts_alone_and_goes_on_counting() {
    let mut compiler = compiler();
    let first = file(&limited(1, "Path(`/a`)", ""));
    let before = compiler.compile(&first);
    assert_eq!(said(&before.report), [""; 0]);
    assert_eq!(passes(&before.snapshot, "/a"), [true, true]);
    assert_eq!(passes(&before.snapshot, "/b"), [true]);
    assert_eq!(passes(&before.snapshot, "/a"), [false, false]);
    // The router's rule changes: only it is made anew, and goes on where it was.
    let mut second = (*yaml(&limited(1, "Path(`/a`) && Method(`GET`)", ""))).clone();
    second.reuse(&first["file"]);
    let second = Inputs::from([("file".to_owned(), Arc::new(second))]);
    let patched = compiler.compile(&second);
    assert_eq!(passes(&patched.snapshot, "/a"), [false, false]);
    // Another middleware comes: all is made anew, what did not change goes on.
    let more = "    n: {addPrefix: {prefix: /n}}\n";
    let mut third = (*yaml(&limited(1, "Path(`/a`)", more))).clone();
    third.reuse(&second["file"]);
    let third = Inputs::from([("file".to_owned(), Arc::new(third))]);
    let rebuilt = compiler.compile(&third);
    assert_eq!(passes(&rebuilt.snapshot, "/a"), [false, false]);
    assert_eq!(passes(&rebuilt.snapshot, "/b"), [false]);
    // The limit itself changes: it begins anew.
    let mut fourth = (*yaml(&limited(2, "Path(`/a`)", more))).clone();
    fourth.reuse(&third["file"]);
    let changed = compiler.compile(&Inputs::from([("file".to_owned(), Arc::new(fourth))]));
    assert_eq!(passes(&changed.snapshot, "/a"), [true, true]);
}
