//! The table with each row an element of its own that splices two more.

use std::hint::black_box;

use belvedere::diff::Memory;
use belvedere::live;
use belvedere::template::{Render, diff};
use criterion::{BatchSize, Criterion};
use load::pages::{User, users};

/// Rows of nested templates.
pub(crate) fn page(users: &[User]) -> impl Render {
    live! { table { @for user in users, key=(user.id) { (row(user)) } } }
}

fn row(user: &User) -> impl Render {
    live! {
        tr #{ "row-" (user.id) } { td { (user.id) } (cell(&user.name)) td { (badge(user.age)) } }
    }
}

fn cell(text: &str) -> impl Render {
    live! { td.name { (text) } }
}

fn badge(number: u32) -> impl Render {
    live! { span.badge { (number) } }
}

pub(crate) fn bench(criterion: &mut Criterion) {
    let (before, mut after) = (users(), users());
    after[0].age += 1;
    criterion.bench_function("nested/full tree", |bencher| {
        bencher.iter_batched_ref(
            || (Memory::default(), String::with_capacity(32 * 1024)),
            |(memory, out)| diff(&page(&before), memory, out),
            BatchSize::SmallInput,
        );
    });
    let first = |memory: &mut _, out: &mut _| diff(&page(&before), memory, out);
    let second = |memory: &mut _, out: &mut _| diff(&page(&after), memory, black_box(out));
    super::bench_change(criterion, "nested/one row", [&first, &second]);
}
