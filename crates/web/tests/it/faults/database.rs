//! A database that is silent, gone, or locked while visitors click: words in time, and no restart.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use belvedere::testing::{TestApp, TestView};
use belvedere_diesel::{DatabaseConfig, QueryError, Repo};
use domain::testing;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, oneshot};
use tokio::task::JoinSet;

use crate::app::App;

/// Sums up all times of [`hasty`], with room for a machine that is busy.
const BOUND: Duration = Duration::from_secs(120);

/// The configuration with times that a test can wait for, longer than any answer of a machine at work.
fn hasty(config: DatabaseConfig) -> DatabaseConfig {
    DatabaseConfig {
        statement_timeout: Duration::from_millis(3_500),
        answer_timeout: Duration::from_millis(4_000),
        connect_timeout: Duration::from_millis(4_500),
        busy_timeout: Duration::from_millis(3_000),
        ..config
    }
}

async fn save(page: &mut TestView, name: &str) {
    page.submit("#user--form", &[("user[name]", name), ("user[age]", "40")]).await;
}

/// What a visitor sees while the database is as `breaks` makes it and after `mends`: on a page that is open
/// and on a new one. No visitor waits for long.
async fn check(
    repo: Repo,
    breaks: impl AsyncFnOnce(),
    mends: impl AsyncFnOnce(),
    reads_meanwhile: bool,
) {
    let app = App::new(repo).visitor();
    let mut page = app.get("/users/new").await.join().await;
    let since = Instant::now();
    becomes_ready(&app, since).await;
    breaks().await;
    save(&mut page, "Lost Larry").await;
    assert!(page.is_joined(), "{:?}", page.outcome());
    assert!(page.text("#flash").contains("Please try again"), "{}", page.text("#flash"));
    let list = app.get("/users").await;
    match reads_meanwhile {
        true => assert_eq!(list.status, 200),
        false => {
            assert_eq!(list.status, 500);
            assert!(list.html.contains("Try again in a moment"), "{}", list.html);
            assert_eq!(ready(&app).await, 503);
        }
    }
    let counter = app.get("/counter").await;
    assert_eq!(counter.status, 200, "what needs no database goes on");
    assert!(since.elapsed() < BOUND, "{:?}", since.elapsed());
    mends().await;
    becomes_ready(&app, since).await;
    // Connections that were lost may be noticed one by one.
    loop {
        save(&mut page, "Saved Sue").await;
        let saved = app.get("/users").await.texts("#users tbody th");
        if saved.contains(&"Saved Sue".to_owned()) {
            break;
        }
        assert!(since.elapsed() < 2 * BOUND, "{saved:?}");
    }
}

async fn becomes_ready(app: &TestApp, since: Instant) {
    while ready(app).await != 200 {
        assert!(since.elapsed() < 2 * BOUND);
    }
}

async fn ready(app: &TestApp) -> u16 {
    app.get("/health/ready").await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_database_is_told_of_in_words_and_used_again() {
    let test = "a_silent_database_is_told_of_in_words_and_used_again";
    let Some((server, config)) = testing::own_server(test).await else { return };
    let repo = Repo::connect(&hasty(config)).await.expect("a connection");
    check(repo, async || server.freeze(), async || server.thaw(), false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_is_told_of_in_words_and_used_again() {
    let test = "a_database_that_is_gone_is_told_of_in_words_and_used_again";
    let Some(database) = testing::postgres(test).await else { return };
    let (before, port_and_path) = database.url.rsplit_once(':').expect("a port");
    let (port, name) = port_and_path.split_once('/').expect("a database");
    let server = SocketAddr::from(([127, 0, 0, 1], port.parse().expect("a number")));
    let between = Between::open(server).await;
    let url = format!("{before}:{}/{name}", between.port).parse().expect("a URL");
    let config = DatabaseConfig { url, ..database.config.clone() };
    let repo = Repo::connect(&hasty(config)).await.expect("a connection");
    let mends = async || between.passes.store(true, Ordering::SeqCst);
    check(repo, async || between.cut().await, mends, false).await;
    drop(between);
    database.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_another_process_has_locked_is_read_and_written_later() {
    let database = testing::sqlite().await;
    let repo = Repo::connect(&hasty(database.config.clone())).await.expect("the file opens");
    let other = Repo::connect(&database.config).await.expect("the file opens");
    let (locks, locked) = oneshot::channel();
    let (frees, freed) = oneshot::channel::<()>();
    // A transaction that has written, on a connection of its own, as another process has it.
    let holder = async move {
        let holds = other.transaction(async move |transaction| {
            transaction.run(diesel::sql_query("DELETE FROM users")).await?;
            locks.send(()).expect("the test waits");
            freed.await.expect("the test frees it");
            Ok::<_, QueryError>(())
        });
        holds.await.expect("it commits");
    };
    let (ends, ended) = oneshot::channel();
    let breaks = async || {
        tokio::spawn(async {
            holder.await;
            ends.send(()).expect("the test waits");
        });
        locked.await.expect("it is locked");
    };
    let mends = async || {
        frees.send(()).expect("it is held");
        ended.await.expect("it commits");
    };
    check(repo, breaks, mends, true).await;
    database.close().await;
}

/// Stands between a server and its clients, until it is dropped.
struct Between {
    port: u16,
    /// Whether clients reach the server.
    passes: Arc<AtomicBool>,
    connections: Arc<Mutex<JoinSet<()>>>,
    _task: JoinSet<()>,
}

impl Between {
    async fn open(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port is free");
        let port = listener.local_addr().expect("an address").port();
        let passes = Arc::new(AtomicBool::new(true));
        let connections = Arc::<Mutex<JoinSet<()>>>::default();
        let mut task = JoinSet::new();
        let (all, is_open) = (Arc::clone(&connections), Arc::clone(&passes));
        task.spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.expect("somebody connects");
                let mut all = all.lock().await;
                if !is_open.load(Ordering::SeqCst) {
                    continue;
                }
                all.spawn(async move {
                    let Ok(mut server) = TcpStream::connect(server).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { port, passes, connections, _task: task }
    }

    /// Ends all connections, and lets no new one through.
    async fn cut(&self) {
        self.passes.store(false, Ordering::SeqCst);
        self.connections.lock().await.shutdown().await;
    }
}
