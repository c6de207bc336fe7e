use super::*;

/// The tree in one line, texts included.
fn show(node: Node<'_>) -> String {
    match node.kind() {
        Kind::Null => "null".to_owned(),
        Kind::Scalar(scalar) if scalar.sort == Sort::Text => format!("{:?}", scalar.text),
        Kind::Scalar(scalar) => scalar.text.to_owned(),
        Kind::List(items) => format!("[{}]", items.map(show).collect::<Vec<_>>().join(", ")),
        Kind::Map(entries) => {
            let entries: Vec<_> = entries
                .map(|entry| format!("{}: {}", entry.key, show(entry.value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

fn yaml(text: &str) -> String {
    match Tree::yaml(text) {
        Ok(tree) => show(tree.root()),
        Err(fault) => format!("{}:{} {}", fault.at.line, fault.at.column, fault.message),
    }
}

#[test]
fn yaml_becomes_a_tree() {
    let table = [
        ("", "null"),
        ("# nothing\n", "null"),
        (
            "a: 1\nb: [x, 'y', 2.5, true, ~]\n",
            r#"{a: 1, b: ["x", "y", 2.5, true, null]}"#,
        ),
        (
            "a:\n  - b: c\n    d: e\n  - f\n",
            r#"{a: [{b: "c", d: "e"}, "f"]}"#,
        ),
        (r#"{"a": {"b": "1"}, "c": []}"#, r#"{a: {b: "1"}, c: []}"#),
        ("a: |\n  x\n  y\n", r#"{a: "x\ny\n"}"#),
        ("a: !!str 12\n", r#"{a: "12"}"#),
        ("418: 404\n", "{418: 404}"),
        ("\u{feff}a: b\n", r#"{a: "b"}"#),
    ];
    for (text, expected) in table {
        assert_eq!(yaml(text), expected, "{text}");
    }
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let table = [
        ("a: &x {b: 1}\nc: *x\n", "{a: {b: 1}, c: {b: 1}}"),
        (
            "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n",
            "{a: {b: 1, c: 2}, d: {c: 3, b: 1}}",
        ),
        (
            "a: &x {k: 1}\nb: &y {k: 2, l: 3}\nc: {<<: [*x, *y]}\n",
            "{a: {k: 1}, b: {k: 2, l: 3}, c: {k: 1, l: 3}}",
        ),
        ("a: {'<<': 1}\n", "{a: {<<: 1}}"),
        ("a: &x 1\nb: [*x, *x]\n", "{a: 1, b: [1, 1]}"),
    ];
    for (text, expected) in table {
        assert_eq!(yaml(text), expected, "{text}");
    }
}

#[test]
fn what_is_wrong_has_its_place() {
    let table = [
        ("a: 1\na: 2\n", "2:1 the key \"a\" comes twice"),
        (
            "x:\n  a: 1\n  b: 2\n  a: 3\n",
            "4:3 the key \"a\" comes twice",
        ),
        ("? [a]\n: b\n", "1:3 a key must be a plain text"),
        (
            "a: &x [*x]\n",
            "1:8 an alias stands inside the value that it names",
        ),
        (
            "a: {<<: 1}\n",
            "1:9 a merge key (<<) needs a map or a list of maps",
        ),
    ];
    for (text, expected) in table {
        assert_eq!(yaml(text), expected, "{text}");
    }
    assert!(
        yaml("a: b: c\n").starts_with("1:5 this is not YAML"),
        "{}",
        yaml("a: b: c\n")
    );
    assert!(yaml("a: *nope\n").contains("not YAML"));
}

#[test]
fn a_large_map_refuses_double_keys_too() {
    let mut text: String = (0..100).map(|n| format!("k{n}: {n}\n")).collect();
    text.push_str("k50: x\n");
    assert_eq!(yaml(&text), "101:1 the key \"k50\" comes twice");
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let below = level - 1;
        let ten = vec![format!("*a{below}"); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{ten}]\n"));
    }
    assert!(yaml(&text).ends_with("the aliases make the file too large"));
}

#[test]
fn depth_is_bounded_also_through_aliases() {
    let deep = format!("{}{}", "[".repeat(65), "]".repeat(65));
    assert!(yaml(&deep).ends_with("more than 64 levels inside each other"));
    let mut chain = "a0: &a0 [x]\n".to_owned();
    for level in 1..70 {
        chain.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
    }
    assert!(yaml(&chain).ends_with("more than 64 levels inside each other"));
    let fits = format!("{}{}", "[".repeat(64), "]".repeat(64));
    assert_eq!(yaml(&fits), fits);
}

#[test]
fn a_second_document_is_noticed() {
    let tree = Tree::yaml("a: 1\n---\nb: 2\n").unwrap();
    assert_eq!(show(tree.root()), "{a: 1}");
    assert_eq!(tree.surplus(), Some(Position { line: 2, column: 1 }));
    assert_eq!(Tree::yaml("---\na: 1\n").unwrap().surplus(), None);
}

#[test]
fn toml_becomes_the_same_tree() {
    let text = "[http.routers.a]\nrule = \"x\"\npriority = 5\nentryPoints = [\"web\", \"b\"]\n\
                [http.routers.a.tls]\n[[tls.certificates]]\ncertFile = \"c\"\n\
                [[tls.certificates]]\ncertFile = \"d\"\nstores = []\n[x]\ny = {z = true, f = 1.5}\n";
    let tree = Tree::toml(text).unwrap();
    assert_eq!(
        show(tree.root()),
        "{http: {routers: {a: {rule: \"x\", priority: 5, entryPoints: [\"web\", \"b\"], tls: {}}}}, \
         tls: {certificates: [{certFile: \"c\"}, {certFile: \"d\", stores: []}]}, \
         x: {y: {z: true, f: 1.5}}}"
    );
    assert_eq!(show(Tree::toml("").unwrap().root()), "null");
}

#[test]
fn positions_count_from_one() {
    let find = |tree: &Tree| {
        let Kind::Map(mut entries) = tree.root().kind() else {
            panic!("no map");
        };
        let first = entries.next().unwrap();
        let Kind::Map(mut inner) = first.value.kind() else {
            panic!("no map");
        };
        let rule = inner.next().unwrap();
        (first.at, rule.at, rule.value.at())
    };
    let at = |line, column| Position { line, column };
    let yaml = Tree::yaml("# é\na:\n  rule: x\n").unwrap();
    assert_eq!(find(&yaml), (at(2, 1), at(3, 3), at(3, 9)));
    let toml = Tree::toml("# é\n[a]\nrule = \"x\"\n").unwrap();
    assert_eq!(find(&toml), (at(2, 2), at(3, 1), at(3, 8)));
}

#[test]
fn broken_toml_has_its_place() {
    let fault = Tree::toml("a = 1\nb = = 2\n").unwrap_err();
    assert_eq!(fault.at.line, 2);
    let fault = Tree::toml("a = 1\na = 2\n").unwrap_err();
    assert_eq!(fault.at.line, 2, "{fault:?}");
}
