//! The largest legal frames at the largest legal rate, from one browser and from some at once.

use std::time::{Duration, Instant};

use load::browser::{BrowserError, Tab};
use tokio::task::JoinSet;

use crate::bench::{Server, runtime};
use crate::table::{Column, Row, Table, Unit};

/// Browsers that flood the server.
const SIZES: [u64; 3] = [1, 2, 4];

/// Bytes of a frame: a form of one field at the bound of 256 KiB.
const N_BYTES: usize = 255 * 1024;

/// How long they do.
const TIME: Duration = Duration::from_secs(4);

/// Frames of one browser on their way. The official client waits for each answer; this one does not.
const AT_ONCE: usize = 32;

pub(crate) fn measure() -> anyhow::Result<Table> {
    let names = [
        ("frames a second, each", Unit::Other),
        ("a frame", Unit::Micros),
        ("share of a core, %", Unit::Other),
        ("at most", Unit::Kib),
        ("slowest answer to a click beside, ms", Unit::Other),
    ];
    let columns = names.map(|(name, unit)| Column { name, unit });
    let mut rows = Vec::new();
    for size in SIZES {
        rows.push(Row { size, figures: runtime()?.block_on(flooded(size))? });
    }
    Ok(Table { of: "browsers that flood", columns: columns.into(), rows })
}

async fn flooded(n_browsers: u64) -> anyhow::Result<Vec<f64>> {
    let server = Server::start_bounded()?;
    let mut tabs = Vec::new();
    for _ in 0..n_browsers {
        tabs.push(Tab::open(server.address(), "/form").await?);
    }
    let mut beside = Tab::open(server.address(), "/counter").await?;
    let inc = load::browser::click("inc", r#"{"value":""}"#);
    let (kib, from, began) = (server.kib_at_rest().await?, server.micros()?, Instant::now());
    let end = began + TIME;
    let mut flooding: JoinSet<_> = tabs.into_iter().map(|tab| flood(tab, end)).collect();
    let mut slowest = Duration::ZERO;
    while Instant::now() < end {
        let clicked = Instant::now();
        beside.push(&inc).await?;
        slowest = slowest.max(clicked.elapsed());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut n_frames = 0;
    while let Some(flooded) = flooding.join_next().await {
        n_frames += flooded??;
    }
    let (micros, elapsed) = (server.micros()? - from, began.elapsed().as_secs_f64());
    Ok(vec![
        n_frames as f64 / elapsed / n_browsers as f64,
        micros / n_frames as f64,
        micros / elapsed / 1e4,
        server.most_kib()? - kib,
        slowest.as_secs_f64() * 1e3,
    ])
}

/// Sends frame after frame, and reads an answer when as many as may be are on their way.
async fn flood(mut tab: Tab, end: Instant) -> Result<usize, BrowserError> {
    // Of a field that the page does not have, so that the answers are short.
    let value = format!("other={}", "x".repeat(N_BYTES));
    let payload =
        format!(r#"{{"type":"form","event":"validate","value":"{value}","uploads":{{}}}}"#);
    let mut n_answered = 0;
    let mut n_sent = 0;
    while Instant::now() < end {
        tab.send(&payload).await?;
        n_sent += 1;
        if n_sent - n_answered == AT_ONCE {
            tab.receive().await?;
            n_answered += 1;
        }
    }
    while n_answered < n_sent {
        tab.receive().await?;
        n_answered += 1;
    }
    Ok(n_sent)
}
