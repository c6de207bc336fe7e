//! Ingress (features 13.2).

use std::collections::BTreeMap;
use std::sync::Arc;

use super::annotations::RouterWords;
use super::names::Identity;
use super::pen::{At, Pen, Told};
use super::routes::is_of_class;
use super::rule::{Matcher, rule};
use super::servers::Wanted;
use super::{hash_of, normalized};
use crate::config::dynamic::{LoadBalancer, Router, RuleSyntax, Section, Server, Service};
use crate::config::statics::Kubernetes;
use crate::provider::kubernetes::objects::core::{
    Ingress, IngressBackend, IngressPath, IngressService,
};
use crate::provider::kubernetes::objects::{Held, Key, Kind, ObjectRef, Objects};

/// The controller that an IngressClass must name.
const CONTROLLER: &str = "traefik.io/ingress-controller";
/// Below the priority of any rule.
const DEFAULT_BACKEND_PRIORITY: i64 = i32::MIN as i64;
const DEFAULT_ROUTER: &str = "default-router";
const DEFAULT_BACKEND: &str = "default-backend";

/// A router that waits for its name.
struct Draft {
    plain: String,
    router: Router,
}

impl<'all> Pen<'all> {
    /// Translates an Ingress.
    pub(super) fn ingress(&mut self) {
        let objects = self.world().objects;
        let Some(held) = self.own(&objects.ingresses) else {
            return;
        };
        if !self.is_ours(held) {
            return;
        }
        let Ok(words) = self.router_words(&held.meta) else {
            return;
        };
        let spec = &held.spec.spec;
        let at = At::root("spec");
        for (index, tls) in spec.tls.iter().enumerate() {
            let at = at.item("tls", index);
            if tls.secret_name.is_empty() {
                self.warn(at, "the certificate has no secretName", "name a Secret");
            } else {
                // A missing certificate leaves the routers as they are.
                let _told = self.certificate(&tls.secret_name, at.field("secretName"));
            }
        }
        if let (true, Some(backend)) = (spec.rules.is_empty(), &spec.default_backend) {
            // What is wrong was noted.
            let _told = self.default_backend(backend, &words, at.field("defaultBackend"));
        }
        let drafts = self.drafts(&held.spec, &words);
        self.put_routers(drafts);
    }

    fn is_ours(&mut self, held: &Held<Ingress>) -> bool {
        if held.spec.spec.ingress_class_name.is_some() {
            self.depend(ObjectRef::all(Kind::IngressClass));
        }
        is_ours(self.world().objects, self.options(), held)
    }

    /// All requests that nobody else takes. There is one such Ingress: the first by name.
    fn default_backend(
        &mut self,
        backend: &IngressBackend,
        words: &RouterWords,
        at: At<'_>,
    ) -> Result<(), Told> {
        self.depend(ObjectRef::all(Kind::Ingress));
        let first = self.first_default_backend();
        if first.as_ref().is_some_and(|first| *first != self.root.key) {
            let first = first.map(|key| key.to_string()).unwrap_or_default();
            let message = format!("there is a default backend already, of the Ingress {first}");
            return Err(self.error(at, message, "only one can serve: leave one of them out"));
        }
        let service = self.ingress_service(backend, at)?;
        let (built, ..) = self.ingress_balancer(service, at)?;
        let router = Router {
            rule: "PathPrefix(`/`)".to_owned(),
            priority: DEFAULT_BACKEND_PRIORITY,
            service: DEFAULT_BACKEND.to_owned(),
            rule_syntax: None,
            ..router_of(words)
        };
        self.put_service(DEFAULT_BACKEND.to_owned(), built);
        let routers = &mut self.out.configuration.http.routers;
        routers.insert(DEFAULT_ROUTER.to_owned(), Arc::new(router));
        Ok(())
    }

    fn first_default_backend(&mut self) -> Option<Key> {
        let objects = self.world().objects;
        let mut candidates: Vec<&Arc<Held<Ingress>>> = objects
            .ingresses
            .iter()
            .filter(|held| {
                let spec = &held.spec.spec;
                spec.rules.is_empty() && spec.default_backend.is_some()
            })
            .collect();
        candidates.sort_by(|one, other| one.meta.key.cmp(&other.meta.key));
        let first = candidates.into_iter().find(|held| self.is_ours(held))?;
        Some(first.meta.key.clone())
    }

    fn drafts(&mut self, ingress: &Ingress, words: &RouterWords) -> Vec<Draft> {
        let at = At::root("spec");
        let mut drafts = Vec::new();
        for (index, one) in ingress.spec.rules.iter().enumerate() {
            let at = at.item("rules", index);
            let Some(http) = &one.http else { continue };
            let at = at.field("http");
            for (index, path) in http.paths.iter().enumerate() {
                let at = at.item("paths", index);
                // What is wrong with a path was noted, and its neighbours go on.
                drafts.extend(self.draft(&one.host, path, words, at));
            }
        }
        drafts
    }

    fn draft(
        &mut self,
        host: &str,
        path: &IngressPath,
        words: &RouterWords,
        at: At<'_>,
    ) -> Result<Draft, Told> {
        let at_backend = at.field("backend");
        let service = self.ingress_service(&path.backend, at_backend)?;
        let (built, plain, own) = self.ingress_balancer(service, at_backend)?;
        let matcher = self.path_matcher(path, words, at)?;
        let is_v2 = match &words.rule_syntax {
            Some(choice) => choice.known() == Some(RuleSyntax::V2),
            None => self.world().is_rule_v2,
        };
        let path_rule = (!path.path.is_empty()).then_some((matcher, path.path.as_str()));
        let rule = rule(host, path_rule, is_v2);
        if rule.is_empty() {
            let message = "the path names neither a host nor a path";
            return Err(self.error(at, message, "write path: / for all requests"));
        }
        let name = self.make(Section::HttpServices, &plain, own);
        self.put_service(name.clone(), built);
        let key = &self.root.key;
        Ok(Draft {
            plain: normalized(&format!(
                "{}-{}-{host}{}",
                key.namespace, key.name, path.path
            )),
            router: Router {
                rule,
                service: name,
                ..router_of(words)
            },
        })
    }

    fn path_matcher(
        &mut self,
        path: &IngressPath,
        words: &RouterWords,
        at: At<'_>,
    ) -> Result<Matcher, Told> {
        match path.path_type.as_str() {
            "Exact" => Ok(Matcher::Path),
            "Prefix" if self.options().strict_prefix_matching => Ok(Matcher::Segments),
            "Prefix" => Ok(Matcher::PathPrefix),
            "" | "ImplementationSpecific" => Ok(words.matcher.unwrap_or(Matcher::PathPrefix)),
            other => {
                let message = format!("there is no path type {other:?}");
                let hint = "it can be Exact, Prefix or ImplementationSpecific";
                Err(self.error(at.field("pathType"), message, hint))
            }
        }
    }

    fn ingress_service<'one>(
        &mut self,
        backend: &'one IngressBackend,
        at: At<'_>,
    ) -> Result<&'one IngressService, Told> {
        match (&backend.service, &backend.resource) {
            (Some(service), None) => Ok(service),
            (_, Some(_)) => {
                let message = "a resource can not be a backend";
                Err(self.error(at.field("resource"), message, "name a service"))
            }
            (None, None) => {
                let message = "the backend names no service";
                Err(self.error(at, message, "write service: with name and port"))
            }
        }
    }

    /// The service of a backend, its plain name, and its identity.
    fn ingress_balancer(
        &mut self,
        service: &IngressService,
        at: At<'_>,
    ) -> Result<(Service, String, Identity), Told> {
        let at = at.field("service");
        let key = Key::new(self.namespace(), &service.name);
        let objects = self.world().objects;
        let words = match self.look(Kind::Service, &objects.services, &key) {
            Some(held) => self.service_words(&held.meta)?,
            None => super::annotations::ServiceWords::default(),
        };
        let port = service.port.port();
        let wanted = Wanted {
            service: key,
            port: &port,
            native_lb: words.native_lb,
            node_port_lb: words.node_port_lb,
        };
        let found = self.servers(&wanted, at)?;
        let Some(scheme) = found.scheme(&words.scheme) else {
            let message = format!("there is no scheme {:?}", words.scheme);
            let hint = "the annotation service.serversscheme can be http, https or h2c";
            return Err(self.error(at, message, hint));
        };
        let servers = found.servers.into_iter().map(|address| Server {
            url: format!("{scheme}://{}", address.authority),
            fenced: address.is_fenced,
            ..Server::default()
        });
        let balancer = LoadBalancer {
            servers: servers.collect(),
            sticky: words.sticky,
            pass_host_header: words.pass_host_header.unwrap_or(true),
            servers_transport: words.transport,
            ..LoadBalancer::default()
        };
        let built = Service {
            load_balancer: Some(Box::new(balancer)),
            middlewares: words.middlewares,
            ..Service::default()
        };
        let key = &wanted.service;
        let text = port.to_string();
        let plain = normalized(&format!("{}-{}-{text}", key.namespace, key.name));
        let own = Identity::of(&["Service", &key.namespace, &key.name, &text]);
        Ok((built, plain, own))
    }

    /// Routers that would have one name get the hash of their rule behind it (features 13.2.4).
    fn put_routers(&mut self, drafts: Vec<Draft>) {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for draft in &drafts {
            *counts.entry(draft.plain.clone()).or_default() += 1;
        }
        for draft in drafts {
            let rule = &draft.router.rule;
            let plain = if counts.get(&draft.plain).is_some_and(|count| *count > 1) {
                format!("{}-{}", draft.plain, hash_of(rule))
            } else {
                draft.plain
            };
            let key = &self.root.key;
            let own = Identity::of(&["Ingress", &key.namespace, &key.name, rule]);
            let name = self.make(Section::HttpRouters, &plain, own);
            let routers = &mut self.out.configuration.http.routers;
            routers.insert(name, Arc::new(draft.router));
        }
    }
}

/// True when the Ingress has a class of ours (features 13.2.2).
pub fn is_ours(objects: &Objects, options: &Kubernetes, held: &Held<Ingress>) -> bool {
    let Some(class) = held.spec.spec.ingress_class_name.as_deref() else {
        return is_of_class(options, &held.meta, "");
    };
    if options.disable_ingress_class_lookup || options.disable_cluster_scope_resources {
        return false;
    }
    let wanted = options.ingress_class.as_str();
    if !wanted.is_empty() && class != wanted {
        return false;
    }
    let found = objects.ingress_classes.find(&Key::new("", class));
    found.is_some_and(|found| found.spec.spec.controller == CONTROLLER)
}

/// What all routers of an Ingress have in common.
fn router_of(words: &RouterWords) -> Router {
    Router {
        entry_points: words.entry_points.clone(),
        middlewares: words.middlewares.clone(),
        priority: words.priority,
        rule_syntax: words.rule_syntax.clone(),
        tls: words.tls.clone(),
        observability: words.observability.clone(),
        ..Router::default()
    }
}
