use std::collections::BTreeMap;
use std::sync::Arc;

use super::http::Domain;
use crate::config::decode::{Choice, record, words};
use crate::config::secret::FileOrContent;

record! {
    /// Certificates and how TLS is spoken (features 7.12 to 7.14).
    pub struct Tls {
        certificates "certificates": Vec<Arc<StoredCertificate>>,
        options "options": BTreeMap<String, Arc<TlsOptions>>,
        stores "stores": BTreeMap<String, Arc<TlsStore>>,
    }
}

record! {
    /// A certificate chain and its key, each a path or PEM itself.
    pub struct Certificate {
        cert_file "certFile": FileOrContent,
        key_file "keyFile": FileOrContent,
    }
}

record! {
    /// A certificate to show to clients.
    pub struct StoredCertificate {
        cert_file "certFile": FileOrContent,
        key_file "keyFile": FileOrContent,
        /// Empty: the store `default`.
        stores "stores": Vec<String>,
    }
}

record! {
    /// How TLS is spoken with clients.
    pub struct TlsOptions {
        /// Not given: TLS 1.2.
        min_version "minVersion": Option<Choice<TlsVersion>>,
        max_version "maxVersion": Option<Choice<TlsVersion>>,
        /// Empty: the secure ones.
        cipher_suites "cipherSuites": Vec<String>,
        curve_preferences "curvePreferences": Vec<String>,
        client_auth "clientAuth": Option<Box<ClientAuth>>,
        /// A client that names no known host is refused.
        sni_strict "sniStrict": bool,
        prefer_server_cipher_suites "preferServerCipherSuites" [ignored]: Option<bool>,
        alpn_protocols "alpnProtocols": Vec<String> = vec![
            "h2".to_owned(),
            "http/1.1".to_owned(),
            "acme-tls/1".to_owned(),
        ],
        disable_session_tickets "disableSessionTickets": bool,
    }
}

words! {
    /// Versions of TLS.
    strict pub enum TlsVersion {
        Tls10 "VersionTLS10",
        Tls11 "VersionTLS11",
        Tls12 "VersionTLS12",
        Tls13 "VersionTLS13",
    }
}

record! {
    /// Whether clients must show a certificate.
    pub struct ClientAuth {
        ca_files "caFiles": Vec<FileOrContent>,
        client_auth_type "clientAuthType": Option<Choice<ClientAuthType>>,
    }
}

words! {
    /// What is asked of clients.
    strict pub enum ClientAuthType {
        NoClientCert "NoClientCert",
        RequestClientCert "RequestClientCert",
        RequireAnyClientCert "RequireAnyClientCert",
        VerifyClientCertIfGiven "VerifyClientCertIfGiven",
        RequireAndVerifyClientCert "RequireAndVerifyClientCert",
    }
}

record! {
    /// Certificates for those whom no other fits; only the store `default` is used.
    pub struct TlsStore {
        default_certificate "defaultCertificate": Option<Box<Certificate>>,
        default_generated_cert "defaultGeneratedCert": Option<Box<GeneratedCert>>,
    }
}

record! {
    /// A default certificate that a resolver gets.
    pub struct GeneratedCert {
        resolver "resolver": String,
        domain "domain": Option<Box<Domain>>,
    }
}
