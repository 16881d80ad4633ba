//! A table by its rows: its page, its join, and what happens to it.

use load::browser::{BrowserError, HttpConnection, Page, Tab};
use load::counting::Run;

use crate::bench::{Server, clicks, count, named, numbered, runtime};
use crate::table::{Table, Unit};

/// The last is what nobody should show.
const SIZES: [u64; 5] = [10, 100, 1_000, 10_000, 100_000];

const ACTS: [&str; 6] = ["page", "join", "no change", "one row", "all rows", "shuffle"];

/// Visits before those whose joins are counted.
const N_WARM_UP: usize = 2;

/// Visitors of a page whose joins are counted, and who click then.
const N_VISITORS: usize = 4;

/// Pages of one visitor that are counted, after as many as are held.
const N_PAGES: usize = 8;

/// Clicks of each that are counted.
const N_ROUNDS: usize = 8;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        for size in SIZES {
            pages(run, size, "/rows").await?;
            let tabs = joins(run, size, "/rows").await?;
            let age = |n_rows| numbered("age", "n_rows", n_rows);
            let tabs = clicks(run, named("no change", size), tabs, N_ROUNDS, &age(0)).await?;
            let tabs = clicks(run, named("one row", size), tabs, N_ROUNDS, &age(1)).await?;
            let tabs = clicks(run, named("all rows", size), tabs, N_ROUNDS, &age(size)).await?;
            let mix = numbered("mix", "nothing", 0);
            clicks(run, named("shuffle", size), tabs, N_ROUNDS, &mix).await?;
        }
        Ok(())
    })?;
    let kib = SIZES.iter().map(|size| kib_of_tab(*size)).collect::<anyhow::Result<_>>()?;
    Ok(counts.table("rows", &ACTS, &SIZES).with("a joined tab", Unit::Kib, kib))
}

/// One visitor loads a page again and again.
pub(crate) async fn pages(run: &mut Run, size: u64, folder: &str) -> Result<(), BrowserError> {
    let mut http = HttpConnection::open(run.address()).await?;
    let cookie = http.get("/counter", None).await?.cookie;
    for round in 0..N_PAGES * 2 {
        if round == N_PAGES {
            run.mark().await?;
        }
        http.get(&format!("{folder}/{size}"), cookie.as_deref()).await?;
    }
    run.counted(named("page", size), N_PAGES).await
}

/// New visitors, of whose visits the joins are counted.
pub(crate) async fn joins(
    run: &mut Run,
    size: u64,
    folder: &str,
) -> Result<Vec<Tab>, BrowserError> {
    let (address, path) = (run.address(), format!("{folder}/{size}"));
    for _ in 0..N_WARM_UP {
        Tab::open(address, &path).await?.close().await;
    }
    let mut visits = Vec::new();
    for _ in 0..N_VISITORS {
        let page = Page::load(address, &path).await?;
        visits.push((page.socket(address).await?, page));
    }
    let mut tabs = Vec::new();
    run.mark().await?;
    for (socket, page) in visits {
        tabs.push(Tab::join_over(socket, address, &page).await?);
    }
    run.counted(named("join", size), N_VISITORS).await?;
    Ok(tabs)
}

/// What one joined tab adds to a server's memory, as the average of some.
fn kib_of_tab(size: u64) -> anyhow::Result<f64> {
    let n_tabs = (20_000 / size).clamp(4, 1_000);
    runtime()?.block_on(async {
        let server = Server::start()?;
        let (address, path) = (server.address(), format!("/rows/{size}"));
        let mut tabs = vec![Tab::open(address, &path).await?];
        let before = server.kib_at_rest().await?;
        for _ in 0..n_tabs {
            tabs.push(Tab::open(address, &path).await?);
        }
        Ok((server.kib_at_rest().await? - before) / n_tabs as f64)
    })
}
