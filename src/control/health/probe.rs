//! One check of one server: a request, and what its answer says.

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::base::limits::{DISCARD_BYTES_MAX, HEALTH_REDIRECTS_MAX, INTERIM_ANSWERS_MAX};
use crate::base::{Page, Tick};
use crate::engine::{self, Either, Room, TcpStream};
use crate::snapshot::{HealthCheck, Probe, Target};
use crate::wire::{Fault, Method, ResponseHead, Step};

use super::deadline;
use super::lookups::Lookups;

/// Why a check failed.
#[derive(Debug)]
pub(super) enum Failed {
    NoAddress,
    Connect(io::Error),
    Broken(io::Error),
    TooSlow,
    Nonsense(Fault),
    Status(u16),
    /// A redirection to where a check cannot go.
    Redirect(String),
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => out.write_str("the name has no address"),
            Self::Connect(error) => write!(out, "it can't be reached: {error}"),
            Self::Broken(error) => write!(out, "the connection broke: {error}"),
            Self::TooSlow => out.write_str("no answer within the timeout"),
            Self::Nonsense(fault) => write!(out, "the answer is no HTTP: {fault}"),
            Self::Status(status) => write!(out, "received error status code: {status}"),
            Self::Redirect(to) => write!(out, "a redirection leads to {to}"),
        }
    }
}

/// Asks once, within the timeout.
pub(super) async fn ask(
    lookups: &Lookups,
    check: &HealthCheck,
    probe: &Probe,
) -> Result<(), Failed> {
    let by = deadline(&check.pace);
    let asked = std::pin::pin!(follow(lookups, check, probe, by));
    match engine::first(asked, engine::sleep_until(by)).await {
        Either::Left(found) => found,
        Either::Right(()) => Err(Failed::TooSlow),
    }
}

/// Asks, and asks again where an answer sends it.
async fn follow(
    lookups: &Lookups,
    check: &HealthCheck,
    probe: &Probe,
    by: Tick,
) -> Result<(), Failed> {
    let mut probe = Cow::Borrowed(probe);
    let mut response = ResponseHead::new();
    for _ in 0..=HEALTH_REDIRECTS_MAX {
        let address = lookups.address(&probe.target).await;
        let address = address.ok_or(Failed::NoAddress)?;
        let stream = TcpStream::connect(address, by)
            .await
            .map_err(Failed::Connect)?;
        stream.send(Page::copy_of(&request(check, &probe)));
        let method = Method::of(check.method.as_bytes());
        let early = read_answer(&mut response, &stream, (method, by)).await?;
        discard(&stream, early.len(), by).await;
        let status = response.status();
        match location(&response).filter(|_| check.follow_redirects) {
            Some(to) => probe = Cow::Owned(elsewhere(&probe, to)?),
            None => return judge(check, status),
        }
    }
    Err(Failed::Redirect("too many others".to_owned()))
}

fn judge(check: &HealthCheck, status: u16) -> Result<(), Failed> {
    let right = match check.status {
        Some(wanted) => status == wanted,
        None => (200..400).contains(&status),
    };
    right.then_some(()).ok_or(Failed::Status(status))
}

fn request(check: &HealthCheck, probe: &Probe) -> Vec<u8> {
    let (method, path, host) = (&check.method, &probe.path, &probe.host);
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    let own_agent = |(name, _): &(Box<str>, Box<str>)| name.eq_ignore_ascii_case("user-agent");
    if !check.headers.iter().any(own_agent) {
        text.push_str("User-Agent: Ringway-Health-Check\r\n");
    }
    for (name, value) in &check.headers {
        for part in [name, ": ", value, "\r\n"] {
            text.push_str(part);
        }
    }
    text.push_str("\r\n");
    text.into_bytes()
}

/// Reads heads until the final one; gives what came behind it.
async fn read_answer(
    response: &mut ResponseHead,
    stream: &TcpStream,
    (method, by): (Method, Tick),
) -> Result<Page, Failed> {
    let mut page = Page::empty();
    for _ in 0..=INTERIM_ANSWERS_MAX {
        response.clear();
        while page.is_empty()
            || response
                .parse(&mut page, method)
                .map_err(Failed::Nonsense)?
                == Step::Partial
        {
            let more = stream.recv(Room::Head, by).await.map_err(Failed::Broken)?;
            if more.is_empty() {
                return Err(Failed::Broken(io::ErrorKind::UnexpectedEof.into()));
            }
            if page.is_empty() {
                page = more;
            } else {
                page.append(more.as_slice());
            }
        }
        page = response.take_rest();
        if !response.is_interim() {
            return Ok(page);
        }
    }
    Err(Failed::Nonsense(Fault::StatusLine))
}

/// Reads a short body to its end, so that the server does not see a reset. What it says does
/// not matter any more.
async fn discard(stream: &TcpStream, early: usize, by: Tick) {
    let mut seen = early;
    let by = by.min(engine::now() + std::time::Duration::from_millis(100));
    while seen < DISCARD_BYTES_MAX {
        match stream.recv(Room::Head, by).await {
            Ok(page) if !page.is_empty() => seen += page.len(),
            Ok(_) | Err(_) => return,
        }
    }
}

/// Where an answer sends whoever asked.
fn location(response: &ResponseHead) -> Option<&[u8]> {
    if ![301, 302, 303, 307, 308].contains(&response.status()) {
        return None;
    }
    let (_, value) = response
        .headers()
        .find(|(name, _)| name.eq_ignore_ascii_case(b"location"))?;
    Some(value)
}

/// The place that a Location names, seen from where the answer came from.
fn elsewhere(from: &Probe, location: &[u8]) -> Result<Probe, Failed> {
    let text = String::from_utf8_lossy(location).into_owned();
    let text = text.split('#').next().unwrap_or_default();
    let refused = || Failed::Redirect(text.to_owned());
    if text.bytes().any(|byte| byte <= b' ' || byte == 127) {
        return Err(refused());
    }
    let Some(rest) = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("//"))
    else {
        if text.contains("://") {
            return Err(refused());
        }
        return Ok(Probe {
            path: path_from(&from.path, text).into(),
            ..from.clone()
        });
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, port.parse().map_err(|_| refused())?),
        Some(_) | None => (authority, 80),
    };
    let bare = host.trim_matches(['[', ']']);
    if bare.is_empty() {
        return Err(refused());
    }
    let target = match bare.parse::<std::net::IpAddr>() {
        Ok(address) => Target::Address((address, port).into()),
        Err(_) => Target::Name {
            host: bare.into(),
            port,
        },
    };
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    Ok(Probe {
        target,
        host: authority.into(),
        path: path.into(),
    })
}

/// A path seen from another one; dots are left to the server.
fn path_from(from: &str, to: &str) -> String {
    let base = from.split('?').next().unwrap_or_default();
    if to.starts_with('/') {
        return to.to_owned();
    }
    if to.starts_with('?') || to.is_empty() {
        return format!("{base}{to}");
    }
    let folder = base
        .rfind('/')
        .and_then(|end| base.get(..end))
        .unwrap_or_default();
    format!("{folder}/{to}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirection_leads_where_it_says() {
        let from = Probe {
            target: Target::Address(([10, 0, 0, 1], 8080).into()),
            host: "web:8080".into(),
            path: "/a/b?c".into(),
        };
        let table = [
            ("/x?y#z", Some("10.0.0.1:8080 web:8080 /x?y")),
            ("x", Some("10.0.0.1:8080 web:8080 /a/x")),
            ("?q", Some("10.0.0.1:8080 web:8080 /a/b?q")),
            ("http://10.0.0.2/h", Some("10.0.0.2:80 10.0.0.2 /h")),
            ("http://10.0.0.2:81", Some("10.0.0.2:81 10.0.0.2:81 /")),
            ("http://[::1]:82/?a", Some("[::1]:82 [::1]:82 /?a")),
            ("//other/h", Some("other:80 other /h")),
            ("https://10.0.0.2/", None),
            ("http://", None),
            ("http://a:b/", None),
            ("/a b", None),
        ];
        for (location, expected) in table {
            let shown = elsewhere(&from, location.as_bytes()).ok().map(|probe| {
                let target = match probe.target {
                    Target::Address(address) => address.to_string(),
                    Target::Name { host, port } => format!("{host}:{port}"),
                };
                format!("{target} {} {}", probe.host, probe.path)
            });
            assert_eq!(shown.as_deref(), expected, "{location}");
        }
    }
}
