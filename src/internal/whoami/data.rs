//! The body of `/data`: `|ABC...XYZ-ABC...|`, however long.

use crate::base::Page;
use crate::base::limits::PAGE_BULK_BYTES;

const LETTERS: &[u8; 27] = b"-ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// What of such a body is still to be sent.
#[derive(Debug)]
pub(super) struct Data {
    position: u64,
    length: u64,
    /// The letters over and over: a page's worth, and once more so that any start is in it.
    letters: Vec<u8>,
}

impl Data {
    pub(super) fn new(length: u64) -> Self {
        let most = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(PAGE_BULK_BYTES);
        let letters = LETTERS.iter().copied().cycle();
        Self {
            position: 0,
            length,
            letters: letters.take(most + LETTERS.len()).collect(),
        }
    }

    /// The next piece; `None` when all was had.
    pub(super) fn next_page(&mut self) -> Option<Page> {
        let left = self.length - self.position;
        if left == 0 {
            return None;
        }
        let count = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(PAGE_BULK_BYTES);
        let period = LETTERS.len() as u64;
        let start = usize::try_from(self.position % period).unwrap_or(0);
        let mut page = Page::copy_of(&self.letters[start..start + count]);
        if self.position == 0 {
            page.as_mut_slice()[0] = b'|';
        }
        self.position += count as u64;
        if self.position == self.length {
            page.as_mut_slice()[count - 1] = b'|';
        }
        Some(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_its_letters_wherever_it_is_cut() {
        let table = [
            (0, ""),
            (1, "|"),
            (2, "||"),
            (5, "|ABC|"),
            (30, "|ABCDEFGHIJKLMNOPQRSTUVWXYZ-A|"),
        ];
        for (length, wanted) in table {
            let mut data = Data::new(length);
            let page = data.next_page();
            let text = page.as_ref().map(Page::as_slice).unwrap_or_default();
            assert_eq!(text, wanted.as_bytes());
            assert!(data.next_page().is_none());
        }
        let length = 3 * PAGE_BULK_BYTES as u64 + 5;
        let mut data = Data::new(length);
        let mut all = Vec::new();
        while let Some(page) = data.next_page() {
            all.extend_from_slice(page.as_slice());
        }
        assert_eq!(all.len() as u64, length);
        let inner = &all[1..all.len() - 1];
        for (place, letter) in inner.iter().enumerate() {
            assert_eq!(*letter, LETTERS[(place + 1) % 27]);
        }
    }
}
