use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use md5::{Digest, Md5};
use sha1::Sha1;

/// A password as htpasswd files keep it: bcrypt, Apache's MD5, or SHA1 (features 6, basicAuth).
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    Bcrypt(Box<str>),
    /// `$apr1$`, or `$1$` as FreeBSD began it.
    Md5 {
        magic: &'static str,
        salt: Box<str>,
        sum: Box<str>,
    },
    Sha1(Box<str>),
}

/// Why a text is no password hash that can be checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PasswordFault {
    UnknownKind,
}

impl Password {
    /// Reads the part of a `user:hash` line behind the colon.
    ///
    /// # Errors
    /// The hash is of no kind that Traefik knows.
    pub fn read(hash: &str) -> Result<Self, PasswordFault> {
        if let Some(sum) = hash.strip_prefix("{SHA}") {
            return Ok(Self::Sha1(sum.into()));
        }
        for magic in ["$apr1$", "$1$"] {
            if let Some(rest) = hash.strip_prefix(magic) {
                let (salt, sum) = rest.split_once('$').ok_or(PasswordFault::UnknownKind)?;
                return Ok(Self::Md5 {
                    magic,
                    salt: salt.into(),
                    sum: sum.into(),
                });
            }
        }
        if ["$2a$", "$2b$", "$2x$", "$2y$"]
            .iter()
            .any(|kind| hash.starts_with(kind))
        {
            return Ok(Self::Bcrypt(hash.into()));
        }
        Err(PasswordFault::UnknownKind)
    }

    /// Whether `given` is the password. Slow on purpose: never called on a shard.
    #[must_use]
    pub fn fits(&self, given: &[u8]) -> bool {
        match self {
            Self::Bcrypt(hash) => bcrypt::verify(given, hash).unwrap_or(false),
            Self::Md5 { magic, salt, sum } => {
                let found = md5_crypt(given, magic, salt.as_bytes());
                same(found.as_bytes(), sum.as_bytes())
            }
            Self::Sha1(sum) => same(
                BASE64.encode(Sha1::digest(given)).as_bytes(),
                sum.as_bytes(),
            ),
        }
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[redacted]")
    }
}

/// A question for the control wing: is this the password? Unknown users are checked against
/// a decoy of the same kind, so that the time taken tells nothing.
#[derive(Clone)]
pub struct Verification {
    pub user: Box<[u8]>,
    pub given: Box<[u8]>,
    pub password: Arc<Password>,
    /// False for the decoy: the answer is no, whatever the sum says.
    pub known: bool,
}

impl Verification {
    /// Does the work. Takes as long as the hash wants: for the control wing only.
    #[must_use]
    pub fn run(&self) -> bool {
        self.password.fits(&self.given) && self.known
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Verification([redacted])")
    }
}

/// Compares without telling by its time where the first difference is.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

/// The MD5 crypt of FreeBSD, and Apache's variant of it: the `sum` part of its text form.
fn md5_crypt(password: &[u8], magic: &str, salt: &[u8]) -> String {
    let salt = &salt[..salt.len().min(8)];
    let inner = Md5::new()
        .chain_update(password)
        .chain_update(salt)
        .chain_update(password);
    let inner = inner.finalize();
    let mut hash = Md5::new()
        .chain_update(password)
        .chain_update(magic)
        .chain_update(salt);
    for block in password.chunks(16) {
        hash.update(&inner[..block.len()]);
    }
    let mut bits = password.len();
    while bits > 0 {
        let byte = if bits & 1 == 1 {
            0
        } else {
            password.first().copied().unwrap_or(0)
        };
        hash.update([byte]);
        bits >>= 1;
    }
    let mut sum = hash.finalize();
    for round in 0..1000 {
        sum = apr1_round(round, password, salt, &sum).finalize();
    }
    apr1_text(&sum)
}

fn apr1_round(round: u32, password: &[u8], salt: &[u8], sum: &[u8]) -> Md5 {
    let (first, last) = if round % 2 == 1 {
        (password, sum)
    } else {
        (sum, password)
    };
    let mut hash = Md5::new().chain_update(first);
    if !round.is_multiple_of(3) {
        hash.update(salt);
    }
    if !round.is_multiple_of(7) {
        hash.update(password);
    }
    hash.chain_update(last)
}

fn apr1_text(sum: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const ORDER: [[usize; 3]; 5] = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]];
    let mut text = String::with_capacity(22);
    let mut put = |mut bits: u32, count: usize| {
        for _ in 0..count {
            text.push(char::from(LETTERS[(bits & 63) as usize]));
            bits >>= 6;
        }
    };
    for [high, middle, low] in ORDER {
        put(
            u32::from(sum[high]) << 16 | u32::from(sum[middle]) << 8 | u32::from(sum[low]),
            4,
        );
    }
    put(u32::from(sum[11]), 2);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_knows_its_password() {
        let bcrypt = bcrypt::hash("test", 4).unwrap();
        let table = [
            bcrypt.as_str(),
            "$apr1$H6uskkkW$IgXLP6ewTrSuBkTrqE8wj/",
            "$1$abcdefgh$irWbblnpmw.5z7wgBnprh0",
            "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=",
        ];
        for hash in table {
            let password = Password::read(hash).unwrap();
            assert!(password.fits(b"test"), "{hash}");
            assert!(!password.fits(b"other"), "{hash}");
        }
        assert_eq!(Password::read("plain"), Err(PasswordFault::UnknownKind));
    }
}
