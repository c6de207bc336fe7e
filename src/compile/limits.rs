//! Middlewares that limit what comes in: ipAllowList, rateLimit, inFlightReq, circuitBreaker.

use std::sync::Arc;
use std::time::Duration;

use crate::base::Networks;
use crate::base::limits::REDIS_CONNECTIONS_MAX;
use crate::board::{Pace, Spans};
use crate::config::GoDuration;
use crate::config::dynamic::middleware as options;
use crate::middleware::{
    CircuitBreaker, InFlightReq, IpAllowList, IpStrategy, Middleware, RateLimit, RateRules,
    RedisStore, Shared, Source,
};
use crate::wire::HeaderName;

use super::services::Flaw;

pub(super) fn ip_allow_list(
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
    let status = status_or("ipAllowList.rejectStatusCode", status, 403)?;
    Ok(Middleware::IpAllowList(IpAllowList::new(
        allowed, strategy, status,
    )))
}

fn networks(field: &str, texts: &[String]) -> Result<Networks, Flaw> {
    Networks::parse(texts.iter().map(String::as_str)).map_err(|text| {
        let message = format!("`{text}` is no address and no range");
        Flaw::new(field, message, "write 10.0.0.0/8 or 192.168.1.7")
    })
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

/// A status that an answer can have; 0 stands for the usual one.
fn status_or(field: &str, status: i64, usual: u16) -> Result<u16, Flaw> {
    if status == 0 {
        return Ok(usual);
    }
    let status = u16::try_from(status).ok();
    status
        .filter(|status| (200..=599).contains(status))
        .ok_or_else(|| Flaw::new(field, "is no HTTP status", "write 200 to 599"))
}

/// At most one criterion; without any, `usual`.
fn source(
    kind: &str,
    options: Option<&options::SourceCriterion>,
    usual: Source,
) -> Result<Source, Flaw> {
    let Some(options) = options else {
        return Ok(usual);
    };
    let strategy = options.ip_strategy.as_deref();
    let header = Some(&options.request_header_name).filter(|name| !name.is_empty());
    match (strategy, header, options.request_host) {
        (None, None, false) => Ok(usual),
        (Some(strategy), None, false) => ip_strategy(strategy).map(Source::Address),
        (None, Some(name), false) => HeaderName::new(name).map(Source::Header).map_err(|_| {
            let field = format!("{kind}.sourceCriterion.requestHeaderName");
            Flaw::new(field, "is no header name", "use letters, digits and dashes")
        }),
        (None, None, true) => Ok(Source::Host),
        _ => {
            let hint = "give one of ipStrategy, requestHeaderName, requestHost";
            let field = format!("{kind}.sourceCriterion");
            Err(Flaw::new(field, "several criteria at once", hint))
        }
    }
}

/// `name` is the middleware's own, for buckets that several routers share.
pub(super) fn rate_limit(name: &str, options: &options::RateLimit) -> Result<Middleware, Flaw> {
    let usual = Source::Address(IpStrategy::default());
    let source = source("rateLimit", options.source_criterion.as_deref(), usual)?;
    let number = |field: &str, number: i64| {
        u64::try_from(number).map_err(|_| {
            let field = format!("rateLimit.{field}");
            Flaw::new(field, "must not be negative", "write 0 or more")
        })
    };
    let average = number("average", options.average)?;
    let burst = number("burst", options.burst)?.max(1);
    let period = options
        .period
        .as_std()
        .ok_or_else(|| Flaw::new("rateLimit.period", "must not be negative", "such as 1s"))?;
    let period = if period.is_zero() {
        Duration::from_secs(1)
    } else {
        period
    };
    let redis = options.redis.as_deref().map(redis).transpose()?;
    let rules = RateRules {
        pace: (average > 0).then(|| Pace::new(average, period, burst, wait_max(average, period))),
        source,
        shared: redis.map(|store| Shared {
            store: Arc::new(store),
            name: name.into(),
        }),
        retry_in: HeaderName::new("X-Retry-In")
            .map_err(|_| Flaw::new("rateLimit", "cannot name X-Retry-In", ""))?,
    };
    Ok(Middleware::RateLimit(RateLimit::new(Arc::new(rules))))
}

/// A request waits at most half the time between two tokens of the whole rate, and never more
/// than half a second (features 6, rateLimit).
fn wait_max(average: u64, period: Duration) -> Duration {
    let whole_rate = u128::from(average) * 1_000_000_000 / period.as_nanos().max(1);
    let nanos = 1_000_000_000 / (whole_rate.max(1) * 2);
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
}

fn redis(options: &options::Redis) -> Result<RedisStore, Flaw> {
    let field = |name: &str| format!("rateLimit.redis.{name}");
    if options.tls.is_some() {
        let hint = "reach Redis without TLS, over a network that you trust";
        return Err(Flaw::new(field("tls"), "is not served yet", hint));
    }
    let [endpoint] = &options.endpoints[..] else {
        let message = "several endpoints (a Redis cluster) are not served yet";
        return Err(Flaw::new(field("endpoints"), message, "name one host:port"));
    };
    let wrong = || Flaw::new(field("endpoints"), "is no host:port", "such as redis:6379");
    let (host, port) = endpoint.rsplit_once(':').ok_or_else(wrong)?;
    if host.is_empty() || port.parse::<u16>().is_err() {
        return Err(wrong());
    }
    let count = |name: &str, number: i64| {
        usize::try_from(number).map_err(|_| Flaw::new(field(name), "must not be negative", ""))
    };
    let pool = count("poolSize", options.pool_size)?;
    let active = count("maxActiveConns", options.max_active_conns)?;
    let idle = count("minIdleConns", options.min_idle_conns)?;
    let given = [active, pool].into_iter().find(|number| *number > 0);
    let connections_max = given.map_or(REDIS_CONNECTIONS_MAX, |most| {
        most.min(REDIS_CONNECTIONS_MAX)
    });
    let timeout = |given: Option<GoDuration>, usual: u64| {
        let given = given.and_then(GoDuration::as_std);
        given
            .filter(|span| !span.is_zero())
            .unwrap_or_else(|| Duration::from_secs(usual))
    };
    Ok(RedisStore {
        endpoint: endpoint.as_str().into(),
        username: options.username.as_str().into(),
        password: options.password.clone(),
        database: options.db,
        connections_min: idle.min(connections_max),
        connections_max,
        dial_timeout: timeout(options.dial_timeout, 5),
        read_timeout: timeout(options.read_timeout, 3),
        write_timeout: timeout(options.write_timeout, 3),
    })
}

pub(super) fn in_flight_req(options: &options::InFlightReq) -> Result<Middleware, Flaw> {
    let criterion = options.source_criterion.as_deref();
    let source = source("inFlightReq", criterion, Source::Host)?;
    let amount = u64::try_from(options.amount).map_err(|_| {
        let hint = "write how many requests may be under way at once";
        Flaw::new("inFlightReq.amount", "must not be negative", hint)
    })?;
    Ok(Middleware::InFlightReq(InFlightReq::new(amount, source)))
}

pub(super) fn circuit_breaker(options: &options::CircuitBreaker) -> Result<Middleware, Flaw> {
    let span = |given: GoDuration, usual: Duration| {
        let given = given.as_std().filter(|span| !span.is_zero());
        given.unwrap_or(usual)
    };
    let ten = Duration::from_secs(10);
    let spans = Spans {
        check: span(options.check_period, Duration::from_millis(100)),
        fallback: span(options.fallback_duration, ten),
        recovery: span(options.recovery_duration, ten),
    };
    let status = status_or("circuitBreaker.responseCode", options.response_code, 503)?;
    let step = CircuitBreaker::new(&options.expression, spans, status).map_err(|fault| {
        let hint = "such as ResponseCodeRatio(500, 600, 0, 600) > 0.25";
        Flaw::new("circuitBreaker.expression", fault.to_string(), hint)
    })?;
    Ok(Middleware::CircuitBreaker(Box::new(step)))
}
