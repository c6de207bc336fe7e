use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, unbounded};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use super::NAME;
use super::load::{Loaded, load};
use super::settle::{Settling, fingerprint};
use crate::base::{Tick, clock};
use crate::config::dynamic::Configuration;
use crate::config::statics::{FileProvider, FileSource};
use crate::config::{Places, Problem, Report};
use crate::engine;
use crate::provider::Message;

/// How often files are looked at when the kernel tells of changes: it can not see all of them
/// (network file systems, folders made later).
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// How often, when the kernel tells nothing.
const LOOK_OFTEN: Duration = Duration::from_millis(500);
/// How long a file that can not be read, or has become empty, gets to become whole.
const SECOND_TRY: Duration = Duration::from_millis(400);

/// A running watch; it ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    news: Sender<News>,
    thread: Option<JoinHandle<()>>,
}

/// What wakes the watching thread.
enum News {
    Change(Event),
    /// The kernel lost events or failed.
    Unsure,
    Stop,
}

/// Reads the files, sends a message, and again whenever they change, from a thread of its own.
/// Without `watch` in the options, once. It ends when nobody receives any more.
pub fn watch(options: FileProvider, sink: Sender<Message>) -> io::Result<Watch> {
    watch_with(options, sink, true)
}

/// As `watch`; without `listens` the kernel is not asked to tell of changes.
pub(super) fn watch_with(
    options: FileProvider,
    sink: Sender<Message>,
    listens: bool,
) -> io::Result<Watch> {
    let (news, inbox) = unbounded();
    let kernel_news = news.clone();
    let thread = thread::Builder::new()
        .name("provider-file".to_owned())
        .spawn(move || {
            let mut watching = Watching::new(options, sink);
            let kernel = (listens && watching.options.watch)
                .then(|| listen(kernel_news))
                .flatten();
            watching.run(&inbox, kernel);
        })?;
    Ok(Watch {
        news,
        thread: Some(thread),
    })
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The thread may have ended by itself, and then nobody hears this.
        let _gone = self.news.send(News::Stop);
        if let Some(thread) = self.thread.take() {
            // A panic over there was printed there.
            let _ended = thread.join();
        }
    }
}

/// The watching thread.
struct Watching {
    options: FileProvider,
    sink: Sender<Message>,
    /// The last configuration that could be read.
    good: Arc<Configuration>,
    places: Arc<Places>,
    /// The report that was sent last; `None` before the first.
    told: Option<Report>,
    seen: u64,
    settling: Settling,
    /// When to read again what could not be read.
    second_try: Option<Tick>,
}

impl Watching {
    fn new(options: FileProvider, sink: Sender<Message>) -> Self {
        Self {
            options,
            sink,
            good: Arc::default(),
            places: Arc::default(),
            told: None,
            seen: 0,
            settling: Settling::default(),
            second_try: None,
        }
    }

    fn run(&mut self, inbox: &Receiver<News>, mut kernel: Option<RecommendedWatcher>) {
        // Listening begins before the first reading: no change in between is lost.
        let mut watched = Vec::new();
        follow(kernel.as_mut(), &self.options.source, &mut watched);
        self.seen = fingerprint(&self.options.source);
        if self.read(false).is_err() || !self.options.watch {
            return;
        }
        let look_every = if watched.is_empty() {
            LOOK_OFTEN
        } else {
            LOOK_EVERY
        };
        let mut look_at = clock::now() + look_every;
        loop {
            let now = clock::now();
            let wait = self.wait(now).min(look_at.since(now));
            match inbox.recv_timeout(wait) {
                Ok(News::Change(event)) => {
                    self.settling.hear(&event, clock::now());
                }
                Ok(News::Unsure) => self.settling.touch(clock::now()),
                Ok(News::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let now = clock::now();
            if now >= look_at {
                look_at = now + look_every;
                if fingerprint(&self.options.source) != self.seen {
                    self.settling.touch(now);
                }
            }
            if self.turn(now).is_err() {
                return;
            }
            follow(kernel.as_mut(), &self.options.source, &mut watched);
        }
    }

    /// How long nothing has to be done.
    fn wait(&self, now: Tick) -> Duration {
        let settled = self.settling.wait(now).unwrap_or(LOOK_EVERY);
        let again = self
            .second_try
            .map_or(LOOK_EVERY, |second| second.since(now));
        settled.min(again)
    }

    /// Reads when the files have settled, or when it is time for the second try.
    fn turn(&mut self, now: Tick) -> Result<(), Gone> {
        if let Some(wait) = self.settling.wait(now) {
            if !wait.is_zero() {
                return Ok(());
            }
            self.settling.done();
            let seen = fingerprint(&self.options.source);
            if seen != self.seen {
                self.seen = seen;
                self.second_try = None;
                return self.read(true);
            }
        }
        if self.second_try.is_some_and(|second| now >= second) {
            self.second_try = None;
            return self.read(false);
        }
        Ok(())
    }

    /// Reads the files and sends what is new. `may_wait`: what looks half-written is left for a
    /// second try.
    fn read(&mut self, may_wait: bool) -> Result<(), Gone> {
        let outcome = load(&self.options);
        if fingerprint(&self.options.source) != self.seen {
            // They changed while we read: what we have may be half of the one, half of the other.
            self.settling.touch(clock::now());
            if self.told.is_some() {
                return Ok(());
            }
        }
        let looks_half = match &outcome {
            Ok(loaded) => loaded.configuration.is_empty() && !self.good.is_empty(),
            Err(_) => true,
        };
        if may_wait && looks_half {
            self.second_try = Some(clock::now() + SECOND_TRY);
            return Ok(());
        }
        match outcome {
            Ok(loaded) => self.adopt(loaded),
            Err(report) => self.refuse(report),
        }
    }

    fn adopt(&mut self, loaded: Loaded) -> Result<(), Gone> {
        let Loaded {
            mut configuration,
            places,
            report,
            generated,
        } = loaded;
        configuration.reuse(&self.good);
        if configuration == *self.good {
            if self.told.as_ref() == Some(&report) {
                return Ok(());
            }
        } else {
            self.good = Arc::new(configuration);
        }
        self.places = Arc::new(places);
        let debug = generated
            .into_iter()
            .map(|made| format!("{}: the template makes:\n{}", made.file, made.text));
        self.send(report, debug.collect())
    }

    /// The files can not be read: what was good before stays.
    fn refuse(&mut self, mut report: Report) -> Result<(), Gone> {
        if !self.good.is_empty() {
            let kept = Problem::warning("the configuration read before stays in use");
            report.push(kept.from_provider(NAME));
        }
        if self.told.as_ref() == Some(&report) {
            return Ok(());
        }
        self.send(report, Vec::new())
    }

    fn send(&mut self, report: Report, debug: Vec<String>) -> Result<(), Gone> {
        self.told = Some(report.clone());
        let message = Message {
            provider: NAME.to_owned(),
            configuration: Arc::clone(&self.good),
            places: Arc::clone(&self.places),
            report,
            debug,
        };
        let sent = self.sink.send(message).map_err(|_| Gone);
        // What reading took is a multiple of what came of it.
        engine::give_back();
        sent
    }
}

/// Nobody receives messages any more.
struct Gone;

/// Asks the kernel to tell of changes; `None` where it will not.
fn listen(news: Sender<News>) -> Option<RecommendedWatcher> {
    let heard = move |event: notify::Result<Event>| {
        let is_lost = event.as_ref().is_ok_and(Event::need_rescan);
        let piece = match event {
            Ok(event) if !is_lost => News::Change(event),
            Ok(_) | Err(_) => News::Unsure,
        };
        // The thread that listens ends after the one that hears: nobody is left to be told.
        let _gone = news.send(piece);
    };
    notify::recommended_watcher(heard).ok()
}

/// Watches the folders in which a change can happen, those that are not watched yet.
fn follow(
    kernel: Option<&mut RecommendedWatcher>,
    source: &FileSource,
    watched: &mut Vec<PathBuf>,
) {
    let Some(kernel) = kernel else { return };
    let (folders, mode) = match source {
        FileSource::File(path) => (folders_of(path), RecursiveMode::NonRecursive),
        FileSource::Directory(path) => (vec![path.clone()], RecursiveMode::Recursive),
    };
    for folder in &folders {
        if !watched.contains(folder) && kernel.watch(folder, mode).is_ok() {
            watched.push(folder.clone());
        }
    }
    watched.retain(|folder| {
        let stays = folders.contains(folder) && folder.is_dir();
        if !stays {
            // It may be gone already, and its watch with it.
            let _gone = kernel.unwatch(folder);
        }
        stays
    });
}

/// The folder of a file, and of each link on the way to what it points to.
fn folders_of(path: &Path) -> Vec<PathBuf> {
    const LINKS_MAX: usize = 8;
    let mut folders = Vec::new();
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let target = path.read_link();
        if !folders.contains(&folder) {
            folders.push(folder.clone());
        }
        match target {
            Ok(target) => path = folder.join(target),
            Err(_) => break,
        }
    }
    folders
}
