//! Entry points, from the static configuration.

use crate::config::statics::{self, EncodedCharacters, Static, UnderscoreHeaders};
use crate::snapshot::{EntryPoint, ProxyProtocol};
use crate::wire::path::{DeniedEscapes, Escape};
use crate::wire::{ForwardedRules, HeadRules, HeaderName, Underscore};

/// What an entry point adds to its routers.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per option of that name"
)]
pub struct EntryPointDefaults {
    pub name: String,
    pub as_default: bool,
    /// `name@provider`, in front of each root router's own (features 2.11).
    pub middlewares: Vec<String>,
    /// Escapes that are answered with 400 (features 2.15).
    pub refused_escapes: DeniedEscapes,
    pub access_log: bool,
    /// It gives TLS to routers that have none of their own (features 2.12).
    pub tls: bool,
}

impl EntryPointDefaults {
    /// True when its routers get copies of their own (features 2.12).
    #[must_use]
    pub const fn has_model(&self) -> bool {
        !self.middlewares.is_empty()
            || !self.refused_escapes.is_empty()
            || !self.access_log
            || self.tls
    }
}

/// The HTTP entry points, in the order of their names; their places are their numbers.
#[must_use]
pub fn entry_points(settings: &Static, hostname: &str) -> Vec<EntryPoint> {
    tcp(settings)
        .map(|(name, options)| entry_point(name, options, hostname))
        .collect()
}

/// What they add to routers, in the same order.
#[must_use]
pub fn defaults(settings: &Static) -> Vec<EntryPointDefaults> {
    let of = |(name, options): (&String, &statics::EntryPoint)| EntryPointDefaults {
        name: name.clone(),
        as_default: options.as_default,
        middlewares: options.http.middlewares.clone(),
        refused_escapes: refused(options.http.encoded_characters),
        access_log: options.observability.access_logs,
        tls: options.http.tls.is_some(),
    };
    tcp(settings).map(of).collect()
}

/// Entry points that take HTTP.
fn tcp(settings: &Static) -> impl Iterator<Item = (&String, &statics::EntryPoint)> {
    let is_tcp = |point: &statics::EntryPoint| point.address.protocol == statics::Protocol::Tcp;
    settings
        .entry_points
        .iter()
        .filter(move |(_, point)| is_tcp(point))
}

fn entry_point(name: &str, options: &statics::EntryPoint, hostname: &str) -> EntryPoint {
    let (http, transport) = (&options.http, &options.transport);
    let proxy_protocol = options.proxy_protocol.as_ref().map(|rules| ProxyProtocol {
        insecure: rules.insecure,
        trusted: rules.trusted_ips.clone(),
    });
    EntryPoint {
        name: name.into(),
        head: HeadRules {
            header_bytes_max: http.header_bytes_max,
            underscore: match http.underscore_headers {
                UnderscoreHeaders::Keep => Underscore::Keep,
                UnderscoreHeaders::Delete => Underscore::Delete,
                UnderscoreHeaders::Reject => Underscore::Reject,
            },
            sanitize_path: http.sanitize_path,
            encode_query_semicolons: http.encode_query_semicolons,
        },
        forwarded: forwarded(&options.forwarded_headers, hostname),
        proxy_protocol,
        read_timeout: transport.read_timeout,
        write_timeout: transport.write_timeout,
        idle_timeout: transport.idle_timeout,
        keep_alive_max_time: transport.keep_alive_time_max,
        keep_alive_max_requests: transport
            .keep_alive_requests_max
            .map(std::num::NonZero::get),
    }
}

fn forwarded(options: &statics::ForwardedHeaders, hostname: &str) -> ForwardedRules {
    // What is no header name can't be named by a Connection header either.
    let names = options
        .connection
        .iter()
        .filter_map(|name| HeaderName::new(name).ok());
    ForwardedRules {
        insecure: options.insecure,
        trusted: options.trusted_ips.clone(),
        connection: names.collect(),
        not_append: options.not_append_x_forwarded_for,
        server: hostname.as_bytes().into(),
    }
}

fn refused(allowed: EncodedCharacters) -> DeniedEscapes {
    let table = [
        (allowed.slash, Escape::Slash),
        (allowed.back_slash, Escape::BackSlash),
        (allowed.null_character, Escape::Null),
        (allowed.semicolon, Escape::Semicolon),
        (allowed.percent, Escape::Percent),
        (allowed.question_mark, Escape::QuestionMark),
        (allowed.hash, Escape::Hash),
    ];
    let denied = table.into_iter().filter(|(allowed, _)| !allowed);
    denied.fold(DeniedEscapes::default(), |all, (_, escape)| {
        all.with(escape)
    })
}
