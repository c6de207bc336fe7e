//! The fast readers of `wire` agree with the plain ones: over the seeds of the fuzz targets, and
//! over what can be thrown together from pieces of them.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

use std::fs;
use std::path::Path;

use proptest::prelude::*;

#[path = "../fuzz/plain/mod.rs"]
mod plain;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new("fuzz/corpus").join(target);
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert!(!seeds.is_empty(), "{target} has seeds");
    seeds.sort();
    seeds
}

type Check = fn(&[u8]);

#[test]
fn all_seeds_are_read_the_same_both_ways() {
    let table: [(&str, Check); 9] = [
        ("head", plain::request::check),
        ("status_line", plain::answer::check),
        ("chunked", plain::chunked::check),
        ("path", plain::path::check),
        ("proxy", plain::proxy::check),
        ("rule", plain::rule::check),
        ("dynamic", plain::config::dynamic),
        ("static", plain::config::statics),
        ("template", plain::config::template),
    ];
    for (target, check) in table {
        for seed in seeds(target) {
            check(&seed);
        }
    }
}

/// Heads and bodies made of parts of seeds, and of bytes that matter to a reader.
fn mixed(target: &str) -> impl Strategy<Value = Vec<u8>> + use<> {
    let seeds = seeds(target);
    let lines: Vec<Vec<u8>> = seeds
        .iter()
        .flat_map(|seed| seed.split_inclusive(|byte| *byte == b'\n'))
        .map(<[u8]>::to_vec)
        .collect();
    let bytes = b"\r\n\t \0:;,_-/.%#?@[]{}\\\"0159afAFxXhHtTeE\x7f\x80\xff".to_vec();
    let start = prop::sample::select(lines.clone());
    let part = prop_oneof![
        8 => prop::sample::select(lines),
        2 => prop::sample::select(bytes).prop_map(|byte| vec![byte]),
    ];
    let cut = any::<prop::sample::Index>();
    let strange = any::<u8>();
    let parts = prop::collection::vec(part, 0..8);
    (start, parts, cut, strange, 0..6_u8).prop_map(|(start, parts, cut, strange, what)| {
        let mut bytes = [start, parts.concat()].concat();
        if what < 3 {
            bytes.extend_from_slice(b"\r\n\r\n");
        }
        let at = cut.index(bytes.len().max(1));
        match what {
            0 => bytes.insert(at, strange),
            1 if !bytes.is_empty() => bytes[at] = strange,
            5 => bytes.truncate(at),
            _ => {}
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn heads_are_read_the_same_both_ways(bytes in mixed("head")) {
        plain::request::check(&bytes);
    }

    #[test]
    fn answers_are_read_the_same_both_ways(bytes in mixed("status_line")) {
        plain::answer::check(&bytes);
    }

    #[test]
    fn chunks_are_read_the_same_both_ways(bytes in mixed("chunked")) {
        plain::chunked::check(&bytes);
    }

    #[test]
    fn paths_are_read_the_same_both_ways(bytes in mixed("path")) {
        plain::path::check(&bytes);
    }

    #[test]
    fn rules_find_the_same_both_ways(bytes in mixed("rule")) {
        plain::rule::check(&bytes);
    }

    #[test]
    fn configuration_is_read_or_refused(bytes in mixed("dynamic"), other in mixed("static")) {
        plain::config::dynamic(&bytes);
        plain::config::statics(&other);
    }

    #[test]
    fn templates_are_filled_in_or_refused(bytes in mixed("template")) {
        plain::config::template(&bytes);
    }

    #[test]
    fn proxy_headers_are_read_the_same_both_ways(bytes in mixed("proxy")) {
        plain::proxy::check(&bytes);
    }
}
