//! Rules of Ingresses. Every value is quoted, so that none can end its matcher and begin another.

use std::fmt::Write;

/// How the path of an Ingress is matched.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Matcher {
    Path,
    PathPrefix,
    PathRegexp,
    /// `PathPrefix`, but of whole segments.
    Segments,
}

impl Matcher {
    /// What the annotation `router.pathmatcher` may say.
    pub(super) fn of(text: &str) -> Option<Self> {
        let known = [
            ("Path", Self::Path),
            ("PathPrefix", Self::PathPrefix),
            ("PathRegexp", Self::PathRegexp),
        ];
        let found = known
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(text));
        found.map(|(_, matcher)| *matcher)
    }

    fn rule(self, path: &str) -> String {
        match self {
            Self::Path => format!("Path({})", quoted(path)),
            Self::PathPrefix => format!("PathPrefix({})", quoted(path)),
            Self::PathRegexp => format!("PathRegexp({})", quoted(path)),
            Self::Segments => match path.trim_end_matches('/') {
                "" => "PathPrefix(`/`)".to_owned(),
                path => {
                    let whole = back_quoted(path);
                    let below = back_quoted(&format!("{path}/"));
                    format!("(Path({whole}) || PathPrefix({below}))")
                }
            },
        }
    }
}

/// The rule for a host and a path, either of which may be empty.
pub(super) fn rule(host: &str, path: Option<(Matcher, &str)>, is_v2: bool) -> String {
    let host = if host.is_empty() {
        None
    } else if is_v2 {
        Some(host_v2(host))
    } else {
        Some(format!("Host({})", quoted(host)))
    };
    let path = path.map(|(matcher, path)| matcher.rule(path));
    let parts: Vec<String> = host.into_iter().chain(path).collect();
    parts.join(" && ")
}

/// Version 2 has no wildcards in `Host`.
fn host_v2(host: &str) -> String {
    match host.strip_prefix("*.") {
        Some(domain) => {
            let template = format!("{{subdomain:[a-zA-Z0-9-]+}}.{domain}");
            format!("HostRegexp({})", back_quoted(&template))
        }
        None => format!("Host({})", back_quoted(host)),
    }
}

/// In back quotes, or, where the text holds one, in double quotes.
fn back_quoted(text: &str) -> String {
    if text.contains('`') || text.chars().any(char::is_control) {
        quoted(text)
    } else {
        format!("`{text}`")
    }
}

/// In double quotes, with Go's escapes.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                // Writing to a String can not fail.
                let _done = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_as_traefiks() {
        let table = [
            (
                "a.b",
                Some((Matcher::PathPrefix, "/p")),
                "Host(\"a.b\") && PathPrefix(\"/p\")",
            ),
            ("", Some((Matcher::Path, "/p")), "Path(\"/p\")"),
            ("*.a.b", None, "Host(\"*.a.b\")"),
            (
                "",
                Some((Matcher::Segments, "/p/")),
                "(Path(`/p`) || PathPrefix(`/p/`))",
            ),
            ("", Some((Matcher::Segments, "/")), "PathPrefix(`/`)"),
            ("", None, ""),
        ];
        for (host, path, expected) in table {
            assert_eq!(rule(host, path, false), expected);
        }
        assert_eq!(
            rule("*.a.b", None, true),
            "HostRegexp(`{subdomain:[a-zA-Z0-9-]+}.a.b`)"
        );
        assert_eq!(rule("a.b", None, true), "Host(`a.b`)");
    }
}
