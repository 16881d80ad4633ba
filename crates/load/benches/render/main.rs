//! One render without sockets: diffs of the measured pages, and the dead render beside maud's.
//!
//! ```text
//! cargo bench -p load --features bench
//! ```
//!
//! Prints first what the server keeps of each render until the next one.

use std::hint::black_box;

use belvedere::diff::{Changes, Memory};
use belvedere::template::{self, Render, diff};
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use load::pages::{Form, User, plain_table, table, users};

mod components;
mod nested;

/// A change of the table between two renders.
type Change = fn(&mut Vec<User>);

const CHANGES: [(&str, Change); 5] = [
    ("nothing", |_| {}),
    ("one row", |users| users[0].age += 1),
    ("all rows", |users| users.iter_mut().for_each(|user| user.age += 1)),
    ("reverse", |users| users.reverse()),
    ("shuffle", |users| {
        // A permutation without fixed points: 67 and 200 have no common divisor.
        *users = (0..users.len()).map(|at| users[(at * 67 + 117) % users.len()].clone()).collect();
    }),
];

/// Diffs one state of a page.
type Diff<'a> = dyn Fn(&mut Memory, &mut String) -> Changes + 'a;

/// What is remembered after a full tree, and the tree's members.
fn joined(page: &impl Render) -> (Memory, String) {
    let (mut memory, mut out) = (Memory::default(), String::new());
    diff(page, &mut memory, &mut out);
    (memory, out)
}

/// Renders alternate between two states, so that each has the change and the memory of the last.
fn bench_change(criterion: &mut Criterion, name: &str, pages: [&Diff<'_>; 2]) {
    let (mut memory, mut out) = (Memory::default(), String::with_capacity(32 * 1024));
    for page in pages {
        page(&mut memory, &mut out);
    }
    let mut turn = 0;
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            out.clear();
            turn = 1 - turn;
            pages[turn](&mut memory, black_box(&mut out))
        });
    });
}

fn diffs(criterion: &mut Criterion) {
    for (name, change) in CHANGES {
        let before = users();
        let mut after = users();
        change(&mut after);
        let first = |memory: &mut _, out: &mut _| diff(&table(&before), memory, out);
        let second = |memory: &mut _, out: &mut _| diff(&table(&after), memory, out);
        bench_change(criterion, &format!("table/{name}"), [&first, &second]);
    }
    let (before, after) = (Form::with_first("Ada"), Form::with_first("Adam"));
    let first = |memory: &mut _, out: &mut _| diff(&before.page(), memory, out);
    let second = |memory: &mut _, out: &mut _| diff(&after.page(), memory, out);
    bench_change(criterion, "form/one of 30 inputs", [&first, &second]);
}

fn whole_pages(criterion: &mut Criterion) {
    let users = users();
    criterion.bench_function("table/full tree", |bencher| {
        bencher.iter_batched_ref(
            || (Memory::default(), String::with_capacity(32 * 1024)),
            |(memory, out)| diff(&table(&users), memory, out),
            BatchSize::SmallInput,
        );
    });
    criterion.bench_function("table/dead render", |bencher| {
        bencher.iter(|| template::to_html(&table(black_box(&users))));
    });
    criterion.bench_function("table/dead render by maud", |bencher| {
        bencher.iter(|| plain_table(black_box(&users)));
    });
}

fn kept(_: &mut Criterion) {
    let table = joined(&table(&users()));
    let form = joined(&Form::with_first("Ada").page());
    eprintln!("table: {} bytes kept, full tree {} bytes", table.0.bytes(), table.1.len());
    eprintln!("form: {} bytes kept, full tree {} bytes", form.0.bytes(), form.1.len());
    let nested = joined(&nested::page(&users()));
    eprintln!("nested: {} bytes kept, full tree {} bytes", nested.0.bytes(), nested.1.len());
    components::print_kept();
}

criterion_group!(renders, kept, diffs, whole_pages, nested::bench, components::bench);
criterion_main!(renders);
