//! Specs of Middleware and MiddlewareTCP: those of the file format, but for what refers to other
//! objects.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::custom::{Backend, Reference};
use crate::config::decode::{one_of, record};
use crate::config::duration::GoDuration;
use crate::config::dynamic::middleware::{
    AddPrefix, Buffering, CircuitBreaker, Compress, ContentType, EncodedCharacters, GrpcWeb,
    Headers, InFlightReq, IpAllowList, IpWhiteList, PassTlsClientCert, RedirectRegex,
    RedirectScheme, ReplacePath, ReplacePathRegex, Retry, SourceCriterion, StripPrefix,
    StripPrefixRegex,
};

one_of! {
    /// What a Middleware does.
    pub enum Middleware {
        AddPrefix "addPrefix": AddPrefix,
        StripPrefix "stripPrefix": StripPrefix,
        StripPrefixRegex "stripPrefixRegex": StripPrefixRegex,
        ReplacePath "replacePath": ReplacePath,
        ReplacePathRegex "replacePathRegex": ReplacePathRegex,
        Chain "chain": Chain,
        IpWhiteList "ipWhiteList": IpWhiteList,
        IpAllowList "ipAllowList": IpAllowList,
        Headers "headers": Headers,
        Errors "errors": Errors,
        RateLimit "rateLimit": RateLimit,
        RedirectRegex "redirectRegex": RedirectRegex,
        RedirectScheme "redirectScheme": RedirectScheme,
        BasicAuth "basicAuth": Auth,
        DigestAuth "digestAuth": Auth,
        ForwardAuth "forwardAuth": ForwardAuth,
        InFlightReq "inFlightReq": InFlightReq,
        Buffering "buffering": Buffering,
        CircuitBreaker "circuitBreaker": CircuitBreaker,
        Compress "compress": Compress,
        PassTlsClientCert "passTLSClientCert": PassTlsClientCert,
        Retry "retry": Retry,
        ContentType "contentType": ContentType,
        GrpcWeb "grpcWeb": GrpcWeb,
        EncodedCharacters "encodedCharacters": EncodedCharacters,
        Plugin "plugin": BTreeMap<String, Json>,
    }
}

record! {
    /// Several middlewares under one name.
    pub struct Chain {
        middlewares "middlewares": Vec<Reference>,
    }
}

record! {
    /// Shows a page of another service instead of an error.
    pub struct Errors {
        status "status": Vec<String>,
        status_rewrites "statusRewrites": BTreeMap<String, i64>,
        service "service": Backend,
        query "query": String,
        error_request_headers "errorRequestHeaders": Option<Vec<String>>,
    }
}

record! {
    /// Asks for name and password; the secret holds who may pass.
    pub struct Auth {
        secret "secret": String,
        realm "realm": String,
        remove_header "removeHeader": bool,
        header_field "headerField": String,
    }
}

record! {
    /// Asks another server whether the request may pass.
    pub struct ForwardAuth {
        address "address": String,
        tls "tls": Option<Box<ClientTls>>,
        trust_forward_header "trustForwardHeader": Option<bool>,
        auth_response_headers "authResponseHeaders": Vec<String>,
        auth_response_headers_regex "authResponseHeadersRegex": String,
        auth_request_headers "authRequestHeaders": Vec<String>,
        add_auth_cookies_to_response "addAuthCookiesToResponse": Vec<String>,
        header_field "headerField": String,
        forward_body "forwardBody": bool,
        max_body_size "maxBodySize": Option<i64> = Some(-1),
        max_response_body_size "maxResponseBodySize": Option<i64>,
        preserve_location_header "preserveLocationHeader": bool,
        preserve_request_method "preserveRequestMethod": bool,
        auth_signin_url "authSigninURL": String,
    }
}

record! {
    /// TLS towards a server of ours, with secrets for CA and certificate.
    pub struct ClientTls {
        ca_secret "caSecret": String,
        cert_secret "certSecret": String,
        insecure_skip_verify "insecureSkipVerify": bool,
        ca_optional "caOptional" [ignored]: Option<bool>,
    }
}

record! {
    /// Limits how many requests come in a time.
    pub struct RateLimit {
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
        secret "secret": String,
        db "db": i64,
        pool_size "poolSize": i64,
        min_idle_conns "minIdleConns": i64,
        max_active_conns "maxActiveConns": i64,
        read_timeout "readTimeout": Option<GoDuration> = Some(GoDuration::from_secs(3)),
        write_timeout "writeTimeout": Option<GoDuration> = Some(GoDuration::from_secs(3)),
        dial_timeout "dialTimeout": Option<GoDuration> = Some(GoDuration::from_secs(5)),
    }
}
