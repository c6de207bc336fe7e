//! The settings of every HTTP middleware (features 6).

mod auth;
mod content;
mod headers;
mod limit;
mod path;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::config::decode::{one_of, record};

pub use auth::{BasicAuth, ClientTls, DigestAuth, ForwardAuth};
pub use content::{
    CertificateName, CertificateNameWithUnit, Compress, ContentType, EncodedCharacters, Encoding,
    Errors, GrpcWeb, PassTlsClientCert, TlsClientCertInfo,
};
pub use headers::Headers;
pub use limit::{
    Buffering, CircuitBreaker, InFlightReq, IpAllowList, IpStrategy, IpWhiteList, RateLimit, Redis,
    Retry, SourceCriterion,
};
pub use path::{
    AddPrefix, RedirectRegex, RedirectScheme, ReplacePath, ReplacePathRegex, StripPrefix,
    StripPrefixRegex,
};

one_of! {
    /// One step between router and service.
    pub enum Middleware {
        AddPrefix "addPrefix": AddPrefix,
        StripPrefix "stripPrefix": StripPrefix,
        StripPrefixRegex "stripPrefixRegex": StripPrefixRegex,
        ReplacePath "replacePath": ReplacePath,
        ReplacePathRegex "replacePathRegex": ReplacePathRegex,
        Chain "chain": Chain,
        /// The old name of `ipAllowList`.
        IpWhiteList "ipWhiteList": IpWhiteList,
        IpAllowList "ipAllowList": IpAllowList,
        Headers "headers": Headers,
        Errors "errors": Errors,
        RateLimit "rateLimit": RateLimit,
        RedirectRegex "redirectRegex": RedirectRegex,
        RedirectScheme "redirectScheme": RedirectScheme,
        BasicAuth "basicAuth": BasicAuth,
        DigestAuth "digestAuth": DigestAuth,
        ForwardAuth "forwardAuth": ForwardAuth,
        InFlightReq "inFlightReq": InFlightReq,
        Buffering "buffering": Buffering,
        CircuitBreaker "circuitBreaker": CircuitBreaker,
        Compress "compress" [empty]: Compress,
        PassTlsClientCert "passTLSClientCert": PassTlsClientCert,
        Retry "retry": Retry,
        ContentType "contentType" [empty]: ContentType,
        GrpcWeb "grpcWeb": GrpcWeb,
        EncodedCharacters "encodedCharacters" [empty]: EncodedCharacters,
        /// Settings of plugins, by the alias under which the plugin was declared.
        Plugin "plugin": BTreeMap<String, Json>,
    }
}

record! {
    /// Several middlewares under one name.
    pub struct Chain {
        middlewares "middlewares": Vec<String>,
    }
}
