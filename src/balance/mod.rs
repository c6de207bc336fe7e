//! Healthy servers -> one of them. Numbers in, a number out.
//!
//! Never here: a connection; a name; a clock.

mod cost;
mod percent;
mod rendezvous;
mod schedule;
mod sticky;

pub use cost::{AnswerTimes, least, two_choices};
pub use percent::{is_admitted, is_mirrored, ramp};
pub use rendezvous::Rendezvous;
pub use schedule::{Schedule, ScheduleFault};
pub use sticky::{Cookie, Found, SameSite, cookie_name};

/// A well-mixed number of another one (the finalizer of splitmix64).
const fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}
