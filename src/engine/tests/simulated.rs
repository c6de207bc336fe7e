use std::io;
use std::rc::Rc;
use std::time::Duration;

use super::super::sim::{self, Faults};
use super::super::{Listener, Room, TcpStream, both, mailbox, now, sleep, spawn, tasks};
use super::{page, pattern};
use crate::base::{Page, Tick};

fn listen() -> Listener {
    Listener::adopt(sim::bind("10.0.0.1:0".parse().unwrap())).unwrap()
}

/// Far enough that a slow network has had its say, and near enough that a lost one ends.
fn later() -> Tick {
    now() + Duration::from_secs(3600)
}

async fn serve_echo(listener: Rc<Listener>) {
    while let Ok(stream) = listener.accept().await {
        spawn(echo(stream));
    }
}

async fn echo(stream: TcpStream) {
    while let Ok(page) = stream.recv(Room::Head, later()).await {
        if page.is_empty() {
            return;
        }
        stream.send(page);
        if stream.drained(4096, later()).await.is_err() {
            return;
        }
    }
}

/// Sends `sent` and a FIN, and reads the echo to its end.
async fn converse(listener: &Listener, sent: &[u8]) -> io::Result<Vec<u8>> {
    let stream = TcpStream::connect(listener.local_addr(), later()).await?;
    let write = async {
        for chunk in sent.chunks(3000) {
            stream.send(Page::copy_of(chunk));
            stream.drained(10_000, later()).await?;
        }
        stream.shutdown_write();
        Ok::<(), io::Error>(())
    };
    let read = async {
        let mut received = Vec::new();
        loop {
            let page = stream.recv(Room::Bulk, later()).await?;
            if page.is_empty() {
                return Ok(received);
            }
            received.extend_from_slice(page.as_slice());
        }
    };
    let (written, received) = both(write, read).await;
    written.and(received)
}

/// Several conversations at a time with one listener; what came back, each.
async fn conversations(count: usize, sent: Vec<u8>) -> Vec<io::Result<Vec<u8>>> {
    let listener = Rc::new(listen());
    spawn(serve_echo(Rc::clone(&listener)));
    let (post, mail) = mailbox();
    for number in 0..count {
        let (listener, post) = (Rc::clone(&listener), post.clone());
        let sent = sent.clone();
        spawn(async move {
            sleep(Duration::from_millis(number as u64)).await;
            post.send(converse(&listener, &sent).await).unwrap();
        });
    }
    let mut results = Vec::new();
    for _ in 0..count {
        results.push(mail.recv().await.unwrap());
    }
    results
}

#[test]
fn the_same_seed_does_the_same_byte_for_byte() {
    let run = |seed| {
        sim::run_logged(seed, Faults::hostile(), || {
            conversations(8, pattern(20_000))
        })
    };
    for seed in 0..20 {
        let ((results, log), (again, log_again)) = (run(seed), run(seed));
        assert_eq!(log, log_again, "seed {seed}");
        let told = |results: Vec<io::Result<Vec<u8>>>| -> Vec<Result<Vec<u8>, io::ErrorKind>> {
            results
                .into_iter()
                .map(|result| result.map_err(|error| error.kind()))
                .collect()
        };
        assert_eq!(told(results), told(again), "seed {seed}");
    }
    assert_ne!(run(1).1, run(2).1);
}

#[test]
fn a_rough_network_loses_nothing() {
    let sent = pattern(30_000);
    for seed in 0..200 {
        let results = sim::run(seed, Faults::rough(), || conversations(4, sent.clone()));
        for result in results {
            assert!(result.unwrap() == sent, "seed {seed}");
        }
    }
}

#[test]
fn a_hostile_network_breaks_connections_and_nothing_else() {
    let sent = pattern(30_000);
    let (mut whole, mut broken) = (0, 0);
    for seed in 0..300 {
        let results = sim::run(seed, Faults::hostile(), || conversations(4, sent.clone()));
        for result in results {
            match result {
                Ok(received) => {
                    // A reset never looks like an end: what ended well is whole, unless it was
                    // the echoing side that lost its client's bytes.
                    assert!(sent.starts_with(&received), "seed {seed}");
                    whole += 1;
                }
                Err(error) => {
                    let kinds = [
                        io::ErrorKind::ConnectionReset,
                        io::ErrorKind::ConnectionRefused,
                        io::ErrorKind::TimedOut,
                        io::ErrorKind::BrokenPipe,
                    ];
                    assert!(kinds.contains(&error.kind()), "seed {seed}: {error}");
                    broken += 1;
                }
            }
        }
    }
    assert!(whole > 50 && broken > 50, "{whole} {broken}");
}

#[test]
fn a_day_passes_in_no_time() {
    sim::run(0, Faults::none(), || async {
        let began = now();
        sleep(Duration::from_secs(86_400)).await;
        let slept = now() - began;
        assert!(slept >= Duration::from_secs(86_400));
        assert!(slept < Duration::from_secs(86_401));
    });
}

#[test]
fn a_deadline_passes_while_nothing_comes() {
    sim::run(0, Faults::none(), || async {
        let listener = listen();
        let near = TcpStream::connect(listener.local_addr(), later())
            .await
            .unwrap();
        let far = listener.accept().await.unwrap();
        assert_eq!(far.peer_addr(), near.local_addr());
        assert_eq!(near.peer_addr(), far.local_addr());
        let error = near
            .recv(Room::Head, now() + Duration::from_secs(60))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        near.send(page("x"));
        assert!(far.is_quiet());
        far.readable(later()).await.unwrap();
        assert!(!far.is_quiet());
        assert_eq!(
            far.recv(Room::Head, later()).await.unwrap().as_slice(),
            b"x"
        );
        near.abort();
        let error = far.recv(Room::Head, later()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
    });
}

#[test]
fn nobody_listens_and_nobody_answers() {
    sim::run(0, Faults::none(), || async {
        let nobody = "10.0.0.1:9".parse().unwrap();
        let error = TcpStream::connect(nobody, later()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    });
    let mut lossy = Faults::none();
    lossy.lost = 1000;
    sim::run(0, lossy, || async {
        let listener = listen();
        let by = now() + Duration::from_secs(5);
        let error = TcpStream::connect(listener.local_addr(), by)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(now() >= by);
    });
}

#[test]
fn a_full_window_holds_the_sender_back() {
    sim::run(0, Faults::rough(), || async {
        let listener = listen();
        let near = TcpStream::connect(listener.local_addr(), later())
            .await
            .unwrap();
        let far = listener.accept().await.unwrap();
        near.send(Page::copy_of(&pattern(100_000)));
        let error = near
            .drained(0, now() + Duration::from_secs(10))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(near.unsent() >= 100_000 - 8 * 1024);
        drop(near);
        // What it had is still sent, as long as its lingering lasts.
        let mut count = 0;
        while let Ok(page) = far.recv(Room::Bulk, later()).await {
            if page.is_empty() {
                break;
            }
            count += page.len();
        }
        assert!(count <= 100_000);
    });
}

#[test]
#[should_panic(expected = "nothing can ever happen")]
fn a_deadlock_is_told() {
    sim::run(0, Faults::none(), std::future::pending::<()>);
}

#[test]
fn a_real_listener_is_none_of_the_simulators() {
    sim::run(0, Faults::none(), || async {
        assert!(Listener::adopt(super::any_port()).is_err());
        assert_eq!(tasks(), 0);
        spawn(serve_echo(Rc::new(listen())));
    });
    super::on_each(|| async {
        assert!(Listener::adopt(sim::bind("10.0.0.1:80".parse().unwrap())).is_err());
    });
}
