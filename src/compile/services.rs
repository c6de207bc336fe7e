//! Servers, and where connections to them go.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::board::ServerState;
use crate::config::{Severity, dynamic};
use crate::snapshot::{Origin, Server, Target, Transport};

/// Why a service cannot serve: the field, what is wrong with it, what would be right.
#[derive(Debug)]
pub(super) struct Flaw {
    pub(super) field: String,
    pub(super) message: String,
    pub(super) hint: String,
    pub(super) severity: Severity,
}

impl Flaw {
    pub(super) fn new(field: impl Into<String>, message: impl Into<String>, hint: &str) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
            hint: hint.to_owned(),
            severity: Severity::Error,
        }
    }

    /// What it names runs all the same.
    pub(super) fn only_warns(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }
}

/// Hands out origins: equal targets and transports share one, as long as anybody uses it.
#[derive(Debug, Default)]
pub(super) struct Origins {
    known: HashMap<(Target, Transport), Weak<Origin>>,
    next: u32,
}

impl Origins {
    fn of(&mut self, target: Target, transport: &Transport) -> Arc<Origin> {
        let key = (target, transport.clone());
        if let Some(origin) = self.known.get(&key).and_then(Weak::upgrade) {
            return origin;
        }
        let (target, transport) = key.clone();
        let origin = Arc::new(Origin {
            number: self.next,
            target,
            transport,
        });
        self.next += 1;
        self.known.insert(key, Arc::downgrade(&origin));
        origin
    }

    /// Forgets those that nobody uses any more.
    pub(super) fn sweep(&mut self) {
        self.known.retain(|_, origin| origin.strong_count() > 0);
    }
}

/// One server of a load balancer.
pub(super) fn server(
    index: usize,
    options: &dynamic::Server,
    transport: &Transport,
    origins: &mut Origins,
    state: Arc<ServerState>,
) -> Result<Server, Flaw> {
    let field = format!("loadBalancer.servers[{index}].url");
    let url = Url::read(&options.url).map_err(|(message, hint)| Flaw::new(field, message, hint))?;
    let path = if options.preserve_path { url.path } else { "" };
    Ok(Server {
        url: options.url.as_str().into(),
        authority: url.authority.as_bytes().into(),
        address: format!("{}:{}", url.host, url.port).into(),
        path: path.trim_end_matches('/').as_bytes().into(),
        origin: origins.of(target(url.host, url.port), transport),
        weight: weight(options.weight),
        fenced: options.fenced,
        state,
    })
}

/// A weight as users give it; less than zero is never, as zero is.
pub(super) fn weight(given: Option<i64>) -> u32 {
    u32::try_from(given.unwrap_or(1).max(0)).unwrap_or(u32::MAX)
}

/// What to connect to, for a host of a URL.
pub(super) fn target(host: &str, port: u16) -> Target {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(address) => Target::Address(SocketAddr::new(address, port)),
        Err(_) => Target::Name {
            host: host.into(),
            port,
        },
    }
}

/// The parts of a server's URL that matter here.
pub(super) struct Url<'text> {
    /// `host[:port]`, as written.
    pub(super) authority: &'text str,
    pub(super) host: &'text str,
    pub(super) port: u16,
    pub(super) path: &'text str,
}

impl<'text> Url<'text> {
    pub(super) fn read(text: &'text str) -> Result<Self, (String, &'static str)> {
        const HINT: &str = "write http://host:port";
        let (scheme, rest) = text
            .split_once("://")
            .ok_or_else(|| (format!("`{text}` has no scheme"), HINT))?;
        match scheme {
            "http" => {}
            "https" | "h2c" => {
                let message = format!("the scheme {scheme} is not served yet");
                return Err((message, "only http servers are, until TLS and HTTP/2 land"));
            }
            _ => return Err((format!("unknown scheme {scheme}"), HINT)),
        }
        let path_at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_at);
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let wrong = || (format!("`{authority}` is no host and port"), HINT);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| wrong())?),
            Some(_) | None => (authority, 80),
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._[]:%".contains(&byte);
        if host.is_empty() || !host.bytes().all(plain) {
            return Err(wrong());
        }
        Ok(Self {
            authority,
            host,
            port,
            path,
        })
    }
}

/// A wait that nobody lives to see the end of: `dialTimeout: 0` is no limit.
const UNLIMITED: Duration = Duration::from_secs(u32::MAX as u64);

/// What a servers transport says, with the defaults of features 3.8 and 5.13. `shards` share
/// the idle connections that are allowed per host.
pub(super) fn transport(options: &Timeouts, shards: usize) -> Transport {
    let some = |timeout: Duration| (!timeout.is_zero()).then_some(timeout);
    Transport {
        dial_timeout: some(options.dial).unwrap_or(UNLIMITED),
        response_header_timeout: some(options.response_header),
        idle_timeout: some(options.idle),
        idle_max: options.idle_max.div_ceil(shards.max(1)),
        slow_client: some(options.slow_client),
    }
}

/// The plain numbers of a servers transport.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    pub dial: Duration,
    pub response_header: Duration,
    pub idle: Duration,
    pub idle_max: usize,
    /// Zero: a client may keep its server waiting for ever.
    pub slow_client: Duration,
}

impl Timeouts {
    /// # Errors
    /// An option that is wrong, or that is not served yet.
    pub(super) fn read(options: &dynamic::ServersTransport) -> Result<Self, Flaw> {
        let unserved = [
            ("serverName", !options.server_name.is_empty()),
            ("rootCAs", !options.root_cas.is_empty()),
            ("certificates", !options.certificates.is_empty()),
            ("peerCertURI", !options.peer_cert_uri.is_empty()),
            ("spiffe", options.spiffe.is_some()),
        ];
        if let Some((name, _)) = unserved.iter().find(|(_, set)| *set) {
            let message = format!("the servers transport's {name} is not served yet");
            return Err(Flaw::new(
                "loadBalancer.serversTransport",
                message,
                "TLS to servers comes later",
            ));
        }
        let default = Self::default();
        let idle_max = usize::try_from(options.max_idle_conns_per_host).unwrap_or(0);
        let idle_max = if idle_max == 0 {
            default.idle_max
        } else {
            idle_max
        };
        let Some(timeouts) = &options.forwarding_timeouts else {
            return Ok(Self {
                idle_max,
                ..default
            });
        };
        if !timeouts
            .slow_client_timeout
            .as_std()
            .unwrap_or_default()
            .is_zero()
        {
            return Err(Flaw::new(
                "forwardingTimeouts.slowClientTimeout",
                "slowClientTimeout is not served yet",
                "remove it",
            ));
        }
        Ok(Self {
            dial: timeouts.dial_timeout.as_std().unwrap_or_default(),
            response_header: timeouts
                .response_header_timeout
                .as_std()
                .unwrap_or_default(),
            idle: timeouts.idle_conn_timeout.as_std().unwrap_or_default(),
            idle_max,
            slow_client: timeouts.slow_client_timeout.as_std().unwrap_or_default(),
        })
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            dial: Duration::from_secs(30),
            response_header: Duration::ZERO,
            idle: Duration::from_secs(90),
            idle_max: 200,
            slow_client: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart_or_refused() {
        let table = [
            (
                "http://10.0.0.1:8080",
                Some(("10.0.0.1:8080", "10.0.0.1", 8080, "")),
            ),
            ("http://web/base/", Some(("web", "web", 80, "/base/"))),
            ("http://[::1]:81/x?y", Some(("[::1]:81", "[::1]", 81, "/x"))),
            ("http://[::1]", Some(("[::1]", "[::1]", 80, ""))),
            ("web:80", None),
            ("ftp://web", None),
            ("https://web", None),
            ("http://", None),
            ("http://a b", None),
            ("http://a:99999", None),
        ];
        for (text, expected) in table {
            let url = Url::read(text)
                .ok()
                .map(|url| (url.authority, url.host, url.port, url.path));
            assert_eq!(url, expected, "{text}");
        }
    }
}
