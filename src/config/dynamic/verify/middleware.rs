use super::{Check, check_ranges, check_status, error};
use crate::config::decode::Inspector;
use crate::config::dynamic::Middleware;
use crate::config::dynamic::middleware::{
    AddPrefix, BasicAuth, Compress, IpAllowList, IpWhiteList, RateLimit, RedirectScheme, Retry,
    SourceCriterion,
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
            Self::StripPrefix(_)
            | Self::StripPrefixRegex(_)
            | Self::ReplacePath(_)
            | Self::ReplacePathRegex(_)
            | Self::Chain(_)
            | Self::Headers(_)
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
    }
}

impl Check for IpAllowList {
    fn check(&self, inspector: &mut Inspector<'_>) {
        check_ranges(&self.source_range, inspector);
    }
}

impl Check for IpWhiteList {
    fn check(&self, inspector: &mut Inspector<'_>) {
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
