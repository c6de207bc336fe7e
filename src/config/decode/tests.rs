#![expect(unreachable_pub, reason = "the macros make public types")]

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value as Json;

use super::*;
use crate::config::duration::GoDuration;
use crate::config::places::Places;
use crate::config::secret::Secret;

words! {
    strict pub enum Colour { Red "red", Green "green" }
}

record! {
    /// An object.
    pub struct Thing {
        /// A word.
        name "name": String,
        count "count": i64 = 7,
        wait "wait": GoDuration = GoDuration::from_secs(5),
        on "on" [always]: bool,
        tags "tags": Vec<String>,
        colour "colour": Option<Choice<Colour>>,
        inner "inner" [empty]: Option<Box<Inner>>,
        strict "strict": Option<Inner>,
        secret "secret": Secret,
        headers "headers": BTreeMap<String, String>,
        old "old" [ignored]: bool,
        maybe "maybe": Option<bool>,
        raw "raw": Option<Json>,
    }
}

record! {
    /// Inside a thing.
    pub struct Inner {
        depth "depth": u16 = 1,
    }
}

one_of! {
    /// Exactly one.
    pub enum Either {
        Left "left": Inner,
        Right "right" [empty]: Thing,
    }
}

record! {
    /// A whole file.
    pub struct File {
        things "things": BTreeMap<String, Arc<Thing>>,
        eithers "eithers": BTreeMap<String, Either>,
    }
}

fn load(text: &str) -> (File, String) {
    let tree = Tree::yaml(text).unwrap();
    let mut reader = Reader::new("f.yml", Places::new());
    let file: File = read(&tree, &mut reader);
    let (mut report, places) = reader.finish();
    let mut inspector = Inspector::new("file", &places);
    for (name, either) in &file.eithers {
        inspector.object("eithers", name, |inspector| either.inspect(inspector));
    }
    for (name, thing) in &file.things {
        inspector.object("things", name, |inspector| thing.inspect(inspector));
    }
    report.append(inspector.finish());
    (file, report.to_string())
}

#[track_caller]
fn check(text: &str, json: &str, report: &str) {
    let (file, found) = load(text);
    assert_eq!(found, report, "{text}");
    assert_eq!(file.write(Writing::default()).to_string(), json, "{text}");
}

#[test]
fn an_empty_file_has_no_objects() {
    check("", "{}", "");
}

#[test]
fn keys_in_any_case_and_values_in_any_dress() {
    check(
        "THINGS:\n  MyName:\n    NAME: 80\n    Count: '12'\n    wait: 90\n    on: \"true\"\n    \
         tags: a, b\n    colour: red\n    headers: {X-A: 1.50}\n    maybe: false\n",
        r#"{"things":{"MyName":{"name":"80","count":12,"wait":"1m30s","on":true,"tags":["a","b"],"colour":"red","headers":{"X-A":"1.50"},"maybe":false}}}"#,
        "",
    );
}

#[test]
fn defaults_hold_until_something_is_given() {
    check(
        "things: {a: {name: x}}\n",
        r#"{"things":{"a":{"name":"x","count":7,"wait":"5s","on":false}}}"#,
        "",
    );
}

#[test]
fn some_empties_mean_yes_and_others_refuse() {
    let yes = r#"{"things":{"a":{"count":7,"wait":"5s","on":false,"inner":{"depth":1}}}}"#;
    check("things: {a: {inner: {}}}\n", yes, "");
    check("things: {a: {inner: true}}\n", yes, "");
    let no = r#"{"things":{"a":{"count":7,"wait":"5s","on":false}}}"#;
    check("things: {a: {inner: false}}\n", no, "");
    check(
        "things: {a: {strict: {}}}\n",
        no,
        "f.yml:1:14: error: things.a.strict: must not be empty\n  \
         hint: give it a field, or leave it out\n",
    );
    check(
        "things: {}\n",
        "{}",
        "f.yml:1:1: error: things: must not be empty\n  hint: give it a field, or leave it out\n",
    );
    check(
        "things:\n  a:\n    inner:\n",
        no,
        "f.yml:3:5: warning: things.a.inner: the field has no value and is taken as not given\n  \
         hint: write `inner: {}` to have it with its defaults\n",
    );
}

#[test]
fn unknown_names_are_named_with_what_was_meant() {
    check(
        "thing: 1\nthings:\n  a:\n    cuont: 1\n    inner: {x: 1}\n",
        r#"{"things":{"a":{"count":7,"wait":"5s","on":false,"inner":{"depth":1}}}}"#,
        "f.yml:1:1: warning: thing: there is no such field; it is not read\n  \
         hint: the fields here are things, eithers\n\
         f.yml:4:5: error: things.a.cuont: there is no such field\n  hint: did you mean \"count\"?\n\
         f.yml:5:13: error: things.a.inner.x: there is no such field\n  \
         hint: the fields here are depth\n",
    );
}

#[test]
fn wrong_types_say_what_was_expected() {
    check(
        "things:\n  a:\n    count: many\n    wait: [1]\n    tags: {a: b}\n    inner: [1]\n    \
         headers: x\n    on: 'yes'\n    name: {a: b}\n",
        r#"{"things":{"a":{"count":7,"wait":"5s","on":false}}}"#,
        "f.yml:3:12: error: things.a.count: expected a whole number, found \"many\"\n\
         f.yml:4:11: error: things.a.wait: expected a duration, found a list\n\
         f.yml:5:11: error: things.a.tags: expected a list, found a map\n\
         f.yml:6:12: error: things.a.inner: expected a map, found a list\n  \
         hint: the fields here are depth\n\
         f.yml:7:14: error: things.a.headers: expected a map, found text\n\
         f.yml:8:9: error: things.a.on: expected true or false, found \"yes\"\n\
         f.yml:9:11: error: things.a.name: expected a text, found a map\n",
    );
}

#[test]
fn what_is_wrong_in_itself_concerns_its_object_alone() {
    let (file, report) = load(
        "things: {a: {colour: rde}}\neithers: {none: {}, both: {left: {depth: 2}, right: {}}}\n",
    );
    assert_eq!(
        report,
        "f.yml:2:21: error: eithers.both: it has several types at once: left, right\n  \
         hint: make an object of its own for each\n\
         f.yml:2:11: error: eithers.none: it has no type\n  hint: give it one of left, right\n\
         f.yml:1:14: error: things.a.colour: \"rde\" is not known here\n  \
         hint: did you mean \"red\"? It can be red, green\n"
    );
    assert_eq!(file.eithers["both"].kind(), "");
}

#[test]
fn a_field_given_twice_or_without_effect_is_told() {
    let (_, report) = load("things:\n  a:\n    name: x\n    Name: y\n    old: true\n");
    assert_eq!(
        report,
        "f.yml:4:5: error: things.a.name: the field is given twice\n  \
         hint: upper and lower case make no difference in names of fields\n\
         f.yml:5:5: warning: things.a.old: the field is known but has no effect any more\n"
    );
}

#[test]
fn raw_values_keep_their_types() {
    check(
        "things: {a: {raw: {X: [1, 'y', true, 2.5, ~]}}}\n",
        r#"{"things":{"a":{"count":7,"wait":"5s","on":false,"raw":{"X":[1,"y",true,2.5,null]}}}}"#,
        "",
    );
}

#[test]
fn secrets_are_written_only_when_asked_for() {
    let (file, _) = load("things: {a: {secret: hunter2}}\n");
    assert!(!format!("{file:?}").contains("hunter2"));
    assert!(
        file.write(Writing::default())
            .to_string()
            .contains("hunter2")
    );
    let redacted = file.write(Writing { redact: true }).to_string();
    assert!(redacted.contains("[redacted]") && !redacted.contains("hunter2"));
}

#[test]
fn every_path_is_listed() {
    let paths = field_paths::<File>();
    for path in [
        "things.*.name",
        "things.*.tags[]",
        "things.*.headers.*",
        "things.*.inner.depth",
        "eithers.*.left.depth",
        "eithers.*.right.wait",
    ] {
        assert!(paths.iter().any(|p| p == path), "{path} in {paths:?}");
    }
}
