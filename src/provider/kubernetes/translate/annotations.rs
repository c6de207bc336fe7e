//! Annotations of Ingresses and of Services (features 13.2.8, 13.2.9). Names come in lower case.

use std::collections::BTreeMap;

use super::pen::{At, Pen, Told};
use super::resolve::Target;
use super::rule::Matcher;
use crate::config::decode::{Choice, Closed, nearest};
use crate::config::dynamic::{
    Cookie, Domain, Observability, RouterTls, RuleSyntax, SameSite, Sticky, TraceVerbosity,
};
use crate::provider::kubernetes::objects::custom::Reference;
use crate::provider::kubernetes::objects::{Kind, Meta};

/// What an Ingress says about its routers.
#[derive(Debug, Default)]
pub(super) struct RouterWords {
    pub(super) entry_points: Vec<String>,
    pub(super) middlewares: Vec<String>,
    pub(super) priority: i64,
    pub(super) matcher: Option<Matcher>,
    pub(super) rule_syntax: Option<Choice<RuleSyntax>>,
    pub(super) tls: Option<Box<RouterTls>>,
    pub(super) observability: Option<Box<Observability>>,
}

/// What a Service says about how it is reached.
#[derive(Debug, Default)]
pub(super) struct ServiceWords {
    pub(super) native_lb: Option<bool>,
    pub(super) node_port_lb: bool,
    pub(super) scheme: String,
    pub(super) transport: String,
    pub(super) pass_host_header: Option<bool>,
    pub(super) sticky: Option<Box<Sticky>>,
    pub(super) middlewares: Vec<String>,
}

const ROUTER_NAMES: [&str; 12] = [
    "router.entrypoints",
    "router.middlewares",
    "router.priority",
    "router.pathmatcher",
    "router.rulesyntax",
    "router.tls",
    "router.tls.certresolver",
    "router.tls.options",
    "router.observability.accesslogs",
    "router.observability.metrics",
    "router.observability.tracing",
    "router.observability.traceverbosity",
];
const SERVICE_NAMES: [&str; 14] = [
    "service.nativelb",
    "service.nodeportlb",
    "service.serversscheme",
    "service.serverstransport",
    "service.passhostheader",
    "service.middlewares",
    "service.sticky.cookie",
    "service.sticky.cookie.name",
    "service.sticky.cookie.secure",
    "service.sticky.cookie.httponly",
    "service.sticky.cookie.samesite",
    "service.sticky.cookie.maxage",
    "service.sticky.cookie.path",
    "service.sticky.cookie.domain",
];

/// The annotations of one object, each with the place that is named when it is wrong.
struct Words<'all, 'pen, 'world> {
    pen: &'pen mut Pen<'world>,
    meta: &'all Meta,
    is_wrong: bool,
}

impl Words<'_, '_, '_> {
    fn text(&self, name: &str) -> Option<&str> {
        let mut all = self.meta.own_annotations();
        all.find(|(known, _)| *known == name).map(|(_, text)| text)
    }

    fn wrong(&mut self, name: &str, message: impl Into<String>, hint: impl Into<String>) {
        let full = format!("annotations.traefik.ingress.kubernetes.io/{name}");
        let metadata = At::root("metadata");
        self.pen.error(metadata.field(&full), message, hint);
        self.is_wrong = true;
    }

    fn bool(&mut self, name: &str) -> Option<bool> {
        match self.text(name)? {
            "true" | "True" | "TRUE" | "t" | "T" | "1" => Some(true),
            "false" | "False" | "FALSE" | "f" | "F" | "0" => Some(false),
            other => {
                let message = format!("{other:?} is neither true nor false");
                self.wrong(name, message, "write \"true\" in quotes");
                None
            }
        }
    }

    fn number(&mut self, name: &str) -> Option<i64> {
        let text = self.text(name)?;
        match text.parse() {
            Ok(number) => Some(number),
            Err(_) => {
                let message = format!("{text:?} is no whole number");
                self.wrong(name, message, "such as \"42\", in quotes");
                None
            }
        }
    }

    fn list(&self, name: &str) -> Vec<String> {
        self.text(name).map_or_else(Vec::new, |text| {
            let items = text.split(',').map(str::trim);
            items
                .filter(|item| !item.is_empty())
                .map(str::to_owned)
                .collect()
        })
    }

    /// Names of objects that other providers hold.
    fn references(&mut self, name: &str, what: Kind) -> Vec<String> {
        let items = self.list(name);
        items
            .into_iter()
            .filter_map(|item| self.reference(name, item, what))
            .collect()
    }

    fn reference(&mut self, name: &str, item: String, what: Kind) -> Option<String> {
        let full = format!("annotations.traefik.ingress.kubernetes.io/{name}");
        let metadata = At::root("metadata");
        let at = metadata.field(&full);
        if !item.contains('@') {
            let namespace = self.pen.namespace();
            let message = format!("no {what} {item:?} can be meant: Ingresses bring none");
            let hint = format!(
                "one of the namespace {namespace} is called {namespace}-{item}@kubernetescrd"
            );
            self.pen.warn(at, message, hint);
            return Some(item);
        }
        let reference = Reference {
            name: item,
            namespace: String::new(),
        };
        match self.pen.resolve(what, &reference, at) {
            Ok(Target::Named(name)) => Some(name),
            Ok(Target::Own(_)) => None,
            Err(Told) => {
                self.is_wrong = true;
                None
            }
        }
    }

    fn choice<E: Closed>(&self, name: &str) -> Option<Choice<E>> {
        self.text(name).map(|text| {
            E::of_text(text).map_or_else(|| Choice::Unknown(text.to_owned()), Choice::Known)
        })
    }

    /// Warns about annotations for us that mean nothing.
    fn unknown(&mut self, own: &str, names: &[&str]) {
        let is_unknown =
            |name: &&str| name.starts_with(own) && !names.contains(name) && !is_domain(name);
        let all = self.meta.own_annotations().map(|(name, _)| name);
        let strangers: Vec<&str> = all.filter(is_unknown).collect();
        for name in strangers {
            let full = format!("annotations.traefik.ingress.kubernetes.io/{name}");
            let hint = match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean traefik.ingress.kubernetes.io/{near}?"),
                None => "leave it out".to_owned(),
            };
            let metadata = At::root("metadata");
            let at = metadata.field(&full);
            self.pen.warn(at, "there is no such annotation", hint);
        }
    }

    fn domains(&self) -> Vec<Domain> {
        let mut domains: BTreeMap<u32, Domain> = BTreeMap::new();
        for (name, text) in self.meta.own_annotations() {
            let Some((index, field)) = domain_place(name) else {
                continue;
            };
            let domain = domains.entry(index).or_default();
            if field == "main" {
                text.clone_into(&mut domain.main);
            } else {
                domain.sans = text.split(',').map(|name| name.trim().to_owned()).collect();
            }
        }
        domains.into_values().collect()
    }

    fn tls(&mut self) -> Option<Box<RouterTls>> {
        let is_on = self.bool("router.tls");
        let names = ["router.tls.certresolver", "router.tls.options"];
        let domains = self.domains();
        let is_told = names.iter().any(|name| self.text(name).is_some()) || !domains.is_empty();
        if is_on == Some(false) || is_on.is_none() && !is_told {
            return None;
        }
        let options = self.text("router.tls.options").map(str::to_owned);
        let options = options
            .and_then(|name| self.reference("router.tls.options", name, Kind::TlsOption))
            .unwrap_or_default();
        Some(Box::new(RouterTls {
            options,
            cert_resolver: self
                .text("router.tls.certresolver")
                .unwrap_or_default()
                .to_owned(),
            domains,
        }))
    }

    fn observability(&mut self) -> Option<Box<Observability>> {
        let found = Observability {
            access_logs: self.bool("router.observability.accesslogs"),
            metrics: self.bool("router.observability.metrics"),
            tracing: self.bool("router.observability.tracing"),
            trace_verbosity: self.choice::<TraceVerbosity>("router.observability.traceverbosity"),
        };
        (found != Observability::default()).then(|| Box::new(found))
    }

    fn matcher(&mut self) -> Option<Matcher> {
        let name = "router.pathmatcher";
        let text = self.text(name)?.to_owned();
        let found = Matcher::of(&text);
        if found.is_none() {
            let message = format!("{text:?} is no matcher of paths");
            self.wrong(name, message, "it can be Path, PathPrefix or PathRegexp");
        }
        found
    }

    fn sticky(&mut self) -> Option<Box<Sticky>> {
        let cookie = "service.sticky.cookie";
        let is_told = self
            .meta
            .own_annotations()
            .any(|(name, _)| name.starts_with(cookie));
        if !is_told || self.text(cookie).is_some() && self.bool(cookie) == Some(false) {
            return None;
        }
        let plain = Cookie::default();
        let text = |words: &Self, name: &str| {
            words
                .text(&format!("{cookie}.{name}"))
                .unwrap_or_default()
                .to_owned()
        };
        let made = Cookie {
            name: text(self, "name"),
            secure: self.bool("service.sticky.cookie.secure").unwrap_or(false),
            http_only: self.bool("service.sticky.cookie.httponly").unwrap_or(false),
            same_site: self.choice::<SameSite>("service.sticky.cookie.samesite"),
            max_age: self.number("service.sticky.cookie.maxage").unwrap_or(0),
            path: Some(text(self, "path"))
                .filter(|path| !path.is_empty())
                .or(plain.path),
            domain: text(self, "domain"),
        };
        Some(Box::new(Sticky {
            cookie: Some(Box::new(made)),
        }))
    }
}

/// `router.tls.domains.0.main`, also written `router.tls.domains[0].main`.
fn domain_place(name: &str) -> Option<(u32, &str)> {
    let rest = name.strip_prefix("router.tls.domains")?;
    let rest = rest.strip_prefix(['.', '['])?;
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (number, field) = rest.split_at(end);
    let field = field.trim_start_matches([']', '.']);
    let number = number.parse().ok()?;
    matches!(field, "main" | "sans").then_some((number, field))
}

fn is_domain(name: &str) -> bool {
    domain_place(name).is_some()
}

impl Pen<'_> {
    /// What the annotations of an Ingress say. Something wrong leaves the Ingress out.
    pub(super) fn router_words(&mut self, meta: &Meta) -> Result<RouterWords, Told> {
        let mut words = Words {
            pen: self,
            meta,
            is_wrong: false,
        };
        words.unknown("router.", &ROUTER_NAMES);
        let found = RouterWords {
            entry_points: words.list("router.entrypoints"),
            middlewares: words.references("router.middlewares", Kind::Middleware),
            priority: words.number("router.priority").unwrap_or(0),
            matcher: words.matcher(),
            rule_syntax: words.choice::<RuleSyntax>("router.rulesyntax"),
            tls: words.tls(),
            observability: words.observability(),
        };
        if words.is_wrong { Err(Told) } else { Ok(found) }
    }

    /// What the annotations of a Service say. Something wrong leaves its routers out.
    pub(super) fn service_words(&mut self, meta: &Meta) -> Result<ServiceWords, Told> {
        let mut words = Words {
            pen: self,
            meta,
            is_wrong: false,
        };
        words.unknown("service.", &SERVICE_NAMES);
        let transport = words.text("service.serverstransport").map(str::to_owned);
        let transport = transport.and_then(|name| {
            words.reference("service.serverstransport", name, Kind::ServersTransport)
        });
        let found = ServiceWords {
            native_lb: words.bool("service.nativelb"),
            node_port_lb: words.bool("service.nodeportlb").unwrap_or(false),
            scheme: words
                .text("service.serversscheme")
                .unwrap_or_default()
                .to_owned(),
            transport: transport.unwrap_or_default(),
            pass_host_header: words.bool("service.passhostheader"),
            sticky: words.sticky(),
            middlewares: words.references("service.middlewares", Kind::Middleware),
        };
        if words.is_wrong { Err(Told) } else { Ok(found) }
    }
}
