use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest, Sha1};

use crate::board::Known;
use crate::wire::{HeaderName, RequestHead, names};

use super::password::{Password, PasswordFault, Verification};
use super::secret_key::secret_key;
use super::{Flow, Slot, plain};

/// Lets in who knows a password (features 6, basicAuth; RFC 7617).
#[derive(Debug)]
pub struct BasicAuth {
    users: Users,
    /// What unknown users are checked against, so that they take as long as known ones.
    decoy: Arc<Password>,
    challenge: Box<[u8]>,
    remove_header: bool,
    header_field: Option<HeaderName>,
    known: Known,
}

/// Why a basicAuth cannot be built.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UsersFault {
    NoUsers,
    NoColon { line: usize },
    Hash { line: usize, fault: PasswordFault },
}

/// Whom a basicAuth admits, from its lines `user:hash`.
pub type Users = HashMap<Box<[u8]>, Arc<Password>, ahash::RandomState>;

/// Reads `user:hash` lines; empty ones and those that begin with `#` are passed over.
///
/// # Errors
/// A line without a colon or with an unknown kind of hash (its number counts from 1).
pub fn read_users<'text>(lines: impl Iterator<Item = &'text str>) -> Result<Users, UsersFault> {
    let mut users = Users::default();
    for (index, line) in lines.enumerate() {
        let (line, number) = (line.trim(), index + 1);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (user, hash) = line
            .split_once(':')
            .ok_or(UsersFault::NoColon { line: number })?;
        let password = Password::read(hash).map_err(|fault| UsersFault::Hash {
            line: number,
            fault,
        })?;
        users.insert(user.as_bytes().into(), Arc::new(password));
    }
    Ok(users)
}

impl BasicAuth {
    /// # Errors
    /// There are no users: then nobody could ever be let in (features 15.28).
    pub fn new(users: Users, realm: &str) -> Result<Self, UsersFault> {
        let decoy = Arc::clone(users.values().next().ok_or(UsersFault::NoUsers)?);
        let realm = realm.replace('\\', "\\\\").replace('"', "\\\"");
        let challenge = format!("Basic realm=\"{realm}\"")
            .into_bytes()
            .into_boxed_slice();
        let known = Known::default();
        Ok(Self {
            users,
            decoy,
            challenge,
            remove_header: false,
            header_field: None,
            known,
        })
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

    pub(super) fn on_request(&self, head: &mut RequestHead, slot: &mut Slot) -> Flow {
        let Some((user, given)) = head.value(&names::AUTHORIZATION).and_then(credentials) else {
            return self.refuse();
        };
        let (password, known) = match self.users.get(&*user) {
            Some(password) => (password, true),
            None => (&self.decoy, false),
        };
        if known && self.known.contains(fingerprint(&user, &given)) {
            return self.admit(head, &user, slot);
        }
        Flow::Verify(Verification {
            user,
            given,
            password: Arc::clone(password),
            known,
        })
    }

    pub(super) fn on_verified(
        &self,
        head: &mut RequestHead,
        asked: &Verification,
        right: bool,
        slot: &mut Slot,
    ) -> Flow {
        if !right {
            return self.refuse();
        }
        self.known.remember(fingerprint(&asked.user, &asked.given));
        self.admit(head, &asked.user, slot)
    }

    fn admit(&self, head: &mut RequestHead, user: &[u8], slot: &mut Slot) -> Flow {
        if let Some(field) = &self.header_field {
            head.remove_spellings(field);
            head.set(field, user);
        }
        if self.remove_header {
            head.remove(&names::AUTHORIZATION);
        }
        *slot = Slot::User(user.into());
        Flow::Next
    }

    fn refuse(&self) -> Flow {
        let mut answer = plain(401);
        answer.set(&names::CONTENT_TYPE, b"text/plain");
        answer.set(&names::WWW_AUTHENTICATE, &self.challenge);
        Flow::Answer(answer, b"401 Unauthorized\n".into())
    }
}

/// User and password, as they were sent.
type Credentials = (Box<[u8]>, Box<[u8]>);

/// `Basic dXNlcjpwYXNz` -> user and password.
fn credentials(value: &[u8]) -> Option<Credentials> {
    let (scheme, rest) = value.split_at_checked(6)?;
    if !scheme.eq_ignore_ascii_case(b"basic ") {
        return None;
    }
    let text = BASE64.decode(rest).ok()?;
    let colon = memchr::memchr(b':', &text)?;
    Some((text[..colon].into(), text[colon + 1..].into()))
}

/// Of user and password, each with its length before it, under a key of this process: two
/// different pairs never look alike by shifting the border between them.
fn fingerprint(user: &[u8], given: &[u8]) -> u128 {
    let mut hash = Sha1::new();
    hash.update(secret_key());
    for part in [user, given] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let sum = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&sum[..16]);
    u128::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_split_at_the_first_colon() {
        let value = format!("bAsIc {}", BASE64.encode("me:a:b"));
        let (user, given) = credentials(value.as_bytes()).unwrap();
        assert_eq!((&*user, &*given), (&b"me"[..], &b"a:b"[..]));
        assert!(credentials(b"Basic !!!").is_none());
        assert!(credentials(b"Bearer abc").is_none());
    }

    #[test]
    fn a_border_that_moves_changes_the_fingerprint() {
        assert_ne!(fingerprint(b"ab", b"c"), fingerprint(b"a", b"bc"));
    }

    #[test]
    fn lines_name_the_one_that_is_wrong() {
        let fault = read_users(["# note", "", "me"].into_iter()).unwrap_err();
        assert_eq!(fault, UsersFault::NoColon { line: 3 });
        let none = read_users(std::iter::empty()).unwrap();
        assert_eq!(BasicAuth::new(none, "x").unwrap_err(), UsersFault::NoUsers);
    }
}
