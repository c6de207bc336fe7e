//! The headers middleware from its many options (features 6).

use std::collections::BTreeMap;

use crate::config::dynamic::middleware as options;
use crate::middleware::{
    Cors, Elsewhere, Field, HeaderFault, Headers, Middleware, Origins, Secure,
};
use crate::wire::HeaderName;

use super::services::Flaw;

pub(super) fn headers(options: &options::Headers) -> Result<Middleware, Flaw> {
    let step = Headers::new(
        pairs(&options.custom_request_headers),
        pairs(&options.custom_response_headers),
    );
    let step = step.map_err(|fault| match fault {
        HeaderFault::Name(name) => no_name("headers", &name),
        HeaderFault::Host(host) => Flaw::new(
            "headers.customRequestHeaders.Host",
            format!("`{host}` is no host"),
            "write a name, with a port or without",
        ),
        HeaderFault::Value(name) => {
            let message = format!("the value of `{name}` holds a control character");
            Flaw::new(
                "headers",
                message,
                "remove line breaks and control characters",
            )
        }
    })?;
    if options
        .access_control_max_age
        .is_some_and(|seconds| seconds < 0)
    {
        let field = "headers.accessControlMaxAge";
        return Err(Flaw::new(
            field,
            "must not be negative",
            "write a number of seconds",
        ));
    }
    let step = step.with_cors(cors(options)?).with_secure(secure(options)?);
    if step.is_idle() {
        let hint = "write customRequestHeaders, customResponseHeaders or another option";
        return Err(Flaw::new("headers", "no option of it is set", hint));
    }
    Ok(Middleware::Headers(step))
}

fn pairs(map: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    map.iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
}

fn no_name(field: &str, name: &str) -> Flaw {
    Flaw::new(
        field,
        format!("`{name}` is no header name"),
        "use letters, digits and dashes",
    )
}

fn cors(options: &options::Headers) -> Result<Option<Cors>, Flaw> {
    let list = |texts: &[String]| {
        (!texts.is_empty()).then(|| texts.join(",").into_bytes().into_boxed_slice())
    };
    let origins = &options.access_control_allow_origin_list;
    let patterns = options
        .access_control_allow_origin_list_regex
        .iter()
        .map(|pattern| {
            super::regex::compile(pattern).map_err(|message| {
                let hint = "write a regular expression as Go reads it";
                Flaw::new("headers.accessControlAllowOriginListRegex", message, hint)
            })
        });
    let patterns = patterns.collect::<Result<_, _>>()?;
    let origins = if origins.iter().any(|origin| origin == "*") {
        Origins::Any
    } else {
        let names = origins.iter().map(|origin| origin.as_bytes().into());
        Origins::Listed {
            names: names.collect(),
            patterns,
        }
    };
    let cors = Cors {
        origins,
        credentials: options.access_control_allow_credentials,
        methods: list(&options.access_control_allow_methods),
        headers: list(&options.access_control_allow_headers),
        expose: list(&options.access_control_expose_headers),
        max_age: options
            .access_control_max_age
            .map(|seconds| seconds.to_string().into_bytes().into_boxed_slice()),
        vary: options.add_vary_header,
    };
    Ok(cors.is_wanted().then_some(cors))
}

fn secure(options: &options::Headers) -> Result<Option<Secure>, Flaw> {
    let name = |field: &str, name: &str| HeaderName::new(name).map_err(|_| no_name(field, name));
    let tls = options.ssl_proxy_headers.iter().map(|(header, value)| {
        Ok((
            name("headers.sslProxyHeaders", header)?,
            value.as_bytes().into(),
        ))
    });
    let hosts = options.hosts_proxy_headers.iter();
    let secure = Secure {
        allowed_hosts: options
            .allowed_hosts
            .iter()
            .map(|host| host.to_ascii_lowercase().into_bytes().into())
            .collect(),
        host_headers: hosts
            .map(|header| name("headers.hostsProxyHeaders", header))
            .collect::<Result<_, _>>()?,
        tls_headers: tls.collect::<Result<_, Flaw>>()?,
        sts: sts(options).map(|value| value.into_bytes().into()),
        force_sts: options.force_sts_header,
        key_pins: named("Public-Key-Pins", options.public_key.clone()),
        fields: fields(options),
        elsewhere: elsewhere(options),
        development: options.is_development,
    };
    Ok(secure.is_wanted().then_some(secure))
}

fn elsewhere(options: &options::Headers) -> Option<Elsewhere> {
    let rules = Elsewhere {
        tls_only: options.ssl_redirect.unwrap_or(false),
        status: match options.ssl_temporary_redirect {
            Some(true) => 307,
            Some(false) | None => 301,
        },
        host: options
            .ssl_host
            .as_deref()
            .unwrap_or_default()
            .as_bytes()
            .into(),
        one_host: options.ssl_force_host.unwrap_or(false),
    };
    (rules.tls_only || rules.one_host).then_some(rules)
}

fn sts(options: &options::Headers) -> Option<String> {
    (options.sts_seconds > 0).then(|| {
        let subdomains = if options.sts_include_subdomains {
            "; includeSubDomains"
        } else {
            ""
        };
        let preload = if options.sts_preload { "; preload" } else { "" };
        format!("max-age={}{subdomains}{preload}", options.sts_seconds)
    })
}

/// The fields that every answer gets.
fn fields(options: &options::Headers) -> Box<[Field]> {
    let or = |custom: &str, on: bool, standard: &str| match (custom.is_empty(), on) {
        (false, _) => custom.to_owned(),
        (true, true) => standard.to_owned(),
        (true, false) => String::new(),
    };
    let xss = or(
        &options.custom_browser_xss_value,
        options.browser_xss_filter,
        "1; mode=block",
    );
    let table = [
        (
            "X-Frame-Options",
            or(
                &options.custom_frame_options_value,
                options.frame_deny,
                "DENY",
            ),
        ),
        (
            "X-Content-Type-Options",
            or("", options.content_type_nosniff, "nosniff"),
        ),
        ("X-XSS-Protection", xss),
        (
            "Content-Security-Policy",
            options.content_security_policy.clone(),
        ),
        (
            "Content-Security-Policy-Report-Only",
            options.content_security_policy_report_only.clone(),
        ),
        ("Referrer-Policy", options.referrer_policy.clone()),
        ("Permissions-Policy", options.permissions_policy.clone()),
        (
            "Feature-Policy",
            options.feature_policy.clone().unwrap_or_default(),
        ),
    ];
    table
        .into_iter()
        .filter_map(|(name, value)| named(name, value))
        .collect()
}

fn named(name: &str, value: String) -> Option<Field> {
    let value = value.into_bytes().into_boxed_slice();
    (!value.is_empty()).then_some((HeaderName::new(name).ok()?, value))
}
