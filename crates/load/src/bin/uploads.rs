//! How fast files come through the live socket, beside bodies of requests, and what memory they take.
//!
//! ```text
//! cargo run --release -p load --bin uploads
//! ```
//!
//! It starts itself once more as the server, and is the browsers. Uploads and bodies take turns, so that a
//! machine whose speed drifts treats both alike; a figure is the median of the turns. How to read them is
//! in `docs/performance.md`.

#![expect(clippy::print_stdout, reason = "what this program prints is its result")]

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use load::browser::{BrowserError, HttpConnection, Page, Tab};
use load::median;
use load::process::{CpuTime, Process};
use load::program::{self, Program};
use load::server::{Limits, Tracing};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How the program calls itself to be measured.
const SERVE: &str = "serve";

/// Uploads at once, and megabytes of each.
const RUNS: [(usize, usize); 3] = [(1, 64), (10, 16), (100, 4)];

/// What files are written to, and the page that does so.
const SINKS: [(&str, &str); 2] = [("a file", "/files"), ("nothing", "/counted")];

/// Turns of each.
const N_ROUNDS: usize = 7;

/// Least share of the plain route's rate.
const RATE_TARGET: f64 = 0.8;

/// How often memory is looked at, and how long the server is left alone before that.
const LOOK: Duration = Duration::from_millis(5);
const REST: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(measure())
        }
        [SERVE] => program::serve(
            std::thread::available_parallelism()?.get(),
            Limits::Lifted,
            Tracing::Off,
        ),
        _ => bail!("usage: uploads"),
    }
}

async fn measure() -> anyhow::Result<()> {
    for (n_uploads, megabytes) in RUNS {
        let bytes: Arc<[u8]> = vec![b'x'; megabytes * 1_000_000].into();
        for (sink, path) in SINKS {
            let server = Server::start()?;
            let mut turns = Turns::default();
            // The first turn warms up.
            for round in 0..=N_ROUNDS {
                let plain = server.bodies(path, n_uploads, &bytes).await?;
                let live = server.uploads(path, n_uploads, &bytes).await?;
                if round > 0 {
                    turns.add(&live, &plain);
                }
            }
            println!("{n_uploads} × {megabytes} MB to {sink}: {turns}");
            let server = Server::start()?;
            // What one page and one small file need in any case.
            server.uploads(path, 1, &[b'x'; 1000].into()).await?;
            sleep(REST).await;
            let before = server.process().resident_bytes()?;
            let peak = server.uploads(path, n_uploads, &bytes).await?.peak_bytes;
            sleep(REST).await;
            let after = server.process().resident_bytes()?;
            let [before, peak, after] =
                [before, peak, after].map(|bytes| bytes as f64 / f64::from(1 << 20));
            println!("  memory: {before:.1} MiB before, {peak:.1} at most, {after:.1} after");
        }
    }
    Ok(())
}

/// A server of its own, which ends with this value.
struct Server(Program);

impl Server {
    fn start() -> anyhow::Result<Self> {
        Ok(Self(Program::start_own(SERVE)?))
    }

    fn process(&self) -> Process {
        self.0.process()
    }

    async fn bodies(
        &self,
        path: &str,
        n_bodies: usize,
        bytes: &Arc<[u8]>,
    ) -> anyhow::Result<Sample> {
        let mut sending = Vec::new();
        for _ in 0..n_bodies {
            let mut connection = HttpConnection::open(self.0.address()).await?;
            let (path, bytes) = (format!("{path}-plain"), Arc::clone(bytes));
            sending.push(async move { connection.post(&path, &bytes).await.map(drop) });
        }
        self.watch(sending, bytes.len()).await
    }

    async fn uploads(
        &self,
        path: &str,
        n_uploads: usize,
        bytes: &Arc<[u8]>,
    ) -> anyhow::Result<Sample> {
        let mut sending = Vec::new();
        for _ in 0..n_uploads {
            let page = Page::load(self.0.address(), path).await?;
            let mut tab = Tab::join(self.0.address(), &page).await?;
            let upload = page.upload.ok_or(BrowserError::NotLive)?;
            let bytes = Arc::clone(bytes);
            sending.push(async move { tab.send_file(&upload, 0, &bytes).await });
        }
        self.watch(sending, bytes.len()).await
    }

    /// Sends all of them at once.
    async fn watch(
        &self,
        sending: Vec<impl Future<Output = Result<(), BrowserError>> + Send + 'static>,
        n_bytes: usize,
    ) -> anyhow::Result<Sample> {
        let (n_bytes, mut peak_bytes) = (n_bytes * sending.len(), 0);
        let (since, before) = (Instant::now(), self.process().cpu_time()?);
        let mut sending: JoinSet<_> = sending.into_iter().collect();
        loop {
            tokio::select! {
                sent = sending.join_next() => match sent {
                    Some(sent) => sent??,
                    None => break,
                },
                () = sleep(LOOK) => peak_bytes = peak_bytes.max(self.process().resident_bytes()?),
            }
        }
        let (elapsed, cpu) = (since.elapsed(), self.process().cpu_time()?.since(before));
        Ok(Sample { n_bytes, elapsed, cpu, peak_bytes })
    }
}

/// What sending some files has cost.
struct Sample {
    n_bytes: usize,
    elapsed: Duration,
    cpu: CpuTime,
    peak_bytes: u64,
}

impl Sample {
    fn megabytes_per_second(&self) -> f64 {
        self.n_bytes as f64 / 1e6 / self.elapsed.as_secs_f64()
    }

    /// Processor time of the server for a megabyte, in microseconds.
    fn micros(&self) -> f64 {
        (self.cpu.user + self.cpu.system).as_secs_f64() * 1e12 / self.n_bytes as f64
    }
}

/// Uploads and bodies by turns.
#[derive(Default)]
struct Turns {
    live: Vec<f64>,
    plain: Vec<f64>,
    shares: Vec<f64>,
    costs: Vec<[f64; 2]>,
}

impl Turns {
    fn add(&mut self, live: &Sample, plain: &Sample) {
        let rates = [live, plain].map(Sample::megabytes_per_second);
        self.live.push(rates[0]);
        self.plain.push(rates[1]);
        self.shares.push(rates[0] / rates[1]);
        self.costs.push([live, plain].map(Sample::micros));
    }
}

impl fmt::Display for Turns {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { live, plain, shares, costs } = self;
        let cost = |index: usize| median(&costs.iter().map(|cost| cost[index]).collect::<Vec<_>>());
        let share = median(shares);
        write!(
            formatter,
            "live {:.0} MB/s, plain {:.0} MB/s, share {:.0} %, target {:.0} %, {}; processor time for a megabyte {:.0} and {:.0} µs",
            median(live),
            median(plain),
            share * 100.0,
            RATE_TARGET * 100.0,
            if share >= RATE_TARGET { "reached" } else { "MISSED" },
            cost(0),
            cost(1),
        )
    }
}
