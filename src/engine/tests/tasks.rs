use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use std::time::Duration;

use super::super::{
    DriverKind, Listener, Pulse, Returned, Room, ShardOptions, mailbox, now, panics, run, sleep,
    sleep_until, spawn, tasks, yield_now,
};
use super::{any_port, connect, drivers, on_each, page, pair, read, soon};
use crate::base::{Tick, clock, limits};

#[test]
fn a_panic_ends_one_task_alone() {
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    for driver in drivers() {
        let before = panics();
        let mut options = ShardOptions::new(driver);
        options.on_panic = Some(|text| {
            assert_eq!(text, "one of them");
            TOLD.fetch_add(1, Ordering::Relaxed);
        });
        run(options, || async {
            let (near, far) = pair().await;
            spawn(async move {
                let _owned = far;
                yield_now().await;
                panic!("one of them");
            });
            // What the task owned is closed.
            assert!(near.recv(Room::Head, soon()).await.unwrap().is_empty());
            assert_eq!(tasks(), 0);
        })
        .unwrap();
        assert!(panics() > before);
    }
    assert!(TOLD.load(Ordering::Relaxed) >= 1);
}

#[test]
fn a_panicking_root_takes_its_shard_along_and_the_thread_lives() {
    on_each(|| async {});
    for driver in drivers() {
        let result = std::panic::catch_unwind(|| {
            run(ShardOptions::new(driver), || async {
                let (_near, far) = pair().await;
                spawn(async move { drop(far.recv(Room::Head, Tick::NEVER).await) });
                yield_now().await;
                panic!("the root");
            })
        });
        assert!(result.is_err());
    }
    on_each(|| async {});
}

#[test]
fn a_shard_within_a_shard_is_refused() {
    on_each(|| async {
        assert!(run(ShardOptions::new(DriverKind::Epoll), || async {}).is_err());
    });
}

#[test]
fn a_connection_may_outlive_its_shard() {
    for driver in drivers() {
        let (near, far) = run(ShardOptions::new(driver), pair).unwrap();
        drop(near);
        run(ShardOptions::new(driver), || async move {
            let (a, b) = pair().await;
            assert!(far.recv(Room::Head, soon()).await.is_err());
            drop(far);
            a.send(page("untouched"));
            assert_eq!(read(&b, 9).await, b"untouched");
        })
        .unwrap();
    }
}

#[test]
fn sleepers_wake_in_order() {
    on_each(|| async {
        let order = Rc::new(RefCell::new(Vec::new()));
        for span in [30_u64, 10, 20, 0] {
            let order = Rc::clone(&order);
            spawn(async move {
                let at = now() + Duration::from_millis(span);
                sleep_until(at).await;
                assert!(now() >= at);
                order.borrow_mut().push(span);
            });
        }
        sleep(Duration::from_millis(60)).await;
        assert_eq!(*order.borrow(), [0, 10, 20, 30]);
    });
}

#[test]
fn time_stands_still_within_a_turn() {
    on_each(|| async {
        let began = now();
        let real = clock::now();
        while clock::now() - real < Duration::from_millis(2) {}
        assert_eq!(now(), began);
        sleep(Duration::from_millis(1)).await;
        assert!(now() > began);
    });
}

#[test]
fn yielding_lets_the_others_go_first() {
    on_each(|| async {
        let count = Rc::new(Cell::new(0));
        for _ in 0..10 {
            let count = Rc::clone(&count);
            spawn(async move { count.set(count.get() + 1) });
        }
        yield_now().await;
        assert_eq!(count.get(), 10);
    });
}

#[test]
fn a_busy_task_does_not_starve_the_sockets() {
    on_each(|| async {
        let (near, far) = pair().await;
        spawn(async {
            loop {
                yield_now().await;
            }
        });
        near.send(page("through"));
        assert_eq!(read(&far, 7).await, b"through");
        sleep(Duration::from_millis(3)).await;
    });
}

#[test]
fn a_flood_does_not_starve_a_neighbour() {
    on_each(|| async {
        let (flood, sink) = pair().await;
        let (near, far) = pair().await;
        spawn(async move {
            let bytes = vec![7; limits::PAGE_BULK_BYTES];
            loop {
                flood.send(crate::base::Page::copy_of(&bytes));
                if flood.drained(1 << 20, Tick::NEVER).await.is_err() {
                    return;
                }
            }
        });
        spawn(async move { while sink.recv(Room::Bulk, Tick::NEVER).await.is_ok() {} });
        for _ in 0..20 {
            near.send(page("?"));
            assert_eq!(read(&far, 1).await, b"?");
        }
    });
}

#[test]
fn mail_wakes_a_sleeping_shard() {
    on_each(|| async {
        let (post, mail) = mailbox::<u32>();
        let sender = thread::spawn(move || {
            for number in 0..200 {
                if number % 10 == 0 {
                    // Long enough that the shard falls asleep.
                    thread::park_timeout(Duration::from_millis(2));
                }
                post.send(number).unwrap();
            }
        });
        for number in 0..200 {
            assert_eq!(mail.recv().await, Some(number));
        }
        assert_eq!(mail.recv().await, None);
        sender.join().unwrap();
    });
}

#[test]
fn a_mailbox_is_bounded_and_says_when_it_is_gone() {
    let (post, mail) = mailbox();
    for number in 0..limits::MAILBOX_MAX {
        post.send(number).unwrap();
    }
    assert_eq!(post.send(7), Err(Returned::Full(7)));
    assert_eq!(mail.try_recv(), Some(0));
    drop(mail);
    assert_eq!(post.send(8), Err(Returned::Gone(8)));
}

#[test]
fn a_waker_may_be_woken_from_anywhere_at_any_time() {
    for driver in drivers() {
        let kept = run(ShardOptions::new(driver), || async {
            let mut kept = None;
            let mut polls = 0;
            std::future::poll_fn(|cx| {
                polls += 1;
                let waker = cx.waker().clone();
                kept = Some(waker.clone());
                thread::spawn(move || {
                    thread::park_timeout(Duration::from_millis(1));
                    waker.wake();
                });
                if polls < 5 {
                    Poll::Pending
                } else {
                    Poll::Ready(())
                }
            })
            .await;
            kept.unwrap()
        })
        .unwrap();
        // Its shard has ended; another may sit at the same desk.
        kept.wake_by_ref();
        on_each(|| async { sleep(Duration::from_millis(2)).await });
        thread::spawn(move || kept.wake()).join().unwrap();
    }
}

#[test]
fn a_pulse_shows_a_stalled_shard() {
    for driver in drivers() {
        let pulse = Arc::new(Pulse::new());
        let mut options = ShardOptions::new(driver);
        options.pulse = Some(Arc::clone(&pulse));
        run(options, || async {
            sleep(Duration::from_millis(1)).await;
            let real = clock::now();
            while clock::now() - real < Duration::from_millis(20) {}
            assert!(pulse.stalled_for(clock::now()) >= Duration::from_millis(20));
            sleep(Duration::from_millis(1)).await;
        })
        .unwrap();
        assert!(pulse.longest() >= Duration::from_millis(20));
        assert!(pulse.turns() >= 2);
    }
}

#[test]
fn tasks_that_are_left_are_dropped_with_what_they_own() {
    on_each(|| async {
        let listener = Listener::adopt(any_port()).unwrap();
        let kept = connect(listener.local_addr()).await;
        spawn(async move {
            let _kept = kept;
            std::future::pending::<()>().await;
        });
    });
}
