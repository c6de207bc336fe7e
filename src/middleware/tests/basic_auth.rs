use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::*;

/// The password is `secret`, as `htpasswd -s` writes it.
const USER: &str = "me:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=";
const REFUSED: &str = "401 Unauthorized\nContent-Type: text/plain\n\
                       WWW-Authenticate: Basic realm=\"traefik\"\n\
                       Content-Length: 0\n\n401 Unauthorized\n";

fn auth() -> BasicAuth {
    BasicAuth::new(read_users([USER].into_iter()).unwrap(), "traefik").unwrap()
}

fn with(credentials: &str, more: &str) -> RequestHead {
    let value = BASE64.encode(credentials);
    request(&format!(
        "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {value}\r\n{more}\r\n"
    ))
}

/// The step and the control wing's check of the password; the answer, or none when it goes on.
fn enter(step: &Middleware, head: &mut RequestHead, slot: &mut Slot) -> Option<String> {
    let mut flow = step.on_request(head, &PLAIN, slot);
    if let Flow::Verify(asked) = flow {
        let right = asked.run();
        flow = step.on_verified(head, &asked, right, slot);
    }
    answer_of(flow)
}

#[test]
fn only_who_knows_a_password_comes_in() {
    let step = Middleware::BasicAuth(auth());
    let table = [
        ("me:secret", true),
        ("me:wrong", false),
        ("me:", false),
        ("you:secret", false),
        ("Me:secret", false),
        ("me", false),
        (":secret", false),
    ];
    // Twice: the second time what is known is not checked again.
    for _ in 0..2 {
        for (credentials, expected) in table {
            let found = enter(&step, &mut with(credentials, ""), &mut Slot::default());
            let expected = (!expected).then_some(REFUSED);
            assert_eq!(found.as_deref(), expected, "{credentials}");
        }
    }
    let found = enter(&step, &mut get("/"), &mut Slot::default());
    assert_eq!(found.as_deref(), Some(REFUSED));
}

#[test]
fn the_user_is_named_and_the_password_kept_back_as_configured() {
    let field = HeaderName::new("X-Web-User").unwrap();
    let step = auth().removing_header(true).naming_user_in(Some(field));
    let lies = "X-Web-User: admin\r\nx_web_user: admin\r\n";
    let mut head = with("me:secret", lies);
    let mut slot = Slot::default();
    assert_eq!(
        enter(&Middleware::BasicAuth(step), &mut head, &mut slot),
        None
    );
    assert_eq!(sent(&head), "GET / HTTP/1.1\nHost: a\nX-Web-User: me");
    assert!(matches!(slot, Slot::User(user) if *user == *b"me"));

    let mut head = with("me:secret", "");
    let found = enter(
        &Middleware::BasicAuth(auth()),
        &mut head,
        &mut Slot::default(),
    );
    assert_eq!(found, None);
    assert!(sent(&head).contains("\nAuthorization: Basic "));
}

#[test]
fn a_realm_cannot_end_its_quotes() {
    let users = read_users([USER].into_iter()).unwrap();
    let step = Middleware::BasicAuth(BasicAuth::new(users, "a \"b\"").unwrap());
    let found = enter(&step, &mut get("/"), &mut Slot::default()).unwrap();
    assert!(found.contains("Basic realm=\"a \\\"b\\\"\"\n"), "{found}");
}

#[test]
fn an_inline_user_stands_before_one_of_the_file() {
    let other = "me:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=";
    let users = read_users([other, USER].into_iter()).unwrap();
    let step = Middleware::BasicAuth(BasicAuth::new(users, "traefik").unwrap());
    let found = enter(&step, &mut with("me:secret", ""), &mut Slot::default());
    assert_eq!(found, None);
}

#[test]
fn a_stranger_costs_as_much_as_a_user() {
    let step = Middleware::BasicAuth(auth());
    let ask = |credentials: &str| {
        let mut head = with(credentials, "");
        let flow = step.on_request(&mut head, &PLAIN, &mut Slot::default());
        let Flow::Verify(asked) = flow else {
            panic!("{credentials} is not verified");
        };
        asked
    };
    let (user, stranger) = (ask("me:wrong"), ask("you:wrong"));
    // The same password is hashed against, and the answer counts for the user alone.
    assert!(Arc::ptr_eq(&user.password, &stranger.password));
    assert!(user.known && !stranger.known);
}
