//! What live views want kept, in a table that two servers share.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{TestApp, TestView};
use belvedere::{LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render};
use belvedere::{Result, SecretKeyBase, SharedSnapshotOptions, SharedSnapshots, Snapshot};
use belvedere::{SnapshotKey, SnapshotStore as _, Socket, live};
use belvedere_diesel::testing::{TestDatabase, on_each_database};
use belvedere_diesel::{DatabaseConfig, DatabaseSnapshots, Repo, SnapshotBounds};
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
    server_over(DatabaseSnapshots::new(repo.clone()))
}

fn server_over(snapshots: DatabaseSnapshots) -> (LiveRuntime, TestApp) {
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

/// A page that was clicked so often, and what it has kept is older than what follows.
async fn counter_at(app: &TestApp, count: usize, repo: &Repo) -> TestView {
    let mut counter = app.get("/").await.join().await;
    for _ in 0..count {
        counter.click("button").await;
    }
    counter.settle().await;
    let age = diesel::sql_query("UPDATE belvedere_snapshots SET expires_at = expires_at - 10");
    repo.run(age).await.expect("the table is there");
    counter
}

/// What these pages show at another server.
async fn shown_elsewhere(counters: Vec<TestView>, repo: &Repo) -> Vec<String> {
    let (_live, next) = server(repo);
    let mut shown = Vec::new();
    for mut counter in counters {
        counter.reconnect_to(&next).await;
        shown.push(counter.text("output"));
    }
    shown
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_keeps_its_newest_and_leaves_others_theirs() {
    let test = "a_session_keeps_its_newest_and_leaves_others_theirs";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database: &TestDatabase| {
        let repo = &database.repo;
        let bounds = SnapshotBounds { per_session: 2, ..SnapshotBounds::default() };
        let snapshots = DatabaseSnapshots::new(repo.clone()).within(bounds);
        snapshots.create_table().await.expect("it is made");
        let (_live, app) = server_over(snapshots);
        let mut counters = vec![counter_at(&app.another_visitor(), 7, repo).await];
        for count in 1..5 {
            counters.push(counter_at(&app, count, repo).await);
            assert!(n_rows(repo).await <= 3, "with every row");
        }
        // A page whose row is gone writes another when it changes.
        counters[1].click("button").await;
        counters[1].settle().await;
        assert_eq!(shown_elsewhere(counters, repo).await, ["7", "2", "0", "0", "4"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_and_all_together_keep_their_newest_and_others_keys_stay() {
    let test = "an_address_and_all_together_keep_their_newest_and_others_keys_stay";
    on_each_database(test, MIGRATIONS, DatabaseConfig::new, async |database: &TestDatabase| {
        let repo = &database.repo;
        let snapshots = DatabaseSnapshots::new(repo.clone());
        snapshots.create_table().await.expect("it is made");
        let (_live, app) = server_over(snapshots.clone());
        let other = SnapshotKey::from_bytes([7; 16]);
        snapshots.put(other, "x".repeat(1000), 60 * PATIENCE).await.expect("the table is there");
        let at = |last| app.visitor_at([192, 0, 2, last].into());
        let mut counters = vec![counter_at(&at(1), 1, repo).await];
        for count in 2..6 {
            counters.push(counter_at(&at(2), count, repo).await);
        }
        counters.push(counter_at(&at(3), 6, repo).await);
        assert_eq!(n_rows(repo).await, 7);
        let n_removed = async |bounds: SnapshotBounds| {
            snapshots.clone().within(bounds).remove_surplus().await.expect("the table is there")
        };
        let bounds = SnapshotBounds::default();
        assert_eq!(n_removed(bounds).await, 0);
        assert_eq!(n_removed(SnapshotBounds { per_address: 3, ..bounds }).await, 1);
        // Each has more than 100 bytes, and fewer than 200.
        assert_eq!(n_removed(SnapshotBounds { bytes_per_address: 1_000, ..bounds }).await, 0);
        assert_eq!(n_removed(SnapshotBounds { bytes_per_address: 200, ..bounds }).await, 2);
        assert_eq!(n_removed(SnapshotBounds { rows: 2, ..bounds }).await, 1);
        assert_eq!(shown_elsewhere(counters, repo).await, ["0", "0", "0", "0", "5", "6"]);
        assert_eq!(n_removed(SnapshotBounds { bytes: 0, ..bounds }).await, 4);
        let kept = snapshots.get(other).await.expect("the table is there");
        assert_eq!(kept.map(|kept| kept.len()), Some(1000));
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
