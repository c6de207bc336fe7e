//! What the user may have meant.

use crate::config::decode::nearest;

use super::path::OptionPath;
use super::schema::Found;
use super::table;

/// Suggestions shown at most.
const SHOWN_MAX: usize = 3;

/// Whole paths that `wrong`, not found below `at`, may stand for; `rest` is what followed it.
pub(crate) fn paths(at: &Found, wrong: &str, rest: &str) -> Vec<String> {
    if let Some(name) = nearest(wrong, at.node.names()) {
        return vec![join(&at.path.with_name(name), rest)];
    }
    let last = rest.rsplit('.').next().filter(|last| !last.is_empty());
    let last = last.unwrap_or(wrong);
    let mut found: Vec<String> = table::sorted()
        .into_iter()
        .filter(|spec| spec.gone.is_none())
        .filter(|spec| {
            let name = spec.path.rsplit('.').next().unwrap_or_default();
            name.eq_ignore_ascii_case(last)
        })
        .map(super::option::OptionSpec::shown)
        .collect();
    found.sort_by_key(String::len);
    found.truncate(SHOWN_MAX);
    found
}

/// `did you mean `a` or `b`?`; nothing when there are no names.
pub(crate) fn question(names: &[impl AsRef<str>]) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    Some(format!("did you mean {}?", names.join(" or ")))
}

fn join(path: &OptionPath, rest: &str) -> String {
    if rest.is_empty() {
        path.to_string()
    } else {
        format!("{path}.{rest}")
    }
}
