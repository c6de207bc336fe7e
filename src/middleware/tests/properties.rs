//! What must hold for every request: the classes of fault that proxies keep repeating (two
//! readings of one path, spellings of one name, fields of one connection).

use proptest::prelude::*;

use super::*;
use crate::wire::path::{decode_for_routing, is_clean};
use crate::wire::{ForwardedRules, Peer};

/// Targets with all that is dangerous in them, more often than not.
fn path_text() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "/", "//", "a", "b", ".", "..", "%2F", "%2f", "%2e", "%2E%2E", "%5C", ";", "%00", "%25",
        "%41", "api", "v1", "%c3%a9", "~", "/./", "/../", "%3F",
    ]);
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| format!("/{}", pieces.concat()))
}

fn path_step() -> impl Strategy<Value = usize> {
    0..7_usize
}

/// Steps that change paths, of which some cut in the middle of a segment.
fn steps() -> Vec<Middleware> {
    let strip = |texts: &[&str], slash| {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        Middleware::StripPrefix(StripPrefix::new(&texts, slash))
    };
    let regex = |text| Middleware::StripPrefixRegex(StripPrefixRegex::new(vec![pattern(text)]));
    let replace = |text, by| {
        let template = Template::read(by);
        Middleware::ReplacePathRegex(ReplacePathRegex::new(pattern(text), template))
    };
    vec![
        strip(&["/a", "/api", "/.", "/"], false),
        strip(&["/ap", "/v1/", "/a/b", "/b"], true),
        regex("^/[^/]*a"),
        regex("^/.*/"),
        replace("^/(.*)a(.*)$", "/$2/$1"),
        replace("%2[Ff]", "/"),
        Middleware::AddPrefix(AddPrefix::new("/x%2Fy")),
    ]
}

proptest! {
    #[test]
    fn what_a_step_leaves_is_normal_or_refused(
        path in path_text(),
        step in path_step(),
        cleaned in any::<bool>(),
    ) {
        let rules = HeadRules { sanitize_path: cleaned, ..HeadRules::default() };
        let text = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut head = RequestHead::new();
        let mut page = Page::copy_of(text.as_bytes());
        prop_assume!(head.parse(&mut page, &rules) == Ok(Step::Done));
        let before = head.path().to_vec();
        let step = &steps()[step];
        if let Some(answer) = pass(step, &mut head, &PLAIN) {
            prop_assert!(answer.starts_with("400 ") || answer.starts_with("500 "));
            return Ok(());
        }
        // A path that a step has changed is in its one spelling, unless it was not before and
        // the step only put something before it.
        let adds = matches!(step, Middleware::AddPrefix(_)) && !is_clean(&before);
        let path = head.path().to_vec();
        prop_assert!(path == before || path.is_empty() || adds || is_clean(&path));
        // What is routed is what is sent.
        let mut routed = Vec::new();
        decode_for_routing(&path, &mut routed);
        prop_assert_eq!(head.routing_path(), routed.as_slice());
        let line = sent(&head);
        let target = line.split(' ').nth(1).unwrap_or_default().as_bytes();
        let wanted = if path.is_empty() { b"/" } else { path.as_slice() };
        prop_assert_eq!(target, wanted);
    }

    #[test]
    fn no_spelling_of_a_name_passes_for_what_the_auth_server_says(
        dashes in prop::collection::vec(any::<(bool, bool)>(), 14),
        pattern_too in any::<bool>(),
    ) {
        let name: String = "x-auth-user-id".bytes().zip(dashes).map(|(byte, (other, upper))| {
            let byte = if byte == b'-' && other { b'_' } else { byte };
            char::from(if upper { byte.to_ascii_uppercase() } else { byte })
        }).collect();
        let text = format!("GET / HTTP/1.1\r\nHost: a\r\n{name}: root\r\nX-Other: 1\r\n\r\n");
        let mut head = request(&text);
        let listed = HeaderName::new("X-Auth-User-Id").unwrap();
        let step = Middleware::ForwardAuth(ForwardAuth {
            response_fields: if pattern_too { Box::default() } else { [listed].into() },
            response_pattern: pattern_too.then(|| pattern("^X-Auth-")),
            ..forward_auth::plain_step()
        });
        let mut reply = ResponseHead::new();
        reply.new_answer(204);
        let told = Reply::Answered(&mut reply);
        let flow = step.on_reply(&mut head, told, &PLAIN, &mut Slot::default());
        prop_assert!(matches!(flow, Flow::Next));
        let text = sent(&head);
        prop_assert!(!text.contains("root") && text.contains("X-Other: 1"), "{}", text);
    }

    #[test]
    fn what_concerns_one_connection_or_only_a_proxy_may_say_is_not_passed_on(
        upper in any::<bool>(),
        index in 0..9_usize,
        trust in any::<bool>(),
    ) {
        let names = [
            "X-Mine", "Keep-Alive", "Te", "Trailer", "Upgrade", "Proxy-Connection", "Expect",
            "X_Forwarded_User_For", "X_Forwarded_For",
        ];
        let name = names[index];
        let spelled = if upper { name.to_uppercase() } else { name.to_lowercase() };
        let value = if name == "Expect" { "100-continue" } else { "evil" };
        let text = format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\
             Connection: {spelled}, close\r\n{name}: {value}\r\n\r\n"
        );
        let mut head = RequestHead::new();
        let mut page = Page::copy_of(text.as_bytes());
        prop_assume!(head.parse(&mut page, &HeadRules::default()) == Ok(Step::Done));
        let rules = ForwardedRules::default();
        head.forward(&rules, &Peer::new(PLAIN.peer, &rules), false);
        let auth = Middleware::ForwardAuth(ForwardAuth { trust, ..forward_auth::plain_step() });
        let flow = auth.on_request(&mut head, &PLAIN, &mut Slot::default());
        let Flow::Call(question) = flow else { panic!("{flow:?}") };
        let errors = Middleware::Errors(Errors {
            caught: StatusRanges::read(["404"].into_iter()).unwrap(),
            ..Errors::default()
        });
        let mut response = ResponseHead::new();
        response.new_answer(404);
        let out = (Outcome::Answered, &PLAIN);
        let flow = errors.on_response(&mut head, &mut response, out, &mut Slot::default());
        let Flow::Call(page) = flow else { panic!("{flow:?}") };
        for text in [sent(&question.head), sent(&page.head)] {
            prop_assert!(!text.contains(value), "{}", text);
            prop_assert!(!text.contains("Connection"), "{}", text);
        }
    }
}
