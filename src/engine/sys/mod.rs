//! The system calls that the engine makes, as safe functions over descriptors.
//!
//! What is here: one function per call, errors as `io::Error`. Never here: state, policy, retries.

pub(super) mod address;
pub(super) mod cpu;
pub(super) mod event;
pub(super) mod socket;

use std::io;

use libc::{c_int, ssize_t};

/// `-1` becomes what `errno` says.
pub(super) fn check(result: c_int) -> io::Result<c_int> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(result)
    }
}

/// A byte count, or what `errno` says.
pub(super) fn count(result: ssize_t) -> io::Result<usize> {
    usize::try_from(result).map_err(|_| io::Error::last_os_error())
}

/// The `errno` behind an error; EIO for one that has none.
pub(super) fn code_of(error: &io::Error) -> i32 {
    error.raw_os_error().unwrap_or(libc::EIO)
}

/// Size of a C struct as the kernel wants it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "C structs here are under 1 KiB"
)]
pub(super) const fn size_of<T>() -> libc::socklen_t {
    std::mem::size_of::<T>() as libc::socklen_t
}
