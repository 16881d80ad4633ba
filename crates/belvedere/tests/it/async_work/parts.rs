//! Pieces of components and of nested views, and what is done with their outcomes.

use axum::Router;
use axum::extract::State;
use belvedere::AsyncState::{Done, Failed, Loading};
use belvedere::testing::TestApp;
use belvedere::{
    Async, ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveRouter, LiveRuntime,
    LiveStream, LiveView, Load, MountError, Render, Restream, Result, Socket, component, flash,
    live, nested, template::Element,
};
use serde_json::json;

use super::millis;
use crate::views::{config, served};

/// A stream that is filled by work, as many rows as the path says.
struct Rows {
    n_rows: Async<usize>,
    rows: LiveStream<u32>,
}

#[derive(LiveEvent)]
enum RowsEvent {
    Load { n: u32 },
}

impl Rows {
    fn load(n: u32, socket: &mut Socket<Self>) -> Async<usize> {
        let load = Load::named("rows").within(millis(100));
        let rows =
            async move { if n < 10 { Ok((0..n).collect::<Vec<_>>()) } else { Err("too many")? } };
        socket.load_then(load, rows, |view: &mut Self, rows, socket| {
            let rows = rows.inspect_err(|error| socket.put_flash("error", error.to_string()))?;
            if rows.is_empty() {
                Err("there are no rows")?;
            }
            let n_rows = rows.len();
            view.rows.reset(rows);
            socket.put_flash("info", format!("{n_rows} rows"));
            Ok(n_rows)
        })
    }
}

impl LiveView for Rows {
    type Extract = State<u32>;
    type Params = ();
    type Event = RowsEvent;
    type Message = ();

    async fn mount(State(n): State<u32>, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        let n_rows = Self::load(n, socket);
        Ok(Self { n_rows, rows: LiveStream::new("rows", |row: &u32| *row) })
    }

    async fn handle_event(&mut self, event: RowsEvent, socket: &mut Socket<Self>) -> Result {
        let RowsEvent::Load { n } = event;
        self.n_rows = Self::load(n, socket);
        Ok(())
    }

    async fn restream(&mut self, socket: &mut Socket<Self>) -> Result<Restream> {
        self.n_rows = Self::load(2, socket);
        Ok(Restream::Done)
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            output {
                @match self.n_rows.state() {
                    Loading(_) => "loading",
                    Done(n) => (n),
                    Failed(error) => (error),
                }
            }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows { li id=(id) { (row) } }
            }
        }
    }
}

fn rows(n: u32) -> TestApp {
    served(LiveRuntime::new(config()), Router::new().live::<Rows>("/").with_state(n))
}

#[tokio::test]
async fn work_fills_a_stream_and_shows_a_flash_in_the_first_response_and_later() {
    let app = rows(2);
    let page = app.get("/").await;
    assert_eq!((page.texts("li"), page.text("output")), (vec!["0".into(), "1".into()], "2".into()));
    let mut view = page.join().await;
    assert!(view.html().contains("2 rows"), "{}", view.html());
    let held = app.hold_async("rows");
    view.send_event("click", "load", json!({ "n": 3 }), None).await;
    assert_eq!((view.texts("li").len(), view.text("output")), (2, "loading".into()));
    held.release();
    view.settle().await;
    assert_eq!(
        (view.texts("li"), view.text("output")),
        (vec!["0".into(), "1".into(), "2".into()], "3".into())
    );
    assert!(view.html().contains("3 rows"), "{}", view.html());
}

#[tokio::test]
async fn a_failure_reaches_what_is_done_then_and_that_may_fail_too() {
    let mut view = rows(2).get("/").await.join().await;
    view.send_event("click", "load", json!({ "n": 10 }), None).await;
    assert_eq!((view.text("output"), view.texts("li").len()), ("too many".into(), 2));
    assert_eq!(view.text(".flash.error"), "too many");
    view.send_event("click", "load", json!({ "n": 0 }), None).await;
    assert_eq!((view.text("output"), view.texts("li").len()), ("there are no rows".into(), 2));
}

#[tokio::test]
async fn a_stream_filled_by_work_is_there_after_a_reconnect() {
    let mut view = rows(3).get("/").await.join().await;
    view.reconnect().await;
    assert_eq!((view.texts("li").len(), view.text("output")), (2, "2".into()));
}

/// Gauges, each with a piece of its own.
struct Panel {
    gauges: Vec<u32>,
}

#[derive(LiveEvent)]
enum PanelEvent {
    Remove,
}

impl LiveView for Panel {
    type Extract = ();
    type Params = ();
    type Event = PanelEvent;
    type Message = ();

    async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { gauges: vec![1, 2] })
    }

    async fn handle_event(&mut self, _: PanelEvent, _: &mut Socket<Self>) -> Result {
        self.gauges.pop();
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            button #remove phx-click=(PanelEvent::Remove) {}
            @for id in &self.gauges { div key=(id) { (component::<Gauge>(*id, *id)) } }
        }
    }
}

#[derive(Default)]
struct Gauge {
    id: u32,
    reading: Async<u32>,
}

#[derive(LiveEvent)]
enum GaugeEvent {
    Read,
    Cancel,
}

impl LiveComponent for Gauge {
    type Props = u32;
    type Event = GaugeEvent;
    type Message = ();

    fn mount(id: &u32) -> Self {
        Self { id: *id, ..Self::default() }
    }

    async fn update(&mut self, id: u32, socket: &mut ComponentSocket<'_>) -> Result {
        let load = Load::named("reading");
        let load = if id == 1 { load.within(millis(100)) } else { load };
        self.reading = socket.load::<Self, _>(id, load, async move { Ok(id * 10) });
        Ok(())
    }

    async fn handle_event(
        &mut self,
        event: GaugeEvent,
        socket: &mut ComponentSocket<'_>,
    ) -> Result {
        match event {
            GaugeEvent::Read => {
                let reading = async { Ok(7) };
                self.reading = socket.load_then(
                    self.id,
                    "reading",
                    reading,
                    |gauge: &mut Self, reading, socket| {
                        socket.put_flash("info", format!("gauge {} was read", gauge.id));
                        Ok(reading? * gauge.id)
                    },
                );
            }
            GaugeEvent::Cancel => socket.cancel::<Self>(self.id, "reading"),
        }
        Ok(())
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            section #{ "gauge-" (self.id) } {
                output {
                    @match self.reading.state() {
                        Loading(_) => "loading",
                        Done(reading) => (reading),
                        Failed(error) => (error),
                    }
                }
                button.read phx-click=(GaugeEvent::Read) phx-target=(target) {}
                button.cancel phx-click=(GaugeEvent::Cancel) phx-target=(target) {}
            }
        }
    }
}

fn panel() -> TestApp {
    served(LiveRuntime::new(config()), Router::new().live::<Panel>("/"))
}

#[tokio::test]
async fn a_component_has_pieces_of_its_own_and_its_page_waits_for_them() {
    let page = panel().get("/").await;
    assert_eq!(page.texts("output"), ["10", "loading"]);
    let view = page.join().await;
    assert_eq!(view.texts("output"), ["10", "20"]);
}

#[tokio::test]
async fn the_outcome_of_a_components_piece_sends_that_component_alone() {
    let app = panel();
    let mut view = app.get("/").await.join().await;
    let held = app.hold_async("reading");
    view.click("#gauge-2 .read").await;
    assert_eq!(view.texts("output"), ["10", "loading"]);
    held.release();
    view.settle().await;
    assert_eq!(view.texts("output"), ["10", "14"]);
    let diff = view.diffs().last().unwrap();
    assert_eq!(diff["c"].as_object().map(serde_json::Map::len), Some(1), "{diff}");
    assert!(view.html().contains("gauge 2 was read"), "{}", view.html());
}

#[tokio::test]
async fn a_components_piece_is_cancelled_by_name_and_ends_with_the_component() {
    let app = panel();
    let mut view = app.get("/").await.join().await;
    let held = app.hold_async("reading");
    view.click("#gauge-1 .read").await;
    view.click("#gauge-2 .read").await;
    view.click("#gauge-1 .cancel").await;
    assert_eq!(view.texts("output"), ["the work was cancelled", "loading"]);
    view.click("#remove").await;
    for farewell in ["cids_will_destroy", "cids_destroyed"] {
        view.send(farewell, json!({ "cids": [2] })).await;
    }
    held.release();
    view.settle().await;
    assert_eq!(view.texts("output"), ["the work was cancelled"]);
    assert!(!view.html().contains("was read"), "{}", view.html());
}

/// A page around a view with a piece.
struct Around;

impl LiveView for Around {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self)
    }

    fn render(&self) -> impl Render {
        live! { (nested::<Within>("within", 100)) (nested::<Within>("later", 0)) }
    }
}

struct Within {
    piece: Async<&'static str>,
}

impl LiveView for Within {
    type Extract = u64;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(within: u64, socket: &mut Socket<Self>) -> Result<Self, MountError> {
        let load = Load::named("piece").within(millis(within));
        Ok(Self { piece: socket.load(load, async { Ok("there") }) })
    }

    fn render(&self) -> impl Render {
        live! { p { (self.piece.value().unwrap_or(&"loading")) } }
    }
}

#[tokio::test(start_paused = true)]
async fn a_nested_view_waits_in_its_page_and_hears_of_its_pieces_afterwards() {
    let app = served(LiveRuntime::new(config()), Router::new().live::<Around>("/"));
    let page = app.get("/").await;
    assert_eq!(page.texts("p"), ["there", "loading"]);
    let mut view = page.join().await;
    let mut later = view.child("later").await;
    later.settle().await;
    assert_eq!(later.text("p"), "there");
    assert_eq!(view.child("within").await.text("p"), "there");
    view.settle().await;
}
