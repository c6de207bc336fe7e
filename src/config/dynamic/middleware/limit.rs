use crate::config::decode::record;
use crate::config::duration::GoDuration;
use crate::config::secret::Secret;

use super::auth::ClientTls;

record! {
    /// Lets in only some addresses.
    pub struct IpAllowList {
        source_range "sourceRange": Vec<String>,
        ip_strategy "ipStrategy": Option<Box<IpStrategy>>,
        /// 0: 403.
        reject_status_code "rejectStatusCode": i64,
    }
}

record! {
    /// `ipAllowList` under its old name.
    pub struct IpWhiteList {
        source_range "sourceRange": Vec<String>,
        ip_strategy "ipStrategy": Option<Box<IpStrategy>>,
    }
}

record! {
    /// Which address of X-Forwarded-For counts.
    pub struct IpStrategy {
        /// Counted from the right; 0: the connection's own address.
        depth "depth": i64,
        excluded_ips "excludedIPs": Vec<String>,
        /// Bits of an IPv6 address that count.
        ipv6_subnet "ipv6Subnet": Option<i64>,
    }
}

record! {
    /// What requests are told apart by; at most one.
    pub struct SourceCriterion {
        ip_strategy "ipStrategy": Option<Box<IpStrategy>>,
        request_header_name "requestHeaderName": String,
        request_host "requestHost": bool,
    }
}

record! {
    /// Limits how many requests come in a time.
    pub struct RateLimit {
        /// Requests per `period`; 0: no limit.
        average "average": i64,
        period "period": GoDuration = GoDuration::from_secs(1),
        burst "burst": i64 = 1,
        source_criterion "sourceCriterion": Option<Box<SourceCriterion>>,
        redis "redis": Option<Box<Redis>>,
    }
}

record! {
    /// A Redis that counts for several routers.
    pub struct Redis {
        endpoints "endpoints": Vec<String> = vec!["127.0.0.1:6379".to_owned()],
        tls "tls": Option<Box<ClientTls>>,
        username "username": String,
        password "password": Secret,
        db "db": i64,
        pool_size "poolSize": i64,
        min_idle_conns "minIdleConns": i64,
        max_active_conns "maxActiveConns": i64,
        read_timeout "readTimeout": Option<GoDuration> = Some(GoDuration::from_secs(3)),
        write_timeout "writeTimeout": Option<GoDuration> = Some(GoDuration::from_secs(3)),
        dial_timeout "dialTimeout": Option<GoDuration> = Some(GoDuration::from_secs(5)),
    }
}

record! {
    /// Limits how many requests are under way at once.
    pub struct InFlightReq {
        amount "amount": i64,
        /// Not given: by the requested host.
        source_criterion "sourceCriterion": Option<Box<SourceCriterion>>,
    }
}

record! {
    /// Takes whole bodies in before passing them on.
    pub struct Buffering {
        /// 0: no limit.
        max_request_body_bytes "maxRequestBodyBytes": i64,
        disable_request_buffer "disableRequestBuffer": bool,
        /// Larger bodies go to disk; 0: 1 MiB.
        mem_request_body_bytes "memRequestBodyBytes": i64,
        /// 0: no limit.
        max_response_body_bytes "maxResponseBodyBytes": i64,
        disable_response_buffer "disableResponseBuffer": bool,
        /// Larger bodies go to disk; 0: 1 MiB.
        mem_response_body_bytes "memResponseBodyBytes": i64,
        retry_expression "retryExpression": String,
    }
}

record! {
    /// Stops asking a service that fails.
    pub struct CircuitBreaker {
        expression "expression": String,
        check_period "checkPeriod": GoDuration = GoDuration::from_millis(100),
        fallback_duration "fallbackDuration": GoDuration = GoDuration::from_secs(10),
        recovery_duration "recoveryDuration": GoDuration = GoDuration::from_secs(10),
        response_code "responseCode": i64 = 503,
    }
}

record! {
    /// Asks again.
    pub struct Retry {
        /// All attempts, the first included.
        attempts "attempts": i64,
        /// First wait; 0: none.
        initial_interval "initialInterval": GoDuration,
        /// For all attempts together; 0: no limit.
        timeout "timeout": GoDuration,
        /// Larger bodies are not sent twice; not given: 2 MiB.
        max_request_body_bytes "maxRequestBodyBytes": Option<i64>,
        /// Answers that ask for another attempt, such as `500-599`.
        status "status": Vec<String>,
        disable_retry_on_network_error "disableRetryOnNetworkError": bool,
        retry_non_idempotent_method "retryNonIdempotentMethod": bool,
    }
}
