//! The PROXY protocol, versions 1 and 2, as a load balancer before us speaks it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::fault::Fault;
use crate::base::limits::PROXY_HEADER_BYTES_MAX;

/// What stands at the beginning of a connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opening {
    /// It may become a header; more bytes are needed.
    Partial,
    /// No header: all bytes belong to what comes next.
    Plain,
    Header(Proxied),
}

/// A PROXY header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Proxied {
    /// Bytes of the header.
    pub consumed: usize,
    /// The ends of the connection that the balancer holds. None when it speaks for itself
    /// (`LOCAL`) or does not know them: then the real addresses count.
    pub addresses: Option<Addresses>,
}

/// The ends of a proxied connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Addresses {
    pub source: SocketAddr,
    pub destination: SocketAddr,
}

const V1_START: &[u8] = b"PROXY ";
/// Bytes of the longest version 1 line, its end included.
const V1_BYTES_MAX: usize = 107;
const V2_START: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";
/// Signature, version and command, family, length.
const V2_FIXED_BYTES: usize = 16;

/// Looks at the first bytes of a connection.
///
/// # Errors
/// [`Fault::ProxyHeader`] when they begin as a header and are none: the connection is to be
/// closed, since nobody can tell what its bytes are.
pub fn read(bytes: &[u8]) -> Result<Opening, Fault> {
    if bytes.starts_with(V1_START) {
        read_v1(bytes)
    } else if bytes.starts_with(V2_START) {
        read_v2(bytes)
    } else if V1_START.starts_with(bytes) || V2_START.starts_with(bytes) {
        Ok(Opening::Partial)
    } else {
        Ok(Opening::Plain)
    }
}

fn read_v1(bytes: &[u8]) -> Result<Opening, Fault> {
    let window = bytes.get(..V1_BYTES_MAX).unwrap_or(bytes);
    let Some(end) = memchr::memchr(b'\n', window) else {
        return if window.len() < V1_BYTES_MAX {
            Ok(Opening::Partial)
        } else {
            Err(Fault::ProxyHeader)
        };
    };
    let line = window.get(..end).unwrap_or_default();
    let line = line.strip_suffix(b"\r").ok_or(Fault::ProxyHeader)?;
    let line = std::str::from_utf8(line).map_err(|_| Fault::ProxyHeader)?;
    let addresses = read_v1_line(line)?;
    Ok(Opening::Header(Proxied {
        consumed: end.saturating_add(1),
        addresses,
    }))
}

fn read_v1_line(line: &str) -> Result<Option<Addresses>, Fault> {
    let mut words = line.split(' ').skip(1);
    let family = words.next().unwrap_or_default();
    if family == "UNKNOWN" {
        // What else stands on the line is to be ignored.
        return Ok(None);
    }
    let mut address = || -> Result<IpAddr, Fault> {
        let text = words.next().unwrap_or_default();
        let parsed = match family {
            "TCP4" => text.parse().map(IpAddr::V4).ok(),
            "TCP6" => text.parse().map(IpAddr::V6).ok(),
            _ => None,
        };
        parsed.ok_or(Fault::ProxyHeader)
    };
    let (source, destination) = (address()?, address()?);
    let mut port = || read_port(words.next().unwrap_or_default());
    let (from, to) = (port()?, port()?);
    if words.next().is_some() {
        return Err(Fault::ProxyHeader);
    }
    Ok(Some(Addresses {
        source: SocketAddr::new(source, from),
        destination: SocketAddr::new(destination, to),
    }))
}

/// A port without sign and leading zeros.
fn read_port(text: &str) -> Result<u16, Fault> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    if digits && (text == "0" || !text.starts_with('0')) {
        text.parse().map_err(|_| Fault::ProxyHeader)
    } else {
        Err(Fault::ProxyHeader)
    }
}

fn read_v2(bytes: &[u8]) -> Result<Opening, Fault> {
    let Some(fixed) = bytes.get(V2_START.len()..V2_FIXED_BYTES) else {
        // What is there already may tell that it is no version 2.
        return match bytes.get(V2_START.len()) {
            Some(0x20 | 0x21) | None => Ok(Opening::Partial),
            Some(_) => Err(Fault::ProxyHeader),
        };
    };
    let [command @ (0x20 | 0x21), family, high, low] = *fixed else {
        return Err(Fault::ProxyHeader);
    };
    let length = usize::from(u16::from_be_bytes([high, low]));
    let consumed = length.saturating_add(V2_FIXED_BYTES);
    if consumed > PROXY_HEADER_BYTES_MAX {
        return Err(Fault::ProxyHeader);
    }
    let Some(block) = bytes.get(V2_FIXED_BYTES..consumed) else {
        return Ok(Opening::Partial);
    };
    let told = match family {
        0x11 | 0x12 => Some(read_v2_four(block).ok_or(Fault::ProxyHeader)?),
        0x21 | 0x22 => Some(read_v2_six(block).ok_or(Fault::ProxyHeader)?),
        // Unspecified, and Unix sockets: no address that anybody could match.
        0x00 | 0x31 | 0x32 => None,
        _ => return Err(Fault::ProxyHeader),
    };
    Ok(Opening::Header(Proxied {
        consumed,
        addresses: told.filter(|_| command == 0x21),
    }))
}

/// Two IPv4 addresses and two ports; what follows are optional values, which are skipped.
fn read_v2_four(block: &[u8]) -> Option<Addresses> {
    let (source, rest) = block.split_first_chunk::<4>()?;
    let (destination, rest) = rest.split_first_chunk::<4>()?;
    with_ports(
        Ipv4Addr::from(*source).into(),
        Ipv4Addr::from(*destination).into(),
        rest,
    )
}

fn read_v2_six(block: &[u8]) -> Option<Addresses> {
    let (source, rest) = block.split_first_chunk::<16>()?;
    let (destination, rest) = rest.split_first_chunk::<16>()?;
    with_ports(
        Ipv6Addr::from(*source).into(),
        Ipv6Addr::from(*destination).into(),
        rest,
    )
}

fn with_ports(source: IpAddr, destination: IpAddr, ports: &[u8]) -> Option<Addresses> {
    let (from, rest) = ports.split_first_chunk::<2>()?;
    let (to, _) = rest.split_first_chunk::<2>()?;
    Some(Addresses {
        source: SocketAddr::new(source, u16::from_be_bytes(*from)),
        destination: SocketAddr::new(destination, u16::from_be_bytes(*to)),
    })
}

#[cfg(test)]
#[path = "proxy_protocol_tests.rs"]
mod tests;
