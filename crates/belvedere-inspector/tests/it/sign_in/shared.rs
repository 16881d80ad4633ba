//! Several servers that share who is signed in, and their restarts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use belvedere::pub_sub::PubSubOptions;
use belvedere::testing::{Outcome, TestApp, TestBus};
use belvedere::{
    LiveConfig, PubSub, SecretKeyBase, SnapshotKey, SnapshotStore, SnapshotStoreError,
};
use belvedere_inspector::{Guard, Password};
use http::StatusCode;

use super::{PASSWORD, copy_cookies, sign_out, try_password};
use crate::app::App;

/// What all servers see; time does not pass in it.
#[derive(Clone, Default)]
struct Table {
    rows: Arc<Mutex<HashMap<SnapshotKey, String>>>,
    is_down: Arc<AtomicBool>,
}

impl Table {
    fn n_rows(&self) -> usize {
        self.rows.lock().unwrap().len()
    }

    fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::Relaxed);
    }

    fn answers(&self) -> Result<(), SnapshotStoreError> {
        if self.is_down.load(Ordering::Relaxed) { Err("the table is gone".into()) } else { Ok(()) }
    }
}

impl SnapshotStore for Table {
    async fn put(
        &self,
        key: SnapshotKey,
        text: String,
        _: Duration,
    ) -> Result<(), SnapshotStoreError> {
        self.answers()?;
        self.rows.lock().unwrap().insert(key, text);
        Ok(())
    }

    async fn get(&self, key: SnapshotKey) -> Result<Option<String>, SnapshotStoreError> {
        self.answers()?;
        Ok(self.rows.lock().unwrap().get(&key).cloned())
    }

    async fn remove(&self, key: SnapshotKey) -> Result<(), SnapshotStoreError> {
        self.answers()?;
        self.rows.lock().unwrap().remove(&key);
        Ok(())
    }
}

/// A server of them.
fn server(table: &Table, password: &str) -> App {
    let guard = Guard::password(Password::parse(password).expect("long enough"));
    App::sharing(App::config(), guard, table.clone())
}

/// Somebody who signs in at a server; and the cookies, as a thief has copied them.
async fn sign_in(app: &App) -> (TestApp, impl Fn(&App) -> TestApp + use<>) {
    let visitor = app.visitor();
    let answer = try_password(&visitor, PASSWORD).await;
    assert_eq!(answer.headers["location"], "/inspector", "{}", answer.html);
    let copy = move |app: &App| {
        let copy = app.visitor();
        copy_cookies(&answer, &copy);
        copy
    };
    (visitor, copy)
}

async fn is_in(visitor: &TestApp) -> bool {
    visitor.get("/inspector").await.status == StatusCode::OK
}

#[tokio::test(flavor = "multi_thread")]
async fn who_signs_in_at_one_server_is_in_at_all_and_so_is_out() {
    let table = Table::default();
    let (one, two) = (server(&table, PASSWORD), server(&table, PASSWORD));
    let (operator, copy) = sign_in(&one).await;
    assert!(is_in(&operator).await && is_in(&copy(&one)).await && is_in(&copy(&two)).await);
    sign_out(&operator).await;
    for app in [&one, &two, &server(&table, PASSWORD)] {
        assert!(!is_in(&copy(app)).await);
    }
    assert_eq!(table.n_rows(), 0, "nothing is kept of what is over");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_and_out_survive_a_restart() {
    let table = Table::default();
    let (_, copy) = sign_in(&server(&table, PASSWORD)).await;
    let after = server(&table, PASSWORD);
    let operator = copy(&after);
    assert!(is_in(&operator).await);
    sign_out(&operator).await;
    assert!(!is_in(&copy(&server(&table, PASSWORD))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_signs_everybody_out() {
    let table = Table::default();
    let (_, copy) = sign_in(&server(&table, PASSWORD)).await;
    assert!(!is_in(&copy(&server(&table, "close sesame"))).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_strangers_show_and_sign_out_of_is_not_written_down() {
    let table = Table::default();
    let app = server(&table, PASSWORD);
    let (operator, copy) = sign_in(&app).await;
    let (other, copied) = sign_in(&app).await;
    sign_out(&other).await;
    for number in 0..1_100 {
        let stranger = app.visitor();
        stranger.set_cookie("_live_view_session", &format!("forged-{number}"));
        assert_eq!(sign_out(&stranger).await.status, StatusCode::SEE_OTHER);
    }
    assert_eq!(table.n_rows(), 1);
    assert!(is_in(&operator).await && is_in(&copy(&app)).await);
    assert!(!is_in(&copied(&app)).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_somebody_has_changed_is_not_believed() {
    let table = Table::default();
    let app = server(&table, PASSWORD);
    let (operator, _) = sign_in(&app).await;
    for text in table.rows.lock().unwrap().values_mut() {
        text.insert(0, '9');
    }
    assert!(!is_in(&operator).await, "it would last longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_at_one_server_closes_the_inspectors_of_another() {
    let (bus, table) = (TestBus::default(), Table::default());
    let among = || {
        let secret = SecretKeyBase::new(&"b".repeat(64)).expect("long enough");
        let pub_sub = PubSub::over(bus.clone(), &secret, PubSubOptions::default());
        let guard = Guard::password(Password::parse(PASSWORD).expect("long enough"));
        App::sharing(LiveConfig { pub_sub, ..App::config() }, guard, table.clone())
    };
    let (one, two) = (among(), among());
    let (operator, copy) = sign_in(&one).await;
    let mut open = copy(&two).get("/inspector").await.join().await;
    assert!(open.is_joined());
    sign_out(&operator).await;
    open.disconnected().await;
    assert_eq!(*open.outcome(), Outcome::Disconnected(1001));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_gone_keeps_nobody_from_the_inspector() {
    let table = Table::default();
    let (one, two) = (server(&table, PASSWORD), server(&table, PASSWORD));
    let (before, copy) = sign_in(&one).await;
    table.set_down(true);
    assert!(is_in(&before).await, "whom a server knows");
    assert!(!is_in(&copy(&two)).await, "and nobody else");
    let (meanwhile, copied) = sign_in(&two).await;
    table.set_down(false);
    assert!(is_in(&meanwhile).await, "who signed in to this one alone");
    assert!(!is_in(&copied(&one)).await);
    sign_out(&meanwhile).await;
    assert!(!is_in(&copied(&two)).await);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_was_gone_when_somebody_signed_out_hears_of_it_later() {
    let table = Table::default();
    let one = server(&table, PASSWORD);
    let (operator, copy) = sign_in(&one).await;
    table.set_down(true);
    sign_out(&operator).await;
    assert!(!is_in(&copy(&one)).await);
    table.set_down(false);
    while table.n_rows() > 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    assert!(!is_in(&copy(&server(&table, PASSWORD))).await);
}
