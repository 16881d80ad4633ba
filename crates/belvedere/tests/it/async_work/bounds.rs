//! How long a page waits for its pieces, and how many there may be: whatever an author does.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use belvedere::testing::{Outcome, TestApp};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, PubSub};
use http::{Request, StatusCode};
use serde_json::json;
use tokio::time::{Instant, timeout};
use tower::ServiceExt;

use super::odd::{Does, Odd, TOPIC};
use super::{A, millis, workshop};
use crate::diff::duplicates::Log;
use crate::views::{Counter, Plan, Senders, Work, Workshop, config, served};

fn odd(does: Does) -> (TestApp, PubSub) {
    let pub_sub = PubSub::new();
    let elsewhere = Router::new().live::<Counter>("/elsewhere").with_state(Senders::default());
    let router = Router::new().live::<Odd>("/").with_state((does, pub_sub.clone()));
    let config = LiveConfig { mailbox_capacity: 8, ..config() };
    (served(LiveRuntime::new(config), router.merge(elsewhere)), pub_sub)
}

#[tokio::test(start_paused = true)]
async fn a_page_does_not_wait_for_what_begins_while_it_waits() {
    let (app, _) = odd(Does::TryAgain);
    let begun = Instant::now();
    let page = timeout(Duration::from_secs(60), app.get("/")).await.expect("a page");
    assert_eq!((page.text("#piece"), begun.elapsed()), ("loading".into(), millis(50)));
}

#[tokio::test(start_paused = true)]
async fn a_page_waits_as_long_as_it_takes_for_what_may_take_for_ever() {
    let (app, _) = workshop(&[(A.within(Duration::MAX), Work::Takes(millis(50), 1))]);
    let begun = Instant::now();
    let page = app.get("/").await;
    assert_eq!((page.text("#a"), begun.elapsed()), ("done 1".into(), millis(50)));
}

#[tokio::test(start_paused = true)]
async fn the_waits_of_a_view_and_its_components_do_not_add_up() {
    let (app, _) = odd(Does::WaitTwice);
    let begun = Instant::now();
    let page = app.get("/").await;
    assert_eq!((page.text("#part"), begun.elapsed()), ("loading".into(), millis(100)));
}

#[tokio::test(start_paused = true)]
async fn a_page_that_leads_elsewhere_waits_no_more() {
    let (app, _) = odd(Does::Leave);
    let begun = Instant::now();
    let page = app.get("/").await;
    assert_eq!(page.headers["location"], "/elsewhere");
    assert_eq!(begun.elapsed(), millis(10));
}

#[tokio::test(start_paused = true)]
async fn a_view_that_was_shown_keeps_no_join_waiting() {
    let (app, _) = odd(Does::Nothing);
    let mut view = app.get("/").await.join().await;
    let held = app.hold_async("slow");
    view.send_event("click", "slow", json!({}), None).await;
    view.disconnect().await;
    let begun = Instant::now();
    view.reconnect().await;
    assert_eq!((view.text("#piece"), begun.elapsed()), ("loading".into(), Duration::ZERO));
    held.release();
    view.settle().await;
    assert_eq!(view.text("#piece"), "done 1");
}

#[tokio::test]
async fn outcomes_take_no_room_from_messages_and_those_that_nobody_awaits_are_dropped() {
    let (app, _) = odd(Does::Nothing);
    let mut view = app.get("/").await.join().await;
    view.send_event("click", "quick", json!({ "n": 200 }), None).await;
    assert_eq!(
        (view.text("p"), view.outcome()),
        ("12 wait, sent true, message".into(), &Outcome::Open)
    );
}

#[tokio::test]
async fn work_that_was_ended_takes_its_room_until_it_is_gone() {
    let (app, _) = odd(Does::Nothing);
    let mut view = app.get("/").await.join().await;
    view.send_event("click", "again", json!({ "n": 200 }), None).await;
    assert_eq!(view.text("p"), "bounded true");
}

#[tokio::test]
async fn a_piece_that_cannot_be_started_says_so_where_its_outcome_would() {
    let (app, _) = odd(Does::Nothing);
    let mut view = app.get("/").await.join().await;
    view.send_event("click", "full", json!({}), None).await;
    let expected = "failed: the view has 64 tasks, timers and subscriptions under way already";
    assert_eq!((view.text("p"), view.text("#piece")), ("too many".into(), expected.into()));
}

#[tokio::test]
async fn a_panic_outside_of_the_work_itself_is_a_failure_too() {
    let (app, _) = odd(Does::Nothing);
    let mut view = app.get("/").await.join().await;
    view.send_event("click", "drop_badly", json!({}), None).await;
    let expected = "failed: the work panicked: a destructor panics on purpose";
    assert_eq!(view.text("#piece"), expected);
    view.send_event("click", "fail_badly", json!({}), None).await;
    let expected = "failed: the work panicked: an error panics on purpose";
    assert_eq!(view.text("#piece"), expected);
}

#[tokio::test]
async fn an_outcome_does_not_overtake_a_message_at_a_join() {
    let (app, pub_sub) = odd(Does::Note);
    let held = app.hold_async("outcome");
    let page = app.get("/").await;
    pub_sub.publish(&TOPIC, ()).unwrap();
    held.release();
    tokio::task::yield_now().await;
    let mut view = page.join().await;
    view.settle().await;
    assert_eq!(view.text("p"), "message, outcome");
}

#[tokio::test(start_paused = true)]
async fn what_is_told_to_a_component_while_a_join_waits_is_in_its_answer() {
    let (app, _) = odd(Does::Tell);
    let mut view = app.get("/elsewhere").await.join().await;
    view.navigate("/").await;
    assert_eq!(
        (view.text("b"), view.text("p"), view.diffs().len()),
        ("told".into(), "told".into(), 1)
    );
}

#[tokio::test]
async fn a_piece_of_a_component_that_is_not_there_is_the_authors_mistake() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let (app, _) = odd(Does::Stray);
    let mut view = app.get("/").await.join().await;
    view.settle().await;
    assert!(log.text().contains("a component that is not there"), "{}", log.text());
    assert_eq!(view.outcome(), &Outcome::Open);
}

#[tokio::test(start_paused = true)]
async fn who_asks_for_the_head_alone_waits_for_no_piece() {
    let plan = Plan::of(&[(A.within(millis(100)), Work::Never)]);
    let router = Router::new().live::<Workshop>("/").with_state(plan);
    let served = LiveRuntime::new(config()).serve(router);
    let begun = Instant::now();
    let request = Request::head("/").header("accept", "text/html").body(Body::empty()).unwrap();
    let response = served.oneshot(request).await.unwrap();
    assert_eq!((response.status(), begun.elapsed()), (StatusCode::OK, Duration::ZERO));
}
