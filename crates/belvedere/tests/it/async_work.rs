//! Pieces of work beside a view: what its page shows of them, when, and when they end.

use std::time::Duration;

use axum::Router;
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, Load};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::views::{Counter, Plan, Senders, Work, Workshop, config, served};

mod bounds;
mod law;
mod odd;
mod parts;

const A: Load = Load::named("a");
const B: Load = Load::named("b");

/// A visitor of a workshop that begins with these pieces.
fn workshop(first: &[(Load, Work)]) -> (TestApp, Plan) {
    let plan = Plan::of(first);
    let elsewhere = Router::new().live::<Counter>("/elsewhere").with_state(Senders::default());
    let router = Router::new().live::<Workshop>("/").with_state(plan.clone()).merge(elsewhere);
    (served(LiveRuntime::new(config()), router), plan)
}

async fn start(view: &mut TestView, piece: &str, work: &str, value: u32) {
    let event = json!({ "piece": piece, "work": work, "value": value });
    view.send_event("click", "start", event, None).await;
}

fn millis(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// Returns when work that was aborted is gone.
async fn let_work_end(plan: &Plan) {
    for _ in 0..1_000 {
        if plan.n_under_way() == 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("{} pieces of work are left behind", plan.n_under_way());
}

#[tokio::test]
async fn a_page_appears_at_once_and_shows_each_piece_when_it_is_there() {
    let (app, _) = workshop(&[(A, Work::Done(1)), (B, Work::Done(2))]);
    let (a, b) = (app.hold_async("a"), app.hold_async("b"));
    let page = app.get("/").await;
    assert_eq!((page.text("#a"), page.text("#b")), ("loading".into(), "loading".into()));
    let mut view = page.join().await;
    assert_eq!(view.texts("output"), ["loading", "loading"]);
    b.release();
    view.settle().await;
    assert_eq!(view.texts("output"), ["loading", "done 2"]);
    a.release();
    view.settle().await;
    assert_eq!(view.texts("output"), ["done 1", "done 2"]);
}

#[tokio::test]
async fn what_is_there_before_the_join_is_in_its_answer() {
    let (app, _) = workshop(&[(A, Work::Done(1))]);
    let held = app.hold_async("a");
    let page = app.get("/").await;
    held.release();
    tokio::task::yield_now().await;
    let view = page.join().await;
    assert_eq!((view.text("#a"), view.diffs().len()), ("done 1".into(), 1), "the tree alone");
}

#[tokio::test(start_paused = true)]
async fn the_first_response_waits_for_pieces_that_are_there_in_time() {
    let both = |a: u64, b: u64| {
        let (time_of_a, time_of_b) = (Work::Takes(millis(a), 1), Work::Takes(millis(b), 2));
        workshop(&[(A.within(millis(100)), time_of_a), (B.within(millis(100)), time_of_b)]).0
    };
    for ((a, b), shown, waits) in [
        ((60, 80), ["done 1", "done 2"], 80),
        ((60, 500), ["done 1", "loading"], 100),
        ((500, 500), ["loading", "loading"], 100),
    ] {
        let (app, begun) = (both(a, b), Instant::now());
        let page = app.get("/").await;
        assert_eq!(
            (page.texts("output"), begun.elapsed()),
            (shown.map(Into::into).into(), millis(waits))
        );
        let view = page.join().await;
        assert_eq!(view.texts("output"), ["done 1", "done 2"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_waits_only_for_pieces_that_say_so() {
    let (app, _) = workshop(&[
        (A, Work::Takes(millis(500), 1)),
        (B.within(millis(1000)), Work::Takes(millis(50), 2)),
    ]);
    let begun = Instant::now();
    let page = app.get("/").await;
    assert_eq!(
        (page.texts("output"), begun.elapsed()),
        (vec!["loading".into(), "done 2".into()], millis(50))
    );
}

#[tokio::test(start_paused = true)]
async fn a_join_that_mounts_waits_as_a_page_does() {
    let (app, _) = workshop(&[(A.within(millis(100)), Work::Takes(millis(50), 1))]);
    let mut view = app.get("/elsewhere").await.join().await;
    let begun = Instant::now();
    view.navigate("/").await;
    assert_eq!((view.text("#a"), begun.elapsed()), ("done 1".into(), millis(50)));
    assert_eq!(view.diffs().len(), 1, "the tree alone");
}

#[tokio::test]
async fn a_failure_stays_with_its_piece() {
    let (app, _) = workshop(&[(A, Work::Fails), (B, Work::Panics)]);
    let mut view = app.get("/").await.join().await;
    let panicked = "failed: the work panicked: a work panics on purpose";
    assert_eq!(view.texts("output"), ["failed: on purpose", panicked]);
    start(&mut view, "a", "done", 3).await;
    assert_eq!(view.texts("output"), ["done 3", panicked]);
    assert_eq!(view.outcome(), &Outcome::Open);
}

#[tokio::test(start_paused = true)]
async fn a_piece_that_takes_too_long_has_failed_and_is_ended() {
    let (app, plan) = workshop(&[(A.timeout(millis(200)), Work::Never)]);
    let begun = Instant::now();
    let view = app.get("/").await.join().await;
    assert_eq!(view.text("#a"), "failed: the work took longer than 200ms");
    assert_eq!((begun.elapsed(), plan.n_under_way()), (millis(200), 0));
}

#[tokio::test]
async fn a_piece_that_is_started_again_shows_what_was_known() {
    let (app, plan) = workshop(&[(A, Work::Done(1))]);
    let mut view = app.get("/").await.join().await;
    let held = app.hold_async("a");
    start(&mut view, "a", "fails", 0).await;
    assert_eq!(view.text("#a"), "loading 1");
    // In the place of the one before, whose outcome never comes.
    start(&mut view, "a", "done", 2).await;
    assert_eq!(view.text("#a"), "loading 1");
    held.release();
    view.settle().await;
    assert_eq!((view.text("#a"), plan.n_under_way()), ("done 2".into(), 0));
    start(&mut view, "a", "fails", 0).await;
    assert_eq!(view.text("#a"), "failed: on purpose, was 2");
}

#[tokio::test]
async fn what_was_cancelled_or_forgotten_never_comes() {
    let (app, plan) = workshop(&[(A, Work::Done(1)), (B, Work::Done(2))]);
    let (a, b) = (app.hold_async("a"), app.hold_async("b"));
    let mut view = app.get("/").await.join().await;
    view.send_event("click", "cancel", json!({ "piece": "a" }), None).await;
    view.send_event("click", "forget", json!({ "piece": "b" }), None).await;
    let_work_end(&plan).await;
    a.release();
    b.release();
    view.settle().await;
    assert_eq!(view.texts("output"), ["failed: the work was cancelled", "loading"]);
    // Of one that is done there is nothing to cancel.
    start(&mut view, "a", "done", 3).await;
    view.send_event("click", "cancel", json!({ "piece": "a" }), None).await;
    assert_eq!(view.text("#a"), "done 3");
}

#[tokio::test]
async fn what_comes_while_the_browser_is_away_is_in_the_answer_to_its_join() {
    let (app, _) = workshop(&[(A, Work::Done(1))]);
    let held = app.hold_async("a");
    let mut view = app.get("/").await.join().await;
    view.disconnect().await;
    held.release();
    view.reconnect().await;
    assert_eq!((view.text("#a"), view.diffs().len()), ("done 1".into(), 1), "the tree alone");
}

#[tokio::test]
async fn pieces_end_with_their_view() {
    let (app, plan) = workshop(&[(A, Work::Never)]);
    let held = app.hold_async("a");
    // Left, and never joined: `HEAD` holds no view.
    let mut view = app.get("/").await.join().await;
    assert_eq!(plan.n_under_way(), 1);
    view.close().await;
    let_work_end(&plan).await;
    drop(app.get_with("/", &[("sec-purpose", "prefetch")]).await);
    let_work_end(&plan).await;
    // Crashed: the next one has a piece of its own.
    let mut view = app.get("/").await.join().await;
    view.send_event("click", "crash", json!({}), None).await;
    assert_eq!(view.outcome(), &Outcome::Crashed);
    let_work_end(&plan).await;
    view.join().await;
    assert_eq!((view.text("#a"), plan.n_under_way()), ("loading".into(), 1));
    view.click("#elsewhere").await;
    let_work_end(&plan).await;
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn pieces_end_with_a_page_that_nobody_joins_and_a_late_join_starts_them_anew() {
    let plan = Plan::of(&[(A, Work::Never)]);
    let live = LiveRuntime::new(LiveConfig { page_hold: millis(5000), ..config() });
    let app = served(live, Router::new().live::<Workshop>("/").with_state(plan.clone()));
    let held = app.hold_async("a");
    let page = app.get("/").await;
    sleep(millis(4000)).await;
    assert_eq!(plan.n_under_way(), 1, "a browser may still come");
    sleep(millis(2000)).await;
    let_work_end(&plan).await;
    let view = page.join().await;
    assert_eq!((view.text("#a"), plan.n_under_way()), ("loading".into(), 1));
    drop(held);
}

#[tokio::test(start_paused = true)]
async fn a_piece_beyond_the_bound_has_failed_at_once() {
    let (app, plan) = workshop(&[]);
    let mut view = app.get("/").await.join().await;
    view.send_event("click", "start_many", json!({}), None).await;
    let expected = "failed: the view has 64 tasks, timers and subscriptions under way already";
    assert_eq!((view.text("#a"), plan.n_under_way()), (expected.into(), 0));
}

#[tokio::test]
async fn pieces_started_again_and_again_need_no_more_room() {
    let (app, plan) = workshop(&[]);
    let mut view = app.get("/").await.join().await;
    let held = app.hold_async("a");
    for value in 0..200 {
        start(&mut view, "a", "done", value).await;
    }
    held.release();
    view.settle().await;
    assert_eq!((view.text("#a"), plan.n_under_way()), ("done 199".into(), 0));
}
