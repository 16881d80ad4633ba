//! What the browsers do while the server's instructions are counted.

use std::net::SocketAddr;
use std::time::Duration;

use load::browser::{BrowserError, HttpConnection, Page, Socket, Tab, click};
use load::pages::form_payload;
use load::server::ECHO_TEXT;

use crate::mark;
use crate::process::Process;

/// Browsers that act at once: all send while the server is held, so that it finds all they sent
/// together, then all read.
const N_BROWSERS: usize = 16;
/// Of those that get a push; so many that the request that causes it is a hundredth of the cost.
const N_FEEDS: usize = 128;
/// Between two pushes to one view: more than `LiveConfig::max_pushes_per_second` asks for.
const PUSH_PAUSE: Duration = Duration::from_millis(25);
/// New visitors, and pages of one visitor: what one of them costs scatters more than a click.
const N_PAGES: usize = 48;
/// Acts of each browser before they are counted.
const WARM_UP: usize = 5;
/// Acts of each browser that are counted.
const N_ROUNDS: usize = 20;

/// What no key is added to: an ordinary click.
const NO_VALUE: &str = r#"{"value":""}"#;

/// Acts of one kind between two marks.
pub(crate) struct Window {
    pub(crate) act: &'static str,
    pub(crate) n_acts: u64,
    /// The mark at its end, counted from 1.
    pub(crate) end: usize,
}

/// Does each act many times.
pub(crate) async fn all(server: Process, address: SocketAddr) -> Result<Vec<Window>, BrowserError> {
    let mut run = Run::start(server, address).await?;
    run.echoes().await?;
    run.heartbeats().await?;
    run.clicks("click", "/counter", |_| click("inc", NO_VALUE)).await?;
    run.clicks("bump", "/table", |_| click("bump", NO_VALUE)).await?;
    let nobody = r#"{"id":"1000000","value":""}"#;
    run.clicks("event without a change", "/table", |_| click("bump", nobody)).await?;
    run.clicks("bump_all", "/table", |_| click("bump_all", NO_VALUE)).await?;
    run.clicks("shuffle", "/table", |_| click("shuffle", NO_VALUE)).await?;
    run.clicks("form", "/form", |round| form_payload(&format!("value {round}"))).await?;
    run.pushes("push", "/feed", "/announce").await?;
    run.pushes("publish", "/listen", "/publish").await?;
    run.visits(["page /counter, new", "upgrade", "join /counter", "close"], "/counter").await?;
    run.visits(["page /table, new", "", "join /table", ""], "/table").await?;
    run.pages("page /counter", "/counter").await?;
    run.pages("page /table", "/table").await?;
    run.pages("page /table-plain", "/table-plain").await?;
    run.clicks("click, kept", "/counter-kept", |_| click("inc", NO_VALUE)).await?;
    run.clicks("form, kept", "/form-kept", |round| form_payload(&format!("value {round}"))).await?;
    run.clicks("bump, kept", "/table-kept", |_| click("bump", NO_VALUE)).await?;
    Ok(run.windows)
}

pub(crate) struct Run {
    server: Process,
    address: SocketAddr,
    marks: HttpConnection,
    n_marks: usize,
    pub(crate) windows: Vec<Window>,
}

impl Run {
    /// With two marks that have nothing between them, after some that warm their own way up.
    pub(crate) async fn start(server: Process, address: SocketAddr) -> Result<Self, BrowserError> {
        let mut marks = HttpConnection::open(address).await?;
        for _ in 0..WARM_UP {
            marks.get("/pid", None).await?;
        }
        let mut run = Self { server, address, marks, n_marks: 0, windows: Vec::new() };
        run.mark().await?;
        run.mark().await?;
        Ok(run)
    }

    pub(crate) async fn mark(&mut self) -> Result<(), BrowserError> {
        self.n_marks += 1;
        self.marks.get(mark::PATH, None).await.map(drop)
    }

    /// The acts since the last mark were so many of this kind.
    pub(crate) async fn counted(
        &mut self,
        act: &'static str,
        n_acts: usize,
    ) -> Result<(), BrowserError> {
        self.mark().await?;
        self.windows.push(Window { act, n_acts: n_acts as u64, end: self.n_marks });
        Ok(())
    }

    /// All send while the server is held, so that it finds together what they have sent; then all read.
    async fn together<Browser, Read>(
        &mut self,
        act: &'static str,
        mut browsers: Vec<Browser>,
        send: impl AsyncFn(&mut Browser, usize) -> Result<(), BrowserError>,
        read: impl AsyncFn(&mut Browser) -> Result<Read, BrowserError>,
    ) -> Result<(), BrowserError> {
        for round in 0..WARM_UP + N_ROUNDS {
            if round == WARM_UP {
                self.mark().await?;
            }
            self.server.hold()?;
            for browser in &mut browsers {
                send(browser, round).await?;
            }
            self.server.release()?;
            for browser in &mut browsers {
                read(browser).await?;
            }
        }
        self.counted(act, N_BROWSERS * N_ROUNDS).await
    }

    async fn echoes(&mut self) -> Result<(), BrowserError> {
        let mut sockets = Vec::new();
        for _ in 0..N_BROWSERS {
            sockets.push(Socket::open(None, self.address, "/echo", None).await?);
        }
        let send = async |socket: &mut Socket, _| socket.send(ECHO_TEXT.into()).await;
        self.together("echo", sockets, send, async |socket: &mut Socket| socket.receive().await)
            .await
    }

    async fn heartbeats(&mut self) -> Result<(), BrowserError> {
        let tabs = self.tabs(N_BROWSERS, "/counter").await?;
        let send = async |tab: &mut Tab, _| tab.send_heartbeat().await;
        self.together("heartbeat", tabs, send, async |tab: &mut Tab| tab.receive().await).await
    }

    async fn clicks(
        &mut self,
        act: &'static str,
        path: &'static str,
        payload: impl Fn(usize) -> String,
    ) -> Result<(), BrowserError> {
        let tabs = self.tabs(N_BROWSERS, path).await?;
        let send = async |tab: &mut Tab, round| tab.send(&payload(round)).await;
        self.together(act, tabs, send, async |tab: &mut Tab| tab.reply().await).await
    }

    /// One request to `cause` brings each of many browsers a push.
    async fn pushes(
        &mut self,
        act: &'static str,
        path: &str,
        cause: &str,
    ) -> Result<(), BrowserError> {
        let mut feeds = self.tabs(N_FEEDS, path).await?;
        let mut http = HttpConnection::open(self.address).await?;
        for round in 0..WARM_UP + N_ROUNDS {
            if round == WARM_UP {
                self.mark().await?;
            }
            // As seldom as frames that nobody asked for may follow each other, so that none waits.
            tokio::time::sleep(PUSH_PAUSE).await;
            http.get(cause, None).await?;
            for feed in &mut feeds {
                feed.receive().await?;
            }
        }
        self.counted(act, N_FEEDS * N_ROUNDS).await
    }

    /// New visitors, step by step: the page, the socket, the join, and goodbye. A step without a
    /// name is not counted.
    async fn visits(
        &mut self,
        [page, upgrade, join, close]: [&'static str; 4],
        path: &str,
    ) -> Result<(), BrowserError> {
        Tab::open(self.address, path).await?.close().await;
        let mut pages = Vec::new();
        self.mark().await?;
        for _ in 0..N_PAGES {
            pages.push(Page::load(self.address, path).await?);
        }
        self.step(page).await?;
        let mut sockets = Vec::new();
        for page in &pages {
            sockets.push(page.socket(self.address).await?);
        }
        self.step(upgrade).await?;
        let mut tabs = Vec::new();
        for (page, socket) in pages.iter().zip(sockets) {
            tabs.push(Tab::join_over(socket, self.address, page).await?);
        }
        self.step(join).await?;
        for tab in tabs {
            tab.close().await;
        }
        self.step(close).await
    }

    async fn step(&mut self, act: &'static str) -> Result<(), BrowserError> {
        match act {
            "" => self.mark().await,
            act => self.counted(act, N_PAGES).await,
        }
    }

    /// One visitor after the other loads a page again, over a kept connection.
    async fn pages(&mut self, act: &'static str, path: &str) -> Result<(), BrowserError> {
        let mut http = HttpConnection::open(self.address).await?;
        let cookie = http.get("/counter", None).await?.cookie;
        for round in 0..WARM_UP + N_PAGES {
            if round == WARM_UP {
                self.mark().await?;
            }
            http.get(path, cookie.as_deref()).await?;
        }
        self.counted(act, N_PAGES).await
    }

    async fn tabs(&self, n_tabs: usize, path: &str) -> Result<Vec<Tab>, BrowserError> {
        let mut tabs = Vec::with_capacity(n_tabs);
        for _ in 0..n_tabs {
            tabs.push(Tab::open(self.address, path).await?);
        }
        Ok(tabs)
    }
}
