//! Building the ring, and saying why it cannot be built.

use std::fmt;
use std::fs;
use std::io;

use io_uring::{IoUring, Probe, opcode};

/// Entries of the submission queue; a turn that needs more submits twice.
const SUBMISSIONS: u32 = 256;
/// Entries of the completion queue; more is kept by the kernel until there is room.
pub(super) const COMPLETIONS: u32 = 2048;

/// What was refused, and by what error.
pub(in crate::engine) struct Refusal {
    step: Step,
    error: io::Error,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Setup,
    Opcode(&'static str),
    Buffers,
    Bell,
    Trial,
}

impl Step {
    pub(super) fn refused(self, error: io::Error) -> Refusal {
        Refusal { step: self, error }
    }
}

/// With all that the driver relies on; nothing in between works (kernel 6.1 has it all).
pub(super) fn build() -> Result<IoUring, Refusal> {
    // Without the index array one read per submission is saved (6.6).
    let ring = attempt(true).or_else(|error| match error.raw_os_error() {
        Some(libc::EINVAL) => attempt(false),
        _ => Err(error),
    });
    let ring = ring.map_err(|error| Step::Setup.refused(error))?;
    let parameters = ring.params();
    let whole = parameters.is_feature_nodrop()
        && parameters.is_feature_submit_stable()
        && parameters.is_feature_ext_arg()
        && parameters.is_feature_fast_poll();
    if !whole {
        return Err(Step::Setup.refused(io::Error::from_raw_os_error(libc::EINVAL)));
    }
    know_opcodes(&ring)?;
    Ok(ring)
}

fn attempt(without_array: bool) -> io::Result<IoUring> {
    let mut builder = IoUring::builder();
    builder
        .setup_single_issuer()
        .setup_defer_taskrun()
        .setup_coop_taskrun()
        .setup_submit_all()
        .setup_cqsize(COMPLETIONS)
        .setup_clamp();
    if without_array {
        builder.setup_no_sqarray();
    }
    // A child that is forked sees no ring.
    builder.dontfork();
    builder.build(SUBMISSIONS)
}

fn know_opcodes(ring: &IoUring) -> Result<(), Refusal> {
    let mut probe = Probe::new();
    let asked = ring.submitter().register_probe(&mut probe);
    asked.map_err(|error| Step::Opcode("the list itself").refused(error))?;
    let needed = [
        (opcode::Recv::CODE, "RECV"),
        (opcode::Send::CODE, "SEND"),
        (opcode::SendMsg::CODE, "SENDMSG"),
        (opcode::Accept::CODE, "ACCEPT"),
        (opcode::Connect::CODE, "CONNECT"),
        (opcode::PollAdd::CODE, "POLL_ADD"),
        (opcode::AsyncCancel::CODE, "ASYNC_CANCEL"),
        (opcode::Close::CODE, "CLOSE"),
    ];
    match needed.iter().find(|(code, _)| !probe.is_supported(*code)) {
        None => Ok(()),
        Some((_, name)) => {
            let error = io::Error::from_raw_os_error(libc::EOPNOTSUPP);
            Err(Step::Opcode(name).refused(error))
        }
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.error.kind(), refusal.to_string())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.error.raw_os_error();
        let name = match code {
            Some(libc::EPERM) => "EPERM".to_owned(),
            Some(libc::EACCES) => "EACCES".to_owned(),
            Some(libc::ENOSYS) => "ENOSYS".to_owned(),
            Some(libc::EINVAL) => "EINVAL".to_owned(),
            Some(libc::ENOMEM) => "ENOMEM".to_owned(),
            Some(_) | None => self.error.to_string(),
        };
        let why = explain(self.step, code, disabled_by_sysctl());
        match self.step {
            Step::Setup => write!(out, "io_uring_setup: {name} ({why})"),
            Step::Opcode(opcode) => write!(out, "io_uring opcode {opcode}: {name} ({why})"),
            Step::Buffers => write!(out, "io_uring provided buffers: {name} ({why})"),
            Step::Bell | Step::Trial => write!(out, "io_uring trial: {name} ({why})"),
        }
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{self}")
    }
}

/// What most likely stands behind an error; `sysctl` is `kernel.io_uring_disabled`.
fn explain(step: Step, code: Option<i32>, sysctl: u8) -> &'static str {
    match (step, code) {
        (Step::Setup, Some(libc::EPERM)) if sysctl == 2 => "kernel.io_uring_disabled=2",
        (Step::Setup, Some(libc::EPERM)) if sysctl == 1 => {
            "kernel.io_uring_disabled=1 and not in kernel.io_uring_group"
        }
        (Step::Setup, Some(libc::EPERM | libc::EACCES)) => {
            "a seccomp or security policy forbids it, as container defaults do"
        }
        (_, Some(libc::ENOSYS)) => "not in this kernel, or hidden by a seccomp policy",
        (Step::Setup, Some(libc::EINVAL)) => "this kernel is older than 6.1",
        (_, Some(libc::ENOMEM)) => "RLIMIT_MEMLOCK or the memory cgroup is too small",
        (Step::Opcode(_), _) => "this kernel lacks it",
        (Step::Buffers, _) => "this kernel is older than 5.19",
        (_, Some(libc::EPERM | libc::EACCES)) => "forbidden by a policy",
        (Step::Setup | Step::Bell | Step::Trial, _) => "it was built, but does not work",
    }
}

fn disabled_by_sysctl() -> u8 {
    let text = fs::read_to_string("/proc/sys/kernel/io_uring_disabled");
    text.ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_own_reason() {
        let table = [
            (Step::Setup, libc::EPERM, 2, "kernel.io_uring_disabled=2"),
            (Step::Setup, libc::EPERM, 1, "kernel.io_uring_group"),
            (Step::Setup, libc::EPERM, 0, "seccomp"),
            (Step::Setup, libc::ENOSYS, 0, "not in this kernel"),
            (Step::Setup, libc::EINVAL, 0, "older than 6.1"),
            (Step::Setup, libc::ENOMEM, 0, "RLIMIT_MEMLOCK"),
            (Step::Opcode("SEND"), libc::EOPNOTSUPP, 0, "lacks it"),
            (Step::Buffers, libc::EINVAL, 0, "older than 5.19"),
            (Step::Trial, libc::EIO, 0, "does not work"),
        ];
        for (step, code, sysctl, expected) in table {
            let reason = explain(step, Some(code), sysctl);
            assert!(reason.contains(expected), "{reason}");
        }
    }
}
