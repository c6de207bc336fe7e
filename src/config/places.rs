use ahash::RandomState;
use hashbrown::HashTable;

use crate::base::limits;

use super::tree::Position;

/// Where something stands: which file of a source, line and column (from 1; 0 is unknown).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Place {
    /// Index into the files of the `Places` it came from.
    pub file: u16,
    pub column: u16,
    pub line: u32,
}

/// Where the objects and fields of one configuration stand in the user's files.
///
/// Paths are kept as hashes, so 100,000 objects need a few MiB. Two paths that share a hash
/// would share a place, which could mislead a message and nothing else.
#[derive(Clone, Default)]
pub struct Places {
    files: Vec<String>,
    table: HashTable<(u64, Place)>,
    hasher: Hasher,
    fields: usize,
}

/// A hash that is the same in every `Places`, so that two of them can be joined.
#[derive(Clone)]
struct Hasher(RandomState);

impl Default for Hasher {
    fn default() -> Self {
        Self(RandomState::with_seeds(1, 2, 3, 4))
    }
}

impl Places {
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins with another file; what is noted from now on stands there.
    pub fn begin_file(&mut self, name: &str) {
        self.files.push(name.to_owned());
    }

    /// The name of a file, as the user gave it.
    pub fn file(&self, place: Place) -> &str {
        self.files
            .get(usize::from(place.file))
            .map_or("", String::as_str)
    }

    /// Where `path` stands, or else the nearest thing around it: `http.routers.a.tls.options`
    /// falls back to `http.routers.a.tls`, then to `http.routers.a`.
    pub fn find(&self, path: &str) -> Option<Place> {
        let mut path = path;
        loop {
            if let Some(place) = self.exactly(path) {
                return Some(place);
            }
            path = path.get(..path.rfind(['.', '['])?)?;
        }
    }

    /// Where `path` itself stands.
    pub fn exactly(&self, path: &str) -> Option<Place> {
        let hash = self.hasher.0.hash_one(path);
        self.table
            .find(hash, |(other, _)| *other == hash)
            .map(|(_, place)| *place)
    }

    /// Notes an object; the first note of a path stays.
    pub fn note_object(&mut self, path: &str, at: Position) {
        self.note(path, at);
    }

    /// Notes a field, while there is room.
    pub fn note_field(&mut self, path: &str, at: Position) {
        if self.fields < limits::CONFIG_FIELD_PLACES_MAX {
            self.fields += 1;
            self.note(path, at);
        }
    }

    /// Takes the places of files that were read after these; the first note of a path stays.
    pub fn join(&mut self, other: Self) {
        if self.table.is_empty() && self.files.is_empty() {
            *self = other;
            return;
        }
        let shift = u16::try_from(self.files.len()).unwrap_or(u16::MAX);
        self.files.extend(other.files);
        self.fields += other.fields;
        for (hash, place) in other.table {
            let place = Place {
                file: place.file.saturating_add(shift),
                ..place
            };
            self.insert(hash, place);
        }
    }

    /// The place of a position in the current file.
    pub fn place(&self, at: Position) -> Place {
        Place {
            file: u16::try_from(self.files.len().saturating_sub(1)).unwrap_or(u16::MAX),
            column: u16::try_from(at.column).unwrap_or(u16::MAX),
            line: at.line,
        }
    }

    fn note(&mut self, path: &str, at: Position) {
        let place = self.place(at);
        self.insert(self.hasher.0.hash_one(path), place);
    }

    fn insert(&mut self, hash: u64, place: Place) {
        self.table
            .entry(hash, |(other, _)| *other == hash, |(other, _)| *other)
            .or_insert((hash, place));
    }
}

impl std::fmt::Debug for Places {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Places")
            .field("files", &self.files)
            .field("paths", &self.table.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_falls_back_to_what_is_around_it() {
        let mut places = Places::new();
        places.begin_file("a.yml");
        places.begin_file("b.yml");
        places.note_object("http.routers.a", Position { line: 4, column: 5 });
        let found = places.find("http.routers.a.tls.domains[0].main").unwrap();
        assert_eq!(
            (places.file(found), found.line, found.column),
            ("b.yml", 4, 5)
        );
        assert_eq!(places.find("http.services.a"), None);
    }

    #[test]
    fn fields_are_bounded_and_objects_are_not() {
        let mut places = Places::new();
        for n in 0..=limits::CONFIG_FIELD_PLACES_MAX {
            places.note_field(&format!("f{n}"), Position { line: 1, column: 1 });
        }
        places.note_object("object", Position { line: 2, column: 1 });
        let last = format!("f{}", limits::CONFIG_FIELD_PLACES_MAX);
        assert_eq!(places.exactly(&last), None);
        assert!(places.exactly("object").is_some());
    }
}
