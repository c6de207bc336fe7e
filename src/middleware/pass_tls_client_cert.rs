use crate::wire::{RequestHead, names};

use super::Flow;

/// Tells the server about the client's certificate (features 6, passTLSClientCert). Without
/// TLS there is none, and nobody may pretend that there was.
#[derive(Debug, Default)]
pub struct PassTlsClientCert;

impl PassTlsClientCert {
    pub(super) fn on_request(head: &mut RequestHead) -> Flow {
        head.remove_spellings(&names::X_FORWARDED_TLS_CLIENT_CERT);
        head.remove_spellings(&names::X_FORWARDED_TLS_CLIENT_CERT_INFO);
        Flow::Next
    }
}
