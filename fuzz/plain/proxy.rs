//! PROXY headers, the plain way.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use ringway::wire::proxy_protocol::{Opening, read};

const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

type Ends = Option<(SocketAddr, SocketAddr)>;

/// A whole version 1 line: its length, and the ends.
fn text(bytes: &[u8]) -> Option<(usize, Ends)> {
    let end = bytes.windows(2).take(106).position(|two| two == b"\r\n")?;
    let line = std::str::from_utf8(&bytes[..end]).ok()?;
    let words: Vec<&str> = line.split(' ').collect();
    let ends = match words.as_slice() {
        ["PROXY", "UNKNOWN", ..] => None,
        [
            "PROXY",
            family @ ("TCP4" | "TCP6"),
            from,
            to,
            from_port,
            to_port,
        ] => {
            let address = |text: &str, port: &str| -> Option<SocketAddr> {
                let port = port
                    .parse::<u16>()
                    .ok()
                    .filter(|own| own.to_string() == port)?;
                Some(if *family == "TCP4" {
                    (text.parse::<Ipv4Addr>().ok()?, port).into()
                } else {
                    (text.parse::<Ipv6Addr>().ok()?, port).into()
                })
            };
            Some((address(from, from_port)?, address(to, to_port)?))
        }
        _ => return None,
    };
    let bare = line.bytes().all(|byte| byte != b'\n');
    bare.then_some((end + 2, ends))
}

/// A whole version 2 header: its length, and the ends.
fn binary(bytes: &[u8]) -> Option<(usize, Ends)> {
    let length = usize::from(u16::from_be_bytes([*bytes.get(14)?, *bytes.get(15)?]));
    let block = bytes.get(16..16 + length)?;
    let local = match bytes[12] {
        0x20 => true,
        0x21 => false,
        _ => return None,
    };
    let port = |at: usize| Some(u16::from_be_bytes([*block.get(at)?, *block.get(at + 1)?]));
    let ends: Ends = match bytes[13] {
        0x11 | 0x12 => {
            let address = |at: usize| {
                let bytes: [u8; 4] = block.get(at..at + 4)?.try_into().ok()?;
                Some(Ipv4Addr::from(bytes))
            };
            Some((
                (address(0)?, port(8)?).into(),
                (address(4)?, port(10)?).into(),
            ))
        }
        0x21 | 0x22 => {
            let address = |at: usize| {
                let bytes: [u8; 16] = block.get(at..at + 16)?.try_into().ok()?;
                Some(Ipv6Addr::from(bytes))
            };
            Some((
                (address(0)?, port(32)?).into(),
                (address(16)?, port(34)?).into(),
            ))
        }
        0x00 | 0x31 | 0x32 => None,
        _ => return None,
    };
    Some((16 + length, ends.filter(|_| !local)))
}

pub(crate) fn check(data: &[u8]) {
    let fast = read(data);
    // What was decided of a beginning stays decided.
    for end in 0..data.len().min(300) {
        match read(&data[..end]) {
            Ok(Opening::Partial) => {}
            decided => {
                assert_eq!(decided, fast, "{end}");
                break;
            }
        }
    }
    let version_2 = data.starts_with(SIGNATURE);
    let header = version_2 || data.starts_with(b"PROXY ");
    let plain = if version_2 { binary(data) } else { text(data) };
    match fast {
        Ok(Opening::Header(proxied)) => {
            let ends = proxied
                .addresses
                .map(|ends| (ends.source, ends.destination));
            assert_eq!(plain, Some((proxied.consumed, ends)));
            assert!(proxied.consumed <= data.len() && header);
        }
        Ok(Opening::Plain) => assert!(!header),
        Ok(Opening::Partial) => {
            let may = SIGNATURE.starts_with(data) || b"PROXY ".starts_with(data);
            assert!(header || may);
            assert!(plain.is_none() || !header);
        }
        Err(_) => {
            assert!(header);
            // Larger than we bear, though well-formed.
            assert!(plain.is_none_or(|(length, _)| length > 4096));
        }
    }
}
