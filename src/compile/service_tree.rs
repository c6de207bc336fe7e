//! The services of all providers, children before parents. What did not change is kept as it
//! is; what is made again goes on with the state of the one before it.

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::balance::{Rendezvous, Schedule, ScheduleFault};
use crate::base::QualifiedName;
use crate::base::limits::{SERVERS_PER_SERVICE_MAX, SERVICE_LAYERS_MAX};
use crate::board::Seats;
use crate::config::dynamic;
use crate::middleware::Middleware;
use crate::snapshot::{
    Child, Failover, FailoverErrors, HighestRandomWeight, Mirror, Mirroring, Service, ServiceKind,
    Step, Weighted,
};

use super::balancers::{self, Before, load_balancer, seats_of};
use super::compiler::{Inputs, Setup};
use super::objects::{Built, Middlewares, all, internal, near, timeouts_of};
use super::report::Notes;
use super::services::{self, Flaw, Origins, Timeouts, weight};

/// A service with what it was made of.
#[derive(Debug)]
pub(super) struct BuiltService {
    pub(super) built: Built<dynamic::Service, Service>,
    /// How it talks to its servers. The transport that it names may change alone.
    timeouts: Option<Timeouts>,
    /// Services inside services, this one included.
    height: usize,
}

/// By `name@provider`.
pub(super) type Services = HashMap<String, BuiltService>;

/// What is needed to make services of configurations.
pub(super) struct Tree<'run> {
    pub(super) setup: &'run Setup,
    pub(super) inputs: &'run Inputs,
    pub(super) middlewares: &'run Middlewares,
    pub(super) origins: &'run mut Origins,
    pub(super) notes: &'run mut Notes,
    old: Services,
    /// Those that are still to be made.
    waiting: HashMap<String, Named<'run>>,
    made: Services,
    /// Those that are being made, outermost first.
    open: Vec<String>,
}

/// A service, and its height.
type Tall = (Arc<Service>, usize);

/// Provider and options of a service.
type Named<'run> = (&'run str, &'run Arc<dynamic::Service>);

/// A main service, and those beside it.
type MainAndOthers<'run> = (&'run Arc<Service>, &'run [Arc<Service>]);

impl<'run> Tree<'run> {
    pub(super) fn new(
        (setup, inputs): (&'run Setup, &'run Inputs),
        middlewares: &'run Middlewares,
        origins: &'run mut Origins,
        notes: &'run mut Notes,
        old: Services,
    ) -> Self {
        let named = all(inputs, |config| &config.http.services);
        let waiting = named
            .map(|(provider, name, options)| (format!("{name}@{provider}"), (provider, options)))
            .collect();
        Self {
            setup,
            inputs,
            middlewares,
            origins,
            notes,
            old,
            waiting,
            made: Services::new(),
            open: Vec::new(),
        }
    }

    /// Makes all of them.
    pub(super) fn make(mut self) -> Services {
        for (provider, name, _) in all(self.inputs, |config| &config.http.services) {
            self.make_one(&format!("{name}@{provider}"));
        }
        self.made
    }

    fn make_one(&mut self, key: &str) {
        let Some((provider, options)) = self.waiting.remove(key) else {
            return;
        };
        self.open.push(key.to_owned());
        let old = self.old.remove(key);
        let timeouts = timeouts_of(options, self.setup, self.inputs, provider);
        let known = timeouts.as_ref().ok().copied();
        let result = timeouts
            .and_then(|timeouts| self.service((key, provider), options, &timeouts, old.as_ref()));
        self.open.pop();
        let (result, height) = match result {
            Ok((service, height)) => (Ok(service), height),
            Err(flaw) => (Err(flaw), 1),
        };
        let built = BuiltService {
            built: Built {
                from: Arc::clone(options),
                made: self.notes.keep(key, "service", result),
                asks: None,
            },
            timeouts: known,
            height,
        };
        self.made.insert(key.to_owned(), built);
    }

    fn service(
        &mut self,
        (key, provider): (&str, &str),
        options: &Arc<dynamic::Service>,
        timeouts: &Timeouts,
        old: Option<&BuiltService>,
    ) -> Result<Tall, Flaw> {
        let mut chain: Vec<Step> = Vec::new();
        for (index, name) in options.middlewares.iter().enumerate() {
            let name = QualifiedName::resolve(name, provider);
            let steps = self.middlewares.steps(&name).map_err(|flaw| Flaw {
                field: format!("middlewares[{index}]"),
                ..flaw
            })?;
            chain.extend(steps);
        }
        let children = self.children(options, provider)?;
        let height = children
            .iter()
            .map(|(_, height)| height + 1)
            .max()
            .unwrap_or(1);
        if height > SERVICE_LAYERS_MAX {
            let message = "too many services inside one another";
            return Err(Flaw::new("", message, "use fewer layers"));
        }
        let children: Vec<Arc<Service>> = children.into_iter().map(|(child, _)| child).collect();
        if let Some(old) = old
            && let Some(made) = &old.built.made
            && Arc::ptr_eq(&old.built.from, options)
            && old.timeouts.as_ref() == Some(timeouts)
            && same(steps(&made.chain), steps(&chain))
            && same(made.children(), children.iter())
        {
            return Ok((Arc::clone(made), height));
        }
        let made = Make {
            key,
            children,
            before: old.and_then(|old| Some((&*old.built.from, &**old.built.made.as_ref()?))),
        };
        let kind = match options.kind() {
            dynamic::ServiceKind::LoadBalancer(balancer) => {
                self.load_balancer(&made, balancer, timeouts)?
            }
            dynamic::ServiceKind::Weighted(options) => made.weighted(options)?,
            dynamic::ServiceKind::HighestRandomWeight(options) => made.highest(options)?,
            dynamic::ServiceKind::Mirroring(options) => made.mirroring(options)?,
            dynamic::ServiceKind::Failover(options) => made.failover(options)?,
            dynamic::ServiceKind::Mixed => {
                let message = "it must have exactly one kind";
                return Err(Flaw::new("", message, "write loadBalancer, with servers"));
            }
        };
        let service = Service {
            name: key.into(),
            chain: chain.into(),
            kind,
        };
        Ok((Arc::new(service), height))
    }

    fn load_balancer(
        &mut self,
        made: &Make<'_>,
        options: &dynamic::LoadBalancer,
        timeouts: &Timeouts,
    ) -> Result<ServiceKind, Flaw> {
        let before = match made.before {
            Some((from, service)) => match (from.kind(), &service.kind) {
                (dynamic::ServiceKind::LoadBalancer(options), ServiceKind::LoadBalancer(made)) => {
                    Some(Before { options, made })
                }
                _ => None,
            },
            None => None,
        };
        let transport = services::transport(timeouts, self.setup.shards);
        let balancer = load_balancer(made.key, options, &transport, self.origins, before.as_ref())?;
        Ok(ServiceKind::LoadBalancer(balancer))
    }

    /// All that a service names, in the order of [`Service::child`].
    fn children(&mut self, options: &dynamic::Service, provider: &str) -> Result<Vec<Tall>, Flaw> {
        let names: Vec<(String, &str)> = match options.kind() {
            dynamic::ServiceKind::LoadBalancer(_) | dynamic::ServiceKind::Mixed => Vec::new(),
            dynamic::ServiceKind::Weighted(weighted) => listed("weighted", &weighted.services),
            dynamic::ServiceKind::HighestRandomWeight(highest) => {
                listed("highestRandomWeight", &highest.services)
            }
            dynamic::ServiceKind::Mirroring(mirroring) => {
                let main = ("mirroring.service".to_owned(), mirroring.service.as_str());
                let mirrors = mirroring.mirrors.iter().enumerate();
                let mirrors = mirrors.map(|(index, mirror)| {
                    (
                        format!("mirroring.mirrors[{index}].name"),
                        mirror.name.as_str(),
                    )
                });
                std::iter::once(main).chain(mirrors).collect()
            }
            dynamic::ServiceKind::Failover(failover) => vec![
                ("failover.service".to_owned(), failover.service.as_str()),
                ("failover.fallback".to_owned(), failover.fallback.as_str()),
            ],
        };
        let child = |(field, name): (String, &str)| self.child(field, name, provider);
        names.into_iter().map(child).collect()
    }

    fn child(&mut self, field: String, name: &str, provider: &str) -> Result<Tall, Flaw> {
        if name.is_empty() {
            return Err(Flaw::new(field, "the service is missing", "name one"));
        }
        let name = QualifiedName::resolve(name, provider);
        let key = name.to_string();
        if name.provider() == "internal" {
            let service = internal(name.name(), self.setup);
            return Ok((Arc::new(service.map_err(|flaw| Flaw { field, ..flaw })?), 1));
        }
        if self.open.contains(&key) {
            let message = format!("the service `{key}` contains itself");
            return Err(Flaw::new(field, message, "break the circle"));
        }
        // Deep nests are refused by their height; this keeps the way to it short.
        if self.open.len() > SERVICE_LAYERS_MAX {
            let message = "too many services inside one another";
            return Err(Flaw::new(field, message, "use fewer layers"));
        }
        self.make_one(&key);
        let Some(found) = self.made.get(&key) else {
            let message = format!("the service `{key}` does not exist");
            let names = self.made.keys().chain(self.waiting.keys());
            return Err(Flaw::new(
                field,
                message,
                &near(&key, names.chain(&self.open)),
            ));
        };
        let made = found.built.made.clone().ok_or_else(|| {
            let message = format!("the service `{key}` is left out");
            Flaw::new(field, message, "see what is said about that service")
        })?;
        Ok((made, found.height))
    }
}

/// The names of children with weights, each with its field.
fn listed<'names>(
    kind: &str,
    services: &'names [dynamic::WeightedService],
) -> Vec<(String, &'names str)> {
    let field = |(index, one): (usize, &'names dynamic::WeightedService)| {
        (format!("{kind}.services[{index}].name"), one.name.as_str())
    };
    services.iter().enumerate().map(field).collect()
}

fn steps(chain: &[Step]) -> impl Iterator<Item = &Arc<Middleware>> {
    chain.iter().map(|step| &step.middleware)
}

fn same<'all, T: 'all>(
    one: impl Iterator<Item = &'all Arc<T>>,
    other: impl Iterator<Item = &'all Arc<T>>,
) -> bool {
    let (one, other): (Vec<_>, Vec<_>) = (one.collect(), other.collect());
    one.len() == other.len()
        && one
            .iter()
            .zip(other)
            .all(|(one, other)| Arc::ptr_eq(one, other))
}

/// A service in the making, whose children are there.
struct Make<'run> {
    key: &'run str,
    children: Vec<Arc<Service>>,
    before: Option<(&'run dynamic::Service, &'run Service)>,
}

impl Make<'_> {
    fn weighted(&self, options: &dynamic::Weighted) -> Result<ServiceKind, Flaw> {
        let children = self.with_weights(&options.services);
        let weights: Vec<i64> = children
            .iter()
            .map(|child| i64::from(child.weight))
            .collect();
        let schedule = Schedule::weighted(&weights).map_err(|ScheduleFault::TooManyServers| {
            Flaw::new("weighted.services", "too many services", "split it")
        })?;
        let propagates = options.health_check.is_some();
        if propagates {
            self.children_must_tell("weighted.healthCheck", self.children.len())?;
        }
        let cookie = options
            .sticky
            .as_deref()
            .and_then(|sticky| sticky.cookie.as_deref());
        // As written, without a provider: so do cookies name them that Traefik has given out.
        let names = || options.services.iter().map(|one| one.name.as_str());
        Ok(ServiceKind::Weighted(Weighted {
            schedule,
            seats: self.seats(),
            sticky: cookie.map(|options| Box::new(balancers::sticky(self.key, options, names()))),
            propagates,
            children: children.into(),
        }))
    }

    fn highest(&self, options: &dynamic::HighestRandomWeight) -> Result<ServiceKind, Flaw> {
        if options.services.len() > SERVERS_PER_SERVICE_MAX {
            let field = "highestRandomWeight.services";
            return Err(Flaw::new(field, "too many services", "split it"));
        }
        let children = self.with_weights(&options.services);
        let propagates = options.health_check.is_some();
        if propagates {
            self.children_must_tell("highestRandomWeight.healthCheck", self.children.len())?;
        }
        let named = options.services.iter();
        let named = named.map(|one| (one.name.as_str(), i64::from(weight(one.weight))));
        Ok(ServiceKind::HighestRandomWeight(HighestRandomWeight {
            table: Rendezvous::new(named),
            propagates,
            children: children.into(),
        }))
    }

    fn mirroring(&self, options: &dynamic::Mirroring) -> Result<ServiceKind, Flaw> {
        let propagates = options.health_check.is_some();
        if propagates {
            self.children_must_tell("mirroring.healthCheck", 1)?;
        }
        let (main, others) = self.main()?;
        let mirror = |(index, options): (usize, &dynamic::Mirror)| {
            let percent = u8::try_from(options.percent)
                .ok()
                .filter(|percent| *percent <= 100);
            let percent = percent.ok_or_else(|| {
                let field = format!("mirroring.mirrors[{index}].percent");
                Flaw::new(
                    field,
                    "must be from 0 to 100",
                    "it is a share of all requests",
                )
            })?;
            let service = others.get(index).map(Arc::clone).ok_or_else(missing)?;
            Ok(Mirror { service, percent })
        };
        let mirrors = options.mirrors.iter().enumerate();
        // Less than zero: no limit.
        let body_bytes_max = u64::try_from(options.max_body_size.unwrap_or(-1)).ok();
        Ok(ServiceKind::Mirroring(Mirroring {
            main: Arc::clone(main),
            mirrors: mirrors.map(mirror).collect::<Result<_, Flaw>>()?,
            // The first request is always the first that is counted (features 5.7).
            seats: self.kept_seats().unwrap_or_default(),
            mirror_body: options.mirror_body.unwrap_or(true),
            body_bytes_max,
            propagates,
        }))
    }

    fn failover(&self, options: &dynamic::Failover) -> Result<ServiceKind, Flaw> {
        let propagates = options.health_check.is_some();
        if propagates {
            self.children_must_tell("failover.healthCheck", 2)?;
        }
        if options.errors.is_none() {
            // Nothing would ever send a request to the fallback (features 15b.13).
            self.children_must_tell("failover.service", 1)?;
        }
        let (main, others) = self.main()?;
        Ok(ServiceKind::Failover(Failover {
            main: Arc::clone(main),
            fallback: others.first().map(Arc::clone).ok_or_else(missing)?,
            errors: options.errors.as_deref().map(errors).transpose()?,
            propagates,
        }))
    }

    fn main(&self) -> Result<MainAndOthers<'_>, Flaw> {
        self.children.split_first().ok_or_else(missing)
    }

    fn with_weights(&self, options: &[dynamic::WeightedService]) -> Vec<Child> {
        let pair = |(service, options): (&Arc<Service>, &dynamic::WeightedService)| Child {
            service: Arc::clone(service),
            weight: weight(options.weight),
        };
        self.children.iter().zip(options).map(pair).collect()
    }

    /// The first `count` children must say when they go down (features 15.29).
    fn children_must_tell(&self, field: &str, count: usize) -> Result<(), Flaw> {
        let first = self.children.iter().take(count);
        let Some(silent) = first.into_iter().find(|child| !child.propagates()) else {
            return Ok(());
        };
        let message = format!(
            "the service `{}` has no healthCheck of its own",
            silent.name
        );
        Err(Flaw::new(field, message, "give it one"))
    }

    /// Goes on where the one before it was.
    fn seats(&self) -> Arc<Seats> {
        self.kept_seats()
            .unwrap_or_else(|| Arc::new(seats_of(self.key)))
    }

    fn kept_seats(&self) -> Option<Arc<Seats>> {
        match &self.before?.1.kind {
            ServiceKind::Weighted(before) => Some(Arc::clone(&before.seats)),
            ServiceKind::Mirroring(before) => Some(Arc::clone(&before.seats)),
            ServiceKind::LoadBalancer(_)
            | ServiceKind::HighestRandomWeight(_)
            | ServiceKind::Failover(_)
            | ServiceKind::Internal(_) => None,
        }
    }
}

fn missing() -> Flaw {
    Flaw::new("service", "the service is missing", "name one")
}

fn errors(options: &dynamic::FailoverErrors) -> Result<FailoverErrors, Flaw> {
    let texts = options.status.iter().flat_map(|item| item.split(','));
    let range = |text: &str| {
        let code = |text: &str| text.trim().parse::<u16>().ok();
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let range = code(from).zip(code(to)).filter(|(from, to)| from <= to);
        let range: Option<RangeInclusive<u16>> = range.map(|(from, to)| from..=to);
        range.ok_or_else(|| {
            let message = format!("`{text}` is no status");
            Flaw::new("failover.errors.status", message, "such as 404 or 500-599")
        })
    };
    Ok(FailoverErrors {
        statuses: texts.map(range).collect::<Result<_, Flaw>>()?,
        body_bytes_max: u64::try_from(options.max_request_body_bytes.unwrap_or(-1)).ok(),
    })
}
