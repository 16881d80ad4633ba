//! Servers that are replaced again and again, while visitors do all that people do.
//!
//! ```text
//! cargo run -r -p load --bin soak -- [--seconds 1200] [--sockets 2000] [--pollers 5] [--balancer nginx] [--postgres]
//! ```
//!
//! Three instances of this program serve behind Debian's `haproxy` or `nginx`, with one database: a SQLite file of
//! their own, a PostgreSQL server of Debian's that the program starts, or the database that `DATABASE_URL` names,
//! in which a table `belvedere_soak` is made and taken away. Visitors, each from an address of its own, click, store,
//! type, turn pages, navigate, upload, drop their socket and close their page; some of them poll. The first server
//! stays, so that its memory tells of all the time; the others are replaced by turns, every third time by
//! SIGKILL. What the pages show is compared with what was answered as it comes, and what the database holds at the end.
//! Fails when anything that was answered is missing, anything was done twice, an answer did not come or refused, a page
//! had to be loaded anew, or a visitor is not there. Figures of a run are in `docs/reliability.md`.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

mod acts;
mod deeds;
mod desk;
mod figures;
mod serve;
mod servers;
mod shown;
mod visitor;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use belvedere_diesel::testing::PostgresServer;
use clap::Parser;
use futures_util::future::join_all;
use load::balancer::Kind;
use load::instance::SERVE;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::figures::Figures;
use crate::servers::Servers;
use crate::visitor::{Left, Visitor};

/// New visitors in a second while the page fills.
const ARRIVALS_PER_SECOND: u32 = 200;

/// How long the visitors may take to say their last word.
const LAST_WORD: Duration = Duration::from_secs(240);

/// Keeps visitors on pages of servers that are replaced
#[derive(Parser)]
struct Options {
    /// How long, beside the time in which visitors come and go
    #[arg(long, default_value_t = 1200)]
    seconds: u64,
    /// Visitors at once
    #[arg(long, default_value_t = 2000)]
    sockets: usize,
    /// Of a hundred of them, how many poll, as if WebSockets were blocked
    #[arg(long, default_value_t = 5)]
    pollers: usize,
    /// What stands in front of the servers
    #[arg(long, value_enum, default_value_t)]
    balancer: Kind,
    /// Between two replacements [default: a tenth of the time]
    #[arg(long)]
    replace_seconds: Option<u64>,
    /// Keep what is stored in a PostgreSQL server that is started for the run
    #[arg(long)]
    postgres: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [serve, address, database] if serve == SERVE => {
            serve::serve(address.parse()?, database).await
        }
        _ => soak(&Options::parse()).await,
    }
}

async fn soak(options: &Options) -> anyhow::Result<()> {
    let folder = std::env::temp_dir().join(format!("soak-{}", std::process::id()));
    let postgres = options.postgres.then(|| PostgresServer::start(None)).transpose()?;
    let own = postgres.as_ref().map(|server| server.url("postgres")).or_else(database);
    let file = || format!("sqlite://{}", folder.join("soak.sqlite3").display());
    let database = own.unwrap_or_else(file);
    let repo = acts::open(&database).await?;
    acts::create(&repo).await?;
    let figures = Arc::new(Figures::default());
    let outcome = run(options, &database, &figures).await;
    let rows = acts::all(&repo).await?;
    acts::remove(&repo).await?;
    // There is none unless the database is a file.
    let _ = std::fs::remove_dir_all(&folder);
    let (left, servers) = outcome?;
    figures.compare(&left, &rows);
    figures.print(options.sockets);
    servers.print();
    figures.check(options.sockets)
}

/// The database that the environment names.
#[expect(clippy::disallowed_methods, reason = "what a program is told, as `web::config` is")]
fn database() -> Option<String> {
    std::env::var("DATABASE_URL").ok().filter(|url| !url.is_empty())
}

async fn run(
    options: &Options,
    database: &str,
    figures: &Arc<Figures>,
) -> anyhow::Result<(Vec<Left>, Servers)> {
    let mut servers = Servers::start(options.balancer, database).await?;
    let (stop, stopped) = watch::channel(false);
    let mut visitors = Vec::new();
    for number in 0..options.sockets {
        let polls = number * options.pollers % 100 + options.pollers >= 100;
        let visitor = Visitor::new(servers.balancer.address(), number, polls, Arc::clone(figures));
        visitors.push(tokio::spawn(visitor.visit(stopped.clone())));
        sleep(Duration::from_secs(1) / ARRIVALS_PER_SECOND).await;
    }
    let each = options.replace_seconds.unwrap_or(options.seconds / 10).max(1);
    let (time, each) = (Duration::from_secs(options.seconds), Duration::from_secs(each));
    let replaced = servers.replace(time, each, figures).await;
    stop.send_replace(true);
    let left = timeout(LAST_WORD, join_all(visitors)).await.context("a visitor hangs")?;
    replaced?;
    servers.stop().await?;
    Ok((left.into_iter().collect::<Result<_, _>>()?, servers))
}
