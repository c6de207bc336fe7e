//! How a flag that is being typed may go on.

use super::flags;
use super::option::{Kind, State};
use super::schema::{Found, Node};

/// Completions of `typed`, which starts with `--`: one level of names at a time. What ends in `.`
/// or `=` goes on.
#[must_use]
pub fn candidates(typed: &str) -> Vec<String> {
    let name = typed.trim_start_matches('-');
    if let Some((name, value)) = name.split_once('=') {
        return values(name, value)
            .into_iter()
            .map(|word| format!("--{name}={word}"))
            .collect();
    }
    let (before, partial) = name.rsplit_once('.').unwrap_or(("", name));
    let at = if before.is_empty() {
        Found::start()
    } else {
        match flags::find(before) {
            Ok(found) => found,
            Err(_) => return Vec::new(),
        }
    };
    let prefix = if before.is_empty() {
        String::new()
    } else {
        format!("{before}.")
    };
    let partial = partial.to_ascii_lowercase();
    let mut found = Vec::new();
    for name in at.node.names() {
        let Some((_, node)) = at.node.child(name) else {
            continue;
        };
        if name.to_ascii_lowercase().starts_with(&partial) && is_alive(node) {
            found.extend(
                endings(node)
                    .into_iter()
                    .map(|end| format!("--{prefix}{name}{end}")),
            );
        }
    }
    found
}

/// Words that may stand as the value of the option `name` and begin with `partial`.
#[must_use]
pub fn values(name: &str, partial: &str) -> Vec<&'static str> {
    let Ok(found) = flags::find(name) else {
        return Vec::new();
    };
    let kind = found.node.spec.map(|spec| spec.kind);
    let words: &[&'static str] = match kind {
        Some(Kind::Choice(words)) => words,
        Some(Kind::Bool | Kind::Block) => &["true", "false"],
        _ => &[],
    };
    let partial = partial.to_ascii_lowercase();
    let fits = |word: &&'static str| word.to_ascii_lowercase().starts_with(&partial);
    words.iter().copied().filter(fits).collect()
}

/// True when the flag takes the next word as its value.
#[must_use]
pub fn wants_value(flag: &str) -> bool {
    let name = flag.trim_start_matches('-');
    !name.contains('=')
        && flags::find(name).is_ok_and(|found| {
            let kind = found.node.spec.map(|spec| spec.kind);
            kind.is_some_and(|kind| !matches!(kind, Kind::Bool | Kind::Block))
        })
}

/// What may follow the name of a node.
fn endings(node: &'static Node) -> Vec<&'static str> {
    let mut endings = Vec::new();
    if let Some(spec) = node.spec {
        let is_switch = matches!(spec.kind, Kind::Bool | Kind::Block);
        endings.push(if is_switch { "" } else { "=" });
    }
    if !node.is_leaf() {
        endings.push(if node.item().is_some() { "[0]." } else { "." });
    }
    endings
}

/// True unless all that lies here is gone.
fn is_alive(node: &'static Node) -> bool {
    let here = node
        .spec
        .is_some_and(|spec| !matches!(spec.state, State::Refused(_)));
    here || node
        .names()
        .filter_map(|name| node.child(name))
        .map(|(_, child)| child)
        .chain(node.any())
        .chain(node.item())
        .any(is_alive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_goes_on_level_by_level() {
        let table: [(&str, &[&str]); 8] = [
            ("--pi", &["--pilot.", "--ping", "--ping."]),
            ("--LOG.LE", &["--LOG.level="]),
            ("--log.level=d", &["--log.level=DEBUG"]),
            ("--ping=", &["--ping=true", "--ping=false"]),
            (
                "--entryPoints.web.transport.life",
                &["--entryPoints.web.transport.lifeCycle."],
            ),
            (
                "--entryPoints.web.http.tls.dom",
                &["--entryPoints.web.http.tls.domains[0]."],
            ),
            ("--hub", &[]),
            ("--nothing.here", &[]),
        ];
        for (typed, expected) in table {
            assert_eq!(candidates(typed), expected, "{typed}");
        }
    }
}
