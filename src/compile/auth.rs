//! Middlewares that ask who it is: basicAuth, digestAuth.

use std::fs;

use crate::config::Secret;
use crate::config::dynamic::middleware as options;
use crate::middleware::{BasicAuth, DigestAuth, DigestUsers, Middleware, UsersFault, read_users};
use crate::wire::HeaderName;

use super::services::Flaw;

pub(super) fn basic_auth(options: &options::BasicAuth) -> Result<Middleware, Flaw> {
    let text = file("basicAuth", &options.users_file, "user:hash")?;
    // Inline users win over those of the file (features 6).
    let inline = options.users.iter().map(Secret::expose);
    let users = read_users(text.lines().chain(inline)).map_err(|fault| users_flaw(&fault))?;
    let field = header_field("basicAuth", &options.header_field)?;
    let step = BasicAuth::new(users, realm(&options.realm)).map_err(|fault| users_flaw(&fault))?;
    Ok(Middleware::BasicAuth(
        step.removing_header(options.remove_header)
            .naming_user_in(field),
    ))
}

pub(super) fn digest_auth(options: &options::DigestAuth) -> Result<Middleware, Flaw> {
    let text = file("digestAuth", &options.users_file, "user:realm:hash")?;
    let inline = options.users.iter().map(Secret::expose);
    let realm = realm(&options.realm);
    let users = DigestUsers::read(text.lines().chain(inline), realm).map_err(|fault| {
        let hint = "write user:realm:hash as `htdigest` prints it";
        let message = format!("user {} {}", fault.line, fault.what);
        Flaw::new("digestAuth.users", message, hint)
    })?;
    let field = header_field("digestAuth", &options.header_field)?;
    let step = DigestAuth::new(users, realm)
        .removing_header(options.remove_header)
        .naming_user_in(field);
    Ok(Middleware::DigestAuth(Box::new(step)))
}

fn realm(realm: &str) -> &str {
    if realm.is_empty() { "traefik" } else { realm }
}

/// The text of `usersFile`; nothing where none is named.
fn file(kind: &str, path: &str, lines: &str) -> Result<String, Flaw> {
    if path.is_empty() {
        return Ok(String::new());
    }
    fs::read_to_string(path).map_err(|error| {
        let message = format!("cannot read {path}: {error}");
        let hint = format!("name a readable file of {lines} lines");
        Flaw::new(format!("{kind}.usersFile"), message, &hint)
    })
}

fn header_field(kind: &str, name: &str) -> Result<Option<HeaderName>, Flaw> {
    if name.is_empty() {
        return Ok(None);
    }
    let field = HeaderName::new(name).map_err(|_| {
        let hint = "use letters, digits and dashes";
        Flaw::new(format!("{kind}.headerField"), "is no header name", hint)
    })?;
    Ok(Some(field))
}

fn users_flaw(fault: &UsersFault) -> Flaw {
    const HINT: &str = "write user:hash as `htpasswd -nB user` prints it";
    let message = match fault {
        UsersFault::NoUsers => "there are no users, so nobody could be let in".to_owned(),
        UsersFault::NoColon { line } => format!("user {line} has no colon"),
        UsersFault::Hash { line, .. } => format!("user {line} has a hash of no known kind"),
    };
    Flaw::new("basicAuth.users", message, HINT)
}
