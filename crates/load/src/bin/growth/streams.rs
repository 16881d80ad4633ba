//! A stream by the items that the browser has: the server keeps none of them.

use crate::bench::{clicks, count, named, numbered};
use crate::rows::{joins, pages};
use crate::table::Table;

const SIZES: [u64; 4] = [10, 100, 1_000, 10_000];

const ACTS: [&str; 5] = ["page", "join", "append one", "update one", "append as many"];

const N_ROUNDS: usize = 8;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        for size in SIZES {
            pages(run, size, "/stream").await?;
            let mut tabs = joins(run, size, "/stream").await?;
            let append = |n_items| numbered("append", "n_items", n_items);
            let update = numbered("update", "nothing", 0);
            for (act, payload) in [
                ("append one", append(1)),
                ("update one", update),
                ("append as many", append(size)),
            ] {
                tabs = clicks(run, named(act, size), tabs, N_ROUNDS, &payload).await?;
            }
        }
        Ok(())
    })?;
    Ok(counts.table("items of a stream", &ACTS, &SIZES))
}
