//! Forms of one page that say the same, of which the view is to be told of each what is new.

use std::time::Duration;

use belvedere::testing::{TestApp, TestView};
use belvedere::{ComponentId, ComponentSocket, Element, LiveComponent, LiveConfig, LiveEvent};
use belvedere::{LiveRouter, LiveRuntime, LiveView, MountError, Render, Result, Socket};
use belvedere::{component, live};
use serde::Deserialize;

use crate::views::{config, served};

#[derive(Deserialize)]
struct Task {
    #[serde(default)]
    is_done: bool,
}

#[derive(LiveEvent)]
enum Ticked {
    Tick(Task),
}

/// Says how often it was told of its form, and what last.
#[derive(Default)]
struct Row {
    is_done: bool,
    n_told: u32,
}

impl LiveComponent for Row {
    type Props = ();
    type Event = Ticked;
    type Message = ();

    fn mount((): &()) -> Self {
        Self::default()
    }

    async fn handle_event(
        &mut self,
        Ticked::Tick(Task { is_done }): Ticked,
        _: &mut ComponentSocket<'_>,
    ) -> Result {
        self.is_done = is_done;
        self.n_told += 1;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            form id={ "row-" (target) } phx-change=(Ticked::TICK) phx-target=(target) {
                label {
                    "Done"
                    input id={ "done-" (target) } type="checkbox" name="is_done" checked[self.is_done];
                }
                p { (self.is_done) " " (self.n_told) }
            }
        }
    }
}

/// Three rows, and two forms of its own with an event each.
#[derive(Default)]
struct Page {
    told: Vec<String>,
}

#[derive(LiveEvent)]
enum Event {
    Search(Text),
    Title(Text),
}

#[derive(Deserialize)]
struct Text {
    text: String,
}

impl LiveView for Page {
    type Extract = ();
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::default())
    }

    async fn handle_event(&mut self, event: Event, _: &mut Socket<Self>) -> Result {
        self.told.push(match event {
            Event::Search(Text { text }) => format!("search={text}"),
            Event::Title(Text { text }) => format!("title={text}"),
        });
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            @for id in 1..=3 { div key=(id) id={ "place-" (id) } { (component::<Row>(id, ())) } }
            form #search phx-change=(Event::SEARCH) { label { "Text" input #find name="text"; } }
            form #title phx-change=(Event::TITLE) { label { "Text" input #name name="text"; } }
            ol { @for told in &self.told { li { (told) } } }
        }
    }
}

async fn page() -> TestView {
    let config = LiveConfig { reconnect_grace: Duration::from_secs(60), ..config() };
    let app: TestApp = served(LiveRuntime::new(config), axum::Router::new().live::<Page>("/page"));
    app.get("/page").await.join().await
}

#[tokio::test]
async fn what_one_row_was_told_is_news_to_another() {
    let mut page = page().await;
    page.form("#place-1 form").check("Done").await;
    page.disconnect().await;
    page.form("#place-2 form").check("Done").await;
    page.reconnect().await;
    assert_eq!(page.texts("p")[..2], ["true 1", "true 1"]);
}

#[tokio::test]
async fn each_row_that_was_told_is_not_told_again() {
    let mut page = page().await;
    for row in ["#place-1 form", "#place-2 form", "#place-3 form"] {
        page.form(row).check("Done").await;
    }
    page.reconnect().await;
    page.reconnect().await;
    assert_eq!(page.texts("p"), ["true 1", "true 1", "true 1"]);
}

#[tokio::test]
async fn what_one_event_has_said_is_news_by_another() {
    let mut page = page().await;
    page.form("#search").fill("Text", "milk").await;
    page.disconnect().await;
    page.form("#title").fill("Text", "milk").await;
    page.reconnect().await;
    assert_eq!(page.texts("li"), ["search=milk", "title=milk"]);
}
