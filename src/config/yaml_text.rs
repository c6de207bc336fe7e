use std::fmt::Write;

use serde_json::Value as Json;

/// A JSON value as a YAML text that reads back as the same value. Ends in a line break.
pub fn yaml_text(json: &Json) -> String {
    let mut out = String::new();
    if holds_more(json) {
        block(json, 0, &mut out);
    } else {
        scalar(json, &mut out);
        out.push('\n');
    }
    out
}

/// True for a map or list that is not empty.
fn holds_more(json: &Json) -> bool {
    match json {
        Json::Object(map) => !map.is_empty(),
        Json::Array(items) => !items.is_empty(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

/// Writes a map or list that is not empty, each entry on a line of its own.
fn block(json: &Json, indent: usize, out: &mut String) {
    match json {
        Json::Object(map) => {
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    pad(indent, out);
                }
                text(key, out);
                out.push(':');
                if holds_more(value) {
                    out.push('\n');
                    pad(indent + 2, out);
                    block(value, indent + 2, out);
                } else {
                    out.push(' ');
                    scalar(value, out);
                    out.push('\n');
                }
            }
        }
        Json::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                if index > 0 {
                    pad(indent, out);
                }
                out.push_str("- ");
                if holds_more(value) {
                    block(value, indent + 2, out);
                } else {
                    scalar(value, out);
                    out.push('\n');
                }
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => scalar(json, out),
    }
}

fn pad(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(json: &Json, out: &mut String) {
    match json {
        Json::String(value) => text(value, out),
        Json::Object(_) => out.push_str("{}"),
        Json::Array(_) => out.push_str("[]"),
        Json::Null | Json::Bool(_) | Json::Number(_) => {
            // Writing to a String can not fail.
            let _done = write!(out, "{json}");
        }
    }
}

/// A text, bare where that is safe, else in double quotes (JSON's are YAML's too).
fn text(value: &str, out: &mut String) {
    let safe_start = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_');
    let safe = safe_start
        && !value.ends_with([' ', ':'])
        && !value.contains(": ")
        && !value.contains(" #")
        && !value.chars().any(char::is_control)
        && !is_special(value);
    if safe {
        out.push_str(value);
    } else {
        let quoted = Json::from(value).to_string();
        out.push_str(&quoted);
    }
}

/// True for words that a YAML reader may take for something else than text.
fn is_special(value: &str) -> bool {
    const WORDS: [&str; 11] = [
        "true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf",
    ];
    WORDS.iter().any(|word| word.eq_ignore_ascii_case(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::decode::{Reader, Setting};
    use crate::config::places::Places;
    use crate::config::tree::Tree;

    fn reads_as(text: &str) -> Option<Json> {
        let tree = Tree::yaml(text).unwrap();
        Json::read(tree.root(), &mut Reader::new("", Places::new()))
    }

    #[test]
    fn what_is_written_reads_back() {
        let value = json!({
            "a": {"b": ["x", {"c": 1, "d": [[1, 2], []]}], "e": {}, "f": null},
            "rule": "Host(`a.b`) && PathPrefix(`/x`)",
            "odd": ["true", "10", "", " a", "a: b", "- x", "x #y", "line\nbreak", "é", "*", "~",
                "no", "0x1", "'", "\"", "/path", "{{", "a:"],
            "numbers": [1, -2, 2.5, true],
            "1key": "v",
        });
        let text = yaml_text(&value);
        assert_eq!(reads_as(&text), Some(value), "{text}");
    }

    #[test]
    fn it_reads_as_people_write() {
        let value = json!({"http": {"routers": {"a@file": {"rule": "Host(`x`)",
            "entryPoints": ["web"], "tls": {}}}}});
        let expected = "http:\n  routers:\n    a@file:\n      rule: Host(`x`)\n      \
            entryPoints:\n        - web\n      tls: {}\n";
        assert_eq!(yaml_text(&value), expected);
        assert_eq!(yaml_text(&json!({})), "{}\n");
    }
}
