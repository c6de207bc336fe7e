//! Where lines go: standard output, or a file that can be opened anew and that may rotate.

use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::base::{Civil, clock};

/// When a file is put aside, and which of those put aside are kept. Names as in Traefik's `log`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rotation {
    /// A file that would grow beyond this is put aside.
    pub size_bytes_max: u64,
    /// Older ones are removed; `None` keeps them.
    pub age_max: Option<Duration>,
    /// More than so many are removed, oldest first; `None` keeps them.
    pub backups_max: Option<usize>,
}

#[derive(Debug)]
pub(crate) enum Outlet {
    Stdout,
    File(LogFile),
}

#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
    size: u64,
    rotation: Option<Rotation>,
}

impl Outlet {
    /// Standard output when there is no path. Missing folders are made.
    pub(crate) fn open(path: Option<&Path>, rotation: Option<Rotation>) -> io::Result<Self> {
        let Some(path) = path else {
            return Ok(Self::Stdout);
        };
        let (file, size) = open_file(path)?;
        Ok(Self::File(LogFile {
            path: path.to_owned(),
            file,
            size,
            rotation,
        }))
    }

    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::File(_) => false,
        }
    }

    /// Writes whole lines; nobody else's line comes between them.
    pub(crate) fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        match self {
            Self::Stdout => {
                let mut out = io::stdout().lock();
                out.write_all(lines)?;
                out.flush()
            }
            Self::File(file) => file.write(lines),
        }
    }

    /// Opens the file anew under its name. When that fails, the old one stays in use.
    pub(crate) fn reopen(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout => Ok(()),
            Self::File(file) => file.reopen(),
        }
    }
}

impl LogFile {
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let more = u64::try_from(lines.len()).unwrap_or(u64::MAX);
        if let Some(rotation) = self.rotation
            && self.size > 0
            && self.size.saturating_add(more) > rotation.size_bytes_max
        {
            self.rotate(rotation)?;
        }
        self.file.write_all(lines)?;
        self.size = self.size.saturating_add(more);
        Ok(())
    }

    fn reopen(&mut self) -> io::Result<()> {
        (self.file, self.size) = open_file(&self.path)?;
        Ok(())
    }

    fn rotate(&mut self, rotation: Rotation) -> io::Result<()> {
        fs::rename(&self.path, self.aside_path())?;
        self.reopen()?;
        self.remove_old(rotation);
        Ok(())
    }

    /// `name-2024-01-02T15-04-05.000.log`, so that names sort by age.
    fn aside_path(&self) -> PathBuf {
        let nanos = clock::unix_nanos();
        let unix = i64::try_from(nanos / 1_000_000_000).unwrap_or(i64::MAX);
        let now = Civil::new(unix, 0);
        let (stem, ending) = self.name_parts();
        let name = format!(
            "{stem}{:04}-{:02}-{:02}T{:02}-{:02}-{:02}.{:03}{ending}",
            now.year,
            now.month,
            now.day,
            now.hour,
            now.minute,
            now.second,
            nanos / 1_000_000 % 1000
        );
        self.path.with_file_name(name)
    }

    fn name_parts(&self) -> (String, String) {
        let text = |part: Option<&std::ffi::OsStr>| {
            part.map(|part| part.to_string_lossy().into_owned())
                .unwrap_or_default()
        };
        let ending = match text(self.path.extension()) {
            ending if ending.is_empty() => ending,
            ending => format!(".{ending}"),
        };
        (format!("{}-", text(self.path.file_stem())), ending)
    }

    /// A file that cannot be listed or removed stays; the next rotation tries again.
    fn remove_old(&self, rotation: Rotation) {
        let mut aside = self.put_aside();
        aside.sort_unstable_by(|one, other| other.cmp(one));
        for (rank, path) in aside.iter().enumerate() {
            let too_many = rotation.backups_max.is_some_and(|kept| rank >= kept);
            let too_old = rotation.age_max.is_some_and(|age| is_older(path, age));
            if too_many || too_old {
                drop(fs::remove_file(path));
            }
        }
    }

    fn put_aside(&self) -> Vec<PathBuf> {
        const STAMP: &str = "2024-01-02T15-04-05.000";
        let (stem, ending) = self.name_parts();
        let folder = self.path.parent().filter(|path| *path != Path::new(""));
        let listed = fs::read_dir(folder.unwrap_or_else(|| Path::new(".")));
        let entries = listed.into_iter().flatten().flatten();
        entries
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.len() == stem.len() + STAMP.len() + ending.len()
                    && name.starts_with(&stem)
                    && name.ends_with(&ending)
            })
            .collect()
    }
}

fn is_older(path: &Path, age: Duration) -> bool {
    let changed = fs::metadata(path).and_then(|facts| facts.modified());
    changed.is_ok_and(|changed| {
        SystemTime::now()
            .duration_since(changed)
            .is_ok_and(|since| since > age)
    })
}

fn open_file(path: &Path) -> io::Result<(File, u64)> {
    if let Some(folder) = path.parent().filter(|path| *path != Path::new("")) {
        fs::create_dir_all(folder)?;
    }
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    let size = file.metadata()?.len();
    Ok((file, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!(
            "ringway-outlet-{name}-{}-{}",
            std::process::id(),
            clock::unix_nanos()
        ));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_moved_file_is_opened_anew() {
        let folder = folder("moved");
        let path = folder.join("deep/a.log");
        let mut outlet = Outlet::open(Some(&path), None).unwrap();
        outlet.write(b"one\n").unwrap();
        fs::rename(&path, folder.join("a.log.1")).unwrap();
        outlet.write(b"two\n").unwrap();
        outlet.reopen().unwrap();
        outlet.write(b"three\n").unwrap();
        let read = |path: &Path| fs::read_to_string(path).unwrap();
        assert_eq!(read(&folder.join("a.log.1")), "one\ntwo\n");
        assert_eq!(read(&path), "three\n");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_full_file_is_put_aside_and_only_so_many_are_kept() {
        let folder = folder("full");
        let path = folder.join("a.log");
        let rotation = Rotation {
            size_bytes_max: 8,
            age_max: None,
            backups_max: Some(2),
        };
        fs::write(folder.join("a-unrelated.log"), "x").unwrap();
        for year in 2001..2005 {
            let name = format!("a-{year}-01-02T15-04-05.000.log");
            fs::write(folder.join(name), "old").unwrap();
        }
        let mut outlet = Outlet::open(Some(&path), Some(rotation)).unwrap();
        outlet.write(b"12345\n").unwrap();
        outlet.write(b"67890\n").unwrap();
        let mut names: Vec<_> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!(names.len(), 4, "{names:?}");
        assert_eq!(names[0], "a-2004-01-02T15-04-05.000.log");
        assert_eq!(
            fs::read_to_string(folder.join(&names[1])).unwrap(),
            "12345\n"
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), "67890\n");
        assert_eq!(names[2..], ["a-unrelated.log", "a.log"]);
        fs::remove_dir_all(folder).unwrap();
    }
}
