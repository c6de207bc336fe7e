//! Passwords, as real clients send them, and what checking them costs others.

use std::process::Command;
use std::thread;

use crate::harness::{Server, Site, wait_for};

fn curl(arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["-s", "-o", "/dev/null", "-w", "%{http_code}"])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The password of `me` is `secret`, as `htdigest` writes it.
const DIGEST: &str = "digestAuth:\n  headerField: X-User\n  removeHeader: true\n  users:\n    \
                      - \"me:traefik:d7d3edbc8a1b4c8ca8a5a7d1d5c1ee2f\"";

#[test]
fn curl_proves_a_password_without_sending_it() {
    let server = Server::ok();
    let sum = md5("me:traefik:secret");
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "PathPrefix(`/`)", "s", "middlewares: [m]")
        .middleware(
            "m",
            &DIGEST.replace("d7d3edbc8a1b4c8ca8a5a7d1d5c1ee2f", &sum),
        )
        .start();
    let address = format!("http://{}/a/b?c=d", router.web());
    assert_eq!(curl(&[&address]), "401");
    assert_eq!(curl(&["--digest", "-u", "me:wrong", &address]), "401");
    assert_eq!(curl(&["--digest", "-u", "you:secret", &address]), "401");
    assert_eq!(
        curl(&["-u", "me:secret", &address]),
        "401",
        "Basic is not asked for"
    );
    assert_eq!(server.heard(), []);
    // Two requests on one connection: the second one counts on.
    let both = curl(&[
        "--digest",
        "-u",
        "me:secret",
        &address,
        "-o",
        "/dev/null",
        &address,
    ]);
    assert_eq!(both, "200200");
    let request = server.hears_request();
    assert!(request.contains("\r\nX-User: me\r\n"), "{request}");
    assert!(!request.contains("Authorization"), "{request}");
    let body = "12345";
    assert_eq!(
        curl(&["--digest", "-u", "me:secret", "-d", body, &address]),
        "200"
    );
}

fn md5(text: &str) -> String {
    let output = Command::new("sh")
        .arg("-c")
        .arg(format!("printf %s '{text}' | md5sum"))
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout)[..32].to_owned()
}

#[test]
fn digest_without_users_lets_nobody_in_and_basic_without_users_serves_nothing() {
    let server = Server::ok();
    let router = Site::new()
        .service("s", &[server.address()])
        .router("d", "Path(`/d`)", "s", "middlewares: [digest]")
        .router("b", "Path(`/b`)", "s", "middlewares: [basic]")
        .middleware("digest", "digestAuth:\n  users: []")
        .middleware("basic", "basicAuth:\n  users: []")
        .start();
    assert_eq!(router.get("/d").status, 401);
    assert_eq!(router.get("/b").status, 404);
}

/// While passwords are hashed slowly, others are answered: there are fewer hashes done than
/// answers given.
#[test]
fn slow_hashes_hold_up_nobody_else() {
    let server = Server::ok();
    // Cost 12: a fifth of a second each, and far more on a busy machine.
    let hash = "$2y$12$abcdefghijklmnopqrstuu5e1vXbDzVpmyYXxMnXv7QOyYMAqz4Bm";
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "Path(`/slow`)", "s", "middlewares: [m]")
        .router("f", "Path(`/fast`)", "s", "")
        .middleware("m", &format!("basicAuth:\n  users:\n    - \"me:{hash}\""))
        .start();
    let web = router.web();
    let slow = thread::spawn(move || {
        let askers = (0..6).map(|turn| {
            thread::spawn(move || {
                let url = format!("http://{web}/slow");
                curl(&["-u", &format!("me:wrong{turn}"), &url])
            })
        });
        let askers: Vec<_> = askers.collect();
        let statuses = askers.into_iter().map(|asker| asker.join().unwrap());
        statuses.collect::<Vec<_>>()
    });
    let mut answered = 0;
    wait_for("the slow ones to end", || {
        for _ in 0..10 {
            assert_eq!(router.get("/fast").status, 200);
            answered += 1;
        }
        slow.is_finished().then_some(())
    });
    assert_eq!(slow.join().unwrap(), ["401"; 6]);
    assert!(answered > 20, "{answered} in the meantime");
}
