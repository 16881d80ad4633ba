//! Many browsers at once against the bench server, and what each of their acts costs it.
//!
//! ```text
//! taskset -c 0 cargo run -r -p load --example bench_server &
//! taskset -c 1 cargo run -r -p load --example load -- all
//! ```
//!
//! Costs are processor time of the server's process, and mean something only as multiples of the
//! bare echo's, measured right before: the commands that compare alternate the two and give
//! medians. How to read them is in `docs/performance.md`.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use load::browser::HttpConnection;
use load::process::Process;

use crate::scenario::Scenario;

mod bytes;
mod compare;
mod scenario;

/// Measures a running bench server
#[derive(Parser)]
struct Options {
    /// Address of the bench server
    #[arg(long, default_value = "127.0.0.1:4100")]
    server: SocketAddr,
    /// Browsers at once, each waiting for its answer before it goes on
    #[arg(long, default_value_t = 100)]
    connections: usize,
    /// Length of one run
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// Runs of each kind when two are compared
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything that has a target, against the echo, by turns
    All,
    /// One scenario against the echo, by turns
    Compare { scenario: Scenario },
    /// One scenario by itself
    Run { scenario: Scenario },
    /// Clicks on this server against clicks on another one, which traces
    Trace {
        /// Address of the bench server that was started with `--trace sampled`
        traced: SocketAddr,
    },
    /// Every act on this server and on a peer that serves the same pages, by turns
    Peer {
        /// Address of the peer
        peer: SocketAddr,
    },
    /// The live table's first response against the plain one's
    DeadRender,
    /// Bytes of every page's join and replies
    Bytes,
}

/// A server and how to load it.
#[derive(Clone, Copy)]
struct Target {
    server: SocketAddr,
    process: Process,
    connections: usize,
    run: Duration,
}

impl Target {
    async fn of(options: &Options, server: SocketAddr) -> anyhow::Result<Self> {
        let asked = async { HttpConnection::open(server).await?.get("/pid", None).await };
        let response = asked.await.with_context(|| format!("no bench server at {server}"))?;
        Ok(Self {
            server,
            process: Process::new(response.body.parse()?),
            connections: options.connections,
            run: Duration::from_secs_f64(options.seconds),
        })
    }

    /// The same with as many connections as each of `scenarios` needs.
    fn with_enough_for<const N: usize>(self, scenarios: [Scenario; N]) -> Self {
        let least = scenarios.map(Scenario::least_connections).into_iter().max().unwrap_or(1);
        Self { connections: self.connections.max(least), ..self }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let target = Target::of(&options, options.server).await?;
    match options.command {
        Command::All => {
            compare::with_targets(target, options.rounds).await?;
            compare::dead_render(target, options.rounds).await
        }
        Command::Compare { scenario } => {
            compare::with_echo(target, scenario, options.rounds).await.map(drop)
        }
        Command::Run { scenario } => {
            println!("{}", scenario.measure(target.with_enough_for([scenario])).await?);
            Ok(())
        }
        Command::Trace { traced } => {
            let traced = Target::of(&options, traced).await?;
            compare::traced(target, traced, options.rounds).await
        }
        Command::Peer { peer } => {
            let peer = Target::of(&options, peer).await?;
            compare::with_peer(target, peer, options.rounds).await
        }
        Command::DeadRender => compare::dead_render(target, options.rounds).await,
        Command::Bytes => bytes::print(target.server).await,
    }
}
