//! What routers, services and middlewares are called.

use std::collections::HashMap;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::config::dynamic::Section;

/// Letters and digits of a text, with one dash for everything between (features 13.1.4).
pub(super) fn normalized(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    let words = text.split(|c: char| !c.is_alphabetic() && !c.is_numeric());
    for word in words.filter(|word| !word.is_empty()) {
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(word);
    }
    name
}

/// The first ten bytes of a text's SHA-256, in hexadecimal.
pub(super) fn short_hash(text: &str) -> String {
    hex(Sha256::digest(text.as_bytes()).iter().take(10))
}

fn hex<'bytes>(bytes: impl Iterator<Item = &'bytes u8>) -> String {
    let mut out = String::new();
    for byte in bytes {
        // Writing to a String can not fail.
        let _done = write!(out, "{byte:02x}");
    }
    out
}

/// Which object a name stands for. Two names that are spelled the same may stand for two
/// objects (`a-b/c` and `a/b-c`), but two objects never have the same identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Identity([u8; 16]);

impl Identity {
    /// Of the full list of what makes the object the one it is.
    pub(super) fn of(parts: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            // The length goes first, so that no two lists make the same bytes.
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
        let mut identity = [0; 16];
        for (to, from) in identity.iter_mut().zip(hash.finalize()) {
            *to = from;
        }
        Self(identity)
    }
}

/// A name that a fragment uses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Claim {
    pub(super) section: Section,
    pub(super) plain: Box<str>,
    pub(super) identity: Identity,
    /// The fragment makes the object; else it refers to it.
    pub(super) is_made: bool,
}

/// A name as the rules for names make it, whoever else may have it.
pub(super) type PlainName = (Section, Box<str>);

/// Who uses which name. Where several objects would have one name, only one of them keeps it.
#[derive(Debug, Default)]
pub(super) struct Names {
    users: HashMap<PlainName, Vec<User>>,
}

#[derive(Debug)]
struct User {
    identity: Identity,
    made: u32,
    referred: u32,
}

impl Names {
    /// The name of an object. One that lost its plain name has a `~` in it, which no plain name
    /// can have.
    pub(super) fn of(&self, section: Section, plain: &str, identity: Identity) -> String {
        let Some(users) = self.users.get(&(section, Box::from(plain))) else {
            return plain.to_owned();
        };
        let is_contested = users.iter().any(|user| user.identity != identity);
        if !is_contested || winner(users).is_none_or(|winner| winner == identity) {
            return plain.to_owned();
        }
        format!("{plain}~{}", hex(identity.0.iter().take(10)))
    }

    /// Takes a claim in. True when somebody may be called differently now.
    pub(super) fn add(&mut self, claim: &Claim) -> bool {
        let users = self
            .users
            .entry((claim.section, claim.plain.clone()))
            .or_default();
        let before = winner(users);
        let count = users.len();
        let user = match users.iter().position(|one| one.identity == claim.identity) {
            Some(at) => &mut users[at],
            None => {
                users.push(User {
                    identity: claim.identity,
                    made: 0,
                    referred: 0,
                });
                users.sort_by_key(|user| user.identity);
                let at = users.iter().position(|one| one.identity == claim.identity);
                &mut users[at.unwrap_or_default()]
            }
        };
        if claim.is_made {
            user.made += 1;
        } else {
            user.referred += 1;
        }
        (users.len() > 1 || count > 1) && (users.len() != count || winner(users) != before)
    }

    /// Takes a claim back. True when somebody may be called differently now.
    pub(super) fn remove(&mut self, claim: &Claim) -> bool {
        let key = (claim.section, claim.plain.clone());
        let Some(users) = self.users.get_mut(&key) else {
            return false;
        };
        let before = winner(users);
        let count = users.len();
        if let Some(user) = users.iter_mut().find(|one| one.identity == claim.identity) {
            let uses = if claim.is_made {
                &mut user.made
            } else {
                &mut user.referred
            };
            *uses = uses.saturating_sub(1);
        }
        users.retain(|user| user.made + user.referred > 0);
        let changed = count > 1 && (users.len() != count || winner(users) != before);
        if users.is_empty() {
            self.users.remove(&key);
        }
        changed
    }
}

/// Who keeps the plain name: the first of those that exist. When nobody exists, nobody does.
fn winner(users: &[User]) -> Option<Identity> {
    let mut made = users.iter().filter(|user| user.made > 0);
    made.next().map(|user| user.identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_as_traefiks() {
        let table = [
            ("default-test.route", "default-test-route"),
            ("a--b", "a-b"),
            ("-/a", "a"),
            (
                "default-web-example.com/api/",
                "default-web-example-com-api",
            ),
            ("", ""),
        ];
        for (text, name) in table {
            assert_eq!(normalized(text), name, "{text}");
        }
        // The example of features 13.1.4.
        assert_eq!(short_hash("HostSNI(`foo.com`)"), "fdd3e9338e47a45efefc");
    }

    #[test]
    fn of_two_objects_with_one_name_one_keeps_it() {
        let mut names = Names::default();
        let claim = |parts: &[&str], is_made| Claim {
            section: Section::HttpMiddlewares,
            plain: "a-b-c".into(),
            identity: Identity::of(parts),
            is_made,
        };
        let one = claim(&["Middleware", "a", "b-c"], true);
        let other = claim(&["Middleware", "a-b", "c"], true);
        let name =
            |names: &Names, claim: &Claim| names.of(claim.section, &claim.plain, claim.identity);
        assert!(!names.add(&one));
        assert_eq!(name(&names, &one), "a-b-c");
        // A reference to what does not exist never finds what is only spelled like it.
        let stray = claim(&["Middleware", "a-b", "c"], false);
        assert!(names.add(&stray));
        assert_eq!(name(&names, &one), "a-b-c");
        assert_ne!(name(&names, &stray), "a-b-c");
        assert!(names.remove(&stray));
        assert!(names.add(&other));
        assert_ne!(name(&names, &one), name(&names, &other));
        assert!(names.remove(&other));
        assert_eq!(name(&names, &one), "a-b-c");
    }
}
