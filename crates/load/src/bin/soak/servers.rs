//! The servers over the time of a run: which of them are replaced when, and what memory they take.

use std::time::{Duration, Instant};

use load::balancer::{Balancer, Kind, Spread};
use load::instance::{Instance, free_address};
use tokio::time::sleep_until;

use crate::figures::Figures;

/// Servers at a time.
const N_SERVERS: usize = 3;

/// Every so many replacements the server is killed.
const KILLED_EACH: usize = 3;

/// How long a server may take to stop.
const STOP: Duration = Duration::from_secs(90);

/// Rows of the table of memory.
const LOOKS: u32 = 20;

/// Servers behind a balancer, all with one database.
pub(crate) struct Servers {
    database: String,
    pub(crate) balancer: Balancer,
    servers: Vec<Instance>,
    begun: Instant,
    looks: Vec<Look>,
}

/// What was seen at one time.
struct Look {
    at: Duration,
    n_here: u64,
    resident_bytes: Vec<Option<u64>>,
}

impl Servers {
    pub(crate) async fn start(kind: Kind, database: &str) -> anyhow::Result<Self> {
        let mut servers = Vec::new();
        for _ in 0..N_SERVERS {
            servers.push(Instance::start(free_address()?, &[database]).await?);
        }
        let addresses: Vec<_> = servers.iter().map(Instance::address).collect();
        let balancer =
            Balancer::start(kind, Spread::ByAddress, free_address()?, &addresses).await?;
        let (database, begun) = (database.to_owned(), Instant::now());
        Ok(Self { database, balancer, servers, begun, looks: Vec::new() })
    }

    /// Replaces all but the first by turns, as often as said, until the time is over.
    pub(crate) async fn replace(
        &mut self,
        time: Duration,
        each: Duration,
        figures: &Figures,
    ) -> anyhow::Result<()> {
        let (begun, mut n_replaced) = (Instant::now(), 0);
        let end = begun + time;
        let mut next = begun + each;
        while next < end {
            self.watch(next, time / LOOKS, figures).await;
            n_replaced += 1;
            self.replace_one(n_replaced).await?;
            next = Instant::now().max(next) + each;
        }
        self.watch(end, time / LOOKS, figures).await;
        Ok(())
    }

    async fn replace_one(&mut self, n_replaced: usize) -> anyhow::Result<()> {
        let turn = 1 + n_replaced % (N_SERVERS - 1);
        let server = &mut self.servers[turn];
        let begun = Instant::now();
        if n_replaced.is_multiple_of(KILLED_EACH) {
            server.kill().await?;
            println!("server {turn} was killed");
        } else {
            server.stop(STOP).await?;
            println!("server {turn} stopped after {:.1} s", begun.elapsed().as_secs_f64());
        }
        *server = Instance::start(server.address(), &[&self.database]).await?;
        Ok(())
    }

    /// Looks at their memory again and again.
    async fn watch(&mut self, until: Instant, each: Duration, figures: &Figures) {
        while Instant::now() < until {
            self.look(figures);
            sleep_until((Instant::now() + each).min(until).into()).await;
        }
        self.look(figures);
    }

    fn look(&mut self, figures: &Figures) {
        let resident_bytes = self.servers.iter().map(|one| one.process().resident_bytes().ok());
        self.looks.push(Look {
            at: self.begun.elapsed(),
            n_here: figures.here.get(),
            resident_bytes: resident_bytes.collect(),
        });
    }

    /// Stops all in order.
    pub(crate) async fn stop(&mut self) -> anyhow::Result<()> {
        for server in &mut self.servers {
            server.stop(STOP).await?;
        }
        Ok(())
    }

    pub(crate) fn print(&self) {
        println!("\nmemory, MiB:\n   time  visitors  server 0  server 1  server 2");
        for Look { at, n_here, resident_bytes } in &self.looks {
            let bytes = resident_bytes.iter();
            let shown: String = bytes.map(|bytes| format!("{:>10.1}", mib(*bytes))).collect();
            println!("{:>5} s {n_here:>9}{shown}", at.as_secs());
        }
    }
}

fn mib(bytes: Option<u64>) -> f64 {
    bytes.map_or(f64::NAN, |bytes| bytes as f64 / f64::from(1 << 20))
}
