//! Load balancers: their servers, how one is chosen, how it is known which of them live.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::balance::{Cookie, Rendezvous, SameSite, Schedule, ScheduleFault, cookie_name};
use crate::base::limits::PASSIVE_FAILURES_MAX;
use crate::board::{Seats, ServerState};
use crate::config::decode::Choice;
use crate::config::duration::GoDuration;
use crate::config::dynamic;
use crate::snapshot::{
    CheckField, HealthCheck, LoadBalancer, Pace, PassiveCheck, Probe, Server, Strategy, Transport,
};
use crate::wire::HeaderName;

use super::services::{Flaw, Origins, Url, server, target};

/// What a load balancer takes over from the one before it.
pub(super) struct Before<'before> {
    pub(super) options: &'before dynamic::LoadBalancer,
    pub(super) made: &'before LoadBalancer,
}

/// A load balancer from its configuration. Its seats go on where they were; a server that was
/// there keeps what is known of it, unless that would be found out in another way now.
pub(super) fn load_balancer(
    name: &str,
    options: &dynamic::LoadBalancer,
    transport: &Transport,
    origins: &mut Origins,
    before: Option<&Before<'_>>,
) -> Result<LoadBalancer, Flaw> {
    let states = States::of(options, before);
    let servers: Vec<Server> = options
        .servers
        .iter()
        .enumerate()
        .map(|(index, one)| {
            let state = states.state(&one.url);
            server(index, one, transport, origins, state)
        })
        .collect::<Result<_, Flaw>>()?;
    let weights = || {
        servers
            .iter()
            .map(|server| if server.fenced { 0 } else { server.weight })
    };
    let schedule = weights().map(i64::from).collect::<Vec<_>>();
    let schedule = Schedule::weighted(&schedule).map_err(|ScheduleFault::TooManyServers| {
        let message = "too many servers";
        Flaw::new("loadBalancer.servers", message, "split the service")
    })?;
    let urls = || servers.iter().map(|server| &*server.url);
    let seats = before.map(|before| Arc::clone(&before.made.seats));
    let cookie = options
        .sticky
        .as_deref()
        .and_then(|sticky| sticky.cookie.as_deref());
    Ok(LoadBalancer {
        strategy: strategy(&options.strategy, || {
            Rendezvous::new(urls().zip(weights().map(i64::from)))
        })?,
        sticky: cookie.map(|options| Box::new(sticky(name, options, urls()))),
        check: health_check(options)?,
        passive: passive_check(options)?,
        slow_start: options.slow_start.as_std().filter(|span| !span.is_zero()),
        seats: seats.unwrap_or_else(|| Arc::new(seats_of(name))),
        pass_host_header: options.pass_host_header,
        schedule,
        servers: servers.into(),
    })
}

/// Seats that do not begin with the first server after each restart.
pub(super) fn seats_of(name: &str) -> Seats {
    Seats::starting_at(ahash::RandomState::new().hash_one(name))
}

fn strategy(
    options: &Choice<dynamic::Strategy>,
    table: impl FnOnce() -> Rendezvous,
) -> Result<Strategy, Flaw> {
    Ok(match options {
        Choice::Known(dynamic::Strategy::Wrr) => Strategy::RoundRobin,
        Choice::Known(dynamic::Strategy::P2c) => Strategy::TwoChoices,
        Choice::Known(dynamic::Strategy::Hrw) => Strategy::HighestRandomWeight(table()),
        Choice::Known(dynamic::Strategy::LeastTime) => Strategy::LeastTime,
        Choice::Known(dynamic::Strategy::LeastConn) => Strategy::LeastConnections,
        Choice::Unknown(text) if text.is_empty() => Strategy::RoundRobin,
        Choice::Unknown(text) => {
            let message = format!("`{text}` is no strategy");
            let hint = "wrr, p2c, hrw, leasttime or leastconn";
            return Err(Flaw::new("loadBalancer.strategy", message, hint));
        }
    })
}

/// The cookie of a service, over the names of what it chooses from.
pub(super) fn sticky<'names>(
    service: &str,
    options: &dynamic::Cookie,
    names: impl Iterator<Item = &'names str>,
) -> Cookie {
    // As Go does: what may not stand in an attribute is left out of it.
    let clean = |text: &str| -> String {
        let allowed = |letter: &char| (' '..='~').contains(letter) && *letter != ';';
        text.chars().filter(allowed).collect()
    };
    let same_site = options.same_site.as_ref().and_then(Choice::known);
    let same_site = same_site.map(|one| match one {
        dynamic::SameSite::None => SameSite::None,
        dynamic::SameSite::Lax => SameSite::Lax,
        dynamic::SameSite::Strict => SameSite::Strict,
    });
    let attributes = Cookie::attributes(
        &clean(options.path.as_deref().unwrap_or("/")),
        &clean(&options.domain),
        options.max_age,
        (options.http_only, options.secure),
        same_site,
    );
    Cookie::new(cookie_name(&options.name, service), &attributes, names)
}

/// What is known of servers, by their URL.
struct States<'before> {
    known: HashMap<&'before str, Arc<ServerState>>,
    failures: usize,
}

impl<'before> States<'before> {
    fn of(options: &dynamic::LoadBalancer, before: Option<&Before<'before>>) -> Self {
        let failures = options
            .passive_health_check
            .as_deref()
            .map_or(0, |passive| {
                usize::try_from(passive.max_failed_attempts).unwrap_or(0)
            });
        let mut known = HashMap::new();
        if let Some(before) = before
            && before.options.health_check == options.health_check
            && before.options.passive_health_check == options.passive_health_check
        {
            let servers = before.options.servers.iter().zip(&before.made.servers);
            let state = |(from, made): (&'before dynamic::Server, &Server)| {
                (from.url.as_str(), Arc::clone(&made.state))
            };
            known.extend(servers.map(state));
        }
        Self { known, failures }
    }

    fn state(&self, url: &str) -> Arc<ServerState> {
        let known = self.known.get(url).map(Arc::clone);
        known.unwrap_or_else(|| Arc::new(ServerState::counting(self.failures)))
    }
}

fn health_check(options: &dynamic::LoadBalancer) -> Result<Option<HealthCheck>, Flaw> {
    let Some(check) = options.health_check.as_deref() else {
        return Ok(None);
    };
    let flaw = |field: &str, message: String, hint: &str| {
        Flaw::new(format!("loadBalancer.healthCheck.{field}"), message, hint)
    };
    match &check.mode {
        None | Some(Choice::Known(dynamic::HealthMode::Http)) => {}
        Some(Choice::Known(dynamic::HealthMode::Grpc)) => {
            let message = "the mode grpc is not served yet".to_owned();
            return Err(flaw("mode", message, "http is, until HTTP/2 lands"));
        }
        // As in Traefik: an unknown one is http.
        Some(Choice::Unknown(_)) => {}
    }
    if !["", "http"].contains(&check.scheme.as_str()) {
        let message = format!("the scheme {} is not served yet", check.scheme);
        return Err(flaw("scheme", message, "http is, until TLS lands"));
    }
    if check.path.contains("://") || check.path.starts_with("//") {
        let message = "a whole address is not allowed here".to_owned();
        return Err(flaw(
            "path",
            message,
            "give the path alone, such as /health",
        ));
    }
    if check.path.bytes().any(|byte| byte <= b' ' || byte == 127) {
        let message = "it holds a blank or a control character".to_owned();
        return Err(flaw("path", message, "escape it, as in %20"));
    }
    let port = match u16::try_from(check.port) {
        Ok(port) => Some(port).filter(|port| *port != 0),
        Err(_) => {
            let message = format!("{} is no port", check.port);
            return Err(flaw("port", message, "0 is that of the server"));
        }
    };
    let status = match u16::try_from(check.status) {
        Ok(0) => None,
        Ok(status) if (100..1000).contains(&status) => Some(status),
        Ok(_) | Err(_) => {
            let message = format!("{} is no status", check.status);
            return Err(flaw("status", message, "0 is 200 to 399"));
        }
    };
    let method = if check.method.is_empty() {
        "GET"
    } else {
        &check.method
    };
    if !method
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
    {
        let message = format!("`{method}` is no method");
        return Err(flaw("method", message, "such as GET or HEAD"));
    }
    let (host, headers) = check_headers(check)?;
    let probe = |one: &dynamic::Server| probe(one, check, port, host);
    let probes: Option<Box<[Probe]>> = options.servers.iter().map(probe).collect();
    Ok(Some(HealthCheck {
        method: method.into(),
        headers,
        status,
        follow_redirects: check.follow_redirects,
        pace: pace(check),
        probes: probes.unwrap_or_default(),
    }))
}

/// Host, and the other fields that a check sends.
type CheckHeaders<'check> = (Option<&'check str>, Box<[CheckField]>);

fn check_headers(check: &dynamic::HealthCheck) -> Result<CheckHeaders<'_>, Flaw> {
    let mut host = Some(check.hostname.as_str()).filter(|host| !host.is_empty());
    let mut headers = Vec::new();
    for (name, value) in &check.headers {
        let field = format!("loadBalancer.healthCheck.headers.{name}");
        let plain = |byte: u8| byte == b'\t' || (byte >= b' ' && byte != 127);
        if HeaderName::new(name).is_err() || !value.bytes().all(plain) {
            let message = "it is no header field";
            return Err(Flaw::new(field, message, "such as X-Probe: 1"));
        }
        if name.eq_ignore_ascii_case("host") {
            host = host.or(Some(value));
        } else {
            headers.push((name.as_str().into(), value.as_str().into()));
        }
    }
    if host.is_some_and(|host| host.bytes().any(|byte| byte <= b' ' || byte == 127)) {
        let field = "loadBalancer.healthCheck.hostname";
        return Err(Flaw::new(field, "it is no host", "such as web.example.org"));
    }
    Ok((host, headers.into()))
}

/// Where one server is asked; a URL that is wrong was told before.
fn probe(
    one: &dynamic::Server,
    check: &dynamic::HealthCheck,
    port: Option<u16>,
    host: Option<&str>,
) -> Option<Probe> {
    let url = Url::read(&one.url).ok()?;
    let authority = match port {
        Some(port) => format!("{}:{port}", url.host),
        None => url.authority.to_owned(),
    };
    // A path without a slash is meant from the server's own one on.
    let path = if check.path.starts_with('/') {
        check.path.clone()
    } else if check.path.is_empty() {
        if url.path.is_empty() { "/" } else { url.path }.to_owned()
    } else {
        let folder = url
            .path
            .rfind('/')
            .and_then(|end| url.path.get(..end))
            .unwrap_or_default();
        format!("{folder}/{}", check.path)
    };
    Some(Probe {
        target: target(url.host, port.unwrap_or(url.port)),
        host: host.unwrap_or(&authority).into(),
        path: path.into(),
    })
}

/// Intervals and timeouts of zero or less are taken as their defaults, as Traefik does.
fn pace(check: &dynamic::HealthCheck) -> Pace {
    let or = |span: GoDuration, default: Duration| {
        span.as_std()
            .filter(|span| !span.is_zero())
            .unwrap_or(default)
    };
    let default = Duration::from_secs(30);
    let interval = or(check.interval, default);
    let count = |number: Option<i64>| u32::try_from(number.unwrap_or(1)).unwrap_or(1).max(1);
    Pace {
        interval,
        unhealthy_interval: check
            .unhealthy_interval
            .map_or(interval, |span| or(span, default)),
        timeout: or(check.timeout, Duration::from_secs(5)),
        fails: count(check.fails),
        passes: count(check.passes),
    }
}

fn passive_check(options: &dynamic::LoadBalancer) -> Result<Option<PassiveCheck>, Flaw> {
    let Some(passive) = options.passive_health_check.as_deref() else {
        return Ok(None);
    };
    let max = usize::try_from(passive.max_failed_attempts).unwrap_or(0);
    if !(1..=PASSIVE_FAILURES_MAX).contains(&max) {
        let message = format!("must be from 1 to {PASSIVE_FAILURES_MAX}");
        let field = "loadBalancer.passiveHealthCheck.maxFailedAttempts";
        return Err(Flaw::new(field, message, "leave it out for 1"));
    }
    let window = passive
        .failure_window
        .as_std()
        .filter(|span| !span.is_zero());
    let window = window.ok_or_else(|| {
        let field = "loadBalancer.passiveHealthCheck.failureWindow";
        Flaw::new(field, "must be more than zero", "leave it out for 10s")
    })?;
    Ok(Some(PassiveCheck {
        window,
        rest: options.health_check.is_none().then_some(window),
    }))
}
