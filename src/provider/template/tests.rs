use super::*;

struct Fixed;

impl World for Fixed {
    fn env(&self, name: &str) -> Option<String> {
        match name {
            "HOST" => Some("example.com".to_owned()),
            "LIST" => Some("a,b,c".to_owned()),
            _ => None,
        }
    }
}

#[track_caller]
fn check(template: &str, expected: &str) {
    match render(template, &Fixed) {
        Ok(rendered) => assert_eq!(rendered.text, expected, "{template}"),
        Err(fault) => panic!("{template}: {fault}"),
    }
}

#[track_caller]
fn refused(template: &str, expected: &str) {
    let fault = render(template, &Fixed).unwrap_err();
    assert_eq!(fault.to_string(), expected, "{template}");
}

#[track_caller]
fn calls(table: &[(&str, &str)]) {
    for (call, expected) in table {
        check(&format!("{{{{ {call} }}}}"), expected);
    }
}

#[test]
fn actions_print_values() {
    let table = [
        ("plain", "plain"),
        (
            "{{ \"a\" }}{{ `b` }}{{ 1 }}{{ 2.50 }}{{ true }}",
            "ab12.5true",
        ),
        ("{{ env \"HOST\" }}", "example.com"),
        ("{{ env \"NONE\" }}.", "."),
        (
            "{{ env \"NONE\" | default \"x\" | upper | quote }}",
            "\"X\"",
        ),
        ("{{/* nothing */}}x", "x"),
        ("a {{- 1 -}} b", "a1b"),
        ("a  {{- /* c */ -}}  b", "ab"),
        ("{{ 'a' }} {{ 0x10 }} {{ -3 }} {{ 1e3 }}", "97 16 -3 1000"),
        ("{{ \"q\\\"\\n\\u00e9\" }}", "q\"\né"),
        ("{{ . }}", "false"),
        ("{{ nil | default 3 }}", "3"),
        (
            "{{ list 1 \"a\" true }}{{ dict \"b\" 2 \"a\" 1 }}",
            "[1 a true]map[a:1 b:2]",
        ),
    ];
    for (template, expected) in table {
        check(template, expected);
    }
}

#[test]
fn control_structures_nest() {
    let table = [
        (
            "{{ if eq 1 2 }}a{{ else if true }}b{{ else }}c{{ end }}",
            "b",
        ),
        ("{{ with env \"HOST\" }}<{{ . }}>{{ end }}", "<example.com>"),
        ("{{ with \"\" }}a{{ else }}{{ . }}{{ end }}", "false"),
        (
            "{{ range $i, $x := split (env \"LIST\") \",\" }}{{ $i }}{{ $x }} {{ end }}",
            "0a 1b 2c ",
        ),
        (
            "{{ range until 5 }}{{ if eq . 1 }}{{ continue }}{{ end }}{{ if eq . 3 }}{{ break }}{{ end }}{{ . }}{{ end }}",
            "02",
        ),
        ("{{ range list }}a{{ else }}none{{ end }}", "none"),
        (
            "{{ range $k, $v := dict \"b\" 1 \"a\" 2 }}{{ $k }}={{ $v }};{{ end }}",
            "a=2;b=1;",
        ),
        ("{{ range 3 }}{{ . }}{{ end }}", "012"),
        (
            "{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $y := 9 }}{{ end }}{{ $x }}",
            "2",
        ),
        (
            "{{ $x := 1 }}{{ range list 5 6 }}{{ $x = add $x . }}{{ end }}{{ $x }}",
            "12",
        ),
        (
            "{{ define \"t\" }}[{{ . }}]{{ end }}{{ template \"t\" 4 }}{{ template \"t\" \"x\" }}",
            "[4][x]",
        ),
        ("{{ block \"b\" 7 }}<{{ . }}>{{ end }}", "<7>"),
        (
            "{{ $d := dict \"a\" (dict \"b\" 3) }}{{ $d.a.b }}{{ ($d.a).b }}",
            "33",
        ),
        (
            "{{ with dict \"x\" 5 }}{{ .x }}{{ $.y }}{{ end }}",
            "refused",
        ),
    ];
    for (template, expected) in table {
        if expected == "refused" {
            refused(template, "line 1: a bool has no field .y");
        } else {
            check(template, expected);
        }
    }
}

#[test]
fn and_or_stop_where_they_can() {
    check("{{ and 0 (fail \"x\") }}{{ or 1 (fail \"x\") }}", "01");
    check("{{ and 1 2 }}{{ or 0 \"\" }}{{ not 1 }}", "2false");
}

#[test]
fn functions_of_texts_work_as_in_sprig() {
    calls(&[
        ("trimSuffix \"b\" \"ab\"", "a"),
        ("trimAll \"-\" \"--a-\"", "a"),
        ("title \"hello wide world\"", "Hello Wide World"),
        ("repeat 3 \"ab\"", "ababab"),
        ("substr 1 3 \"abcd\"", "bc"),
        ("trunc 2 \"abcd\"", "ab"),
        ("trunc -2 \"abcd\"", "cd"),
        ("replace \".\" \"-\" \"a.b.c\"", "a-b-c"),
        ("indent 2 \"a\\nb\"", "  a\n  b"),
        ("nindent 2 \"a\"", "\n  a"),
        ("snakecase \"firstName-x\"", "first_name_x"),
        ("camelcase \"http_server\"", "HttpServer"),
        ("join \"-\" (list 1 2)", "1-2"),
        ("splitList \",\" \"a,b\" | last", "b"),
        ("normalize \"a.b/c\"", "a-b-c"),
        (
            "printf \"%s=%03d %v %q %5.1f|%-4s|\" \"a\" 7 true \"z\" 2.25 \"x\"",
            "a=007 true \"z\"   2.2|x   |",
        ),
    ]);
}

#[test]
fn functions_of_values_work_as_in_sprig() {
    calls(&[
        ("add 1 2 \"3\"", "6"),
        ("div 7 2", "3"),
        ("mul 2 3 | sub 10", "4"),
        ("max 1 9 3", "9"),
        ("round 2.456 2", "2.46"),
        ("int \"12\"", "12"),
        ("ternary \"y\" \"n\" true", "y"),
        ("coalesce 0 \"\" \"x\"", "x"),
        ("has 2 (list 1 2)", "true"),
        ("without (list 1 2 3) 2", "[1 3]"),
        ("uniq (list 1 1 2)", "[1 2]"),
        ("concat (list 1) (list 2)", "[1 2]"),
        ("until 3", "[0 1 2]"),
        ("untilStep 3 9 2", "[3 5 7]"),
        ("seq 1 3", "1 2 3"),
        ("get (set (dict) \"a\" 1) \"a\"", "1"),
        ("keys (dict \"b\" 1 \"a\" 2)", "[a b]"),
        (
            "merge (dict \"a\" 1) (dict \"a\" 2 \"b\" 3)",
            "map[a:1 b:3]",
        ),
        (
            "mergeOverwrite (dict \"a\" 1) (dict \"a\" 2 \"b\" 3)",
            "map[a:2 b:3]",
        ),
        ("pick (dict \"a\" 1 \"b\" 2) \"a\"", "map[a:1]"),
        ("dig \"a\" \"b\" 9 (dict \"a\" (dict \"b\" 4))", "4"),
        (
            "toJson (dict \"a\" (list 1 \"x\" nil))",
            "{\"a\":[1,\"x\",null]}",
        ),
        ("(fromJson \"{\\\"a\\\":[1,2.5]}\").a", "[1 2.5]"),
        ("b64enc \"hi\" | b64dec", "hi"),
        ("sha1sum \"a\"", "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"),
        (
            "regexReplaceAll \"a(x*)b\" \"-ab-axxb-\" \"${1}W\"",
            "-W-xxW-",
        ),
        ("regexFind \"[0-9]+\" \"ab12c\"", "12"),
        ("regexSplit \"z+\" \"pizza\" -1", "[pi a]"),
        ("index (list 4 5) 1", "5"),
        ("index (dict \"a\" (list 7)) \"a\" 0", "7"),
        ("slice \"abcd\" 1 3", "bc"),
        ("len \"abc\"", "3"),
        ("lt 1 2", "true"),
        ("eq 3 1 2 3", "true"),
        ("expandenv \"x-$HOST-${NONE}\"", "x-example.com-"),
        ("base \"/a/b.yml\" | ext", ".yml"),
        ("urlquery \"a b&c\"", "a+b%26c"),
        ("print 1 2 \"a\" 3", "1 2a3"),
    ]);
}

#[test]
fn htpasswd_gives_the_same_line_each_time() {
    let line = || {
        render("{{ htpasswd \"bob\" \"secret\" }}", &Fixed)
            .unwrap()
            .text
    };
    let hash = line();
    let hash = hash.strip_prefix("bob:").unwrap();
    assert!(bcrypt::verify("secret", hash).unwrap());
    assert_eq!(line(), format!("bob:{hash}"));
}

#[test]
fn faults_name_their_line() {
    let table = [
        (
            "a\n{{ nope 1 }}",
            "line 2: there is no template function \"nope\"",
        ),
        (
            "{{ if true }}x",
            "line 1: {{ if }} is not closed by {{ end }}",
        ),
        ("\n\n{{ end }}", "line 3: {{ end }} closes nothing"),
        ("{{ $x }}", "line 1: the variable $x is not declared"),
        ("{{ \"a }}", "line 1: the text in quotes does not end"),
        ("{{ 1 | 2 }}", "line 1: what follows | must be a function"),
        (
            "{{ eq 1 \"a\" }}",
            "line 1: eq: a int and a string can not be compared",
        ),
        (
            "{{ break }}",
            "line 1: {{ break }} stands outside of a range",
        ),
        ("{{ template \"x\" }}", "line 1: there is no template \"x\""),
        ("{{", "line 1: the action {{ does not end with }}"),
        (
            "{{ index (list 1) 4 }}",
            "line 1: index: 4 is out of range: there are 1",
        ),
        ("{{ div 1 0 }}", "line 1: div: division by zero"),
        ("{{ upper }}", "line 1: upper: needs 1 arguments, has 0"),
    ];
    for (template, expected) in table {
        refused(template, expected);
    }
}

#[test]
fn functions_that_are_missing_say_why() {
    let hint = |template| render(template, &Fixed).unwrap_err().hint;
    assert_eq!(
        hint("{{ uper 1 }}").as_deref(),
        Some("did you mean \"upper\"?")
    );
    let clock = "a configuration must not change with the clock";
    assert_eq!(hint("{{ now }}").as_deref(), Some(clock));
    assert_eq!(hint("{{ xyzzyx }}"), None);
}

#[test]
fn every_line_knows_where_it_came_from() {
    let template = "a\n{{ range until 2 }}\nb{{ . }}\n{{- end }}\nc\n{{ \"x\\ny\" }}\nd";
    let rendered = render(template, &Fixed).unwrap();
    let lines: Vec<_> = rendered.text.lines().zip(rendered.lines.clone()).collect();
    assert_eq!(
        lines,
        [
            ("a", 1),
            ("", 2),
            ("b0", 3),
            ("b1", 3),
            ("c", 5),
            ("x", 6),
            ("y", 6),
            ("d", 7)
        ]
    );
}

#[test]
fn what_would_not_end_is_bounded() {
    refused(
        "{{ define \"t\" }}{{ template \"t\" }}{{ end }}{{ template \"t\" }}",
        "line 1: templates call each other too deeply",
    );
    refused(
        "{{ repeat 99999999 \"abc\" }}",
        "line 1: repeat: the value is too large",
    );
    refused(
        "{{ until 999999999 }}",
        "line 1: until: the value is too large",
    );
    refused(
        "{{ range 99999999999 }}{{ end }}",
        "line 1: the template takes too many steps",
    );
    refused(
        "{{ $d := dict }}{{ set $d \"a\" $d }}",
        "line 1: set: a dict can not hold itself",
    );
    let deep = format!("{}1{}", "(".repeat(99), ")".repeat(99));
    refused(
        &format!("{{{{ {deep} }}}}"),
        "line 1: too many parentheses inside each other",
    );
}
