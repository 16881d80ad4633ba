//! How many instructions the server needs for each act, held by stored figures.
//!
//! ```text
//! cargo run --profile instructions -p load --bin instructions            compares with the stored ones
//! cargo run --profile instructions -p load --bin instructions store      stores what it counts
//! ```
//!
//! It starts itself once more as the server, under callgrind (Debian's package `valgrind`), and is
//! the browsers. What else the machine does makes the run longer and seldom changes a figure by more
//! than 1 %. The kernel's work is not counted.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

mod acts;
mod figures;

use std::net::SocketAddr;

use anyhow::bail;
use load::browser::BrowserError;
use load::counting::{Count, Counted, Held, Window};
use load::program;
use load::server::{Limits, Tracing};

use crate::figures::Figures;

/// How the program calls itself to be counted.
const SERVE: &str = "serve";
/// The same, and traces each page.
const SERVE_TRACED: &str = "serve-traced";
/// The same, and decides of each page that it is not traced.
const SERVE_UNSAMPLED: &str = "serve-unsampled";

/// How often all is counted before an act counts as too dear. What happens by the clock, and in what
/// order the server finds what browsers send, only adds to an act: the lowest figure is its own.
const MAX_COUNTS: usize = 5;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => {
            let stored = Figures::stored()?;
            let mut counted = count()?;
            for _ in 1..MAX_COUNTS {
                if counted.check(&stored).is_ok() {
                    break;
                }
                counted = counted.lowest(count()?);
            }
            counted.print(&stored);
            counted.check(&stored)
        }
        ["store"] => {
            let counted = count()?;
            counted.print(&Figures::stored().unwrap_or_default());
            counted.store()
        }
        [SERVE] => program::serve(1, Limits::Lifted, Tracing::Off),
        [SERVE_TRACED] => program::serve(1, Limits::Lifted, Tracing::Sampled(1.0)),
        [SERVE_UNSAMPLED] => program::serve(1, Limits::Lifted, Tracing::Sampled(0.0)),
        _ => bail!("usage: instructions [store]"),
    }
}

fn count() -> anyhow::Result<Figures> {
    let mut counts = count_of(SERVE, acts::all)?;
    counts.extend(count_of(SERVE_TRACED, acts::traced)?);
    counts.extend(count_of(SERVE_UNSAMPLED, acts::unsampled)?);
    Ok(Figures::of_counts(counts))
}

/// What the acts cost of the server that this argument starts.
fn count_of(
    serve: &str,
    acts: impl AsyncFnOnce(Held, SocketAddr) -> Result<Vec<Window>, BrowserError>,
) -> anyhow::Result<Vec<Count>> {
    let server = Counted::start(serve)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let windows = runtime.block_on(acts(server.process(), server.address()))?;
    server.counts(&windows)
}
