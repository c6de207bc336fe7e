use std::sync::Arc;

use super::*;
use crate::config::decode::{Reader, Writing, read};
use crate::config::places::Places;
use crate::config::tree::Tree;

fn load(text: &str) -> (Configuration, String) {
    let tree = Tree::yaml(text).unwrap();
    let mut reader = Reader::new("f.yml", Places::new());
    let configuration = read(&tree, &mut reader);
    let (mut report, places) = reader.finish();
    report.append(verify(&configuration, "file", &places));
    (configuration, report.to_string())
}

#[test]
fn defaults_are_traefiks() {
    let (configuration, report) = load(
        "http:\n  services:\n    a:\n      loadBalancer:\n        servers: [{url: http://h}]\n",
    );
    assert_eq!(report, "");
    assert_eq!(
        configuration.to_json(Writing::default()).to_string(),
        r#"{"http":{"services":{"a":{"loadBalancer":{"servers":[{"url":"http://h"}],"strategy":"wrr","passHostHeader":true,"responseForwarding":{"flushInterval":"100ms"}}}}}}"#
    );
}

#[test]
fn what_is_equal_keeps_its_address() {
    let one = "http: {routers: {a: {rule: x}, b: {rule: y}, d: {rule: d}}}\n";
    let two = "http: {routers: {a: {rule: x}, b: {rule: z}, c: {rule: x}, d: {rule: d}}}\n";
    let (before, _) = load(one);
    let (mut after, _) = load(two);
    after.reuse(&before);
    let same = |name: &str| {
        before
            .http
            .routers
            .get(name)
            .is_some_and(|old| Arc::ptr_eq(old, &after.http.routers[name]))
    };
    assert_eq!(["a", "b", "c", "d"].map(same), [true, false, false, true]);
}

#[test]
fn providers_come_together_under_full_names() {
    let (file, _) = load(
        "http: {routers: {a: {rule: x}}}\ntls: {options: {default: {sniStrict: true}, o: {}}}\n",
    );
    let (other, _) = load(
        "http: {routers: {a: {rule: y}}}\ntls: {options: {default: {sniStrict: true}}, \
         certificates: [{certFile: a, keyFile: b}, {certFile: c, stores: [acme-tls/1]}]}\n",
    );
    let (whole, duplicates) = merge([("file", &file), ("http", &other)].into_iter());
    let names: Vec<_> = whole.http.routers.keys().cloned().collect();
    assert_eq!(names, ["a@file", "a@http"]);
    assert_eq!(
        whole.tls.options.keys().cloned().collect::<Vec<_>>(),
        ["o@file"]
    );
    assert_eq!(whole.tls.certificates.len(), 1);
    assert_eq!(
        duplicates
            .iter()
            .map(|d| d.problem().to_string())
            .collect::<Vec<_>>(),
        [
            "error: tls.options.default: defined by several providers: file, http; none is used\n  \
             hint: leave it in one of them"
        ]
    );
}

#[test]
fn wrong_objects_are_named_and_the_others_are_not() {
    let (_, report) = load(
        "http:\n  services:\n    two: {weighted: {services: [{name: x}]}, failover: \
         {service: a, fallback: b}}\n    good: {loadBalancer: {servers: [{url: http://h}]}}\n",
    );
    assert_eq!(
        report,
        "f.yml:3:5: error: http.services.two: it has several types at once: weighted, failover\n  \
         hint: make an object of its own for each\n"
    );
}

#[test]
fn an_error_is_told_with_the_full_name_of_its_object() {
    let tree = Tree::yaml("http: {middlewares: {m: {retry: {status: [5xx]}}}}").unwrap();
    let mut reader = Reader::new("f.yml", Places::new());
    let configuration: Configuration = read(&tree, &mut reader);
    let (_, places) = reader.finish();
    let report = verify(&configuration, "file", &places);
    let objects: Vec<_> = report.disabled().collect();
    assert_eq!(
        objects,
        ["http.middlewares.m@file", "http.middlewares.m@file"]
    );
    assert!(!report.refuses_all());
}
