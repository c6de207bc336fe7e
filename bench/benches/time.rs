//! The subjects by the clock. A shared machine has no honest one: compare within a run.

use ringway_bench::subjects;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    divan::main();
}

fn names() -> Vec<&'static str> {
    subjects().iter().map(|subject| subject.name).collect()
}

#[divan::bench(args = names(), sample_count = 50, max_time = 5)]
fn time(bencher: divan::Bencher<'_, '_>, name: &str) {
    let all = subjects();
    let Some(subject) = all.iter().find(|subject| subject.name == name) else {
        return;
    };
    let mut operation = (subject.prepare)();
    bencher.bench_local(&mut *operation);
}
