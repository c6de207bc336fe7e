//! The whole data path in a simulated network: clients, router, servers and reloads on one
//! seeded clock. A seed that fails fails again, byte for byte.
//!
//! `RINGWAY_SIM_SEEDS` says how many seeds each test tries; `RINGWAY_SIM_SEED` picks one.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use ringway::base::{Page, Tick};
use ringway::board::Signals;
use ringway::compile::{self, Compiler, Inputs, Setup, Timeouts};
use ringway::config::dynamic::{Configuration, LoadBalancer, Router, Server, Service};
use ringway::config::statics;
use ringway::engine::sim::{self, Faults};
use ringway::engine::{self, Listener, Mailbox, Post, Room, TcpStream};
use ringway::http::Shared;
use ringway::provider::file;
use ringway::rule::Syntax;
use ringway::shard::{self, Birth};
use ringway::snapshot::{Directive, Snapshot};
use ringway::telemetry::counters::{Counter, Counters};

const ROUTER: &str = "10.0.0.1:80";
const SERVERS: [&str; 2] = ["10.0.1.1:80", "10.0.1.2:80"];
const CLIENTS: usize = 4;
const REQUESTS: usize = 5;

/// Small numbers from a seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn one_in(&mut self, chance: u64) -> bool {
        self.below(chance) == 0
    }
}

/// What one run came to.
#[derive(Default)]
struct Tally {
    right: Cell<usize>,
    refused: Cell<usize>,
    cut: Cell<usize>,
    wrong: RefCell<Vec<String>>,
}

#[test]
fn a_network_that_keeps_its_promises_loses_nothing() {
    for_each_seed(0, |seed| {
        let tally = world(seed, Faults::rough());
        assert_eq!(
            tally.wrong.borrow().as_slice(),
            [] as [String; 0],
            "seed {seed}"
        );
        assert_eq!(
            tally.right.get(),
            CLIENTS * REQUESTS,
            "seed {seed}: all are answered"
        );
    });
}

#[test]
fn a_hostile_network_never_makes_the_router_lie() {
    for_each_seed(1, |seed| {
        let tally = world(seed, Faults::hostile());
        assert_eq!(
            tally.wrong.borrow().as_slice(),
            [] as [String; 0],
            "seed {seed}"
        );
        let all = tally.right.get() + tally.refused.get() + tally.cut.get();
        assert_eq!(all, CLIENTS * REQUESTS, "seed {seed}: all have an end");
    });
}

/// Each test has seeds of its own: `stripe` is 0 or 1.
fn for_each_seed(stripe: u64, test: impl Fn(u64)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    if let Some(seed) = number("RINGWAY_SIM_SEED") {
        return test(seed);
    }
    let seeds: u64 = number("RINGWAY_SIM_SEEDS").unwrap_or(500);
    for seed in 1..=seeds {
        test((seed * 2 + stripe).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    }
}

/// Runs clients, router and servers until every request has an end.
fn world(seed: u64, faults: Faults) -> Rc<Tally> {
    let tally = Rc::new(Tally::default());
    let told = Rc::clone(&tally);
    sim::run(seed, faults, move || async move {
        for (number, address) in SERVERS.iter().enumerate() {
            serve(address.parse().unwrap(), seed ^ (number as u64 + 7));
        }
        let (post, mailbox) = engine::mailbox();
        let mut compiler = Compiler::new(setup());
        let first = compiler.compile(&inputs(2)).snapshot;
        let birth = birth(mailbox, shared(), first);
        let running = Rc::new(Cell::new(CLIENTS));
        for number in 0..CLIENTS {
            let (tally, running) = (Rc::clone(&told), Rc::clone(&running));
            let dice = Dice(seed.wrapping_add(number as u64 * 977) | 1);
            engine::spawn(async move {
                client(number, dice, &tally).await;
                running.set(running.get() - 1);
            });
        }
        engine::spawn(reloads(compiler, post, running));
        shard::live(birth).await.unwrap();
    });
    tally
}

fn birth(mailbox: Mailbox<Directive>, shared: Shared, first: Arc<Snapshot>) -> Birth {
    let listener = sim::bind(ROUTER.parse().unwrap());
    Birth {
        number: 0,
        listeners: vec![(0, listener)],
        mailbox,
        shared,
        first,
    }
}

/// Publishes one configuration after the other while clients run, then drains.
async fn reloads(mut compiler: Compiler, post: Post<Directive>, running: Rc<Cell<usize>>) {
    let mut turn = 0;
    while running.get() > 0 {
        engine::sleep(Duration::from_millis(7)).await;
        turn += 1;
        if turn < 40 {
            let snapshot = compiler.compile(&inputs(1 + turn % 2)).snapshot;
            assert!(post.send(Directive::Adopt(snapshot)).is_ok());
        }
    }
    assert!(post.send(Directive::Drain).is_ok());
    engine::sleep(Duration::from_secs(10)).await;
    // Whoever still hangs on is cut off; the shard has ended long before in a fair network.
    drop(post.send(Directive::End));
}

fn setup() -> Setup {
    Setup {
        entry_points: compile::defaults(&settings()),
        shards: 1,
        timeouts: Timeouts {
            dial: Duration::from_secs(5),
            response_header: Duration::from_secs(20),
            ..Timeouts::default()
        },
        syntax: Syntax::V3,
        precedence: vec!["file".to_owned()],
        terminating_status: 503,
    }
}

fn settings() -> statics::Static {
    let text = "entryPoints: {web: {address: ':80'}}\n";
    statics::load_text(Path::new("sim.yml"), text)
        .unwrap()
        .config
}

fn shared() -> Shared {
    let (_, mut counters) = Counters::new(1);
    Shared {
        entry_points: compile::entry_points(&settings(), "sim").into(),
        signals: Arc::new(Signals::default()),
        courier: Arc::new(|_| false),
        home: Arc::new(drop),
        access: None,
        counters: counters.remove(0),
    }
}

/// One router for everything, with so many of the servers behind it.
fn inputs(servers: usize) -> Inputs {
    let server = |address: &&str| Server {
        url: format!("http://{address}"),
        ..Server::default()
    };
    let balancer = LoadBalancer {
        servers: SERVERS.iter().take(servers).map(server).collect(),
        ..LoadBalancer::default()
    };
    let service = Service {
        load_balancer: Some(Box::new(balancer)),
        ..Service::default()
    };
    let router = Router {
        rule: "PathPrefix(`/`)".to_owned(),
        service: "all".to_owned(),
        ..Router::default()
    };
    let mut configuration = Configuration::default();
    configuration
        .http
        .services
        .insert("all".to_owned(), Arc::new(service));
    configuration
        .http
        .routers
        .insert("all".to_owned(), Arc::new(router));
    BTreeMap::from([("file".to_owned(), Arc::new(configuration))])
}

// ---- servers ----

/// Answers each request with its own path and the length of its body.
fn serve(address: SocketAddr, seed: u64) {
    engine::spawn(async move {
        let listener = Listener::adopt(sim::bind(address)).unwrap();
        let mut number = seed;
        while let Ok(stream) = listener.accept().await {
            number = number.wrapping_add(0x1234_5677) | 1;
            engine::spawn(serve_connection(stream, Dice(number)));
        }
    });
}

async fn serve_connection(stream: TcpStream, mut dice: Dice) {
    let mut bytes = Vec::new();
    loop {
        let Some((head, body)) = read_message(&stream, &mut bytes).await else {
            return;
        };
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let size = usize::try_from(dice.below(3) * 5000).unwrap();
        let text = answer(&path, body.len(), size);
        let last = dice.one_in(5);
        let close = if last { "Connection: close\r\n" } else { "" };
        let answer = match dice.below(3) {
            0 => format!(
                "HTTP/1.1 200 OK\r\n{close}Content-Length: {}\r\n\r\n{text}",
                text.len()
            ),
            1 => {
                let (one, two) = text.split_at(text.len() / 2);
                let chunks = format!(
                    "{:x}\r\n{one}\r\n{:x}\r\n{two}\r\n0\r\n\r\n",
                    one.len(),
                    two.len()
                );
                format!("HTTP/1.1 200 OK\r\n{close}Transfer-Encoding: chunked\r\n\r\n{chunks}")
            }
            _ if last => format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{text}"),
            _ => format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{text}",
                text.len()
            ),
        };
        stream.send(Page::copy_of(answer.as_bytes()));
        if last {
            let by = engine::now() + Duration::from_secs(5);
            return stream.close_gently(by).await;
        }
    }
}

fn answer(path: &str, body: usize, padding: usize) -> String {
    format!("{path} {body} {}.", "x".repeat(padding))
}

// ---- clients ----

async fn client(number: usize, mut dice: Dice, tally: &Tally) {
    let mut connection = None;
    for request in 0..REQUESTS {
        let path = format!("/c{number}/r{request}");
        let body = if dice.one_in(3) {
            usize::try_from(dice.below(9000)).unwrap()
        } else {
            0
        };
        engine::sleep(Duration::from_millis(dice.below(12))).await;
        let by = engine::now() + Duration::from_secs(60);
        let (stream, mut bytes) = match connection.take() {
            Some(open) => open,
            None => match TcpStream::connect(ROUTER.parse().unwrap(), by).await {
                Ok(stream) => (stream, Vec::new()),
                Err(_) => {
                    tally.cut.set(tally.cut.get() + 1);
                    continue;
                }
            },
        };
        ask(&stream, &path, body);
        match read_message(&stream, &mut bytes).await {
            Some((head, text)) => {
                judge(tally, &path, body, &head, &text);
                if !head.contains("Connection: close") {
                    connection = Some((stream, bytes));
                }
            }
            None => tally.cut.set(tally.cut.get() + 1),
        }
    }
}

fn ask(stream: &TcpStream, path: &str, body: usize) {
    let head = if body == 0 {
        format!("GET {path} HTTP/1.1\r\nHost: sim\r\n\r\n")
    } else {
        format!("POST {path} HTTP/1.1\r\nHost: sim\r\nContent-Length: {body}\r\n\r\n")
    };
    let mut page = Page::copy_of(head.as_bytes());
    page.append(&vec![b'b'; body]);
    stream.send(page);
}

fn judge(tally: &Tally, path: &str, body: usize, head: &str, text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    if head.starts_with("HTTP/1.1 200") {
        if text.starts_with(&format!("{path} {body} ")) && text.ends_with('.') {
            tally.right.set(tally.right.get() + 1);
        } else {
            tally
                .wrong
                .borrow_mut()
                .push(format!("{path}: {head} {text:.60}"));
        }
    } else if head.starts_with("HTTP/1.1 50") {
        tally.refused.set(tally.refused.get() + 1);
    } else {
        tally.wrong.borrow_mut().push(format!("{path}: {head}"));
    }
}

// ---- a plain reader of messages, for both sides ----

/// Head and whole body of the next message; none when the stream ends or breaks before.
async fn read_message(stream: &TcpStream, bytes: &mut Vec<u8>) -> Option<(String, Vec<u8>)> {
    let end = loop {
        if let Some(place) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break place + 4;
        }
        more(stream, bytes).await?;
    };
    let head = String::from_utf8(bytes.drain(..end).collect()).unwrap();
    let length = field(&head, "Content-Length: ").map(|text| text.parse::<usize>().unwrap());
    if let Some(length) = length {
        while bytes.len() < length {
            more(stream, bytes).await?;
        }
        return Some((head, bytes.drain(..length).collect()));
    }
    if field(&head, "Transfer-Encoding: ").is_some() {
        let body = read_chunks(stream, bytes).await?;
        return Some((head, body));
    }
    Some((head, Vec::new()))
}

async fn read_chunks(stream: &TcpStream, bytes: &mut Vec<u8>) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let line = loop {
            if let Some(place) = bytes.windows(2).position(|two| two == b"\r\n") {
                break place;
            }
            more(stream, bytes).await?;
        };
        let size = String::from_utf8(bytes.drain(..line + 2).collect()).unwrap();
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        while bytes.len() < size + 2 {
            more(stream, bytes).await?;
        }
        body.extend(bytes.drain(..size));
        bytes.drain(..2);
        if size == 0 {
            return Some(body);
        }
    }
}

async fn more(stream: &TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let by = engine::now() + Duration::from_secs(60);
    let page = stream
        .recv(Room::Head, by)
        .await
        .ok()
        .filter(|page| !page.is_empty())?;
    bytes.extend_from_slice(page.as_slice());
    Some(())
}

fn field<'head>(head: &'head str, name: &str) -> Option<&'head str> {
    let line = head.lines().find(|line| {
        line.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    })?;
    line.get(name.len()..)
}

/// One path behind a password, all others open.
const SECRET: &str = "
http:
  routers:
    secret: {rule: 'Path(`/secret`)', priority: 100, service: s, middlewares: [auth]}
    open: {rule: 'PathPrefix(`/`)', service: s}
  services:
    s: {loadBalancer: {servers: [{url: 'http://10.0.1.1:80'}]}}
  middlewares:
    auth: {basicAuth: {users: ['me:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=']}}
";

#[test]
fn a_panic_is_500_and_ends_one_connection_alone() {
    let (counters, mut own) = Counters::new(1);
    let before = engine::panics();
    let counting = own.remove(0);
    sim::run(11, Faults::none(), move || async move {
        serve(SERVERS[0].parse().unwrap(), 3);
        let (post, mailbox) = engine::mailbox();
        let loaded = file::load_text(Path::new("secret.yml"), SECRET).unwrap();
        let inputs = BTreeMap::from([("file".to_owned(), Arc::new(loaded.configuration))]);
        let first = Compiler::new(setup()).compile(&inputs).snapshot;
        let shared = Shared {
            // Whoever wants a password checked meets a mistake of ours.
            courier: Arc::new(|_| panic!("on purpose")),
            counters: counting,
            ..shared()
        };
        engine::spawn(meet_a_panic(post));
        shard::live(birth(mailbox, shared, first)).await.unwrap();
    });
    assert_eq!(counters.total(Counter::Panics), 1);
    assert!(engine::panics() > before);
}

async fn meet_a_panic(post: Post<Directive>) {
    let by = engine::now() + Duration::from_secs(60);
    let connect = || async {
        TcpStream::connect(ROUTER.parse().unwrap(), by)
            .await
            .unwrap()
    };
    let (neighbour, mut heard) = (connect().await, Vec::new());
    ask(&neighbour, "/before", 0);
    let (head, _) = read_message(&neighbour, &mut heard).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let (victim, mut bytes) = (connect().await, Vec::new());
    let request = "GET /secret HTTP/1.1\r\nHost: sim\r\nAuthorization: Basic bWU6bm8=\r\n\r\n";
    victim.send(Page::copy_of(request.as_bytes()));
    let (head, body) = read_message(&victim, &mut bytes).await.unwrap();
    assert!(
        head.starts_with("HTTP/1.1 500 Internal Server Error\r\n"),
        "{head}"
    );
    assert!(head.contains("Connection: close\r\n"), "{head}");
    assert_eq!(body, b"Internal Server Error");
    assert!(more(&victim, &mut bytes).await.is_none(), "it ends");
    ask(&neighbour, "/after", 0);
    let (head, _) = read_message(&neighbour, &mut heard).await.unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(post.send(Directive::Drain).is_ok());
}

#[test]
fn a_tick_is_what_the_simulator_says() {
    let passed = sim::run(1, Faults::none(), || async {
        let before = engine::now();
        engine::sleep(Duration::from_secs(3600)).await;
        engine::now().since(before)
    });
    assert!(passed >= Duration::from_secs(3600));
    assert!(Tick::ZERO < Tick::NEVER);
}
