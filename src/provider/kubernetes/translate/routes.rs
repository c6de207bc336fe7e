//! IngressRoute: HTTP routers (features 13.1.3 to 13.1.5, 13.1.9).

use std::sync::Arc;

use super::names::Identity;
use super::pen::{At, Pen, Told};
use super::resolve::Target;
use super::services::{Built, Combined};
use super::{hash_of, normalized};
use crate::config::decode::{Choice, Closed};
use crate::config::dynamic::{Router, RouterTls, RuleSyntax, Section};
use crate::config::statics::Kubernetes;
use crate::provider::kubernetes::objects::custom::{
    IngressRoute, Reference, Route, RouteTls, WeightedSpec,
};
use crate::provider::kubernetes::objects::{Kind, Meta};

/// The class of objects that carry none.
const DEFAULT_CLASS: &str = "traefik";

impl<'all> Pen<'all> {
    pub(super) fn is_of_class(&self, meta: &Meta, class: &str) -> bool {
        is_of_class(self.options(), meta, class)
    }

    /// Translates an IngressRoute.
    pub(super) fn ingress_route(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.ingress_routes) else {
            return;
        };
        let spec = &held.spec;
        if !self.is_of_class(&held.meta, &spec.ingress_class_name) {
            return;
        }
        let at = At::root("spec");
        if let Some(tls) = &spec.tls
            && !tls.secret_name.is_empty()
        {
            // A missing certificate leaves the router as it is: the default one is shown.
            let _told = self.certificate(&tls.secret_name, at.field("tls").field("secretName"));
        }
        let Ok(parents) = self.parents(spec, at) else {
            return;
        };
        for (index, route) in spec.routes.iter().enumerate() {
            // What is wrong with a route was noted, and its neighbours go on.
            let _told = self.route(spec, route, &parents, at.item("routes", index));
        }
    }

    fn route(
        &mut self,
        spec: &IngressRoute,
        route: &Route,
        parents: &[String],
        at: At<'_>,
    ) -> Result<(), Told> {
        if !matches!(route.kind.as_str(), "" | "Rule") {
            let message = format!("there is no kind {:?} of routes", route.kind);
            return Err(self.error(at.field("kind"), message, "write kind: Rule"));
        }
        if route.match_.is_empty() {
            let hint = "such as Host(`example.com`)";
            return Err(self.error(at.field("match"), "the rule is missing", hint));
        }
        let (plain, own) = self.route_name(&route.match_);
        let middlewares = self.middlewares(Kind::Middleware, &route.middlewares, at)?;
        let tls = match &spec.tls {
            Some(tls) => Some(Box::new(self.router_tls(tls)?)),
            None => None,
        };
        let service = self.route_service(route, &plain, own, at)?;
        let router = Router {
            entry_points: spec.entry_points.clone(),
            middlewares,
            service,
            rule: route.match_.clone(),
            parent_refs: parents.to_vec(),
            rule_syntax: self.rule_syntax(&route.syntax),
            priority: route.priority,
            tls,
            observability: route.observability.clone(),
        };
        let name = self.make(Section::HttpRouters, &plain, own);
        let routers = &mut self.out.configuration.http.routers;
        if routers.insert(name, Arc::new(router)).is_some() {
            let message = "another route of the object has the same rule; this one counts";
            self.warn(at.field("match"), message, "make one route of both");
        }
        Ok(())
    }

    /// Plain name and identity of the router and the service of one rule.
    fn route_name(&self, rule: &str) -> (String, Identity) {
        let key = &self.root.key;
        let plain = normalized(&format!("{}-{}-{}", key.namespace, key.name, hash_of(rule)));
        let kind = self.root.kind.name();
        let identity = Identity::of(&[kind, &key.namespace, &key.name, rule]);
        (plain, identity)
    }

    fn route_service(
        &mut self,
        route: &Route,
        plain: &str,
        own: Identity,
        at: At<'_>,
    ) -> Result<String, Told> {
        let service = match route.services.as_slice() {
            // A router in front of other routers has none.
            [] => return Ok(String::new()),
            [only] => match self.backend(only, at.item("services", 0))? {
                Built::Named(name) => return Ok(name),
                Built::Own(service, ..) => *service,
            },
            several => {
                let spec = WeightedSpec {
                    services: several.to_vec(),
                    sticky: None,
                };
                self.route_weighted(&spec, at)?
            }
        };
        let name = self.make(Section::HttpServices, plain, own);
        self.put_service(name.clone(), service);
        Ok(name)
    }

    /// Several services of one route share its requests by weight.
    fn route_weighted(
        &mut self,
        spec: &WeightedSpec,
        at: At<'_>,
    ) -> Result<crate::config::dynamic::Service, Told> {
        // Places know the services right under the route.
        let services = self.shares(&spec.services, at)?;
        let none = WeightedSpec::default();
        let mut service = self.combined(&Combined::Weighted(&none), at)?;
        if let Some(weighted) = &mut service.weighted {
            weighted.services = services;
        }
        Ok(service)
    }

    pub(super) fn rule_syntax(&self, text: &str) -> Option<Choice<RuleSyntax>> {
        (!text.is_empty()).then(|| {
            RuleSyntax::of_text(text)
                .map_or_else(|| Choice::Unknown(text.to_owned()), Choice::Known)
        })
    }

    fn router_tls(&mut self, tls: &RouteTls) -> Result<RouterTls, Told> {
        let at = At::root("spec");
        let at = at.field("tls");
        Ok(RouterTls {
            options: self.tls_options_name(tls.options.as_deref(), at)?,
            cert_resolver: tls.cert_resolver.clone(),
            domains: tls.domains.clone(),
        })
    }

    /// The name of the TLS options that a route asks for.
    pub(super) fn tls_options_name(
        &mut self,
        options: Option<&Reference>,
        at: At<'_>,
    ) -> Result<String, Told> {
        match options {
            Some(options) if !options.name.is_empty() => {
                self.named(Kind::TlsOption, options, at.field("options"))
            }
            Some(_) | None => Ok(String::new()),
        }
    }

    /// The routers that stand in front of this object's: all routes of the named IngressRoutes.
    fn parents(&mut self, spec: &IngressRoute, at: At<'_>) -> Result<Vec<String>, Told> {
        let mut names = Vec::new();
        for (index, reference) in spec.parent_refs.iter().enumerate() {
            let at = at.item("parentRefs", index);
            let key = match self.resolve(Kind::IngressRoute, reference, at)? {
                Target::Own(key) => key,
                Target::Named(name) => {
                    names.push(name);
                    continue;
                }
            };
            let objects = self.world().objects;
            let Some(parent) = self.look(Kind::IngressRoute, &objects.ingress_routes, &key) else {
                let message = format!("there is no IngressRoute {key}");
                return Err(self.error(at, message, "create it, or leave the reference out"));
            };
            for route in parent
                .spec
                .routes
                .iter()
                .filter(|one| !one.match_.is_empty())
            {
                let full = format!("{}-{}-{}", key.namespace, key.name, hash_of(&route.match_));
                let kind = Kind::IngressRoute.name();
                let own = Identity::of(&[kind, &key.namespace, &key.name, &route.match_]);
                names.push(self.refer(Section::HttpRouters, &normalized(&full), own));
            }
        }
        Ok(names)
    }
}

/// True when an object is of the class that the options ask for. `class` is that of its spec,
/// which newer schemas have.
pub(super) fn is_of_class(options: &Kubernetes, meta: &Meta, class: &str) -> bool {
    let wanted = options.ingress_class.as_str();
    let found = if class.is_empty() {
        meta.class()
    } else {
        class
    };
    if wanted.is_empty() {
        found.is_empty() || found == DEFAULT_CLASS
    } else {
        found == wanted
    }
}
