use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// Where an entry point listens: `[host]:port[/tcp|/udp]` (Traefik's address syntax).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Address {
    pub host: ListenHost,
    /// 0 lets the system pick one.
    pub port: u16,
    pub protocol: Protocol,
}

/// The host part of an address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ListenHost {
    /// None given: every address of the machine, IPv6 and IPv4.
    Any,
    Ip(IpAddr),
    /// To be looked up when the listener is bound.
    Name(String),
}

/// What an entry point carries.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Protocol {
    Tcp,
    Udp,
}

/// Why a text is no address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum AddressFault {
    Empty,
    NoPort,
    /// The text after the last colon.
    BadPort(String),
    /// The text after the slash.
    BadProtocol(String),
    /// An IPv6 address without brackets.
    NoBrackets(String),
    BadHost(String),
}

impl Address {
    /// Addresses to try in turn until one can be bound.
    ///
    /// # Errors
    /// When the host is a name that does not resolve.
    pub fn candidates(&self) -> io::Result<Vec<SocketAddr>> {
        match &self.host {
            ListenHost::Any => Ok(vec![
                (Ipv6Addr::UNSPECIFIED, self.port).into(),
                (Ipv4Addr::UNSPECIFIED, self.port).into(),
            ]),
            ListenHost::Ip(address) => Ok(vec![(*address, self.port).into()]),
            ListenHost::Name(name) => Ok((name.as_str(), self.port).to_socket_addrs()?.collect()),
        }
    }

    /// `host:port` without the protocol, as written: `:8080`, `[::1]:80`.
    #[must_use]
    pub fn authority(&self) -> String {
        match &self.host {
            ListenHost::Any => format!(":{}", self.port),
            ListenHost::Ip(IpAddr::V6(six)) => format!("[{six}]:{}", self.port),
            ListenHost::Ip(address @ IpAddr::V4(_)) => format!("{address}:{}", self.port),
            ListenHost::Name(name) => format!("{name}:{}", self.port),
        }
    }

    /// True when two listeners could not both have their port.
    #[must_use]
    pub fn collides(&self, other: &Self) -> bool {
        let hosts = match (&self.host, &other.host) {
            (ListenHost::Any, _) | (_, ListenHost::Any) => true,
            (left, right) => left == right,
        };
        hosts && self.port == other.port && self.port != 0 && self.protocol == other.protocol
    }
}

impl FromStr for Address {
    type Err = AddressFault;

    fn from_str(text: &str) -> Result<Self, AddressFault> {
        let text = text.trim();
        if text.is_empty() {
            return Err(AddressFault::Empty);
        }
        let (authority, protocol) = match text.split_once('/') {
            None => (text, Protocol::Tcp),
            Some((authority, word)) if word.eq_ignore_ascii_case("tcp") => {
                (authority, Protocol::Tcp)
            }
            Some((authority, word)) if word.eq_ignore_ascii_case("udp") => {
                (authority, Protocol::Udp)
            }
            Some((_, word)) => return Err(AddressFault::BadProtocol(word.to_owned())),
        };
        let (host, port) = authority.rsplit_once(':').ok_or(AddressFault::NoPort)?;
        // `::1` and the like: the last colon belongs to the address.
        if authority.parse::<Ipv6Addr>().is_ok() || host.parse::<Ipv6Addr>().is_ok() {
            return Err(AddressFault::NoBrackets(authority.to_owned()));
        }
        if authority.ends_with(']') || port.is_empty() {
            return Err(AddressFault::NoPort);
        }
        let is_digits = port.bytes().all(|byte| byte.is_ascii_digit());
        let number = port.parse().ok().filter(|_| is_digits);
        Ok(Self {
            host: listen_host(host)?,
            port: number.ok_or_else(|| AddressFault::BadPort(port.to_owned()))?,
            protocol,
        })
    }
}

fn listen_host(host: &str) -> Result<ListenHost, AddressFault> {
    if host.is_empty() {
        return Ok(ListenHost::Any);
    }
    let fault = || AddressFault::BadHost(host.to_owned());
    if let Some(inner) = host.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or_else(fault)?;
        let six = inner.parse().map_err(|_| fault())?;
        return Ok(ListenHost::Ip(IpAddr::V6(six)));
    }
    if let Ok(four) = host.parse() {
        return Ok(ListenHost::Ip(IpAddr::V4(four)));
    }
    let is_number = host
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let is_name = host
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    if is_name && !is_number {
        Ok(ListenHost::Name(host.to_owned()))
    } else {
        Err(fault())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.authority(), self.protocol)
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        })
    }
}

impl fmt::Display for AddressFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("the address is missing: write [host]:port, as in :8000"),
            Self::NoPort => out.write_str("the port is missing: write [host]:port, as in :8000"),
            Self::BadPort(port) => {
                write!(
                    out,
                    "`{port}` is no port: expected a number from 0 to 65535"
                )
            }
            Self::BadProtocol(word) => {
                write!(out, "`{word}` is no protocol: expected /tcp or /udp")
            }
            Self::NoBrackets(address) => {
                write!(
                    out,
                    "an IPv6 address needs brackets: `{address}` -> [address]:port"
                )
            }
            Self::BadHost(host) => write!(out, "`{host}` is no host name and no address"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_reads_or_says_why_not() {
        let table = [
            (":80", Ok(":80/tcp")),
            (":8000/tcp", Ok(":8000/tcp")),
            (":9000/UDP", Ok(":9000/udp")),
            (":9000/Tcp", Ok(":9000/tcp")),
            ("127.0.0.1:80", Ok("127.0.0.1:80/tcp")),
            ("[::1]:443", Ok("[::1]:443/tcp")),
            ("localhost:0", Ok("localhost:0/tcp")),
            ("", Err(AddressFault::Empty)),
            ("80", Err(AddressFault::NoPort)),
            ("web:", Err(AddressFault::NoPort)),
            ("[::1]", Err(AddressFault::NoPort)),
            ("::1", Err(AddressFault::NoBrackets("::1".into()))),
            ("::1:80", Err(AddressFault::NoBrackets("::1:80".into()))),
            (":http", Err(AddressFault::BadPort("http".into()))),
            (":65536", Err(AddressFault::BadPort("65536".into()))),
            (":+80", Err(AddressFault::BadPort("+80".into()))),
            (":-1", Err(AddressFault::BadPort("-1".into()))),
            (":80/sctp", Err(AddressFault::BadProtocol("sctp".into()))),
            (":80/", Err(AddressFault::BadProtocol(String::new()))),
            (
                ":80/tcp/udp",
                Err(AddressFault::BadProtocol("tcp/udp".into())),
            ),
            ("1.2.3:80", Err(AddressFault::BadHost("1.2.3".into()))),
            ("[::g]:80", Err(AddressFault::BadHost("[::g]".into()))),
            ("a b:80", Err(AddressFault::BadHost("a b".into()))),
        ];
        for (text, expected) in table {
            let read = text.parse::<Address>().map(|address| address.to_string());
            assert_eq!(read, expected.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn one_port_has_one_listener_per_protocol() {
        let table = [
            (":80", ":80", true),
            (":80", "127.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.2:80", false),
            (":80/tcp", ":80/udp", false),
            (":0", ":0", false),
        ];
        for (left, right, expected) in table {
            let (left, right): (Address, Address) = (left.parse().unwrap(), right.parse().unwrap());
            assert_eq!(left.collides(&right), expected);
        }
    }
}
