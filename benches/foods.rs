//! How fast foods are found: `cargo bench --bench foods`. The aim is under 5 ms a search, and under 100 ms for the first
//! one of a process, which reads the table and makes the index.

use std::hint::black_box;

use crampwatch::diary::Foods;
use criterion::{Criterion, criterion_group, criterion_main};

const QUERIES: [&str; 6] = [
    "spinach",
    "banana medium",
    "glass of milk",
    "chedar chese raww slicd",
    "cooked salt",
    "beef lean raw separable trimmed fat all grades",
];

fn search(criterion: &mut Criterion) {
    let foods = Foods::builtin();
    let mut group = criterion.benchmark_group("foods");
    for query in QUERIES {
        group.bench_function(query, |bencher| bencher.iter(|| foods.search(black_box(query), 10)));
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
