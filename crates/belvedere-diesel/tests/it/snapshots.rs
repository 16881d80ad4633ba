//! What live views want kept, in a table that two servers share.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{TestApp, TestView};
use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render};
use belvedere::{Result, SecretKeyBase, SharedSnapshotOptions, SharedSnapshots, Snapshot};
use belvedere::{Socket, live};
use belvedere_diesel::testing::{TestDatabase, on_each_database};
use belvedere_diesel::{DatabaseConfig, DatabaseSnapshots, Repo};
use diesel::sql_types::BigInt;

use crate::notes::MIGRATIONS;

/// Bytes of what a browser has instead of the state.
const N_HANDLE: usize = 103;

struct Counter(i64);

#[derive(LiveEvent)]
enum Event {
    Inc,
}

impl LiveView for Counter {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(0))
    }

    async fn handle_event(&mut self, Event::Inc: Event, _: &mut Socket<Self>) -> Result {
        self.0 += 1;
        Ok(())
    }

    fn snapshot() -> Snapshot<Self> {
        Snapshot::version(1, |counter| counter.0, |counter, count| counter.0 = count)
    }

    fn render(&self) -> impl Render {
        live! { output { (self.0) } button phx-click=(Event::Inc) {} }
    }
}

/// Longer than any answer of a machine at work.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server, and what ends it.
fn server(repo: &Repo) -> (LiveRuntime, TestApp) {
    let snapshots = DatabaseSnapshots::new(repo.clone());
    let options = SharedSnapshotOptions { timeout: PATIENCE, ..Default::default() };
    let secret = SecretKeyBase::new(&"s".repeat(64)).expect("64 bytes are enough");
    let live = LiveRuntime::new(LiveConfig {
        shared_snapshots: Some(SharedSnapshots::over(snapshots, options)),
        drain_timeout: PATIENCE,
        ..LiveConfig::new(secret)
    });
    let router = live.clone().serve(Router::new().live::<Counter>("/"));
    let app = TestApp::new(&live, router);
    (live, app)
}

/// Ends the server in order, and comes back to another one.
async fn move_on(counter: &mut TestView, live: LiveRuntime, repo: &Repo) -> LiveRuntime {
    live.drain().await;
    counter.settle().await;
    let (live, app) = server(repo);
    counter.reconnect_to(&app).await;
    live
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

async fn n_rows(repo: &Repo) -> i64 {
    let count = diesel::sql_query("SELECT count(*) AS n FROM belvedere_snapshots");
    repo.one::<Number, _>(count).await.expect("the table is there").n
}

#[tokio::test(flavor = "multi_thread")]
async fn a_state_goes_on_at_another_server() {
    let test = "a_state_goes_on_at_another_server";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database: &TestDatabase| {
        let repo = &database.repo;
        let snapshots = DatabaseSnapshots::new(repo.clone());
        snapshots.create_table().await.expect("it is made");
        snapshots.create_table().await.expect("it is there");
        let (mut live, app) = server(repo);
        let mut counter = app.get("/").await.join().await;
        for _ in 0..7 {
            counter.click("button").await;
        }
        for (before, count) in (1..).zip(["7", "8"]) {
            assert_eq!(n_rows(repo).await, before, "one of each view at each server");
            live = move_on(&mut counter, live, repo).await;
            assert_eq!(counter.kept().map(|kept| kept.len()), Some(N_HANDLE));
            assert_eq!(counter.text("output"), count);
            counter.click("button").await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_expired_is_not_found_and_is_removed() {
    let test = "what_has_expired_is_not_found_and_is_removed";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database: &TestDatabase| {
        let repo = &database.repo;
        let snapshots = DatabaseSnapshots::new(repo.clone());
        snapshots.create_table().await.expect("it is made");
        let (live, app) = server(repo);
        let mut counter = app.get("/").await.join().await;
        counter.click("button").await;
        live.drain().await;
        counter.settle().await;
        let expire = diesel::sql_query("UPDATE belvedere_snapshots SET expires_at = 1");
        assert_eq!(repo.run(expire).await.expect("the table is there"), 1);
        counter.reconnect_to(&server(repo).1).await;
        assert_eq!(counter.text("output"), "0");
        // It may be that the server has done so by itself.
        snapshots.remove_expired().await.expect("the table is there");
        assert_eq!(n_rows(repo).await, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_table_browsers_keep_it() {
    let test = "without_the_table_browsers_keep_it";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database: &TestDatabase| {
        let repo = &database.repo;
        let (live, app) = server(repo);
        let mut counter = app.get("/").await.join().await;
        for _ in 0..7 {
            counter.click("button").await;
        }
        move_on(&mut counter, live, repo).await;
        assert_eq!(counter.text("output"), "7");
    })
    .await;
}
