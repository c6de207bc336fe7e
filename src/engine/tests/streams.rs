use std::io::{ErrorKind, Read, Write};
use std::time::Duration;

use super::super::{Either, Listener, Room, TcpStream, both, first, now, sleep, spawn, yield_now};
use super::{any_port, connect, on_each, page, pair, pattern, read, soon};
use crate::base::{Page, Tick, limits};

#[test]
fn bytes_go_both_ways_and_the_end_is_an_empty_page() {
    on_each(|| async {
        let (near, far) = pair().await;
        assert_eq!(near.peer_addr(), far.local_addr());
        assert_eq!(near.local_addr(), far.peer_addr());
        near.send(page("ping"));
        assert_eq!(
            far.recv(Room::Head, soon()).await.unwrap().as_slice(),
            b"ping"
        );
        far.send(page("pong"));
        assert_eq!(
            near.recv(Room::Bulk, soon()).await.unwrap().as_slice(),
            b"pong"
        );
        drop(far);
        assert!(near.recv(Room::Head, soon()).await.unwrap().is_empty());
        assert!(near.recv(Room::Head, soon()).await.unwrap().is_empty());
    });
}

#[test]
fn a_receive_ends_at_its_deadline_and_the_next_one_works() {
    on_each(|| async {
        let (near, far) = pair().await;
        for span in [30, 5] {
            let by = now() + Duration::from_millis(span);
            let error = far.recv(Room::Head, by).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert!(now() >= by);
        }
        let error = far
            .readable(now() + Duration::from_millis(5))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        near.send(page("late"));
        assert_eq!(read(&far, 4).await, b"late");
    });
}

#[test]
fn a_deadline_may_move_nearer_and_further() {
    on_each(|| async {
        let (near, far) = pair().await;
        let far_off = far.recv(Room::Head, now() + Duration::from_secs(60));
        assert!(matches!(
            first(far_off, sleep(Duration::from_millis(2))).await,
            Either::Right(())
        ));
        let began = now();
        far.recv(Room::Head, now() + Duration::from_millis(20))
            .await
            .unwrap_err();
        assert!(now() - began < Duration::from_secs(5));
        let sender = async {
            sleep(Duration::from_millis(60)).await;
            near.send(page("x"));
        };
        // The timer of the nearer deadline fires under this receive, and finds it not due.
        let (received, ()) = both(far.recv(Room::Head, soon()), sender).await;
        assert_eq!(received.unwrap().as_slice(), b"x");
    });
}

#[test]
fn a_dropped_receive_loses_nothing() {
    on_each(|| async {
        let (near, far) = pair().await;
        for round in 0..200 {
            let text = format!("message {round}");
            let racing = async {
                if round % 3 == 0 {
                    yield_now().await;
                }
                near.send(page(&text));
                for _ in 0..round % 5 {
                    yield_now().await;
                }
            };
            let received = match first(far.recv(Room::Head, soon()), racing).await {
                Either::Left(page) => page.unwrap(),
                Either::Right(()) => far.recv(Room::Bulk, soon()).await.unwrap(),
            };
            assert_eq!(received.as_slice(), text.as_bytes());
        }
    });
}

#[test]
fn readable_takes_nothing() {
    on_each(|| async {
        let (near, far) = pair().await;
        assert!(far.is_quiet());
        near.send(page("abc"));
        far.readable(soon()).await.unwrap();
        far.readable(soon()).await.unwrap();
        assert!(!far.is_quiet());
        assert_eq!(
            far.recv(Room::Head, soon()).await.unwrap().as_slice(),
            b"abc"
        );
        assert!(far.is_quiet());
        near.shutdown_write();
        far.readable(soon()).await.unwrap();
        assert!(!far.is_quiet());
        assert!(far.recv(Room::Head, soon()).await.unwrap().is_empty());
    });
}

#[test]
fn an_idle_connection_that_ends_is_not_quiet() {
    on_each(|| async {
        let (near, far) = pair().await;
        near.send(page("q"));
        read(&far, 1).await;
        far.send(page("a"));
        read(&near, 1).await;
        assert!(near.is_quiet());
        drop(far);
        for _ in 0..1000 {
            if !near.is_quiet() {
                return;
            }
            sleep(Duration::from_millis(1)).await;
        }
        panic!("the end was never noticed");
    });
}

#[test]
fn half_a_close_leaves_the_other_direction() {
    on_each(|| async {
        let (near, far) = pair().await;
        near.send(page("last words"));
        near.shutdown_write();
        near.send(page("too late"));
        assert_eq!(read(&far, 100).await, b"last words");
        for _ in 0..3 {
            far.send(page("answer "));
            sleep(Duration::from_millis(2)).await;
        }
        far.shutdown_write();
        assert_eq!(read(&near, 100).await, b"answer answer answer ");
    });
}

#[test]
fn pages_queued_with_more_go_out_together_and_in_order() {
    on_each(|| async {
        let (near, far) = pair().await;
        let mut sent = Vec::new();
        for round in 0..50_usize {
            let bytes = pattern(round * 7 % 40);
            sent.extend_from_slice(&bytes);
            if round % 20 == 19 {
                near.send(Page::copy_of(&bytes));
            } else {
                near.send_more(Page::copy_of(&bytes));
            }
        }
        // The last ones have no `send` behind them: waiting for room starts them.
        near.drained(0, soon()).await.unwrap();
        assert_eq!(near.unsent(), 0);
        assert_eq!(read(&far, sent.len()).await, sent);
    });
}

#[test]
fn a_slow_reader_holds_its_writer_back() {
    on_each(|| async {
        let (near, far) = pair().await;
        let bytes = pattern(limits::PAGE_BULK_BYTES);
        let rounds = 200;
        let writer = async {
            for _ in 0..rounds {
                near.send(Page::copy_of(&bytes));
                near.drained(limits::UNSENT_BYTES_MAX, soon())
                    .await
                    .unwrap();
                assert!(near.unsent() <= limits::UNSENT_BYTES_MAX);
            }
            let stalled = near.drained(0, now() + Duration::from_millis(10)).await;
            near.shutdown_write();
            stalled
        };
        let reader = async {
            sleep(Duration::from_millis(50)).await;
            read(&far, usize::MAX).await
        };
        let (_stalled, received) = both(writer, reader).await;
        assert_eq!(received.len(), bytes.len() * rounds);
        assert!(received.chunks(bytes.len()).all(|chunk| chunk == bytes));
    });
}

#[test]
fn drained_times_out_while_nobody_reads() {
    on_each(|| async {
        let (near, _far) = pair().await;
        let bytes = pattern(limits::PAGE_BULK_BYTES);
        for _ in 0..200 {
            near.send(Page::copy_of(&bytes));
        }
        let error = near
            .drained(0, now() + Duration::from_millis(30))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(near.unsent() > 0);
        near.abort();
    });
}

#[test]
fn an_abort_is_a_reset() {
    on_each(|| async {
        let (near, far) = pair().await;
        near.abort();
        let error = far.recv(Room::Head, soon()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        let deadline = soon();
        // Sending into it fails, and says so to whoever waits for room, again and again.
        while far.drained(0, deadline).await.is_ok() {
            far.send(page("x"));
            yield_now().await;
        }
        assert!(far.drained(0, deadline).await.is_err());
        assert!(!far.is_quiet());
    });
}

#[test]
fn what_came_before_a_reset_is_still_received() {
    on_each(|| async {
        let (near, far) = pair().await;
        far.send(page("early answer"));
        near.readable(soon()).await.unwrap();
        far.abort();
        sleep(Duration::from_millis(5)).await;
        // The kernel reports the reset once, here to a send.
        near.send(page("body"));
        near.drained(0, soon()).await.unwrap_err();
        assert_eq!(
            near.recv(Room::Head, soon()).await.unwrap().as_slice(),
            b"early answer"
        );
        assert!(near.recv(Room::Head, soon()).await.is_err());
        assert!(near.recv(Room::Head, soon()).await.is_err());
        assert!(near.drained(0, soon()).await.is_err());
    });
}

#[test]
fn a_dropped_connection_still_sends_what_it_had() {
    on_each(|| async {
        let (near, far) = pair().await;
        let bytes = pattern(limits::PAGE_BULK_BYTES);
        for _ in 0..100 {
            near.send(Page::copy_of(&bytes));
        }
        assert!(near.unsent() > 0);
        drop(near);
        sleep(Duration::from_millis(5)).await;
        assert_eq!(read(&far, usize::MAX).await.len(), bytes.len() * 100);
    });
}

#[test]
fn a_gentle_close_lets_its_answer_be_read() {
    on_each(|| async {
        let (near, far) = pair().await;
        let refuse = async {
            let first_part = far.recv(Room::Head, soon()).await.unwrap();
            assert!(!first_part.is_empty());
            far.send(page("413"));
            far.close_gently(soon()).await;
        };
        let sender = async {
            for _ in 0..20 {
                near.send(Page::copy_of(&pattern(4000)));
                sleep(Duration::from_millis(1)).await;
            }
            let answer = near.recv(Room::Head, soon()).await.unwrap();
            assert_eq!(answer.as_slice(), b"413");
            assert!(near.recv(Room::Head, soon()).await.unwrap().is_empty());
            drop(near);
        };
        both(refuse, sender).await;
    });
}

#[test]
fn a_refused_and_an_unanswered_connect_say_so() {
    on_each(|| async {
        let nobody = any_port().local_addr();
        let error = TcpStream::connect(nobody, soon()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        // TEST-NET-1: nobody answers, or there is no way there.
        let nowhere = "192.0.2.1:81".parse().unwrap();
        let error = TcpStream::connect(nowhere, now() + Duration::from_millis(20)).await;
        assert!(error.is_err());
        let attempt = TcpStream::connect(nowhere, soon());
        let Either::Right(()) = first(attempt, sleep(Duration::from_millis(5))).await else {
            return;
        };
    });
}

#[test]
fn small_writes_are_not_held_back() {
    on_each(|| async {
        let (near, far) = pair().await;
        let began = now();
        for _ in 0..50 {
            // Two small segments and an answer: Nagle would hold the second back for 40 ms.
            near.send(page("a"));
            yield_now().await;
            near.send(page("b"));
            read(&far, 2).await;
            far.send(page("c"));
            read(&near, 1).await;
        }
        assert!(now() - began < Duration::from_millis(1000));
    });
}

#[test]
fn a_plain_client_is_served() {
    on_each(|| async {
        let listener = Listener::adopt(any_port()).unwrap();
        let address = listener.local_addr();
        let client = std::thread::spawn(move || {
            let mut client = std::net::TcpStream::connect(address).unwrap();
            client.write_all(b"hello").unwrap();
            client.shutdown(std::net::Shutdown::Write).unwrap();
            let mut text = String::new();
            client.read_to_string(&mut text).unwrap();
            text
        });
        let stream = listener.accept().await.unwrap();
        let hello = read(&stream, 100).await;
        stream.send(Page::copy_of(&hello));
        drop(stream);
        // A shard must not block: what is sent may leave with its next turn.
        while !client.is_finished() {
            sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(client.join().unwrap(), "hello");
    });
}

#[test]
fn a_thousand_connections_echo() {
    on_each(|| async {
        let listener = Listener::adopt(any_port()).unwrap();
        let address = listener.local_addr();
        spawn(async move {
            while let Ok(stream) = listener.accept().await {
                spawn(echo(stream));
            }
        });
        let mut streams = Vec::new();
        for _ in 0..1000 {
            streams.push(connect(address).await);
        }
        for round in 0..3 {
            for (number, stream) in streams.iter().enumerate() {
                stream.send(page(&format!("{round}:{number:06}")));
            }
            for (number, stream) in streams.iter().enumerate() {
                let expected = format!("{round}:{number:06}");
                assert_eq!(read(stream, 8).await, expected.as_bytes());
            }
        }
    });
}

async fn echo(stream: TcpStream) {
    loop {
        match stream.recv(Room::Head, Tick::NEVER).await {
            Ok(page) if !page.is_empty() => stream.send(page),
            Ok(_) | Err(_) => return,
        }
    }
}
