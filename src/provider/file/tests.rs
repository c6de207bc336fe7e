use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, never, unbounded};

use super::*;
use crate::config::statics::{FileProvider, FileSource};
use crate::provider::Message;

/// Longer than any reaction takes; a test that waits this long has failed.
const LONG: Duration = Duration::from_secs(20);
/// Long enough for a wrong reaction to show.
const SHORT: Duration = Duration::from_millis(700);

/// A folder of a test's own, removed at its end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ringway-file-{}-{number}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left behind lies in the system's folder for such things.
        let _left = fs::remove_dir_all(&self.0);
    }
}

fn router(name: &str) -> String {
    format!("http:\n  routers:\n    {name}:\n      rule: Host(`{name}`)\n      service: s\n")
}

fn start(source: FileSource) -> (Watch, Receiver<Message>) {
    let (sink, messages) = unbounded();
    let options = FileProvider {
        source,
        watch: true,
        debug_log_generated_template: false,
    };
    (watch(options, sink).unwrap(), messages)
}

fn names(message: &Message) -> String {
    let names: Vec<_> = message.configuration.http.routers.keys().cloned().collect();
    names.join(" ")
}

/// The routers of messages until `wanted` comes; panics when it does not.
#[track_caller]
fn expect(messages: &Receiver<Message>, wanted: &str) -> Message {
    loop {
        let message = messages.recv_timeout(LONG).unwrap();
        if names(&message) == wanted {
            return message;
        }
    }
}

fn pause(time: Duration) {
    let _timeout = never::<()>().recv_timeout(time);
}

#[test]
fn a_folder_is_read_with_all_below_it() {
    let folder = Folder::new();
    folder.write(
        "b.toml",
        "[http.routers.b]\nrule = \"x\"\nservice = \"s\"\n",
    );
    folder.write("a.yml", &router("a"));
    folder.write("sub/c.yaml", &router("c"));
    folder.write("..2026/d.yml", &router("d"));
    folder.write(".#e.yml", "{");
    folder.write("f.txt", "{");
    let loaded = load_paths(std::slice::from_ref(&folder.0)).unwrap();
    let names: Vec<_> = loaded.configuration.http.routers.keys().cloned().collect();
    assert_eq!(names, ["a", "b", "c"]);
    assert_eq!(loaded.report.to_string(), "");
    let place = loaded.places.find("http.routers.c.rule").unwrap();
    assert!(loaded.places.file(place).ends_with("sub/c.yaml"));
    assert_eq!(place.line, 4);
}

#[test]
fn of_two_with_one_name_the_first_is_used() {
    let folder = Folder::new();
    let first = folder.write("a.yml", &router("x"));
    let second = folder.write("b.yml", &router("x"));
    let loaded = load_paths(std::slice::from_ref(&folder.0)).unwrap();
    assert_eq!(
        loaded.report.to_string(),
        format!(
            "{}:3:5: warning: http.routers.x: the name is taken; this one is not used\n  \
             hint: the first stands in {}:3\n",
            second.display(),
            first.display()
        )
    );
}

#[test]
fn what_can_not_be_read_is_told() {
    let folder = Folder::new();
    let told = |path: PathBuf| {
        let text = load_paths(std::slice::from_ref(&path))
            .unwrap_err()
            .to_string();
        text.replace(&folder.0.display().to_string(), "F")
    };
    assert_eq!(
        told(folder.path("no.yml")),
        "F/no.yml: error: there is no such file or folder\n"
    );
    assert_eq!(
        told(folder.write("a.conf", "")),
        "F/a.conf: error: the name does not tell how the file is written\n  \
         hint: it must end in .yaml, .yml or .toml\n"
    );
    symlink("nowhere", folder.path("link.yml")).unwrap();
    assert_eq!(
        told(folder.path("link.yml")),
        "F/link.yml: error: the link points to nothing\n"
    );
    fs::write(folder.path("bytes.yml"), [0xff, 0xfe]).unwrap();
    assert_eq!(
        told(folder.path("bytes.yml")),
        "F/bytes.yml: error: the file is not UTF-8 text\n"
    );
    assert_eq!(
        told(folder.write("t.yml", "a: 1\nb: {{ nope }}\n")),
        "F/t.yml:2: error: in the template: there is no template function \"nope\"\n"
    );
}

#[test]
fn places_are_those_of_the_template() {
    let folder = Folder::new();
    let path = folder.write(
        "t.yml",
        "http:\n  routers:\n{{ range until 2 }}\n    r{{ . }}:\n      rul: x\n{{ end }}\n",
    );
    let text = load_paths(&[path]).unwrap_err().to_string();
    let lines: Vec<_> = text
        .lines()
        .filter_map(|line| line.split_once("t.yml:").map(|(_, rest)| rest))
        .collect();
    assert_eq!(
        lines,
        [
            "5:7: error: http.routers.r0.rul: there is no such field",
            "5:7: error: http.routers.r1.rul: there is no such field"
        ]
    );
}

#[test]
fn a_change_is_sent_and_what_is_equal_keeps_its_address() {
    let folder = Folder::new();
    let path = folder.write("a.yml", &(router("a") + "    b: {rule: x, service: s}\n"));
    let (_watch, messages) = start(FileSource::File(path));
    let before = expect(&messages, "a b");
    folder.write("a.yml", &(router("a") + "    c: {rule: x, service: s}\n"));
    let after = expect(&messages, "a c");
    let a = |message: &Message| Arc::clone(&message.configuration.http.routers["a"]);
    assert!(Arc::ptr_eq(&a(&before), &a(&after)));
}

#[test]
fn a_rename_over_the_file_is_seen() {
    let folder = Folder::new();
    let path = folder.write("a.yml", &router("a"));
    let (_watch, messages) = start(FileSource::File(path.clone()));
    expect(&messages, "a");
    let fresh = folder.write("a.yml.new", &router("b"));
    fs::rename(fresh, path).unwrap();
    expect(&messages, "b");
}

/// As Kubernetes changes a ConfigMap: a new folder, and the link `..data` swapped over to it.
fn swap_config_map(folder: &Folder, version: &str, text: &str) {
    folder.write(&format!("..{version}/a.yml"), text);
    let fresh = folder.path("..data_tmp");
    symlink(format!("..{version}"), &fresh).unwrap();
    fs::rename(fresh, folder.path("..data")).unwrap();
}

#[test]
fn a_config_map_swap_is_seen_by_file_and_by_folder() {
    let folder = Folder::new();
    swap_config_map(&folder, "1", &router("a"));
    symlink("..data/a.yml", folder.path("a.yml")).unwrap();
    let (_by_file, of_file) = start(FileSource::File(folder.path("a.yml")));
    let (_by_folder, of_folder) = start(FileSource::Directory(folder.0.clone()));
    expect(&of_file, "a");
    expect(&of_folder, "a");
    swap_config_map(&folder, "2", &router("b"));
    fs::remove_dir_all(folder.path("..1")).unwrap();
    expect(&of_file, "b");
    let last = expect(&of_folder, "b");
    assert!(last.report.is_empty(), "{}", last.report);
}

#[test]
fn a_file_that_is_still_being_written_is_not_read() {
    use std::io::Write;
    let folder = Folder::new();
    let path = folder.write("a.yml", &router("a"));
    let (_watch, messages) = start(FileSource::File(path.clone()));
    expect(&messages, "a");
    let mut file = fs::File::create(path).unwrap();
    pause(SHORT);
    file.write_all(router("b").as_bytes()).unwrap();
    pause(SHORT);
    assert!(messages.is_empty(), "sent half of a file");
    file.write_all(b"    c: {rule: x, service: s}\n").unwrap();
    drop(file);
    let message = messages.recv_timeout(LONG).unwrap();
    assert_eq!(names(&message), "b c");
}

#[test]
fn a_broken_file_changes_nothing_and_is_told_once() {
    let folder = Folder::new();
    let path = folder.write("a.yml", &router("a"));
    let (_watch, messages) = start(FileSource::File(path));
    let good = expect(&messages, "a");
    folder.write("a.yml", "http: [\n");
    let told = messages.recv_timeout(LONG).unwrap();
    assert!(told.report.refuses_all());
    assert!(
        told.report.to_string().contains("stays in use"),
        "{}",
        told.report
    );
    assert!(Arc::ptr_eq(&told.configuration, &good.configuration));
    pause(SHORT);
    assert!(messages.is_empty());
    folder.write("a.yml", &router("b"));
    let mended = expect(&messages, "b");
    assert!(mended.report.is_empty());
}

#[test]
fn a_deleted_file_leaves_its_configuration_in_use() {
    let folder = Folder::new();
    let path = folder.write("a.yml", &router("a"));
    let (_watch, messages) = start(FileSource::File(path.clone()));
    expect(&messages, "a");
    fs::remove_file(&path).unwrap();
    let told = messages.recv_timeout(LONG).unwrap();
    assert_eq!(names(&told), "a");
    assert!(
        told.report.to_string().contains("no such file"),
        "{}",
        told.report
    );
    folder.write("a.yml", &router("b"));
    expect(&messages, "b");
}

#[test]
fn files_in_new_folders_are_seen() {
    let folder = Folder::new();
    folder.write("a.yml", &router("a"));
    let (_watch, messages) = start(FileSource::Directory(folder.0.clone()));
    expect(&messages, "a");
    folder.write("new/b.yml", &router("b"));
    expect(&messages, "a b");
    fs::remove_dir_all(folder.path("new")).unwrap();
    expect(&messages, "a");
}

#[test]
fn a_file_that_comes_later_is_seen() {
    let folder = Folder::new();
    let (_watch, messages) = start(FileSource::File(folder.path("a.yml")));
    let first = messages.recv_timeout(LONG).unwrap();
    assert!(first.report.refuses_all() && first.configuration.is_empty());
    folder.write("a.yml", &router("a"));
    expect(&messages, "a");
}

#[test]
fn where_the_kernel_tells_nothing_changes_are_seen_too() {
    let folder = Folder::new();
    let path = folder.write("a.yml", &router("a"));
    let (sink, messages) = unbounded();
    let options = FileProvider {
        source: FileSource::File(path),
        watch: true,
        debug_log_generated_template: false,
    };
    let _watch = watch::watch_with(options, sink, false).unwrap();
    expect(&messages, "a");
    folder.write("a.yml", &router("b"));
    expect(&messages, "b");
}

#[test]
fn without_watch_one_message_comes() {
    let folder = Folder::new();
    let path = folder.write("a.yml", "# {{ 1 }}\n");
    let (sink, messages) = unbounded();
    let options = FileProvider {
        source: FileSource::File(path),
        watch: false,
        debug_log_generated_template: true,
    };
    let running = watch(options, sink).unwrap();
    let message = messages.recv_timeout(LONG).unwrap();
    assert_eq!(message.debug.len(), 1);
    assert!(message.debug[0].ends_with("a.yml: the template makes:\n# 1\n"));
    assert!(messages.recv_timeout(LONG).is_err());
    drop(running);
}

#[test]
fn what_is_rendered_has_full_names() {
    let folder = Folder::new();
    let one = folder.write("a.yml", &router("a"));
    let two = folder.write(
        "b.yml",
        "tls: {options: {default: {sniStrict: true}, o: {}}}\n",
    );
    let (text, report) = render(&[one, two], Format::Yaml, false);
    assert_eq!(report.to_string(), "");
    let text = text.unwrap();
    assert!(text.contains("    a@file:\n      service: s\n"), "{text}");
    assert!(text.contains("    default:\n"), "{text}");
    assert!(text.contains("    o@file:\n"), "{text}");
    let (text, report) = render(&[Path::new("/no/such.yml").to_owned()], Format::Json, false);
    assert!(text.is_none() && report.refuses_all());
}
