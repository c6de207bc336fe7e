use std::time::Duration;

use super::super::{Either, Listener, Room, bind, first, sleep, spawn};
use super::{any_port, connect, on_each, page, read, soon};
use crate::base::limits;
use crate::engine::sys::socket::option;

#[test]
fn a_taken_address_is_refused_unless_it_is_shared() {
    let first = any_port();
    assert!(bind(first.local_addr(), false).is_err());
    let shared = bind("127.0.0.1:0".parse().unwrap(), true).unwrap();
    assert!(bind(shared.local_addr(), true).is_ok());
}

#[test]
fn an_accepted_connection_sends_without_delay() {
    on_each(|| async {
        let listener = Listener::adopt(any_port()).unwrap();
        let near = connect(listener.local_addr()).await;
        let far = listener.accept().await.unwrap();
        for stream in [&near, &far] {
            let fd = crate::engine::shard::within(|shard| {
                shard.io(|io| io.sockets.get(stream.key()).unwrap().fd)
            });
            assert_eq!(option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY).unwrap(), 1);
        }
    });
}

#[test]
fn what_is_queued_already_can_be_had_at_once() {
    on_each(|| async {
        let listener = Listener::adopt(any_port()).unwrap();
        assert!(listener.accept_ready().is_none());
        let near = [
            connect(listener.local_addr()).await,
            connect(listener.local_addr()).await,
        ];
        let far = [
            listener.accept_ready().unwrap(),
            listener.accept_ready().unwrap(),
        ];
        assert!(listener.accept_ready().is_none());
        near[1].send(page("x"));
        let second = far
            .iter()
            .find(|far| far.peer_addr() == near[1].local_addr())
            .unwrap();
        assert_eq!(read(second, 1).await, b"x");
    });
}

#[test]
fn a_dropped_accept_loses_no_connection() {
    on_each(|| async {
        let listener = Listener::adopt(any_port()).unwrap();
        let pause = sleep(Duration::from_millis(2));
        assert!(matches!(
            first(listener.accept(), pause).await,
            Either::Right(())
        ));
        let near = connect(listener.local_addr()).await;
        let far = listener.accept().await.unwrap();
        assert_eq!(far.peer_addr(), near.local_addr());
    });
}

#[test]
fn a_dropped_listener_refuses() {
    on_each(|| async {
        let listener = Listener::adopt(any_port()).unwrap();
        let address = listener.local_addr();
        let served = connect(address).await;
        let accepted = listener.accept().await.unwrap();
        drop(listener);
        // The ring lets go of it in its next turn.
        for _ in 0..1000 {
            if super::TcpStream::connect(address, soon()).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(1)).await;
        }
        assert!(super::TcpStream::connect(address, soon()).await.is_err());
        served.send(page("still"));
        assert_eq!(read(&accepted, 5).await, b"still");
    });
}

#[test]
fn one_turn_takes_a_bounded_number() {
    on_each(|| async {
        let listener = Listener::adopt(any_port()).unwrap();
        let many = limits::ACCEPTS_PER_TURN as usize * 2 + 5;
        let mut near = Vec::new();
        for _ in 0..many {
            near.push(connect(listener.local_addr()).await);
        }
        let mut far = Vec::new();
        for _ in 0..many {
            far.push(listener.accept().await.unwrap());
        }
        spawn(async move { far.iter().for_each(|far| far.send(page("hello"))) });
        for near in near {
            assert_eq!(
                near.recv(Room::Head, soon()).await.unwrap().as_slice(),
                b"hello"
            );
        }
    });
}
