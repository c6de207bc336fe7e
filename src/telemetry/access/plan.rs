//! The configuration of the access log, worked out once: what to look at, what to copy.

use std::time::Duration;

use super::options::{Fields, Filters, Format, HeaderFields, Mode, Options};

/// What a record can tell, in the order of the JSON keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Field {
    ClientAddr,
    ClientHost,
    ClientPort,
    ClientUsername,
    DownstreamContentSize,
    DownstreamStatus,
    Duration,
    GzipRatio,
    KubernetesIngressName,
    KubernetesIngressNamespace,
    KubernetesServiceName,
    KubernetesServicePort,
    OriginContentSize,
    OriginDuration,
    OriginStatus,
    Overhead,
    RequestAddr,
    RequestContentSize,
    RequestCount,
    RequestHost,
    RequestMethod,
    RequestPath,
    RequestPort,
    RequestProtocol,
    RequestScheme,
    RetryAttempts,
    RouterName,
    ServiceAddr,
    ServiceName,
    ServiceUrl,
    SpanId,
    StartLocal,
    StartUtc,
    TlsCipher,
    TlsClientSubject,
    TlsVersion,
    TraceId,
    EntryPointName,
}

impl Field {
    pub(super) const ALL: [(Self, &str); 38] = [
        (Self::ClientAddr, "ClientAddr"),
        (Self::ClientHost, "ClientHost"),
        (Self::ClientPort, "ClientPort"),
        (Self::ClientUsername, "ClientUsername"),
        (Self::DownstreamContentSize, "DownstreamContentSize"),
        (Self::DownstreamStatus, "DownstreamStatus"),
        (Self::Duration, "Duration"),
        (Self::GzipRatio, "GzipRatio"),
        (Self::KubernetesIngressName, "KubernetesIngressName"),
        (
            Self::KubernetesIngressNamespace,
            "KubernetesIngressNamespace",
        ),
        (Self::KubernetesServiceName, "KubernetesServiceName"),
        (Self::KubernetesServicePort, "KubernetesServicePort"),
        (Self::OriginContentSize, "OriginContentSize"),
        (Self::OriginDuration, "OriginDuration"),
        (Self::OriginStatus, "OriginStatus"),
        (Self::Overhead, "Overhead"),
        (Self::RequestAddr, "RequestAddr"),
        (Self::RequestContentSize, "RequestContentSize"),
        (Self::RequestCount, "RequestCount"),
        (Self::RequestHost, "RequestHost"),
        (Self::RequestMethod, "RequestMethod"),
        (Self::RequestPath, "RequestPath"),
        (Self::RequestPort, "RequestPort"),
        (Self::RequestProtocol, "RequestProtocol"),
        (Self::RequestScheme, "RequestScheme"),
        (Self::RetryAttempts, "RetryAttempts"),
        (Self::RouterName, "RouterName"),
        (Self::ServiceAddr, "ServiceAddr"),
        (Self::ServiceName, "ServiceName"),
        (Self::ServiceUrl, "ServiceURL"),
        (Self::SpanId, "SpanId"),
        (Self::StartLocal, "StartLocal"),
        (Self::StartUtc, "StartUTC"),
        (Self::TlsCipher, "TLSCipher"),
        (Self::TlsClientSubject, "TLSClientSubject"),
        (Self::TlsVersion, "TLSVersion"),
        (Self::TraceId, "TraceId"),
        (Self::EntryPointName, "entryPointName"),
    ];

    /// What a line of Traefik's common format shows.
    const COMMON: [Self; 13] = [
        Self::ClientHost,
        Self::ClientUsername,
        Self::StartUtc,
        Self::StartLocal,
        Self::RequestMethod,
        Self::RequestPath,
        Self::RequestProtocol,
        Self::DownstreamStatus,
        Self::DownstreamContentSize,
        Self::RequestCount,
        Self::RouterName,
        Self::ServiceUrl,
        Self::Duration,
    ];

    /// As many of [`Field::COMMON`] as the generic format shows.
    const COMMON_GENERIC: usize = 9;
}

/// Whose header fields.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Side {
    /// Of the request, as it came: `request_X`.
    Request,
    /// Of the server's answer: `origin_X`.
    Origin,
    /// Of the answer as it went to the client: `downstream_X`.
    Downstream,
}

/// The configuration worked out.
#[derive(Debug)]
pub struct AccessPlan {
    format: Format,
    fields: u64,
    filters: Option<Filters>,
    headers: [HeaderChoice; 3],
    keeps_query: bool,
    adds_internals: bool,
    unknown: Vec<String>,
}

impl AccessPlan {
    pub(super) fn new(options: &Options) -> Self {
        let filters = &options.filters;
        let filtered = !filters.status_codes.is_empty()
            || filters.retry_attempts
            || filters.min_duration > Duration::ZERO;
        let (fields, unknown) = kept_fields(&options.fields);
        Self {
            format: options.format,
            fields: fields & shown_by(options.format),
            filters: filtered.then(|| filters.clone()),
            headers: header_choices(options.format, &options.fields.headers),
            keeps_query: options.fields.query_parameters != Mode::Drop,
            adds_internals: options.add_internals,
            unknown,
        }
    }

    /// Whether requests to internal services are told too.
    #[must_use]
    pub const fn adds_internals(&self) -> bool {
        self.adds_internals
    }

    /// Names under `fields.names` that name no field.
    #[must_use]
    pub fn unknown_names(&self) -> &[String] {
        &self.unknown
    }

    /// Whether any header field of that side is told, so that it pays to look at them.
    #[must_use]
    pub fn wants(&self, side: Side) -> bool {
        self.choice(side).wants_any
    }

    pub(super) const fn format(&self) -> Format {
        self.format
    }

    pub(super) const fn keeps(&self, field: Field) -> bool {
        self.fields & (1 << field as u8) != 0
    }

    pub(super) fn header_mode(&self, side: Side, name: &[u8]) -> Mode {
        self.choice(side).mode(name)
    }

    pub(super) const fn keeps_query(&self) -> bool {
        self.keeps_query
    }

    pub(super) fn filters_keep(&self, status: u16, retries: u32, duration: Duration) -> bool {
        let Some(filters) = &self.filters else {
            return true;
        };
        let by_status = |range: &super::StatusRange| range.first <= status && status <= range.last;
        filters.status_codes.iter().any(by_status)
            || (filters.retry_attempts && retries > 0)
            || (filters.min_duration > Duration::ZERO && duration > filters.min_duration)
    }

    const fn choice(&self, side: Side) -> &HeaderChoice {
        &self.headers[side as usize]
    }
}

#[derive(Clone, Debug)]
struct HeaderChoice {
    wants_any: bool,
    default_mode: Mode,
    named: Vec<(String, Mode)>,
}

impl HeaderChoice {
    fn new(fields: &HeaderFields) -> Self {
        let named = fields.names.clone();
        let wants_any =
            fields.default_mode != Mode::Drop || named.iter().any(|(_, mode)| *mode != Mode::Drop);
        Self {
            wants_any,
            default_mode: fields.default_mode,
            named,
        }
    }

    fn mode(&self, name: &[u8]) -> Mode {
        self.named
            .iter()
            .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(name))
            .map_or(self.default_mode, |(_, mode)| *mode)
    }
}

/// JSON tells the same names of all three sides; the other formats show two of the request's.
fn header_choices(format: Format, fields: &HeaderFields) -> [HeaderChoice; 3] {
    let all = HeaderChoice::new(fields);
    if format == Format::Json {
        return [all.clone(), all.clone(), all];
    }
    let shown = ["Referer", "User-Agent"];
    let modes = shown.map(|name| (name.to_owned(), all.mode(name.as_bytes())));
    let of_request = HeaderChoice::new(&HeaderFields {
        default_mode: Mode::Drop,
        names: modes.into(),
    });
    let none = HeaderChoice::new(&HeaderFields::default());
    [of_request, none.clone(), none]
}

/// One bit for each field that is told, and the names that name none.
fn kept_fields(fields: &Fields) -> (u64, Vec<String>) {
    let all = (1_u64 << Field::ALL.len()) - 1;
    let mut kept = if fields.default_mode == Mode::Drop {
        0
    } else {
        all
    };
    let mut unknown = Vec::new();
    for (name, mode) in &fields.names {
        let known = Field::ALL
            .iter()
            .find(|(_, known)| known.eq_ignore_ascii_case(name));
        match (known, mode) {
            (None, _) => unknown.push(name.clone()),
            (Some((field, _)), Mode::Keep) => kept |= 1 << *field as u8,
            (Some((field, _)), Mode::Drop) => kept &= !(1 << *field as u8),
            (Some(_), Mode::Redact) => {}
        }
    }
    (kept, unknown)
}

fn shown_by(format: Format) -> u64 {
    let shown: &[Field] = match format {
        Format::Json => return u64::MAX,
        Format::Common => &Field::COMMON,
        Format::GenericClf => &Field::COMMON[..Field::COMMON_GENERIC],
    };
    shown
        .iter()
        .fold(0, |bits, field| bits | (1 << *field as u8))
}
