//! A chain of middlewares: one request walks in, its answer walks out.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use ringway::base::Tick;
use ringway::middleware::{
    Around, Flow, Headers, Middleware, Outcome, RedirectScheme, Retry, RetryRules, Slot, Statuses,
    StripPrefix,
};
use ringway::wire::ResponseHead;

use crate::Subject;
use crate::wire::{BROWSER, answer_into, parsed};

pub(crate) fn subjects() -> Vec<Subject> {
    vec![Subject {
        name: "chain/four",
        operations: 1000,
        batch: 1,
        prepare: four,
    }]
}

/// stripPrefix, headers (two on each way), redirectScheme (nothing to redirect), retry. An answer
/// is edited once in its life, so reading a fresh one is in the figure (see `wire/parse-answer`).
fn four() -> Box<dyn FnMut()> {
    let request = [("X-Shop", "berlin"), ("Referer", "")];
    let response = [("X-Content-Type-Options", "nosniff"), ("Server", "")];
    let headers = Headers::new(request.into_iter(), response.into_iter());
    let chain = [
        Middleware::RedirectScheme(RedirectScheme::new("http", "", false)),
        Middleware::StripPrefix(StripPrefix::new(&["/shop".to_owned()], false)),
        Middleware::Headers(headers.expect("the examples are good fields")),
        Middleware::Retry(Retry::new(RetryRules {
            attempts: 3,
            initial_interval: Duration::ZERO,
            timeout: None,
            body_bytes_max: None,
            statuses: Statuses::default(),
            on_network_error: true,
            any_method: false,
        })),
    ];
    let around = Around {
        peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
        secure: false,
        now: Tick::ZERO,
    };
    let mut head = parsed(BROWSER);
    let before = head.checkpoint();
    let mut slots: Vec<Slot> = Vec::new();
    let mut answer = ResponseHead::new();
    Box::new(move || {
        slots.clear();
        for step in &chain {
            slots.push(Slot::Nothing);
            let slot = slots.last_mut().expect("one was pushed");
            let flow = step.on_request(black_box(&mut head), &around, slot);
            assert!(matches!(flow, Flow::Next));
        }
        answer_into(&mut answer);
        for (step, slot) in chain.iter().zip(&mut slots).rev() {
            let flow = step.on_response(&mut head, &mut answer, (Outcome::Answered, &around), slot);
            assert!(matches!(flow, Flow::Next));
        }
        head.restore(&before);
    })
}
