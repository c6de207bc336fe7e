//! Middlewares that ask another service, from their configuration: forwardAuth and errors.

use crate::base::limits::FORWARD_AUTH_REPLY_BYTES_MAX;
use crate::config::dynamic::{self, middleware as options};
use crate::middleware::{Address, Errors, ForwardAuth, Middleware, StatusRanges, is_url};
use crate::wire::HeaderName;

use super::services::Flaw;

pub(super) fn forward_auth(options: &options::ForwardAuth) -> Result<Middleware, Flaw> {
    if options.tls.is_some() {
        let message = "TLS towards the auth server is not served yet";
        return Err(Flaw::new(
            "forwardAuth.tls",
            message,
            "use an http address without tls",
        ));
    }
    let pattern = Some(&options.auth_response_headers_regex).filter(|text| !text.is_empty());
    let pattern = pattern.map(|text| {
        let field = "forwardAuth.authResponseHeadersRegex";
        super::middlewares::pattern(field, text)
    });
    let user = Some(&options.header_field).filter(|name| !name.is_empty());
    let user = user.map(|text| name("forwardAuth.headerField", text));
    let sign_in = Some(&options.auth_signin_url).filter(|text| !text.is_empty());
    if let Some(text) = sign_in.filter(|text| !is_url(text.as_bytes())) {
        let message = format!("`{text}` is no URL");
        let hint = "write one such as https://auth.example.com/login";
        return Err(Flaw::new("forwardAuth.authSigninURL", message, hint));
    }
    // A negative number is no limit.
    let limit = |bytes: i64| u64::try_from(bytes).ok();
    Ok(Middleware::ForwardAuth(ForwardAuth {
        address: address(&options.address)?,
        trust: options.trust_forward_header.unwrap_or(false),
        response_fields: names(
            "forwardAuth.authResponseHeaders",
            &options.auth_response_headers,
        )?,
        response_pattern: pattern.transpose()?,
        request_fields: names(
            "forwardAuth.authRequestHeaders",
            &options.auth_request_headers,
        )?,
        cookies: options
            .add_auth_cookies_to_response
            .iter()
            .map(|name| name.as_bytes().into())
            .collect(),
        user_field: user.transpose()?,
        body: options
            .forward_body
            .then(|| options.max_body_size.and_then(limit)),
        reply_bytes_max: match options.max_response_body_size {
            None => Some(FORWARD_AUTH_REPLY_BYTES_MAX),
            Some(bytes) => limit(bytes),
        },
        keep_location: options.preserve_location_header,
        keep_method: options.preserve_request_method,
        sign_in: sign_in.map(|text| text.as_bytes().into()),
    }))
}

/// The service that stands for the auth server.
pub(super) fn auth_balancer(options: &options::ForwardAuth) -> dynamic::LoadBalancer {
    let (origin, _) = split(&options.address);
    dynamic::LoadBalancer {
        servers: vec![dynamic::Server {
            url: origin.to_owned(),
            ..dynamic::Server::default()
        }],
        ..dynamic::LoadBalancer::default()
    }
}

/// `http://host:port`, and what follows.
fn split(address: &str) -> (&str, &str) {
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find(['/', '?', '#']);
    address.split_at(end.map_or(address.len(), |at| start + at))
}

fn address(text: &str) -> Result<Address, Flaw> {
    let wrong = |message: String, hint| Flaw::new("forwardAuth.address", message, hint);
    let hint = "write one such as http://auth:8080/check";
    if text.is_empty() {
        return Err(wrong("the address is missing".to_owned(), hint));
    }
    let (origin, rest) = split(text);
    let Some((scheme, host)) = origin.split_once("://") else {
        return Err(wrong(format!("`{text}` has no scheme"), hint));
    };
    if scheme == "https" {
        let message = "https towards the auth server is not served yet".to_owned();
        return Err(wrong(message, "use an http address"));
    }
    if scheme != "http" || host.is_empty() || !is_url(text.as_bytes()) {
        return Err(wrong(format!("`{text}` is no http URL"), hint));
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let (path, query) = match rest.split_once('?') {
        Some((path, query)) => (path, Some(query.as_bytes().into())),
        None => (rest, None),
    };
    let path = if path.is_empty() { "/" } else { path };
    Ok(Address {
        host: host.as_bytes().into(),
        path: path.as_bytes().into(),
        query,
    })
}

pub(super) fn errors(options: &options::Errors) -> Result<Middleware, Flaw> {
    if options.service.is_empty() {
        let hint = "name the service that has the pages";
        return Err(Flaw::new("errors.service", "the service is missing", hint));
    }
    let rewrites = options.status_rewrites.iter().map(|(from, to)| {
        let field = "errors.statusRewrites";
        let to = u16::try_from(*to)
            .ok()
            .filter(|to| (200..=999).contains(to));
        let to = to.ok_or_else(|| {
            Flaw::new(
                field,
                format!("`{from}` becomes no status"),
                "write one such as 404",
            )
        })?;
        Ok((ranges(field, std::slice::from_ref(from))?, to))
    });
    let fields = options.error_request_headers.as_ref();
    let fields = fields.map(|texts| names("errors.errorRequestHeaders", texts));
    Ok(Middleware::Errors(Errors {
        caught: ranges("errors.status", &options.status)?,
        rewrites: rewrites.collect::<Result<_, Flaw>>()?,
        query: options.query.as_str().into(),
        request_fields: fields.transpose()?,
    }))
}

fn ranges(field: &str, items: &[String]) -> Result<StatusRanges, Flaw> {
    StatusRanges::read(items.iter().map(String::as_str)).map_err(|item| {
        let message = format!("`{item}` is no status");
        Flaw::new(field, message, "write 404 or 500-599")
    })
}

fn name(field: &str, text: &str) -> Result<HeaderName, Flaw> {
    HeaderName::new(text).map_err(|_| {
        let message = format!("`{text}` is no header name");
        Flaw::new(field, message, "use letters, digits and dashes")
    })
}

fn names(field: &str, texts: &[String]) -> Result<Box<[HeaderName]>, Flaw> {
    texts.iter().map(|text| name(field, text)).collect()
}
