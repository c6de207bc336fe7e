//! rateLimit on a real Redis server.

use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use crate::harness::{Folder, Process, Router, Server, Site, free_address, wait_for};

struct Redis {
    process: Process,
    address: SocketAddr,
}

impl Redis {
    fn start(address: SocketAddr, options: &[&str]) -> Self {
        let folder = Folder::new();
        let mut command = Command::new("redis-server");
        command.args(["--bind", &address.ip().to_string()]);
        command.args(["--port", &address.port().to_string()]);
        command.args(["--save", "", "--appendonly", "no"]);
        command.args(options);
        let process = Process::start(command, folder);
        wait_for("redis to listen", || TcpStream::connect(address).ok());
        Self { process, address }
    }

    fn ask(&self, words: &[&str]) -> String {
        let output = Command::new("redis-cli")
            .args(["-h", &self.address.ip().to_string()])
            .args(["-p", &self.address.port().to_string()])
            .args(words)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn router(server: &Server, redis: SocketAddr, burst: u32, more: &str) -> Router {
    let lines = format!(
        "rateLimit:\n  average: 1\n  period: 1h\n  burst: {burst}\n  redis:\n    \
         endpoints: [\"{redis}\"]\n{more}"
    );
    Site::new()
        .service("s", &[server.address()])
        .router("r", "Path(`/r`)", "s", "middlewares: [m]")
        .router("q", "Path(`/q`)", "s", "middlewares: [m]")
        .middleware("m", &lines)
        .start()
}

#[test]
fn routers_share_what_redis_counts() {
    let (server, address) = (Server::ok(), free_address());
    let redis = Redis::start(address, &[]);
    let (one, two) = (
        router(&server, address, 4, ""),
        router(&server, address, 4, ""),
    );
    let asked = [(&one, "/r"), (&one, "/q"), (&two, "/r"), (&two, "/q")];
    for (router, path) in asked {
        assert_eq!(router.get(path).status, 200, "{path}");
    }
    for (router, path) in asked {
        let answer = router.get(path);
        assert_eq!(answer.status, 429, "{path}");
        let seconds: u32 = answer.header("Retry-After").unwrap().parse().unwrap();
        assert!((3500..=3600).contains(&seconds), "{seconds}");
        assert!(answer.header("X-Retry-In").is_some());
    }
    assert_eq!(redis.ask(&["keys", "*"]).trim(), "m@file:127.0.0.1");
    let kept: u64 = redis
        .ask(&["pttl", "m@file:127.0.0.1"])
        .trim()
        .parse()
        .unwrap();
    assert!(kept > 3_600_000 && kept <= 4 * 3_600_001, "{kept}");
    // Scripts that were flushed are loaded again.
    redis.ask(&["script", "flush"]);
    redis.ask(&["flushall"]);
    assert_eq!(one.get("/r").status, 200);
}

#[test]
fn without_redis_requests_fail_and_with_it_they_come_in_again() {
    let (server, address) = (Server::ok(), free_address());
    let router = router(&server, address, 100, "");
    let answer = router.get("/r");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (500, "Could not insert/update bucket\n")
    );
    let redis = Redis::start(address, &[]);
    wait_for("Redis to be found", || {
        (router.get("/r").status == 200).then_some(())
    });
    drop(redis);
    assert_eq!(router.get("/r").status, 500);
    let _redis = Redis::start(address, &[]);
    wait_for("Redis to be found again", || {
        (router.get("/r").status == 200).then_some(())
    });
}

#[test]
fn redis_knows_who_asks_and_where() {
    let (server, address) = (Server::ok(), free_address());
    let options = [
        "--requirepass",
        "master",
        "--user",
        "limiter",
        "on",
        ">secret",
        "~*",
        "+@all",
    ];
    let redis = Redis::start(address, &options);
    let table = [
        (
            "    username: limiter\n    password: secret\n    db: 3",
            200,
        ),
        ("    password: master", 200),
        ("    password: wrong", 500),
        ("    username: limiter\n    password: wrong", 500),
        ("    db: 3", 500),
        ("    password: master\n    db: 99", 500),
    ];
    for (more, status) in table {
        let router = router(&server, address, 100, more);
        assert_eq!(router.get("/r").status, status, "{more}");
    }
    let keys = redis.ask(&["-a", "master", "-n", "3", "--no-auth-warning", "keys", "*"]);
    assert_eq!(keys.trim(), "m@file:127.0.0.1");
    assert!(redis.process.id() > 0);
}
