use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use md5::{Digest, Md5};
use sha1::Sha1;

use crate::base::Tick;
use crate::base::limits::NONCE_LIFETIME_S;
use crate::board::Nonces;
use crate::wire::{HeaderName, RequestHead, names};

use super::password::same;
use super::secret_key::secret_key;
use super::{Around, Flow, Slot, plain};

/// Lets in who knows a password, without having it sent (features 6, digestAuth; RFC 7616 with
/// MD5 and `qop=auth`, as Traefik asks for).
#[derive(Debug)]
pub struct DigestAuth {
    users: DigestUsers,
    realm: Box<str>,
    /// Handed out with each challenge; tells this middleware's nonces from those of others.
    opaque: Box<str>,
    nonces: Nonces,
    remove_header: bool,
    header_field: Option<HeaderName>,
}

/// Users of one realm, each with the MD5 sum of `user:realm:password` in hexadecimal digits.
pub struct DigestUsers {
    sums: Sums,
}

type Sums = HashMap<Box<[u8]>, [u8; 32], ahash::RandomState>;

/// Why a line is no `user:realm:hash`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DigestFault {
    /// Counted from one.
    pub line: usize,
    pub what: &'static str,
}

/// Bytes of a nonce before it becomes text: when it was given, which it is, and a seal.
const GIVEN: usize = 4;
const NUMBER: usize = 8;
const SEAL: usize = 16;

impl DigestUsers {
    /// Reads `user:realm:hash` lines and keeps those of `realm`; empty ones and those that begin
    /// with `#` are passed over.
    ///
    /// # Errors
    /// A line is something else.
    pub fn read<'text>(
        lines: impl Iterator<Item = &'text str>,
        realm: &str,
    ) -> Result<Self, DigestFault> {
        let mut sums = Sums::default();
        for (index, line) in lines.enumerate() {
            let (line, number) = (line.trim(), index + 1);
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fault = |what| DigestFault { line: number, what };
            let (user, rest) = line.split_once(':').ok_or_else(|| fault("has no colon"))?;
            let (of, sum) = rest
                .rsplit_once(':')
                .ok_or_else(|| fault("has one colon"))?;
            let sum: [u8; 32] = sum
                .to_ascii_lowercase()
                .into_bytes()
                .try_into()
                .ok()
                .filter(|sum: &[u8; 32]| sum.iter().all(u8::is_ascii_hexdigit))
                .ok_or_else(|| fault("does not end with an MD5 sum"))?;
            if of == realm {
                sums.insert(user.as_bytes().into(), sum);
            }
        }
        Ok(Self { sums })
    }
}

impl fmt::Debug for DigestUsers {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} users", self.sums.len())
    }
}

/// Why a request does not come in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refusal {
    Wrong,
    /// The password is right, the nonce is old or was used: no reason to ask the user again.
    Stale,
}

impl DigestAuth {
    /// Without users nobody comes in (features 15b.5).
    #[must_use]
    pub fn new(users: DigestUsers, realm: &str) -> Self {
        let number = ahash::RandomState::new().hash_one(realm);
        Self {
            users,
            realm: realm.into(),
            opaque: format!("{number:016x}").into(),
            nonces: Nonces::default(),
            remove_header: false,
            header_field: None,
        }
    }

    /// The request goes on without its `Authorization`.
    #[must_use]
    pub const fn removing_header(mut self, remove: bool) -> Self {
        self.remove_header = remove;
        self
    }

    /// The user's name goes on in this header, and in no other spelling of it.
    #[must_use]
    pub fn naming_user_in(mut self, field: Option<HeaderName>) -> Self {
        self.header_field = field;
        self
    }

    pub(super) fn on_request(
        &self,
        head: &mut RequestHead,
        around: &Around,
        slot: &mut Slot,
    ) -> Flow {
        match self.user(head, around.now) {
            Ok(user) => {
                if let Some(field) = &self.header_field {
                    head.remove_spellings(field);
                    head.set(field, &user);
                }
                if self.remove_header {
                    head.remove(&names::AUTHORIZATION);
                }
                *slot = Slot::User(user);
                Flow::Next
            }
            Err(refusal) => self.refuse(refusal, around.now),
        }
    }

    fn user(&self, head: &RequestHead, now: Tick) -> Result<Box<[u8]>, Refusal> {
        let value = head.value(&names::AUTHORIZATION).ok_or(Refusal::Wrong)?;
        let given = Credentials::read(value).ok_or(Refusal::Wrong)?;
        let fits = given.realm == self.realm.as_bytes()
            && given.uri == head.raw_target()
            && given.qop.eq_ignore_ascii_case(b"auth")
            && (given.algorithm.is_empty() || given.algorithm.eq_ignore_ascii_case(b"MD5"));
        let known = self.users.sums.get(&*given.user);
        // The same work for users that are not there.
        let expected = given.response_for(known.unwrap_or(&[b'0'; 32]), head.method_text());
        let right = same(&expected, &given.response) && known.is_some();
        match (fits && right, count_of(&given.count)) {
            (true, Some(count)) if self.spend(&given.nonce, count, now) => Ok(given.user.into()),
            (true, Some(_)) => Err(Refusal::Stale),
            _ => Err(Refusal::Wrong),
        }
    }

    /// Whether the nonce is ours, young enough, and was not used with this count.
    fn spend(&self, nonce: &[u8], count: u32, now: Tick) -> bool {
        let mut bytes = [0; GIVEN + NUMBER + SEAL];
        if BASE64.decode_slice(nonce, &mut bytes) != Ok(bytes.len()) {
            return false;
        }
        let (words, seal) = bytes.split_at(GIVEN + NUMBER);
        if !same(&self.seal(words), seal) {
            return false;
        }
        let (given, number) = words.split_at(GIVEN);
        let given = given.try_into().map_or(0, u32::from_be_bytes);
        let oldest = second(now).saturating_sub(NONCE_LIFETIME_S);
        let key = number.try_into().map_or(0, u64::from_be_bytes);
        given >= oldest && self.nonces.spend(spread(key), given, count, oldest)
    }

    fn refuse(&self, refusal: Refusal, now: Tick) -> Flow {
        let realm = self.realm.replace('\\', "\\\\").replace('"', "\\\"");
        let (nonce, opaque) = (self.nonce(now), &self.opaque);
        let stale = if refusal == Refusal::Stale {
            ", stale=true"
        } else {
            ""
        };
        let challenge = format!(
            "Digest realm=\"{realm}\", nonce=\"{nonce}\", opaque=\"{opaque}\", \
             algorithm=\"MD5\", qop=\"auth\"{stale}"
        );
        let mut answer = plain(401);
        answer.set(&names::CONTENT_TYPE, b"text/plain");
        answer.set(&names::WWW_AUTHENTICATE, challenge.as_bytes());
        Flow::Answer(answer, b"401 Unauthorized\n"[..].into())
    }

    /// A new nonce. Nothing is kept of it until it is used.
    fn nonce(&self, now: Tick) -> String {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let mut bytes = Vec::with_capacity(GIVEN + NUMBER + SEAL);
        bytes.extend(second(now).to_be_bytes());
        bytes.extend(number.to_be_bytes());
        bytes.extend(self.seal(&bytes));
        BASE64.encode(bytes)
    }

    /// Nobody else can make it: a hash of a hash, each with a key of this process.
    fn seal(&self, words: &[u8]) -> [u8; SEAL] {
        let inner = Sha1::new()
            .chain_update(secret_key())
            .chain_update(self.opaque.as_bytes())
            .chain_update(words)
            .finalize();
        let outer = Sha1::new()
            .chain_update(secret_key())
            .chain_update(inner)
            .finalize();
        let mut seal = [0; SEAL];
        seal.copy_from_slice(&outer[..SEAL]);
        seal
    }
}

/// Eight hexadecimal digits.
fn count_of(text: &[u8]) -> Option<u32> {
    let digits = text.len() == 8 && text.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(text).ok().filter(|_| digits)?;
    u32::from_str_radix(text, 16).ok()
}

/// Seconds since the process began; zero is none of them.
fn second(now: Tick) -> u32 {
    u32::try_from(now.millis() / 1000 + 1).unwrap_or(u32::MAX)
}

/// Numbers that follow one another find places far from one another.
const fn spread(number: u64) -> u64 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// What a client sends in `Authorization: Digest`, without quotes.
#[derive(Debug, Default)]
struct Credentials {
    user: Vec<u8>,
    realm: Vec<u8>,
    nonce: Vec<u8>,
    uri: Vec<u8>,
    response: Vec<u8>,
    algorithm: Vec<u8>,
    qop: Vec<u8>,
    count: Vec<u8>,
    client_nonce: Vec<u8>,
}

impl Credentials {
    /// None when it is no Digest, or when something is said twice.
    fn read(value: &[u8]) -> Option<Self> {
        let (scheme, mut rest) = value.split_at_checked(7)?;
        if !scheme.eq_ignore_ascii_case(b"digest ") {
            return None;
        }
        let mut found = Self::default();
        loop {
            rest = rest.trim_ascii_start();
            let equals = memchr::memchr(b'=', rest)?;
            let name = rest[..equals].trim_ascii_end();
            let (text, behind) = value_of(rest[equals + 1..].trim_ascii_start())?;
            if let Some(place) = found.place(name) {
                if !place.is_empty() {
                    return None;
                }
                *place = text;
            }
            rest = behind.trim_ascii_start();
            match rest.split_first() {
                None => return Some(found),
                Some((b',', behind)) => rest = behind,
                Some(_) => return None,
            }
        }
    }

    fn place(&mut self, name: &[u8]) -> Option<&mut Vec<u8>> {
        let place = match &*name.to_ascii_lowercase() {
            b"username" => &mut self.user,
            b"realm" => &mut self.realm,
            b"nonce" => &mut self.nonce,
            b"uri" => &mut self.uri,
            b"response" => &mut self.response,
            b"algorithm" => &mut self.algorithm,
            b"qop" => &mut self.qop,
            b"nc" => &mut self.count,
            b"cnonce" => &mut self.client_nonce,
            _ => return None,
        };
        Some(place)
    }

    /// What a client that knows the password answers (RFC 7616 3.4.1).
    fn response_for(&self, sum: &[u8; 32], method: &[u8]) -> [u8; 32] {
        let what = hex(&Md5::new()
            .chain_update(method)
            .chain_update(b":")
            .chain_update(&self.uri)
            .finalize());
        let mut hash = Md5::new().chain_update(sum);
        let parts: [&[u8]; 5] = [
            &self.nonce,
            &self.count,
            &self.client_nonce,
            &self.qop,
            &what,
        ];
        for part in parts {
            hash.update(b":");
            hash.update(part);
        }
        hex(&hash.finalize())
    }
}

/// A value without its quotes, and what stands behind it.
type Value<'text> = (Vec<u8>, &'text [u8]);

/// A token or a quoted text at the beginning.
fn value_of(text: &[u8]) -> Option<Value<'_>> {
    let Some(quoted) = text.strip_prefix(b"\"") else {
        let end = text.iter().position(|byte| *byte == b',');
        let (token, rest) = text.split_at(end.unwrap_or(text.len()));
        return Some((token.trim_ascii_end().to_vec(), rest));
    };
    let mut value = Vec::new();
    let mut bytes = quoted.iter().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some((value, &quoted[at + 1..])),
            b'\\' => value.push(*bytes.next()?.1),
            _ => value.push(*byte),
        }
    }
    None
}

fn hex(bytes: &[u8]) -> [u8; 32] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'0'; 32];
    for (pair, byte) in text.chunks_exact_mut(2).zip(bytes) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 2617 3.5.
    #[test]
    fn the_sum_is_that_of_the_standard() {
        let value = br#"Digest username="Mufasa", realm="testrealm@host.com",
            nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html", qop=auth,
            nc=00000001, cnonce="0a4f113b", response="6629fae49393a05397450978507c4ef1""#;
        let value: Vec<u8> = value
            .iter()
            .copied()
            .filter(|byte| *byte != b'\n')
            .collect();
        let given = Credentials::read(&value).unwrap();
        let sum = hex(&Md5::digest(b"Mufasa:testrealm@host.com:Circle Of Life"));
        assert_eq!(given.response_for(&sum, b"GET"), *given.response);
    }

    #[test]
    fn credentials_are_taken_apart_or_refused() {
        let user = |text: &str| {
            let found = Credentials::read(text.as_bytes());
            found.map(|given| String::from_utf8(given.user).unwrap())
        };
        let table = [
            ("Digest username=\"a\"", Some("a")),
            ("dIgEsT username = a , nc=1", Some("a")),
            ("Digest username=\"a\\\"b, c\",uri=\"/\"", Some("a\"b, c")),
            ("Digest nonsense=1, USERNAME=a", Some("a")),
            ("Basic username=a", None),
            ("Digest username=\"a", None),
            ("Digest username=\"a\\", None),
            ("Digest username=a, username=b", None),
            ("Digest username", None),
            ("Digest username=\"a\" nc=1", None),
            ("Digest username=a,", None),
            ("Digest ", None),
        ];
        for (text, expected) in table {
            assert_eq!(user(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn lines_of_other_realms_are_passed_over() {
        let sum = "25fbc7a9e5e1f1b1f1d2d3d4d5d6d7d8";
        let lines = [
            format!("a:traefik:{sum}"),
            format!("b:other:{sum}"),
            "# c:traefik:no".to_owned(),
            String::new(),
            format!("d:trae:fik:{sum}"),
        ];
        let read = |realm| DigestUsers::read(lines.iter().map(String::as_str), realm).unwrap();
        assert_eq!(read("traefik").sums.len(), 1);
        assert_eq!(read("trae:fik").sums.len(), 1);
        assert_eq!(read("nobody").sums.len(), 0);
        for (line, what) in [
            ("me", "has no colon"),
            ("me:traefik", "has one colon"),
            ("me:traefik:short", "does not end with an MD5 sum"),
        ] {
            let fault = DigestUsers::read(["", line].into_iter(), "traefik").unwrap_err();
            assert_eq!(fault, DigestFault { line: 2, what });
        }
    }
}
