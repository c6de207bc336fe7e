//! The environment: `TRAEFIK_LOG_LEVEL=DEBUG`, `RINGWAY_ENTRYPOINTS_WEB_ADDRESS=:80`.

use crate::config::Problem;

use super::flags;
use super::mark::Mark;
use super::nearest;
use super::path::OptionPath;
use super::schema::Found;
use super::settings::Settings;

/// Prefixes of variables that are read; the first with any variable set wins alone.
pub(crate) const PREFIXES: [&str; 2] = ["RINGWAY_", "TRAEFIK_"];

/// What the variables of one prefix say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables {
    pub(crate) settings: Settings,
    pub(crate) config_file: Option<String>,
    /// Names of the variables that count, in order.
    pub(crate) names: Vec<String>,
}

/// Reads all variables that start with `prefix`.
pub(crate) fn read(prefix: &str, environment: &[(String, String)]) -> Variables {
    let mut variables = Variables::default();
    let mut sorted: Vec<&(String, String)> = environment.iter().collect();
    sorted.sort();
    for (name, value) in sorted {
        let Some(rest) = name.strip_prefix(prefix) else {
            continue;
        };
        let mark = Mark::Variable(name.clone());
        let lower = rest.to_ascii_lowercase();
        let words: Vec<&str> = lower.split('_').collect();
        match walk(&Found::start(), &words) {
            Some(found) if flags::is_config_file(&found) => {
                variables.config_file = Some(value.clone());
            }
            Some(found) => {
                variables.names.push(name.clone());
                variables.settings.set_text(&found, value, &mark);
            }
            None if is_service_link(rest, value) => {}
            None => {
                variables.names.push(name.clone());
                variables.settings.note(unknown(prefix, &words, &mark));
            }
        }
    }
    variables.settings.gather();
    variables
}

/// Words to an option. A name of the user's may be of several words (`my_name`): the shortest that
/// leads to an option is meant.
fn walk(found: &Found, words: &[&str]) -> Option<Found> {
    let Some((first, rest)) = words.split_first() else {
        return found.node.spec.is_some().then(|| found.clone());
    };
    if let Ok(index) = first.parse()
        && let Some(end) = found.by_index(index).and_then(|next| walk(&next, rest))
    {
        return Some(end);
    }
    let known = found
        .node
        .names()
        .any(|name| name.eq_ignore_ascii_case(first));
    if known || found.node.is_free() {
        let end = found.by_name(first).and_then(|next| walk(&next, rest));
        if end.is_some() {
            return end;
        }
    }
    found.node.any()?;
    (1..=words.len()).find_map(|count| {
        let (name, rest) = words.split_at(count);
        found
            .by_name(&name.join("_"))
            .and_then(|next| walk(&next, rest))
    })
}

/// Kubernetes and Docker describe a service called `traefik` in variables of its name:
/// `TRAEFIK_PORT=tcp://10.0.0.1:80`, `TRAEFIK_SERVICE_HOST=10.0.0.1`. They are not for us.
fn is_service_link(rest: &str, value: &str) -> bool {
    let is_port = rest == "PORT" || rest.ends_with("_PORT") || rest.contains("PORT_");
    rest.contains("SERVICE_HOST")
        || rest.contains("SERVICE_PORT")
        || is_port && value.starts_with("tcp://")
        || is_port && value.starts_with("udp://")
        || rest.contains("_TCP_")
        || rest.contains("_UDP_")
}

fn unknown(prefix: &str, words: &[&str], mark: &Mark) -> Problem {
    let mut found = Found::start();
    let mut left = words;
    while let Some((first, rest)) = left.split_first() {
        let Some(next) = found.by_name(first) else {
            break;
        };
        found = next;
        left = rest;
    }
    let (wrong, rest) = left.split_first().unwrap_or((&"", &[]));
    let near: Vec<String> = nearest::paths(&found, wrong, &rest.join("."))
        .into_iter()
        .map(|path| format!("{prefix}{}", path.to_ascii_uppercase().replace('.', "_")))
        .collect();
    let problem = mark.error(&OptionPath::default(), "no such option");
    match nearest::question(&near) {
        Some(question) => problem.hint(question),
        None => problem.hint(format!(
            "variables that start with {prefix} are options: `ringway help options`"
        )),
    }
}
