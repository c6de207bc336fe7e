//! Services and middlewares, made once and kept as long as their configuration stays.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::base::QualifiedName;
use crate::base::limits::{CHAIN_STEPS_MAX, CHAIN_VISITS_MAX};
use crate::config::decode::nearest;
use crate::config::dynamic::{self, Configuration};
use crate::middleware::Middleware;
use crate::snapshot::{Internal, Service, ServiceKind, Step};

use super::asking::auth_balancer;
use super::balancers::load_balancer;
use super::compiler::{Inputs, Setup};
use super::instances::Instances;
use super::middlewares::middleware;
use super::report::Notes;
use super::routers::Lookup;
use super::service_tree::{Services, Tree};
use super::services::{self, Flaw, Origins, Timeouts};

/// Services and middlewares by `name@provider`, each with the configuration it was made of.
#[derive(Debug, Default)]
pub(super) struct Objects {
    services: Services,
    middlewares: Middlewares,
    origins: Origins,
    instances: RefCell<Instances>,
    /// Those whose servers are asked whether they live.
    checked: Arc<[Arc<Service>]>,
}

#[derive(Debug)]
pub(super) struct Built<C, T> {
    pub(super) from: Arc<C>,
    /// None: it was left out; the reason is in the report.
    pub(super) made: Option<Arc<T>>,
    /// Of a middleware: the service of its own that it asks.
    pub(super) asks: Option<Arc<Service>>,
}

/// Middlewares by `name@provider`.
#[derive(Debug, Default)]
pub(super) struct Middlewares {
    all: HashMap<String, Built<dynamic::Middleware, Middleware>>,
}

impl Objects {
    /// Makes what is new, keeps what is as before, forgets the rest.
    pub(super) fn update(&mut self, setup: &Setup, inputs: &Inputs, notes: &mut Notes) {
        self.middlewares
            .update((setup, inputs), &mut self.origins, notes);
        let old = std::mem::take(&mut self.services);
        let origins = &mut self.origins;
        self.services = Tree::new((setup, inputs), &self.middlewares, origins, notes, old).make();
        self.origins.sweep();
        let made = self
            .services
            .values()
            .filter_map(|one| one.built.made.as_ref());
        let checked = made.filter(|service| match &service.kind {
            ServiceKind::LoadBalancer(balancer) => balancer.check.is_some(),
            ServiceKind::Weighted(_)
            | ServiceKind::HighestRandomWeight(_)
            | ServiceKind::Mirroring(_)
            | ServiceKind::Failover(_)
            | ServiceKind::Internal(_) => false,
        });
        self.checked = checked.cloned().collect();
    }

    /// The services whose servers are asked whether they live.
    pub(super) const fn checked(&self) -> &Arc<[Arc<Service>]> {
        &self.checked
    }
}

impl Middlewares {
    fn update(
        &mut self,
        (setup, inputs): (&Setup, &Inputs),
        origins: &mut Origins,
        notes: &mut Notes,
    ) {
        let mut old = std::mem::take(&mut self.all);
        for (provider, name, options) in all(inputs, |config| &config.http.middlewares) {
            let key = format!("{name}@{provider}");
            let same =
                |built: &Built<_, _>| Arc::ptr_eq(&built.from, options) && built.made.is_some();
            let kept = old.remove(&key).filter(same);
            let built = kept.unwrap_or_else(|| {
                // A chain is its steps, which are found when a router names it.
                let made = if matches!(&**options, dynamic::Middleware::Chain(_)) {
                    None
                } else {
                    let asks = asked_by(&key, options, setup, origins);
                    let made = middleware(&key, options).map(|made| (Arc::new(made), asks));
                    notes.keep(&key, "middleware", made)
                };
                let (made, asks) = made.unzip();
                Built {
                    from: Arc::clone(options),
                    made,
                    asks: asks.flatten(),
                }
            });
            self.all.insert(key, built);
        }
    }

    /// The steps that a name in a service stands for. What asks a service is not among them.
    pub(super) fn steps(&self, name: &QualifiedName) -> Result<Vec<Step>, Flaw> {
        let chain = self.expansion(name)?;
        if chain.asking.is_empty() {
            return Ok(chain.steps);
        }
        let message = "errors is not served among the middlewares of a service yet";
        Err(flaw(message, "put it on the router"))
    }

    /// The steps that a name stands for, and which of them ask a service.
    fn expansion(&self, name: &QualifiedName) -> Result<Expansion, Flaw> {
        let mut chain = Expansion::default();
        self.expand(name, &mut chain)?;
        Ok(chain)
    }
}

impl Lookup for (&Objects, &Setup) {
    fn service(&self, name: &QualifiedName) -> Result<Arc<Service>, Flaw> {
        let (objects, setup) = self;
        let key = name.to_string();
        if name.provider() == "internal" {
            return internal(name.name(), setup).map(Arc::new);
        }
        let missing = || {
            let message = format!("the service `{key}` does not exist");
            Flaw::new("service", message, &near(&key, objects.services.keys()))
        };
        let broken = || {
            let message = format!("the service `{key}` is left out");
            Flaw::new("service", message, "see what is said about that service")
        };
        objects
            .services
            .get(&key)
            .ok_or_else(missing)?
            .built
            .made
            .clone()
            .ok_or_else(broken)
    }

    fn middlewares(&self, name: &QualifiedName) -> Result<Vec<Step>, Flaw> {
        let mut chain = self.0.middlewares.expansion(name)?;
        for (place, name) in std::mem::take(&mut chain.asking) {
            chain.steps[place].service = Some(self.service(&name)?);
        }
        Ok(chain.steps)
    }

    fn chain_of(&self, router: &str, chain: Vec<Step>) -> Box<[Step]> {
        self.0.instances.borrow_mut().chain(router, chain)
    }
}

impl Middlewares {
    /// Adds the middleware, or what a chain of them holds, in order (features 6, chain).
    fn expand(&self, name: &QualifiedName, chain: &mut Expansion) -> Result<(), Flaw> {
        let key = name.to_string();
        let missing = || {
            let message = format!("the middleware `{key}` does not exist");
            flaw(message, &near(&key, self.all.keys()))
        };
        let built = self.all.get(&key).ok_or_else(missing)?;
        // Chains count too: chains of empty chains would else take for ever.
        chain.visits += 1;
        if chain.visits > CHAIN_VISITS_MAX || chain.steps.len() >= CHAIN_STEPS_MAX {
            return Err(flaw("too many in one chain", "use fewer"));
        }
        if let dynamic::Middleware::Chain(options) = &*built.from {
            if chain.within.contains(&key) {
                let message = format!("the chain `{key}` contains itself");
                return Err(flaw(message, "take it out of its own chain"));
            }
            chain.within.push(key);
            for inner in &options.middlewares {
                self.expand(&QualifiedName::resolve(inner, name.provider()), chain)?;
            }
            chain.within.pop();
            return Ok(());
        }
        let broken = || {
            let message = format!("the middleware `{key}` is left out");
            flaw(message, "see what is said about that middleware")
        };
        if let dynamic::Middleware::Errors(options) = &*built.from {
            let service = QualifiedName::resolve(&options.service, name.provider());
            chain.asking.push((chain.steps.len(), service));
        }
        chain.steps.push(Step {
            middleware: built.made.clone().ok_or_else(broken)?,
            service: built.asks.clone(),
        });
        Ok(())
    }
}

/// A chain while it is laid out flat.
#[derive(Default)]
struct Expansion {
    /// The chains that are open.
    within: Vec<String>,
    /// Middlewares and chains looked at.
    visits: usize,
    steps: Vec<Step>,
    /// Steps, by their place, that ask a service of that name.
    asking: Vec<(usize, QualifiedName)>,
}

/// The service that a middleware brings along. What is wrong with its address, the middleware
/// itself tells better.
fn asked_by(
    key: &str,
    options: &dynamic::Middleware,
    setup: &Setup,
    origins: &mut Origins,
) -> Option<Arc<Service>> {
    let dynamic::Middleware::ForwardAuth(options) = options else {
        return None;
    };
    let transport = services::transport(&Timeouts::default(), setup.shards);
    let options = auth_balancer(options);
    let balancer = load_balancer(key, &options, &transport, origins, None).ok()?;
    Some(Arc::new(Service {
        name: key.into(),
        chain: Box::default(),
        kind: ServiceKind::LoadBalancer(balancer),
    }))
}

fn flaw(message: impl Into<String>, hint: &str) -> Flaw {
    Flaw::new("middlewares", message, hint)
}

pub(super) fn internal(name: &str, setup: &Setup) -> Result<Service, Flaw> {
    let internal = match name {
        "ping" => Internal::Ping {
            terminating: setup.terminating_status,
        },
        "noop" => Internal::Noop,
        _ => {
            let message = format!("the internal service `{name}@internal` is not served yet");
            return Err(Flaw::new(
                "service",
                message,
                "ping@internal and noop@internal are",
            ));
        }
    };
    let name = format!("{name}@internal");
    Ok(Service {
        name: name.into(),
        chain: Box::default(),
        kind: ServiceKind::Internal(internal),
    })
}

/// Every object of one kind: provider, name, options.
pub(super) fn all<'inputs, T: 'inputs>(
    inputs: &'inputs Inputs,
    section: impl Fn(&'inputs Configuration) -> &'inputs BTreeMap<String, Arc<T>>,
) -> impl Iterator<Item = (&'inputs str, &'inputs str, &'inputs Arc<T>)> {
    inputs.iter().flat_map(move |(provider, config)| {
        let objects = section(config).iter();
        objects.map(move |(name, options)| (provider.as_str(), name.as_str(), options))
    })
}

/// The transport that a service names, or the static default (features 3.8).
pub(super) fn timeouts_of(
    options: &dynamic::Service,
    setup: &Setup,
    inputs: &Inputs,
    provider: &str,
) -> Result<Timeouts, Flaw> {
    let balancer = options.load_balancer.as_deref();
    let named = balancer.map(|balancer| balancer.servers_transport.as_str());
    let Some(name) = named.filter(|name| !name.is_empty()) else {
        return Ok(setup.timeouts);
    };
    let name = QualifiedName::resolve(name, provider);
    if name.to_string() == "default@internal" {
        return Ok(setup.timeouts);
    }
    let config = inputs.get(name.provider());
    let options = config.and_then(|config| config.http.servers_transports.get(name.name()));
    let options = options.ok_or_else(|| {
        let message = format!("the servers transport `{name}` does not exist");
        Flaw::new(
            "loadBalancer.serversTransport",
            message,
            "define it under serversTransports",
        )
    })?;
    Timeouts::read(options)
}

/// `did you mean …`, for a name that is nearly one of those. Of two that are equally near, the
/// one of the same provider.
pub(super) fn near<'names>(name: &str, names: impl Iterator<Item = &'names String>) -> String {
    let mut names: Vec<&str> = names.map(String::as_str).collect();
    names.sort_unstable();
    let (short, provider) = name.split_once('@').unwrap_or((name, ""));
    let elsewhere = names.iter().find(|other| {
        let found = other.split_once('@');
        found.is_some_and(|(other, _)| other == short)
    });
    let here = |other: &&str| {
        other
            .strip_suffix(provider)
            .is_some_and(|before| before.ends_with('@'))
    };
    let own = names.iter().copied().filter(here);
    match elsewhere.copied().or_else(|| nearest(name, own)) {
        Some(other) => format!("did you mean {other}?"),
        None => "define it, or correct the name".to_owned(),
    }
}
