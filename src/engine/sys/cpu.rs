//! Which CPUs this thread may run on.

use std::io;

use super::check;

/// The CPUs of this thread's affinity mask, ascending.
pub(in crate::engine) fn affinity() -> io::Result<Vec<usize>> {
    // SAFETY: a CPU set is an array of integers, for which zero is a value.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    let (pointer, length) = (&raw mut set, size_of::<libc::cpu_set_t>());
    // SAFETY: `set` is `length` bytes of room and lives across the call; 0 is this thread.
    check(unsafe { libc::sched_getaffinity(0, length, pointer) })?;
    let all = 0..usize::try_from(libc::CPU_SETSIZE).unwrap_or(0);
    // SAFETY: the macro reads one bit of `set`, and `cpu` is below CPU_SETSIZE.
    Ok(all
        .filter(|cpu| unsafe { libc::CPU_ISSET(*cpu, &set) })
        .collect())
}

/// Binds this thread to one CPU.
pub(in crate::engine) fn pin(cpu: usize) -> io::Result<()> {
    if cpu >= usize::try_from(libc::CPU_SETSIZE).unwrap_or(0) {
        return Err(io::Error::from_raw_os_error(libc::EINVAL));
    }
    // SAFETY: a CPU set is an array of integers, for which zero is a value.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the macro sets one bit of `set`, and `cpu` is below CPU_SETSIZE.
    unsafe { libc::CPU_SET(cpu, &mut set) };
    let (pointer, length) = (&raw const set, size_of::<libc::cpu_set_t>());
    // SAFETY: `set` is `length` bytes and lives across the call; 0 is this thread.
    check(unsafe { libc::sched_setaffinity(0, length, pointer) }).map(drop)
}
