//! A click and the memory of a tab, by how many tabs are open.

use load::browser::{Tab, click};

use crate::bench::{Server, clicks, count, named, runtime};
use crate::table::{Table, Unit};

const SIZES: [u64; 5] = [1, 10, 100, 1_000, 10_000];

/// Tabs that click together while instructions are counted, of all that are open.
const N_CLICKING: usize = 16;

/// Rounds of clicks that are counted.
const N_ROUNDS: usize = 20;

/// Clicks that are timed, of all tabs in turn; the kernel tells time in steps of 10 ms.
const N_TIMED: u64 = 100_000;

/// Clicks under way at once.
const AT_ONCE: usize = 100;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let inc = click("inc", r#"{"value":""}"#);
    let counts = count(async |run| {
        let mut open = Vec::new();
        for size in SIZES {
            let size = size as usize;
            open.extend(run.tabs(size - open.len(), "/counter").await?);
            // The newest ones; those that come back are put in again.
            let clicking = open.split_off(size - N_CLICKING.min(size));
            open.extend(clicks(run, named("click", size as u64), clicking, N_ROUNDS, &inc).await?);
        }
        Ok(())
    })?;
    let (micros, kib) = runtime()?.block_on(timed(&inc))?;
    let table = counts.table("sockets", &["click"], &SIZES);
    Ok(table.with("click", Unit::Micros, micros).with("a tab", Unit::Kib, kib))
}

async fn timed(inc: &str) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let server = Server::start()?;
    let (mut micros, mut kib, mut open) = (Vec::new(), Vec::new(), Vec::new());
    Tab::open(server.address(), "/counter").await?.close().await;
    let before = server.kib_at_rest().await?;
    for size in SIZES {
        while open.len() < size as usize {
            open.push(Tab::open(server.address(), "/counter").await?);
        }
        kib.push((server.kib_at_rest().await? - before) / size as f64);
        round(&mut open, inc).await?;
        let n_rounds = (N_TIMED / size).clamp(2, 10_000);
        let from = server.micros()?;
        for _ in 0..n_rounds {
            round(&mut open, inc).await?;
        }
        micros.push((server.micros()? - from) / (n_rounds * size) as f64);
    }
    Ok((micros, kib))
}

/// A click in every tab.
async fn round(open: &mut [Tab], inc: &str) -> anyhow::Result<()> {
    for tabs in open.chunks_mut(AT_ONCE) {
        for tab in &mut *tabs {
            tab.send(inc).await?;
        }
        for tab in tabs {
            tab.reply().await?;
        }
    }
    Ok(())
}
