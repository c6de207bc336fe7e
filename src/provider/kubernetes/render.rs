use std::path::PathBuf;

use super::manifests::{Manifests, Sieve, load};
use super::translate::{Book, Flavour, World};
use crate::config::Report;
use crate::config::decode::Writing;
use crate::config::dynamic::{Configuration, merge};
use crate::config::statics::Kubernetes;
use crate::config::yaml_text;
use crate::provider::file::Format;

/// How a rendered configuration is made and printed.
#[derive(Clone, Copy, Debug)]
pub struct Rendering {
    pub flavour: Flavour,
    pub format: Format,
    /// Secrets are written as `[redacted]`.
    pub redact: bool,
    /// Rules without a syntax of their own are read as version 2.
    pub is_rule_v2: bool,
}

/// What manifests become, with the provider that makes it.
#[derive(Debug)]
pub struct Translated {
    pub configuration: Configuration,
    pub report: Report,
    pub book: Book,
}

/// The configuration that the provider makes of manifests, as it would of the same objects in a
/// cluster. `None` when something could not be read at all.
pub fn render(paths: &[PathBuf], options: &Kubernetes, how: Rendering) -> (Option<String>, Report) {
    let (custom, ingress) = match how.flavour {
        Flavour::Custom => (Some(options), None),
        Flavour::Ingress => (None, Some(options)),
    };
    let loaded = Sieve::new(custom, ingress).and_then(|sieve| load(paths, &sieve));
    let manifests = match loaded {
        Ok(manifests) => manifests,
        Err(report) => return (None, report),
    };
    let Translated {
        configuration,
        report: found,
        ..
    } = translated_as(&manifests, options, how);
    let mut report = manifests.report;
    report.append(found);
    report.sort();
    let provider = how.flavour.provider();
    let (whole, _) = merge([(provider, &configuration)].into_iter());
    let json = whole.to_json(Writing { redact: how.redact });
    let text = match how.format {
        Format::Json => format!("{json:#}\n"),
        Format::Yaml => yaml_text(&json),
    };
    (Some(text), report)
}

impl Translated {
    /// Names the manifest behind each problem that the compiler has found.
    pub fn locate(&self, manifests: &Manifests, report: &mut Report) {
        for problem in report.problems_mut() {
            let maker = problem
                .object
                .as_deref()
                .and_then(|name| self.book.maker(name));
            let Some(maker) = maker else { continue };
            problem.field = format!("{maker} {}", problem.field).trim_end().to_owned();
            if let Some(places) = manifests.objects.places(maker)
                && let Some(place) = places.find("spec")
            {
                places.file(place).clone_into(&mut problem.file);
                problem.place = place;
            }
        }
    }
}

/// Translates all objects for one provider.
pub fn translated(
    manifests: &Manifests,
    options: &Kubernetes,
    flavour: Flavour,
    is_rule_v2: bool,
) -> Translated {
    let how = Rendering {
        flavour,
        format: Format::Json,
        redact: false,
        is_rule_v2,
    };
    translated_as(manifests, options, how)
}

fn translated_as(manifests: &Manifests, options: &Kubernetes, how: Rendering) -> Translated {
    let flavour = how.flavour;
    let world = World {
        objects: &manifests.objects,
        options,
        flavour,
        is_rule_v2: how.is_rule_v2,
        hides_secrets: how.redact,
    };
    let book = Book::fill(world);
    Translated {
        configuration: book.configuration(),
        report: book.report(flavour),
        book,
    }
}
