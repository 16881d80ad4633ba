//! One more person comes to a page, by how many are on it and are told.

use std::net::SocketAddr;

use load::browser::Tab;

use crate::bench::{count, named};
use crate::table::{Table, Unit};

/// Each who comes is told to all before the next one does: a thousand would take an hour under callgrind.
const SIZES: [u64; 3] = [1, 10, 100];

/// Those that come while it is counted, one after the other.
const N_COMING: u64 = 8;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        let mut tabs = Vec::new();
        for size in SIZES {
            while (tabs.len() as u64) < size {
                come(run.address(), &mut tabs).await?;
            }
            run.mark().await?;
            for _ in 0..N_COMING {
                come(run.address(), &mut tabs).await?;
            }
            // They stay: the next size has them.
            run.counted(named("one comes", size), N_COMING as usize).await?;
        }
        Ok(())
    })?;
    // The page, its socket and its join are those of the first.
    let each = |size: &u64| {
        (counts.of("one comes", *size) - counts.of("one comes", 1)) / (size - 1) as f64
    };
    let each = SIZES.iter().map(|size| if *size == 1 { f64::NAN } else { each(size) }).collect();
    let table = counts.table("people on a page", &["one comes"], &SIZES);
    Ok(table.with("for each who is told", Unit::Other, each))
}

/// Opens one more tab, and waits until all others have been told.
async fn come(server: SocketAddr, tabs: &mut Vec<Tab>) -> anyhow::Result<()> {
    let tab = Tab::open(server, "/people").await?;
    for other in &mut *tabs {
        other.receive().await?;
    }
    tabs.push(tab);
    Ok(())
}
