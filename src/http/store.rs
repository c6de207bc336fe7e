//! A body that is kept whole: in memory up to a bound, the rest in a file without a name.
//!
//! The file is written and read where the request runs: both are copies to and from the
//! kernel's page cache, of one page at a time.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::base::Page;
use crate::base::limits::{PAGE_BULK_BYTES, PAGE_HEAD_BYTES};

/// The bytes of a body, to be read from their beginning as often as wanted.
#[derive(Debug)]
pub(super) struct Store {
    memory_max: u64,
    memory: Vec<Page>,
    in_memory: u64,
    file: Option<File>,
    in_file: u64,
}

/// How far one reader has come in a store that others may read, too.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    store: Rc<Store>,
    at: u64,
    /// The next page of memory.
    page: usize,
}

impl Store {
    /// Bytes beyond `memory_max` go to a file.
    pub(super) const fn new(memory_max: u64) -> Self {
        Self {
            memory_max,
            memory: Vec::new(),
            in_memory: 0,
            file: None,
            in_file: 0,
        }
    }

    pub(super) const fn len(&self) -> u64 {
        self.in_memory + self.in_file
    }

    /// Appends all of `bytes`.
    ///
    /// # Errors
    /// The file cannot be made or written.
    pub(super) fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let room = self.memory_max.saturating_sub(self.in_memory);
        let room = usize::try_from(room).unwrap_or(usize::MAX);
        // What follows on bytes in the file belongs there, too.
        let room = if self.in_file == 0 { room } else { 0 };
        let (near, far) = bytes.split_at(bytes.len().min(room));
        self.keep(near);
        if far.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            self.file = Some(nameless()?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(far)?;
        }
        self.in_file += far.len() as u64;
        Ok(())
    }

    fn keep(&mut self, mut bytes: &[u8]) {
        self.in_memory += bytes.len() as u64;
        if let Some(last) = self.memory.last_mut() {
            bytes = &bytes[last.append_some(bytes)..];
        }
        while !bytes.is_empty() {
            // Small bodies are many: they take no more than they need.
            let small = self.memory.is_empty() && bytes.len() <= PAGE_HEAD_BYTES;
            let mut page = if small { Page::head() } else { Page::bulk() };
            bytes = &bytes[page.append_some(bytes)..];
            self.memory.push(page);
        }
    }
}

/// A file in the folder for temporary ones that only we can open and that is gone with us.
fn nameless() -> io::Result<File> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let chance = ahash::RandomState::new().hash_one(NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::env::temp_dir().join(format!("ringway-body-{chance:016x}"));
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).mode(0o600);
    let file = options.open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

impl Reading {
    pub(super) const fn new(store: Rc<Store>) -> Self {
        Self {
            store,
            at: 0,
            page: 0,
        }
    }

    /// Another reader of the same bytes, at their beginning.
    pub(super) fn again(&self) -> Self {
        Self::new(Rc::clone(&self.store))
    }

    pub(super) fn len(&self) -> u64 {
        self.store.len()
    }

    pub(super) fn is_ended(&self) -> bool {
        self.at == self.len()
    }

    pub(super) const fn is_at_start(&self) -> bool {
        self.at == 0
    }

    /// The next bytes; an empty page at the end.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(super) fn next(&mut self) -> io::Result<Page> {
        let part = match self.store.memory.get(self.page) {
            Some(page) => {
                self.page += 1;
                Page::copy_of(page.as_slice())
            }
            None => self.read_file()?,
        };
        self.at += part.len() as u64;
        Ok(part)
    }

    fn read_file(&self) -> io::Result<Page> {
        let Some(file) = self.store.file.as_ref().filter(|_| !self.is_ended()) else {
            return Ok(Page::empty());
        };
        let left = self.len() - self.at;
        let want = usize::try_from(left).map_or(PAGE_BULK_BYTES, |left| left.min(PAGE_BULK_BYTES));
        let mut page = Page::with_room(want);
        file.read_exact_at(&mut page.spare()[..want], self.at - self.store.in_memory)?;
        page.filled(want);
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut reading: Reading) -> Vec<u8> {
        let mut bytes = Vec::new();
        while !reading.is_ended() {
            bytes.extend_from_slice(reading.next().unwrap().as_slice());
        }
        bytes
    }

    #[test]
    fn what_went_in_comes_out_as_often_as_asked() {
        let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
        for memory_max in [0, 1, 4096, 100_000, 1 << 20] {
            for step in [1000, 200_000] {
                let mut store = Store::new(memory_max);
                for part in bytes.chunks(step) {
                    store.append(part).unwrap();
                }
                assert_eq!(store.in_memory, memory_max.min(300_000), "{memory_max}");
                let reading = Reading::new(Rc::new(store));
                assert_eq!(reading.len(), 300_000);
                let again = reading.again();
                assert!(all(reading) == bytes && all(again) == bytes, "{memory_max}");
            }
        }
    }

    #[test]
    fn a_small_body_takes_a_small_page() {
        let mut store = Store::new(1 << 20);
        store.append(b"hello").unwrap();
        assert_eq!(store.memory[0].capacity(), PAGE_HEAD_BYTES);
        assert!(Reading::new(Rc::new(Store::new(0))).is_ended());
    }
}
