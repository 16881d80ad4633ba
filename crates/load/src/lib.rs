//! The server that is measured, and what measures it.
//!
//! ```text
//! examples/bench_server.rs   serves the pages below, and a bare echo beside them
//! examples/load/             many browsers at once, and the server's cost per message
//! benches/render/            one render and diff, without sockets
//! src/bin/growth/            what each act costs by the number of sockets, rows, listeners and so on
//! src/bin/instructions/      instructions per act, held by what is stored in instructions.txt
//! src/bin/memory.rs          memory of pages that are open and do nothing
//! src/bin/rolling/           servers that are replaced while browsers are on their pages
//! src/bin/soak/              the same for twenty minutes, with all that visitors do
//! src/bin/start.rs           how long a program takes until its first answer
//! src/bin/uploads.rs         files through the live socket against bodies of requests
//! ```
//!
//! - [`pages`]: live views with the content of the reference server's pages, so that frames
//!   compare byte for byte;
//! - [`server`]: serves them as an application does;
//! - [`browser`]: opens a page, joins it, clicks;
//! - [`visitor`]: where visitors come from, and when they come back;
//! - [`counting`]: instructions of a server under callgrind;
//! - [`process`]: processor time and memory of another process;
//! - [`program`]: a server in a process of its own;
//! - [`instance`], [`balancer`]: several of them, and what stands in front.
//!
//! How to run all of it, and what came out, is in `docs/performance.md`.

#[cfg(feature = "deploys")]
pub mod balancer;
pub mod browser;
pub mod counting;
#[cfg(feature = "deploys")]
pub mod instance;
mod mark;
pub mod pages;
pub mod process;
pub mod program;
pub mod server;
#[cfg(feature = "deploys")]
pub mod visitor;

/// The middle one of what was measured, the upper one of two; not a number when nothing was.
#[must_use]
pub fn median(figures: &[f64]) -> f64 {
    let mut figures = figures.to_vec();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
