//! What `deploy/` holds, read as files: the kinds have every field of Traefik's, both groups agree,
//! and nothing is granted that isn't needed. Running it is `tests/cluster`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ringway::config::tree::{Kind, Node, Tree};

#[test]
fn the_kinds_have_every_field_of_traefiks() {
    let mut wanted = BTreeMap::new();
    for line in read("tests/golden/crd-fields.txt").lines() {
        let words: Vec<_> = line.split(' ').collect();
        if let [kind, field, sort, _since] = words[..]
            && !line.starts_with('#')
        {
            wanted.insert(format!("{kind} {field}"), sort.to_owned());
        }
    }
    assert_eq!(fields_of("deploy/crds/traefik.io.yaml"), wanted);
}

#[test]
fn both_groups_have_the_same_kinds() {
    let mut new = fields_of("deploy/crds/traefik.io.yaml");
    let old = fields_of("deploy/crds/traefik.containo.us.yaml");
    // It came when the old group was gone.
    new.retain(|field, _| !field.starts_with("ServersTransportTCP "));
    assert_eq!(old, new);
}

#[test]
fn rights_are_to_read_and_to_write_a_status() {
    let text = read("deploy/base/rbac.yaml");
    let mut verbs = BTreeSet::new();
    for document in documents(&text) {
        let tree = Tree::yaml(document).unwrap();
        let Some(Kind::List(rules)) = at(tree.root(), &["rules"]).map(Node::kind) else {
            continue;
        };
        for rule in rules {
            for resource in texts(at(rule, &["resources"]).unwrap()) {
                let allowed = texts(at(rule, &["verbs"]).unwrap());
                let reads = ["get", "list", "watch"].map(str::to_owned);
                if allowed.iter().any(|verb| !reads.contains(verb)) {
                    verbs.insert(resource);
                }
            }
        }
    }
    let written: Vec<_> = verbs.iter().map(String::as_str).collect();
    assert_eq!(written, ["ingresses/status", "leases"]);
}

/// The container's build sees only what it copies.
#[test]
fn the_containers_build_has_every_file_that_the_program_includes() {
    let dockerfile = read("deploy/Dockerfile");
    let copied: Vec<_> = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|line| !line.starts_with("--from"))
        .flat_map(|line| line.split(' '))
        .collect();
    for entry in fs::read_dir("src").unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for rest in text.split("include_str!(\"../").skip(1) {
            let name = rest.split('"').next().unwrap();
            let there = copied.iter().any(|copy| name.starts_with(copy));
            assert!(there, "{} includes {name}", path.display());
        }
    }
}

/// Each field below `spec`, with its type; `-` where it may be a number or a text.
fn fields_of(file: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let text = read(file);
    for document in documents(&text) {
        let tree = Tree::yaml(document).unwrap_or_else(|fault| panic!("{file}: {}", fault.message));
        let spec = at(tree.root(), &["spec"]).unwrap();
        let kind = text_of(at(spec, &["names", "kind"]).unwrap());
        let Some(Kind::List(mut versions)) = at(spec, &["versions"]).map(Node::kind) else {
            panic!("{file}: {kind} has no versions");
        };
        let version = versions.next().unwrap();
        let way = ["schema", "openAPIV3Schema", "properties", "spec"];
        walk(at(version, &way).unwrap(), &kind, "", &mut found);
    }
    found
}

fn walk(schema: Node<'_>, kind: &str, path: &str, found: &mut BTreeMap<String, String>) {
    if let Some(items) = at(schema, &["items"]) {
        walk(items, kind, &format!("{path}[]"), found);
    }
    let Some(Kind::Map(fields)) = at(schema, &["properties"]).map(Node::kind) else {
        return;
    };
    for field in fields {
        let name = match path {
            "" => field.key.to_owned(),
            _ => format!("{path}.{}", field.key),
        };
        let sort = at(field.value, &["type"]).map_or_else(|| "-".to_owned(), text_of);
        found.insert(format!("{kind} {name}"), sort);
        walk(field.value, kind, &name, found);
    }
}

fn at<'tree>(node: Node<'tree>, way: &[&str]) -> Option<Node<'tree>> {
    way.iter().try_fold(node, |node, key| match node.kind() {
        Kind::Map(mut entries) => entries
            .find(|entry| entry.key == *key)
            .map(|entry| entry.value),
        Kind::Null | Kind::Scalar(_) | Kind::List(_) => None,
    })
}

fn text_of(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Scalar(scalar) => scalar.text.to_owned(),
        Kind::Null | Kind::List(_) | Kind::Map(_) => panic!("{} is no text", node.describe()),
    }
}

fn texts(node: Node<'_>) -> Vec<String> {
    match node.kind() {
        Kind::List(items) => items.map(text_of).collect(),
        Kind::Null | Kind::Scalar(_) | Kind::Map(_) => panic!("{} is no list", node.describe()),
    }
}

fn documents(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n---\n").filter(|part| part.contains("kind:"))
}

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap()
}
