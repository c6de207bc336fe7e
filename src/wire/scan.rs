//! What parsing of both kinds of head has in common: where a head may end, and httparse.

use memchr::memchr_iter;

use super::fault::Fault;

/// How far an unfinished head was looked through, so that a head that comes in many pieces
/// is not read anew from its beginning for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    scanned: usize,
    parsed: usize,
}

impl Progress {
    /// Whether parsing `bytes` can tell anything new: they hold the end of a head, or are twice
    /// as many as when we parsed last, so that nonsense is noticed before its end.
    pub(super) fn worth_parsing(&mut self, bytes: &[u8]) -> bool {
        let worth = self.parsed == 0
            || bytes.len() / 2 >= self.parsed
            || has_end(bytes, self.scanned.saturating_sub(2));
        self.scanned = bytes.len();
        if worth {
            self.parsed = bytes.len();
        }
        worth
    }
}

/// Whether a blank line, however malformed, stands behind `from`.
fn has_end(bytes: &[u8], from: usize) -> bool {
    let Some(bytes) = bytes.get(from..) else {
        return false;
    };
    memchr_iter(b'\n', bytes).any(|at| {
        let behind = bytes.get(at.saturating_add(1)..).unwrap_or_default();
        behind.starts_with(b"\n") || behind.starts_with(b"\r\n")
    })
}

/// What httparse's complaint is to us; None when it is about the first line.
pub(super) const fn fault_of(error: httparse::Error) -> Option<Fault> {
    match error {
        httparse::Error::HeaderName => Some(Fault::HeaderName),
        httparse::Error::HeaderValue => Some(Fault::HeaderValue),
        httparse::Error::NewLine => Some(Fault::LineEnd),
        httparse::Error::TooManyHeaders => Some(Fault::HeadersTooMany),
        httparse::Error::Status => Some(Fault::StatusLine),
        httparse::Error::Token | httparse::Error::Version => None,
    }
}
