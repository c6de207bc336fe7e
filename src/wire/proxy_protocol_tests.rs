use super::*;

/// Bytes consumed; source and destination.
type Read = (usize, Option<(String, String)>);

fn header(text: &str) -> Option<Read> {
    match read(text.as_bytes()) {
        Ok(Opening::Header(proxied)) => {
            let ends = proxied
                .addresses
                .map(|ends| (ends.source.to_string(), ends.destination.to_string()));
            Some((proxied.consumed, ends))
        }
        _ => None,
    }
}

fn ends(source: &str, destination: &str) -> Option<(String, String)> {
    Some((source.to_owned(), destination.to_owned()))
}

/// A version 2 header of that command, family and block.
fn v2(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
    let mut bytes = V2_START.to_vec();
    bytes.extend([command, family]);
    bytes.extend(u16::try_from(block.len()).unwrap().to_be_bytes());
    bytes.extend(block);
    bytes
}

#[test]
fn a_version_1_line_names_both_ends() {
    assert_eq!(
        header("PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\nGET /"),
        Some((45, ends("192.0.2.1:56324", "198.51.100.2:443")))
    );
    assert_eq!(
        header("PROXY TCP6 2001:db8::1 ::1 1 65535\r\n"),
        Some((36, ends("[2001:db8::1]:1", "[::1]:65535")))
    );
    assert_eq!(header("PROXY UNKNOWN\r\n"), Some((15, None)));
    assert_eq!(header("PROXY UNKNOWN a b c\r\n"), Some((21, None)));
}

#[test]
fn a_malformed_version_1_line_ends_the_connection() {
    let table = [
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 56324 65536\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 056 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 +5 443\r\n",
        "PROXY TCP4 192.0.2.1 198.51.100.2 5 443 \r\n",
        "PROXY TCP4 192.0.2.1  198.51.100.2 5 443\r\n",
        "PROXY TCP4 192.0.2.256 198.51.100.2 5 443\r\n",
        "PROXY TCP4 ::1 ::1 5 443\r\n",
        "PROXY TCP6 192.0.2.1 192.0.2.1 5 443\r\n",
        "PROXY UDP4 192.0.2.1 192.0.2.1 5 443\r\n",
        "PROXY TCP4\r\n",
        "PROXY \r\n",
    ];
    for line in table {
        assert_eq!(read(line.as_bytes()), Err(Fault::ProxyHeader), "{line:?}");
    }
    let endless = format!("PROXY UNKNOWN {}", "x".repeat(100));
    assert_eq!(read(endless.as_bytes()), Err(Fault::ProxyHeader));
}

#[test]
fn a_version_2_header_names_both_ends() {
    let four = [192, 0, 2, 1, 198, 51, 100, 2, 1, 0, 0, 80, 3, 0, 1, 7];
    let bytes = v2(0x21, 0x11, &four);
    let Ok(Opening::Header(proxied)) = read(&bytes) else {
        panic!("no header");
    };
    assert_eq!(proxied.consumed, bytes.len());
    let addresses = proxied.addresses.unwrap();
    assert_eq!(addresses.source.to_string(), "192.0.2.1:256");
    assert_eq!(addresses.destination.to_string(), "198.51.100.2:80");
}

#[test]
fn a_version_2_header_may_name_no_ends() {
    let four = [192, 0, 2, 1, 198, 51, 100, 2, 1, 0, 0, 80];
    let unix = [0; 216];
    for bytes in [
        v2(0x20, 0x11, &four),
        v2(0x20, 0x00, &[]),
        v2(0x21, 0x00, &[1, 2, 3]),
        v2(0x21, 0x31, &unix),
    ] {
        let expected = Proxied {
            consumed: bytes.len(),
            addresses: None,
        };
        assert_eq!(read(&bytes), Ok(Opening::Header(expected)));
    }
}

#[test]
fn a_malformed_version_2_header_ends_the_connection() {
    for bytes in [
        v2(0x11, 0x11, &[0; 12]),
        v2(0x22, 0x11, &[0; 12]),
        v2(0x21, 0x13, &[0; 12]),
        v2(0x21, 0x11, &[0; 11]),
        v2(0x21, 0x21, &[0; 35]),
        v2(0x21, 0x11, &[0; PROXY_HEADER_BYTES_MAX]),
    ] {
        assert_eq!(read(&bytes), Err(Fault::ProxyHeader), "{bytes:?}");
    }
}

#[test]
fn a_connection_without_a_header_is_plain() {
    for plain in [
        "GET / HTTP/1.1",
        "PRI * ",
        "POST",
        "PROXX",
        "\r\nGET",
        "\x16\x03\x01",
    ] {
        assert_eq!(read(plain.as_bytes()), Ok(Opening::Plain), "{plain:?}");
    }
}

#[test]
fn every_beginning_of_a_header_is_partial() {
    let mut whole = v2(0x21, 0x21, &[7; 60]);
    for end in 0..whole.len() {
        assert_eq!(read(&whole[..end]), Ok(Opening::Partial), "{end}");
    }
    whole = b"PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n".to_vec();
    for end in 0..whole.len() {
        assert_eq!(read(&whole[..end]), Ok(Opening::Partial), "{end}");
    }
}
