//! How what the server does grows with what it is given.
//!
//! ```text
//! cargo run --profile instructions -p load --bin growth              all tables
//! cargo run --profile instructions -p load --bin growth rows holes   some of them
//! ```
//!
//! It starts itself once more as the server: under callgrind where instructions are counted, which needs no
//! quiet machine, and without it for processor time and memory. It prints each table, and draws
//! `docs/images/growth-….svg` of its instructions. How to read them is in `docs/growth.md`.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

mod bench;
mod diffs;
mod forms;
mod frames;
mod holes;
mod listeners;
mod moves;
mod parts;
mod people;
mod plot;
mod rows;
mod sockets;
mod streams;
mod table;
mod uploads;

use std::path::Path;

use anyhow::bail;
use load::program;
use load::server::{Limits, Tracing};

use crate::table::Table;

/// How the program calls itself to be measured.
const SERVE: &str = "serve";

/// The same, with the bounds of an application.
const SERVE_BOUNDED: &str = "serve-bounded";

/// Where plots go.
const IMAGES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/images");

/// A table, and what measures it.
type Measure = (&'static str, fn() -> anyhow::Result<Table>);

const TABLES: [Measure; 12] = [
    ("sockets", sockets::measure),
    ("rows", rows::measure),
    ("holes", holes::measure),
    ("listeners", listeners::measure),
    ("uploads", uploads::measure),
    ("streams", streams::measure),
    ("parts", parts::measure),
    ("people", people::measure),
    ("moves", moves::measure),
    ("diffs", diffs::measure),
    ("forms", forms::measure),
    ("frames", frames::measure),
];

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [SERVE] => return program::serve(1, Limits::Lifted, Tracing::Off),
        [SERVE_BOUNDED] => return program::serve(1, Limits::Default, Tracing::Off),
        _ => {}
    }
    if let Some(unknown) = arguments.iter().find(|name| TABLES.iter().all(|(of, _)| of != *name)) {
        let names: Vec<&str> = TABLES.iter().map(|(name, _)| *name).collect();
        bail!("no table is called {unknown}; there are {}", names.join(", "));
    }
    for (name, measure) in TABLES {
        if arguments.is_empty() || arguments.contains(&name) {
            let table = measure()?;
            println!("{}", table.markdown());
            if let Some(plot) = plot::draw(&table) {
                std::fs::create_dir_all(IMAGES)?;
                std::fs::write(Path::new(IMAGES).join(format!("growth-{name}.svg")), plot)?;
            }
        }
    }
    Ok(())
}
