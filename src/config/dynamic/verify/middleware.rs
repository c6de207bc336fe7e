use super::{Check, check_ranges, check_status, error};
use crate::config::decode::Inspector;
use crate::config::dynamic::Middleware;
use crate::config::dynamic::middleware::{
    AddPrefix, BasicAuth, Compress, Headers, IpAllowList, IpWhiteList, RateLimit, RedirectScheme,
    Retry, SourceCriterion, StripPrefix,
};

impl Check for Middleware {
    fn check(&self, inspector: &mut Inspector<'_>) {
        inspector.inside(self.kind(), |inspector| match self {
            Self::AddPrefix(it) => it.check(inspector),
            Self::BasicAuth(it) => it.check(inspector),
            Self::Compress(it) => it.check(inspector),
            Self::IpAllowList(it) => it.check(inspector),
            Self::IpWhiteList(it) => it.check(inspector),
            Self::RateLimit(it) => it.check(inspector),
            Self::RedirectScheme(it) => it.check(inspector),
            Self::Retry(it) => it.check(inspector),
            Self::Errors(it) => check_status(&it.status, inspector),
            Self::InFlightReq(it) => check_source(it.source_criterion.as_deref(), inspector),
            Self::StripPrefix(it) => it.check(inspector),
            Self::Headers(it) => it.check(inspector),
            Self::StripPrefixRegex(_)
            | Self::ReplacePath(_)
            | Self::ReplacePathRegex(_)
            | Self::Chain(_)
            | Self::RedirectRegex(_)
            | Self::DigestAuth(_)
            | Self::ForwardAuth(_)
            | Self::Buffering(_)
            | Self::CircuitBreaker(_)
            | Self::PassTlsClientCert(_)
            | Self::ContentType(_)
            | Self::GrpcWeb(_)
            | Self::EncodedCharacters(_)
            | Self::Plugin(_)
            | Self::Mixed(_) => {}
        });
    }
}

impl Check for AddPrefix {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.prefix.is_empty() {
            error(inspector, "prefix", "must not be empty", "such as /api");
        }
    }
}

impl Check for BasicAuth {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.users.is_empty() && self.users_file.is_empty() {
            error(
                inspector,
                "users",
                "there is no user",
                "name:hash, as htpasswd writes it",
            );
        }
    }
}

impl Check for Compress {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if !self.excluded_content_types.is_empty() && !self.included_content_types.is_empty() {
            error(
                inspector,
                "includedContentTypes",
                "does not go together with excludedContentTypes",
                "leave one of them out",
            );
        }
        if self.default_encoding == "gzip" {
            inspector.inside("defaultEncoding", |inspector| {
                let hint = "br and zstd do; gzip is sent to clients that ask for it";
                let message = "gzip as the default does nothing, as in Traefik";
                inspector.warning(message, Some(hint.to_owned()));
            });
        }
    }
}

/// Options of v2 that v3 dropped: they still work, and the user learns what to write.
impl Check for Headers {
    fn check(&self, inspector: &mut Inspector<'_>) {
        let tls = "a middleware redirectScheme with scheme: https";
        let regex = "a middleware redirectRegex that names the host";
        let table = [
            ("sslRedirect", self.ssl_redirect.is_some(), tls),
            (
                "sslTemporaryRedirect",
                self.ssl_temporary_redirect.is_some(),
                "a middleware redirectScheme without permanent",
            ),
            ("sslHost", self.ssl_host.is_some(), regex),
            ("sslForceHost", self.ssl_force_host.is_some(), regex),
            (
                "featurePolicy",
                self.feature_policy.is_some(),
                "permissionsPolicy",
            ),
        ];
        for (field, given, instead) in table {
            if given {
                gone(inspector, field, instead);
            }
        }
    }
}

impl Check for StripPrefix {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.force_slash.is_some() {
            let instead = "nothing: a path cut whole is sent as a slash in any case";
            gone(inspector, "forceSlash", instead);
        }
    }
}

fn gone(inspector: &mut Inspector<'_>, field: &str, instead: &str) {
    inspector.inside(field, |inspector| {
        let hint = format!("write {instead}");
        inspector.warning(
            "is an option of v2, which v3 dropped; it still works",
            Some(hint),
        );
    });
}

impl Check for IpAllowList {
    fn check(&self, inspector: &mut Inspector<'_>) {
        check_ranges(&self.source_range, inspector);
    }
}

impl Check for IpWhiteList {
    fn check(&self, inspector: &mut Inspector<'_>) {
        let hint = "write ipAllowList, with the same fields";
        inspector.warning("this is the name of Traefik 2", Some(hint.to_owned()));
        check_ranges(&self.source_range, inspector);
    }
}

impl Check for RateLimit {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.period.is_negative() {
            error(inspector, "period", "must not be negative", "such as 1s");
        }
        check_source(self.source_criterion.as_deref(), inspector);
    }
}

impl Check for RedirectScheme {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.scheme.is_empty() {
            error(inspector, "scheme", "must not be empty", "such as https");
        }
    }
}

impl Check for Retry {
    fn check(&self, inspector: &mut Inspector<'_>) {
        if self.attempts <= 0 {
            error(
                inspector,
                "attempts",
                "must be at least 1",
                "the first attempt counts too",
            );
        }
        if self.status.is_empty() && self.disable_retry_on_network_error {
            error(
                inspector,
                "disableRetryOnNetworkError",
                "without status there is nothing left to retry on",
                "name some status, such as 500-599",
            );
        }
        check_status(&self.status, inspector);
    }
}

fn check_source(source: Option<&SourceCriterion>, inspector: &mut Inspector<'_>) {
    let Some(source) = source else { return };
    let by_address = source.ip_strategy.is_some();
    let by_header = !source.request_header_name.is_empty();
    let count = [by_address, by_header, source.request_host]
        .into_iter()
        .filter(|given| *given)
        .count();
    if count > 1 {
        error(
            inspector,
            "sourceCriterion",
            "several criteria at once",
            "give one of ipStrategy, requestHeaderName, requestHost",
        );
    }
}
