//! Files on their way at once, each of a megabyte, of which nothing is kept.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use load::browser::{BrowserError, Page, Tab};
use tokio::task::JoinSet;

use crate::bench::{Server, count, named, runtime};
use crate::table::{Table, Unit};

const SIZES: [u64; 3] = [1, 10, 100];

/// Of one file.
const N_BYTES: usize = 1_000_000;

/// Files of each tab when time is measured, one after the other.
const N_TIMED: u64 = 400;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let counts = count(async |run| {
        for size in SIZES {
            let tabs = opened(run.address(), size).await?;
            run.mark().await?;
            send(tabs, 1).await?;
            run.counted(named("files", size), 1).await?;
        }
        Ok(())
    })?;
    let each = SIZES.iter().map(|size| counts.of("files", *size) / *size as f64).collect();
    let (mut micros, mut kib) = (Vec::new(), Vec::new());
    for size in SIZES {
        let (time, memory) = runtime()?.block_on(timed(size))?;
        micros.push(time);
        kib.push(memory);
    }
    let table = counts.table("uploads at once", &["files"], &SIZES);
    Ok(table
        .with("for a megabyte", Unit::Other, each)
        .with("a megabyte", Unit::Micros, micros)
        .with("at most, each", Unit::Kib, kib))
}

/// Processor time of a file, and the memory that each takes at the worst moment.
async fn timed(size: u64) -> anyhow::Result<(f64, f64)> {
    let server = Server::start()?;
    send(opened(server.address(), 1).await?, 1).await?;
    let tabs = opened(server.address(), size).await?;
    let (kib, from) = (server.kib_at_rest().await?, server.micros()?);
    let n_files = (N_TIMED / size).max(4);
    send(tabs, n_files as usize).await?;
    let micros = (server.micros()? - from) / (n_files * size) as f64;
    Ok((micros, (server.most_kib()? - kib) / size as f64))
}

async fn opened(server: SocketAddr, n_tabs: u64) -> anyhow::Result<Vec<(Tab, String)>> {
    let mut tabs = Vec::new();
    for _ in 0..n_tabs {
        let page = Page::load(server, "/counted").await?;
        let tab = Tab::join(server, &page).await?;
        tabs.push((tab, page.upload.context("the page has no upload")?));
    }
    Ok(tabs)
}

/// All tabs at once.
async fn send(tabs: Vec<(Tab, String)>, n_files: usize) -> anyhow::Result<()> {
    let bytes: Arc<[u8]> = vec![b'x'; N_BYTES].into();
    let mut sending = JoinSet::new();
    for (mut tab, upload) in tabs {
        let bytes = Arc::clone(&bytes);
        sending.spawn(async move {
            for entry in 0..n_files {
                tab.send_file(&upload, entry, &bytes).await?;
            }
            Ok::<_, BrowserError>(())
        });
    }
    while let Some(sent) = sending.join_next().await {
        sent??;
    }
    Ok(())
}
