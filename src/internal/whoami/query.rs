//! The few things that whoami reads out of a target.

use std::time::Duration;

/// A query parameter with its escapes resolved; the first of that name.
pub(super) fn parameter(query: &[u8], name: &str) -> Option<Vec<u8>> {
    query.split(|byte| *byte == b'&').find_map(|pair| {
        let equals = memchr::memchr(b'=', pair).unwrap_or(pair.len());
        let value = pair.get(equals + 1..).unwrap_or_default();
        (unescaped(&pair[..equals]) == name.as_bytes()).then(|| unescaped(value))
    })
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let escape = behind.first_chunk().and_then(hex_pair);
        match (first, escape) {
            (b'%', Some(byte)) => {
                out.push(byte);
                rest = &behind[2..];
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(*byte),
        }
    }
    out
}

fn hex_pair(digits: &[u8; 2]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let value = digit(digits[0])? * 16 + digit(digits[1])?;
    u8::try_from(value).ok()
}

/// A Go duration such as `1m30s` or `1.5h`; `None` when it is none or negative.
pub(super) fn duration(text: &[u8]) -> Option<Duration> {
    let text = std::str::from_utf8(text).ok()?;
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut rest = text;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| letter != '.' && !letter.is_ascii_digit())?;
        let (number, behind) = rest.split_at(digits);
        let letters = behind.find(|letter: char| letter == '.' || letter.is_ascii_digit());
        let (unit, behind) = behind.split_at(letters.unwrap_or(behind.len()));
        let seconds = number.parse::<f64>().ok()? * unit_seconds(unit)?;
        sum = sum.checked_add(Duration::try_from_secs_f64(seconds).ok()?)?;
        rest = behind;
    }
    (!text.is_empty()).then_some(sum)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    match unit {
        "ns" => Some(1e-9),
        "us" | "\u{b5}s" | "\u{3bc}s" => Some(1e-6),
        "ms" => Some(1e-3),
        "s" => Some(1.0),
        "m" => Some(60.0),
        "h" => Some(3600.0),
        _ => None,
    }
}

/// Bytes that `size` and `unit` of `/data` ask for; one when they say nothing readable.
pub(super) fn data_bytes(query: &[u8]) -> u64 {
    let text = parameter(query, "size").unwrap_or_default();
    let size = std::str::from_utf8(&text)
        .ok()
        .and_then(|text| text.parse::<i64>().ok())
        .unwrap_or(1);
    let unit = parameter(query, "unit").unwrap_or_default();
    let shift = match unit.to_ascii_uppercase().as_slice() {
        b"KB" => 10,
        b"MB" => 20,
        b"GB" => 30,
        b"TB" => 40,
        _ => 0,
    };
    u64::try_from(size).unwrap_or(0).saturating_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_and_unescaped() {
        let query = b"a=1&wait=1%2e5s&b&c+d=%4";
        let table: [(&str, Option<&str>); 5] = [
            ("wait", Some("1.5s")),
            ("b", Some("")),
            ("c d", Some("%4")),
            ("wai", None),
            ("", None),
        ];
        for (name, value) in table {
            let found = parameter(query, name);
            assert_eq!(found.as_deref(), value.map(str::as_bytes), "{name}");
        }
    }

    #[test]
    fn a_duration_is_read_as_in_go() {
        let table = [
            ("100ms", Some(100_000)),
            ("1m30s", Some(90_000_000)),
            ("1.5s", Some(1_500_000)),
            ("3us", Some(3)),
            ("0", Some(0)),
            ("", None),
            ("5", None),
            ("-1s", None),
            ("s", None),
            ("1e400s", None),
        ];
        for (text, micros) in table {
            let wanted = micros.map(Duration::from_micros);
            assert_eq!(duration(text.as_bytes()), wanted, "{text}");
        }
    }

    #[test]
    fn a_size_has_a_unit() {
        let table = [
            ("size=5", 5),
            ("size=2&unit=KB", 2048),
            ("size=3&unit=mb", 3 << 20),
            ("size=-1", 0),
            ("size=x", 1),
            ("", 1),
            ("size=9223372036854775807&unit=TB", u64::MAX),
        ];
        for (query, bytes) in table {
            assert_eq!(data_bytes(query.as_bytes()), bytes, "{query}");
        }
    }
}
