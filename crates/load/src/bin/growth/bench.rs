//! The server that is measured: counted, or as it is.

use std::collections::HashMap;
use std::time::Duration;

use load::browser::{BrowserError, Tab, click};
use load::counting::{Counted, Run};
use load::process::Process;
use load::program::Program;
use tokio::runtime::{Builder, Runtime};

use crate::table::{Column, Row, Table, Unit};
use crate::{SERVE, SERVE_BOUNDED};

/// How long a server is left alone before its memory is read.
const REST: Duration = Duration::from_millis(500);

/// Instructions of acts, by their names and sizes.
pub(crate) struct Counts(HashMap<String, u64>);

impl Counts {
    /// Of an act, or `NaN`.
    pub(crate) fn of(&self, act: &str, size: u64) -> f64 {
        self.0.get(&named(act, size)).map_or(f64::NAN, |instructions| *instructions as f64)
    }

    /// A table of these acts at these sizes.
    pub(crate) fn table(&self, of: &'static str, acts: &[&'static str], sizes: &[u64]) -> Table {
        let columns = acts.iter().map(|name| Column { name, unit: Unit::Instructions });
        let row = |size: &u64| Row {
            size: *size,
            figures: acts.iter().map(|act| self.of(act, *size)).collect(),
        };
        Table { of, columns: columns.collect(), rows: sizes.iter().map(row).collect() }
    }
}

impl Table {
    /// One more column, of figures for each row in turn.
    pub(crate) fn with(mut self, name: &'static str, unit: Unit, figures: Vec<f64>) -> Self {
        self.columns.push(Column { name, unit });
        for (row, figure) in self.rows.iter_mut().zip(figures) {
            row.figures.push(figure);
        }
        self
    }
}

/// The name of an act at this size.
pub(crate) fn named(act: &str, size: u64) -> String {
    format!("{act} {size}")
}

/// Counts what browsers do on a server of their own.
pub(crate) fn count(
    work: impl AsyncFnOnce(&mut Run) -> anyhow::Result<()>,
) -> anyhow::Result<Counts> {
    let server = Counted::start(SERVE)?;
    let windows = runtime()?.block_on(async {
        let mut run = Run::start(server.process(), server.address()).await?;
        work(&mut run).await?;
        anyhow::Ok(run.windows)
    })?;
    let counts = server.counts(&windows)?;
    Ok(Counts(counts.into_iter().map(|count| (count.act, count.instructions)).collect()))
}

/// Clicks in all tabs at once, some rounds.
pub(crate) async fn clicks(
    run: &mut Run,
    act: String,
    tabs: Vec<Tab>,
    n_rounds: usize,
    payload: &str,
) -> Result<Vec<Tab>, BrowserError> {
    let send = async |tab: &mut Tab, _| tab.send(payload).await;
    run.together(act, tabs, n_rounds, send, async |tab: &mut Tab| tab.reply().await).await
}

/// The payload of an event with one number.
pub(crate) fn numbered(event: &str, field: &str, number: u64) -> String {
    click(event, &format!(r#"{{"{field}":"{number}","value":""}}"#))
}

/// A server that is not counted.
pub(crate) struct Server(Program);

impl Server {
    pub(crate) fn start() -> anyhow::Result<Self> {
        Ok(Self(Program::start_own(SERVE)?))
    }

    /// With the bounds of an application.
    pub(crate) fn start_bounded() -> anyhow::Result<Self> {
        Ok(Self(Program::start_own(SERVE_BOUNDED)?))
    }

    pub(crate) const fn address(&self) -> std::net::SocketAddr {
        self.0.address()
    }

    fn process(&self) -> Process {
        self.0.process()
    }

    /// Processor time so far, in microseconds.
    pub(crate) fn micros(&self) -> anyhow::Result<f64> {
        let time = self.process().cpu_time()?;
        Ok((time.user + time.system).as_secs_f64() * 1e6)
    }

    /// Resident memory, in KiB, after some rest.
    pub(crate) async fn kib_at_rest(&self) -> anyhow::Result<f64> {
        tokio::time::sleep(REST).await;
        self.kib()
    }

    /// Resident memory, in KiB.
    pub(crate) fn kib(&self) -> anyhow::Result<f64> {
        Ok(self.process().resident_bytes()? as f64 / 1024.0)
    }

    /// The most resident memory that it ever had, in KiB.
    pub(crate) fn most_kib(&self) -> anyhow::Result<f64> {
        Ok(self.process().most_resident_bytes()? as f64 / 1024.0)
    }
}

/// One that runs the browsers.
pub(crate) fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}
