//! Pages that the kernel may receive into, by its own choice, when bytes come.
//!
//! A group is a ring of entries shared with the kernel. Each names an ordinary pooled page; one
//! that is used is replaced at once, so that the page can go its own way and nothing has to come
//! home. A connection that waits for bytes therefore pins no memory.

use std::io;
use std::sync::atomic::{AtomicU16, Ordering};

use io_uring::Submitter;
use io_uring::types::BufRingEntry;

use crate::base::Page;

pub(super) struct Group {
    /// Shared with the kernel: `pages.len()` entries, the first of which also holds the tail.
    entries: *mut BufRingEntry,
    /// The page that each entry number stands for. Never grows, so they stay where they are.
    pages: Box<[Page]>,
    tail: u16,
}

impl Group {
    /// Registers a group of `count` pages, a power of two below 32768.
    pub(super) fn new(submitter: &Submitter<'_>, id: u16, count: u16) -> io::Result<Self> {
        let bytes = usize::from(count) * size_of::<BufRingEntry>();
        let (access, kind) = (
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        );
        // SAFETY: a fresh anonymous mapping touches nothing that exists.
        let mapped = unsafe { libc::mmap(std::ptr::null_mut(), bytes, access, kind, -1, 0) };
        if mapped == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let pages = (0..count).map(|_| Page::empty()).collect();
        let mut group = Self {
            entries: mapped.cast(),
            pages,
            tail: 0,
        };
        let address = mapped.addr() as u64;
        // SAFETY: the mapping is page-aligned, `count` entries long, and unmapped in `drop` only,
        // which runs after the ring is gone: see `Ring`.
        unsafe { submitter.register_buf_ring_with_flags(address, count, id, 0) }?;
        for number in 0..count {
            group.provide(number);
        }
        group.publish();
        Ok(group)
    }

    /// The kernel has put `count` bytes into page `number`: takes it, and puts another in place.
    pub(super) fn take(&mut self, number: u16, count: usize) -> Page {
        let Some(place) = self.pages.get_mut(usize::from(number)) else {
            return Page::empty();
        };
        let mut page = std::mem::take(place);
        page.filled(count);
        self.provide(number);
        page
    }

    /// Shows the kernel what was provided since the last time.
    pub(super) fn publish(&self) {
        // SAFETY: the first entry is mapped and was zeroed by the mapping; its tail field is two
        // bytes, aligned, and read by the kernel only.
        let tail = unsafe { BufRingEntry::tail(self.entries) };
        // SAFETY: as above; the kernel expects a release store.
        let tail = unsafe { AtomicU16::from_ptr(tail.cast_mut()) };
        tail.store(self.tail, Ordering::Release);
    }

    /// Gives up what the kernel may still write to.
    pub(super) fn leak(&mut self) {
        Box::leak(std::mem::take(&mut self.pages));
        self.entries = std::ptr::null_mut();
    }

    fn provide(&mut self, number: u16) {
        let place = &mut self.pages[usize::from(number)];
        *place = Page::head();
        let bytes = place.spare();
        let (address, length) = (bytes.as_mut_ptr().addr() as u64, bytes.len());
        let at = usize::from(self.tail) & (self.pages.len() - 1);
        // SAFETY: `at` is below the number of entries that are mapped.
        let entry = unsafe { self.entries.add(at) };
        // SAFETY: the kernel does not look at entries from the tail on before `publish`. It does
        // read the tail field that overlaps the first entry; the setters leave that alone.
        let entry = unsafe { &mut *entry };
        entry.set_addr(address);
        entry.set_len(u32::try_from(length).unwrap_or(0));
        entry.set_bid(number);
        self.tail = self.tail.wrapping_add(1);
    }

    fn bytes(&self) -> usize {
        self.pages.len() * size_of::<BufRingEntry>()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if self.entries.is_null() {
            return;
        }
        // SAFETY: this is the mapping made in `new`, with its length; the ring that read it is
        // gone, and nobody else knows it.
        let _unmapped = unsafe { libc::munmap(self.entries.cast(), self.bytes()) };
    }
}
