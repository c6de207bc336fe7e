//! Every static option, once: files, flags, environment, `help`, shell completion and the
//! reference page all read these rows. An option comes into service by changing its state here.
//!
//! A row is: path, kind, default, first version, state, and a sentence.
//! Never here: code that acts on an option.

use super::option::{Kind, OptionSpec, State};

macro_rules! options {
    ($name:ident: $($path:literal, $kind:expr, $default:literal, $since:literal, $state:expr,
        $help:literal;)*) => {
        pub(super) const $name: &[super::OptionSpec] = &[$(super::OptionSpec {
            path: $path,
            kind: $kind,
            default: $default,
            since: $since,
            gone: None,
            state: $state,
            help: $help,
        }),*];
    };
}

macro_rules! gone {
    ($name:ident: $($path:literal, $since:literal, $last:literal, $hint:literal;)*) => {
        pub(super) const $name: &[super::OptionSpec] = &[$(super::OptionSpec {
            path: $path,
            kind: super::Kind::Free,
            default: "",
            since: $since,
            gone: Some($last),
            state: super::State::Refused($hint),
            help: $hint,
        }),*];
    };
}

mod certificates;
mod entry_points;
mod general;
mod gone;
mod kubernetes;
mod observability;
mod providers;

const PARTS: [&[OptionSpec]; 7] = [
    general::ROWS,
    entry_points::ROWS,
    observability::ROWS,
    certificates::ROWS,
    providers::ROWS,
    kubernetes::ROWS,
    gone::ROWS,
];

/// All rows, part by part.
pub(crate) fn all() -> impl Iterator<Item = &'static OptionSpec> {
    PARTS.into_iter().flatten()
}

/// All rows in the order of their names, without regard to case.
#[must_use]
pub fn sorted() -> Vec<&'static OptionSpec> {
    let mut rows: Vec<_> = all().collect();
    rows.sort_by_key(|row| row.path.to_ascii_lowercase());
    rows
}

// Why an option has no effect yet, and what to do meanwhile. Whoever serves it deletes the word
// from its rows.
const TLS: State = State::Warned("TLS is not served yet: keep a TLS proxy in front");
const ACME: State = State::Warned("certificates are not fetched yet: use an ACME client");
const HTTP2: State = State::Warned("HTTP/2 is not served yet: clients speak HTTP/1.1");
const HTTP3: State = State::Warned("HTTP/3 is not served yet: clients speak HTTP/1.1");
const UDP: State = State::Warned("UDP is not served yet: remove the UDP entry point");
const TCP: State = State::Warned("TCP routers are not served yet");
const SCHEME_HEADERS: State =
    State::Warned("these headers are not sent yet: set them with a headers middleware");
const HOST_RESOLVER: State =
    State::Warned("CNAMEs are not followed yet: name the host itself in the rule");
const API: State = State::Warned("API and dashboard are not served yet: see `ringway render`");
const METRICS: State = State::Warned("metrics are not served yet: see the access log");
const TRACING: State = State::Warned("tracing is not served yet: see the access log");
const OTLP: State = State::Warned("OTLP is not served yet: collect the log file instead");
const COMPRESS: State =
    State::Warned("rotated files are not compressed yet: compress them from outside");
const PLUGINS: State = State::Warned("plugins are not served yet: routers that name one are off");
const KUBERNETES: State =
    State::Warned("this provider is not served yet: use kubernetesCRD or kubernetesIngress");
const PROVIDERS: State = State::Warned("this provider is not served yet: use providers.file");
const PILOT: State =
    State::Warned("Traefik Pilot was shut down, the option does nothing: remove it");
const NO_LONGER_NEEDED: State = State::Warned("the flag is no longer needed: remove it");

#[cfg(test)]
mod tests;
