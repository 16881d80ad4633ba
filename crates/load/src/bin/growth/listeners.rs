//! What it costs to publish a message, by how many browsers look at a page that hears it.

use std::net::SocketAddr;

use load::browser::{BrowserError, HttpConnection, Tab};

use crate::bench::{Server, count, named, runtime};
use crate::table::{Table, Unit};

/// How many listen. With nobody, what is left is the request that publishes.
const SIZES: [u64; 6] = [0, 1, 10, 100, 1_000, 10_000];

/// Messages to browsers that are counted for each row: as many rounds as that takes.
const N_COUNTED: u64 = 20_000;

/// The same for time, of which the kernel tells 10 ms at least.
const N_TIMED: u64 = 200_000;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        let mut listeners = Listeners::none(run.address());
        for size in SIZES {
            let n_rounds = listeners.grow_to(size, N_COUNTED).await?;
            run.mark().await?;
            listeners.publish(n_rounds).await?;
            run.counted(named("publish", size), n_rounds).await?;
        }
        Ok(())
    })?;
    let micros = runtime()?.block_on(time())?;
    let each = |all: &dyn Fn(usize) -> f64| -> Vec<f64> {
        let each = |(index, size): (usize, &u64)| match size {
            0 => f64::NAN,
            size => (all(index) - all(0)) / *size as f64,
        };
        SIZES.iter().enumerate().map(each).collect()
    };
    let of_instructions = each(&|index| counts.of("publish", SIZES[index]));
    let of_micros = each(&|index| micros[index]);
    let table = counts.table("listeners", &["publish"], &SIZES);
    Ok(table
        .with("for each", Unit::Other, of_instructions)
        .with("publish", Unit::Micros, micros)
        .with("for each", Unit::Micros, of_micros))
}

/// Processor time of one publish, for each number of listeners.
async fn time() -> anyhow::Result<Vec<f64>> {
    let server = Server::start()?;
    let mut listeners = Listeners::none(server.address());
    let mut times = Vec::new();
    for size in SIZES {
        let n_rounds = listeners.grow_to(size, N_TIMED).await?;
        let before = server.micros()?;
        listeners.publish(n_rounds).await?;
        times.push((server.micros()? - before) / n_rounds as f64);
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
    async fn grow_to(&mut self, n_listeners: u64, n_messages: u64) -> Result<usize, BrowserError> {
        while self.tabs.len() < n_listeners as usize {
            self.tabs.push(Tab::open(self.address, "/listen").await?);
        }
        self.publish(3).await?;
        Ok((n_messages / n_listeners.max(10)).max(3) as usize)
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
