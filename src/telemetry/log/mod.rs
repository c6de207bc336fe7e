//! The program's log, in the words of zerolog as Traefik 3 uses it.
//!
//! `log::error("Cannot reach the server").with("serviceName", name).send()`: when the level is
//! off this costs one relaxed load. A line is made and written by the log's own thread.

mod level;
mod line;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

use super::lane::{Drain, Lane};
use super::outlet::{Outlet, Rotation};
use crate::base::clock;
use crate::base::limits::{LOG_LINES_WAITING_MAX, LOG_VALUE_BYTES_MAX};

pub use level::{Level, UnknownLevel};
use line::{Calendar, Entry, Style};

static LEVEL: AtomicU8 = AtomicU8::new(Level::Error as u8);
static LANE: OnceLock<Lane<Box<Entry>>> = OnceLock::new();

/// How lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Format {
    #[default]
    Common,
    Json,
}

/// The static configuration's `log`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Options {
    pub level: Level,
    pub format: Format,
    /// Standard output when there is none.
    pub file_path: Option<PathBuf>,
    /// Colours appear only on a terminal, and only when this is false.
    pub no_color: bool,
    /// Only for a file.
    pub rotation: Option<Rotation>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            level: Level::Error,
            format: Format::Common,
            file_path: None,
            no_color: false,
            rotation: None,
        }
    }
}

/// Opens the log and starts its thread. Only the first call has an effect beyond the level.
/// Before it, lines go to standard error.
///
/// # Errors
/// When the file cannot be opened or the thread cannot be started.
pub fn start(options: &Options) -> io::Result<()> {
    set_level(options.level);
    if LANE.get().is_some() {
        return Ok(());
    }
    let lane = Lane::start("log", LOG_LINES_WAITING_MAX, Writer::open(options)?)?;
    // Had somebody else been first, this lane ends with its empty queue.
    drop(LANE.set(lane));
    Ok(())
}

/// Changes what is told from now on.
pub fn set_level(level: Level) {
    LEVEL.store(level as u8, Ordering::Relaxed);
}

/// Opens the file anew: SIGUSR1, after somebody moved it away.
pub fn reopen() {
    if let Some(lane) = LANE.get() {
        lane.reopen();
    }
}

/// Waits, for a bounded time, until all lines of before are written: at exit.
pub fn flush() {
    if let Some(lane) = LANE.get() {
        lane.flush();
    }
}

#[must_use]
pub fn enabled(level: Level) -> bool {
    level as u8 >= LEVEL.load(Ordering::Relaxed)
}

/// Begins a line; nothing happens before [`Event::send`].
pub fn event(level: Level, text: impl Into<Cow<'static, str>>) -> Event {
    Event {
        entry: enabled(level).then(|| Box::new(Entry::new(level, text.into()))),
    }
}

pub fn trace(text: impl Into<Cow<'static, str>>) -> Event {
    event(Level::Trace, text)
}

pub fn debug(text: impl Into<Cow<'static, str>>) -> Event {
    event(Level::Debug, text)
}

pub fn info(text: impl Into<Cow<'static, str>>) -> Event {
    event(Level::Info, text)
}

pub fn warn(text: impl Into<Cow<'static, str>>) -> Event {
    event(Level::Warn, text)
}

pub fn error(text: impl Into<Cow<'static, str>>) -> Event {
    event(Level::Error, text)
}

/// A line in the making; empty when its level is off.
#[must_use = "a line is told by send()"]
#[derive(Debug)]
pub struct Event {
    entry: Option<Box<Entry>>,
}

impl Event {
    /// Adds `name=value`. The value is only made into text when the line will be told.
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        if let Some(entry) = &mut self.entry {
            let mut text = value.to_string();
            if text.len() > LOG_VALUE_BYTES_MAX {
                text.truncate(text.floor_char_boundary(LOG_VALUE_BYTES_MAX));
                text.push_str("...");
            }
            entry.fields.push((name, text));
        }
        self
    }

    /// Hands the line to the log's thread; drops and counts it when too many wait already.
    pub fn send(self) {
        let Some(mut entry) = self.entry else { return };
        entry.unix_nanos = clock::unix_nanos();
        match LANE.get() {
            Some(lane) => lane.offer(entry, 1),
            None => tell_now(&entry),
        }
    }
}

/// The log is not open yet: the line goes to standard error by the thread that has it.
fn tell_now(entry: &Entry) {
    let mut line = Vec::new();
    Style::PLAIN.append(&mut line, &mut Calendar::default(), entry);
    // Nobody is left to be told when standard error is closed.
    drop(io::stderr().lock().write_all(&line));
}

/// What runs on the log's thread.
struct Writer {
    outlet: Outlet,
    style: Style,
    calendar: Calendar,
    lines: Vec<u8>,
}

impl Writer {
    fn open(options: &Options) -> io::Result<Self> {
        let path = options.file_path.as_deref();
        let outlet = Outlet::open(path, options.rotation)?;
        let style = match options.format {
            Format::Json => Style::Json,
            Format::Common => Style::Common {
                colours: !options.no_color && outlet.is_terminal(),
            },
        };
        Ok(Self {
            outlet,
            style,
            calendar: Calendar::default(),
            lines: Vec::new(),
        })
    }

    /// A line of the log about itself.
    fn own(&mut self, text: &'static str, name: &'static str, value: String) {
        let mut entry = Entry::new(Level::Error, text.into());
        entry.unix_nanos = clock::unix_nanos();
        entry.fields.push((name, value));
        self.take(Box::new(entry));
        self.write_out();
    }
}

impl Drain<Box<Entry>> for Writer {
    fn take(&mut self, entry: Box<Entry>) {
        self.style
            .append(&mut self.lines, &mut self.calendar, &entry);
    }

    fn write_out(&mut self) {
        // A log that cannot be written has nowhere to say so.
        drop(self.outlet.write(&self.lines));
        self.lines.clear();
    }

    fn reopen(&mut self) {
        if let Err(error) = self.outlet.reopen() {
            self.own(
                "Cannot reopen the log file, the old one stays in use",
                "error",
                error.to_string(),
            );
        }
    }

    fn dropped(&mut self, lines: u64) {
        self.own(
            "The log could not keep up and lost lines",
            "lost",
            lines.to_string(),
        );
    }
}
