//! The static configuration as the rest of the program reads it: complete, checked, defaults
//! filled in. A field is named after its option.

use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use crate::base::Networks;

use super::address::Address;
use super::kubernetes::Kubernetes;
use super::words::{
    AccessLogFormat, Engine, FieldMode, HeaderMode, LogFormat, LogLevel, RuleSyntax,
    TraceVerbosity, UnderscoreHeaders,
};

/// Name of the entry point that serves ping, API and metrics unless told otherwise.
pub const INTERNAL_ENTRY_POINT: &str = "traefik";

/// Everything that is decided at start.
#[derive(Clone, Debug)]
pub struct Static {
    pub engine: Engine,
    /// Threads that carry traffic; 0 is one per usable CPU.
    pub shards: usize,
    /// `global.notAppendXForwardedFor`, also counted into every entry point's own.
    pub not_append_x_forwarded_for: bool,
    pub default_rule_syntax: RuleSyntax,
    /// By name. At least one that carries users' traffic.
    pub entry_points: BTreeMap<String, EntryPoint>,
    pub providers: Providers,
    pub servers_transport: ServersTransport,
    pub log: Log,
    pub access_log: Option<AccessLog>,
    pub ping: Option<Ping>,
    pub api: Option<Api>,
    pub prometheus: Option<Prometheus>,
}

/// A port that takes traffic.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per option of that name"
)]
pub struct EntryPoint {
    pub address: Address,
    /// True when nobody wrote it: the default `http` or the internal `traefik`.
    pub implicit: bool,
    pub as_default: bool,
    pub reuse_port: bool,
    pub allow_acme_bypass: bool,
    pub forwarded_headers: ForwardedHeaders,
    /// `None`: the PROXY protocol is not read.
    pub proxy_protocol: Option<ProxyProtocol>,
    pub http: EntryPointHttp,
    pub http2: Http2,
    pub http3: Option<Http3>,
    pub transport: Transport,
    /// How long a silent UDP session is kept; more than 0.
    pub udp_timeout: Duration,
    pub observability: Observability,
}

/// Whose `X-Forwarded-*` are believed, and which are sent.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per option of that name"
)]
pub struct ForwardedHeaders {
    pub insecure: bool,
    pub trusted_ips: Networks,
    /// Header names that `Connection` may list and that still pass on.
    pub connection: Vec<String>,
    /// Here or in `global`.
    pub not_append_x_forwarded_for: bool,
    pub add_x_forwarded_scheme_headers: bool,
}

/// Whose PROXY header is believed.
#[derive(Clone, Debug)]
pub struct ProxyProtocol {
    pub insecure: bool,
    pub trusted_ips: Networks,
}

/// What holds for all HTTP routers of an entry point.
#[derive(Clone, Debug)]
pub struct EntryPointHttp {
    /// In front of every root router, as `name@provider`.
    pub middlewares: Vec<String>,
    pub redirection: Option<Redirection>,
    pub tls: Option<EntryPointTls>,
    pub encode_query_semicolons: bool,
    pub sanitize_path: bool,
    pub encoded_characters: EncodedCharacters,
    pub header_bytes_max: usize,
    pub underscore_headers: UnderscoreHeaders,
}

/// Which escapes a path may hold; one that may not makes the answer 400.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per option of that name"
)]
pub struct EncodedCharacters {
    pub slash: bool,
    pub back_slash: bool,
    pub null_character: bool,
    pub semicolon: bool,
    pub percent: bool,
    pub question_mark: bool,
    pub hash: bool,
}

/// `http.redirections.entryPoint`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Redirection {
    pub to: RedirectionTarget,
    pub scheme: String,
    pub permanent: bool,
    pub priority: i64,
}

/// Where a redirection leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RedirectionTarget {
    /// May name an entry point that does not exist (features 15b.2: it starts all the same).
    EntryPoint(String),
    Port(u16),
}

/// TLS for routers that have none of their own.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryPointTls {
    pub options: Option<String>,
    pub cert_resolver: Option<String>,
    pub domains: Vec<Domain>,
}

/// Names of one certificate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Domain {
    pub main: String,
    pub sans: Vec<String>,
}

/// Bounds of HTTP/2 connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Http2 {
    pub concurrent_streams_max: u32,
    pub decoder_table_bytes_max: u32,
    pub encoder_table_bytes_max: u32,
}

/// HTTP/3 beside the TCP port.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Http3 {
    /// `None`: the port of the address.
    pub advertised_port: Option<u16>,
}

/// Times and counts of connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Transport {
    /// To read a whole request, TLS handshake and protocol sniffing included.
    pub read_timeout: Option<Duration>,
    pub write_timeout: Option<Duration>,
    pub idle_timeout: Option<Duration>,
    /// How long new connections are accepted after the stop signal.
    pub request_accept_grace: Duration,
    /// How long what is in flight may take after that.
    pub grace: Duration,
    pub keep_alive_requests_max: Option<NonZeroU64>,
    pub keep_alive_time_max: Option<Duration>,
}

/// What is observed of routers that do not say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per option of that name"
)]
pub struct Observability {
    pub access_logs: bool,
    pub metrics: bool,
    pub tracing: bool,
    pub trace_verbosity: TraceVerbosity,
}

/// Where dynamic configuration comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Providers {
    /// Least time between two changes of one provider that are put to work.
    pub throttle: Duration,
    /// Every provider, the winner of equal priorities first; lower case.
    pub precedence: Vec<String>,
    pub file: Option<FileProvider>,
    pub kubernetes_crd: Option<Kubernetes>,
    pub kubernetes_ingress: Option<Kubernetes>,
}

/// `providers.file`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FileProvider {
    pub source: FileSource,
    pub watch: bool,
    pub debug_log_generated_template: bool,
}

/// What the file provider reads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FileSource {
    File(PathBuf),
    /// With all folders below.
    Directory(PathBuf),
}

/// Connections to servers of services that name no `serversTransport`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServersTransport {
    pub insecure_skip_verify: bool,
    /// PEM files or PEM texts.
    pub root_cas: Vec<String>,
    /// Idle connections kept per server.
    pub idle_connections_max: usize,
    pub dial_timeout: Option<Duration>,
    pub response_header_timeout: Option<Duration>,
    pub idle_timeout: Option<Duration>,
}

/// The program's own log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Log {
    pub level: LogLevel,
    pub format: LogFormat,
    pub no_color: bool,
    /// `None`: standard output.
    pub file: Option<PathBuf>,
    pub rotation: Rotation,
}

/// When a log file is set aside, and for how long; `None` is never, or for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rotation {
    pub megabytes_max: Option<NonZeroU64>,
    pub age_days_max: Option<NonZeroU64>,
    pub backups_max: Option<NonZeroU64>,
    pub compress: bool,
}

/// One line per request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessLog {
    pub format: AccessLogFormat,
    /// `None`: standard output.
    pub file: Option<PathBuf>,
    pub add_internals: bool,
    pub filters: AccessLogFilters,
    pub fields: AccessLogFields,
}

/// A request is logged when any of these holds, or when none is set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessLogFilters {
    /// First and last of each range.
    pub status_codes: Vec<(u16, u16)>,
    pub retry_attempts: bool,
    pub duration_min: Option<Duration>,
}

/// What a line holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AccessLogFields {
    pub default_mode: FieldMode,
    pub names: BTreeMap<String, FieldMode>,
    pub headers_default_mode: HeaderMode,
    pub headers: BTreeMap<String, HeaderMode>,
    pub query_parameters: FieldMode,
}

/// `GET /ping`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ping {
    pub entry_point: String,
    pub manual_routing: bool,
    pub terminating_status: u16,
}

/// API and dashboard.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per option of that name"
)]
pub struct Api {
    pub insecure: bool,
    pub dashboard: bool,
    pub debug: bool,
    pub disable_dashboard_ad: bool,
    pub base_path: String,
    pub dashboard_name: Option<String>,
}

/// `metrics.prometheus`.
#[derive(Clone, PartialEq, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one field per option of that name"
)]
pub struct Prometheus {
    pub entry_point: String,
    pub manual_routing: bool,
    pub add_internals: bool,
    pub add_entry_points_labels: bool,
    pub add_routers_labels: bool,
    pub add_services_labels: bool,
    /// Upper bounds in seconds, rising.
    pub buckets: Vec<f64>,
    /// Label -> request header.
    pub header_labels: BTreeMap<String, String>,
}

impl Static {
    /// Names of the entry points that take routers which name none (features 2.2): those marked
    /// `asDefault`, else every TCP one but the internal one.
    #[must_use]
    pub fn default_entry_points(&self) -> Vec<&str> {
        let tcp = self
            .entry_points
            .iter()
            .filter(|(_, point)| point.address.protocol == super::address::Protocol::Tcp);
        let marked: Vec<&str> = tcp
            .clone()
            .filter(|(_, point)| point.as_default)
            .map(|(name, _)| name.as_str())
            .collect();
        if marked.is_empty() {
            tcp.map(|(name, _)| name.as_str())
                .filter(|name| *name != INTERNAL_ENTRY_POINT)
                .collect()
        } else {
            marked
        }
    }
}
