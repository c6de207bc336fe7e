//! Whole exchanges in the simulator: client, router and server on one seeded clock. The figure
//! holds the simulated network and both ends as well, so it is good for *before and after*.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ringway::base::{Page, Tick};
use ringway::board::Signals;
use ringway::compile::{self, Compiler};
use ringway::config::statics::Static;
use ringway::engine::sim::{self, Faults};
use ringway::engine::{self, Listener, Room, TcpStream};
use ringway::http::Shared;
use ringway::shard::{self, Birth};
use ringway::snapshot::Directive;
use ringway::telemetry::counters::Counters;

use crate::Subject;
use crate::compiling::{configuration_for, settings, setup};

/// Exchanges of one call, over one connection: setting the world up hardly counts.
const EXCHANGES: u32 = 2000;
const ROUTER: SocketAddr = address([10, 0, 0, 1], 80);
const SERVER: SocketAddr = address([10, 0, 1, 1], 9000);
const REQUEST: &[u8] = b"GET /small HTTP/1.1\r\nHost: shop.test\r\nUser-Agent: bench\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nServer: origin\r\nContent-Type: text/plain\r\n\
Content-Length: 5\r\n\r\nhello";

const fn address(octets: [u8; 4], port: u16) -> SocketAddr {
    let [a, b, c, d] = octets;
    SocketAddr::new(
        std::net::IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d)),
        port,
    )
}

pub(crate) fn subjects() -> Vec<Subject> {
    vec![Subject {
        name: "exchange/small",
        operations: 1,
        batch: EXCHANGES,
        prepare: exchanges,
    }]
}

fn exchanges() -> Box<dyn FnMut()> {
    let settings = settings();
    let configuration = Arc::new(configuration_for("PathPrefix(`/`)", &SERVER.to_string()));
    let inputs = BTreeMap::from([("file".to_owned(), configuration)]);
    Box::new(move || {
        let first = Compiler::new(setup()).compile(&inputs).snapshot;
        let shared = shared(&settings);
        sim::run(1, Faults::none(), move || async move {
            engine::spawn(serve());
            let (post, mailbox) = engine::mailbox();
            let listeners = vec![(0, sim::bind(ROUTER))];
            engine::spawn(async move {
                ask().await;
                assert!(post.send(Directive::Drain).is_ok());
                // A shard whose control thread is gone would not drain but end.
                engine::sleep(Duration::from_secs(60)).await;
                drop(post);
            });
            let birth = Birth {
                number: 0,
                listeners,
                mailbox,
                shared,
                first,
            };
            assert!(shard::live(birth).await.is_ok());
        });
    })
}

fn shared(settings: &Static) -> Shared {
    let (_, mut counters) = Counters::new(1);
    Shared {
        entry_points: compile::entry_points(settings, "bench").into(),
        signals: Arc::new(Signals::default()),
        courier: Arc::new(|_| false),
        home: Arc::new(drop),
        access: None,
        counters: counters.remove(0),
    }
}

/// Answers each page with one answer: no request of this client comes in pieces.
async fn serve() {
    let listener = Listener::adopt(sim::bind(SERVER)).expect("nobody listens there yet");
    while let Ok(stream) = listener.accept().await {
        engine::spawn(async move {
            while let Ok(page) = stream.recv(Room::Head, Tick::NEVER).await {
                if page.is_empty() {
                    break;
                }
                stream.send(Page::copy_of(ANSWER));
            }
        });
    }
}

async fn ask() {
    let stream = TcpStream::connect(ROUTER, Tick::NEVER)
        .await
        .expect("the router listens");
    for _ in 0..EXCHANGES {
        stream.send(Page::copy_of(REQUEST));
        let mut seen = 0;
        let mut ended = false;
        while !ended {
            let page = stream
                .recv(Room::Head, Tick::NEVER)
                .await
                .expect("the network is kind");
            seen += page.len();
            ended = page.is_empty() || page.as_slice().ends_with(b"hello");
        }
        assert!(seen > ANSWER.len() / 2, "an answer came");
    }
}
