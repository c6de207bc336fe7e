//! Middlewares that keep bodies: retry, buffering.

use crate::config::GoDuration;
use crate::config::dynamic::middleware as options;
use crate::middleware::{
    Buffering, BufferingRules, Collect, Middleware, Retry, RetryRules, Statuses,
};

use super::services::Flaw;

/// Bytes of a body that retry keeps where nothing else is said.
const RETRY_BODY_BYTES: u64 = 2 * 1024 * 1024;
/// Bytes of a body that buffering keeps in memory where nothing else is said.
const MEMORY_BYTES: u64 = 1024 * 1024;

pub(super) fn retry(options: &options::Retry) -> Result<Middleware, Flaw> {
    let attempts = u32::try_from(options.attempts)
        .ok()
        .filter(|tries| *tries > 0);
    let attempts = attempts.ok_or_else(|| {
        let hint = "write attempts: 3 (the first one counts)";
        Flaw::new("retry.attempts", "must be at least 1", hint)
    })?;
    let statuses = Statuses::read(&options.status).map_err(|text| {
        let message = format!("`{text}` is no status");
        Flaw::new("retry.status", message, "such as 404 or 500-599")
    })?;
    let on_network_error = !options.disable_retry_on_network_error;
    if statuses.is_empty() && !on_network_error {
        let message = "without status there is nothing left to retry on";
        let hint = "name some status, such as 500-599";
        return Err(Flaw::new("retry.disableRetryOnNetworkError", message, hint));
    }
    let body_bytes_max = match options.max_request_body_bytes {
        None => Some(RETRY_BODY_BYTES),
        Some(-1) => None,
        Some(bytes) => Some(u64::try_from(bytes).map_err(|_| {
            let hint = "write -1 for no limit";
            Flaw::new("retry.maxRequestBodyBytes", "must not be negative", hint)
        })?),
    };
    Ok(Middleware::Retry(Retry::new(RetryRules {
        attempts,
        initial_interval: options.initial_interval.as_std().unwrap_or_default(),
        timeout: Some(options.timeout)
            .filter(|timeout| !timeout.is_zero())
            .and_then(GoDuration::as_std),
        body_bytes_max,
        statuses,
        on_network_error,
        any_method: options.retry_non_idempotent_method,
    })))
}

pub(super) fn buffering(options: &options::Buffering) -> Result<Middleware, Flaw> {
    let number = |name: &str, bytes: i64| {
        u64::try_from(bytes).map_err(|_| {
            let field = format!("buffering.{name}");
            Flaw::new(field, "must not be negative", "write 0 for the default")
        })
    };
    let most = |name: &str, bytes: i64| number(name, bytes).map(|n| (n > 0).then_some(n));
    let request_max = most("maxRequestBodyBytes", options.max_request_body_bytes)?;
    let response_max = most("maxResponseBodyBytes", options.max_response_body_bytes)?;
    let request_memory = most("memRequestBodyBytes", options.mem_request_body_bytes)?;
    let response_memory = most("memResponseBodyBytes", options.mem_response_body_bytes)?;
    let wish = |off: bool, memory: Option<u64>, bytes_max: Option<u64>| {
        (!off).then(|| Collect {
            memory_bytes: memory.unwrap_or(MEMORY_BYTES),
            bytes_max,
        })
    };
    let rules = BufferingRules {
        request: wish(options.disable_request_buffer, request_memory, request_max),
        response: wish(
            options.disable_response_buffer,
            response_memory,
            response_max,
        ),
        request_bytes_max: request_max,
        response_bytes_max: response_max,
    };
    let step = Buffering::new(rules, &options.retry_expression).map_err(|fault| {
        let hint = "such as IsNetworkError() && Attempts() <= 2";
        Flaw::new("buffering.retryExpression", fault.to_string(), hint)
    })?;
    Ok(Middleware::Buffering(Box::new(step)))
}
