//! The submission and the completion queue, and the one call that moves both.

use std::io;
use std::time::Duration;

use io_uring::{
    CompletionQueue, EnterFlags, IoUring, SubmissionQueue, Submitter, cqueue, squeue, types,
};

use super::setup::{self, Refusal};

/// One ring. It must be made and used on one thread (`SINGLE_ISSUER`).
pub(super) struct Queues {
    // The three borrow from `ring`; they are declared, and so dropped, before it.
    submitter: Submitter<'static>,
    submission: SubmissionQueue<'static>,
    completion: CompletionQueue<'static>,
    flags: EnterFlags,
    /// Only held, to be freed last.
    _ring: Owned,
}

/// The ring itself at a fixed address.
struct Owned(*mut IoUring);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the pointer came from `Box::into_raw` in `Queues::new` and is given back once;
        // what borrowed from it was dropped before.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

impl Queues {
    pub(super) fn new() -> Result<Self, Refusal> {
        let built = setup::build()?;
        let flags = if built.params().is_feature_no_iowait() {
            // Waiting for the network is not waiting for a disk.
            EnterFlags::GETEVENTS | EnterFlags::NO_IOWAIT
        } else {
            EnterFlags::GETEVENTS
        };
        let ring = Owned(Box::into_raw(Box::new(built)));
        // SAFETY: the pointer is valid and unique; the borrows live in the same struct, are
        // dropped before `Owned` frees the ring, and nobody else touches the ring meanwhile.
        let whole: &'static mut IoUring = unsafe { &mut *ring.0 };
        let (mut submitter, submission, completion) = whole.split();
        // It saves a look-up per call; where it is not to be had, the descriptor serves.
        let _plain = submitter.register_ring_fd();
        Ok(Self {
            submitter,
            submission,
            completion,
            flags,
            _ring: ring,
        })
    }

    pub(super) const fn submitter(&self) -> &Submitter<'static> {
        &self.submitter
    }

    /// Queues an operation for the next [`Queues::enter`].
    ///
    /// # Safety
    /// What the entry points to must stay valid: an address, a message header and its pieces
    /// until the next `enter`; bytes to send or to receive into until the final completion.
    pub(super) unsafe fn push(&mut self, entry: &squeue::Entry) -> io::Result<()> {
        if self.submission.is_full() {
            self.call(0, None)?;
        }
        // SAFETY: as the caller promises.
        unsafe { self.submission.push(entry) }
            .map_err(|_| io::Error::from_raw_os_error(libc::EBUSY))
    }

    /// Submits what is queued and waits for a completion, at most `limit`.
    pub(super) fn enter(&mut self, limit: Option<Duration>) -> io::Result<()> {
        self.completion.sync();
        let wanted = u32::from(limit != Some(Duration::ZERO) && self.completion.is_empty());
        match self.call(wanted, limit) {
            Ok(()) => Ok(()),
            Err(error) => match error.raw_os_error() {
                // A signal, or the limit. EBUSY and EAGAIN: completions must be taken first, and
                // that is what happens next; what was not submitted stays queued.
                Some(libc::EINTR | libc::ETIME | libc::EBUSY | libc::EAGAIN) => Ok(()),
                _ => Err(error),
            },
        }
    }

    /// Submits what is queued, and takes note of completions. `GETEVENTS` always: without it
    /// deferred work would not run, and an overflown completion queue would not be refilled.
    pub(super) fn call(&mut self, wanted: u32, limit: Option<Duration>) -> io::Result<()> {
        self.submission.sync();
        let queued = u32::try_from(self.submission.len()).unwrap_or(u32::MAX);
        let result = match limit.filter(|_| wanted > 0) {
            None => {
                let flags = self.flags.bits();
                // SAFETY: no argument is passed; the queued entries are as `push` demands.
                unsafe {
                    self.submitter
                        .enter::<libc::sigset_t>(queued, wanted, flags, None)
                }
            }
            Some(limit) => {
                let span = types::Timespec::from(limit);
                let arguments = types::SubmitArgs::new().timespec(&span);
                let flags = (self.flags | EnterFlags::EXT_ARG).bits();
                // SAFETY: `arguments` and `span` live across the call, and EXT_ARG says what
                // they are; the queued entries are as `push` demands.
                unsafe {
                    self.submitter
                        .enter(queued, wanted, flags, Some(&arguments))
                }
            }
        };
        self.submission.sync();
        self.completion.sync();
        result.map(drop)
    }

    /// Operations that the kernel has not been told yet.
    pub(super) fn queued(&self) -> usize {
        self.submission.len()
    }

    /// The next completion that is there.
    pub(super) fn next(&mut self) -> Option<cqueue::Entry> {
        self.completion.next()
    }
}
