//! How many instructions the server needs for each act, held by stored figures.
//!
//! ```text
//! cargo run --profile instructions -p load --bin instructions            compares with the stored ones
//! cargo run --profile instructions -p load --bin instructions store      stores what it counts
//! cargo run --profile instructions -p load --bin instructions publish    for 0 to 10,000 listeners
//! ```
//!
//! It starts itself once more as the server, under callgrind (Debian's package `valgrind`), and is
//! the browsers. What else the machine does makes the run longer and changes no figure by more than
//! 1 %. The kernel's work is not counted.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

mod acts;
mod counted;
mod figures;
mod mark;
mod process;
mod publish;

use std::net::Ipv4Addr;

use anyhow::{Context as _, bail};
use load::server::{self, Tracing};
use tokio::net::TcpListener;

use crate::counted::Counted;
use crate::figures::Figures;

/// How the program calls itself to be counted.
const SERVE: &str = "serve";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => {
            let stored = Figures::stored()?;
            let counted = count()?;
            counted.print(&stored);
            counted.check(&stored)
        }
        ["store"] => {
            let counted = count()?;
            counted.print(&Figures::stored().unwrap_or_default());
            counted.store()
        }
        ["publish"] => publish::measure(SERVE),
        [SERVE] => serve(),
        _ => bail!("usage: instructions [store|publish]"),
    }
}

/// The server, with one worker, so that a figure does not depend on who runs which task.
fn serve() -> anyhow::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).enable_all().build()?;
    opentelemetry::global::set_meter_provider(server::meters());
    runtime.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        println!("{}", listener.local_addr()?);
        let app = mark::routed(server::app(Tracing::Off));
        // In a task, so that the worker accepts connections too.
        tokio::spawn(server::serve(listener, app)).await.context("the server has ended")
    })
}

fn count() -> anyhow::Result<Figures> {
    let server = Counted::start(SERVE)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let windows = runtime.block_on(acts::all(server.process()?, server.address()))?;
    server.figures(&windows)
}
