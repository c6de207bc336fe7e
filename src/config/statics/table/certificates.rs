//! Where certificates come from.

use crate::config::statics::option::Kind::{
    Block, Bool, Choice, Count, Duration, Secret, Text, Texts,
};
use crate::config::statics::table::{ACME, TLS};

options! { ROWS:
    "certificatesResolvers.*", Block, "", "2.5", ACME,
        "A source of certificates, named by routers in tls.certResolver.";
    "certificatesResolvers.*.acme.caCertificates", Texts, "", "3.2", ACME,
        "PEM files of the CAs that the ACME server's certificate may come from.";
    "certificatesResolvers.*.acme.caServer", Text,
        "https://acme-v02.api.letsencrypt.org/directory", "2.5", ACME,
        "Directory URL of the ACME server.";
    "certificatesResolvers.*.acme.caServerName", Text, "", "3.2", ACME,
        "Name to expect in the ACME server's certificate.";
    "certificatesResolvers.*.acme.caSystemCertPool", Bool, "false", "3.2", ACME,
        "Trusts the system's CAs as well as caCertificates.";
    "certificatesResolvers.*.acme.certificatesDuration", Count, "2160", "2.6", ACME,
        "Hours that this CA's certificates live; sets the renewal plan.";
    "certificatesResolvers.*.acme.certificateTimeout", Duration, "30s", "3.7", ACME,
        "Longest wait for an ordered certificate.";
    "certificatesResolvers.*.acme.clientResponseHeaderTimeout", Duration, "30s", "3.5", ACME,
        "Longest wait for the head of an ACME answer.";
    "certificatesResolvers.*.acme.clientTimeout", Duration, "120s", "3.5", ACME,
        "Longest time of one whole ACME request.";
    "certificatesResolvers.*.acme.disableCommonName", Bool, "false", "3.6", ACME,
        "Orders certificates without a common name.";
    "certificatesResolvers.*.acme.dnsChallenge", Block, "", "2.5", ACME,
        "Proves ownership by a DNS record (needed for wildcards).";
    "certificatesResolvers.*.acme.dnsChallenge.delayBeforeCheck", Duration, "0s", "2.5", ACME,
        "Old name of propagation.delayBeforeChecks.";
    "certificatesResolvers.*.acme.dnsChallenge.disablePropagationCheck", Bool, "false", "2.5", ACME,
        "Old name of propagation.disableChecks.";
    "certificatesResolvers.*.acme.dnsChallenge.propagation", Block, "", "3.3", ACME,
        "How the record is awaited.";
    "certificatesResolvers.*.acme.dnsChallenge.propagation.delayBeforeChecks", Duration,
        "0s", "3.3", ACME,
        "Waits this long before the first look.";
    "certificatesResolvers.*.acme.dnsChallenge.propagation.disableANSChecks", Bool,
        "false", "3.3", ACME,
        "Does not ask the authoritative name servers.";
    "certificatesResolvers.*.acme.dnsChallenge.propagation.disableChecks", Bool,
        "false", "3.3", ACME,
        "Does not look for the record at all.";
    "certificatesResolvers.*.acme.dnsChallenge.propagation.requireAllRNS", Bool,
        "false", "3.3", ACME,
        "Every recursive name server must see the record.";
    "certificatesResolvers.*.acme.dnsChallenge.provider", Text, "", "2.5", ACME,
        "DNS service that holds the zone, such as alidns.";
    "certificatesResolvers.*.acme.dnsChallenge.resolvers", Texts, "", "2.5", ACME,
        "Name servers asked about the record, host:port.";
    "certificatesResolvers.*.acme.eab.hmacEncoded", Secret, "", "2.5", ACME,
        "Key of the external account, base64url.";
    "certificatesResolvers.*.acme.eab.kid", Text, "", "2.5", ACME,
        "Identifier of the external account.";
    "certificatesResolvers.*.acme.email", Text, "", "2.5", ACME,
        "Contact address of the account.";
    "certificatesResolvers.*.acme.emailAddresses", Texts, "", "3.4", ACME,
        "E-mail addresses placed in the certificate request.";
    "certificatesResolvers.*.acme.httpChallenge", Block, "", "2.5", ACME,
        "Proves ownership by a path served over plain HTTP.";
    "certificatesResolvers.*.acme.httpChallenge.delay", Duration, "0s", "3.5", ACME,
        "Waits this long between publishing the answer and asking for its check.";
    "certificatesResolvers.*.acme.httpChallenge.entryPoint", Text, "", "2.5", ACME,
        "Entry point that the CA reaches on port 80.";
    "certificatesResolvers.*.acme.keyType",
        Choice(&["EC256", "EC384", "RSA2048", "RSA4096", "RSA8192"]),
        "RSA4096", "2.5", ACME,
        "Kind of private key.";
    "certificatesResolvers.*.acme.preferredChain", Text, "", "2.5", ACME,
        "Common name of the preferred issuer when several chains are offered.";
    "certificatesResolvers.*.acme.profile", Text, "", "3.4", ACME,
        "Certificate profile to ask for.";
    "certificatesResolvers.*.acme.storage", Text, "acme.json", "2.5", ACME,
        "File that keeps account and certificates; mode 0600.";
    "certificatesResolvers.*.acme.tlsChallenge", Block, "", "2.5", ACME,
        "Proves ownership inside a TLS handshake on port 443.";
    "certificatesResolvers.*.acme.tlsChallenge.delay", Duration, "0s", "3.6", ACME,
        "Waits this long between publishing the answer and asking for its check.";
    "certificatesResolvers.*.tailscale", Block, "", "3.0", ACME,
        "Takes certificates for *.ts.net from the local Tailscale daemon.";
    "ocsp", Block, "", "3.5", TLS,
        "Staples OCSP answers to certificates that name a responder.";
    "ocsp.responderOverrides.*", Text, "", "3.5", TLS,
        "URL to ask instead of this responder.";
    "spiffe.workloadAPIAddr", Text, "", "3.0", TLS,
        "Address of the SPIFFE workload API.";
}
