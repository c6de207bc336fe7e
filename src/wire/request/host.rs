//! Host: `name[:port]`, and nothing else.

use std::net::Ipv6Addr;

use super::super::fault::Fault;

/// The parts of a well-formed host.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Host<'text> {
    /// Without brackets.
    pub(super) name: &'text [u8],
    pub(super) port: Option<&'text [u8]>,
    /// Some letter is upper-case.
    pub(super) upper: bool,
}

/// Reads `name`, `name:port`, `[v6]` or `[v6]:port`. An empty name without a port is allowed.
///
/// # Errors
/// User information, a comma, a percent escape, a port that is no number up to 65535, and any
/// byte that occurs in no host name or IP address.
pub(super) fn read(text: &[u8]) -> Result<Host<'_>, Fault> {
    if let [b'[', rest @ ..] = text {
        return read_bracketed(rest);
    }
    let mut seen = 0;
    let mut end = text.len();
    for (at, byte) in text.iter().enumerate() {
        match CLASSES.get(usize::from(*byte)).copied().unwrap_or(BAD) {
            COLON => {
                end = at;
                break;
            }
            class => seen |= class,
        }
    }
    let (name, rest) = text.split_at_checked(end).ok_or(Fault::HostInvalid)?;
    let port = read_port(rest)?;
    if seen & BAD != 0 || (name.is_empty() && port.is_some()) {
        return Err(Fault::HostInvalid);
    }
    Ok(Host {
        name,
        port,
        upper: seen & UPPER != 0,
    })
}

fn read_bracketed(rest: &[u8]) -> Result<Host<'_>, Fault> {
    let end = memchr::memchr(b']', rest).ok_or(Fault::HostInvalid)?;
    let (name, rest) = rest.split_at_checked(end).ok_or(Fault::HostInvalid)?;
    let text = std::str::from_utf8(name).map_err(|_| Fault::HostInvalid)?;
    text.parse::<Ipv6Addr>().map_err(|_| Fault::HostInvalid)?;
    Ok(Host {
        name,
        port: read_port(rest.get(1..).unwrap_or_default())?,
        upper: name.iter().any(u8::is_ascii_uppercase),
    })
}

/// Reads nothing or `:port`.
fn read_port(text: &[u8]) -> Result<Option<&[u8]>, Fault> {
    let port = match text {
        [] => return Ok(None),
        [b':', port @ ..] => port,
        _ => return Err(Fault::HostInvalid),
    };
    let digits = (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit);
    let number = port.iter().fold(0_u32, |sum, digit| {
        sum.saturating_mul(10).saturating_add(u32::from(digit & 15))
    });
    if digits && number <= u32::from(u16::MAX) {
        Ok(Some(port))
    } else {
        Err(Fault::HostInvalid)
    }
}

const UPPER: u8 = 1;
const BAD: u8 = 2;
const COLON: u8 = 4;

const CLASSES: [u8; 256] = {
    let mut classes = [BAD; 256];
    let mut byte: u8 = 0;
    while byte < 0x80 {
        #[expect(clippy::indexing_slicing, reason = "runs at build time, 256 entries")]
        let class = &mut classes[byte as usize];
        *class = match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => 0,
            b'A'..=b'Z' => UPPER,
            b':' => COLON,
            _ => BAD,
        };
        byte = byte.wrapping_add(1);
    }
    classes
};
