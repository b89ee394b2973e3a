//! How long advice takes on a year of logs (9,500 entries, 366 nights): `cargo bench --bench advice`. The aim is 100 ms.

#![allow(clippy::unwrap_used, missing_docs)]

#[path = "../tests/it/year.rs"]
mod year;

use std::hint::black_box;

use crampwatch::advice::advise;
use crampwatch::report::Counsel;
use crampwatch::store::Store;
use crampwatch::units::UtcMicros;
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use jiff::tz::TimeZone;

fn advice(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    year::fill_a_year(folder.path());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(Store::open(folder.path())).unwrap();
    let now = UtcMicros::from_timestamp(Timestamp::now());
    let gather = || runtime.block_on(Counsel::gather(&store, "me", now, &TimeZone::UTC)).unwrap();
    let mut group = criterion.benchmark_group("advice");
    group.sample_size(20);
    group.bench_function("a year, from the store to the words", |bencher| {
        bencher.iter(|| black_box(advise(&gather().input)));
    });
    let counsel = gather();
    group.bench_function("of it the words alone", |bencher| bencher.iter(|| black_box(advise(&counsel.input))));
    group.finish();
}

criterion_group!(benches, advice);
criterion_main!(benches);
