//! What is measured: each [`Subject`] prepares its world once and then does one operation a call (or `batch` of them).
//!
//! The same subjects are counted in instructions (`bench/run`) and timed (`cargo bench`), so the
//! two can be read side by side.

mod chain;
mod compiling;
mod exchange;
mod rules;
mod wire;

/// One operation worth a figure.
pub struct Subject {
    /// `room/operation`, as given to `bench/run`.
    pub name: &'static str,
    /// Calls that `bench/run` counts; few where one alone takes long.
    pub operations: u32,
    /// Operations that one call does.
    pub batch: u32,
    /// Builds what the operation works on; not part of the measurement.
    pub prepare: fn() -> Box<dyn FnMut()>,
}

impl Subject {
    /// Too much for an unoptimised build.
    #[must_use]
    pub fn is_large(&self) -> bool {
        self.name.ends_with("-100k")
    }
}

/// All of them, in the order of a request's way through the house.
#[must_use]
pub fn subjects() -> Vec<Subject> {
    let rooms = [
        wire::subjects(),
        rules::subjects(),
        chain::subjects(),
        compiling::subjects(),
        exchange::subjects(),
    ];
    rooms.into_iter().flatten().collect()
}
