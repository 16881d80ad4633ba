//! What it costs to publish a message, by how many browsers look at a page that hears it.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use load::browser::{BrowserError, HttpConnection, Tab};
use load::process::Process;
use load::program::Program;

use crate::acts::{Run, Window};
use crate::counted::Counted;
use crate::figures::grouped;

/// How many listen. With nobody, what is left is the request that publishes.
const N_LISTENERS: [(&str, usize); 6] = [
    ("publish to 0", 0),
    ("publish to 1", 1),
    ("publish to 10", 10),
    ("publish to 100", 100),
    ("publish to 1000", 1_000),
    ("publish to 10000", 10_000),
];

/// Messages to browsers that are counted for each row: as many rounds as that takes.
const N_COUNTED: usize = 20_000;
/// The same for time, of which the kernel tells 10 ms at least.
const N_TIMED: usize = 200_000;

/// Counts instructions and measures processor time, and prints both.
pub(crate) fn measure(serve: &str) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let server = Counted::start(serve)?;
    let windows = runtime.block_on(count(&server))?;
    let counted = server.figures(&windows)?;
    drop(server);
    let times = runtime.block_on(time(&Program::start_own(serve)?))?;
    println!(
        "{:<18} {:>14} {:>14} {:>10} {:>10}",
        "", "instructions", "per listener", "µs", "per listener"
    );
    let (of_nobody, time_of_nobody) = (counted.of(N_LISTENERS[0].0).unwrap_or_default(), times[0]);
    for ((act, n_listeners), time) in N_LISTENERS.into_iter().zip(times) {
        let all = counted.of(act).context("not counted")?;
        let each = all.saturating_sub(of_nobody) / n_listeners.max(1) as u64;
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        println!(
            "{act:<18} {:>14} {:>14} {:>10.1} {:>10.2}",
            grouped(all),
            grouped(each),
            micros(time),
            micros(time.saturating_sub(time_of_nobody)) / n_listeners.max(1) as f64,
        );
    }
    Ok(())
}

async fn count(server: &Counted) -> anyhow::Result<Vec<Window>> {
    let mut run = Run::start(server.process()?, server.address()).await?;
    let mut listeners = Listeners::none(server.address());
    for (act, n_listeners) in N_LISTENERS {
        let n_rounds = listeners.grow_to(n_listeners, N_COUNTED).await?;
        run.mark().await?;
        listeners.publish(n_rounds).await?;
        run.counted(act, n_rounds).await?;
    }
    Ok(run.windows)
}

/// Processor time of one publish, for each number of listeners.
async fn time(server: &Program) -> anyhow::Result<Vec<Duration>> {
    let process = Process::new(server.process_id());
    let mut listeners = Listeners::none(server.address());
    let mut times = Vec::new();
    for (_, n_listeners) in N_LISTENERS {
        let n_rounds = listeners.grow_to(n_listeners, N_TIMED).await?;
        let before = process.cpu_time()?;
        listeners.publish(n_rounds).await?;
        let time = process.cpu_time()?.since(before);
        times.push((time.user + time.system) / u32::try_from(n_rounds)?);
    }
    Ok(times)
}

/// Browsers on the page that hears what is published.
struct Listeners {
    address: SocketAddr,
    tabs: Vec<Tab>,
}

impl Listeners {
    fn none(address: SocketAddr) -> Self {
        Self { address, tabs: Vec::new() }
    }

    /// Opens what is missing, and publishes a few times to warm up. Returns how many rounds bring about
    /// `n_messages` to browsers, a tenth of that where it is less.
    async fn grow_to(
        &mut self,
        n_listeners: usize,
        n_messages: usize,
    ) -> Result<usize, BrowserError> {
        while self.tabs.len() < n_listeners {
            self.tabs.push(Tab::open(self.address, "/listen").await?);
        }
        self.publish(3).await?;
        Ok((n_messages / n_listeners.max(10)).max(3))
    }

    /// One publish after the other, each when all browsers have the one before.
    async fn publish(&mut self, n_rounds: usize) -> Result<(), BrowserError> {
        let mut http = HttpConnection::open(self.address).await?;
        for _ in 0..n_rounds {
            http.get("/publish", None).await?;
            for tab in &mut self.tabs {
                tab.receive().await?;
            }
        }
        Ok(())
    }
}
