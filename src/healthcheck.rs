//! `ringway healthcheck`: asks `/ping` of a running instance, for container health checks.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use crate::base::{Tick, clock};
use crate::cli::{Exit, Healthcheck};
use crate::config::statics::{self, Address, ListenHost, Static};

/// Time for the whole question and answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer that are read in search of its first line.
const STATUS_LINE_BYTES_MAX: usize = 4 * 1024;

/// Whom to ask, and what.
struct Target {
    /// As the user sees it.
    url: String,
    candidates: Vec<SocketAddr>,
    host: String,
    path: String,
}

/// Asks and prints what Traefik's command of that name prints.
pub(crate) fn act(command: &Healthcheck, out: &mut dyn Write) -> io::Result<Exit> {
    let asked = match &command.url {
        Some(url) => target_of_url(url),
        None => match statics::load(&command.sources) {
            Ok(loaded) => target_of_config(&loaded.config),
            Err(report) => Err(format!("the configuration is wrong\n{report}")),
        },
    };
    let answer = asked.and_then(|target| {
        let status = ask(&target).map_err(|fault| format!("HEAD {}: {fault}", target.url))?;
        Ok((target, status))
    });
    let exit = match answer {
        Ok((target, status)) if status.starts_with("200") => {
            writeln!(out, "OK: {}", target.url)?;
            Exit::Done
        }
        Ok((_, status)) => {
            writeln!(out, "Bad healthcheck status: {status}")?;
            Exit::Failed
        }
        Err(fault) => {
            writeln!(out, "Error calling healthcheck: {}", fault.trim_end())?;
            Exit::Failed
        }
    };
    out.flush()?;
    Ok(exit)
}

fn target_of_config(config: &Static) -> Result<Target, String> {
    let Some(ping) = &config.ping else {
        return Err("ping is off: turn it on with --ping=true, or `ping: {}` in the file".into());
    };
    let Some(point) = config.entry_points.get(&ping.entry_point) else {
        let name = &ping.entry_point;
        return Err(format!(
            "ping's entry point `{name}` does not exist: set ping.entryPoint"
        ));
    };
    if point.http.tls.is_some() {
        let name = &ping.entry_point;
        return Err(format!(
            "entry point `{name}` speaks TLS: ask another with --url=http://..."
        ));
    }
    let authority = point.address.authority();
    let candidates = local_candidates(&point.address)
        .map_err(|fault| format!("{authority} does not resolve: {fault}"))?;
    Ok(Target {
        url: format!("http://{authority}/ping"),
        candidates,
        host: match point.address.host {
            ListenHost::Any => format!("localhost:{}", point.address.port),
            ListenHost::Ip(_) | ListenHost::Name(_) => authority,
        },
        path: "/ping".to_owned(),
    })
}

/// Where a listener of this machine can be reached from this machine.
fn local_candidates(address: &Address) -> io::Result<Vec<SocketAddr>> {
    let four = SocketAddr::from((Ipv4Addr::LOCALHOST, address.port));
    let six = SocketAddr::from((Ipv6Addr::LOCALHOST, address.port));
    match &address.host {
        ListenHost::Any => Ok(vec![four, six]),
        ListenHost::Ip(IpAddr::V4(ip)) if ip.is_unspecified() => Ok(vec![four]),
        ListenHost::Ip(IpAddr::V6(ip)) if ip.is_unspecified() => Ok(vec![four, six]),
        ListenHost::Ip(_) | ListenHost::Name(_) => address.candidates(),
    }
}

fn target_of_url(url: &str) -> Result<Target, String> {
    let Some(rest) = url.strip_prefix("http://") else {
        return Err(format!("`{url}`: expected a URL that starts with http://"));
    };
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, "/"),
    };
    let with_port = match authority.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => authority.to_owned(),
        _ => format!("{authority}:80"),
    };
    let candidates = if let Some(port) = with_port.strip_prefix(':') {
        let port: u16 = port.parse().unwrap_or(80);
        vec![
            SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
        ]
    } else {
        let found = with_port.to_socket_addrs();
        found
            .map_err(|fault| format!("{authority} does not resolve: {fault}"))?
            .collect()
    };
    let is_odd = |byte: u8| byte <= b' ' || byte == 0x7f;
    if path.bytes().chain(authority.bytes()).any(is_odd) {
        return Err(format!("`{url}`: a URL holds no spaces"));
    }
    Ok(Target {
        url: url.to_owned(),
        candidates,
        host: authority.to_owned(),
        path: path.to_owned(),
    })
}

/// Asks one address after the other; the answer is `200 OK` and the like.
fn ask(target: &Target) -> io::Result<String> {
    let deadline = clock::now() + TIMEOUT;
    let mut last = io::Error::new(io::ErrorKind::NotFound, "no address to ask");
    for address in &target.candidates {
        match TcpStream::connect_timeout(address, left(deadline)?) {
            Ok(stream) => return head(stream, target, deadline),
            Err(fault) => last = fault,
        }
    }
    Err(last)
}

fn head(mut stream: TcpStream, target: &Target, deadline: Tick) -> io::Result<String> {
    let question = format!(
        "HEAD {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: ringway-healthcheck\r\n\
         Connection: close\r\n\r\n",
        target.path, target.host
    );
    stream.set_write_timeout(Some(left(deadline)?))?;
    stream.write_all(question.as_bytes())?;
    let mut answer = Vec::new();
    let mut bytes = [0; 512];
    loop {
        if let Some(end) = answer.iter().position(|byte| *byte == b'\n') {
            return status(&answer[..end]);
        }
        stream.set_read_timeout(Some(left(deadline)?))?;
        let count = match stream.read(&mut bytes) {
            // Linux reports a passed deadline of a blocking socket as EAGAIN.
            Err(fault) if fault.kind() == io::ErrorKind::WouldBlock => return Err(too_late()),
            other => other?,
        };
        if count == 0 || answer.len() > STATUS_LINE_BYTES_MAX {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "no HTTP answer came",
            ));
        }
        answer.extend_from_slice(&bytes[..count]);
    }
}

/// `HTTP/1.1 200 OK` -> `200 OK`.
fn status(line: &[u8]) -> io::Result<String> {
    let text = String::from_utf8_lossy(line);
    let fault = || io::Error::new(io::ErrorKind::InvalidData, "no HTTP answer came");
    let (version, status) = text.trim_end().split_once(' ').ok_or_else(fault)?;
    let digits = status.bytes().take_while(u8::is_ascii_digit).count();
    if version.starts_with("HTTP/1.") && digits == 3 {
        Ok(status.to_owned())
    } else {
        Err(fault())
    }
}

/// Time left until the deadline, never zero.
fn left(deadline: Tick) -> io::Result<Duration> {
    let left = deadline - clock::now();
    if left.is_zero() {
        Err(too_late())
    } else {
        Ok(left)
    }
}

fn too_late() -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, "no answer within 5 s")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use crate::config::statics::{Flags, Sources};

    use super::*;

    /// Runs the command against a server that gives `answer`; what it printed and how it ended.
    fn run(answer: &'static str, flags: impl Fn(u16) -> Vec<String>) -> (String, Exit) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 1024];
            let count = stream.read(&mut bytes).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            String::from_utf8_lossy(&bytes[..count]).into_owned()
        });
        let command = command(flags(port), None);
        let mut out = Vec::new();
        let exit = act(&command, &mut out).unwrap();
        let asked = server.join().unwrap();
        assert!(
            asked.starts_with("HEAD /ping HTTP/1.1\r\nHost: "),
            "{asked}"
        );
        let printed = String::from_utf8(out).unwrap();
        (printed.replace(&port.to_string(), "PORT"), exit)
    }

    fn command(arguments: Vec<String>, url: Option<String>) -> Healthcheck {
        let mut flags = Flags::new();
        for argument in arguments {
            flags.take(&argument, &mut std::iter::empty());
        }
        let sources = Sources {
            flags,
            environment: Vec::new(),
        };
        Healthcheck { sources, url }
    }

    fn on_traefik(port: u16) -> Vec<String> {
        vec![
            "--ping".into(),
            format!("--entrypoints.traefik.address=:{port}"),
        ]
    }

    #[test]
    fn a_well_instance_is_ok() {
        let (printed, exit) = run("HTTP/1.1 200 OK\r\n\r\n", on_traefik);
        assert_eq!(
            (printed.as_str(), exit),
            ("OK: http://:PORT/ping\n", Exit::Done)
        );
    }

    #[test]
    fn an_instance_that_stops_is_bad() {
        let (printed, exit) = run("HTTP/1.1 503 Service Unavailable\r\n\r\n", |port| {
            vec![
                "--ping.entrypoint=a".into(),
                format!("--entrypoints.a.address=127.0.0.1:{port}"),
            ]
        });
        let expected = "Bad healthcheck status: 503 Service Unavailable\n";
        assert_eq!((printed.as_str(), exit), (expected, Exit::Failed));
    }

    #[test]
    fn garbage_and_silence_are_errors() {
        for answer in ["SSH-2.0-x\r\n", ""] {
            let (printed, exit) = run(answer, on_traefik);
            let expected =
                "Error calling healthcheck: HEAD http://:PORT/ping: no HTTP answer came\n";
            assert_eq!((printed.as_str(), exit), (expected, Exit::Failed));
        }
    }

    #[test]
    fn what_can_not_be_asked_says_why() {
        let table = [
            (
                vec!["--ping=false".to_owned()],
                None,
                "ping is off: turn it on",
            ),
            (
                vec!["--ping.entrypoint=x".to_owned()],
                None,
                "entry point `x` does not exist",
            ),
            (vec!["--nope".to_owned()], None, "no such option"),
            (
                vec![],
                Some("https://a/"),
                "expected a URL that starts with http://",
            ),
        ];
        for (arguments, url, expected) in table {
            let command = command(arguments, url.map(str::to_owned));
            let mut out = Vec::new();
            assert_eq!(act(&command, &mut out).unwrap(), Exit::Failed);
            let printed = String::from_utf8(out).unwrap();
            assert!(
                printed.starts_with("Error calling healthcheck: "),
                "{printed}"
            );
            assert!(printed.contains(expected), "{printed}");
        }
    }

    #[test]
    fn a_url_replaces_the_configuration() {
        let target = target_of_url("http://127.0.0.1:81/a?b").unwrap();
        assert_eq!(
            (target.host.as_str(), target.path.as_str()),
            ("127.0.0.1:81", "/a?b")
        );
        let target = target_of_url("http://:8080/ping").unwrap();
        assert_eq!(target.candidates[0], "127.0.0.1:8080".parse().unwrap());
        assert!(target_of_url("http://a b/").is_err());
    }
}
