use std::collections::HashSet;
use std::fs::{self, Metadata};
use std::hash::{BuildHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ahash::RandomState;
use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{Event, EventKind};

use super::listing::files_below;
use crate::base::Tick;
use crate::config::statics::FileSource;

/// Quiet that must follow the last change before files are read: changes that are made together
/// are read together. Files that are still being written are waited for in any case.
pub(super) const QUIET: Duration = Duration::from_millis(5);
/// What a file that has just come into being is given on top, to be written to.
const NEWBORN: Duration = Duration::from_millis(60);
/// How long a file may be held open by its writer until it is read all the same.
pub(super) const WRITER_MAX: Duration = Duration::from_secs(5);

/// What the files look like from outside: a change of anything in it changes the number.
pub(super) fn fingerprint(source: &FileSource) -> u64 {
    let mut hasher = RandomState::with_seeds(5, 6, 7, 8).build_hasher();
    match source {
        FileSource::File(path) => look_at(path, &mut hasher),
        FileSource::Directory(folder) => {
            for path in files_below(folder).unwrap_or_default() {
                look_at(&path, &mut hasher);
            }
        }
    }
    hasher.finish()
}

fn look_at(path: &Path, hasher: &mut impl Hasher) {
    path.hash(hasher);
    match fs::metadata(path) {
        Ok(metadata) => identity(&metadata).hash(hasher),
        Err(error) => error.kind().hash(hasher),
    }
}

fn identity(metadata: &Metadata) -> impl Hash {
    (
        metadata.dev(),
        metadata.ino(),
        metadata.len(),
        (metadata.mtime(), metadata.mtime_nsec()),
        (metadata.ctime(), metadata.ctime_nsec()),
    )
}

/// Decides, from what the kernel tells, when the files may be read.
#[derive(Debug, Default)]
pub(super) struct Settling {
    /// The first change that was not read yet.
    since: Option<Tick>,
    last: Tick,
    /// Files that were written to and not closed.
    writing: HashSet<PathBuf>,
}

impl Settling {
    pub(super) fn is_waiting(&self) -> bool {
        self.since.is_some()
    }

    /// Something changed that the kernel did not tell.
    pub(super) fn touch(&mut self, now: Tick) {
        self.since.get_or_insert(now);
        self.last = now;
    }

    /// Takes in what the kernel tells; true when it is a change.
    pub(super) fn hear(&mut self, event: &Event, now: Tick) -> bool {
        let changed = match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                for path in &event.paths {
                    self.writing.remove(path);
                }
                self.is_waiting()
            }
            EventKind::Access(_) => false,
            EventKind::Modify(ModifyKind::Data(_)) => {
                self.writing.extend(event.paths.iter().cloned());
                true
            }
            EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                for path in &event.paths {
                    self.writing.remove(path);
                }
                true
            }
            EventKind::Create(
                CreateKind::Any | CreateKind::File | CreateKind::Folder | CreateKind::Other,
            ) => {
                self.touch(now);
                // Its writer may not have begun.
                self.last = now + NEWBORN;
                return true;
            }
            EventKind::Modify(ModifyKind::Any | ModifyKind::Metadata(_) | ModifyKind::Other)
            | EventKind::Any
            | EventKind::Other => true,
        };
        if changed {
            self.touch(now);
        }
        changed
    }

    /// How long to wait before the files may be read; zero: now. `None`: nothing changed.
    pub(super) fn wait(&self, now: Tick) -> Option<Duration> {
        let since = self.since?;
        let end = if self.writing.is_empty() {
            self.last + QUIET
        } else {
            since + WRITER_MAX
        };
        let end = end.min(since + WRITER_MAX);
        Some(end.since(now))
    }

    /// The files are being read now.
    pub(super) fn done(&mut self) {
        self.since = None;
        self.writing.clear();
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{DataChange, RenameMode};

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn event(kind: EventKind) -> Event {
        Event::new(kind).add_path(PathBuf::from("/x/a.yml"))
    }

    fn modify() -> Event {
        event(EventKind::Modify(ModifyKind::Data(DataChange::Any)))
    }

    fn close() -> Event {
        event(EventKind::Access(AccessKind::Close(AccessMode::Write)))
    }

    #[test]
    fn a_file_is_read_when_its_writer_is_done_and_quiet() {
        let mut settling = Settling::default();
        let start = Tick::from_nanos(1);
        assert_eq!(settling.wait(start), None);
        settling.hear(&modify(), start);
        assert_eq!(settling.wait(start + 100 * MS), Some(WRITER_MAX - 100 * MS));
        settling.hear(&close(), start + 200 * MS);
        assert_eq!(settling.wait(start + 200 * MS), Some(QUIET));
        assert_eq!(
            settling.wait(start + 200 * MS + QUIET),
            Some(Duration::ZERO)
        );
        settling.done();
        assert!(!settling.is_waiting());
    }

    #[test]
    fn a_writer_that_never_ends_is_not_waited_for_forever() {
        let mut settling = Settling::default();
        let start = Tick::from_nanos(1);
        for step in 0..100 {
            settling.hear(&modify(), start + 100 * MS * step);
        }
        assert_eq!(settling.wait(start + WRITER_MAX), Some(Duration::ZERO));
    }

    #[test]
    fn reading_is_no_change_and_a_rename_is_one() {
        let mut settling = Settling::default();
        let start = Tick::from_nanos(1);
        let open = event(EventKind::Access(AccessKind::Open(AccessMode::Any)));
        assert!(!settling.hear(&open, start));
        assert!(!settling.hear(&close(), start));
        let rename = event(EventKind::Modify(ModifyKind::Name(RenameMode::To)));
        assert!(settling.hear(&rename, start));
        assert_eq!(settling.wait(start), Some(QUIET));
    }
}
