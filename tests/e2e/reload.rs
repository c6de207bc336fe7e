//! A changed dynamic configuration costs no request, and a broken one changes nothing.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::harness::{Server, Site, Whoami, pause, wait_for};

fn naming(name: &str) -> Server {
    let length = name.len();
    Server::answering(format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{name}"
    ))
}

#[test]
fn a_change_serves_soon_and_on_open_connections() {
    let (one, two) = (naming("one"), naming("two"));
    let mut router = Site::to(one.address()).start();
    let mut client = router.connect();
    assert_eq!(client.get("/").text(), "one");
    router.change(|_| Site::to(two.address()));
    wait_for("the change to serve", || {
        (client.get("/").text() == "two").then_some(())
    });
}

#[test]
fn a_broken_file_changes_nothing_and_is_named() {
    let server = naming("one");
    let router = Site::to(server.address()).start();
    let broken = "http:\n  routers:\n    r:\n      rule: [1\n";
    router.folder().write("dynamic.yml", broken);
    wait_for("the fault to be named", || {
        let output = router.process().output();
        output.contains("dynamic.yml").then_some(())
    });
    assert_eq!(router.get("/").text(), "one");
}

#[test]
fn a_broken_object_disables_itself_alone() {
    let server = naming("one");
    let router = Site::to(server.address())
        .router("broken", "Host(`a`", "s", "")
        .router("missing", "Path(`/missing`)", "nobody", "")
        .router(
            "unserved",
            "Path(`/unserved`)",
            "s",
            "middlewares: [nothing]",
        )
        .start();
    assert_eq!(router.get("/").text(), "one");
}

#[test]
fn changes_under_load_cost_no_request() {
    let (one, two) = (naming("one"), naming("two"));
    let mut router = Site::to(one.address()).start();
    let web = router.web();
    let done = AtomicBool::new(false);
    let served = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut client = crate::harness::Client::connect(web);
                    let mut served = 0_u32;
                    while !done.load(Ordering::Relaxed) {
                        let answer = client.get("/");
                        assert_eq!(answer.status, 200, "{}", answer.head);
                        served += 1;
                    }
                    served
                })
            })
            .collect();
        for number in 0..12 {
            let server = if number % 2 == 0 { &two } else { &one };
            router.change(|_| Site::to(server.address()));
            pause(150);
        }
        done.store(true, Ordering::Relaxed);
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum::<u32>()
    });
    let asked = one.heard().into_iter().chain(two.heard());
    let requests = asked.filter(|heard| matches!(heard, crate::harness::Heard::Request(_)));
    assert_eq!(
        u32::try_from(requests.count()).unwrap(),
        served,
        "something was sent twice"
    );
}

#[test]
fn downloads_and_websockets_live_on_through_a_change() {
    let whoami = Whoami::start("one");
    let other = naming("two");
    let mut router = Site::to(whoami.address()).start();
    let mut download = router.connect();
    download.send("GET /data?size=30&unit=MB HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
    download.exactly(1000);
    let mut socket = router.connect();
    socket.send(
        "GET /echo HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    assert_eq!(socket.answer().status, 101);
    router.change(|_| Site::to(other.address()));
    wait_for("the change to serve", || {
        (router.get("/").text() == "two").then_some(())
    });
    pause(200);
    socket.send([0x81, 0x82, 0, 0, 0, 0, b'h', b'i']);
    assert_eq!(socket.exactly(4), [0x81, 2, b'h', b'i']);
    let (rest, _) = download.until_end();
    assert!(rest.len() + 1000 > 30 << 20, "{}", rest.len());
}
