//! What is measured: each [`Subject`] prepares its world once and then does one operation a call.
//!
//! The same subjects are counted in instructions (`bench/run`) and timed (`cargo bench`), so the
//! two can be read side by side.

mod wire;

/// One operation worth a figure.
pub struct Subject {
    /// `room/operation`, as given to `bench/run`.
    pub name: &'static str,
    /// Operations that `bench/run` counts; few where one alone takes long.
    pub operations: u32,
    /// Builds what the operation works on; not part of the measurement.
    pub prepare: fn() -> Box<dyn FnMut()>,
}

/// All of them, in the order of a request's way through the house.
#[must_use]
pub fn subjects() -> Vec<Subject> {
    wire::subjects()
}
