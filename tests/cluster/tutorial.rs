//! The tutorial, replayed: its files are written, its commands run, and what they print is what it
//! shows. `docs/tutorial.zh.md` has the same blocks, so it needs no replay of its own.
//!
//! ```` ```yaml file=NAME ```` is a file, ```` ```bash ```` is run, and a ```` ```text ```` behind
//! it is what must come out: line by line in this order, `...` standing for anything. Blocks that
//! say `later` are of features that are not served yet.

use std::fs;
use std::path::Path;

use crate::harness::{Cluster, repository, wait_for};

/// A fenced block.
#[derive(PartialEq, Eq, Debug)]
struct Block {
    /// What stands behind the fence.
    info: String,
    text: String,
    line: usize,
}

#[test]
fn both_languages_have_the_same_blocks() {
    let english = blocks("docs/tutorial.md");
    let chinese = blocks("docs/tutorial.zh.md");
    let plain = |blocks: &[Block]| -> Vec<_> {
        let all = blocks.iter();
        all.map(|block| (block.info.clone(), block.text.clone()))
            .collect()
    };
    assert_eq!(plain(&english), plain(&chinese));
    assert!(!english.is_empty());
}

#[test]
fn the_tutorial_gives_what_it_shows() {
    let Some(cluster) = Cluster::find() else {
        return;
    };
    let _turn = cluster.node_ports();
    clean(&cluster);
    let folder = cluster.folder("tutorial");
    let blocks = blocks("docs/tutorial.md");
    let mut rest = blocks.iter().peekable();
    while let Some(block) = rest.next() {
        let mut words = block.info.split(' ');
        match (words.next().unwrap(), words.next()) {
            (_, Some("later")) => {}
            ("yaml", Some(file)) => {
                let name = file.strip_prefix("file=").unwrap();
                fs::write(folder.join(name), &block.text).unwrap();
            }
            ("bash", None) => {
                let wanted = rest.next_if(|next| next.info == "text");
                replay(&cluster, &folder, block, wanted);
            }
            other => panic!("line {}: a block {other:?} has no meaning", block.line),
        }
    }
    clean(&cluster);
}

fn replay(cluster: &Cluster, folder: &Path, block: &Block, wanted: Option<&Block>) {
    let program = format!(
        "cd {} && ln -sfn {} ringway && set -euo pipefail\nNODE={}\n{}",
        folder.display(),
        repository().display(),
        cluster.node(),
        block.text
    );
    let run = || cluster.try_run("bash", &["-c", &program], "");
    let Some(wanted) = wanted else {
        run().unwrap_or_else(|error| panic!("line {}: {error}", block.line));
        return;
    };
    // What only looks may look again: pods start, and routes come, in their own time.
    let looks = |line: &str| {
        line.starts_with("kubectl get")
            || line.starts_with("kubectl logs")
            || line.contains("curl ")
    };
    let again = block.text.lines().any(looks);
    let ask = || {
        let output = run()?;
        missing(&output, &wanted.text).map_or(Ok(()), |line| {
            Err(format!("line {}: no {line:?} in:\n{output}", block.line))
        })
    };
    if again {
        wait_for(&format!("what line {} shows", block.line), ask);
    } else {
        ask().unwrap_or_else(|error| panic!("{error}"));
    }
}

/// The first line wanted that doesn't come, in order.
fn missing<'text>(output: &str, wanted: &'text str) -> Option<&'text str> {
    let mut lines = output.lines();
    let mut wanted = wanted.lines().filter(|line| line.trim() != "...");
    wanted.find(|pattern| !lines.any(|line| fits(line.trim_end(), pattern.trim_end())))
}

/// Whether a line is as a pattern says, in which `...` is anything and spaces are one.
fn fits(line: &str, pattern: &str) -> bool {
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (line, pattern) = (squeeze(line), squeeze(pattern));
    let mut parts = pattern.split("...");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let mut ended = true;
    for part in parts {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
        ended = part.is_empty();
    }
    rest.is_empty() || (ended && pattern.ends_with("..."))
}

#[test]
fn patterns_fit_what_they_should() {
    for (line, pattern, expected) in [
        ("a b", "a b", true),
        ("a   b", "a b", true),
        ("a b c", "a b", false),
        ("whoami-5f-x 1/1 Running", "whoami-... 1/1 Running", true),
        ("whoami-5f-x 0/1 Running", "whoami-... 1/1 Running", false),
        ("anything", "...", true),
        ("Hostname: x", "Hostname: ...", true),
    ] {
        assert_eq!(fits(line, pattern), expected, "{line:?} {pattern:?}");
    }
}

/// Takes away what an earlier replay left.
fn clean(cluster: &Cluster) {
    cluster.install_kinds();
    // There may be none.
    for release in ["traefik", "traefik-in", "traefik-out"] {
        let args = [
            "uninstall",
            release,
            "-n",
            "kube-system",
            "--wait",
            "--ignore-not-found",
        ];
        drop(cluster.try_run("helm", &args, ""));
    }
    let kinds = "deployments,services,ingresses,secrets,\
                 ingressroutes.traefik.containo.us,middlewares.traefik.containo.us,\
                 traefikservices.traefik.containo.us";
    cluster.kubectl(&["-n", "default", "delete", kinds, "--all", "--wait=true"]);
    let routes = [
        "-n",
        "kube-system",
        "delete",
        "ingressroutes.traefik.containo.us",
        "--all",
    ];
    cluster.kubectl(&routes);
}

fn blocks(file: &str) -> Vec<Block> {
    let text = fs::read_to_string(repository().join(file)).unwrap();
    let mut found = Vec::new();
    let mut open: Option<Block> = None;
    for (index, line) in text.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => {
                open = Some(Block {
                    info: info.to_owned(),
                    text: String::new(),
                    line: index + 1,
                });
            }
            (Some(_), Some(_)) => found.extend(open.take()),
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{file}: a block has no end");
    found
}
