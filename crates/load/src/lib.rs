//! What the bench server, the load client and the benchmarks share.
//!
//! ```text
//! examples/bench_server.rs   the pages below, a bare echo beside them
//! examples/load.rs           many browsers at once, and the server's cost per message
//! benches/render.rs          one render and diff, without sockets
//! ```
//!
//! - [`pages`]: live views with the content of the reference server's pages, so that frames
//!   compare byte for byte;
//! - [`browser`]: opens a page, joins it, clicks;
//! - [`process`]: processor time and memory of another process.
//!
//! How to run all of it, and what came out, is in `docs/performance.md`.

pub mod browser;
pub mod pages;
pub mod process;
