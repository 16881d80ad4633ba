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

use anyhow::bail;
use load::counting::Counted;
use load::program;
use load::server::Limits;

use crate::figures::Figures;

/// How the program calls itself to be counted.
const SERVE: &str = "serve";

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
        [SERVE] => program::serve(1, Limits::Lifted),
        _ => bail!("usage: instructions [store]"),
    }
}

fn count() -> anyhow::Result<Figures> {
    let server = Counted::start(SERVE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let windows = runtime.block_on(acts::all(server.process(), server.address()))?;
    Ok(Figures::of_counts(server.counts(&windows)?))
}
