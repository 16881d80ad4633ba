//! What the browsers do while the server's instructions are counted.

use std::net::SocketAddr;

use load::browser::{BrowserError, HttpConnection, Page, Socket, Tab, click};
use load::counting::{Held, Run, WARM_UP, Window};
use load::pages::{PUSH_PAUSE, form_payload};
use load::server::ECHO_TEXT;

/// Browsers that act at once: all send while the server is held, so that it finds all they sent
/// together, then all read.
const N_BROWSERS: usize = 16;
/// Of those that get a push; so many that the request that causes it is a hundredth of the cost.
const N_FEEDS: usize = 128;
/// New visitors, and pages of one visitor: what one of them costs scatters more than a click.
const N_PAGES: usize = 48;
/// Acts of each browser that are counted.
const N_ROUNDS: usize = 20;

/// What no key is added to: an ordinary click.
const NO_VALUE: &str = r#"{"value":""}"#;

/// Does each act many times.
pub(crate) async fn all(server: Held, address: SocketAddr) -> Result<Vec<Window>, BrowserError> {
    let mut run = Acts(Run::start(server, address).await?);
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
    Ok(run.0.windows)
}

/// Does one that its trace makes dearer, on a server that traces each page.
pub(crate) async fn traced(server: Held, address: SocketAddr) -> Result<Vec<Window>, BrowserError> {
    let mut run = Acts(Run::start(server, address).await?);
    run.clicks("click, traced", "/counter", |_| click("inc", NO_VALUE)).await?;
    Ok(run.0.windows)
}

/// Does what tracing should not make dearer, on a server that would trace other pages.
pub(crate) async fn unsampled(
    server: Held,
    address: SocketAddr,
) -> Result<Vec<Window>, BrowserError> {
    let mut run = Acts(Run::start(server, address).await?);
    run.clicks("click, unsampled", "/counter", |_| click("inc", NO_VALUE)).await?;
    run.pages("page /counter, unsampled", "/counter").await?;
    Ok(run.0.windows)
}

/// The acts of one run.
struct Acts(Run);

impl Acts {
    async fn echoes(&mut self) -> Result<(), BrowserError> {
        let mut sockets = Vec::new();
        for _ in 0..N_BROWSERS {
            sockets.push(Socket::open(None, self.0.address(), "/echo", None).await?);
        }
        let send = async |socket: &mut Socket, _| socket.send(ECHO_TEXT.into()).await;
        let read = async |socket: &mut Socket| socket.receive().await;
        self.0.together("echo", sockets, N_ROUNDS, send, read).await.map(drop)
    }

    async fn heartbeats(&mut self) -> Result<(), BrowserError> {
        let tabs = self.0.tabs(N_BROWSERS, "/counter").await?;
        let send = async |tab: &mut Tab, _| tab.send_heartbeat().await;
        let read = async |tab: &mut Tab| tab.receive().await;
        self.0.together("heartbeat", tabs, N_ROUNDS, send, read).await.map(drop)
    }

    async fn clicks(
        &mut self,
        act: &'static str,
        path: &'static str,
        payload: impl Fn(usize) -> String,
    ) -> Result<(), BrowserError> {
        let tabs = self.0.tabs(N_BROWSERS, path).await?;
        let send = async |tab: &mut Tab, round| tab.send(&payload(round)).await;
        let read = async |tab: &mut Tab| tab.reply().await;
        self.0.together(act, tabs, N_ROUNDS, send, read).await.map(drop)
    }

    /// One request to `cause` brings each of many browsers a push.
    async fn pushes(
        &mut self,
        act: &'static str,
        path: &str,
        cause: &str,
    ) -> Result<(), BrowserError> {
        let mut feeds = self.0.tabs(N_FEEDS, path).await?;
        let mut http = HttpConnection::open(self.0.address()).await?;
        for round in 0..WARM_UP + N_ROUNDS {
            if round == WARM_UP {
                self.0.mark().await?;
            }
            // As seldom as frames that nobody asked for may follow each other, so that none waits.
            tokio::time::sleep(PUSH_PAUSE).await;
            http.get(cause, None).await?;
            for feed in &mut feeds {
                feed.receive().await?;
            }
        }
        self.0.counted(act, N_FEEDS * N_ROUNDS).await
    }

    /// New visitors, step by step: the page, the socket, the join, and goodbye. A step without a
    /// name is not counted.
    async fn visits(
        &mut self,
        [page, upgrade, join, close]: [&'static str; 4],
        path: &str,
    ) -> Result<(), BrowserError> {
        Tab::open(self.0.address(), path).await?.close().await;
        let mut pages = Vec::new();
        self.0.mark().await?;
        for _ in 0..N_PAGES {
            pages.push(Page::load(self.0.address(), path).await?);
        }
        self.step(page).await?;
        let mut sockets = Vec::new();
        for page in &pages {
            sockets.push(page.socket(self.0.address()).await?);
        }
        self.step(upgrade).await?;
        let mut tabs = Vec::new();
        for (page, socket) in pages.iter().zip(sockets) {
            tabs.push(Tab::join_over(socket, self.0.address(), page).await?);
        }
        self.step(join).await?;
        // Together, so that the server finds each goodbye alike: before the end of its connection.
        self.0.at_once(&mut tabs, async |tab: &mut Tab| tab.say_goodbye().await).await?;
        for tab in tabs {
            tab.hung_up().await;
        }
        self.step(close).await
    }

    async fn step(&mut self, act: &'static str) -> Result<(), BrowserError> {
        match act {
            "" => self.0.mark().await,
            act => self.0.counted(act, N_PAGES).await,
        }
    }

    /// One visitor after the other loads a page again, over a kept connection.
    async fn pages(&mut self, act: &'static str, path: &str) -> Result<(), BrowserError> {
        let mut http = HttpConnection::open(self.0.address()).await?;
        let cookie = http.get("/counter", None).await?.cookie;
        for round in 0..WARM_UP + N_PAGES {
            if round == WARM_UP {
                self.0.mark().await?;
            }
            http.get(path, cookie.as_deref()).await?;
        }
        self.0.counted(act, N_PAGES).await
    }
}
