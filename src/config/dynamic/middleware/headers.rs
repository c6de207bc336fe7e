use std::collections::BTreeMap;

use crate::config::decode::record;

record! {
    /// Sets and removes header fields, answers CORS, adds security headers.
    pub struct Headers {
        /// An empty value removes.
        custom_request_headers "customRequestHeaders": BTreeMap<String, String>,
        /// An empty value removes.
        custom_response_headers "customResponseHeaders": BTreeMap<String, String>,
        access_control_allow_credentials "accessControlAllowCredentials": bool,
        access_control_allow_headers "accessControlAllowHeaders": Vec<String>,
        access_control_allow_methods "accessControlAllowMethods": Vec<String>,
        access_control_allow_origin_list "accessControlAllowOriginList": Vec<String>,
        access_control_allow_origin_list_regex "accessControlAllowOriginListRegex": Vec<String>,
        access_control_expose_headers "accessControlExposeHeaders": Vec<String>,
        /// Seconds; not given: no such header.
        access_control_max_age "accessControlMaxAge": Option<i64>,
        add_vary_header "addVaryHeader": bool,
        allowed_hosts "allowedHosts": Vec<String>,
        hosts_proxy_headers "hostsProxyHeaders": Vec<String>,
        ssl_proxy_headers "sslProxyHeaders": BTreeMap<String, String>,
        /// Seconds; 0: no such header.
        sts_seconds "stsSeconds": i64,
        sts_include_subdomains "stsIncludeSubdomains": bool,
        sts_preload "stsPreload": bool,
        force_sts_header "forceSTSHeader": bool,
        frame_deny "frameDeny": bool,
        custom_frame_options_value "customFrameOptionsValue": String,
        content_type_nosniff "contentTypeNosniff": bool,
        browser_xss_filter "browserXssFilter": bool,
        custom_browser_xss_value "customBrowserXSSValue": String,
        content_security_policy "contentSecurityPolicy": String,
        content_security_policy_report_only "contentSecurityPolicyReportOnly": String,
        public_key "publicKey": String,
        referrer_policy "referrerPolicy": String,
        permissions_policy "permissionsPolicy": String,
        is_development "isDevelopment": bool,
        /// What v2 had instead of permissionsPolicy.
        feature_policy "featurePolicy": Option<String>,
        /// What v2 had instead of redirectScheme.
        ssl_redirect "sslRedirect": Option<bool>,
        ssl_temporary_redirect "sslTemporaryRedirect": Option<bool>,
        ssl_host "sslHost": Option<String>,
        ssl_force_host "sslForceHost": Option<bool>,
    }
}
