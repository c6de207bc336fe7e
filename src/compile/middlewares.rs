//! Middlewares from their configuration.

use regex_automata::meta::Regex;

use crate::config::dynamic::{Middleware as Options, middleware as options};
use crate::middleware::{
    AddPrefix, ContentType, Middleware, PassTlsClientCert, RedirectRegex, RedirectScheme,
    ReplacePath, ReplacePathRegex, StripPrefix, StripPrefixRegex, Template,
};

use super::asking::{errors, forward_auth};
use super::content::{compress, encoded_characters, grpc_web};
use super::headers::headers;
use super::services::Flaw;
use super::{auth, bodies, limits};

/// One middleware; `name` is its own, with its provider. An error says which option is wrong and
/// what would be right.
pub(super) fn middleware(name: &str, all: &Options) -> Result<Middleware, Flaw> {
    match all {
        Options::AddPrefix(options) => add_prefix(options),
        Options::Compress(options) => compress(options),
        Options::ContentType(_) => Ok(Middleware::ContentType(ContentType)),
        Options::EncodedCharacters(options) => Ok(encoded_characters(options)),
        Options::Errors(options) => errors(options),
        Options::ForwardAuth(options) => forward_auth(options),
        Options::GrpcWeb(_) => Err(grpc_web()),
        Options::BasicAuth(options) => auth::basic_auth(options),
        Options::Buffering(options) => bodies::buffering(options),
        Options::CircuitBreaker(options) => limits::circuit_breaker(options),
        Options::DigestAuth(options) => auth::digest_auth(options),
        Options::InFlightReq(options) => limits::in_flight_req(options),
        Options::RateLimit(options) => limits::rate_limit(name, options),
        Options::Headers(options) => headers(options),
        Options::IpAllowList(options) => {
            let strategy = options.ip_strategy.as_deref();
            limits::ip_allow_list(&options.source_range, strategy, options.reject_status_code)
        }
        Options::IpWhiteList(options) => {
            limits::ip_allow_list(&options.source_range, options.ip_strategy.as_deref(), 0)
        }
        Options::PassTlsClientCert(_) => Ok(Middleware::PassTlsClientCert(PassTlsClientCert)),
        Options::RedirectRegex(options) => {
            let pattern = pattern("redirectRegex.regex", &options.regex)?;
            let replacement = Template::read(&options.replacement);
            let step = RedirectRegex::new(pattern, replacement, options.permanent);
            Ok(Middleware::RedirectRegex(step))
        }
        Options::RedirectScheme(options) => redirect_scheme(options),
        Options::ReplacePath(options) => {
            Ok(Middleware::ReplacePath(ReplacePath::new(&options.path)))
        }
        Options::Retry(options) => bodies::retry(options),
        Options::StripPrefix(options) => {
            let force_slash = options.force_slash.unwrap_or(false);
            Ok(Middleware::StripPrefix(StripPrefix::new(
                &options.prefixes,
                force_slash,
            )))
        }
        Options::ReplacePathRegex(options) => {
            let pattern = pattern("replacePathRegex.regex", &options.regex)?;
            let replacement = Template::read(&options.replacement);
            Ok(Middleware::ReplacePathRegex(ReplacePathRegex::new(
                pattern,
                replacement,
            )))
        }
        Options::StripPrefixRegex(options) => {
            let patterns = options
                .regex
                .iter()
                .map(|text| pattern("stripPrefixRegex.regex", text.trim()));
            let step = StripPrefixRegex::new(patterns.collect::<Result<_, _>>()?);
            Ok(Middleware::StripPrefixRegex(step))
        }
        Options::Mixed(_) => {
            let message = "it must have exactly one kind";
            Err(Flaw::new(
                "",
                message,
                "write one kind, such as stripPrefix, for each middleware",
            ))
        }
        Options::Chain(_) | Options::Plugin(_) => Err(unserved(all.kind())),
    }
}

fn unserved(kind: &str) -> Flaw {
    let message = format!("the middleware {kind} is not served yet");
    let hint = "take it off the router, or keep that router on Traefik";
    Flaw::new(kind, message, hint)
}

pub(super) fn pattern(field: &str, text: &str) -> Result<Regex, Flaw> {
    super::regex::compile(text)
        .map_err(|message| Flaw::new(field, message, "write a regular expression as Go reads it"))
}

fn add_prefix(options: &options::AddPrefix) -> Result<Middleware, Flaw> {
    if options.prefix.is_empty() {
        return Err(Flaw::new(
            "addPrefix.prefix",
            "the prefix is missing",
            "write prefix: /foo",
        ));
    }
    Ok(Middleware::AddPrefix(AddPrefix::new(&options.prefix)))
}

fn redirect_scheme(options: &options::RedirectScheme) -> Result<Middleware, Flaw> {
    if options.scheme.is_empty() {
        let field = "redirectScheme.scheme";
        return Err(Flaw::new(
            field,
            "the scheme is missing",
            "write scheme: https",
        ));
    }
    let step = RedirectScheme::new(&options.scheme, &options.port, options.permanent);
    Ok(Middleware::RedirectScheme(step))
}
