//! How many of a thousand rows have changed, each in one hole.

use load::browser::Tab;

use crate::bench::{Server, clicks, count, named, numbered, runtime};
use crate::table::{Table, Unit};

const SIZES: [u64; 4] = [1, 10, 100, 1_000];

const N_TABS: usize = 4;

const N_ROUNDS: usize = 8;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        let mut tabs = run.tabs(N_TABS, "/rows/1000").await?;
        for size in SIZES {
            let age = numbered("age", "n_rows", size);
            tabs = clicks(run, named("click", size), tabs, N_ROUNDS, &age).await?;
        }
        Ok(())
    })?;
    let bytes = runtime()?.block_on(bytes())?;
    Ok(counts.table("changed holes of 1,000 rows", &["click"], &SIZES).with(
        "reply",
        Unit::Bytes,
        bytes,
    ))
}

async fn bytes() -> anyhow::Result<Vec<f64>> {
    let server = Server::start()?;
    let mut tab = Tab::open(server.address(), "/rows/1000").await?;
    let mut bytes = Vec::new();
    for size in SIZES {
        let reply = tab.push(&numbered("age", "n_rows", size)).await?;
        bytes.push(reply.len() as f64);
    }
    Ok(bytes)
}
