//! Settings to [`Static`]: defaults from the table, checks that need more than one option.

use std::path::PathBuf;

use crate::base::Networks;
use crate::config::Problem;

use super::model::{
    AccessLog, AccessLogFields, AccessLogFilters, Api, FileProvider, FileSource,
    INTERNAL_ENTRY_POINT, Log, Ping, Prometheus, Providers, Rotation, ServersTransport, Static,
};
use super::settings::Settings;
use super::value::Value;
use super::view::{Notes, View};
use super::{entry_point, kubernetes, schema};

/// The whole configuration, and what is to be said about it. A configuration with errors among
/// its problems must not be put to work.
pub(crate) fn build(settings: &Settings) -> (Static, Vec<Problem>) {
    let notes = Notes::default();
    let built = read(&View::root(settings, &notes));
    let mut problems = settings.problems().to_vec();
    problems.extend(settings.judge());
    problems.extend(notes.into_problems());
    (built, problems)
}

/// Reads every served option once.
pub(crate) fn read(root: &View<'_>) -> Static {
    let mut built = Static {
        engine: root.choice("engine"),
        shards: root.count("shards"),
        not_append_x_forwarded_for: root.bool("global.notAppendXForwardedFor"),
        default_rule_syntax: root.choice("core.defaultRuleSyntax"),
        entry_points: entry_point::read_all(root),
        providers: providers(&root.group("providers")),
        servers_transport: servers_transport(&root.group("serversTransport")),
        log: log(&root.group("log")),
        access_log: root.block("accessLog").map(|view| access_log(&view)),
        ping: root.block("ping").map(|view| ping(&view)),
        api: root.block("api").map(|view| api(&view)),
        prometheus: root
            .block("metrics.prometheus")
            .map(|view| prometheus(root, &view)),
    };
    // Accepted without an effect: nothing here calls home, and there is one proxy path.
    for name in ["global.checkNewVersion", "global.sendAnonymousUsage"] {
        root.bool(name);
    }
    for name in [
        "experimental.fastProxy",
        "experimental.fastProxy.debug",
        "log",
    ] {
        root.bool(name);
    }
    let is_rest_open = root.bool("providers.rest") && root.bool("providers.rest.insecure");
    if is_rest_open || wants_internal(&built) {
        entry_point::add_implicit(root, &mut built.entry_points, INTERNAL_ENTRY_POINT, 8080);
    }
    if built
        .entry_points
        .keys()
        .all(|name| name == INTERNAL_ENTRY_POINT)
    {
        entry_point::add_implicit(root, &mut built.entry_points, "http", 80);
    }
    check_entry_point_names(root, &built);
    entry_point::check_ports(root, &built.entry_points);
    built
}

/// True when something is served on the internal entry point without a router of the user's.
fn wants_internal(built: &Static) -> bool {
    let ping = built
        .ping
        .as_ref()
        .is_some_and(|ping| !ping.manual_routing && ping.entry_point == INTERNAL_ENTRY_POINT);
    let prometheus = built.prometheus.as_ref().is_some_and(|prometheus| {
        !prometheus.manual_routing && prometheus.entry_point == INTERNAL_ENTRY_POINT
    });
    ping || prometheus || built.api.as_ref().is_some_and(|api| api.insecure)
}

fn check_entry_point_names(root: &View<'_>, built: &Static) {
    let ping = built.ping.as_ref();
    let prometheus = built.prometheus.as_ref();
    let named = [
        ("ping.entryPoint", ping.map(|ping| &ping.entry_point)),
        (
            "metrics.prometheus.entryPoint",
            prometheus.map(|prometheus| &prometheus.entry_point),
        ),
    ];
    for (option, name) in named {
        let Some(name) = name else { continue };
        let is_manual = option.starts_with("ping") && ping.is_some_and(|ping| ping.manual_routing)
            || option.starts_with("metrics") && prometheus.is_some_and(|it| it.manual_routing);
        if !is_manual && !built.entry_points.contains_key(name) {
            let known: Vec<&str> = built.entry_points.keys().map(String::as_str).collect();
            let known = known.join(", ");
            root.warn(
                option,
                format!("there is no entry point `{name}`, only: {known}"),
            );
        }
    }
}

fn providers(view: &View<'_>) -> Providers {
    Providers {
        throttle: view.duration("providersThrottleDuration"),
        precedence: precedence(view),
        file: file_provider(&view.group("file")),
        kubernetes_crd: kubernetes::custom(view),
        kubernetes_ingress: kubernetes::ingress(view),
    }
}

/// The user's order, followed by the rest in the usual order.
fn precedence(view: &View<'_>) -> Vec<String> {
    let usual = schema::root().child("providers").and_then(|(_, node)| {
        let (_, node) = node.child("precedence")?;
        let Value::Texts(names) = Value::default_of(node.spec?) else {
            return None;
        };
        Some(names)
    });
    let usual = usual.unwrap_or_default();
    let mut order: Vec<String> = Vec::new();
    for name in view.texts("precedence") {
        let name = name.to_ascii_lowercase();
        if !usual.contains(&name) {
            let text = format!("there is no provider `{name}`, only: {}", usual.join(", "));
            view.fault("precedence", text);
        } else if !order.contains(&name) {
            order.push(name);
        }
    }
    for name in usual {
        if !order.contains(&name) {
            order.push(name);
        }
    }
    order
}

fn file_provider(view: &View<'_>) -> Option<FileProvider> {
    let file = view.filled("filename").map(PathBuf::from);
    let directory = view.filled("directory").map(PathBuf::from);
    let watch = view.bool("watch");
    let debug_log_generated_template = view.bool("debugLogGeneratedTemplate");
    let source = match (directory, file) {
        (Some(directory), None) => FileSource::Directory(directory),
        (Some(directory), Some(_)) => {
            view.warn(
                "filename",
                "not read, since `directory` is set too: keep one of them",
            );
            FileSource::Directory(directory)
        }
        (None, Some(file)) => FileSource::File(file),
        (None, None) => {
            if view.is_mentioned() {
                view.fault(
                    "filename",
                    "the file provider needs `filename` or `directory`",
                );
            }
            return None;
        }
    };
    Some(FileProvider {
        source,
        watch,
        debug_log_generated_template,
    })
}

fn servers_transport(view: &View<'_>) -> ServersTransport {
    ServersTransport {
        insecure_skip_verify: view.bool("insecureSkipVerify"),
        root_cas: view.texts("rootCAs"),
        idle_connections_max: view.count("maxIdleConnsPerHost"),
        dial_timeout: view.timeout("forwardingTimeouts.dialTimeout"),
        response_header_timeout: view.timeout("forwardingTimeouts.responseHeaderTimeout"),
        idle_timeout: view.timeout("forwardingTimeouts.idleConnTimeout"),
    }
}

fn log(view: &View<'_>) -> Log {
    Log {
        level: view.choice("level"),
        format: view.choice("format"),
        no_color: view.bool("noColor"),
        file: view.filled("filePath").map(PathBuf::from),
        rotation: Rotation {
            megabytes_max: view.limit("maxSize"),
            age_days_max: view.limit("maxAge"),
            backups_max: view.limit("maxBackups"),
            compress: view.bool("compress"),
        },
    }
}

fn access_log(view: &View<'_>) -> AccessLog {
    // Accepted without an effect: writing is always buffered.
    view.count::<u64>("bufferingSize");
    AccessLog {
        format: view.choice("format"),
        file: view.filled("filePath").map(PathBuf::from),
        add_internals: view.bool("addInternals"),
        filters: AccessLogFilters {
            status_codes: status_codes(&view.group("filters")),
            retry_attempts: view.bool("filters.retryAttempts"),
            duration_min: view.timeout("filters.minDuration"),
        },
        fields: AccessLogFields {
            default_mode: view.choice("fields.defaultMode"),
            names: view.words_by_name("fields.names"),
            headers_default_mode: view.choice("fields.headers.defaultMode"),
            headers: view.words_by_name("fields.headers.names"),
            query_parameters: view.choice("fields.queryParameters.defaultMode"),
        },
    }
}

/// `200`, `300-302`.
fn status_codes(view: &View<'_>) -> Vec<(u16, u16)> {
    let mut ranges = Vec::new();
    for text in view.texts("statusCodes") {
        let (first, last) = text.split_once('-').unwrap_or((&text, &text));
        let first: Result<u16, _> = first.trim().parse();
        match (first, last.trim().parse()) {
            (Ok(first), Ok(last)) if first <= last => ranges.push((first, last)),
            _ => {
                let fault = format!("expected a code or a range such as 300-302, found `{text}`");
                view.fault("statusCodes", fault);
            }
        }
    }
    ranges
}

fn ping(view: &View<'_>) -> Ping {
    let status = view.count("terminatingStatusCode");
    if !(100..=599).contains(&status) {
        view.fault(
            "terminatingStatusCode",
            format!("`{status}` is no HTTP status"),
        );
    }
    Ping {
        entry_point: view.text("entryPoint"),
        manual_routing: view.bool("manualRouting"),
        terminating_status: status,
    }
}

fn api(view: &View<'_>) -> Api {
    Api {
        insecure: view.bool("insecure"),
        dashboard: view.bool("dashboard"),
        debug: view.bool("debug"),
        disable_dashboard_ad: view.bool("disableDashboardAd"),
        base_path: view.text("basePath"),
        dashboard_name: view.filled("dashboardName"),
    }
}

fn prometheus(root: &View<'_>, view: &View<'_>) -> Prometheus {
    let buckets = view.floats("buckets");
    if !buckets.is_sorted_by(|left, right| left < right) {
        view.fault("buckets", "the bounds must rise");
    }
    Prometheus {
        entry_point: view.text("entryPoint"),
        manual_routing: view.bool("manualRouting"),
        add_internals: root.bool("metrics.addInternals"),
        add_entry_points_labels: view.bool("addEntryPointsLabels"),
        add_routers_labels: view.bool("addRoutersLabels"),
        add_services_labels: view.bool("addServicesLabels"),
        buckets,
        header_labels: view.texts_by_name("headerLabels"),
    }
}

/// Networks of a list; the first text that is none is an error.
pub(super) fn networks(view: &View<'_>, name: &str) -> Networks {
    let texts = view.texts(name);
    let parsed = Networks::parse(texts.iter().map(String::as_str));
    parsed.unwrap_or_else(|wrong| {
        let text = format!("expected an address or a network such as 10.0.0.0/8, found `{wrong}`");
        view.fault(name, text);
        Networks::default()
    })
}
