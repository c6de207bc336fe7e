//! Services and middlewares, made once and kept as long as their configuration stays.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::base::QualifiedName;
use crate::base::limits::{CHAIN_STEPS_MAX, CHAIN_VISITS_MAX};
use crate::config::decode::nearest;
use crate::config::dynamic::{self, Configuration};
use crate::middleware::Middleware;
use crate::snapshot::{Internal, Service, ServiceKind, Step, Transport};

use super::compiler::{Inputs, Setup};
use super::instances::Instances;
use super::middlewares::middleware;
use super::report::Notes;
use super::routers::Lookup;
use super::services::{self, Flaw, Origins, Timeouts};

/// Services and middlewares by `name@provider`, each with the configuration it was made of.
#[derive(Debug, Default)]
pub(super) struct Objects {
    services: HashMap<String, Built<dynamic::Service, Service>>,
    middlewares: HashMap<String, Built<dynamic::Middleware, Middleware>>,
    origins: Origins,
    instances: RefCell<Instances>,
}

#[derive(Debug)]
struct Built<C, T> {
    from: Arc<C>,
    /// Of a service: how it talks to its servers. The transport that it names may change alone.
    timeouts: Option<Timeouts>,
    /// None: it was left out; the reason is in the report.
    made: Option<Arc<T>>,
}

impl Objects {
    /// Makes what is new, keeps what is as before, forgets the rest.
    pub(super) fn update(&mut self, setup: &Setup, inputs: &Inputs, notes: &mut Notes) {
        let mut old = std::mem::take(&mut self.middlewares);
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
                    notes.keep(&key, "middleware", middleware(&key, options).map(Arc::new))
                };
                Built {
                    from: Arc::clone(options),
                    timeouts: None,
                    made,
                }
            });
            self.middlewares.insert(key, built);
        }
        let mut old = std::mem::take(&mut self.services);
        for (provider, name, options) in all(inputs, |config| &config.http.services) {
            let key = format!("{name}@{provider}");
            let timeouts = timeouts_of(options, setup, inputs, provider);
            let same = |built: &Built<dynamic::Service, Service>| {
                let unchanged = Arc::ptr_eq(&built.from, options) && built.made.is_some();
                unchanged && timeouts.as_ref().ok() == built.timeouts.as_ref()
            };
            let built = old.remove(&key).filter(same).unwrap_or_else(|| {
                let known = timeouts.as_ref().ok().copied();
                let made = timeouts.and_then(|timeouts| {
                    let transport = services::transport(&timeouts, setup.shards);
                    self.service(&key, options, &transport)
                });
                Built {
                    from: Arc::clone(options),
                    timeouts: known,
                    made: notes.keep(&key, "service", made.map(Arc::new)),
                }
            });
            self.services.insert(key, built);
        }
        self.origins.sweep();
    }

    fn service(
        &mut self,
        key: &str,
        options: &dynamic::Service,
        transport: &Transport,
    ) -> Result<Service, Flaw> {
        let balancer = match options.kind() {
            dynamic::ServiceKind::LoadBalancer(balancer) => balancer,
            dynamic::ServiceKind::Mixed => {
                let message = "it must have exactly one kind";
                return Err(Flaw::new("", message, "write loadBalancer, with servers"));
            }
            dynamic::ServiceKind::HighestRandomWeight(_)
            | dynamic::ServiceKind::Weighted(_)
            | dynamic::ServiceKind::Mirroring(_)
            | dynamic::ServiceKind::Failover(_) => {
                let kind = options.kinds().next().map_or("", |(name, _)| name);
                let message = format!("the service kind {kind} is not served yet");
                return Err(Flaw::new(kind, message, "loadBalancer is served"));
            }
        };
        if !options.middlewares.is_empty() {
            let message = "middlewares of a service are not served yet";
            return Err(Flaw::new("middlewares", message, "put them on the router"));
        }
        services::load_balancer(key, balancer, transport, &mut self.origins)
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
            .made
            .clone()
            .ok_or_else(broken)
    }

    fn middlewares(&self, name: &QualifiedName) -> Result<Vec<Step>, Flaw> {
        let mut chain = Expansion::default();
        self.0.expand(name, &mut chain)?;
        Ok(chain.steps)
    }

    fn chain_of(&self, router: &str, chain: Vec<Step>) -> Box<[Step]> {
        self.0.instances.borrow_mut().chain(router, chain)
    }
}

impl Objects {
    /// Adds the middleware, or what a chain of them holds, in order (features 6, chain).
    fn expand(&self, name: &QualifiedName, chain: &mut Expansion) -> Result<(), Flaw> {
        let key = name.to_string();
        let missing = || {
            let message = format!("the middleware `{key}` does not exist");
            flaw(message, &near(&key, self.middlewares.keys()))
        };
        let built = self.middlewares.get(&key).ok_or_else(missing)?;
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
        chain.steps.push(Step {
            middleware: built.made.clone().ok_or_else(broken)?,
            service: None,
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
}

fn flaw(message: impl Into<String>, hint: &str) -> Flaw {
    Flaw::new("middlewares", message, hint)
}

fn internal(name: &str, setup: &Setup) -> Result<Service, Flaw> {
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
fn timeouts_of(
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
fn near<'names>(name: &str, names: impl Iterator<Item = &'names String>) -> String {
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
