use std::fmt::Write as _;

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Names of servers or services as a sticky cookie tells them, and what the cookie looks like
/// (features 5.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cookie {
    name: Box<[u8]>,
    /// What follows the value: `; Path=/; HttpOnly`.
    tail: Box<[u8]>,
    seats: Box<[Seat]>,
}

/// What a cookie may say to mean one server.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seat {
    /// The beginning of the SHA-256 of its name: what we write.
    value: [u8; VALUE_BYTES],
    /// FNV of its name, as Traefik once wrote it.
    fnv: Box<[u8]>,
    plain: Box<[u8]>,
}

const VALUE_BYTES: usize = 16;

/// A server that a cookie names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub number: usize,
    /// It is written in an old form: the answer brings it in the new one.
    pub outdated: bool,
}

/// With which requests from other sites the cookie is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    None,
    Lax,
    Strict,
}

impl Cookie {
    /// `attributes` is as [`Cookie::attributes`] gives it.
    pub fn new<'names>(
        name: String,
        attributes: &str,
        names: impl Iterator<Item = &'names str>,
    ) -> Self {
        Self {
            name: name.into_bytes().into(),
            tail: attributes.as_bytes().into(),
            seats: names.map(Seat::of).collect(),
        }
    }

    /// What a request's Cookie fields say. What names no server is as good as nothing.
    #[must_use]
    pub fn find<'fields>(&self, fields: impl Iterator<Item = &'fields [u8]>) -> Option<Found> {
        let mut pairs = fields.flat_map(|field| field.split(|byte| *byte == b';'));
        let value = pairs.find_map(|pair| {
            let pair = pair.trim_ascii().strip_prefix(&*self.name)?;
            pair.strip_prefix(b"=")
        })?;
        let quoted = value
            .strip_prefix(b"\"")
            .and_then(|value| value.strip_suffix(b"\""));
        let value = quoted.unwrap_or(value);
        let position =
            |fits: fn(&Seat, &[u8]) -> bool| self.seats.iter().position(|seat| fits(seat, value));
        if let Some(number) = position(|seat, value| seat.value == value) {
            return Some(Found {
                number,
                outdated: false,
            });
        }
        let old = position(|seat, value| *seat.fnv == *value || *seat.plain == *value)?;
        Some(Found {
            number: old,
            outdated: true,
        })
    }

    /// Writes the value of the Set-Cookie field that keeps a client at that server.
    pub fn write(&self, number: usize, out: &mut Vec<u8>) {
        let Some(seat) = self.seats.get(number) else {
            return;
        };
        out.extend_from_slice(&self.name);
        out.push(b'=');
        out.extend_from_slice(&seat.value);
        out.extend_from_slice(&self.tail);
    }

    /// The attributes in the order in which Go writes them.
    #[must_use]
    pub fn attributes(
        path: &str,
        domain: &str,
        max_age: i64,
        (http_only, secure): (bool, bool),
        same_site: Option<SameSite>,
    ) -> String {
        let mut text = String::new();
        let mut add = |parts: std::fmt::Arguments<'_>| {
            // Writing into a text cannot fail.
            let _infallible = text.write_fmt(parts);
        };
        if !path.is_empty() {
            add(format_args!("; Path={path}"));
        }
        if !domain.is_empty() {
            add(format_args!("; Domain={}", domain.trim_start_matches('.')));
        }
        if max_age != 0 {
            add(format_args!("; Max-Age={}", max_age.max(0)));
        }
        if http_only {
            add(format_args!("; HttpOnly"));
        }
        if secure {
            add(format_args!("; Secure"));
        }
        match same_site {
            Some(SameSite::None) => add(format_args!("; SameSite=None")),
            Some(SameSite::Lax) => add(format_args!("; SameSite=Lax")),
            Some(SameSite::Strict) => add(format_args!("; SameSite=Strict")),
            None => {}
        }
        text
    }
}

impl Seat {
    fn of(name: &str) -> Self {
        let mut value = [0; VALUE_BYTES];
        let digest = Sha256::digest(name.as_bytes());
        for (pair, byte) in value.chunks_exact_mut(2).zip(digest) {
            pair.copy_from_slice(&hex(byte));
        }
        Self {
            value,
            fnv: format!("{:x}", fnv1(name.as_bytes())).into_bytes().into(),
            plain: name.as_bytes().into(),
        }
    }
}

/// The name of the cookie of a service: `given` with `_` for what no name may hold, or one made
/// from the service's full name.
#[must_use]
pub fn cookie_name(given: &str, service: &str) -> String {
    if given.is_empty() {
        let digest = Sha1::digest(format!("_TRAEFIK_BACKEND_{service}"));
        let text: Vec<u8> = digest.iter().take(3).copied().flat_map(hex).collect();
        let digits = text.iter().take(5).map(|digit| char::from(*digit));
        return std::iter::once('_').chain(digits).collect();
    }
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || "!#$%&'*+-.^`|~".contains(letter) {
            letter
        } else {
            '_'
        }
    };
    given.chars().map(plain).collect()
}

fn hex(byte: u8) -> [u8; 2] {
    let digit = |half: u8| {
        b"0123456789abcdef"
            .get(usize::from(half))
            .copied()
            .unwrap_or(b'0')
    };
    [digit(byte >> 4), digit(byte & 15)]
}

/// FNV-1, which multiplies first.
fn fnv1(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| hash.wrapping_mul(0x0100_0000_01B3) ^ u64::from(*byte);
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    const URLS: [&str; 2] = ["http://10.0.0.1:80", "http://10.0.0.2:80"];

    fn cookie() -> Cookie {
        Cookie::new("lb".to_owned(), "; Path=/", URLS.into_iter())
    }

    fn found(field: &str) -> Option<(usize, bool)> {
        let found = cookie().find(std::iter::once(field.as_bytes()))?;
        Some((found.number, found.outdated))
    }

    fn value(number: usize) -> String {
        let mut out = Vec::new();
        cookie().write(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn names_are_made_or_made_clean() {
        // printf '_TRAEFIK_BACKEND_whoami@file' | sha1sum
        let table = [
            ("", "whoami@file", "_77b1f"),
            ("lb", "whoami@file", "lb"),
            ("a b;c=d/é", "x", "a_b_c_d__"),
            ("!#$%&'*+-.^`|~", "x", "!#$%&'*+-.^`|~"),
        ];
        for (given, service, expected) in table {
            assert_eq!(cookie_name(given, service), expected);
        }
    }

    #[test]
    fn the_value_tells_no_address() {
        // printf http://10.0.0.1:80 | sha256sum
        assert_eq!(value(0), "lb=df5bd2f9c0180410; Path=/");
        assert_ne!(value(0), value(1));
        assert_eq!(value(9), "");
    }

    #[test]
    fn all_known_spellings_name_their_server() {
        let canonical = value(1).replace("; Path=/", "");
        let fnv = format!("{:x}", fnv1(URLS[1].as_bytes()));
        let table = [
            (canonical.clone(), Some((1, false))),
            (format!("a=b; {canonical}; c=d"), Some((1, false))),
            (canonical.replace('=', "=\"") + "\"", Some((1, false))),
            (format!("lb={fnv}"), Some((1, true))),
            (format!("lb={}", URLS[0]), Some((0, true))),
            ("lb=0123456789abcdef".to_owned(), None),
            ("lb=".to_owned(), None),
            ("lb".to_owned(), None),
            ("xlb=1; lbx=2".to_owned(), None),
            (String::new(), None),
        ];
        for (field, expected) in table {
            assert_eq!(found(&field), expected, "{field}");
        }
    }

    #[test]
    fn a_fnv_value_is_as_go_writes_it() {
        // hash/fnv New64 of "hello".
        assert_eq!(format!("{:x}", fnv1(b"hello")), "7b495389bdbdd4c7");
    }

    #[test]
    fn attributes_stand_in_the_order_of_go() {
        let all = Cookie::attributes("/x", ".a.org", 60, (true, true), Some(SameSite::Lax));
        assert_eq!(
            all,
            "; Path=/x; Domain=a.org; Max-Age=60; HttpOnly; Secure; SameSite=Lax"
        );
        assert_eq!(Cookie::attributes("", "", 0, (false, false), None), "");
        let strict = Cookie::attributes("/", "", -1, (false, true), Some(SameSite::Strict));
        assert_eq!(strict, "; Path=/; Max-Age=0; Secure; SameSite=Strict");
        let none = Cookie::attributes("/", "", 0, (true, false), Some(SameSite::None));
        assert_eq!(none, "; Path=/; HttpOnly; SameSite=None");
    }
}
