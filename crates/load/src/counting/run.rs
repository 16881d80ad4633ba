//! Acts of browsers between marks.

use std::net::SocketAddr;

use super::Held;
use crate::browser::{BrowserError, HttpConnection, Tab};
use crate::mark;

/// Acts of each browser before they are counted.
pub const WARM_UP: usize = 5;

/// Acts of one kind between two marks.
#[derive(Debug)]
pub struct Window {
    /// Their name.
    pub(super) act: String,
    /// How many they were.
    pub(super) n_acts: u64,
    /// The mark at their end, counted from 1.
    pub(super) end: usize,
}

/// A server under callgrind that browsers act on.
#[derive(Debug)]
pub struct Run {
    server: Held,
    address: SocketAddr,
    marks: HttpConnection,
    n_marks: usize,
    /// What was counted.
    pub windows: Vec<Window>,
}

impl Run {
    /// With two marks that have nothing between them, after some that warm their own way up.
    ///
    /// # Errors
    /// [`BrowserError`] when there is no such server.
    pub async fn start(server: Held, address: SocketAddr) -> Result<Self, BrowserError> {
        let mut marks = HttpConnection::open(address).await?;
        for _ in 0..WARM_UP {
            marks.get("/pid", None).await?;
        }
        let mut run = Self { server, address, marks, n_marks: 0, windows: Vec::new() };
        run.mark().await?;
        run.mark().await?;
        Ok(run)
    }

    /// Where the server listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// What follows is counted.
    ///
    /// # Errors
    /// [`BrowserError`] when the server does not answer.
    pub async fn mark(&mut self) -> Result<(), BrowserError> {
        self.n_marks += 1;
        self.marks.get(mark::PATH, None).await.map(drop)
    }

    /// The acts since the last mark were so many of this kind.
    ///
    /// # Errors
    /// [`BrowserError`] when the server does not answer.
    pub async fn counted(
        &mut self,
        act: impl Into<String>,
        n_acts: usize,
    ) -> Result<(), BrowserError> {
        self.mark().await?;
        let window = Window { act: act.into(), n_acts: n_acts as u64, end: self.n_marks };
        self.windows.push(window);
        Ok(())
    }

    /// All send while the server is held, so that it finds together what they have sent; then all read.
    /// That is done [`WARM_UP`] times, and `n_rounds` times more that are counted.
    ///
    /// # Errors
    /// What sending and reading return.
    pub async fn together<Browser, Read>(
        &mut self,
        act: impl Into<String>,
        mut browsers: Vec<Browser>,
        n_rounds: usize,
        send: impl AsyncFn(&mut Browser, usize) -> Result<(), BrowserError>,
        read: impl AsyncFn(&mut Browser) -> Result<Read, BrowserError>,
    ) -> Result<Vec<Browser>, BrowserError> {
        for round in 0..WARM_UP + n_rounds {
            if round == WARM_UP {
                self.mark().await?;
            }
            self.at_once(&mut browsers, async |browser| send(browser, round).await).await?;
            for browser in &mut browsers {
                read(browser).await?;
            }
        }
        self.counted(act, browsers.len() * n_rounds).await?;
        Ok(browsers)
    }

    /// All send while the server is held, so that it finds together what they have sent.
    ///
    /// # Errors
    /// What sending returns.
    pub async fn at_once<Browser>(
        &self,
        browsers: &mut [Browser],
        send: impl AsyncFn(&mut Browser) -> Result<(), BrowserError>,
    ) -> Result<(), BrowserError> {
        self.server.hold()?;
        for browser in browsers {
            send(browser).await?;
        }
        Ok(self.server.release()?)
    }

    /// Opens a page in many tabs.
    ///
    /// # Errors
    /// [`BrowserError`] when it is refused.
    pub async fn tabs(&self, n_tabs: usize, path: &str) -> Result<Vec<Tab>, BrowserError> {
        let mut tabs = Vec::with_capacity(n_tabs);
        for _ in 0..n_tabs {
            tabs.push(Tab::open(self.address, path).await?);
        }
        Ok(tabs)
    }
}
