//! The state of views in a store that servers share.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use belvedere::testing::{TestApp, TestView};
use belvedere::{LiveConfig, SharedSnapshotOptions, SharedSnapshots, SnapshotOptions};
use belvedere::{SnapshotKey, SnapshotStore, SnapshotStoreError};
use serde_json::json;
use tokio::time::{Instant, sleep};

use super::{click, config, loaded_with, server_with};
use crate::diff::duplicates::Log;

/// Bytes of a handle.
const N_HANDLE: usize = 103;

/// How the store answers.
#[derive(Clone, Copy, Default, PartialEq)]
enum Mood {
    #[default]
    Works,
    Fails,
    Hangs,
    Panics,
    /// Gives away, and takes nothing.
    IsFull,
    /// Takes its time over what it is given.
    IsSlow,
}

/// What a slow store takes over one snapshot.
const SLOW: Duration = Duration::from_millis(800);

#[derive(Default)]
struct Kept {
    rows: HashMap<SnapshotKey, (String, Instant)>,
    mood: Mood,
    n_asked: usize,
    n_puts: usize,
}

/// In memory; clones share it, as servers would.
#[derive(Clone, Default)]
struct Store(Arc<Mutex<Kept>>);

impl Store {
    async fn answers(&self) -> Result<(), SnapshotStoreError> {
        let mood = {
            let mut kept = self.0.lock().unwrap();
            kept.n_asked += 1;
            kept.mood
        };
        match mood {
            Mood::Works | Mood::IsFull | Mood::IsSlow => Ok(()),
            Mood::Fails => Err("the store is away".into()),
            Mood::Hangs => pending().await,
            Mood::Panics => panic!("the test wants it"),
        }
    }

    fn is(&self, mood: Mood) {
        self.0.lock().unwrap().mood = mood;
    }

    fn n_rows(&self) -> usize {
        self.0.lock().unwrap().rows.len()
    }

    fn n_asked(&self) -> usize {
        self.0.lock().unwrap().n_asked
    }

    fn n_puts(&self) -> usize {
        self.0.lock().unwrap().n_puts
    }

    fn config(&self) -> LiveConfig {
        self.with(SharedSnapshotOptions::default())
    }

    fn with(&self, options: SharedSnapshotOptions) -> LiveConfig {
        LiveConfig {
            shared_snapshots: Some(SharedSnapshots::over(self.clone(), options)),
            ..config()
        }
    }
}

impl SnapshotStore for Store {
    async fn put(
        &self,
        key: SnapshotKey,
        sealed: String,
        lasts: Duration,
    ) -> Result<(), SnapshotStoreError> {
        self.0.lock().unwrap().n_puts += 1;
        self.answers().await?;
        let mood = self.0.lock().unwrap().mood;
        match mood {
            Mood::IsFull => return Err("the store is full".into()),
            Mood::IsSlow => sleep(SLOW).await,
            _ => {}
        }
        self.0.lock().unwrap().rows.insert(key, (sealed, Instant::now() + lasts));
        Ok(())
    }

    async fn get(&self, key: SnapshotKey) -> Result<Option<String>, SnapshotStoreError> {
        self.answers().await?;
        let kept = self.0.lock().unwrap();
        let row = kept.rows.get(&key).filter(|(_, expires)| *expires > Instant::now());
        Ok(row.map(|(sealed, _)| sealed.clone()))
    }

    async fn remove(&self, key: SnapshotKey) -> Result<(), SnapshotStoreError> {
        self.answers().await?;
        self.0.lock().unwrap().rows.remove(&key);
        Ok(())
    }
}

/// Does not wait for what follows.
async fn inc_at_once(desk: &mut TestView) {
    let click = json!({ "type": "click", "event": "inc", "value": {} });
    desk.send_at_once("event", click).await;
}

fn server(config: LiveConfig) -> TestApp {
    server_with(config).1
}

/// A desk that has been clicked so often.
async fn desk_at(app: &TestApp, count: u32) -> TestView {
    let mut desk = app.get("/desk").await.join().await;
    click(&mut desk, "#inc", count).await;
    desk
}

#[tokio::test(start_paused = true)]
async fn it_outlives_each_server_and_the_browser_has_but_a_handle() {
    let store = Store::default();
    let mut desk = desk_at(&server(store.config()), 1).await;
    let handle = desk.kept().expect("with the first change");
    assert_eq!(handle.len(), N_HANDLE);
    click(&mut desk, "#inc", 6).await;
    assert_eq!(desk.kept(), Some(handle), "it leads to whatever lies there");
    for (n_rows, count) in (1..).zip(7..10) {
        assert_eq!(store.n_rows(), n_rows, "what another page may go on from stays");
        desk.reconnect_to(&server(store.config())).await;
        assert_eq!((desk.text("output"), &*desk.text("#restored")), (count.to_string(), "true"));
        click(&mut desk, "#inc", 1).await;
    }
}

#[tokio::test(start_paused = true)]
async fn pages_that_have_one_handle_go_on_each_by_itself() {
    for store in [Some(Store::default()), None] {
        let config = || store.as_ref().map_or_else(config, Store::config);
        let app = server(config());
        let mut desk = desk_at(&app, 7).await;
        let kept = desk.kept();
        desk.close().await;
        // As a tab that is duplicated, with what it has in its storage.
        let mut first = loaded_with(&app, "/desk", kept.clone()).await;
        let mut second = loaded_with(&app, "/desk", kept).await;
        click(&mut first, "#inc", 1).await;
        click(&mut second, "#inc", 2).await;
        let next = server(config());
        for (desk, count) in [(&mut first, "8"), (&mut second, "9")] {
            desk.reconnect_to(&next).await;
            assert_eq!(desk.text("output"), count, "with a store: {}", store.is_some());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_in_order_waits_until_it_lies_there() {
    let store = Store::default();
    let (live, app) = server_with(store.config());
    let mut desk = desk_at(&app, 7).await;
    live.drain().await;
    desk.settle().await;
    desk.reconnect_to(&server(store.config())).await;
    assert_eq!(desk.text("output"), "7");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_away_leaves_it_to_the_browser_until_it_is_back() {
    for mood in [Mood::Fails, Mood::Hangs, Mood::Panics] {
        let store = Store::default();
        store.is(mood);
        let mut desk = desk_at(&server(store.config()), 7).await;
        assert!(desk.kept().expect("the state itself").len() > N_HANDLE);
        let app = server(store.config());
        desk.reconnect_to(&app).await;
        assert_eq!(desk.text("output"), "7");
        store.is(Mood::Works);
        sleep(Duration::from_secs(6)).await;
        click(&mut desk, "#inc", 1).await;
        assert_eq!(desk.kept().map(|kept| kept.len()), Some(N_HANDLE));
        desk.reconnect_to(&server(store.config())).await;
        assert_eq!(desk.text("output"), "8");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_gone_when_a_server_stops_leaves_it_to_the_browser() {
    let store = Store::default();
    let (live, app) = server_with(store.config());
    let mut desk = desk_at(&app, 6).await;
    assert_eq!(desk.kept().map(|kept| kept.len()), Some(N_HANDLE));
    store.is(Mood::Hangs);
    desk.send_event("click", "inc", json!({}), None).await;
    live.drain().await;
    desk.settle().await;
    desk.reconnect_to(&server(store.config())).await;
    assert_eq!(desk.text("output"), "7");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_gone_when_a_browser_comes_back_is_an_ordinary_mount() {
    for mood in [Mood::Fails, Mood::Hangs] {
        let store = Store::default();
        let mut desk = desk_at(&server(store.config()), 7).await;
        store.is(mood);
        desk.reconnect_to(&server(store.config())).await;
        assert_eq!((&*desk.text("output"), &*desk.text("#restored")), ("0", "false"));
        click(&mut desk, "#inc", 2).await;
        desk.reconnect_to(&server(store.config())).await;
        assert_eq!(desk.text("output"), "2", "from the browser");
    }
}

#[tokio::test(start_paused = true)]
async fn what_lies_there_lies_no_longer_than_it_is_believed() {
    let store = Store::default();
    let config = || {
        let max_age = Duration::from_secs(60);
        LiveConfig {
            snapshots: SnapshotOptions { max_age, ..Default::default() },
            ..store.config()
        }
    };
    let mut desk = desk_at(&server(config()), 7).await;
    sleep(Duration::from_secs(61)).await;
    desk.reconnect_to(&server(config())).await;
    assert_eq!(desk.text("output"), "0");
}

#[tokio::test(start_paused = true)]
async fn a_handle_is_its_session_s_and_nobody_else_has_the_store_asked() {
    let store = Store::default();
    let app = server(store.config());
    let desk = desk_at(&app, 7).await;
    let (handle, n_asked) = (desk.kept().expect("a handle"), store.n_asked());
    for (app, path) in [(app.another_visitor(), "/desk"), (app, "/other")] {
        let desk = loaded_with(&app, path, handle.clone()).await;
        assert_eq!(desk.text("output"), "0");
        if path == "/desk" {
            assert_eq!(store.n_asked(), n_asked);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_without_the_store_mounts_the_page_anew_and_says_why() {
    let store = Store::default();
    let mut desk = desk_at(&server(store.config()), 7).await;
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    desk.reconnect_to(&server(config())).await;
    assert_eq!(desk.text("output"), "0");
    assert_eq!(log.text().matches("set `LiveConfig::shared_snapshots`").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_leaves_the_view_takes_it_along() {
    let store = Store::default();
    let mut desk = desk_at(&server(store.config()), 7).await;
    assert_eq!(store.n_rows(), 1);
    desk.navigate("/counter").await;
    desk.settle().await;
    assert_eq!(store.n_rows(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_finds_no_room_on_its_way_is_left_to_the_browser() {
    let store = Store::default();
    let options = SharedSnapshotOptions { max_bytes_under_way: 10, ..Default::default() };
    let mut desk = desk_at(&server(store.with(options)), 7).await;
    assert_eq!(store.n_asked(), 0);
    desk.reconnect_to(&server(store.with(options))).await;
    assert_eq!(desk.text("output"), "7");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_is_loaded_anew_with_its_handle_goes_on() {
    let store = Store::default();
    let app = server(store.config());
    let mut desk = desk_at(&app, 7).await;
    let handle = desk.kept();
    desk.close().await;
    let next = loaded_with(&app, "/desk", handle).await;
    assert_eq!(next.text("output"), "7", "its scripts were replaced, and the page with them");
}

#[tokio::test(start_paused = true)]
async fn a_browser_that_may_not_have_heard_of_its_join_takes_nothing_along() {
    let store = Store::default();
    let app = server(store.config());
    let desk = desk_at(&app, 7).await;
    let mut next = loaded_with(&app, "/desk", desk.kept()).await;
    assert_eq!(next.text("output"), "7");
    // As after an answer that was too late, when the client leaves and joins again.
    next.navigate("/counter").await;
    next.settle().await;
    assert_eq!(store.n_rows(), 2, "whichever handle it has leads there");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_takes_nothing_is_left_alone_even_if_it_can_be_read() {
    let store = Store::default();
    let mut other = desk_at(&server(store.config()), 3).await;
    store.is(Mood::IsFull);
    let n_puts = store.n_puts();
    let app = server(store.config());
    let mut desk = desk_at(&app, 1).await;
    other.reconnect_to(&app).await;
    assert_eq!(other.text("output"), "3");
    click(&mut desk, "#inc", 1).await;
    assert_eq!(store.n_puts(), n_puts + 1, "it says no for all");
    desk.reconnect_to(&server(store.config())).await;
    assert_eq!(desk.text("output"), "2", "from the browser");
}

#[tokio::test(start_paused = true)]
async fn what_the_store_has_not_taken_it_is_not_asked_again() {
    let store = Store::default();
    store.is(Mood::IsFull);
    let options = SharedSnapshotOptions { retry_after: Duration::ZERO, ..Default::default() };
    let mut desk = server(store.with(options)).get("/desk").await.join().await;
    for count in 1..3 {
        click(&mut desk, "#inc", 1).await;
        assert_eq!(store.n_puts(), count);
    }
    desk.reconnect_to(&server(store.with(options))).await;
    assert_eq!(desk.text("output"), "2");
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_gone_for_a_moment_leaves_the_browser_its_handle() {
    for mood in [Mood::Fails, Mood::Hangs] {
        let store = Store::default();
        let mut desk = desk_at(&server(store.config()), 7).await;
        store.is(mood);
        desk.reconnect_to(&server(store.config())).await;
        assert_eq!(desk.text("output"), "0");
        store.is(Mood::Works);
        desk.reconnect_to(&server(store.config())).await;
        assert_eq!(desk.text("output"), "7");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_when_a_browser_leaves_lies_there_no_longer() {
    let store = Store::default();
    let mut desk = desk_at(&server(store.config()), 1).await;
    store.is(Mood::IsSlow);
    inc_at_once(&mut desk).await;
    desk.navigate("/counter").await;
    desk.settle().await;
    sleep(Duration::from_secs(2)).await;
    assert_eq!(store.n_rows(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stops_waits_for_the_store_once() {
    let store = Store::default();
    let (live, app) = server_with(store.config());
    let mut desk = desk_at(&app, 5).await;
    store.is(Mood::IsSlow);
    let asked = Instant::now();
    for _ in 0..2 {
        inc_at_once(&mut desk).await;
    }
    // Both are handled, and the first is on its way.
    sleep(Duration::from_millis(1)).await;
    live.drain().await;
    assert!(asked.elapsed() < 2 * SLOW);
    desk.settle().await;
    desk.reconnect_to(&server(store.config())).await;
    assert_eq!(desk.text("output"), "7");
}
