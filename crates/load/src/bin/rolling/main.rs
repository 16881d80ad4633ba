//! Servers that are replaced one after the other, while browsers are on their pages.
//!
//! ```text
//! cargo run -r -p load --bin rolling -- 2000 --balancer nginx
//! ```
//!
//! Two instances of this program serve a page behind Debian's `haproxy` or `nginx`; visitors, each
//! from an address of its own, join it through that and click. Then each instance is told to stop (SIGTERM) and
//! started anew. Fails when a visitor is not joined at the end or a click is not answered then, when joins
//! come faster than [`JOINS_PER_SECOND`], or when an instance takes longer to stop than it may.
//! Figures of a run are in `docs/reliability.md`.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

mod figures;
mod visitor;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use axum::Router;
use belvedere::{LiveRouter, LiveRuntime};
use clap::Parser;
use futures_util::future::join_all;
use load::balancer::{Balancer, Kind, Spread};
use load::instance::{self, Instance, JOINS_PER_SECOND, MOVED_PER_SECOND, SERVE, free_address};
use load::pages::Counter;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::figures::Figures;

/// New visitors in a second while the page fills.
const ARRIVALS_PER_SECOND: usize = 200;

/// How long an instance may take to stop, beside the time to move its sockets at the set rate.
const STOP: Duration = Duration::from_secs(5);

/// How long the visitors may take to be back when the last instance is up.
const BACK: Duration = Duration::from_secs(30);

/// Between an instance's first answer and the end of the next: its balancer has noticed it.
const PAUSE: Duration = Duration::from_secs(2);

/// Replaces servers under visitors
#[derive(Parser)]
struct Options {
    /// How many
    #[arg(default_value_t = 2000)]
    visitors: usize,
    /// What stands in front of the servers
    #[arg(long, value_enum, default_value_t)]
    balancer: Kind,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [serve, address] if serve == SERVE => self::serve(address.parse()?).await,
        _ => roll(Options::parse()).await,
    }
}

/// Is one of the instances.
async fn serve(address: SocketAddr) -> anyhow::Result<()> {
    let live = LiveRuntime::new(instance::config(&"rolling ".repeat(8))?);
    let app = live.clone().serve(Router::new().live::<Counter>("/counter"));
    instance::serve(address, live, app).await
}

async fn roll(Options { visitors: n_visitors, balancer }: Options) -> anyhow::Result<()> {
    let addresses = [free_address()?, free_address()?];
    let mut instances = Vec::new();
    for address in addresses {
        instances.push(Instance::start(address, &[]).await?);
    }
    let balancer = Balancer::start(balancer, Spread::Turns, free_address()?, &addresses).await?;
    let figures = Arc::new(Figures::default());
    let (stop, stopped) = watch::channel(false);
    let mut visitors = Vec::new();
    for number in 0..n_visitors {
        let visit =
            visitor::visit(balancer.address(), number, Arc::clone(&figures), stopped.clone());
        visitors.push(tokio::spawn(visit));
        sleep(Duration::from_secs(1) / u32::try_from(ARRIVALS_PER_SECOND)?).await;
    }
    figures.all_joined(n_visitors, BACK).await?;
    figures.forget_joins();
    for instance in &mut instances {
        let begun = Instant::now();
        instance.stop(STOP + moving(n_visitors)).await?;
        println!("an instance stopped after {:.1} s", begun.elapsed().as_secs_f64());
        *instance = Instance::start(instance.address(), &[]).await?;
        sleep(PAUSE).await;
    }
    let back = figures.all_joined(n_visitors, BACK).await;
    stop.send_replace(true);
    let last_clicks = timeout(BACK, join_all(visitors)).await.context("a visitor hangs")?;
    let n_answered =
        last_clicks.into_iter().filter(|answered| matches!(answered, Ok(true))).count();
    figures.print(n_visitors, n_answered);
    back?;
    ensure!(n_answered == n_visitors, "{} visitors were lost", n_visitors - n_answered);
    let peak = figures.peak_of_joins();
    ensure!(peak <= JOINS_PER_SECOND, "{peak} joins came in one second");
    Ok(())
}

/// How long it takes to tell all sockets to move.
fn moving(n_visitors: usize) -> Duration {
    let seconds = n_visitors.div_ceil(MOVED_PER_SECOND as usize);
    Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX))
}
