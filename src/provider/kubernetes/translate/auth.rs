//! What middlewares take out of Secrets (features 13.1.10). A Secret that is missing leaves the
//! middleware out, and routers that name it are disabled: nobody passes by a mistake.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value as Json;
use sha1::{Digest, Sha1};

use super::pen::{At, Pen, Told};
use super::tls::HIDDEN;
use crate::config::Secret;
use crate::config::dynamic::middleware::ClientTls;
use crate::provider::kubernetes::objects::core;
use crate::provider::kubernetes::objects::middleware;

/// The type of Secrets that hold one name and password.
const BASIC_AUTH_TYPE: &str = "kubernetes.io/basic-auth";
/// How a text in a plugin's settings begins that stands for an entry of a Secret.
const SECRET_URN: &str = "urn:k8s:secret:";

impl Pen<'_> {
    /// The lines of who may pass.
    pub(super) fn users(
        &mut self,
        auth: &middleware::Auth,
        is_digest: bool,
        at: At<'_>,
    ) -> Result<Vec<Secret>, Told> {
        let at = at.field("secret");
        if auth.secret.is_empty() {
            let hint = "name a Secret of the same namespace, with an entry `users`";
            return Err(self.error(at, "the secret is missing", hint));
        }
        let secret = self.secret(&auth.secret, at)?;
        let name = format!("{}/{}", self.namespace(), auth.secret);
        if secret.type_ == BASIC_AUTH_TYPE && !is_digest {
            return match one_user(secret) {
                Some(line) => Ok(vec![line]),
                None => {
                    let message = format!("the Secret {name} has no username or no password");
                    Err(self.error(at, message, "both belong into a Secret of its type"))
                }
            };
        }
        let mut entries = secret.data.values();
        let (Some(only), None) = (entries.next(), entries.next()) else {
            let count = secret.data.len();
            let message = format!("the Secret {name} has {count} entries");
            return Err(self.error(at, message, "exactly one is right: `users`"));
        };
        let text = String::from_utf8_lossy(only);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let users: Vec<Secret> = lines.map(Secret::new).collect();
        if users.is_empty() {
            let message = format!("the Secret {name} names no user");
            let line = if is_digest {
                "name:realm:hash"
            } else {
                "name:hash"
            };
            return Err(self.error(at, message, format!("each line is {line}")));
        }
        Ok(users)
    }

    /// TLS towards a server of ours.
    pub(super) fn client_tls(
        &mut self,
        tls: &middleware::ClientTls,
        at: At<'_>,
    ) -> Result<ClientTls, Told> {
        let mut made = ClientTls {
            insecure_skip_verify: tls.insecure_skip_verify,
            ca_optional: tls.ca_optional,
            ..ClientTls::default()
        };
        if !tls.ca_secret.is_empty() {
            made.ca = self.authority(&tls.ca_secret, at.field("caSecret"))?;
        }
        if !tls.cert_secret.is_empty() {
            let pair = self.certificate_pair(&tls.cert_secret, at.field("certSecret"))?;
            made.cert = pair.cert_file;
            made.key = pair.key_file;
        }
        Ok(made)
    }

    /// Fills in the entries of Secrets that a plugin's settings name.
    pub(super) fn plugin_settings(&mut self, value: &Json, at: At<'_>) -> Result<Json, Told> {
        Ok(match value {
            Json::String(text) => match text.strip_prefix(SECRET_URN) {
                Some(rest) => Json::from(self.secret_entry(rest, at)?),
                None => value.clone(),
            },
            Json::Array(items) => {
                let items = items.iter().map(|item| self.plugin_settings(item, at));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            Json::Object(map) => {
                let entries = map.iter().map(|(key, value)| {
                    let value = self.plugin_settings(value, at)?;
                    Ok((key.clone(), value))
                });
                Json::Object(entries.collect::<Result<_, Told>>()?)
            }
            Json::Null | Json::Bool(_) | Json::Number(_) => value.clone(),
        })
    }

    /// `name:key`.
    fn secret_entry(&mut self, urn: &str, at: At<'_>) -> Result<String, Told> {
        let Some((name, entry)) = urn.split_once(':') else {
            let message = format!("{SECRET_URN}{urn} names no entry");
            return Err(self.error(at, message, format!("write {SECRET_URN}<name>:<entry>")));
        };
        let secret = self.secret(name, at)?;
        match secret.text(entry) {
            Some(_) if self.world().hides_secrets => Ok(HIDDEN.to_owned()),
            Some(text) => Ok(text.to_owned()),
            None => {
                let message = format!("the Secret {}/{name} has no {entry}", self.namespace());
                Err(self.error(at, message, "name an entry that it has"))
            }
        }
    }

    /// User name and password of a Redis.
    pub(super) fn redis_login(&mut self, name: &str, at: At<'_>) -> Result<(String, Secret), Told> {
        let secret = self.secret(name, at)?;
        let text = |entry| secret.text(entry).unwrap_or_default();
        Ok((text("username").to_owned(), Secret::new(text("password"))))
    }
}

/// The line of the one user that a Secret of the type basic-auth holds.
fn one_user(secret: &core::Secret) -> Option<Secret> {
    let name = secret.text("username").filter(|name| !name.contains(':'))?;
    let password = secret.data.get("password")?;
    let hash = STANDARD.encode(Sha1::digest(password));
    Some(Secret::new(format!("{name}:{{SHA}}{hash}")))
}
