use std::fs;

use super::super::objects::{Kind, Object, ObjectRef, Objects, read};
use super::{Book, Flavour, World};
use crate::config::statics::Kubernetes;
use crate::config::tree::{Kind as TreeKind, Node, Tree};
use crate::provider::kubernetes::objects::{Group, Key};

/// An object and where it belongs.
type Found = (Kind, Group, Key, Object);

/// All objects of a file of manifests, Lists taken apart.
fn objects(path: &str) -> Vec<Found> {
    let text = fs::read_to_string(path).unwrap();
    let mut found = Vec::new();
    for tree in Tree::yaml_documents(&text).unwrap() {
        take(tree.root(), &mut found);
    }
    found
}

fn take(root: Node<'_>, found: &mut Vec<Found>) {
    let TreeKind::Map(entries) = root.kind() else {
        return;
    };
    let text = |name: &str| {
        let mut all = entries.filter(|entry| entry.key == name);
        match all.next().map(|entry| entry.value.kind()) {
            Some(TreeKind::Scalar(scalar)) => scalar.text,
            _ => "",
        }
    };
    if let Some((kind, group)) = Kind::of(text("apiVersion"), text("kind")) {
        let (object, told) = read(kind, root, "");
        found.extend(object.map(|object| (kind, group, told.key, object)));
    }
    for entry in entries.filter(|entry| entry.key == "items") {
        if let TreeKind::List(items) = entry.value.kind() {
            items.for_each(|item| take(item, found));
        }
    }
}

fn options() -> Kubernetes {
    Kubernetes {
        allow_cross_namespace: true,
        allow_external_name_services: true,
        ..Kubernetes::default()
    }
}

fn world<'all>(objects: &'all Objects, options: &'all Kubernetes) -> World<'all> {
    World {
        objects,
        options,
        flavour: Flavour::Custom,
        is_rule_v2: false,
        hides_secrets: false,
    }
}

/// Objects that come and go one by one leave what a fresh start would make.
#[test]
fn a_book_that_is_kept_up_says_what_a_new_one_says() {
    let files = [
        "tutorial",
        "names",
        "services",
        "combined",
        "tls",
        "middlewares",
        "ingress",
    ];
    let options = options();
    for (file, flavour) in files
        .iter()
        .flat_map(|file| [(file, Flavour::Custom), (file, Flavour::Ingress)])
    {
        let all = objects(&format!("tests/golden/kubernetes/{file}.yaml"));
        let mut objects = Objects::default();
        let mut book = Book::default();
        let mut step = |objects: &Objects, changes: &[ObjectRef], what: &str| {
            let world = World {
                objects,
                options: &options,
                flavour,
                is_rule_v2: false,
                hides_secrets: false,
            };
            book.update(world, changes);
            let fresh = Book::fill(world);
            assert_eq!(
                book.configuration(),
                fresh.configuration(),
                "{file}: {what}"
            );
            assert_eq!(
                book.report(flavour),
                fresh.report(flavour),
                "{file}: {what}"
            );
        };
        // Last to first, so that what is referred to comes late; then each goes and comes again.
        for (_, group, key, object) in all.iter().rev() {
            let changes = objects.put(*group, object.clone());
            step(&objects, &changes, &format!("{key} comes"));
        }
        for (kind, group, key, object) in &all {
            let changes = objects.remove(*kind, *group, key);
            step(&objects, &changes, &format!("{kind} {key} goes"));
            let changes = objects.put(*group, object.clone());
            step(&objects, &changes, &format!("{kind} {key} comes again"));
        }
        for (kind, group, key, _) in &all {
            let changes = objects.remove(*kind, *group, key);
            step(&objects, &changes, &format!("{kind} {key} is left out"));
        }
    }
}

/// What a change does not touch stays the very same, so that later stages need not look at it.
#[test]
fn a_change_leaves_the_others_as_they_are() {
    let all = objects("tests/golden/kubernetes/tutorial.yaml");
    let options = options();
    let mut objects = Objects::default();
    for (_, group, _, object) in &all {
        objects.put(*group, object.clone());
    }
    let mut book = Book::fill(world(&objects, &options));
    let before = book.configuration();
    let changed = all.iter().find_map(|(_, group, key, object)| {
        let Object::IngressRoute(held) = object else {
            return None;
        };
        let mut held = held.clone();
        held.spec.routes[0].priority = 7;
        (&*key.name == "wrr-ingressroute").then_some((*group, Object::IngressRoute(held)))
    });
    let (group, object) = changed.unwrap();
    let changes = objects.put(group, object);
    assert!(
        book.update(world(&objects, &options), &changes)
            .configuration
    );
    let after = book.configuration();
    let renewed: Vec<_> = after
        .names()
        .filter(|(section, name)| !after.shares(&before, *section, name))
        .collect();
    assert_eq!(renewed.len(), 1, "{renewed:?}");
    // The same again is no change at all.
    let nothing = book.update(world(&objects, &options), &changes);
    assert_eq!(nothing, super::Changed::default());
}

/// Of one name in both groups, that of `traefik.io` counts; when it goes, the other one does.
#[test]
fn the_new_group_wins_over_the_old_one() {
    let mut objects = Objects::default();
    for (group, prefix) in [(Group::Containous, "/old"), (Group::Traefik, "/new")] {
        let text = format!(
            "{{metadata: {{name: m, namespace: n}}, spec: {{addPrefix: {{prefix: {prefix}}}}}}}"
        );
        let tree = Tree::yaml(&text).unwrap();
        let (object, _) = read(Kind::Middleware, tree.root(), "");
        objects.put(group, object.unwrap());
    }
    let options = options();
    let shown = |objects: &Objects| {
        let world = world(objects, &options);
        format!("{:?}", Book::fill(world).configuration().http.middlewares)
    };
    assert!(shown(&objects).contains("/new"));
    objects.remove(Kind::Middleware, Group::Traefik, &Key::new("n", "m"));
    assert!(shown(&objects).contains("/old"));
}
