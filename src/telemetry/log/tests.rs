use std::fs;
use std::sync::mpsc;

use super::*;

fn entry(level: Level, text: &'static str, fields: &[(&'static str, &str)]) -> Entry {
    let mut entry = Entry::new(level, text.into());
    entry.unix_nanos = 1_704_207_845_999_999_999;
    for (name, value) in fields {
        entry.fields.push((*name, (*value).to_owned()));
    }
    entry
}

fn shown(style: Style, entry: &Entry) -> String {
    let mut out = Vec::new();
    style.append(&mut out, &mut Calendar::default(), entry);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_common_line_reads_as_zerolog_writes_it() {
    let entry = entry(
        Level::Error,
        "Cannot \"dial\"",
        &[("router", "a@file"), ("error", "no route"), ("empty", "")],
    );
    assert_eq!(
        shown(Style::PLAIN, &entry),
        "2024-01-02T15:04:05Z ERR Cannot \"dial\" error=\"no route\" empty=\"\" router=a@file\n"
    );
}

#[test]
fn a_json_line_is_one_object() {
    let entry = entry(Level::Info, "Started", &[("address", ":80\n\"")]);
    assert_eq!(
        shown(Style::Json, &entry),
        "{\"level\":\"info\",\"address\":\":80\\n\\\"\",\"time\":\"2024-01-02T15:04:05Z\",\
         \"message\":\"Started\"}\n"
    );
}

#[test]
fn no_value_forges_a_line_or_a_field() {
    let value = "x\n2024-01-02T15:04:05Z ERR forged\" key=\"y \u{1b}[2J\u{2028}";
    let entry = entry(Level::Warn, "a\r\nb", &[("path", value)]);
    for style in [Style::PLAIN, Style::Common { colours: true }, Style::Json] {
        let line = shown(style, &entry);
        assert_eq!(line.lines().count(), 1, "{line:?}");
        assert!(!line.contains("forged\" key"), "{line:?}");
        assert!(!line.contains("\u{1b}[2J"), "{line:?}");
    }
}

#[test]
fn colours_do_not_change_the_words() {
    let entry = entry(Level::Info, "Started", &[("a", "b"), ("error", "c d")]);
    let line = shown(Style::Common { colours: true }, &entry);
    let mut plain = String::new();
    for part in line.split('\u{1b}') {
        plain.push_str(part.strip_prefix('[').map_or(part, |rest| {
            rest.split_once('m').map_or(rest, |(_, text)| text)
        }));
    }
    assert_eq!(plain, shown(Style::PLAIN, &entry));
}

#[test]
fn a_level_is_read_in_any_case() {
    let table = [
        ("TRACE", Ok(Level::Trace)),
        ("debug", Ok(Level::Debug)),
        ("Info", Ok(Level::Info)),
        ("WARNING", Ok(Level::Warn)),
        ("panic", Ok(Level::Panic)),
        ("", Err(UnknownLevel)),
        ("loud", Err(UnknownLevel)),
    ];
    for (text, level) in table {
        assert_eq!(text.parse(), level);
    }
}

#[test]
fn a_full_lane_drops_counts_and_says_so_later() {
    /// Says when it began to write, and goes on when told.
    struct Slow(Writer, mpsc::Sender<()>, mpsc::Receiver<()>);
    impl Drain<Box<Entry>> for Slow {
        fn take(&mut self, entry: Box<Entry>) {
            self.0.take(entry);
        }
        fn write_out(&mut self) {
            self.1.send(()).unwrap();
            self.2.recv().unwrap();
            self.0.write_out();
        }
        fn reopen(&mut self) {
            self.0.reopen();
        }
        fn dropped(&mut self, lines: u64) {
            self.0.dropped(lines);
        }
    }
    let path = std::env::temp_dir().join(format!("ringway-log-{}", std::process::id()));
    let options = Options {
        file_path: Some(path.clone()),
        ..Options::default()
    };
    let (began, begins) = mpsc::channel();
    let (go, goes) = mpsc::channel();
    let slow = Slow(Writer::open(&options).unwrap(), began, goes);
    let lane = Lane::start("log-test", 1, slow).unwrap();
    let line = || Box::new(entry(Level::Error, "line", &[]));
    lane.offer(line(), 1);
    begins.recv().unwrap();
    for _ in 0..4 {
        lane.offer(line(), 1);
    }
    for _ in 0..8 {
        go.send(()).unwrap();
    }
    lane.flush();
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(text.matches("ERR line").count(), 2, "{text}");
    assert!(text.contains("lost lines lost=3"), "{text}");
}
