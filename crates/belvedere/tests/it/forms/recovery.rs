//! What the client sends once more when the connection is back, and what of it the view is told.

use std::time::Duration;

use belvedere::js::{Js, Target};
use belvedere::testing::TestApp;
use belvedere::{Form, FormData, LiveConfig, LiveEvent, LiveForm, LiveRouter, LiveRuntime};
use belvedere::{LiveView, MountError, Render, Result, Socket, live};

use serde::Deserialize;

use crate::views::{config, served};

#[derive(Form)]
struct List {
    is_public: bool,
    items: Vec<Item>,
}

#[derive(Form)]
struct Item {
    is_done: bool,
}

struct Page {
    form: LiveForm<List>,
}

#[derive(LiveEvent)]
enum Event {
    Change(FormData<List>),
}

impl LiveView for Page {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let list = List { is_public: true, items: vec![Item { is_done: true }] };
        Ok(Self { form: LiveForm::filled("list", &list) })
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        let Event::Change(data) = event;
        self.form.change(data);
        Ok(())
    }

    fn render(&self) -> impl Render {
        let items = self.form.rows(|f| f.items);
        let change = || Js::new().dispatch("change", Target::This);
        live! {
            form field=(&self.form) phx-change=(Event::CHANGE) {
                button type="button" field=(items.add()) phx-click=(change()) { "Add" }
                label { input type="checkbox" field=(self.form.field(|f| f.is_public)); "Public" }
                @for item in items {
                    p key=(item.key()) {
                        input type="checkbox" field=(item.field(|i| i.is_done));
                    }
                }
            }
        }
    }
}

fn app(config: LiveConfig) -> TestApp {
    served(LiveRuntime::new(config), axum::Router::new().live::<Page>("/list"))
}

#[tokio::test]
async fn it_presses_no_button_and_ticks_no_box() {
    let new_view = LiveConfig { reconnect_grace: Duration::ZERO, ..config() };
    for config in [config(), new_view] {
        let mut page = app(config).get("/list").await.join().await;
        page.form("form").press("Add").await;
        page.form("form").uncheck("Public").await;
        page.form("form").uncheck("list[items][0][is_done]").await;
        let before = page.html();
        page.reconnect().await;
        assert_eq!(page.html(), before);
        assert!(!page.form("form").is_checked("Public"));
        assert_eq!(page.texts("p").len(), 2);
    }
}

/// A search, and a note that the view does not show. Says what it was told.
struct Sieve {
    changes: Vec<String>,
    q: String,
}

#[derive(LiveEvent)]
enum Sifts {
    Search(Query),
    Note(Text),
    Again(Text),
    Save(Text),
    Clear,
}

#[derive(Deserialize)]
struct Query {
    q: String,
}

#[derive(Deserialize)]
struct Text {
    note: String,
}

impl LiveView for Sieve {
    type Extract = ();
    type Params = ();
    type Event = Sifts;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { changes: Vec::new(), q: "all".to_owned() })
    }

    async fn handle_event(&mut self, event: Sifts, _: &mut Socket<Self>) -> Result {
        match event {
            Sifts::Search(Query { q }) => {
                self.changes.push(format!("q={q}"));
                self.q = q;
            }
            Sifts::Note(Text { note }) => self.changes.push(format!("note={note}")),
            Sifts::Again(Text { note }) => self.changes.push(format!("again={note}")),
            Sifts::Save(Text { note }) => self.changes.push(format!("saved={note}")),
            Sifts::Clear => self.changes.clear(),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            ol { @for change in &self.changes { li { (change) } } }
            button #clear phx-click=(Sifts::Clear) {}
            form #search phx-change=(Sifts::SEARCH) { label { "Search" input name="q" value=(self.q); } }
            form #note phx-change=(Sifts::NOTE) phx-submit=(Sifts::SAVE)
                phx-auto-recover=(Sifts::AGAIN) {
                label { "Note" input name="note"; } button { "Save" }
            }
        }
    }
}

fn sieve(reconnect_grace: Duration) -> TestApp {
    let config = LiveConfig { reconnect_grace, ..config() };
    served(LiveRuntime::new(config), axum::Router::new().live::<Sieve>("/sieve"))
}

#[tokio::test]
async fn a_view_that_has_waited_is_not_told_again_what_it_knows() {
    let mut page = sieve(Duration::from_secs(60)).get("/sieve").await.join().await;
    page.reconnect().await;
    assert!(page.texts("li").is_empty(), "nobody has touched a form");
    page.form("#search").fill("Search", "ann").await;
    page.form("#note").fill("Note", "soon").await;
    page.click("#clear").await;
    page.reconnect().await;
    assert_eq!(page.texts("li"), ["again=soon"], "the form has an event of its own for that");
    page.click("#clear").await;
    page.reconnect().await;
    page.reconnect().await;
    assert!(page.texts("li").is_empty(), "it knows both");
    page.form("#search").fill("Search", "ben").await;
    assert_eq!(page.texts("li"), ["q=ben"]);
}

#[tokio::test]
async fn what_was_typed_without_a_connection_is_told() {
    let mut page = sieve(Duration::from_secs(60)).get("/sieve").await.join().await;
    page.form("#note").fill("Note", "soon").await;
    page.click("#clear").await;
    page.disconnect().await;
    page.form("#note").fill("Note", "now").await;
    page.reconnect().await;
    assert_eq!(page.texts("li"), ["again=now"]);
}

#[tokio::test]
async fn a_view_that_was_mounted_anew_is_told_everything() {
    let mut page = sieve(Duration::ZERO).get("/sieve").await.join().await;
    page.form("#note").fill("Note", "soon").await;
    page.reconnect().await;
    assert_eq!(page.texts("li"), ["q=all", "again=soon"]);
}

#[tokio::test]
async fn an_event_that_says_the_same_later_is_heard() {
    let mut page = sieve(Duration::from_secs(60)).get("/sieve").await.join().await;
    page.form("#search").fill("Search", "ann").await;
    page.reconnect().await;
    page.click("#clear").await;
    page.change("#search", "q", &[("q", "ann")]).await;
    assert_eq!(page.texts("li"), ["q=ann"]);
}

#[tokio::test]
async fn a_form_is_submitted_with_what_the_view_was_told() {
    let mut page = sieve(Duration::from_secs(60)).get("/sieve").await.join().await;
    page.reconnect().await;
    page.form("#note").submit().await;
    assert_eq!(page.texts("li"), ["saved="], "nobody has touched it");
    page.form("#note").fill("Note", "soon").await;
    page.click("#clear").await;
    page.reconnect().await;
    page.form("#note").submit().await;
    assert_eq!(page.texts("li"), ["again=soon", "saved=soon"]);
}
