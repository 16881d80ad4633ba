//! SQLite blocks the threads it runs on: how many, and whom it keeps waiting.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use belvedere_diesel::{DatabaseConfig, DatabaseUrl, QueryError, Repo};
use domain::testing;
use domain::{MIGRATIONS, seed, users};
use futures_util::future::join_all;
use futures_util::poll;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::queries::{list_slowly, person};

/// The threads of this process that have this name.
#[cfg(target_os = "linux")]
pub(crate) fn threads_named(name: &str) -> usize {
    let threads = std::fs::read_dir("/proc/self/task").expect("the threads of this process");
    let names =
        threads.filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("comm")).ok());
    names.filter(|found| found.trim_end() == name).count()
}

#[cfg(target_os = "linux")]
#[test]
fn a_crowd_on_the_slow_page_needs_no_more_threads_than_connections() {
    const WORKERS: usize = 2;
    const CONNECTIONS: usize = 4;
    let n_started = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&n_started);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .enable_all()
        .on_thread_start(move || {
            seen.fetch_add(1, Ordering::SeqCst);
        })
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let directory = tempfile::tempdir().expect("a directory");
        let url = DatabaseUrl::sqlite(directory.path().join("crowd.db")).expect("a path");
        let config = DatabaseConfig {
            max_connections: CONNECTIONS,
            wait_timeout: Duration::from_secs(60),
            ..domain::database(url)
        };
        let fill = |connection: &mut _| seed::fill_new(connection, 120);
        MIGRATIONS.run_and_fill(&config, fill).await.expect("a database");
        let n_before = n_started.load(Ordering::SeqCst);
        let repo = Repo::connect(&config).await.expect("a connection");
        let visitors = (0..16).map(|_| {
            let repo = repo.clone();
            tokio::spawn(async move { list_slowly(&repo).await.len() })
        });
        for visitor in visitors.collect::<Vec<_>>() {
            assert_eq!(visitor.await.expect("no panic"), 120);
        }
        assert_eq!(threads_named("crowd.db"), CONNECTIONS + 1, "the one more is for checks");
        assert_eq!(n_started.load(Ordering::SeqCst), n_before, "tokio needed no other");
    });
}

#[tokio::test]
async fn a_writer_that_waits_keeps_nobody_else_waiting() {
    let database = testing::sqlite().await;
    let repo = &database.repo;
    let mut second = Box::pin(users::insert(repo, person("Second")));
    repo.transaction(async |_| {
        // It has a thread of its own to wait on; this runtime has no other than the test's.
        assert!(poll!(second.as_mut()).is_pending());
        assert_eq!(users::count(repo).await?, 0);
        Ok::<_, QueryError>(())
    })
    .await
    .expect("committed");
    second.await.expect("the lock is free");
}

/// Two processes with one file; each waits for locks and connections as long as it takes.
async fn patient_repos(directory: &TempDir) -> [Repo; 2] {
    let url = DatabaseUrl::sqlite(directory.path().join("locked.db")).expect("a path");
    let config = DatabaseConfig {
        max_connections: 4,
        wait_timeout: Duration::from_secs(60),
        busy_timeout: Duration::from_secs(60),
        ..domain::database(url)
    };
    MIGRATIONS.run(&config).await.expect("tables");
    let connect = async || Repo::connect(&config).await.expect("connections");
    [connect().await, connect().await]
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_for_a_lock_leave_connections_to_those_who_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let [repo, other] = patient_repos(&directory).await;
    let names = ["Ada", "Bob", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal"];
    let mut writers: Vec<_> = Vec::new();
    let locked = other.transaction(async |_| {
        for name in names {
            let mut writer = Box::pin(users::insert(&repo, person(name)));
            assert!(poll!(writer.as_mut()).is_pending());
            writers.push(writer);
        }
        let all = users::list(&repo, 9_999).await?;
        assert!(all.is_empty(), "each of the others waits");
        Ok::<_, QueryError>(())
    });
    locked.await.expect("who reads waits for nobody");
    for saved in join_all(writers).await {
        saved.expect("their turn has come");
    }
    assert_eq!(users::list(&repo, 9_999).await.expect("the users").len(), names.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_leave_while_they_wait_for_a_lock_do_so_too() {
    /// When a visitor loses patience.
    const PATIENCE: Duration = Duration::from_millis(20);
    let directory = tempfile::tempdir().expect("a directory");
    let [repo, other] = patient_repos(&directory).await;
    let locked = other.transaction(async |_| {
        for _ in 0..8 {
            let left = timeout(PATIENCE, users::insert(&repo, person("Eve"))).await;
            assert!(left.is_err(), "it waits for the lock");
        }
        users::list(&repo, 9_999).await
    });
    assert_eq!(locked.await.expect("who reads waits for nobody"), []);
    users::insert(&repo, person("Ada")).await.expect("the lock is free, and so are the turns");
}
