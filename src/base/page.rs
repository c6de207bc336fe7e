//! Bytes that one owner holds at a time, with a pool per thread behind them.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;

use super::limits::{PAGE_BULK_BYTES, PAGE_BULK_POOLED_MAX, PAGE_HEAD_BYTES, PAGE_HEAD_POOLED_MAX};

/// An owned buffer of which `range` holds bytes; what lies behind it is room to append.
/// Dropped pages of the two pooled sizes go back to the pool of the dropping thread,
/// last in first out, so that the hottest page is used next.
pub struct Page {
    bytes: Box<[u8]>,
    start: u32,
    end: u32,
}

impl Page {
    /// A page without capacity; stands for "nothing" and costs nothing.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            bytes: Box::default(),
            start: 0,
            end: 0,
        }
    }

    /// A page for a head: [`PAGE_HEAD_BYTES`] of room.
    #[must_use]
    pub fn head() -> Self {
        Self::of(Size::Head)
    }

    /// A page for bulk data: [`PAGE_BULK_BYTES`] of room.
    #[must_use]
    pub fn bulk() -> Self {
        Self::of(Size::Bulk)
    }

    /// A page with room for at least `room` bytes (at most 4 GiB).
    #[must_use]
    pub fn with_room(room: usize) -> Self {
        if room <= PAGE_HEAD_BYTES {
            Self::head()
        } else if room <= PAGE_BULK_BYTES {
            Self::bulk()
        } else {
            Self {
                bytes: vec![0; room].into_boxed_slice(),
                start: 0,
                end: 0,
            }
        }
    }

    /// A page that holds a copy of `bytes`.
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Self {
        let mut page = Self::with_room(bytes.len());
        page.append(bytes);
        page
    }

    fn of(size: Size) -> Self {
        let pooled = POOL.with(|pool| pool.borrow_mut().shelf(size).pop());
        let bytes = pooled.unwrap_or_else(|| vec![0; size.bytes()].into_boxed_slice());
        Self {
            bytes,
            start: 0,
            end: 0,
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        (self.end - self.start) as usize
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    #[must_use]
    pub fn capacity(&self) -> usize {
        self.bytes.len()
    }

    /// Bytes that can still be appended.
    #[must_use]
    pub fn room(&self) -> usize {
        self.bytes.len() - self.end as usize
    }

    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[self.start as usize..self.end as usize]
    }

    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start as usize..self.end as usize]
    }

    /// The room behind the bytes, to be written and then told by [`Page::filled`].
    pub fn spare(&mut self) -> &mut [u8] {
        &mut self.bytes[self.end as usize..]
    }

    /// `count` bytes of [`Page::spare`] now hold data.
    ///
    /// # Panics
    /// When `count` is more than the room: a mistake of the caller.
    pub fn filled(&mut self, count: usize) {
        assert!(
            count <= self.room(),
            "filled more than the page has room for"
        );
        self.end += small(count);
    }

    /// Appends what fits and returns how much that was.
    pub fn append_some(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.room());
        self.spare()[..count].copy_from_slice(&bytes[..count]);
        self.filled(count);
        count
    }

    /// Appends all of `bytes`; grows (by moving to a larger page) where they do not fit.
    pub fn append(&mut self, bytes: &[u8]) {
        if bytes.len() > self.room() {
            self.grow(bytes.len());
        }
        let count = self.append_some(bytes);
        debug_assert_eq!(count, bytes.len());
    }

    /// Makes room for at least `more` bytes behind those that are there.
    pub fn grow(&mut self, more: usize) {
        if self.room() >= more {
            return;
        }
        let mut larger = Self::with_room((self.len() + more).max(self.capacity() * 2));
        larger.append_some(self.as_slice());
        *self = larger;
    }

    /// Drops the first `count` bytes.
    ///
    /// # Panics
    /// When there are fewer: a mistake of the caller.
    pub fn consume(&mut self, count: usize) {
        assert!(count <= self.len(), "consumed more than the page holds");
        self.start += small(count);
    }

    /// Keeps the first `count` bytes only.
    pub fn truncate(&mut self, count: usize) {
        if count < self.len() {
            self.end = self.start + small(count);
        }
    }

    /// Keeps only `range` of the bytes that are there.
    ///
    /// # Panics
    /// When the range is outside of them: a mistake of the caller.
    pub fn narrow(&mut self, range: Range<usize>) {
        self.truncate(range.end);
        self.consume(range.start);
    }

    pub fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
    }
}

impl AsRef<[u8]> for Page {
    fn as_ref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::empty()
    }
}

impl fmt::Debug for Page {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "Page({}..{} of {})",
            self.start,
            self.end,
            self.bytes.len()
        )
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        let Some(size) = Size::exactly(self.bytes.len()) else {
            return;
        };
        let bytes = std::mem::take(&mut self.bytes);
        // A thread that is ending has no pool any more: then the page is just freed.
        let _ = POOL.try_with(|pool| {
            let mut pool = pool.borrow_mut();
            let shelf = pool.shelf(size);
            if shelf.len() < size.pooled_max() {
                shelf.push(bytes);
            }
        });
    }
}

#[derive(Clone, Copy)]
enum Size {
    Head,
    Bulk,
}

impl Size {
    const fn bytes(self) -> usize {
        match self {
            Self::Head => PAGE_HEAD_BYTES,
            Self::Bulk => PAGE_BULK_BYTES,
        }
    }

    const fn pooled_max(self) -> usize {
        match self {
            Self::Head => PAGE_HEAD_POOLED_MAX,
            Self::Bulk => PAGE_BULK_POOLED_MAX,
        }
    }

    const fn exactly(bytes: usize) -> Option<Self> {
        match bytes {
            PAGE_HEAD_BYTES => Some(Self::Head),
            PAGE_BULK_BYTES => Some(Self::Bulk),
            _ => None,
        }
    }
}

#[derive(Default)]
struct Pool {
    head: Vec<Box<[u8]>>,
    bulk: Vec<Box<[u8]>>,
}

impl Pool {
    fn shelf(&mut self, size: Size) -> &mut Vec<Box<[u8]>> {
        match size {
            Size::Head => &mut self.head,
            Size::Bulk => &mut self.bulk,
        }
    }
}

thread_local! {
    static POOL: RefCell<Pool> = RefCell::default();
}

fn small(count: usize) -> u32 {
    debug_assert!(u32::try_from(count).is_ok(), "a page is under 4 GiB");
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_what_was_appended_and_not_consumed() {
        let mut page = Page::head();
        page.append(b"hello world");
        page.consume(6);
        assert_eq!(page.as_slice(), b"world");
        page.truncate(3);
        assert_eq!(page.as_slice(), b"wor");
    }

    #[test]
    fn a_page_grows_when_it_must() {
        let mut page = Page::head();
        page.append(&[1; PAGE_HEAD_BYTES]);
        page.append(&[2; PAGE_BULK_BYTES]);
        assert_eq!(page.len(), PAGE_HEAD_BYTES + PAGE_BULK_BYTES);
        assert_eq!(page.as_slice()[PAGE_HEAD_BYTES], 2);
    }

    #[test]
    fn a_page_from_the_pool_shows_nothing_of_its_last_owner() {
        drop(Page::copy_of(b"secret"));
        assert!(Page::head().is_empty());
    }
}
