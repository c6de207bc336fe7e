use std::collections::BTreeMap;
use std::sync::Arc;

use super::section::with_sections;
use super::{Configuration, Section};
use crate::config::report::{Problem, Report};

/// The name of the TLS options and of the TLS store that belong to no provider.
const DEFAULT: &str = "default";
/// Certificates for this store answer ACME challenges; only ACME itself may bring them.
const ACME_STORE: &str = "acme-tls/1";
const ACME_PROVIDER: &str = "tlsalpn.acme";

/// An object that two sources define: it is dropped, for nobody can say which is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Duplicate {
    pub section: Section,
    pub name: String,
    pub providers: Vec<String>,
}

/// Puts the configurations of all providers together, under `name@provider`.
///
/// The TLS options and the TLS store named `default` keep their name. Either of them in two
/// providers is dropped and told (features 7.13, 7.14).
pub fn merge<'all>(
    providers: impl Iterator<Item = (&'all str, &'all Configuration)>,
) -> (Configuration, Vec<Duplicate>) {
    let mut whole = Configuration::default();
    let mut defaults: BTreeMap<Section, Vec<String>> = BTreeMap::new();
    for (provider, configuration) in providers {
        for section in take_all(&mut whole, configuration, provider) {
            defaults
                .entry(section)
                .or_default()
                .push(provider.to_owned());
        }
        let certificates = configuration.tls.certificates.iter();
        let allowed = certificates.filter(|certificate| {
            provider == ACME_PROVIDER || certificate.stores.iter().all(|store| store != ACME_STORE)
        });
        whole.tls.certificates.extend(allowed.map(Arc::clone));
    }
    let mut duplicates = Vec::new();
    for (section, providers) in defaults {
        if providers.len() > 1 {
            if section == Section::TlsStores {
                whole.tls.stores.remove(DEFAULT);
            } else {
                whole.tls.options.remove(DEFAULT);
            }
            duplicates.push(Duplicate {
                section,
                name: DEFAULT.to_owned(),
                providers,
            });
        }
    }
    (whole, duplicates)
}

/// Takes the objects of one provider; gives the sections in which it has a `default`.
fn take_all(whole: &mut Configuration, from: &Configuration, provider: &str) -> Vec<Section> {
    fn take<T>(
        into: &mut BTreeMap<String, Arc<T>>,
        from: &BTreeMap<String, Arc<T>>,
        section: Section,
        provider: &str,
    ) -> Option<Section> {
        let mut has_default = None;
        let keeps_default = matches!(section, Section::TlsOptions | Section::TlsStores);
        for (name, object) in from {
            let name = if keeps_default && name == DEFAULT {
                has_default = Some(section);
                DEFAULT.to_owned()
            } else {
                qualified(name, provider)
            };
            into.insert(name, Arc::clone(object));
        }
        has_default
    }
    macro_rules! take_each {
        ($($variant:ident $path:literal $half:ident $map:ident,)*) => {
            [$( take(
                &mut whole.$half.$map,
                &from.$half.$map,
                Section::$variant,
                provider,
            ) ),*]
        };
    }
    let found = with_sections! { take_each };
    found.into_iter().flatten().collect()
}

fn qualified(name: &str, provider: &str) -> String {
    let mut full = String::with_capacity(name.len() + 1 + provider.len());
    full.push_str(name);
    full.push('@');
    full.push_str(provider);
    full
}

impl Duplicate {
    /// As a problem of the object that was dropped.
    pub fn problem(&self) -> Problem {
        let providers = self.providers.join(", ");
        Problem::error(format!(
            "defined by several providers: {providers}; none is used"
        ))
        .object(self.section.of(&self.name))
        .hint("leave it in one of them")
    }
}

impl From<Vec<Duplicate>> for Report {
    fn from(duplicates: Vec<Duplicate>) -> Self {
        let mut report = Self::new();
        report.extend(duplicates.iter().map(Duplicate::problem));
        report
    }
}
