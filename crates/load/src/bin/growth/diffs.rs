//! One diff of up to ten million bytes: a thousand texts are replaced by as long ones.

use load::browser::Tab;

use crate::bench::{Server, clicks, count, named, numbered, runtime};
use crate::table::{Table, Unit};

/// Bytes of each of a thousand texts.
const SIZES: [u64; 4] = [10, 100, 1_000, 10_000];

const N_ROUNDS: usize = 4;

/// Clicks that are timed.
const N_TIMED: usize = 100;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        for size in SIZES {
            let tabs = run.tabs(1, "/rows/1000").await?;
            let lengthen = numbered("lengthen", "n_bytes", size);
            clicks(run, named("click", size), tabs, N_ROUNDS, &lengthen).await?;
        }
        Ok(())
    })?;
    let mut figures = [Vec::new(), Vec::new(), Vec::new()];
    for size in SIZES {
        let of_size = runtime()?.block_on(timed(size))?;
        figures.iter_mut().zip(of_size).for_each(|(figures, figure)| figures.push(figure));
    }
    let [micros, kib, bytes] = figures;
    let table = counts.table("bytes of each of 1,000 texts", &["click"], &SIZES);
    Ok(table.with("click", Unit::Micros, micros).with("at most", Unit::Kib, kib).with(
        "reply",
        Unit::Bytes,
        bytes,
    ))
}

/// Processor time of a click, the memory at the worst moment beyond that before, and bytes of a reply.
async fn timed(size: u64) -> anyhow::Result<[f64; 3]> {
    let server = Server::start()?;
    let mut tab = Tab::open(server.address(), "/rows/1000").await?;
    let (kib, from) = (server.kib_at_rest().await?, server.micros()?);
    let mut bytes = 0;
    for _ in 0..N_TIMED {
        bytes = tab.push(&numbered("lengthen", "n_bytes", size)).await?.len();
    }
    let micros = (server.micros()? - from) / N_TIMED as f64;
    Ok([micros, server.most_kib()? - kib, bytes as f64])
}
