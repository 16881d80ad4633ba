//! Parts that load beside their page, from the click that starts them to the frame that shows the last.

use load::browser::{BrowserError, Tab};
use load::pages::{DONE, MAX_PARTS};

use crate::bench::{count, named, numbered};
use crate::rows::{joins, pages};
use crate::table::{Table, Unit};

const SIZES: [u64; 3] = [1, 10, MAX_PARTS as u64];

/// Rounds before those that are counted.
const N_WARM_UP: usize = 3;

const N_ROUNDS: usize = 20;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        for size in SIZES {
            pages(run, size, "/parts").await?;
            drop(joins(run, size, "/parts").await?);
            let mut tab = run.tabs(1, &format!("/parts/{size}")).await?.remove(0);
            for round in 0..N_WARM_UP + N_ROUNDS {
                if round == N_WARM_UP {
                    run.mark().await?;
                }
                load(&mut tab, round + 1).await?;
            }
            run.counted(named("load all", size), N_ROUNDS).await?;
        }
        Ok(())
    })?;
    let each = SIZES.iter().map(|size| counts.of("load all", *size) / *size as f64).collect();
    let table = counts.table("async parts", &["page", "join", "load all"], &SIZES);
    Ok(table.with("load all, for each", Unit::Other, each))
}

async fn load(tab: &mut Tab, turn: usize) -> Result<(), BrowserError> {
    tab.send(&numbered("load", "nothing", 0)).await?;
    let done = format!("\"{DONE}{turn}\"");
    while !tab.receive().await?.contains(&done) {}
    Ok(())
}
