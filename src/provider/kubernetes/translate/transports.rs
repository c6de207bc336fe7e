//! ServersTransport and ServersTransportTCP.

use std::sync::Arc;

use super::pen::{At, Pen};
use super::resolve::{identity, plain_name};
use crate::config::dynamic::{
    Certificate, ForwardingTimeouts, ServersTransport, TcpClientTls, TcpServersTransport,
};
use crate::provider::kubernetes::objects::Kind;
use crate::provider::kubernetes::objects::custom::{Pems, RootCa, TcpTransportTls};

impl Pen<'_> {
    /// Translates a ServersTransport.
    pub(super) fn servers_transport(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.servers_transports) else {
            return;
        };
        let spec = &held.spec;
        let at = At::root("spec");
        let timeouts = spec.forwarding_timeouts.as_deref().cloned();
        let transport = ServersTransport {
            server_name: spec.server_name.clone(),
            insecure_skip_verify: spec.insecure_skip_verify,
            root_cas: self.root_cas(&spec.root_cas, &spec.root_cas_secrets, at),
            certificates: self.client_certificates(&spec.certificates_secrets, at),
            max_idle_conns_per_host: spec.max_idle_conns_per_host,
            forwarding_timeouts: Some(Box::new(
                timeouts.unwrap_or_else(ForwardingTimeouts::default),
            )),
            disable_http2: spec.disable_http2,
            peer_cert_uri: spec.peer_cert_uri.clone(),
            spiffe: spec.spiffe.clone(),
            cipher_suites: spec.cipher_suites.clone(),
            min_version: spec.min_version.clone(),
            max_version: spec.max_version.clone(),
        };
        let kind = Kind::ServersTransport;
        let (section, plain) = plain_name(kind, &self.root.key);
        let name = self.make(section, &plain, identity(kind, &self.root.key));
        let all = &mut self.out.configuration.http.servers_transports;
        all.insert(name, Arc::new(transport));
    }

    /// Translates a ServersTransportTCP.
    pub(super) fn servers_transport_tcp(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.servers_transports_tcp) else {
            return;
        };
        let spec = &held.spec;
        let transport = TcpServersTransport {
            dial_keep_alive: spec.dial_keep_alive,
            dial_timeout: spec.dial_timeout,
            termination_delay: spec.termination_delay,
            proxy_protocol: spec.proxy_protocol.clone(),
            tls: spec.tls.as_deref().map(|tls| Box::new(self.tcp_tls(tls))),
        };
        let kind = Kind::ServersTransportTcp;
        let (section, plain) = plain_name(kind, &self.root.key);
        let name = self.make(section, &plain, identity(kind, &self.root.key));
        let all = &mut self.out.configuration.tcp.servers_transports;
        all.insert(name, Arc::new(transport));
    }

    fn tcp_tls(&mut self, tls: &TcpTransportTls) -> TcpClientTls {
        let at = At::root("spec");
        let at = at.field("tls");
        TcpClientTls {
            server_name: tls.server_name.clone(),
            insecure_skip_verify: tls.insecure_skip_verify,
            root_cas: self.root_cas(&tls.root_cas, &tls.root_cas_secrets, at),
            certificates: self.client_certificates(&tls.certificates_secrets, at),
            peer_cert_uri: tls.peer_cert_uri.clone(),
            spiffe: tls.spiffe.clone(),
        }
    }

    /// CAs by which servers are trusted. One that is missing trusts nobody more.
    fn root_cas(&mut self, cas: &[RootCa], secrets: &[String], at: At<'_>) -> Pems {
        let mut pems = Pems::new();
        for (index, secret) in secrets.iter().enumerate() {
            pems.extend(self.authority(secret, at.item("rootCAsSecrets", index)));
        }
        for (index, ca) in cas.iter().enumerate() {
            let at = at.item("rootCAs", index);
            match (&ca.secret, &ca.config_map) {
                (Some(secret), None) => pems.extend(self.authority(secret, at.field("secret"))),
                (None, Some(map)) => {
                    pems.extend(self.authority_of_map(map, at.field("configMap")));
                }
                (Some(_), Some(_)) | (None, None) => {
                    let message = "a CA comes from a secret or from a configMap";
                    self.error(at, message, "name exactly one of both");
                }
            }
        }
        pems
    }

    fn client_certificates(&mut self, secrets: &[String], at: At<'_>) -> Vec<Certificate> {
        let mut pairs = Vec::new();
        for (index, secret) in secrets.iter().enumerate() {
            pairs.extend(self.certificate_pair(secret, at.item("certificatesSecrets", index)));
        }
        pairs
    }
}
