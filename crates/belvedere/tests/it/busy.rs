//! Errors by which an application says that it is busy or has no room, and others: its visitors are told, and its log
//! is not filled.

use std::error::Error;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use belvedere::AsyncState::{Done, Failed, Loading};
use belvedere::testing::{Outcome, TestApp, TestView};
use belvedere::{
    Async, LiveConfig, LiveEvent, LiveRouter, LiveRuntime, LiveView, MountError, Render, Result,
    Socket, flash, live,
};
use http::{StatusCode, header};
use serde_json::json;

use crate::diff::duplicates::Log;
use crate::views::{config, served};

#[derive(Debug, thiserror::Error)]
#[error("all desks are taken")]
struct Taken;

#[derive(Debug, thiserror::Error)]
#[error("nobody was asked")]
struct Unasked(#[source] Taken);

fn is_taken(error: &(dyn Error + 'static)) -> bool {
    error.is::<Taken>()
}

#[derive(Debug, thiserror::Error)]
#[error("all shelves are full")]
struct Full;

#[derive(Debug, thiserror::Error)]
#[error("the roof has come down")]
struct Ruined;

#[derive(Debug, thiserror::Error)]
#[error("the cellar is under water")]
struct Flooded;

#[derive(Clone, Copy, Default)]
enum Desks {
    #[default]
    Free,
    Taken,
    Full,
    Ruined,
    Flooded,
}

#[derive(Clone, Default)]
struct Office(Arc<Mutex<Desks>>);

impl Office {
    fn is_now(&self, desks: Desks) {
        *self.0.lock().unwrap() = desks;
    }

    fn close(&self, is_closed: bool) {
        self.is_now(if is_closed { Desks::Taken } else { Desks::Free });
    }

    fn ask(&self) -> Result {
        match *self.0.lock().unwrap() {
            Desks::Free => Ok(()),
            Desks::Taken => Err(Unasked(Taken).into()),
            Desks::Full => Err(Full.into()),
            Desks::Ruined => Err(Ruined.into()),
            Desks::Flooded => Err(Flooded.into()),
        }
    }
}

/// Asks the office when it is mounted, at each click, and beside its page.
struct Counter {
    office: Office,
    beside: Async<()>,
}

#[derive(LiveEvent)]
enum Event {
    Ask,
    AskBeside,
}

impl LiveView for Counter {
    type Extract = State<Office>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(State(office): State<Office>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        office.ask().map_err(MountError::Failed)?;
        Ok(Self { office, beside: Async::default() })
    }

    async fn handle_event(&mut self, event: Event, socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Ask => self.office.ask()?,
            Event::AskBeside => {
                let office = self.office.clone();
                self.beside = socket.load("beside", async move { office.ask() });
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            button #ask phx-click=(Event::Ask) { "Ask" }
            button #ask-beside phx-click=(Event::AskBeside) { "Ask beside" }
            p #beside {
                @match self.beside.state() {
                    Loading(_) => "not asked",
                    Done(()) => "asked",
                    Failed(error) => {
                        @if error.is_busy() { "busy" } @else if error.is_full() { "full" } @else { "failed" }
                    }
                }
            }
        }
    }
}

fn app(office: &Office) -> TestApp {
    let live = LiveRuntime::new(LiveConfig {
        is_busy: is_taken,
        is_full: |error| error.is::<Full>(),
        ..config()
    });
    served(live, Router::new().live::<Counter>("/").with_state(office.clone()))
}

/// An event shows these words, work beside the page that word, and a page has that status, each of twenty times.
async fn all_fail(
    app: &TestApp,
    view: &mut TestView,
    words: &str,
    beside: &str,
    status: StatusCode,
) {
    for _ in 0..20 {
        view.click("#ask").await;
        assert_eq!(view.text(".flash.error"), words);
        view.click("#ask-beside").await;
        view.settle().await;
        assert_eq!(view.text("#beside"), beside);
        assert_eq!(app.get("/").await.status, status);
    }
}

#[tokio::test]
async fn a_page_whose_mount_is_told_to_wait_is_answered_with_when_to_come_again() {
    let office = Office::default();
    let app = app(&office);
    office.close(true);
    let page = app.get("/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(page.headers[header::RETRY_AFTER], "5");
    assert!(page.text("h1").contains("Service Unavailable"), "{}", page.html);
    office.close(false);
    assert_eq!(app.get("/").await.status, StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_join_that_finds_no_view_and_cannot_mount_one_now_says_busy() {
    let office = Office::default();
    let app = app(&office);
    let page = app.get("/").await;
    tokio::time::advance(config().page_hold * 2).await;
    let mut view = page.open();
    office.close(true);
    view.join().await;
    assert_eq!(view.outcome(), &Outcome::Refused(json!({ "reason": "busy" })));
    office.close(false);
    view.join().await;
    assert!(view.is_joined(), "{:?}", view.outcome());
}

#[tokio::test]
async fn events_and_work_beside_a_page_say_so_in_words_and_the_log_has_one_line() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let office = Office::default();
    let app = app(&office);
    let mut view = app.get("/").await.join().await;
    office.close(true);
    let words = "The server is busy just now. Please try again in a moment.";
    all_fail(&app, &mut view, words, "busy", StatusCode::SERVICE_UNAVAILABLE).await;
    let lines = log.text();
    assert_eq!(lines.matches("the server is busy").count(), 1, "{lines}");
    assert!(lines.contains("nobody was asked: all desks are taken"), "{lines}");
    assert!(!lines.contains("failed"), "{lines}");

    office.close(false);
    view.click("#ask-beside").await;
    view.settle().await;
    assert_eq!(view.text("#beside"), "asked");
}

#[tokio::test]
async fn a_server_without_room_says_so_in_words_and_the_log_has_one_line() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let office = Office::default();
    let app = app(&office);
    let mut view = app.get("/").await.join().await;
    office.is_now(Desks::Full);
    let words = "The server has no room to save anything now. Please try again in a moment.";
    all_fail(&app, &mut view, words, "full", StatusCode::INSUFFICIENT_STORAGE).await;
    let lines = log.text();
    assert_eq!(lines.matches("all shelves are full").count(), 1, "{lines}");
}

#[tokio::test(start_paused = true)]
async fn other_errors_that_visitors_repeat_have_a_line_a_minute_with_their_number() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let office = Office::default();
    let app = app(&office);
    let mut view = app.get("/").await.join().await;
    office.is_now(Desks::Ruined);
    for n_lines in [1, 2] {
        let words = "Something went wrong. Please try again.";
        all_fail(&app, &mut view, words, "failed", StatusCode::INTERNAL_SERVER_ERROR).await;
        let lines = log.text();
        for what in ["a callback failed", "async work failed", "mount failed"] {
            assert_eq!(lines.matches(what).count(), n_lines, "{what}: {lines}");
        }
        assert_eq!(lines.matches("times=20").count(), 3 * (n_lines - 1), "{lines}");
        tokio::time::advance(Duration::from_secs(60)).await;
    }
    view.click("#ask").await;
    office.is_now(Desks::Flooded);
    view.click("#ask").await;
    assert!(log.text().contains("the cellar is under water"), "another error is told of at once");
}
