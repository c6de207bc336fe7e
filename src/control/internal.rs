//! Ringway's own routers: what the static configuration implies (features 2.10, 3.6, 4.3.4).

use std::sync::Arc;

use crate::config::dynamic::middleware::RedirectScheme;
use crate::config::dynamic::{Configuration, Middleware, Router};
use crate::config::statics::{Redirection, RedirectionTarget, Static};

/// The configuration of the provider `internal`.
#[must_use]
pub fn internal_configuration(settings: &Static) -> Configuration {
    let mut configuration = Configuration::default();
    if let Some(ping) = settings.ping.as_ref().filter(|ping| !ping.manual_routing) {
        let router = Router {
            entry_points: vec![ping.entry_point.clone()],
            rule: "PathPrefix(`/ping`)".to_owned(),
            priority: i64::MAX,
            service: "ping@internal".to_owned(),
            ..Router::default()
        };
        configuration
            .http
            .routers
            .insert("ping".to_owned(), Arc::new(router));
    }
    for (name, entry_point) in &settings.entry_points {
        if let Some(redirection) = &entry_point.http.redirection {
            redirect(&mut configuration, settings, name, redirection);
        }
    }
    configuration
}

/// `<from>-to-<to>@internal` and its middleware.
fn redirect(
    configuration: &mut Configuration,
    settings: &Static,
    from: &str,
    redirection: &Redirection,
) {
    let (to, port) = match &redirection.to {
        RedirectionTarget::Port(port) => (port.to_string(), Some(*port)),
        RedirectionTarget::EntryPoint(to) => {
            let target = settings.entry_points.get(to);
            (to.clone(), target.map(|target| target.address.port))
        }
    };
    let name = format!("{from}-to-{to}");
    let scheme = RedirectScheme {
        scheme: redirection.scheme.clone(),
        port: port.map(|port| port.to_string()).unwrap_or_default(),
        permanent: redirection.permanent,
    };
    let middleware = Middleware::RedirectScheme(Box::new(scheme));
    let middleware_name = format!("redirect-{name}");
    configuration
        .http
        .middlewares
        .insert(middleware_name.clone(), Arc::new(middleware));
    let router = Router {
        entry_points: vec![from.to_owned()],
        rule: "HostRegexp(`^.+$`)".to_owned(),
        priority: redirection.priority,
        middlewares: vec![middleware_name],
        service: "noop@internal".to_owned(),
        ..Router::default()
    };
    configuration.http.routers.insert(name, Arc::new(router));
}
