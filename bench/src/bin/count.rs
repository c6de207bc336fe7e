//! Runs one subject under callgrind; `bench/run` calls it and reads the count.
//!
//! `count --list`, `count --smoke` (each subject once, the large ones left out), `count NAME [OPERATIONS]`.

use std::process::ExitCode;

use ringway_bench::{Subject, subjects};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Calls before the count begins: pools are full, lazily built tables stand.
const WARM_UP: u32 = 3;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let subjects = subjects();
    match words.first().map(String::as_str) {
        Some("--list") => {
            for subject in subjects {
                println!("{} {} {}", subject.name, subject.operations, subject.batch);
            }
            ExitCode::SUCCESS
        }
        Some("--smoke") => {
            let small: Vec<_> = subjects
                .iter()
                .filter(|subject| !subject.is_large())
                .collect();
            for subject in &small {
                measured(&mut *(subject.prepare)(), 1);
                println!("{} runs", subject.name);
            }
            println!("test result: ok. {} passed; 0 failed", small.len());
            ExitCode::SUCCESS
        }
        Some(name) => count(&subjects, name, words.get(1)),
        None => refuse("count --list | --smoke | NAME [OPERATIONS]"),
    }
}

fn count(subjects: &[Subject], name: &str, operations: Option<&String>) -> ExitCode {
    let Some(subject) = subjects.iter().find(|subject| subject.name == name) else {
        return refuse(&format!("no subject named {name}"));
    };
    let wanted = operations.map_or(Ok(subject.operations), |word| word.parse());
    let Ok(operations) = wanted else {
        return refuse("OPERATIONS is not a number");
    };
    let mut operation = (subject.prepare)();
    if subject.operations > WARM_UP {
        for _ in 0..WARM_UP {
            operation();
        }
    }
    measured(&mut *operation, operations);
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::FAILURE
}

/// Callgrind counts inside this function alone (`--toggle-collect`), hence its fixed name.
#[inline(never)]
fn measured(operation: &mut dyn FnMut(), operations: u32) {
    for _ in 0..operations {
        operation();
    }
}
