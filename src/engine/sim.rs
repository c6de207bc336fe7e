//! The same door over a simulated network and clock: for tests that must be quick, hostile, and
//! repeatable.

use std::cell::RefCell;
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;

use super::choice::DriverKind;
use super::driver::{Driver, Log, Sim};
use super::listener::BoundListener;
use super::remote::Seat;
use super::shard::{ShardOptions, run_on};

pub use super::driver::Faults;

/// Runs `root` as the root of a shard whose network and clock are simulated. The same seed,
/// faults and program do the same, event by event.
///
/// # Panics
/// When all tasks wait and nothing can ever happen, or on a thread that is a shard already.
pub fn run<F: Future>(seed: u64, faults: Faults, root: impl FnOnce() -> F) -> F::Output {
    run_logged(seed, faults, root).0
}

/// As [`run`]; also returns what happened in the network, one line per event.
///
/// # Panics
/// As [`run`].
pub fn run_logged<F: Future>(
    seed: u64,
    faults: Faults,
    root: impl FnOnce() -> F,
) -> (F::Output, String) {
    let log = Log::default();
    let driver = Driver::Sim(Box::new(Sim::new(seed, faults, Rc::clone(&log))));
    // The kind is not looked at: the driver is made already.
    let options = ShardOptions::new(DriverKind::Epoll);
    let output = Seat::take().and_then(|seat| run_on(driver, seat, options, root));
    let log = Rc::try_unwrap(log).map_or_else(|log| log.borrow().clone(), RefCell::into_inner);
    assert!(output.is_ok(), "seed {seed}: {:?}\n{log}", output.err());
    match output {
        Ok(output) => (output, log),
        Err(_) => unreachable!(),
    }
}

/// A listener of the simulated network, to be adopted inside [`run`]. Port zero becomes a free
/// one then: [`super::Listener::local_addr`] tells it.
pub const fn bind(address: SocketAddr) -> BoundListener {
    BoundListener {
        fd: None,
        local: address,
    }
}
