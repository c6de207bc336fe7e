//! Header names: those we know are numbers, so that looking one up compares integers.

use std::borrow::Cow;
use std::fmt;

use super::bytes::is_token;
use crate::base::limits::HEADER_NAME_BYTES_MAX;

/// The number of a known header name; zero for all others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Id(u8);

impl Id {
    pub(super) const OTHER: Self = Self(0);

    /// The bit of this name in a set of known names; none for other names.
    pub(super) const fn bit(self) -> u128 {
        if self.0 == 0 { 0 } else { 1 << (self.0 & 127) }
    }

    /// The usual spelling; empty for other names.
    pub(super) fn text(self) -> &'static str {
        TEXTS.get(usize::from(self.0)).copied().unwrap_or_default()
    }

    /// Finds the number of a token in any case: one hash, one comparison.
    #[inline]
    pub(super) fn of(name: &[u8]) -> Self {
        let Some(ends) = Ends::of(name) else {
            return Self::OTHER;
        };
        let id = PLACES
            .get(ends.place(FACTOR))
            .copied()
            .unwrap_or(Self::OTHER);
        let known = KEYS.get(usize::from(id.0)).copied().unwrap_or(Ends::NONE);
        if known == ends && (ends.len <= 16 || same_inside(id.text().as_bytes(), name)) {
            id
        } else {
            Self::OTHER
        }
    }
}

/// The two ends of a token as numbers, with the bit set that tells lower from upper case.
/// Known names are made of letters, digits and hyphens: among tokens that bit confuses none
/// with another.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends {
    first: u64,
    last: u64,
    len: usize,
}

impl Ends {
    const NONE: Self = Self {
        first: 0,
        last: 0,
        len: 0,
    };

    /// None for a text of less than two bytes.
    #[inline]
    const fn of(text: &[u8]) -> Option<Self> {
        let (first, last) = if let Some(first) = text.first_chunk::<8>()
            && let Some(last) = text.last_chunk::<8>()
        {
            (fold(first), fold(last))
        } else if let Some(first) = text.first_chunk::<4>()
            && let Some(last) = text.last_chunk::<4>()
        {
            let [a, b, c, d] = *first;
            let [e, f, g, h] = *last;
            (
                fold(&[a, b, c, d, 0, 0, 0, 0]),
                fold(&[e, f, g, h, 0, 0, 0, 0]),
            )
        } else {
            match text {
                [a, b] => (fold(&[*a, *b, 0, 0, 0, 0, 0, 0]), 0),
                [a, b, c] => (fold(&[*a, *b, *c, 0, 0, 0, 0, 0]), 0),
                _ => return None,
            }
        };
        Some(Self {
            first,
            last,
            len: text.len(),
        })
    }

    /// The place of the token in a table, for one factor.
    #[inline]
    const fn place(self, factor: u64) -> usize {
        let mixed = (self.first ^ self.last.rotate_left(23)).wrapping_add(self.len as u64);
        (mixed.wrapping_mul(factor) >> (64 - PLACE_BITS)) as usize
    }
}

/// Sets the bit of lower case in each byte.
#[inline]
const fn fold(bytes: &[u8; 8]) -> u64 {
    u64::from_le_bytes(*bytes) | 0x2020_2020_2020_2020
}

/// Whether two tokens of one length are the same but for case, leaving out what stands behind
/// the last whole eight bytes.
fn same_inside(known: &[u8], name: &[u8]) -> bool {
    let fold = |text: &[u8]| text.first_chunk::<8>().map(fold);
    known
        .chunks_exact(8)
        .zip(name.chunks_exact(8))
        .all(|(one, other)| fold(one) == fold(other))
}

/// A header name as configuration or code asks for it.
#[derive(Clone, PartialEq, Eq)]
pub struct HeaderName {
    id: Id,
    text: Cow<'static, str>,
}

/// A text that is no header name (RFC 9110 5.1: a token).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NameFault;

impl HeaderName {
    /// Reads a name in any case. A known one takes its usual spelling; another keeps the words
    /// between hyphens with their first letter upper-case and the rest lower, as Go writes them.
    ///
    /// # Errors
    /// When the text is empty, too long, or holds a byte that is no token character.
    pub fn new(text: &str) -> Result<Self, NameFault> {
        let within = text.len() <= HEADER_NAME_BYTES_MAX;
        if text.is_empty() || !within || !text.bytes().all(is_token) {
            return Err(NameFault);
        }
        let id = Id::of(text.as_bytes());
        let text = if id == Id::OTHER {
            Cow::Owned(canonical(text))
        } else {
            Cow::Borrowed(id.text())
        };
        Ok(Self { id, text })
    }

    const fn known(id: Id, text: &'static str) -> Self {
        Self {
            id,
            text: Cow::Borrowed(text),
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    #[inline]
    pub(super) const fn id(&self) -> Id {
        self.id
    }

    /// True when `name`, in any case, is this name.
    #[must_use]
    pub fn is(&self, name: &[u8]) -> bool {
        self.text.as_bytes().eq_ignore_ascii_case(name)
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl fmt::Debug for HeaderName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.text)
    }
}

fn canonical(text: &str) -> String {
    let mut upper = true;
    text.chars()
        .map(|letter| {
            let letter = if upper {
                letter.to_ascii_uppercase()
            } else {
                letter.to_ascii_lowercase()
            };
            upper = letter == '-';
            letter
        })
        .collect()
}

macro_rules! known_names {
    ($($name:ident = $text:literal,)*) => {
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "one list for all")]
        #[repr(u8)]
        enum Number { _OTHER, $($name,)* COUNT }

        /// The numbers of the known names.
        pub(super) mod id {
            use super::{Id, Number};
            $(pub(in crate::wire) const $name: Id = Id(Number::$name as u8);)*
        }

        $(pub static $name: HeaderName = HeaderName::known(id::$name, $text);)*

        const TEXTS: [&str; Number::COUNT as usize] = ["", $($text,)*];
    };
}

known_names! {
    HOST = "Host",
    CONNECTION = "Connection",
    CONTENT_LENGTH = "Content-Length",
    TRANSFER_ENCODING = "Transfer-Encoding",
    UPGRADE = "Upgrade",
    EXPECT = "Expect",
    TE = "TE",
    TRAILER = "Trailer",
    KEEP_ALIVE = "Keep-Alive",
    PROXY_CONNECTION = "Proxy-Connection",
    PROXY_AUTHENTICATE = "Proxy-Authenticate",
    PROXY_AUTHORIZATION = "Proxy-Authorization",
    HTTP2_SETTINGS = "HTTP2-Settings",
    X_FORWARDED_FOR = "X-Forwarded-For",
    X_FORWARDED_HOST = "X-Forwarded-Host",
    X_FORWARDED_PORT = "X-Forwarded-Port",
    X_FORWARDED_PROTO = "X-Forwarded-Proto",
    X_FORWARDED_SERVER = "X-Forwarded-Server",
    X_REAL_IP = "X-Real-Ip",
    X_FORWARDED_URI = "X-Forwarded-Uri",
    X_FORWARDED_METHOD = "X-Forwarded-Method",
    X_FORWARDED_PREFIX = "X-Forwarded-Prefix",
    X_FORWARDED_TLS_CLIENT_CERT = "X-Forwarded-Tls-Client-Cert",
    X_FORWARDED_TLS_CLIENT_CERT_INFO = "X-Forwarded-Tls-Client-Cert-Info",
    X_FORWARDED_SCHEME = "X-Forwarded-Scheme",
    X_SCHEME = "X-Scheme",
    X_REPLACED_PATH = "X-Replaced-Path",
    SEC_WEBSOCKET_KEY = "Sec-WebSocket-Key",
    SEC_WEBSOCKET_VERSION = "Sec-WebSocket-Version",
    SEC_WEBSOCKET_PROTOCOL = "Sec-WebSocket-Protocol",
    SEC_WEBSOCKET_EXTENSIONS = "Sec-WebSocket-Extensions",
    SEC_WEBSOCKET_ACCEPT = "Sec-WebSocket-Accept",
    USER_AGENT = "User-Agent",
    ACCEPT = "Accept",
    ACCEPT_ENCODING = "Accept-Encoding",
    ACCEPT_LANGUAGE = "Accept-Language",
    ACCEPT_RANGES = "Accept-Ranges",
    AUTHORIZATION = "Authorization",
    CACHE_CONTROL = "Cache-Control",
    CONTENT_TYPE = "Content-Type",
    CONTENT_ENCODING = "Content-Encoding",
    CONTENT_LANGUAGE = "Content-Language",
    CONTENT_LOCATION = "Content-Location",
    CONTENT_RANGE = "Content-Range",
    CONTENT_DISPOSITION = "Content-Disposition",
    CONTENT_SECURITY_POLICY = "Content-Security-Policy",
    COOKIE = "Cookie",
    SET_COOKIE = "Set-Cookie",
    DATE = "Date",
    ETAG = "ETag",
    EXPIRES = "Expires",
    LAST_MODIFIED = "Last-Modified",
    LOCATION = "Location",
    ORIGIN = "Origin",
    PRAGMA = "Pragma",
    RANGE = "Range",
    REFERER = "Referer",
    REFERRER_POLICY = "Referrer-Policy",
    SERVER = "Server",
    VARY = "Vary",
    VIA = "Via",
    AGE = "Age",
    ALLOW = "Allow",
    ALT_SVC = "Alt-Svc",
    LINK = "Link",
    WWW_AUTHENTICATE = "WWW-Authenticate",
    RETRY_AFTER = "Retry-After",
    IF_MATCH = "If-Match",
    IF_NONE_MATCH = "If-None-Match",
    IF_MODIFIED_SINCE = "If-Modified-Since",
    IF_UNMODIFIED_SINCE = "If-Unmodified-Since",
    IF_RANGE = "If-Range",
    STRICT_TRANSPORT_SECURITY = "Strict-Transport-Security",
    PERMISSIONS_POLICY = "Permissions-Policy",
    X_CONTENT_TYPE_OPTIONS = "X-Content-Type-Options",
    X_FRAME_OPTIONS = "X-Frame-Options",
    X_XSS_PROTECTION = "X-XSS-Protection",
    X_POWERED_BY = "X-Powered-By",
    X_REQUESTED_WITH = "X-Requested-With",
    X_REQUEST_ID = "X-Request-Id",
    X_CORRELATION_ID = "X-Correlation-Id",
    X_TRAEFIK_ROUTER = "X-Traefik-Router",
    ACCESS_CONTROL_ALLOW_ORIGIN = "Access-Control-Allow-Origin",
    ACCESS_CONTROL_ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials",
    ACCESS_CONTROL_ALLOW_HEADERS = "Access-Control-Allow-Headers",
    ACCESS_CONTROL_ALLOW_METHODS = "Access-Control-Allow-Methods",
    ACCESS_CONTROL_EXPOSE_HEADERS = "Access-Control-Expose-Headers",
    ACCESS_CONTROL_MAX_AGE = "Access-Control-Max-Age",
    ACCESS_CONTROL_REQUEST_METHOD = "Access-Control-Request-Method",
    ACCESS_CONTROL_REQUEST_HEADERS = "Access-Control-Request-Headers",
    TRACEPARENT = "Traceparent",
    TRACESTATE = "Tracestate",
    BAGGAGE = "Baggage",
    DNT = "DNT",
    UPGRADE_INSECURE_REQUESTS = "Upgrade-Insecure-Requests",
    SEC_FETCH_DEST = "Sec-Fetch-Dest",
    SEC_FETCH_MODE = "Sec-Fetch-Mode",
    SEC_FETCH_SITE = "Sec-Fetch-Site",
    SEC_FETCH_USER = "Sec-Fetch-User",
    SEC_CH_UA = "Sec-Ch-Ua",
    SEC_CH_UA_MOBILE = "Sec-Ch-Ua-Mobile",
    SEC_CH_UA_PLATFORM = "Sec-Ch-Ua-Platform",
    PRIORITY = "Priority",
    FORWARDED = "Forwarded",
    ACCEPT_CHARSET = "Accept-Charset",
}

/// Names that speak about one connection and never pass through (RFC 9110 7.6.1, and those that
/// Go's reverse proxy adds). Middlewares still see them.
pub(super) const HOP_BY_HOP: u128 = id::CONNECTION.bit()
    | id::PROXY_CONNECTION.bit()
    | id::KEEP_ALIVE.bit()
    | id::PROXY_AUTHENTICATE.bit()
    | id::PROXY_AUTHORIZATION.bit()
    | id::TE.bit()
    | id::TRAILER.bit()
    | id::TRANSFER_ENCODING.bit()
    | id::UPGRADE.bit();

/// Names that only a trusted peer may set (features 9.2).
pub(super) const MANAGED: u128 = id::X_FORWARDED_FOR.bit()
    | id::X_FORWARDED_HOST.bit()
    | id::X_FORWARDED_PORT.bit()
    | id::X_FORWARDED_PROTO.bit()
    | id::X_FORWARDED_SERVER.bit()
    | id::X_REAL_IP.bit()
    | id::X_FORWARDED_URI.bit()
    | id::X_FORWARDED_METHOD.bit()
    | id::X_FORWARDED_PREFIX.bit()
    | id::X_FORWARDED_TLS_CLIENT_CERT.bit()
    | id::X_FORWARDED_TLS_CLIENT_CERT_INFO.bit()
    | id::X_FORWARDED_SCHEME.bit()
    | id::X_SCHEME.bit();

/// Whether `name` is, spelled with underscores, one that only we or a trusted peer may set, or
/// that a server could take for how the message is framed.
pub(super) fn is_guarded_alias(name: &[u8]) -> bool {
    let mut room = [0; ALIAS_BYTES_MAX];
    let Some(folded) = room.get_mut(..name.len()) else {
        return false;
    };
    for (to, from) in folded.iter_mut().zip(name) {
        *to = if *from == b'_' { b'-' } else { *from };
    }
    let guarded = MANAGED | HOP_BY_HOP | NOTABLE;
    Id::of(folded).bit() & guarded != 0
}

/// Longer than any guarded name.
const ALIAS_BYTES_MAX: usize = 40;

/// Names that say how a message is framed and what becomes of its connection.
pub(super) const NOTABLE: u128 = id::HOST.bit()
    | id::CONTENT_LENGTH.bit()
    | id::TRANSFER_ENCODING.bit()
    | id::CONNECTION.bit()
    | id::EXPECT.bit()
    | id::UPGRADE.bit()
    | id::TE.bit()
    | id::HTTP2_SETTINGS.bit();

/// Names whose camel case some servers insist on (features 5.15).
pub(super) const WEBSOCKET: u128 = id::SEC_WEBSOCKET_KEY.bit()
    | id::SEC_WEBSOCKET_VERSION.bit()
    | id::SEC_WEBSOCKET_PROTOCOL.bit()
    | id::SEC_WEBSOCKET_EXTENSIONS.bit()
    | id::SEC_WEBSOCKET_ACCEPT.bit();

/// So large that a factor which lets no two known names meet is found within a few tries; of
/// the table only the places of names that really occur are ever touched.
const PLACE_BITS: u32 = 11;
const PLACE_COUNT: usize = 1 << PLACE_BITS;

/// From the place of a token to the only known name that it can be.
static PLACES: [Id; PLACE_COUNT] = match places(FACTOR) {
    Some(places) => places,
    None => panic!("a factor was found"),
};

const FACTOR: u64 = {
    let mut factor: u64 = 0x83b6_e012_0bfe_6e5d;
    while places(factor).is_none() {
        factor = factor.wrapping_mul(0x5851_f42d_4c95_7f2d);
    }
    factor
};

/// The table of places; None when two names share one.
#[expect(clippy::indexing_slicing, reason = "runs at build time")]
const fn places(factor: u64) -> Option<[Id; PLACE_COUNT]> {
    assert!(KEYS.len() <= 128, "a set of known names has 128 bits");
    let mut places = [Id::OTHER; PLACE_COUNT];
    let mut number: u8 = 1;
    while (number as usize) < KEYS.len() {
        let place = KEYS[number as usize].place(factor);
        if places[place].0 != 0 {
            return None;
        }
        places[place] = Id(number);
        number = number.saturating_add(1);
    }
    Some(places)
}

const KEYS: [Ends; TEXTS.len()] = keys();

#[expect(clippy::indexing_slicing, reason = "runs at build time")]
const fn keys() -> [Ends; TEXTS.len()] {
    let mut keys = [Ends::NONE; TEXTS.len()];
    let mut number: u8 = 1;
    while (number as usize) < TEXTS.len() {
        if let Some(ends) = Ends::of(TEXTS[number as usize].as_bytes()) {
            keys[number as usize] = ends;
        }
        number = number.saturating_add(1);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_found_in_any_case() {
        for (number, text) in TEXTS.iter().enumerate().skip(1) {
            for spelled in [(*text).to_owned(), text.to_lowercase(), text.to_uppercase()] {
                let id = Id::of(spelled.as_bytes());
                assert_eq!((usize::from(id.0), id.text()), (number, *text), "{spelled}");
            }
        }
    }

    #[test]
    fn a_name_that_differs_in_one_byte_is_another() {
        for text in TEXTS.iter().skip(1) {
            for place in 0..text.len() {
                let mut other = text.as_bytes().to_vec();
                other[place] = if other[place] == b'q' { b'j' } else { b'q' };
                let id = Id::of(&other);
                assert_ne!(id.text(), *text, "{}", String::from_utf8_lossy(&other));
            }
            for other in [format!("{text}x"), format!("x{text}"), text[1..].to_owned()] {
                assert_ne!(Id::of(other.as_bytes()).text(), *text, "{other}");
            }
        }
        for short in ["", "t", "e"] {
            assert_eq!(Id::of(short.as_bytes()), Id::OTHER);
        }
    }

    #[test]
    fn a_name_takes_its_usual_spelling() {
        let table = [
            ("content-type", Ok("Content-Type")),
            ("ETAG", Ok("ETag")),
            ("x-my-HEADER", Ok("X-My-Header")),
            ("x_y", Ok("X_y")),
            ("", Err(NameFault)),
            ("a b", Err(NameFault)),
            ("a:", Err(NameFault)),
            ("a\r\n", Err(NameFault)),
            ("\u{e4}", Err(NameFault)),
        ];
        for (text, expected) in table {
            let name = HeaderName::new(text);
            assert_eq!(
                name.as_ref().map(HeaderName::as_str),
                expected.as_ref().map(|n| *n)
            );
        }
    }

    #[test]
    fn aliases_are_found_in_every_spelling() {
        let table = [
            ("X_Forwarded_For", true),
            ("x-forwarded_proto", true),
            ("CONTENT_LENGTH", true),
            ("X_Forwarded_Fox", false),
            ("X_Y", false),
            ("_", false),
            ("X_Forwarded_Tls_Client_Cert_Info_And_Much_More", false),
        ];
        for (name, expected) in table {
            assert_eq!(is_guarded_alias(name.as_bytes()), expected, "{name}");
        }
    }
}
