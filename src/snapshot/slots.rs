use std::sync::Arc;

const CHUNK: usize = 256;

/// At most [`CHUNK`] places; those behind its end are empty.
type Chunk<T> = Vec<Option<Arc<T>>>;

/// Numbered places, kept in chunks that successive versions share: a version that changes one
/// place of a hundred thousand copies one chunk and the list of chunks.
#[derive(Debug)]
pub struct Slots<T> {
    chunks: Vec<Arc<Chunk<T>>>,
}

impl<T> Slots<T> {
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Arc<T>> {
        let number = number as usize;
        self.chunks
            .get(number / CHUNK)?
            .get(number % CHUNK)?
            .as_ref()
    }

    /// Puts `value` (or nothing) into the place.
    pub fn set(&mut self, number: u32, value: Option<Arc<T>>) {
        let number = number as usize;
        while self.chunks.len() <= number / CHUNK {
            self.chunks.push(Arc::new(Vec::new()));
        }
        let chunk = Arc::make_mut(&mut self.chunks[number / CHUNK]);
        if chunk.len() <= number % CHUNK {
            chunk.resize(number % CHUNK + 1, None);
        }
        chunk[number % CHUNK] = value;
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self { chunks: Vec::new() }
    }
}

impl<T> Clone for Slots<T> {
    fn clone(&self) -> Self {
        Self {
            chunks: self.chunks.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_keeps_what_the_next_one_changes() {
        let mut first = Slots::default();
        first.set(700, Some(Arc::new("a")));
        let mut second = first.clone();
        second.set(700, Some(Arc::new("b")));
        assert_eq!(first.get(700).map(|value| **value), Some("a"));
        assert_eq!(second.get(700).map(|value| **value), Some("b"));
        assert_eq!(first.get(3), None);
    }
}
