//! The Kubernetes providers on manifests. Each file of `tests/golden/kubernetes` says in its first
//! lines which provider reads it and with which flags; what that makes, and what it says about
//! it, stands beside the file. `UPDATE_GOLDEN=1` writes the expected texts anew.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const FOLDER: &str = "tests/golden/kubernetes";

fn inputs() -> Vec<PathBuf> {
    let entries = fs::read_dir(FOLDER).unwrap();
    let mut found: Vec<_> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|one| one == "yaml"))
        .collect();
    found.sort();
    found
}

/// What the line `# name: …` at the top of a file says.
fn said(text: &str, name: &str) -> String {
    let start = format!("# {name}: ");
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(&start));
    lines.next().unwrap_or_default().to_owned()
}

fn ringway(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_ringway"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    child.wait_with_output().unwrap()
}

fn rendered(path: &Path, more: &[&str]) -> (String, String) {
    let text = fs::read_to_string(path).unwrap();
    let provider = format!("--provider={}", said(&text, "provider"));
    let flags = said(&text, "flags");
    let mut arguments = vec!["render", &provider, "-f", path.to_str().unwrap()];
    arguments.extend(flags.split_whitespace());
    arguments.extend(more);
    let output = ringway(&arguments, "");
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr))
}

fn compare(path: &Path, text: &str) -> Option<String> {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        if text.is_empty() {
            // Nothing to say is no file; it need not have been there.
            let _gone = fs::remove_file(path);
        } else {
            fs::write(path, text).unwrap();
        }
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    (expected != text).then(|| format!("{}:\n{text}", path.display()))
}

#[test]
fn manifests_become_what_stands_beside_them() {
    let mut faults = Vec::new();
    for input in inputs() {
        let (json, report) = rendered(&input, &[]);
        faults.extend(compare(&input.with_extension("yaml.json"), &json));
        faults.extend(compare(&input.with_extension("yaml.txt"), &report));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn yaml_and_json_say_the_same() {
    let input = Path::new(FOLDER).join("tutorial.yaml");
    let (json, _) = rendered(&input, &[]);
    let (yaml, _) = rendered(&input, &["-o", "yaml"]);
    let read = ringway::config::tree::Tree::yaml(&yaml).unwrap();
    let mut reader =
        ringway::config::decode::Reader::new("", ringway::config::places::Places::new());
    let again = <Value as ringway::config::decode::Setting>::read(read.root(), &mut reader);
    assert_eq!(again, Some(serde_json::from_str(&json).unwrap()));
}

#[test]
fn secrets_can_be_left_out_of_the_print() {
    let input = Path::new(FOLDER).join("middlewares.yaml");
    let (json, _) = rendered(&input, &["--redact"]);
    for secret in ["$apr1$x", "{SHA}", "\"KEY\""] {
        assert!(!json.contains(secret), "{secret} in {json}");
    }
    assert!(json.contains("[redacted]"));
}

#[test]
fn standard_input_is_read_like_a_file() {
    let path = Path::new(FOLDER).join("tutorial.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let flags = said(&text, "flags");
    let mut arguments = vec!["render", "--provider=kubernetescrd", "-f", "-"];
    arguments.extend(flags.split_whitespace());
    let piped = ringway(&arguments, &text);
    assert_eq!(
        String::from_utf8(piped.stdout).unwrap(),
        rendered(&path, &[]).0
    );
}

/// Whatever stands in a host or a path of an Ingress, the rule has that host and that path, and
/// no matcher more.
#[test]
fn no_value_of_an_ingress_ends_its_matcher() {
    let evil = [
        "/x\\\") || Host(\\\"other",
        "/x`) || Host(`other",
        "/x\\\\",
        "/\\n\\r\\t\\u0001\\u007fé",
        "/x\\\\\\\") || PathPrefix(\\\"/",
    ];
    for (path, strict) in evil.iter().flat_map(|path| [(path, false), (path, true)]) {
        let manifest = format!(
            "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i}}\nspec:\n  \
             rules: [{{host: h.example, http: {{paths: [{{path: \"{path}\", pathType: Prefix, \
             backend: {{service: {{name: s, port: {{number: 80}}}}}}}}]}}}}]\n---\n\
             {{apiVersion: v1, kind: Service, metadata: {{name: s}}, spec: \
             {{ports: [{{port: 80}}]}}}}\n"
        );
        let strict = format!("--providers.kubernetesingress.strictPrefixMatching={strict}");
        let arguments = [
            "render",
            "--provider=kubernetesingress",
            "--providers.kubernetesingress.allowEmptyServices",
            &strict,
            "-f",
            "-",
        ];
        let output = ringway(&arguments, &manifest);
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let routers = json["http"]["routers"].as_object().unwrap();
        let rule = routers.values().next().unwrap()["rule"].as_str().unwrap();
        let tree = ringway::rule::parse(rule, ringway::rule::Syntax::V3).unwrap();
        let shown = format!("{tree:?}");
        assert_eq!(shown.matches("Is(Host(").count(), 1, "{rule}: {shown}");
    }
}
