//! `ringway check` and `ringway render`: configuration without serving it.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::Arc;

use crate::app;
use crate::cli::{Check, Exit, Output, Render, RenderProvider};
use crate::compile::{Compiler, Setup};
use crate::config::dynamic::Configuration;
use crate::config::statics::{self, Kubernetes, RuleSyntax, Static};
use crate::config::{Places, Report};
use crate::control;
use crate::provider::kubernetes::{Flavour, Manifests, Rendering, Sieve, Translated};
use crate::provider::{file, kubernetes};
use crate::run::refused;
use crate::suspicions;
use crate::ways::Ways;

/// Reads the static and the dynamic configuration, tells the way of each router, and everything
/// that is wrong.
#[must_use]
pub fn run(options: &Check) -> Exit {
    let (text, exit) = examine(options);
    // A closed standard output leaves nobody to tell.
    drop(write!(io::stdout(), "{text}"));
    exit
}

/// What [`run`] prints, and how it ends.
#[must_use]
pub fn examine(options: &Check) -> (String, Exit) {
    let (config, mut report) = match statics::load(&options.sources) {
        Ok(loaded) => (Some(loaded.config), loaded.warnings),
        Err(report) => (None, report),
    };
    let mut found = Found::default();
    if let Some(config) = &config {
        found = dynamic(config, options);
        report.append(std::mem::take(&mut found.report));
    }
    report.sort();
    let verdict = if report.has_errors() {
        "the configuration has errors; objects that they name do not run".to_owned()
    } else {
        format!("the configuration is good: {} routers", found.routers)
    };
    let exit = if report.has_errors() {
        Exit::Failed
    } else {
        Exit::Done
    };
    (format!("{}{report}{verdict}\n", found.ways), exit)
}

/// What was found out about dynamic configuration.
#[derive(Default)]
struct Found {
    /// How many routers there are.
    routers: usize,
    /// The way of each, as text.
    ways: String,
    report: Report,
}

/// What is to be checked, as the router would have it.
struct Checked {
    /// What each provider says.
    inputs: BTreeMap<String, Arc<Configuration>>,
    places: BTreeMap<String, Arc<Places>>,
    report: Report,
    manifests: Manifests,
    translated: Vec<Translated>,
}

/// Routers, their ways, and what is wrong.
fn dynamic(config: &Static, options: &Check) -> Found {
    let paths = options.dynamic.as_slice();
    let flavours = flavours(options);
    let mut checked = Checked {
        inputs: BTreeMap::from([(
            "internal".to_owned(),
            Arc::new(control::internal_configuration(config)),
        )]),
        places: BTreeMap::new(),
        report: Report::new(),
        manifests: Manifests::default(),
        translated: Vec::new(),
    };
    let own_files = if flavours.is_empty() { paths } else { &[] };
    let outcome = checked.read_files(config, own_files).and_then(|()| {
        let is_none = flavours.is_empty();
        if is_none {
            Ok(())
        } else {
            checked.read_manifests(config, paths, &flavours)
        }
    });
    if let Err(report) = outcome {
        return Found {
            report,
            ..Found::default()
        };
    }
    let compiled = Compiler::new(setup(config, &checked)).compile(&checked.inputs);
    let mut found = compiled.report;
    found.leave_out_disabled_by(&checked.report);
    let left_out = checked.report.disabled().chain(found.disabled());
    let left_out: BTreeSet<String> = left_out.map(str::to_owned).collect();
    let setup = setup(config, &checked);
    let ways = Ways {
        inputs: &checked.inputs,
        setup: &setup,
        left_out: &left_out,
    };
    found.append(suspicions::find(&ways, checked.is_whole(config)));
    let told = ways.tell();
    control::place(&mut found, &checked.places);
    for translated in &checked.translated {
        translated.locate(&checked.manifests, &mut found);
    }
    let mut report = checked.report;
    report.append(found);
    let users = checked
        .inputs
        .iter()
        .filter(|(name, _)| *name != "internal");
    let routers = users.map(|(_, input)| input.http.routers.len()).sum();
    Found {
        routers,
        ways: told,
        report,
    }
}

/// The Kubernetes providers that read the paths of `-f`; none when they are files of ours.
fn flavours(options: &Check) -> Vec<Flavour> {
    match options.provider {
        Some(RenderProvider::File) => Vec::new(),
        Some(RenderProvider::KubernetesCrd) => vec![Flavour::Custom],
        Some(RenderProvider::KubernetesIngress) => vec![Flavour::Ingress],
        None if kubernetes::looks_like_manifests(&options.dynamic) => {
            vec![Flavour::Custom, Flavour::Ingress]
        }
        None => Vec::new(),
    }
}

impl Checked {
    /// Whether every provider that is on has been read.
    fn is_whole(&self, config: &Static) -> bool {
        let providers = &config.providers;
        let table = [
            (providers.file.is_some(), file::NAME),
            (
                providers.kubernetes_crd.is_some(),
                Flavour::Custom.provider(),
            ),
            (
                providers.kubernetes_ingress.is_some(),
                Flavour::Ingress.provider(),
            ),
        ];
        let missing = |(on, name): (bool, &str)| on && !self.inputs.contains_key(name);
        !table.into_iter().any(missing)
    }

    /// Reads files of ours: those that are named, or else those of the static configuration.
    fn read_files(&mut self, config: &Static, paths: &[PathBuf]) -> Result<(), Report> {
        let loaded = match (&config.providers.file, paths) {
            (None, []) => return Ok(()),
            (Some(provider), []) => file::load(provider),
            (_, paths) => file::load_paths(paths),
        }?;
        let name = file::NAME.to_owned();
        self.inputs
            .insert(name.clone(), Arc::new(loaded.configuration));
        self.places.insert(name, Arc::new(loaded.places));
        self.report.append(loaded.report);
        Ok(())
    }

    fn read_manifests(
        &mut self,
        config: &Static,
        paths: &[PathBuf],
        flavours: &[Flavour],
    ) -> Result<(), Report> {
        let providers = &config.providers;
        let sieve = Sieve::new(
            providers.kubernetes_crd.as_ref(),
            providers.kubernetes_ingress.as_ref(),
        )?;
        self.manifests = kubernetes::load(paths, &sieve)?;
        self.report
            .append(std::mem::take(&mut self.manifests.report));
        for flavour in flavours {
            let mut options = kubernetes_options(config, *flavour);
            // Nobody writes EndpointSlices by hand: without any, nothing is known about them.
            options.allow_empty_services |= self.manifests.lacks_slices();
            let is_v2 = config.default_rule_syntax == RuleSyntax::V2;
            let made = kubernetes::translated(&self.manifests, &options, *flavour, is_v2);
            let name = flavour.provider().to_owned();
            let configuration = Arc::new(made.configuration.clone());
            self.inputs.insert(name, configuration);
            self.report.append(made.report.clone());
            self.translated.push(made);
        }
        self.report.sort();
        Ok(())
    }
}

/// The options of a Kubernetes provider, or its defaults where it is off.
fn kubernetes_options(config: &Static, flavour: Flavour) -> Kubernetes {
    let options = match flavour {
        Flavour::Custom => &config.providers.kubernetes_crd,
        Flavour::Ingress => &config.providers.kubernetes_ingress,
    };
    options.clone().unwrap_or_default()
}

/// As at the start of the router. Where manifests are checked and the static configuration says
/// nothing about entry points, those that routers name count as there.
fn setup(config: &Static, checked: &Checked) -> Setup {
    let mut setup = app::setup(config, 1);
    let is_silent = config.entry_points.values().all(|point| point.implicit);
    if checked.translated.is_empty() || !is_silent {
        return setup;
    }
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for made in &checked.translated {
        let routers = made.configuration.http.routers.values();
        named.extend(routers.flat_map(|router| router.entry_points.iter().map(String::as_str)));
    }
    let Some(model) = setup.entry_points.first().cloned() else {
        return setup;
    };
    for name in named {
        if setup.entry_points.iter().all(|point| point.name != name) {
            let mut point = model.clone();
            name.clone_into(&mut point.name);
            point.as_default = false;
            setup.entry_points.push(point);
        }
    }
    setup
}

/// Prints what a provider makes of its input.
#[must_use]
pub fn render(options: &Render) -> Exit {
    let format = match options.output {
        Output::Json => file::Format::Json,
        Output::Yaml => file::Format::Yaml,
    };
    let flavour = match options.provider {
        RenderProvider::File => None,
        RenderProvider::KubernetesCrd => Some(Flavour::Custom),
        RenderProvider::KubernetesIngress => Some(Flavour::Ingress),
    };
    let (text, report) = match flavour {
        None => file::render(&options.paths, format, options.redact),
        Some(flavour) => {
            let config = match statics::load(&options.sources) {
                Ok(loaded) => loaded.config,
                Err(report) => return refused(&report),
            };
            let how = Rendering {
                flavour,
                format,
                redact: options.redact,
                is_rule_v2: config.default_rule_syntax == RuleSyntax::V2,
            };
            let settings = kubernetes_options(&config, flavour);
            kubernetes::render(&options.paths, &settings, how)
        }
    };
    // Closed outputs leave nobody to tell.
    drop(write!(io::stderr(), "{report}"));
    match text {
        Some(text) => {
            drop(write!(io::stdout(), "{text}"));
            Exit::Done
        }
        None => Exit::Failed,
    }
}
