//! The way of each router as `ringway check` tells it: where it is entered, what its rule is,
//! what a request passes, and which servers it comes to.

use std::collections::BTreeSet;

use crate::base::QualifiedName;
use crate::base::limits::{WAY_DEPTH_MAX, WAY_SERVERS_MAX};
use crate::compile::{Inputs, Setup};
use crate::config::dynamic::{Middleware, Router, Service, ServiceKind};
use crate::rule;

/// What is looked at.
pub(crate) struct Ways<'check> {
    pub(crate) inputs: &'check Inputs,
    pub(crate) setup: &'check Setup,
    /// Objects that do not run, such as `http.routers.web@file`.
    pub(crate) left_out: &'check BTreeSet<String>,
}

impl Ways<'_> {
    /// All ways, in the order of providers and names.
    pub(crate) fn tell(&self) -> String {
        let mut text = String::new();
        for (provider, configuration) in self.inputs {
            for (name, router) in &configuration.http.routers {
                self.router(&mut text, (name, provider), router);
            }
        }
        text
    }

    fn router(&self, text: &mut String, (name, provider): (&str, &str), router: &Router) {
        let key = format!("{name}@{provider}");
        let left_out = self.left_out.contains(&format!("http.routers.{key}"));
        let note = if left_out { " (does not run)" } else { "" };
        text.push_str(&format!("router {key}{note}\n"));
        if router.parent_refs.is_empty() {
            line(text, "entered at", &self.entry_points(router).join(", "));
        } else {
            let parents = router.parent_refs.iter();
            let names: Vec<_> = parents.map(|one| full(one, provider)).collect();
            line(text, "below", &names.join(", "));
        }
        line(text, "rule", &router.rule);
        line(text, "priority", &priority(router));
        let steps = self.steps(router, provider);
        if !steps.is_empty() {
            line(text, "passes", &steps.join(", "));
        }
        if !router.service.is_empty() {
            let service = QualifiedName::resolve(&router.service, provider);
            self.service(text, ("goes to", 0), &service, "");
        }
        text.push('\n');
    }

    /// The entry points that a root router is entered at.
    pub(crate) fn entry_points<'own>(&'own self, router: &'own Router) -> Vec<&'own str> {
        if !router.entry_points.is_empty() {
            return router.entry_points.iter().map(String::as_str).collect();
        }
        let all = || self.setup.entry_points.iter();
        let marked: Vec<_> = all().filter(|point| point.as_default).collect();
        let chosen: Vec<_> = if marked.is_empty() {
            all().filter(|point| point.name != "traefik").collect()
        } else {
            marked
        };
        chosen.iter().map(|point| point.name.as_str()).collect()
    }

    /// What a request passes, in order.
    fn steps(&self, router: &Router, provider: &str) -> Vec<String> {
        let mut steps = Vec::new();
        let entered = if router.parent_refs.is_empty() {
            self.entry_points(router)
        } else {
            Vec::new()
        };
        for point in &self.setup.entry_points {
            if !entered.contains(&point.name.as_str()) {
                continue;
            }
            for name in &point.middlewares {
                let step = self.step(&QualifiedName::resolve(name, ""), &[]);
                steps.push(format!("{step} (of {})", point.name));
            }
        }
        let own = router.middlewares.iter();
        steps.extend(own.map(|name| self.step(&QualifiedName::resolve(name, provider), &[])));
        steps
    }

    /// A middleware, with what a chain holds behind it; `within` are the chains around it.
    fn step(&self, name: &QualifiedName, within: &[&QualifiedName]) -> String {
        let found = self.inputs.get(name.provider());
        match found.and_then(|one| one.http.middlewares.get(name.name())) {
            None => format!("{name} (does not exist)"),
            Some(_) if within.contains(&name) => format!("{name} (again)"),
            Some(_) if within.len() >= WAY_DEPTH_MAX => format!("{name} ..."),
            Some(middleware) => {
                let Middleware::Chain(chain) = &**middleware else {
                    return name.to_string();
                };
                let within = [within, &[name]].concat();
                let inner = chain.middlewares.iter();
                let inner: Vec<_> = inner
                    .map(|one| QualifiedName::resolve(one, name.provider()))
                    .map(|one| self.step(&one, &within))
                    .collect();
                format!("{name} [{}]", inner.join(", "))
            }
        }
    }

    /// A service, and those below it.
    fn service(
        &self,
        text: &mut String,
        (word, depth): (&str, usize),
        name: &QualifiedName,
        role: &str,
    ) {
        let indent = "  ".repeat(depth);
        let found = self.inputs.get(name.provider());
        let service = found.and_then(|one| one.http.services.get(name.name()));
        let own = |rest: &str| format!("{indent}{role}{name}{rest}");
        let Some(service) = service else {
            let is_known = name.provider() == "internal";
            let rest = if is_known { "" } else { " (does not exist)" };
            return line(text, word, &own(rest));
        };
        if let ServiceKind::LoadBalancer(_) = service.kind() {
            return line(text, word, &own(&format!(": {}", servers(service))));
        }
        let kind = service.kinds().next().map_or("no kind", |(kind, _)| kind);
        line(text, word, &own(&format!(", {kind}:")));
        if depth >= WAY_DEPTH_MAX {
            return line(text, "", &format!("{indent}  ..."));
        }
        for (role, below) in below(service) {
            let below = QualifiedName::resolve(below, name.provider());
            self.service(text, ("", depth + 1), &below, &role);
        }
    }
}

/// The services that a service names, and what each is to it.
pub(crate) fn below(service: &Service) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    for (_, kind) in service.kinds() {
        match kind {
            ServiceKind::LoadBalancer(_) | ServiceKind::Mixed => {}
            ServiceKind::Weighted(weighted) => {
                let shares = weighted.services.iter();
                found.extend(shares.map(|one| (weight(one.weight), one.name.as_str())));
            }
            ServiceKind::HighestRandomWeight(weighted) => {
                let shares = weighted.services.iter();
                found.extend(shares.map(|one| (weight(one.weight), one.name.as_str())));
            }
            ServiceKind::Mirroring(mirroring) => {
                found.push(("always ".to_owned(), mirroring.service.as_str()));
                let mirrors = mirroring.mirrors.iter();
                let role = |percent: i64| format!("a copy of {percent} % to ");
                found.extend(mirrors.map(|one| (role(one.percent), one.name.as_str())));
            }
            ServiceKind::Failover(failover) => {
                found.push(("first ".to_owned(), failover.service.as_str()));
                found.push(("or else ".to_owned(), failover.fallback.as_str()));
            }
        }
    }
    found
}

fn weight(weight: Option<i64>) -> String {
    format!("weight {} ", weight.unwrap_or(1))
}

fn servers(service: &Service) -> String {
    let Some(balancer) = &service.load_balancer else {
        return String::new();
    };
    let shown = balancer.servers.iter().take(WAY_SERVERS_MAX);
    let mut names: Vec<String> = shown
        .map(|server| match server.weight {
            None | Some(1) => server.url.clone(),
            Some(weight) => format!("{} (weight {weight})", server.url),
        })
        .collect();
    if balancer.servers.len() > WAY_SERVERS_MAX {
        names.push(format!(
            "and {} more",
            balancer.servers.len() - WAY_SERVERS_MAX
        ));
    }
    if names.is_empty() {
        return "no server".to_owned();
    }
    names.join(", ")
}

/// The priority that counts.
pub(crate) fn effective_priority(router: &Router) -> i64 {
    if router.priority == 0 {
        rule::default_priority(&router.rule)
    } else {
        router.priority
    }
}

fn priority(router: &Router) -> String {
    let number = effective_priority(router);
    if router.priority == 0 {
        format!("{number} (the length of its rule)")
    } else {
        number.to_string()
    }
}

fn full(reference: &str, provider: &str) -> String {
    QualifiedName::resolve(reference, provider).to_string()
}

fn line(text: &mut String, word: &str, value: &str) {
    let line = format!("  {word:<12}{value}");
    text.push_str(line.trim_end());
    text.push('\n');
}
