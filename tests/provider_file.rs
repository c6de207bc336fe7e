//! What the file provider makes of its input, as files that a person can read:
//! `tests/golden/render/*` gives the `.json` beside it, `tests/golden/problems/*` the `.txt`.
//! `UPDATE_GOLDEN=1 cargo test --test provider_file` writes the right-hand sides anew; look at
//! the difference before it is committed.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use ringway::config::Report;
use ringway::config::decode::field_paths;
use ringway::config::dynamic::Configuration;
use ringway::provider::file::{Format, render};
use serde_json::Value;

/// The inputs in a folder of `tests/golden`, by name.
fn inputs(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new("tests/golden").join(folder);
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml" || e == "toml"))
        .collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

/// `x.yaml` -> `x.yaml.txt`.
fn beside(input: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}.{ending}", input.display()))
}

/// Compares with what the file holds, or writes it. Gives a fault to show.
fn compare(path: &Path, found: &str) -> Option<String> {
    if env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(path, found).unwrap();
        return None;
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    if expected == found {
        return None;
    }
    let same = expected.lines().zip(found.lines());
    let line = same.take_while(|(one, other)| one == other).count();
    let at = |text: &str| text.lines().nth(line).unwrap_or("(nothing)").to_owned();
    Some(format!(
        "{}:{}\n  expected: {}\n  found:    {}",
        path.display(),
        line + 1,
        at(&expected),
        at(found)
    ))
}

fn shown(report: &Report) -> String {
    let verdict = if report.refuses_all() {
        "the whole is refused\n"
    } else {
        "it is read\n"
    };
    format!("{report}{verdict}")
}

#[test]
fn inputs_render_as_written_beside_them() {
    let mut faults = Vec::new();
    for input in inputs("render") {
        let (text, report) = render(std::slice::from_ref(&input), Format::Json, false);
        let text = text.unwrap_or_else(|| panic!("{}: {report}", input.display()));
        faults.extend(compare(&beside(&input, "json"), &text));
        let (yaml, _) = render(std::slice::from_ref(&input), Format::Yaml, false);
        faults.extend(compare(&beside(&input, "yml"), &yaml.unwrap()));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn problems_are_told_as_written_beside_their_cause() {
    let mut faults = Vec::new();
    for input in inputs("problems") {
        let (_, report) = render(std::slice::from_ref(&input), Format::Json, false);
        faults.extend(compare(&beside(&input, "txt"), &shown(&report)));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_field_is_written_as_it_is_read() {
    let input = Path::new("tests/golden/render/every_field.yaml").to_owned();
    let (text, _) = render(&[input], Format::Json, false);
    let json: Value = serde_json::from_str(&text.unwrap()).unwrap();
    let mut found = BTreeSet::new();
    gather(&json, "", &mut found);
    let missing: Vec<_> = field_paths::<Configuration>()
        .into_iter()
        .filter(|path| !found.iter().any(|found| fits(path, found)))
        .collect();
    assert!(missing.is_empty(), "not in every_field.yaml: {missing:#?}");
}

/// All paths of values, `[]` for items.
fn gather(json: &Value, path: &str, found: &mut BTreeSet<String>) {
    found.insert(path.to_owned());
    match json {
        Value::Object(map) => {
            for (key, value) in map {
                let dot = if path.is_empty() { "" } else { "." };
                gather(value, &format!("{path}{dot}{key}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                gather(item, &format!("{path}[]"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `a.*.b` fits `a.x.b`, and so does `a.*` fit `a.x.y`.
fn fits(path: &str, found: &str) -> bool {
    let (mut wanted, mut parts) = (path.split('.'), found.split('.'));
    loop {
        match (wanted.next(), parts.next()) {
            (None, _) => return true,
            (Some("*"), Some(_)) => {}
            (Some(one), Some(other)) if one == other => {}
            (Some(_), _) => return false,
        }
    }
}

#[test]
fn what_is_rendered_reads_back_as_the_same() {
    for input in inputs("render") {
        let json = fs::read_to_string(beside(&input, "json")).unwrap();
        let json: Value = serde_json::from_str(&json).unwrap();
        if json.as_object().is_none_or(serde_json::Map::is_empty) {
            continue;
        }
        let copy = env::temp_dir().join(format!("ringway-golden-{}.yaml", std::process::id()));
        fs::write(&copy, json.to_string()).unwrap();
        let (again, report) = render(std::slice::from_ref(&copy), Format::Json, false);
        fs::remove_file(&copy).unwrap();
        assert!(!report.refuses_all(), "{}: {report}", input.display());
        let again = again.unwrap().replace("@file@file", "@file");
        let again: Value = serde_json::from_str(&again).unwrap();
        assert_eq!(again, json, "{}", input.display());
    }
}

/// Figures for `docs/performance.md`:
/// `cargo test --release --test provider_file -- --ignored --nocapture figures`
#[test]
#[ignore = "it measures"]
fn figures_of_a_large_file() {
    use ringway::base::clock;
    use ringway::provider::file::load_paths;
    use std::fmt::Write;

    const ROUTERS: usize = 100_000;
    let mut text = "http:\n  routers:\n".to_owned();
    for n in 0..ROUTERS {
        let router = format!(
            "    router-{n}:\n      rule: Host(`host-{n}.example.com`) && PathPrefix(`/api`)\n      \
             entryPoints:\n        - web\n      service: service-{}\n",
            n % 1000
        );
        text.push_str(&router);
    }
    text.push_str("  services:\n");
    for n in 0..1000 {
        let (high, low) = (n / 250, n % 250);
        writeln!(
            text,
            "    service-{n}:\n      loadBalancer:\n        servers:\n          \
             - url: http://10.0.{high}.{low}:8080"
        )
        .unwrap();
    }
    let path = env::temp_dir().join(format!("ringway-figures-{}.yaml", std::process::id()));
    fs::write(&path, &text).unwrap();
    let bytes = text.len();
    drop(text);
    let resident = |field: &str| {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with(field)).unwrap();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<u64>()
            .unwrap()
            / 1024
    };
    println!(
        "{} MiB of YAML, {} MiB resident before",
        bytes >> 20,
        resident("VmRSS")
    );
    let mut before = None;
    for _ in 0..3 {
        let start = clock::now();
        let mut loaded = load_paths(std::slice::from_ref(&path)).unwrap();
        let read = clock::now();
        if let Some(before) = &before {
            loaded.configuration.reuse(before);
        }
        let reused = clock::now();
        assert_eq!(loaded.configuration.http.routers.len(), ROUTERS);
        before = Some(loaded.configuration);
        println!(
            "load {:?}, reuse {:?}, {} MiB resident, {} MiB at most",
            read - start,
            reused - read,
            resident("VmRSS"),
            resident("VmHWM")
        );
    }
    fs::remove_file(path).unwrap();
}
