//! `entryPoints.*`: settings to [`EntryPoint`].

use std::collections::BTreeMap;

use super::address::{Address, ListenHost, Protocol};
use super::build::networks;
use super::model::{
    Domain, EncodedCharacters, EntryPoint, EntryPointHttp, EntryPointTls, ForwardedHeaders, Http2,
    Http3, Observability, ProxyProtocol, Redirection, RedirectionTarget, Transport,
};
use super::view::View;

/// Every entry point that the user wrote and did not switch off.
pub(super) fn read_all(root: &View<'_>) -> BTreeMap<String, EntryPoint> {
    let named = root.group("entryPoints").named();
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    let mut points = BTreeMap::new();
    for (name, view) in &named {
        let address = match view.text("address").parse() {
            Ok(address) => address,
            Err(fault) => {
                view.fault("address", format!("{fault}"));
                continue;
            }
        };
        let point = read(root, view, address);
        if let Some(redirection) = &point.http.redirection {
            check_redirection(view, redirection, &names);
        }
        points.insert((*name).to_owned(), point);
    }
    points
}

/// Adds an entry point that nobody wrote, unless somebody did.
pub(super) fn add_implicit(
    root: &View<'_>,
    points: &mut BTreeMap<String, EntryPoint>,
    name: &str,
    port: u16,
) {
    if points.contains_key(name) {
        return;
    }
    let address = Address {
        host: ListenHost::Any,
        port,
        protocol: Protocol::Tcp,
    };
    let view = root.group("entryPoints").step(name);
    let mut point = read(root, &view, address);
    point.implicit = true;
    points.insert(name.to_owned(), point);
}

/// Two entry points on one port: the second could not be bound.
pub(super) fn check_ports(root: &View<'_>, points: &BTreeMap<String, EntryPoint>) {
    let all: Vec<(&String, &EntryPoint)> = points.iter().collect();
    for (index, (name, point)) in all.iter().enumerate() {
        for (other_name, other) in &all[..index] {
            if point.address.collides(&other.address) {
                let view = root.group("entryPoints").step(name);
                let text = format!(
                    "`{}` is taken by entryPoints.{other_name} already: choose another port",
                    point.address
                );
                view.fault("address", text);
            }
        }
    }
}

fn read(root: &View<'_>, view: &View<'_>, address: Address) -> EntryPoint {
    if address.protocol == Protocol::Udp {
        view.warn(
            "address",
            "UDP is not served yet: this entry point stays closed",
        );
    }
    let udp_timeout = view.duration("udp.timeout");
    if udp_timeout.is_zero() {
        view.fault("udp.timeout", "must be more than 0");
    }
    EntryPoint {
        address,
        implicit: false,
        as_default: view.bool("asDefault"),
        reuse_port: view.bool("reusePort"),
        allow_acme_bypass: view.bool("allowACMEByPass"),
        forwarded_headers: forwarded_headers(root, &view.group("forwardedHeaders")),
        proxy_protocol: view.block("proxyProtocol").map(|view| ProxyProtocol {
            insecure: view.bool("insecure"),
            trusted_ips: networks(&view, "trustedIPs"),
        }),
        http: http(&view.group("http")),
        http2: Http2 {
            concurrent_streams_max: view.count("http2.maxConcurrentStreams"),
            decoder_table_bytes_max: view.count("http2.maxDecoderHeaderTableSize"),
            encoder_table_bytes_max: view.count("http2.maxEncoderHeaderTableSize"),
        },
        http3: view.block("http3").map(|view| Http3 {
            advertised_port: Some(view.count("advertisedPort")).filter(|port| *port != 0),
        }),
        transport: transport(&view.group("transport")),
        udp_timeout,
        observability: observability(&view.group("observability")),
    }
}

fn forwarded_headers(root: &View<'_>, view: &View<'_>) -> ForwardedHeaders {
    let not_append = root.bool("global.notAppendXForwardedFor");
    ForwardedHeaders {
        insecure: view.bool("insecure"),
        trusted_ips: networks(view, "trustedIPs"),
        connection: view.texts("connection"),
        not_append_x_forwarded_for: view.bool("notAppendXForwardedFor") || not_append,
        add_x_forwarded_scheme_headers: view.bool("addXForwardedSchemeHeaders"),
    }
}

fn http(view: &View<'_>) -> EntryPointHttp {
    let middlewares = view.texts("middlewares");
    for name in &middlewares {
        if !name.contains('@') {
            let text = format!("`{name}` has no provider: write it as {name}@file");
            view.warn("middlewares", text);
        }
    }
    EntryPointHttp {
        middlewares,
        redirection: redirection(&view.group("redirections.entryPoint")),
        tls: view.block("tls").map(|view| tls(&view)),
        encode_query_semicolons: view.bool("encodeQuerySemicolons"),
        sanitize_path: view.bool("sanitizePath"),
        encoded_characters: encoded_characters(&view.group("encodedCharacters")),
        header_bytes_max: view.count("maxHeaderBytes"),
        underscore_headers: view.choice("underscoreHeadersStrategy"),
    }
}

fn encoded_characters(view: &View<'_>) -> EncodedCharacters {
    EncodedCharacters {
        slash: view.bool("allowEncodedSlash"),
        back_slash: view.bool("allowEncodedBackSlash"),
        null_character: view.bool("allowEncodedNullCharacter"),
        semicolon: view.bool("allowEncodedSemicolon"),
        percent: view.bool("allowEncodedPercent"),
        question_mark: view.bool("allowEncodedQuestionMark"),
        hash: view.bool("allowEncodedHash"),
    }
}

fn redirection(view: &View<'_>) -> Option<Redirection> {
    let scheme = view.text("scheme");
    let permanent = view.bool("permanent");
    let priority = view.int("priority");
    let Some(to) = view.filled("to") else {
        if view.is_mentioned() {
            view.fault(
                "to",
                "a redirection needs the name of an entry point, or :port",
            );
        }
        return None;
    };
    let to = match to.strip_prefix(':') {
        None => RedirectionTarget::EntryPoint(to),
        Some(port) => match port.parse() {
            Ok(port) => RedirectionTarget::Port(port),
            Err(_) => {
                view.fault("to", format!("`{to}` is no port"));
                return None;
            }
        },
    };
    Some(Redirection {
        to,
        scheme,
        permanent,
        priority,
    })
}

fn check_redirection(view: &View<'_>, redirection: &Redirection, names: &[&str]) {
    if let RedirectionTarget::EntryPoint(to) = &redirection.to
        && !names.contains(&to.as_str())
    {
        let text = format!("there is no entry point `{to}`, only: {}", names.join(", "));
        view.warn("http.redirections.entryPoint.to", text);
    }
}

fn tls(view: &View<'_>) -> EntryPointTls {
    let domain = |view: &View<'_>| Domain {
        main: view.text("main"),
        sans: view.texts("sans"),
    };
    EntryPointTls {
        options: view.filled("options"),
        cert_resolver: view.filled("certResolver"),
        domains: view.items("domains").iter().map(domain).collect(),
    }
}

fn transport(view: &View<'_>) -> Transport {
    Transport {
        read_timeout: view.timeout("respondingTimeouts.readTimeout"),
        write_timeout: view.timeout("respondingTimeouts.writeTimeout"),
        idle_timeout: view.timeout("respondingTimeouts.idleTimeout"),
        request_accept_grace: view.duration("lifeCycle.requestAcceptGraceTimeout"),
        grace: view.duration("lifeCycle.graceTimeOut"),
        keep_alive_requests_max: view.limit("keepAliveMaxRequests"),
        keep_alive_time_max: view.timeout("keepAliveMaxTime"),
    }
}

fn observability(view: &View<'_>) -> Observability {
    Observability {
        access_logs: view.bool("accessLogs"),
        metrics: view.bool("metrics"),
        tracing: view.bool("tracing"),
        trace_verbosity: view.choice("traceVerbosity"),
    }
}
