//! Certificates out of Secrets, TLSOption and TLSStore (features 13.1.9, 13.1.11).

use std::sync::Arc;

use super::pen::{At, Pen, Told};
use super::resolve::{identity, plain_name};
use crate::config::FileOrContent;
use crate::config::dynamic::{
    Certificate, ClientAuth, Section, StoredCertificate, TlsOptions, TlsStore,
};
use crate::provider::kubernetes::objects::core::Secret;
use crate::provider::kubernetes::objects::custom::{Pems, TlsOption};
use crate::provider::kubernetes::objects::{Key, Kind};

/// The name of the options and of the store that hold where nothing else is said.
const DEFAULT: &str = "default";
/// What stands in the place of a secret that is not to be shown.
pub(super) const HIDDEN: &str = "[redacted]";

impl Pen<'_> {
    /// Puts in the certificate that a Secret holds.
    pub(super) fn certificate(&mut self, secret: &str, at: At<'_>) -> Result<(), Told> {
        self.certificate_for(secret, &[], at)
    }

    fn certificate_for(&mut self, secret: &str, stores: &[String], at: At<'_>) -> Result<(), Told> {
        let pair = self.certificate_pair(secret, at)?;
        let place = format!("{}/{secret} {}", self.namespace(), stores.join(" "));
        let stored = StoredCertificate {
            cert_file: pair.cert_file,
            key_file: pair.key_file,
            stores: stores.to_vec(),
        };
        self.out.certificates.push((place, Arc::new(stored)));
        Ok(())
    }

    /// The certificate and the key of a Secret.
    pub(super) fn certificate_pair(&mut self, name: &str, at: At<'_>) -> Result<Certificate, Told> {
        let secret = self.secret(name, at)?;
        match (secret.text("tls.crt"), secret.text("tls.key")) {
            (Some(chain), Some(key)) => Ok(Certificate {
                cert_file: self.shown(chain),
                key_file: self.shown(key),
            }),
            (chain, _) => {
                let missing = if chain.is_none() {
                    "tls.crt"
                } else {
                    "tls.key"
                };
                let message = format!("the Secret {}/{name} has no {missing}", self.namespace());
                let hint = "make it with `kubectl create secret tls`";
                Err(self.error(at, message, hint))
            }
        }
    }

    fn shown(&self, text: &str) -> FileOrContent {
        FileOrContent::new(if self.world().hides_secrets {
            HIDDEN
        } else {
            text
        })
    }

    /// The CA certificates of a Secret.
    pub(super) fn authority(&mut self, name: &str, at: At<'_>) -> Result<FileOrContent, Told> {
        let secret = self.secret(name, at)?;
        match ca_of(secret) {
            Some(pem) => Ok(self.shown(pem)),
            None => {
                let message = format!("the Secret {}/{name} has no ca.crt", self.namespace());
                Err(self.error(at, message, "an entry tls.ca is read as well"))
            }
        }
    }

    /// The CA certificates of a ConfigMap.
    pub(super) fn authority_of_map(
        &mut self,
        name: &str,
        at: At<'_>,
    ) -> Result<FileOrContent, Told> {
        let key = Key::new(self.namespace(), name);
        let objects = self.world().objects;
        let Some(map) = self.look(Kind::ConfigMap, &objects.config_maps, &key) else {
            let message = format!("there is no ConfigMap {key}");
            return Err(self.error(at, message, "create it in the same namespace"));
        };
        match map.spec.data.get("ca.crt").filter(|pem| !pem.is_empty()) {
            Some(pem) => Ok(FileOrContent::new(pem.as_str())),
            None => {
                let message = format!("the ConfigMap {key} has no ca.crt");
                Err(self.error(at, message, "put the certificates under that name"))
            }
        }
    }

    /// Translates a TLSOption.
    pub(super) fn tls_option(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.tls_options) else {
            return;
        };
        let spec = &held.spec;
        let defaults = TlsOptions::default();
        let options = TlsOptions {
            min_version: spec.min_version.clone(),
            max_version: spec.max_version.clone(),
            cipher_suites: spec.cipher_suites.clone(),
            curve_preferences: spec.curve_preferences.clone(),
            client_auth: self.client_auth(spec),
            sni_strict: spec.sni_strict,
            prefer_server_cipher_suites: spec.prefer_server_cipher_suites,
            alpn_protocols: if spec.alpn_protocols.is_empty() {
                defaults.alpn_protocols
            } else {
                spec.alpn_protocols.clone()
            },
            disable_session_tickets: spec.disable_session_tickets,
        };
        let name = self.tls_name(Kind::TlsOption, Section::TlsOptions);
        let all = &mut self.out.configuration.tls.options;
        all.insert(name, Arc::new(options));
    }

    /// A CA that is missing is left out, and what is asked of clients stays: nobody is let in by
    /// a mistake.
    fn client_auth(&mut self, spec: &TlsOption) -> Option<Box<ClientAuth>> {
        let asked = spec.client_auth.as_deref()?;
        let at = At::root("spec");
        let at = at.field("clientAuth");
        let mut files: Pems = Vec::new();
        for (index, secret) in asked.secret_names.iter().enumerate() {
            files.extend(self.authority(secret, at.item("secretNames", index)));
        }
        Some(Box::new(ClientAuth {
            ca_files: files,
            client_auth_type: asked.client_auth_type.clone(),
        }))
    }

    /// Translates a TLSStore.
    pub(super) fn tls_store(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.tls_stores) else {
            return;
        };
        let spec = &held.spec;
        let at = At::root("spec");
        let mut store = TlsStore {
            default_certificate: None,
            default_generated_cert: spec.default_generated_cert.clone(),
        };
        if let Some(named) = &spec.default_certificate {
            let at = at.field("defaultCertificate");
            let pair = self.certificate_pair(&named.secret_name, at.field("secretName"));
            let Ok(pair) = pair else { return };
            store.default_certificate = Some(Box::new(pair));
        }
        let name = self.tls_name(Kind::TlsStore, Section::TlsStores);
        for (index, named) in spec.certificates.iter().enumerate() {
            let at = at.item("certificates", index);
            let stores = std::slice::from_ref(&name);
            // What is missing was noted, and the other certificates are there.
            let _told = self.certificate_for(&named.secret_name, stores, at.field("secretName"));
        }
        let all = &mut self.out.configuration.tls.stores;
        all.insert(name, Arc::new(store));
    }

    /// `default` belongs to no namespace; the book sees to it that there is only one.
    fn tls_name(&mut self, kind: Kind, section: Section) -> String {
        let key = &self.root.key;
        if &*key.name == DEFAULT {
            return DEFAULT.to_owned();
        }
        let (_, plain) = plain_name(kind, key);
        self.make(section, &plain, identity(kind, key))
    }
}

fn ca_of(secret: &Secret) -> Option<&str> {
    secret.text("tls.ca").or_else(|| secret.text("ca.crt"))
}
