//! What the browsers do while the server is watched.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::ensure;
use clap::ValueEnum;
use load::browser::{BrowserError, HttpConnection, Socket, Tab, click};
use load::pages::{PUSH_PAUSE, form_payload};
use load::process::CpuTime;
use load::server::ECHO_TEXT;
use tokio::task::{JoinSet, yield_now};

use crate::Target;

/// Visitors at once that open pages; more would only measure the kernel's queues.
const VISITORS: usize = 16;

/// Messages of each connection before the clock starts.
const WARM_UP: usize = 20;

/// Feeds at the least that hear of a broadcast. The next one comes when the runtime lets a page have its next push, and
/// with few pages the server would be idle until then, so that each push began with cold caches: half as dear again.
const FEEDS: usize = 1000;

/// How long the client sleeps for each push before it reads them all. Were it waiting, every push
/// would wake it, and waking another processor is billed to the one that sends.
const PUSH_TIME: Duration = Duration::from_micros(15);

/// One kind of work for the server. A message is what its cost is divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scenario {
    /// A text to the bare WebSocket and back
    Echo,
    /// A click on `/counter` and its reply
    Click,
    /// One of 200 rows changed
    Bump,
    /// All rows changed
    BumpAll,
    /// 200 rows in another order
    Shuffle,
    /// One of 30 inputs changed
    Form,
    /// `/counter` as a new visitor: page, socket, join, close
    Open,
    /// `/table` as a new visitor
    OpenTable,
    /// A line of text by axum, a bare WebSocket, one echo, close: what the connections of a visitor cost alone
    OpenBare,
    /// One message to every open `/feed`; each of those counts
    Broadcast,
    /// `GET /table`
    Page,
    /// `GET /table-plain`, without the runtime
    PagePlain,
}

/// What a run has cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    n_messages: usize,
    elapsed: Duration,
    cpu: CpuTime,
}

impl Sample {
    /// Processor time of the server for one message, in microseconds.
    pub(crate) fn micros(&self) -> f64 {
        (self.cpu.user + self.cpu.system).as_secs_f64() * 1e6 / self.n_messages as f64
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let per_message = |time: Duration| time.as_secs_f64() * 1e6 / self.n_messages as f64;
        let per_second = self.n_messages as f64 / self.elapsed.as_secs_f64();
        write!(
            formatter,
            "{:.1} µs (user {:.1}, system {:.1}), {per_second:.0} messages/s",
            self.micros(),
            per_message(self.cpu.user),
            per_message(self.cpu.system),
        )
    }
}

impl Scenario {
    /// How many connections it needs, to be measured.
    pub(crate) fn least_connections(self) -> usize {
        if self == Self::Broadcast { FEEDS } else { 1 }
    }

    /// Connects, warms up, and watches the server for one run.
    pub(crate) async fn measure(self, target: Target) -> anyhow::Result<Sample> {
        let server = target.server;
        match self {
            Self::Echo => lock_step(target, || Echo::open(server)).await,
            Self::Click => clicks(target, "/counter", click("inc", r#"{"value":""}"#)).await,
            Self::Bump => clicks(target, "/table", click("bump", r#"{"value":""}"#)).await,
            Self::BumpAll => clicks(target, "/table", click("bump_all", r#"{"value":""}"#)).await,
            Self::Shuffle => clicks(target, "/table", click("shuffle", r#"{"value":""}"#)).await,
            Self::Form => lock_step(target, || Typist::open(server)).await,
            Self::Open => opens(target, move || visit(server, "/counter")).await,
            Self::OpenTable => opens(target, move || visit(server, "/table")).await,
            Self::OpenBare => opens(target, move || visit_bare(server)).await,
            Self::Broadcast => broadcasts(target).await,
            Self::Page => lock_step(target, || Reader::open(server, "/table")).await,
            Self::PagePlain => lock_step(target, || Reader::open(server, "/table-plain")).await,
        }
    }
}

/// A connection that sends and waits, again and again.
trait Worker: Send + 'static {
    fn exchange(&mut self) -> impl Future<Output = Result<(), BrowserError>> + Send;

    /// Leaves nothing on the server that waits for it, and makes later runs dearer.
    async fn end(self);
}

struct Echo(Socket);

impl Echo {
    async fn open(server: SocketAddr) -> Result<Self, BrowserError> {
        Ok(Self(Socket::open(None, server, "/echo", None).await?))
    }
}

impl Worker for Echo {
    async fn exchange(&mut self) -> Result<(), BrowserError> {
        self.0.send(ECHO_TEXT.into()).await?;
        self.0.receive().await.map(drop)
    }

    async fn end(self) {
        self.0.close().await;
    }
}

struct Clicker {
    tab: Tab,
    payload: String,
}

impl Worker for Clicker {
    async fn exchange(&mut self) -> Result<(), BrowserError> {
        self.tab.push(&self.payload).await.map(drop)
    }

    async fn end(self) {
        self.tab.close().await;
    }
}

/// Types into the first input; the browser sends all of them.
struct Typist {
    tab: Tab,
    n_typed: usize,
}

impl Typist {
    async fn open(server: SocketAddr) -> Result<Self, BrowserError> {
        Ok(Self { tab: Tab::open(server, "/form").await?, n_typed: 0 })
    }
}

impl Worker for Typist {
    async fn exchange(&mut self) -> Result<(), BrowserError> {
        self.n_typed += 1;
        let payload = form_payload(&format!("value {}", self.n_typed));
        self.tab.push(&payload).await.map(drop)
    }

    async fn end(self) {
        self.tab.close().await;
    }
}

/// Loads the same page again over a kept connection, as one visitor.
struct Reader {
    http: HttpConnection,
    cookie: Option<String>,
    path: &'static str,
}

impl Reader {
    async fn open(server: SocketAddr, path: &'static str) -> Result<Self, BrowserError> {
        let mut http = HttpConnection::open(server).await?;
        let cookie = http.get("/table", None).await?.cookie;
        Ok(Self { http, cookie, path })
    }
}

impl Worker for Reader {
    async fn exchange(&mut self) -> Result<(), BrowserError> {
        self.http.get(self.path, self.cookie.as_deref()).await.map(drop)
    }

    async fn end(self) {}
}

async fn clicks(target: Target, path: &str, payload: String) -> anyhow::Result<Sample> {
    lock_step(target, || async {
        let tab = Tab::open(target.server, path).await?;
        Ok(Clicker { tab, payload: payload.clone() })
    })
    .await
}

async fn lock_step<W, F>(target: Target, open: impl Fn() -> F) -> anyhow::Result<Sample>
where
    W: Worker,
    F: Future<Output = Result<W, BrowserError>>,
{
    let mut workers = Vec::with_capacity(target.connections);
    for _ in 0..target.connections {
        let mut worker = open().await?;
        for _ in 0..WARM_UP {
            worker.exchange().await?;
        }
        workers.push(worker);
    }
    let (sample, workers) = watch(target, workers, |mut worker, end| async move {
        let mut n_messages = 0;
        while Instant::now() < end {
            worker.exchange().await?;
            n_messages += 1;
        }
        Ok((n_messages, worker))
    })
    .await?;
    for worker in workers {
        worker.end().await;
    }
    Ok(sample)
}

async fn opens<F>(
    target: Target,
    visit: impl Fn() -> F + Clone + Send + 'static,
) -> anyhow::Result<Sample>
where
    F: Future<Output = Result<(), BrowserError>> + Send + 'static,
{
    visit().await?;
    let visits = vec![visit; VISITORS];
    let (sample, _) = watch(target, visits, |visit, end| async move {
        let mut n_opened = 0;
        while Instant::now() < end {
            visit().await?;
            n_opened += 1;
        }
        Ok((n_opened, visit))
    })
    .await?;
    Ok(sample)
}

async fn visit(server: SocketAddr, path: &str) -> Result<(), BrowserError> {
    Tab::open(server, path).await?.close().await;
    Ok(())
}

async fn visit_bare(server: SocketAddr) -> Result<(), BrowserError> {
    HttpConnection::open(server).await?.get("/pid", None).await?;
    let mut echo = Echo::open(server).await?;
    echo.exchange().await?;
    echo.0.close().await;
    Ok(())
}

/// Each round waits until every feed has its push.
#[expect(
    clippy::disallowed_methods,
    reason = "the client keeps off the machine while the server pushes, so that no feed is read early"
)]
async fn broadcasts(target: Target) -> anyhow::Result<Sample> {
    let mut http = HttpConnection::open(target.server).await?;
    let mut feeds = Vec::with_capacity(target.connections);
    for _ in 0..target.connections {
        feeds.push(Tab::open(target.server, "/feed").await?);
    }
    let mut round = async |end: Instant| {
        let mut n_pushes = 0;
        while Instant::now() < end {
            let n_told = http.get("/announce", None).await?.body;
            ensure!(n_told == feeds.len().to_string(), "{n_told} feeds are open, so others' too");
            thread::sleep(PUSH_PAUSE.max(PUSH_TIME * feeds.len() as u32));
            for feed in &mut feeds {
                feed.receive().await?;
            }
            n_pushes += feeds.len();
        }
        Ok(n_pushes)
    };
    round(Instant::now() + target.run / 10).await?;
    let (began, before) = (Instant::now(), target.process.cpu_time()?);
    let n_messages = round(began + target.run).await?;
    let cpu = target.process.cpu_time()?.since(before);
    let sample = Sample { n_messages, elapsed: began.elapsed(), cpu };
    for feed in feeds {
        feed.close().await;
    }
    Ok(sample)
}

/// Keeps this process from sleeping, until what it returns is dropped: who wakes it is billed for that, and a server
/// that is slow enough for its clients to sleep would be billed more than an echo.
fn awake() -> JoinSet<()> {
    let mut awake = JoinSet::new();
    awake.spawn(async {
        loop {
            yield_now().await;
        }
    });
    awake
}

/// Runs all of `workers` at once until the run's end, sums their messages up, and gives them back.
async fn watch<W: Send + 'static, F>(
    target: Target,
    workers: Vec<W>,
    work: impl Fn(W, Instant) -> F,
) -> anyhow::Result<(Sample, Vec<W>)>
where
    F: Future<Output = Result<(usize, W), BrowserError>> + Send + 'static,
{
    let _awake = awake();
    let (began, before) = (Instant::now(), target.process.cpu_time()?);
    let mut running = JoinSet::new();
    for worker in workers {
        running.spawn(work(worker, began + target.run));
    }
    let (mut n_messages, mut finished) = (0, Vec::new());
    while let Some(worker) = running.join_next().await {
        let (n_own, worker) = worker??;
        n_messages += n_own;
        finished.push(worker);
    }
    let cpu = target.process.cpu_time()?.since(before);
    Ok((Sample { n_messages, elapsed: began.elapsed(), cpu }, finished))
}
