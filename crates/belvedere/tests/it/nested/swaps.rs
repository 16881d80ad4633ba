//! What takes the place of nested views in the frame that takes them away: seats, ids and places are
//! free for it.

use axum::Router;
use axum::extract::Path;
use belvedere::template::Element;
use belvedere::testing::{TestApp, TestView};
use belvedere::{
    ComponentId, ComponentSocket, Container, LiveComponent, LiveConfig, LiveEvent, LiveRouter,
    LiveRuntime, LiveView, MountError, Render, Result, Socket, component, live, nested,
};

use crate::diff::duplicates::Log;
use crate::views::{config, served};

/// Shows one of two tabs with three cells each, of which the first has an id of its author's. The
/// tab is the view's, a component's, or a component's whose own are components (`deep`).
struct Tabs {
    kind: String,
    is_second: bool,
}

#[derive(LiveEvent)]
enum Event {
    Switch,
}

impl LiveView for Tabs {
    type Extract = Path<String>;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(Path(kind): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { kind, is_second: false })
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        self.is_second = !self.is_second;
        Ok(())
    }

    fn render(&self) -> impl Render {
        let tab = tab(self.is_second);
        live! {
            button #switch phx-click=(Event::Switch) {}
            @match &*self.kind {
                "bare" => {
                    @for n in 0..3 { (cell(tab, n)) }
                }
                "types" => {
                    @if self.is_second { (nested::<Other>("place", ())) }
                    @else { (nested::<Cell>("place", "first".to_owned())) }
                }
                "deep" => { (component::<Desk>("desk", ())) }
                _ => { (component::<Panel>(tab, tab)) }
            }
        }
    }
}

fn tab(is_second: bool) -> &'static str {
    if is_second { "second" } else { "first" }
}

fn cell(tab: &str, n: u32) -> impl Render {
    let name = format!("{tab}{n}");
    let container = if n == 0 { Container::new().id("chosen") } else { Container::new() };
    live! { (nested::<Cell>(&name, name.clone()).container(container.clone())) }
}

/// The cells of a tab.
struct Panel(&'static str);

impl LiveComponent for Panel {
    type Props = &'static str;
    type Event = ();
    type Message = ();

    fn mount(tab: &&'static str) -> Self {
        Self(tab)
    }

    async fn update(&mut self, _: &'static str, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { div { @for n in 0..3 { (cell(self.0, n)) } } }
    }
}

/// Has the tabs to itself.
struct Desk(bool);

impl LiveComponent for Desk {
    type Props = ();
    type Event = Event;
    type Message = ();

    fn mount((): &()) -> Self {
        Self(false)
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_event(&mut self, _: Event, _: &mut ComponentSocket<'_>) -> Result {
        self.0 = !self.0;
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            div {
                button #inner phx-click=(Event::Switch) phx-target=(target) {}
                (component::<Panel>(tab(self.0), tab(self.0)))
            }
        }
    }
}

struct Cell {
    name: String,
    clicks: u32,
}

impl LiveView for Cell {
    type Extract = String;
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(name: String, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { name, clicks: 0 })
    }

    async fn handle_event(&mut self, _: Event, _: &mut Socket<Self>) -> Result {
        self.clicks += 1;
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! { b { (self.name) " " (self.clicks) } button phx-click=(Event::Switch) {} }
    }
}

struct Other;

impl LiveView for Other {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { b { "other" } }
    }
}

fn app() -> TestApp {
    // As many as one tab has.
    let config = LiveConfig { max_joins_per_socket: 4, ..config() };
    served(LiveRuntime::new(config), Router::new().live::<Tabs>("/{kind}"))
}

async fn switch(tabs: &mut TestView, kind: &str) {
    tabs.click(if kind == "deep" { "#inner" } else { "#switch" }).await;
    tabs.settle().await;
}

#[tokio::test]
async fn a_tab_has_the_seats_and_the_chosen_id_of_the_one_that_it_replaces() {
    for kind in ["bare", "panels", "deep"] {
        let log = Log::default();
        let _logging = tracing::subscriber::set_default(log.clone());
        let mut tabs = app().get(&format!("/{kind}")).await.join().await;
        for tab in ["first", "second", "first"] {
            for id in ["chosen".to_owned(), format!("{tab}1"), format!("{tab}2")] {
                let mut cell = tabs.child(&id).await;
                cell.click("button").await;
                assert!(cell.text("b").starts_with(tab), "{kind} {id}: {}", cell.text("b"));
                assert!(cell.text("b").ends_with(" 1"), "{kind} {id}: {}", cell.text("b"));
            }
            switch(&mut tabs, kind).await;
        }
        assert!(!log.text().contains("ERROR"), "{kind}: {}", log.text());
    }
}

#[tokio::test]
async fn a_chosen_id_is_shown_again_only_in_a_frame_after_the_one_that_takes_it_away() {
    for kind in ["bare", "panels", "deep"] {
        let mut tabs = app().get(&format!("/{kind}")).await.join().await;
        let before = tabs.replies().len();
        switch(&mut tabs, kind).await;
        let reply = tabs.replies()[before]["response"].to_string();
        assert!(!reply.contains("chosen"), "{kind}: a browser takes both for one: {reply}");
        assert!(tabs.html().contains("id=\"chosen\""), "{kind}: {}", tabs.html());
    }
}

#[tokio::test]
async fn a_view_of_another_type_takes_the_place_of_one_that_is_left_out() {
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let mut tabs = app().get("/types").await.join().await;
    let first = tabs.child("place").await;
    switch(&mut tabs, "types").await;
    let other = tabs.child("place").await;
    assert_eq!(other.text("b"), "other");
    assert_ne!(first.topic(), other.topic(), "a browser takes both for one");
    switch(&mut tabs, "types").await;
    assert_eq!(tabs.child("place").await.text("b"), "first 0");
    assert!(!log.text().contains("ERROR"), "{}", log.text());
}
