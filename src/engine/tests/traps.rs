//! What others who built on io_uring and epoll fell into, as far as a shard can be led there.

use std::os::fd::AsRawFd;
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::super::{
    Choice, DriverKind, Listener, Post, Pulse, Room, ShardOptions, TcpStream, bind, mailbox, now,
    run, select, sleep, sleep_until, spawn,
};
use super::{connect, drivers, on_each, page, pair, read};
use crate::base::Tick;
use crate::engine::sys::socket::set_option;

/// Makes `io_uring_setup` fail on this thread, as the seccomp profile of a container does.
fn forbid_rings(code: i32) {
    let number = u32::try_from(libc::SYS_io_uring_setup).unwrap();
    let answer = libc::SECCOMP_RET_ERRNO | u32::try_from(code).unwrap();
    let step = |code: u32, jump: (u8, u8), k: u32| libc::sock_filter {
        code: u16::try_from(code).unwrap(),
        jt: jump.0,
        jf: jump.1,
        k,
    };
    let mut steps = [
        // The number of the call stands first in what a filter sees.
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, (0, 0), 0),
        step(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, (0, 1), number),
        step(libc::BPF_RET | libc::BPF_K, (0, 0), answer),
        step(libc::BPF_RET | libc::BPF_K, (0, 0), libc::SECCOMP_RET_ALLOW),
    ];
    let program = libc::sock_fprog {
        len: 4,
        filter: steps.as_mut_ptr(),
    };
    // SAFETY: it takes numbers only, and concerns this thread alone.
    let done = unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) };
    assert_eq!(done, 0);
    let mode = libc::c_ulong::from(libc::SECCOMP_MODE_FILTER);
    // SAFETY: the program and its steps live across the call, which copies them; without
    // SECCOMP_FILTER_FLAG_TSYNC it concerns this thread alone.
    let done = unsafe { libc::prctl(libc::PR_SET_SECCOMP, mode, &raw const program) };
    assert_eq!(done, 0);
}

#[test]
fn where_rings_are_forbidden_epoll_serves_and_says_why() {
    for (code, expected) in [
        (libc::EPERM, "io_uring_setup: EPERM"),
        (libc::ENOSYS, "io_uring_setup: ENOSYS"),
    ] {
        let body = move || {
            forbid_rings(code);
            let refused = select(Choice::Ring).unwrap_err().to_string();
            assert!(refused.starts_with(expected), "{refused}");
            let selected = select(Choice::Auto).unwrap();
            assert_eq!(selected.driver, DriverKind::Epoll);
            assert!(selected.reason.starts_with(expected), "{selected}");
            run(ShardOptions::new(selected.driver), || async {
                let (near, far) = pair().await;
                near.send(page("still served"));
                assert_eq!(read(&far, 12).await, b"still served");
            })
            .unwrap();
        };
        thread::spawn(body).join().unwrap();
    }
}

#[test]
fn each_thread_makes_its_own_driver() {
    for driver in drivers() {
        let converse = || async {
            let (near, far) = pair().await;
            for _ in 0..50 {
                near.send(page("turn"));
                assert_eq!(read(&far, 4).await, b"turn");
            }
        };
        let shard = move || run(ShardOptions::new(driver), converse);
        let shards = [(); 4].map(|()| thread::spawn(shard));
        for shard in shards {
            shard.join().unwrap().unwrap();
        }
    }
}

#[test]
fn a_child_inherits_neither_connections_nor_rings() {
    on_each(|| async {
        let (near, far) = pair().await;
        near.send(page("before"));
        assert_eq!(read(&far, 6).await, b"before");
        let listing = "for one in /proc/self/fd/*; do readlink \"$one\"; done";
        let listed = Command::new("sh").arg("-c").arg(listing).output().unwrap();
        let listed = String::from_utf8(listed.stdout).unwrap();
        for kind in ["io_uring", "eventpoll", "eventfd", "socket:"] {
            assert!(!listed.contains(kind), "{listed}");
        }
        near.send(page("after"));
        assert_eq!(read(&far, 5).await, b"after");
    });
}

#[test]
fn timers_that_are_far_away_do_not_turn_the_loop() {
    for driver in drivers() {
        let pulse = Arc::new(Pulse::new());
        let mut options = ShardOptions::new(driver);
        options.pulse = Some(Arc::clone(&pulse));
        let turns = run(options, || async {
            let (_near, far) = pair().await;
            for hours in 1..1000 {
                spawn(async move { sleep(Duration::from_secs(hours * 3600)).await });
            }
            spawn(async move { drop(far.recv(Room::Head, Tick::NEVER).await) });
            sleep(Duration::from_millis(20)).await;
            let before = pulse.turns();
            sleep_until(now() + Duration::from_millis(300)).await;
            pulse.turns() - before
        })
        .unwrap();
        assert!(
            turns < 20,
            "{turns} turns in 300 ms of which none was needed"
        );
    }
}

#[test]
fn a_descriptor_that_is_used_again_hears_nothing_of_its_forerunner() {
    on_each(|| async {
        let listener = Listener::adopt(super::any_port()).unwrap();
        for round in 0..300 {
            let near = connect(listener.local_addr()).await;
            let far = listener.accept().await.unwrap();
            near.send(page("for the one before"));
            // Asks for bytes and is gone before they are taken: the next pair finds its
            // descriptors, and perhaps its place, used again at once.
            let asked =
                super::super::first(far.recv(Room::Head, Tick::NEVER), super::super::yield_now());
            drop(asked.await);
            if round % 2 == 0 {
                far.abort();
            } else {
                drop(far);
            }
            drop(near);
            let near = connect(listener.local_addr()).await;
            let far = listener.accept().await.unwrap();
            near.send(page("own"));
            assert_eq!(read(&far, 3).await, b"own");
            assert!(far.is_quiet() && near.is_quiet());
        }
    });
}

#[test]
fn a_listener_that_defers_its_connections_is_served() {
    on_each(|| async {
        let bound = bind("127.0.0.1:0".parse().unwrap(), false).unwrap();
        let fd = bound.fd.as_ref().unwrap().as_raw_fd();
        set_option(fd, libc::IPPROTO_TCP, libc::TCP_DEFER_ACCEPT, 1).unwrap();
        set_option(fd, libc::IPPROTO_TCP, libc::TCP_FASTOPEN, 16).unwrap();
        let listener = Listener::adopt(bound).unwrap();
        for _ in 0..5 {
            let near = connect(listener.local_addr()).await;
            near.send(page("first"));
            let far = listener.accept().await.unwrap();
            assert_eq!(read(&far, 5).await, b"first");
        }
    });
}

#[test]
fn a_shard_that_ends_amid_its_work_leaves_nobody_who_writes() {
    for _ in 0..20 {
        on_each(|| async {
            let (post, mail) = mailbox();
            for _ in 0..20 {
                let (near, far) = pair().await;
                spawn(ask(near, post.clone()));
                spawn(babble(far));
            }
            for _ in 0..10 {
                mail.recv().await;
            }
        });
    }
}

async fn ask(stream: TcpStream, asked: Post<()>) {
    stream.send(page("to be received by nobody"));
    asked.send(()).unwrap();
    drop(stream.recv(Room::Bulk, Tick::NEVER).await);
}

async fn babble(stream: TcpStream) {
    while stream.recv(Room::Head, Tick::NEVER).await.is_ok() {
        stream.send(page("more"));
    }
}
