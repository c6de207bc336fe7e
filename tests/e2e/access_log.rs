//! Class: log injection; and what an operator reads in the access log.

use serde_json::Value;

use crate::harness::{Router, Server, Site, wait_for, with_lines};

fn start(server: &Server, options: &str) -> Router {
    Site::to(server.address())
        .top(&format!("accessLog:\n  filePath: access.log\n{options}"))
        .start()
}

/// The line that holds `mark`; requests of the harness are in the log as well.
fn line_with(router: &Router, mark: &str) -> String {
    wait_for("a line of the access log", || {
        let text = router.folder().read("access.log");
        let line = text.lines().find(|line| line.contains(mark))?;
        text.ends_with('\n').then(|| line.to_owned())
    })
}

#[test]
fn the_common_format_tells_what_traefiks_does() {
    let server = Server::ok();
    let router = start(&server, "");
    router.ask(with_lines(
        "User-Agent: me\r\nReferer: you\r\nContent-Length: 0",
        "",
    ));
    router.get("/marked?a=b");
    let line = line_with(&router, "/marked");
    let (start, rest) = line.split_once(" [").unwrap();
    let (_, rest) = rest.split_once("] ").unwrap();
    assert_eq!(start, "127.0.0.1 - -");
    let url = format!("http://{}", server.address());
    let wanted = "\"GET /marked?a=b HTTP/1.1\" 200 2 \"-\" \"-\" ";
    assert!(rest.starts_with(wanted), "{line}");
    assert!(rest.contains(&format!(" \"r@file\" \"{url}\" ")), "{line}");
    assert!(rest.ends_with("ms"), "{line}");
    let line = line_with(&router, "POST / ");
    assert!(line.contains(" 200 2 \"-\" \"-\" "), "{line}");
}

#[test]
fn the_json_format_tells_fields_and_kept_headers() {
    let server =
        Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Answer: yes\r\n\r\nok");
    let options = "  format: json\n  fields:\n    names:\n      ClientPort: drop\n    headers:\n      \
                   names:\n        User-Agent: keep\n        Authorization: redact\n        \
                   X-Answer: keep\n";
    let router = start(&server, options);
    let mut client = router.connect();
    client.send(
        "POST /marked?a=b HTTP/1.1\r\nHost: test:81\r\nUser-Agent: a \"b\"\r\n\
         Authorization: Basic secret\r\nContent-Length: 5\r\n\r\nhello",
    );
    assert_eq!(client.answer().status, 200);
    let line = line_with(&router, "/marked");
    assert!(!line.contains("secret"), "{line}");
    let value: Value = serde_json::from_str(&line).unwrap();
    let table: [(&str, Value); 18] = [
        ("ClientHost", "127.0.0.1".into()),
        ("DownstreamContentSize", 2.into()),
        ("DownstreamStatus", 200.into()),
        ("OriginContentSize", 2.into()),
        ("OriginStatus", 200.into()),
        ("RequestAddr", "test:81".into()),
        ("RequestContentSize", 5.into()),
        ("RequestHost", "test".into()),
        ("RequestMethod", "POST".into()),
        ("RequestPath", "/marked?a=b".into()),
        ("RequestPort", "81".into()),
        ("RequestProtocol", "HTTP/1.1".into()),
        ("RetryAttempts", 0.into()),
        ("RouterName", "r@file".into()),
        ("ServiceName", "s@file".into()),
        ("entryPointName", "web".into()),
        ("request_User-Agent", "a \"b\"".into()),
        ("request_Authorization", "REDACTED".into()),
    ];
    for (name, wanted) in table {
        assert_eq!(value[name], wanted, "{name} in {line}");
    }
    assert_eq!(value["origin_X-Answer"], "yes", "{line}");
    assert_eq!(value["downstream_X-Answer"], "yes", "{line}");
    assert_eq!(value.get("ClientPort"), None, "{line}");
    let (duration, origin) = (&value["Duration"], &value["OriginDuration"]);
    assert!(
        duration.as_u64() >= origin.as_u64() && origin.as_u64() > Some(0),
        "{line}"
    );
}

#[test]
fn no_request_forges_a_field_or_a_line() {
    let server = Server::ok();
    let headers = "  fields:\n    headers:\n      defaultMode: keep\n";
    for format in ["common", "genericCLF", "json"] {
        let router = start(&server, &format!("  format: {format}\n{headers}"));
        let agent = "x\" 200 1 \"forged\" \\\" \u{85}\u{202e}";
        router.ask(with_lines(
            &format!("User-Agent: {agent}\r\nReferer: \" \" \"\r\nContent-Length: 0"),
            "",
        ));
        router.get("/a%22%0a%0dforged\"'marked");
        router.get("/last");
        line_with(&router, "/last");
        let text = router.folder().read("access.log");
        let of_the_test = |line: &&str| !line.contains("/ringway-test-is-ready");
        for line in text.lines().filter(of_the_test) {
            assert!(!line.contains(char::is_control), "{format}: {line:?}");
            if format == "json" {
                let value: Value = serde_json::from_str(line).unwrap();
                assert_eq!(value["DownstreamStatus"], 200, "{line}");
            } else {
                let bare = line.replace("\\\\", "").replace("\\\"", "");
                let quotes = bare.matches('"').count();
                assert_eq!(quotes, if format == "common" { 10 } else { 6 }, "{line}");
            }
        }
    }
}

#[test]
fn no_log_tells_a_password() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .router("auth", "Path(`/auth`)", "s", "priority: 100\nmiddlewares: [auth]")
        .middleware(
            "auth",
            "basicAuth: {users: [\"me:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\"]}",
        )
        .top(
            "log: {level: TRACE, filePath: own.log}\naccessLog: {filePath: access.log, format: json}",
        )
        .start();
    // me:secret, and a word that is not it.
    for (word, path, status) in [
        ("bWU6c2VjcmV0", "/auth", 200),
        ("bWU6d3JvbmdseQ==", "/auth", 401),
        ("bWU6c2VjcmV0", "/marked", 200),
    ] {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: test\r\nAuthorization: Basic {word}\r\n\r\n");
        assert_eq!(router.ask(request).status, status);
    }
    line_with(&router, "/marked");
    for name in ["own.log", "access.log"] {
        let text = router.folder().read(name);
        for secret in ["bWU6", "secret", "wrongly", "5en6G6"] {
            assert!(!text.contains(secret), "{secret} in {name}: {text}");
        }
    }
}

#[test]
fn what_is_refused_is_told_too() {
    let server = Server::ok();
    let router = start(&server, "  format: json\n");
    let table = [
        ("GET /a b HTTP/1.1\r\nHost: test\r\n\r\n", 400),
        ("GET /nobody HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
    ];
    for (request, status) in table {
        assert_eq!(router.ask(request).status, status);
        let line = line_with(&router, &format!("\"DownstreamStatus\":{status},"));
        let value: Value = serde_json::from_str(&line).unwrap();
        // It took time although the loop's clock stood still meanwhile.
        assert!(value["Duration"].as_u64() > Some(0), "{line}");
    }
}

#[test]
fn a_filter_drops_what_does_not_match() {
    let server = Server::ok();
    let filters = "  filters:\n    statusCodes: [\"400-499\"]\n";
    let router = Site::new()
        .service("s", &[server.address()])
        .router("r", "Path(`/found`)", "s", "")
        .top(&format!("accessLog:\n  filePath: access.log\n{filters}"))
        .start();
    assert_eq!(router.get("/found").status, 200);
    assert_eq!(router.get("/missing").status, 404);
    line_with(&router, "/missing");
    assert!(!router.folder().read("access.log").contains("/found"));
}

#[test]
fn usr1_opens_the_logs_anew() {
    let server = Server::ok();
    let router = Site::to(server.address())
        .top("accessLog:\n  filePath: access.log\nlog:\n  level: DEBUG\n  filePath: own.log")
        .start();
    router.get("/before");
    line_with(&router, "/before");
    let folder = router.folder().path();
    for name in ["access.log", "own.log"] {
        std::fs::rename(folder.join(name), folder.join(format!("{name}.1"))).unwrap();
    }
    router.process().signal("USR1");
    wait_for("new log files", || {
        let exist = ["access.log", "own.log"].map(|name| folder.join(name).exists());
        (exist == [true, true]).then_some(())
    });
    router.get("/after");
    line_with(&router, "/after");
    let old = router.folder().read("access.log.1");
    assert!(old.contains("/before") && !old.contains("/after"), "{old}");
}

#[test]
fn the_log_is_whole_at_exit() {
    let server = Server::ok();
    let mut router = start(&server, "");
    let mut client = router.connect();
    for number in 0..500 {
        assert_eq!(client.get(&format!("/marked-{number}")).status, 200);
    }
    drop(client);
    assert!(router.stop().success());
    let text = router.folder().read("access.log");
    assert_eq!(text.matches("/marked-").count(), 500);
}
