use super::*;
use crate::middleware::Reply;

fn step(query: &str, rewrites: &[(&str, u16)], fields: Option<Texts<'_>>) -> Errors {
    let rewrites = rewrites.iter().map(|(from, to)| {
        let ranges = StatusRanges::read([*from].into_iter()).unwrap();
        (ranges, *to)
    });
    let fields = fields.map(|all| {
        all.iter()
            .map(|text| HeaderName::new(text).unwrap())
            .collect()
    });
    Errors {
        caught: StatusRanges::read(["404", "500-599", "101,204"].into_iter()).unwrap(),
        rewrites: rewrites.collect(),
        query: query.into(),
        request_fields: fields,
    }
}

/// The request for the page, as its server gets it; None when the answer passes.
fn asked(step: Errors, head: &mut RequestHead, status: u16, slot: &mut Slot) -> Option<String> {
    let step = Middleware::Errors(step);
    let mut response = ResponseHead::new();
    response.new_answer(status);
    let flow = step.on_response(head, &mut response, (Outcome::Answered, &PLAIN), slot);
    if matches!(flow, Flow::Next) {
        return None;
    }
    let call = call_of(flow);
    assert!(!call.with_body && call.reply_bytes_max.is_none());
    Some(sent(&call.head))
}

#[test]
fn only_the_statuses_that_are_named_are_caught() {
    for (status, expected) in [
        (200, false),
        (404, true),
        (403, false),
        (502, true),
        (101, false),
    ] {
        let found = asked(
            step("/", &[], None),
            &mut get("/"),
            status,
            &mut Slot::default(),
        );
        assert_eq!(found.is_some(), expected, "{status}");
    }
}

#[test]
fn the_query_tells_what_happened() {
    let table = [
        ("/{status}.html", "/404.html"),
        ("{status}.html", "/404.html"),
        ("", "/"),
        (
            "/p?code={status}&was={originalStatus}",
            "/p?code=404&was=404",
        ),
        (
            "/?url={url}",
            "/?url=http%3A%2F%2Fexample.com%2Fa%2520b%3Fc%3Dd%2Be%26f",
        ),
        ("/a b?c d", "/a%20b?c%20d"),
        ("/{unknown}", "/{unknown}"),
    ];
    for (query, expected) in table {
        let mut head = get("/a%20b?c=d+e&f");
        let text = asked(step(query, &[], None), &mut head, 404, &mut Slot::default()).unwrap();
        let target = text.split(' ').nth(1).unwrap();
        assert_eq!(target, expected, "{query}");
    }
}

#[test]
fn a_status_can_become_another() {
    let table = [
        (418, None, 418),
        (404, Some("/404-404"), 404),
        (500, Some("/404-500"), 404),
        (503, Some("/404-503"), 404),
        (504, Some("/504-504"), 504),
    ];
    for (came, target, status) in table {
        let step = || step("/{status}-{originalStatus}", &[("500-503", 404)], None);
        let mut slot = Slot::default();
        let mut head = get("/");
        let text = asked(step(), &mut head, came, &mut slot);
        let found = text.map(|text| text.split(' ').nth(1).unwrap().to_owned());
        assert_eq!(found.as_deref(), target, "{came}");
        if found.is_none() {
            continue;
        }
        let mut reply = ResponseHead::new();
        reply.new_answer(200);
        let step = Middleware::Errors(step());
        let flow = step.on_reply(&mut head, Reply::Answered(&mut reply), &PLAIN, &mut slot);
        assert!(matches!(flow, Flow::Relay), "{flow:?}");
        assert_eq!(reply.status(), status, "{came}");
        let failed = Reply::Failed(CallFault::Unreachable);
        let answer = answer_of(step.on_reply(&mut head, failed, &PLAIN, &mut slot)).unwrap();
        assert!(answer.starts_with(&format!("{status} ")), "{answer}");
        assert!(answer.ends_with("\n\nBad Gateway"), "{answer}");
    }
}

#[test]
fn a_page_has_no_body_where_none_may_be() {
    let mut slot = Slot::default();
    let mut head = get("/");
    asked(step("/", &[], None), &mut head, 204, &mut slot).unwrap();
    let mut reply = ResponseHead::new();
    reply.new_answer(200);
    let step = Middleware::Errors(step("/", &[], None));
    let flow = step.on_reply(&mut head, Reply::Answered(&mut reply), &PLAIN, &mut slot);
    assert_eq!(
        answer_of(flow).unwrap(),
        "204 No Content\nContent-Length: 0\n\n"
    );
}

#[test]
fn the_service_sees_the_fields_that_are_named() {
    let text = "POST /x HTTP/1.1\r\nHost: example.com:81\r\nContent-Length: 0\r\nCookie: a=b\r\n\
                Connection: X-Hop\r\nX-Hop: 1\r\nExpect: 100-continue\r\nX-Kept: 1\r\n\r\n";
    let table: [(Option<Texts<'_>>, &str); 3] = [
        (None, "Cookie: a=b\nX-Kept: 1"),
        (Some(&["x-kept"]), "X-Kept: 1"),
        (Some(&[]), ""),
    ];
    for (fields, expected) in table {
        let mut head = request(text);
        let rules = crate::wire::ForwardedRules::default();
        let peer = crate::wire::Peer::new(PLAIN.peer, &rules);
        head.forward(&rules, &peer, false);
        let text = asked(step("/", &[], fields), &mut head, 404, &mut Slot::default()).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(&lines[..2], ["GET / HTTP/1.1", "Host: example.com:81"]);
        // Where the request came from is told as to any server.
        assert!(lines.contains(&"X-Forwarded-For: 192.0.2.7"), "{text}");
        let rest = lines[2..]
            .iter()
            .filter(|line| !line.starts_with("X-Forwarded-") && !line.starts_with("X-Real-Ip"));
        let rest: Vec<&str> = rest.copied().collect();
        assert_eq!(rest.join("\n"), expected, "{fields:?}");
    }
}
