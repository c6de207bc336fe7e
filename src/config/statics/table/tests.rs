use std::collections::BTreeSet;

use crate::config::Severity;
use crate::config::statics::option::{Kind, OptionSpec, State};
use crate::config::statics::settings::Settings;
use crate::config::statics::table::all;
use crate::config::statics::value::Value;
use crate::config::statics::view::{Notes, View};
use crate::config::statics::words::Word;
use crate::config::statics::{
    AccessLogFormat, Engine, FieldMode, Flags, HeaderMode, LogFormat, LogLevel, RuleSyntax,
    TraceVerbosity, UnderscoreHeaders, build, file, schema, variables,
};

/// Rows that can be set: those that are not gone.
fn live() -> impl Iterator<Item = &'static OptionSpec> {
    all().filter(|spec| !matches!(spec.state, State::Refused(_)))
}

#[test]
fn no_path_comes_twice() {
    let mut seen = BTreeSet::new();
    for spec in all() {
        assert!(seen.insert(spec.path.to_ascii_lowercase()), "{}", spec.path);
    }
}

#[test]
fn the_whole_reference_list_is_known() {
    assert_eq!((live().count(), all().count() - live().count()), (544, 121));
}

#[test]
fn every_row_says_what_the_option_is_for() {
    for spec in live() {
        assert!(spec.help.ends_with('.'), "{}", spec.path);
        assert!(!spec.since.is_empty(), "{}", spec.path);
    }
}

#[test]
fn every_default_reads_as_a_value_of_its_kind() {
    for spec in live().filter(|spec| !spec.default.is_empty()) {
        let read = Value::parse(spec.kind, spec.default);
        assert!(read.is_ok(), "{}: {read:?}", spec.path);
    }
}

#[test]
fn the_words_of_the_table_are_those_of_the_types() {
    fn words<W: Word>() -> Vec<&'static str> {
        W::ALL.iter().map(|(word, _)| *word).collect()
    }
    let table = [
        ("engine", words::<Engine>()),
        ("core.defaultRuleSyntax", words::<RuleSyntax>()),
        ("log.level", words::<LogLevel>()),
        ("log.format", words::<LogFormat>()),
        ("accessLog.format", words::<AccessLogFormat>()),
        ("accessLog.fields.defaultMode", words::<FieldMode>()),
        ("accessLog.fields.names.*", words::<FieldMode>()),
        (
            "accessLog.fields.queryParameters.defaultMode",
            words::<FieldMode>(),
        ),
        (
            "accessLog.fields.headers.defaultMode",
            words::<HeaderMode>(),
        ),
        ("accessLog.fields.headers.names.*", words::<HeaderMode>()),
        (
            "entryPoints.*.http.underscoreHeadersStrategy",
            words::<UnderscoreHeaders>(),
        ),
        (
            "entryPoints.*.observability.traceVerbosity",
            words::<TraceVerbosity>(),
        ),
    ];
    for (path, words) in table {
        let spec = all().find(|spec| spec.path == path).unwrap();
        assert_eq!(spec.kind, Kind::Choice(words.leak()), "{path}");
    }
}

/// A value of the kind that is not the default, as text and as it stands in YAML and TOML.
fn sample(spec: &OptionSpec) -> (String, String) {
    let quoted = |text: &str| (text.to_owned(), format!("\"{text}\""));
    let plain = |text: &str| (text.to_owned(), text.to_owned());
    match spec.kind {
        Kind::Block => plain("true"),
        Kind::Bool if spec.default == "true" => plain("false"),
        Kind::Bool => plain("true"),
        Kind::Int | Kind::Count => plain("443"),
        Kind::Float => plain("0.25"),
        Kind::Duration => quoted("1m7s"),
        Kind::Text | Kind::Secret | Kind::Free => quoted("127.0.0.1:80"),
        Kind::Texts => (
            "10.0.0.1,10.1.0.0/16".into(),
            r#"["10.0.0.1", "10.1.0.0/16"]"#.into(),
        ),
        Kind::Floats => ("0.25,2".into(), "[0.25, 2]".into()),
        Kind::Choice(words) => quoted(words.last().unwrap()),
    }
}

/// `a.*.b[].c` with its value, as nested maps and lists.
fn nested(path: &str, value: &str, pair: &str) -> String {
    let Some((name, rest)) = path.split_once('.') else {
        return format!("{{\"{path}\"{pair} {value}}}");
    };
    let inner = nested(rest, value, pair);
    match name.strip_suffix("[]") {
        Some(name) => format!("{{\"{name}\"{pair} [{inner}]}}"),
        None => format!("{{\"{name}\"{pair} {inner}}}"),
    }
}

fn values(settings: &Settings) -> Vec<(String, Value)> {
    let pairs = settings.values();
    pairs
        .map(|(path, value)| (path.to_string(), value.clone()))
        .collect()
}

fn by_file(name: &str, text: &str) -> Settings {
    let settings = file::read(std::path::Path::new(name), text);
    assert_eq!(settings.problems(), [], "{text}");
    settings
}

#[test]
fn every_option_reads_the_same_from_yaml_toml_flags_and_environment() {
    for spec in live().filter(|spec| spec.path != "configFile") {
        let path = spec.path.replace('*', "alpha");
        let (text, literal) = sample(spec);
        let yaml = by_file("a.yaml", &nested(&path, &literal, ":"));
        let (root, rest) = path.split_once('.').unwrap_or((&path, ""));
        let inner = if rest.is_empty() {
            literal.clone()
        } else {
            nested(rest, &literal, " =")
        };
        let toml = by_file("a.toml", &format!("{root} = {inner}\n"));
        let mut flags = Flags::new();
        let flag = format!(
            "--{}={text}",
            path.to_ascii_uppercase().replace("ALPHA", "alpha")
        );
        flags.take(&flag.replace("[]", "[0]"), &mut std::iter::empty());
        let flag_settings = flags.settings();
        assert_eq!(flag_settings.problems(), [], "{flag}");
        let name = path
            .to_ascii_uppercase()
            .replace("[]", "_0")
            .replace('.', "_");
        let variables = variables::read("TRAEFIK_", &[(format!("TRAEFIK_{name}"), text)]);
        assert_eq!(variables.settings.problems(), [], "{name}");
        let expected = values(&yaml);
        assert_eq!(expected.last().unwrap().0, path.replace("[]", "[0]"));
        assert_eq!(values(&toml), expected, "TOML");
        assert_eq!(values(&flag_settings), expected, "{flag}");
        assert_eq!(values(&variables.settings), expected, "{name}");
    }
}

#[test]
fn every_served_option_is_read_by_the_program() {
    let mut flags = Flags::new();
    for spec in live() {
        let path = spec.path.replace('*', "alpha").replace("[]", "[0]");
        let flag = format!("--{path}={}", sample(spec).0);
        flags.take(&flag, &mut std::iter::empty());
    }
    let settings = flags.settings();
    let notes = Notes::default();
    build::read(&View::root(&settings, &notes));
    let read: BTreeSet<&str> = notes.reads().into_iter().collect();
    let served = all().filter(|spec| spec.state == State::Served);
    let unread: Vec<&str> = served
        .map(|spec| spec.path)
        .filter(|path| !read.contains(path))
        .filter(|path| !matches!(*path, "configFile" | "entryPoints.*.http"))
        .collect();
    assert_eq!(unread, [] as [&str; 0], "served by name, read by nobody");
}

#[test]
fn every_option_that_is_gone_stops_the_start_with_its_hint() {
    for spec in all() {
        let State::Refused(hint) = spec.state else {
            continue;
        };
        let path = spec.path.replace('*', "alpha");
        let mut flags = Flags::new();
        flags.take(&format!("--{path}=true"), &mut std::iter::empty());
        let settings = flags.settings();
        let mut problems = settings.judge();
        problems.retain(|problem| problem.severity == Severity::Error);
        let [problem] = problems.as_slice() else {
            panic!("{path}: {problems:?}");
        };
        assert!(problem.message.ends_with(hint), "{path}: {problem}");
    }
}

#[test]
fn the_tree_knows_all_rows() {
    fn count(node: &'static schema::Node) -> usize {
        let below: usize = node
            .names()
            .filter_map(|name| node.child(name))
            .map(|(_, child)| count(child))
            .sum();
        let any = node.any().map_or(0, count);
        let item = node.item().map_or(0, count);
        usize::from(node.spec.is_some()) + below + any + item
    }
    assert_eq!(count(schema::root()), all().count());
}
