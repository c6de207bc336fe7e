//! Middlewares from their configuration.

use std::fs;

use regex_automata::meta::Regex;

use crate::base::Networks;
use crate::config::Secret;
use crate::config::dynamic::{Middleware as Options, middleware as options};
use crate::middleware::{
    AddPrefix, BasicAuth, ContentType, IpAllowList, IpStrategy, Middleware, PassTlsClientCert,
    RedirectRegex, RedirectScheme, ReplacePath, ReplacePathRegex, Retry, StripPrefix,
    StripPrefixRegex, Template, UsersFault, read_users,
};
use crate::wire::HeaderName;

use super::content::{compress, encoded_characters, grpc_web};
use super::headers::headers;
use super::services::Flaw;

/// One middleware; an error says which option is wrong and what would be right.
pub(super) fn middleware(all: &Options) -> Result<Middleware, Flaw> {
    match all {
        Options::AddPrefix(options) => add_prefix(options),
        Options::BasicAuth(options) => basic_auth(options),
        Options::Compress(options) => compress(options),
        Options::ContentType(_) => Ok(Middleware::ContentType(ContentType)),
        Options::EncodedCharacters(options) => Ok(encoded_characters(options)),
        Options::GrpcWeb(_) => Err(grpc_web()),
        Options::Headers(options) => headers(options),
        Options::IpAllowList(options) => {
            let strategy = options.ip_strategy.as_deref();
            ip_allow_list(&options.source_range, strategy, options.reject_status_code)
        }
        Options::IpWhiteList(options) => {
            ip_allow_list(&options.source_range, options.ip_strategy.as_deref(), 0)
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
        Options::Retry(options) => retry(options),
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
        Options::Chain(_)
        | Options::Errors(_)
        | Options::RateLimit(_)
        | Options::DigestAuth(_)
        | Options::ForwardAuth(_)
        | Options::InFlightReq(_)
        | Options::Buffering(_)
        | Options::CircuitBreaker(_)
        | Options::Plugin(_) => Err(unserved(all.kind())),
    }
}

fn unserved(kind: &str) -> Flaw {
    let message = format!("the middleware {kind} is not served yet");
    let hint = "take it off the router, or keep that router on Traefik";
    Flaw::new(kind, message, hint)
}

fn pattern(field: &str, text: &str) -> Result<Regex, Flaw> {
    super::regex::compile(text)
        .map_err(|message| Flaw::new(field, message, "write a regular expression as Go reads it"))
}

fn networks(field: &str, texts: &[String]) -> Result<Networks, Flaw> {
    Networks::parse(texts.iter().map(String::as_str)).map_err(|text| {
        let message = format!("`{text}` is no address and no range");
        Flaw::new(field, message, "write 10.0.0.0/8 or 192.168.1.7")
    })
}

fn ip_allow_list(
    ranges: &[String],
    strategy: Option<&options::IpStrategy>,
    status: i64,
) -> Result<Middleware, Flaw> {
    if ranges.is_empty() {
        let hint = "write sourceRange: [10.0.0.0/8]";
        return Err(Flaw::new(
            "ipAllowList.sourceRange",
            "no range is given",
            hint,
        ));
    }
    let allowed = networks("ipAllowList.sourceRange", ranges)?;
    let strategy = strategy.map_or_else(|| Ok(IpStrategy::default()), ip_strategy)?;
    let status = if status == 0 { 403 } else { status };
    let status = u16::try_from(status)
        .ok()
        .filter(|status| (200..=599).contains(status));
    let status = status.ok_or_else(|| {
        Flaw::new(
            "ipAllowList.rejectStatusCode",
            "is no HTTP status",
            "write 403 or 404",
        )
    })?;
    Ok(Middleware::IpAllowList(IpAllowList::new(
        allowed, strategy, status,
    )))
}

fn ip_strategy(options: &options::IpStrategy) -> Result<IpStrategy, Flaw> {
    let bits = options.ipv6_subnet.map(|bits| {
        let bits = u8::try_from(bits).ok().filter(|bits| *bits <= 128);
        bits.ok_or_else(|| Flaw::new("ipStrategy.ipv6Subnet", "is no length", "write 0 to 128"))
    });
    Ok(IpStrategy {
        depth: usize::try_from(options.depth).unwrap_or(0),
        excluded: networks("ipStrategy.excludedIPs", &options.excluded_ips)?,
        ipv6_bits: bits.transpose()?,
    })
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

fn retry(options: &options::Retry) -> Result<Middleware, Flaw> {
    let attempts = u32::try_from(options.attempts)
        .ok()
        .filter(|tries| *tries > 0);
    let attempts = attempts.ok_or_else(|| {
        let hint = "write attempts: 3 (the first one counts)";
        Flaw::new("retry.attempts", "must be at least 1", hint)
    })?;
    let unserved = [
        ("status", !options.status.is_empty()),
        ("timeout", !options.timeout.is_zero()),
        (
            "maxRequestBodyBytes",
            options.max_request_body_bytes.is_some(),
        ),
        (
            "disableRetryOnNetworkError",
            options.disable_retry_on_network_error,
        ),
        (
            "retryNonIdempotentMethod",
            options.retry_non_idempotent_method,
        ),
    ];
    if let Some((name, _)) = unserved.iter().find(|(_, set)| *set) {
        let message = format!("the option {name} is not served yet");
        let hint = "remove it: attempts and initialInterval are served";
        return Err(Flaw::new(format!("retry.{name}"), message, hint));
    }
    let interval = options.initial_interval.as_std().unwrap_or_default();
    Ok(Middleware::Retry(Retry::new(attempts, interval)))
}

fn basic_auth(options: &options::BasicAuth) -> Result<Middleware, Flaw> {
    let mut text = String::new();
    let path = &options.users_file;
    if !path.is_empty() {
        text = fs::read_to_string(path).map_err(|error| {
            let message = format!("cannot read {path}: {error}");
            Flaw::new(
                "basicAuth.usersFile",
                message,
                "name a readable file of user:hash lines",
            )
        })?;
    }
    // Inline users win over those of the file (features 6).
    let inline = options.users.iter().map(Secret::expose);
    let users = read_users(text.lines().chain(inline)).map_err(|fault| users_flaw(&fault))?;
    let realm = if options.realm.is_empty() {
        "traefik"
    } else {
        &options.realm
    };
    let field = Some(&options.header_field).filter(|name| !name.is_empty());
    let field = field
        .map(|name| HeaderName::new(name))
        .transpose()
        .map_err(|_| {
            Flaw::new(
                "basicAuth.headerField",
                "is no header name",
                "use letters, digits and dashes",
            )
        })?;
    let step = BasicAuth::new(users, realm).map_err(|fault| users_flaw(&fault))?;
    Ok(Middleware::BasicAuth(
        step.removing_header(options.remove_header)
            .naming_user_in(field),
    ))
}

fn users_flaw(fault: &UsersFault) -> Flaw {
    const HINT: &str = "write user:hash as `htpasswd -nB user` prints it";
    let message = match fault {
        UsersFault::NoUsers => "there are no users, so nobody could be let in".to_owned(),
        UsersFault::NoColon { line } => format!("user {line} has no colon"),
        UsersFault::Hash { line, .. } => format!("user {line} has a hash of no known kind"),
    };
    Flaw::new("basicAuth.users", message, HINT)
}
