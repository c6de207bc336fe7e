//! Middleware and MiddlewareTCP.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::names::Identity;
use super::pen::{At, Pen, Told};
use super::resolve::{identity, plain_name};
use super::services::Built;
use crate::config::dynamic::Section;
use crate::config::dynamic::middleware::{
    BasicAuth, Chain, DigestAuth, Errors, ForwardAuth, Middleware, RateLimit, Redis,
};
use crate::provider::kubernetes::objects::Kind;
use crate::provider::kubernetes::objects::middleware as custom;

impl Pen<'_> {
    /// Translates a Middleware.
    pub(super) fn middleware(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.middlewares) else {
            return;
        };
        let at = At::root("spec");
        // What is wrong was noted; the middleware is left out.
        let Ok(middleware) = self.middleware_of(&held.spec, at) else {
            return;
        };
        let kind = Kind::Middleware;
        let (section, plain) = plain_name(kind, &self.root.key);
        let name = self.make(section, &plain, identity(kind, &self.root.key));
        let all = &mut self.out.configuration.http.middlewares;
        all.insert(name, Arc::new(middleware));
    }

    /// Translates a MiddlewareTCP, which says what the file format says.
    pub(super) fn middleware_tcp(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.middlewares_tcp) else {
            return;
        };
        let kind = Kind::MiddlewareTcp;
        let (section, plain) = plain_name(kind, &self.root.key);
        let name = self.make(section, &plain, identity(kind, &self.root.key));
        let all = &mut self.out.configuration.tcp.middlewares;
        all.insert(name, Arc::new(held.spec.clone()));
    }

    fn middleware_of(&mut self, spec: &custom::Middleware, at: At<'_>) -> Result<Middleware, Told> {
        let at = if spec.kind().is_empty() {
            at
        } else {
            return self.middleware_at(spec, at.field(spec.kind()));
        };
        let custom::Middleware::Mixed(parts) = spec else {
            return Err(Told);
        };
        let mut mixed = Vec::with_capacity(parts.len());
        for part in parts {
            mixed.push(self.middleware_at(part, at.field(part.kind()))?);
        }
        Ok(Middleware::Mixed(mixed))
    }

    fn middleware_at(&mut self, spec: &custom::Middleware, at: At<'_>) -> Result<Middleware, Told> {
        use custom::Middleware as Spec;
        Ok(match spec {
            Spec::AddPrefix(it) => Middleware::AddPrefix(it.clone()),
            Spec::StripPrefix(it) => Middleware::StripPrefix(it.clone()),
            Spec::StripPrefixRegex(it) => Middleware::StripPrefixRegex(it.clone()),
            Spec::ReplacePath(it) => Middleware::ReplacePath(it.clone()),
            Spec::ReplacePathRegex(it) => Middleware::ReplacePathRegex(it.clone()),
            Spec::IpWhiteList(it) => Middleware::IpWhiteList(it.clone()),
            Spec::IpAllowList(it) => Middleware::IpAllowList(it.clone()),
            Spec::Headers(it) => Middleware::Headers(it.clone()),
            Spec::RedirectRegex(it) => Middleware::RedirectRegex(it.clone()),
            Spec::RedirectScheme(it) => Middleware::RedirectScheme(it.clone()),
            Spec::InFlightReq(it) => Middleware::InFlightReq(it.clone()),
            Spec::Buffering(it) => Middleware::Buffering(it.clone()),
            Spec::CircuitBreaker(it) => Middleware::CircuitBreaker(it.clone()),
            Spec::Compress(it) => Middleware::Compress(it.clone()),
            Spec::PassTlsClientCert(it) => Middleware::PassTlsClientCert(it.clone()),
            Spec::Retry(it) => Middleware::Retry(it.clone()),
            Spec::ContentType(it) => Middleware::ContentType(it.clone()),
            Spec::GrpcWeb(it) => Middleware::GrpcWeb(it.clone()),
            Spec::EncodedCharacters(it) => Middleware::EncodedCharacters(it.clone()),
            Spec::Chain(chain) => Middleware::Chain(Box::new(Chain {
                middlewares: self.middlewares(Kind::Middleware, &chain.middlewares, at)?,
            })),
            Spec::Errors(errors) => Middleware::Errors(Box::new(self.errors(errors, at)?)),
            Spec::RateLimit(limit) => Middleware::RateLimit(Box::new(self.rate_limit(limit, at)?)),
            Spec::BasicAuth(auth) => Middleware::BasicAuth(Box::new(BasicAuth {
                users: self.users(auth, false, at)?,
                users_file: String::new(),
                realm: auth.realm.clone(),
                remove_header: auth.remove_header,
                header_field: auth.header_field.clone(),
            })),
            Spec::DigestAuth(auth) => Middleware::DigestAuth(Box::new(DigestAuth {
                users: self.users(auth, true, at)?,
                users_file: String::new(),
                realm: auth.realm.clone(),
                remove_header: auth.remove_header,
                header_field: auth.header_field.clone(),
            })),
            Spec::ForwardAuth(auth) => {
                Middleware::ForwardAuth(Box::new(self.forward_auth(auth, at)?))
            }
            Spec::Plugin(plugins) => {
                let mut settings = BTreeMap::new();
                for (alias, value) in &**plugins {
                    let value = self.plugin_settings(value, at.field(alias))?;
                    settings.insert(alias.clone(), value);
                }
                Middleware::Plugin(Box::new(settings))
            }
            Spec::Mixed(_) => return Err(Told),
        })
    }

    fn errors(&mut self, errors: &custom::Errors, at: At<'_>) -> Result<Errors, Told> {
        let service = match self.backend(&errors.service, at.field("service"))? {
            Built::Named(name) => name,
            Built::Own(service, ..) => {
                let key = &self.root.key;
                let (_, plain) = plain_name(Kind::Middleware, key);
                let plain = format!("{plain}-errorpage-service");
                let own = Identity::of(&["errorpage", &key.namespace, &key.name]);
                let name = self.make(Section::HttpServices, &plain, own);
                self.put_service(name.clone(), *service);
                name
            }
        };
        Ok(Errors {
            status: errors.status.clone(),
            status_rewrites: errors.status_rewrites.clone(),
            service,
            query: errors.query.clone(),
            error_request_headers: errors.error_request_headers.clone(),
        })
    }

    fn rate_limit(&mut self, limit: &custom::RateLimit, at: At<'_>) -> Result<RateLimit, Told> {
        let redis = match limit.redis.as_deref() {
            Some(redis) => Some(Box::new(self.redis(redis, at.field("redis"))?)),
            None => None,
        };
        Ok(RateLimit {
            average: limit.average,
            period: limit.period,
            burst: limit.burst,
            source_criterion: limit.source_criterion.clone(),
            redis,
        })
    }

    fn redis(&mut self, redis: &custom::Redis, at: At<'_>) -> Result<Redis, Told> {
        let (username, password) = if redis.secret.is_empty() {
            Default::default()
        } else {
            self.redis_login(&redis.secret, at.field("secret"))?
        };
        let tls = match redis.tls.as_deref() {
            Some(tls) => Some(Box::new(self.client_tls(tls, at.field("tls"))?)),
            None => None,
        };
        Ok(Redis {
            endpoints: redis.endpoints.clone(),
            tls,
            username,
            password,
            db: redis.db,
            pool_size: redis.pool_size,
            min_idle_conns: redis.min_idle_conns,
            max_active_conns: redis.max_active_conns,
            read_timeout: redis.read_timeout,
            write_timeout: redis.write_timeout,
            dial_timeout: redis.dial_timeout,
        })
    }

    fn forward_auth(
        &mut self,
        auth: &custom::ForwardAuth,
        at: At<'_>,
    ) -> Result<ForwardAuth, Told> {
        if auth.address.is_empty() {
            let hint = "such as http://auth.default.svc:8080/verify";
            return Err(self.error(at.field("address"), "the address is missing", hint));
        }
        let tls = match auth.tls.as_deref() {
            Some(tls) => Some(Box::new(self.client_tls(tls, at.field("tls"))?)),
            None => None,
        };
        Ok(ForwardAuth {
            address: auth.address.clone(),
            tls,
            trust_forward_header: auth.trust_forward_header,
            auth_response_headers: auth.auth_response_headers.clone(),
            auth_response_headers_regex: auth.auth_response_headers_regex.clone(),
            auth_request_headers: auth.auth_request_headers.clone(),
            add_auth_cookies_to_response: auth.add_auth_cookies_to_response.clone(),
            header_field: auth.header_field.clone(),
            forward_body: auth.forward_body,
            max_body_size: auth.max_body_size,
            max_response_body_size: auth.max_response_body_size,
            preserve_location_header: auth.preserve_location_header,
            preserve_request_method: auth.preserve_request_method,
            auth_signin_url: auth.auth_signin_url.clone(),
        })
    }
}
