use crate::config::decode::record;
use crate::config::secret::{FileOrContent, Secret};

record! {
    /// Asks for name and password.
    pub struct BasicAuth {
        /// `name:hash`, the hash being bcrypt, MD5 (apr1) or SHA1.
        users "users": Vec<Secret>,
        users_file "usersFile": String,
        /// Empty: `traefik`.
        realm "realm": String,
        /// The server does not see `Authorization`.
        remove_header "removeHeader": bool,
        /// Header that tells the server the user's name.
        header_field "headerField": String,
    }
}

record! {
    /// Asks for name and password, without sending the password.
    pub struct DigestAuth {
        /// `name:realm:hash`.
        users "users": Vec<Secret>,
        users_file "usersFile": String,
        remove_header "removeHeader": bool,
        /// Empty: `traefik`.
        realm "realm": String,
        header_field "headerField": String,
    }
}

record! {
    /// Asks another server whether the request may pass.
    pub struct ForwardAuth {
        address "address": String,
        tls "tls": Option<Box<ClientTls>>,
        trust_forward_header "trustForwardHeader": Option<bool>,
        auth_response_headers "authResponseHeaders": Vec<String>,
        auth_response_headers_regex "authResponseHeadersRegex": String,
        /// Empty: all.
        auth_request_headers "authRequestHeaders": Vec<String>,
        add_auth_cookies_to_response "addAuthCookiesToResponse": Vec<String>,
        header_field "headerField": String,
        forward_body "forwardBody": bool,
        /// -1: no limit.
        max_body_size "maxBodySize": Option<i64> = Some(-1),
        /// Not given, or -1: no limit.
        max_response_body_size "maxResponseBodySize": Option<i64>,
        preserve_location_header "preserveLocationHeader": bool,
        preserve_request_method "preserveRequestMethod": bool,
        /// Where a client without leave is sent.
        auth_signin_url "authSigninURL": String,
    }
}

record! {
    /// TLS towards a server of ours.
    pub struct ClientTls {
        ca "ca": FileOrContent,
        ca_optional "caOptional" [ignored]: Option<bool>,
        cert "cert": FileOrContent,
        key "key": FileOrContent,
        insecure_skip_verify "insecureSkipVerify": bool,
    }
}
