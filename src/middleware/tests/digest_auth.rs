use md5::{Digest, Md5};

use crate::base::Tick;
use crate::base::limits::NONCE_LIFETIME_S;

use super::*;

fn md5(text: &str) -> String {
    Md5::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn auth() -> DigestAuth {
    let line = format!("me:traefik:{}", md5("me:traefik:secret"));
    DigestAuth::new(
        DigestUsers::read([&*line].into_iter(), "traefik").unwrap(),
        "traefik",
    )
}

fn at(second: u32) -> Around {
    Around {
        now: Tick::from_nanos(u64::from(second) * 1_000_000_000),
        ..PLAIN
    }
}

/// What one request says of itself.
#[derive(Clone, Copy)]
struct Claim<'text> {
    user: &'text str,
    password: &'text str,
    realm: &'text str,
    uri: &'text str,
    count: &'text str,
    qop: &'text str,
}

const RIGHT: Claim<'static> = Claim {
    user: "me",
    password: "secret",
    realm: "traefik",
    uri: "/a?b=c",
    count: "00000001",
    qop: "auth",
};

fn head(claim: Claim<'_>, nonce: &str, more: &str) -> RequestHead {
    let Claim {
        user,
        password,
        realm,
        uri,
        count,
        qop,
    } = claim;
    let one = md5(&format!("{user}:{realm}:{password}"));
    let other = md5(&format!("GET:{uri}"));
    let response = md5(&format!("{one}:{nonce}:{count}:x:{qop}:{other}"));
    request(&format!(
        "GET /a?b=c HTTP/1.1\r\nHost: a\r\nAuthorization: Digest username=\"{user}\", \
         realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", algorithm=MD5, qop={qop}, \
         nc={count}, cnonce=\"x\", response=\"{response}\"\r\n{more}\r\n"
    ))
}

fn ask(step: &Middleware, head: &mut RequestHead, around: &Around) -> Option<String> {
    pass(step, head, around)
}

/// The nonce of a challenge.
fn nonce(challenge: &str) -> String {
    let (_, rest) = challenge.split_once("nonce=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

fn challenged(step: &Middleware, around: &Around) -> String {
    let challenge = ask(step, &mut get("/"), around).unwrap();
    nonce(&challenge)
}

#[test]
fn the_challenge_asks_for_md5_and_auth() {
    let found = ask(
        &Middleware::DigestAuth(Box::new(auth())),
        &mut get("/"),
        &at(0),
    )
    .unwrap();
    let nonce = nonce(&found);
    let (_, rest) = found.split_once("opaque=\"").unwrap();
    let opaque = rest.split('"').next().unwrap();
    assert_eq!(
        found,
        format!(
            "401 Unauthorized\nContent-Type: text/plain\nWWW-Authenticate: Digest \
             realm=\"traefik\", nonce=\"{nonce}\", opaque=\"{opaque}\", algorithm=\"MD5\", \
             qop=\"auth\"\nContent-Length: 0\n\n401 Unauthorized\n"
        )
    );
}

#[test]
fn only_who_knows_a_password_comes_in() {
    let step = Middleware::DigestAuth(Box::new(auth()));
    let table = [
        (RIGHT, true),
        (
            Claim {
                password: "wrong",
                ..RIGHT
            },
            false,
        ),
        (
            Claim {
                user: "you",
                ..RIGHT
            },
            false,
        ),
        (Claim { user: "", ..RIGHT }, false),
        (
            Claim {
                realm: "other",
                ..RIGHT
            },
            false,
        ),
        // What was signed for one target is good for no other.
        (Claim { uri: "/", ..RIGHT }, false),
        (Claim { uri: "/a", ..RIGHT }, false),
        (
            Claim {
                qop: "auth-int",
                ..RIGHT
            },
            false,
        ),
        (
            Claim {
                count: "1",
                ..RIGHT
            },
            false,
        ),
        (
            Claim {
                count: "+0000001",
                ..RIGHT
            },
            false,
        ),
    ];
    for (claim, expected) in table {
        let nonce = challenged(&step, &at(1));
        let found = ask(&step, &mut head(claim, &nonce, ""), &at(2));
        assert_eq!(
            found.is_none(),
            expected,
            "{} {} {}",
            claim.user,
            claim.uri,
            claim.count
        );
        if let Some(refusal) = found {
            assert!(!refusal.contains("stale"), "{refusal}");
        }
    }
    let mut other =
        request("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic bWU6c2VjcmV0\r\n\r\n");
    assert!(ask(&step, &mut other, &at(2)).is_some());
}

#[test]
fn a_nonce_counts_up_and_grows_old() {
    let step = Middleware::DigestAuth(Box::new(auth()));
    let nonce = challenged(&step, &at(10));
    let with = |count: &'static str| head(Claim { count, ..RIGHT }, &nonce, "");
    let table = [
        ("00000001", 11, true),
        ("00000001", 11, false),
        ("00000002", 11, true),
        ("0000000a", 12, true),
        ("00000009", 12, false),
        ("0000000B", 10 + NONCE_LIFETIME_S, true),
        ("0000000C", 11 + NONCE_LIFETIME_S, false),
    ];
    for (count, second, expected) in table {
        let found = ask(&step, &mut with(count), &at(second));
        assert_eq!(found.is_none(), expected, "{count} at {second}");
        if let Some(refusal) = found {
            // The password is right: browsers need not ask for it again.
            assert!(refusal.contains(", stale=true\n"), "{refusal}");
        }
    }
}

#[test]
fn nonces_of_others_are_stale() {
    let step = Middleware::DigestAuth(Box::new(auth()));
    let other = Middleware::DigestAuth(Box::new(auth()));
    let theirs = challenged(&other, &at(1));
    for nonce in [
        theirs.as_str(),
        "",
        "abc",
        &"A".repeat(38),
        &"A".repeat(500),
    ] {
        let refusal = ask(&step, &mut head(RIGHT, nonce, ""), &at(2)).unwrap();
        assert!(refusal.contains(", stale=true\n"), "{nonce}: {refusal}");
    }
}

#[test]
fn the_user_is_named_and_the_response_kept_back_as_configured() {
    let field = HeaderName::new("X-Web-User").unwrap();
    let step = auth().removing_header(true).naming_user_in(Some(field));
    let step = Middleware::DigestAuth(Box::new(step));
    let nonce = challenged(&step, &at(1));
    let lies = "X-Web-User: admin\r\nx_web_user: admin\r\nX-Web_User: admin\r\n";
    let mut head = head(RIGHT, &nonce, lies);
    let mut slot = Slot::default();
    let flow = step.on_request(&mut head, &at(1), &mut slot);
    assert!(matches!(flow, Flow::Next));
    assert_eq!(sent(&head), "GET /a?b=c HTTP/1.1\nHost: a\nX-Web-User: me");
    assert!(matches!(slot, Slot::User(user) if *user == *b"me"));
}

#[test]
fn without_users_nobody_comes_in() {
    let users = DigestUsers::read(std::iter::empty(), "traefik").unwrap();
    let step = Middleware::DigestAuth(Box::new(DigestAuth::new(users, "traefik")));
    let nonce = challenged(&step, &at(1));
    assert!(ask(&step, &mut head(RIGHT, &nonce, ""), &at(1)).is_some());
    // Not even with the sum that unknown users are checked against.
}
