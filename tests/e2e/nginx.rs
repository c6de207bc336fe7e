//! Against a real server: nginx, and a real client: curl.

use std::process::Command;

use crate::harness::{Nginx, Site};

fn curl(arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .arg("-sS")
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    text
}

#[test]
fn files_of_any_size_come_through_whole() {
    let nginx = Nginx::start("");
    let router = Site::to(nginx.address()).start();
    for size in [0, 1, 1000, 4096, 65_536, 1_000_000, 20_000_000] {
        let bytes: Vec<u8> = (0..size).map(|place: u32| place.to_le_bytes()[0]).collect();
        std::fs::write(nginx.files().join("file"), &bytes).unwrap();
        let mut client = router.connect();
        for _ in 0..2 {
            let answer = client.get("/file");
            assert_eq!(answer.status, 200);
            assert!(answer.body == bytes, "{size}");
        }
    }
}

#[test]
fn ranges_conditions_and_heads_are_nginxs_own() {
    let nginx = Nginx::start("");
    let router = Site::to(nginx.address()).start();
    std::fs::write(nginx.files().join("file"), "0123456789").unwrap();
    let mut client = router.connect();
    let answer = client.get("/file");
    let tag = answer.header("ETag").unwrap().to_owned();
    client.send("GET /file HTTP/1.1\r\nHost: test\r\nRange: bytes=2-4\r\n\r\n");
    let answer = client.answer();
    assert_eq!((answer.status, answer.text().as_str()), (206, "234"));
    client.send(format!(
        "GET /file HTTP/1.1\r\nHost: test\r\nIf-None-Match: {tag}\r\n\r\n"
    ));
    assert_eq!(client.answer().status, 304);
    client.send("HEAD /file HTTP/1.1\r\nHost: test\r\n\r\n");
    let answer = client.answer_to("HEAD");
    assert_eq!(
        (answer.status, answer.header("Content-Length")),
        (200, Some("10"))
    );
    assert_eq!(client.get("/missing").status, 404);
    assert_eq!(client.get("/file").text(), "0123456789");
}

#[test]
fn chunked_and_compressed_answers_come_through() {
    let nginx = Nginx::start("gzip on; gzip_types *; gzip_min_length 1;");
    let router = Site::to(nginx.address()).start();
    let text = "hello ".repeat(10_000);
    std::fs::write(nginx.files().join("file"), &text).unwrap();
    let url = format!("http://{}/file", router.web());
    let head = curl(&["-D-", "-o/dev/null", "-HAccept-Encoding: gzip", &url]);
    assert!(
        head.to_lowercase().contains("content-encoding: gzip"),
        "{head}"
    );
    assert!(
        head.to_lowercase().contains("transfer-encoding: chunked"),
        "{head}"
    );
    assert!(curl(&["--compressed", &url]) == text);
    assert!(curl(&["--compressed", "--http1.0", &url]) == text);
}

#[test]
fn nginx_closing_its_connections_costs_no_request() {
    let nginx = Nginx::start("keepalive_requests 2; keepalive_timeout 1s;");
    let router = Site::to(nginx.address()).start();
    std::fs::write(nginx.files().join("file"), "ok").unwrap();
    let mut client = router.connect();
    for number in 0..100 {
        assert_eq!(client.get("/file").text(), "ok", "{number}");
    }
}

#[test]
fn curl_uploads_with_expect_and_gets_its_echo() {
    let nginx = Nginx::start("");
    let router = Site::to(nginx.address()).start();
    let body = nginx.files().join("upload");
    std::fs::write(&body, vec![b'x'; 3_000_000]).unwrap();
    let url = format!("http://{}/upload", router.web());
    let data = format!("@{}", body.display());
    for more in [
        "-HExpect: 100-continue",
        "-HExpect:",
        "-HTransfer-Encoding: chunked",
    ] {
        let status = curl(&[
            "-o/dev/null",
            "-w%{http_code}",
            "--data-binary",
            &data,
            more,
            &url,
        ]);
        // nginx reads the body and serves no POST to a file.
        assert_eq!(status, "405", "{more}");
    }
}
