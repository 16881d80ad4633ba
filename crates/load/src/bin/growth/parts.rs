//! Parts that load beside their page, from the click that starts them to the frame that shows the last.

use load::browser::{BrowserError, Tab};
use load::pages::{DONE, MAX_PARTS};

use crate::bench::{count, named, numbered};
use crate::rows::{joins, pages};
use crate::table::{Table, Unit};

const SIZES: [u64; 3] = [1, 10, MAX_PARTS as u64];

/// Before and while they are counted.
const N_ROUNDS: [usize; 2] = [3, 20];

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        for size in SIZES {
            pages(run, size, "/parts").await?;
            drop(joins(run, size, "/parts").await?);
            let mut tab = run.tabs(1, &format!("/parts/{size}")).await?.remove(0);
            let mut turn = 0;
            for n_rounds in N_ROUNDS {
                run.mark().await?;
                for _ in 0..n_rounds {
                    turn += 1;
                    load(&mut tab, turn).await?;
                }
                let act = if n_rounds == N_ROUNDS[0] { "warm-up" } else { "load all" };
                run.counted(named(act, size), n_rounds).await?;
            }
        }
        Ok(())
    })?;
    let each = SIZES.iter().map(|size| counts.of("load all", *size) / *size as f64).collect();
    let table = counts.table("async parts", &["page", "join", "load all"], &SIZES);
    Ok(table.with("load all, for each", Unit::Other, each))
}

async fn load(tab: &mut Tab, turn: u64) -> Result<(), BrowserError> {
    tab.send(&numbered("load", "nothing", 0)).await?;
    let done = format!("\"{DONE}{turn}\"");
    while !tab.receive().await?.contains(&done) {}
    Ok(())
}
