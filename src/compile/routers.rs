//! Routers: their rules, chains and ends.

use std::sync::Arc;

use crate::base::QualifiedName;
use crate::base::limits::CHAIN_STEPS_MAX;
use crate::config::decode::Choice;
use crate::config::{Severity, dynamic};
use crate::rule::{self, PRIORITY_USER_MAX, Syntax, Tree};
use crate::snapshot::route_table::OrderKey;
use crate::snapshot::{End, Router, Service, Step};

use super::EntryPointDefaults;
use super::services::Flaw;

/// A router as the tables need it. One of the configuration may become several: one for each
/// entry point that adds something of its own (features 2.12).
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// `name@provider`, or `<entry point>-name@provider`.
    pub(super) name: String,
    /// Numbers of its entry points; empty for a child of another router.
    pub(super) entry_points: Vec<usize>,
    pub(super) order: OrderKey,
    pub(super) tree: Arc<Tree>,
    pub(super) router: Arc<Router>,
}

/// What a router's references lead to.
pub(super) trait Lookup {
    fn service(&self, name: &QualifiedName) -> Result<Arc<Service>, Flaw>;
    /// One step, or those of a chain.
    fn middlewares(&self, name: &QualifiedName) -> Result<Vec<Step>, Flaw>;
    /// The chain with what each step remembers for this router.
    fn chain_of(&self, router: &str, chain: Vec<Step>) -> Box<[Step]>;
}

/// A router that is to be placed.
pub(super) struct Draft<'input> {
    pub(super) name: &'input str,
    pub(super) provider: &'input str,
    pub(super) options: &'input dynamic::Router,
    pub(super) syntax: Syntax,
    /// Where the provider stands in the order of precedence (features 1.14).
    pub(super) precedence: u32,
    /// Set when other routers have this one as their parent.
    pub(super) children: Option<End>,
}

impl Draft<'_> {
    /// The router on all its entry points, and what is wrong with it. Where one entry point adds
    /// what cannot be, the copy there is missing and the others live.
    pub(super) fn place(
        &self,
        entry_points: &[EntryPointDefaults],
        lookup: &impl Lookup,
    ) -> (Vec<Placed>, Vec<Flaw>) {
        let mut flaws = Vec::new();
        let tree = self.tree().map_err(|flaw| flaws.push(flaw)).ok();
        let order = self.order().map_err(|flaw| flaws.push(flaw)).ok();
        let end = self.end(lookup).map_err(|flaw| flaws.push(flaw)).ok();
        let mut warnings = Vec::new();
        let copies = self
            .numbers(entry_points, &mut warnings)
            .and_then(|numbers| plain(self.split(&numbers, entry_points)))
            .map_err(|flaw| flaws.push(flaw))
            .ok();
        let own = self.own_chain(lookup, &mut flaws);
        if self.options.tls.is_some() {
            flaws.push(Flaw::new(
                "tls",
                "TLS is not served yet",
                "remove tls to serve plain HTTP",
            ));
        }
        let (Some(tree), Some(order), Some(end), Some(copies), true) =
            (tree, order, end, copies, flaws.is_empty())
        else {
            flaws.extend(warnings);
            return (Vec::new(), flaws);
        };
        let tree = Arc::new(tree);
        let copies = copies.into_iter().map(|(name, numbers, model)| {
            let mut chain = model.map_or(Ok(Vec::new()), |model| entry_chain(model, lookup))?;
            chain.extend(own.iter().cloned());
            if let End::Service(service) = &end {
                chain.extend(service.chain.iter().cloned());
            }
            let router = Router {
                name: name.as_str().into(),
                chain: lookup.chain_of(&name, chain),
                end: end.clone(),
                refused_escapes: model.map(|model| model.refused_escapes).unwrap_or_default(),
                access_log: self.access_log(model),
            };
            let (order, tree, router) = (order.clone(), Arc::clone(&tree), Arc::new(router));
            Ok(Placed {
                name,
                entry_points: numbers,
                order,
                tree,
                router,
            })
        });
        let placed = copies.filter_map(|copy| copy.map_err(|flaw| warnings.push(flaw)).ok());
        let placed: Vec<Placed> = placed.collect();
        (placed, warnings)
    }

    fn tree(&self) -> Result<Tree, Flaw> {
        let syntax = match &self.options.rule_syntax {
            None => self.syntax,
            Some(Choice::Known(dynamic::RuleSyntax::V3)) => Syntax::V3,
            Some(Choice::Known(dynamic::RuleSyntax::V2)) => Syntax::V2,
            Some(Choice::Unknown(text)) if text.is_empty() => self.syntax,
            Some(Choice::Unknown(text)) => {
                let message = format!("`{text}` is no rule syntax");
                return Err(Flaw::new(
                    "ruleSyntax",
                    message,
                    "write v3, or v2 for old rules",
                ));
            }
        };
        rule::parse(&self.options.rule, syntax).map_err(|fault| {
            let message = format!("column {}: {}", fault.column, fault.what);
            Flaw::new("rule", message, &fault.instead)
        })
    }

    fn order(&self) -> Result<OrderKey, Flaw> {
        let written = self.options.priority;
        if written > PRIORITY_USER_MAX && self.provider != "internal" {
            let message = format!("{written} is above {PRIORITY_USER_MAX}");
            return Err(Flaw::new(
                "priority",
                message,
                "lower it; the range above is Ringway's own",
            ));
        }
        let priority = if written == 0 {
            rule::default_priority(&self.options.rule)
        } else {
            written
        };
        Ok(OrderKey::new(
            priority,
            self.precedence,
            &format!("{}@{}", self.name, self.provider),
        ))
    }

    fn end(&self, lookup: &impl Lookup) -> Result<End, Flaw> {
        let service = Some(self.options.service.as_str()).filter(|name| !name.is_empty());
        match (&self.children, service) {
            (Some(_), Some(_)) => Err(Flaw::new(
                "service",
                "a router that is a parent has no service of its own",
                "remove service, or the children's parentRefs",
            )),
            (Some(children), None) => Ok(children.clone()),
            (None, Some(name)) => lookup
                .service(&QualifiedName::resolve(name, self.provider))
                .map(End::Service),
            (None, None) => Err(Flaw::new(
                "service",
                "the service is missing",
                "name one under service",
            )),
        }
    }

    /// The numbers of its entry points (features 2.2).
    fn numbers(
        &self,
        entry_points: &[EntryPointDefaults],
        warnings: &mut Vec<Flaw>,
    ) -> Result<Vec<usize>, Flaw> {
        let is_child = !self.options.parent_refs.is_empty();
        if is_child && self.options.observability.is_some() {
            let hint = "remove observability: the outermost router's counts";
            let message = "not allowed together with parentRefs";
            return Err(Flaw::new("observability", message, hint));
        }
        if is_child && !self.options.entry_points.is_empty() {
            let hint = "remove entryPoints: a child is reached through its parent";
            return Err(Flaw::new(
                "entryPoints",
                "not allowed together with parentRefs",
                hint,
            ));
        }
        if is_child {
            return Ok(Vec::new());
        }
        if self.options.entry_points.is_empty() {
            return defaults(entry_points);
        }
        let mut numbers = Vec::new();
        for name in &self.options.entry_points {
            match entry_points.iter().position(|entry| entry.name == *name) {
                Some(number) if numbers.contains(&number) => {}
                Some(number) => numbers.push(number),
                None => warnings.push(no_entry_point(name, entry_points).only_warns()),
            }
        }
        if !numbers.is_empty() {
            return Ok(numbers);
        }
        // As in Traefik, one that exists is enough.
        let first = warnings.drain(..).next();
        Err(Flaw {
            severity: Severity::Error,
            ..first.unwrap_or_else(|| no_entry_point("", entry_points))
        })
    }

    fn own_chain(&self, lookup: &impl Lookup, flaws: &mut Vec<Flaw>) -> Vec<Step> {
        if self.options.middlewares.len() > CHAIN_STEPS_MAX {
            flaws.push(Flaw::new(
                "middlewares",
                "too many in one chain",
                "use fewer",
            ));
            return Vec::new();
        }
        let mut chain = Vec::new();
        for (index, name) in self.options.middlewares.iter().enumerate() {
            match lookup.middlewares(&QualifiedName::resolve(name, self.provider)) {
                Ok(steps) => chain.extend(steps),
                Err(flaw) => flaws.push(Flaw {
                    field: format!("middlewares[{index}]"),
                    ..flaw
                }),
            }
        }
        chain
    }

    /// Name, entry points and entry-point model of each copy (features 2.12, 15.11).
    fn split<'model>(
        &self,
        numbers: &[usize],
        entry_points: &'model [EntryPointDefaults],
    ) -> Vec<Copy<'model>> {
        let plain_name = format!("{}@{}", self.name, self.provider);
        let model = |number: usize| entry_points.get(number).filter(|entry| entry.has_model());
        if let [only] = numbers {
            return vec![(plain_name, vec![*only], model(*only))];
        }
        let (with, without): (Vec<usize>, Vec<usize>) =
            numbers.iter().partition(|number| model(**number).is_some());
        let copies = with.into_iter().map(|number| {
            let entry = model(number);
            let prefix = entry.map_or("", |entry| &entry.name);
            (format!("{prefix}-{plain_name}"), vec![number], entry)
        });
        let mut all: Vec<_> = copies.collect();
        if !without.is_empty() || numbers.is_empty() {
            all.push((plain_name, without, None));
        }
        all
    }

    fn access_log(&self, model: Option<&EntryPointDefaults>) -> bool {
        let own = self
            .options
            .observability
            .as_ref()
            .and_then(|options| options.access_logs);
        own.unwrap_or_else(|| model.is_none_or(|model| model.access_log))
    }
}

/// Entry points of routers that name none: those marked so, or all but `traefik`.
fn defaults(entry_points: &[EntryPointDefaults]) -> Result<Vec<usize>, Flaw> {
    let marked = entry_points.iter().any(|entry| entry.as_default);
    let is_default = |entry: &EntryPointDefaults| {
        if marked {
            entry.as_default
        } else {
            entry.name != "traefik"
        }
    };
    let all = entry_points.iter().enumerate();
    let numbers: Vec<usize> = all
        .filter(|(_, entry)| is_default(entry))
        .map(|(number, _)| number)
        .collect();
    if numbers.is_empty() {
        let message = "no entry point takes routers that name none";
        return Err(Flaw::new("entryPoints", message, "name one"));
    }
    Ok(numbers)
}

/// Leaves out copies that an entry point makes routers for HTTPS: they must never answer in
/// plain HTTP there.
fn plain(mut copies: Vec<Copy<'_>>) -> Result<Vec<Copy<'_>>, Flaw> {
    let all = copies.len();
    copies.retain(|(_, _, model)| model.is_none_or(|entry| !entry.tls));
    if copies.is_empty() && all > 0 {
        let message = "its entry points add TLS, which is not served yet";
        let hint = "name one without http.tls";
        return Err(Flaw::new("entryPoints", message, hint));
    }
    Ok(copies)
}

fn no_entry_point(name: &str, entry_points: &[EntryPointDefaults]) -> Flaw {
    let known: Vec<_> = entry_points.iter().map(|entry| &*entry.name).collect();
    let message = format!("there is no entry point `{name}`");
    let hint = format!("known are {}", known.join(", "));
    Flaw::new("entryPoints", message, &hint)
}

/// Name, entry points and entry-point model of one copy of a router.
type Copy<'model> = (String, Vec<usize>, Option<&'model EntryPointDefaults>);

/// The middlewares that an entry point puts before those of its routers (features 2.11).
fn entry_chain(model: &EntryPointDefaults, lookup: &impl Lookup) -> Result<Vec<Step>, Flaw> {
    let mut chain = Vec::new();
    for name in &model.middlewares {
        let field = format!("entryPoints.{}.http.middlewares", model.name);
        let name = name.parse::<QualifiedName>().map_err(|_| {
            let message = format!("`{name}` has no provider");
            let hint = "write name@provider, such as auth@file";
            Flaw::new(field.clone(), message, hint)
        })?;
        let steps = lookup.middlewares(&name);
        chain.extend(steps.map_err(|flaw| Flaw { field, ..flaw })?);
    }
    Ok(chain)
}
