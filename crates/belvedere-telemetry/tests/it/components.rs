//! Live components and streams, as the traces of their view show them.

use belvedere::telemetry::attribute;
use belvedere::template::Element;
use belvedere::testing::TestView;
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveStream, LiveView, MountError,
    Render, Restream, Result, Socket, TooManyTasks, Update, component, live,
};
use belvedere_telemetry::n_plus_one::{COUNT, N_PLUS_ONE, QUERIES};
use belvedere_telemetry::testing::{attribute as value_of, recorder};
use opentelemetry::trace::Status;
use opentelemetry_sdk::trace::SpanData;

use crate::live::{acts, event, visitor};
use crate::meters::series;
use crate::n_plus_one::{COUNT_ITEMS, query};

/// Three cards that ask the database each for itself, three rows that ask together, and a stream.
struct Board {
    round: u32,
    can_restream: bool,
    items: LiveStream<u32>,
}

#[derive(LiveEvent)]
enum BoardEvent {
    Again,
    Poke,
    PokeToFail,
    FailUpdate,
    PanicInUpdate,
    ForgetItems,
}

/// In the place of properties: what the next update is to do.
const FAIL: u32 = 100;
const PANIC: u32 = 200;

impl LiveView for Board {
    type Extract = ();
    type Params = ();
    type Event = BoardEvent;
    type Message = ();

    async fn mount(_: (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut items = LiveStream::new("items", |item: &u32| *item);
        items.append(1);
        Ok(Self { round: 0, can_restream: true, items })
    }

    async fn restream(&mut self, _: &mut Socket<Self>) -> Result<Restream> {
        if !self.can_restream {
            return Err(TooManyTasks.into());
        }
        select();
        self.items.reset([1]);
        Ok(Restream::Done)
    }

    async fn handle_event(&mut self, event: BoardEvent, socket: &mut Socket<Self>) -> Result {
        match event {
            BoardEvent::Again => self.round += 1,
            BoardEvent::Poke => socket.send_component::<Card>(1, true),
            BoardEvent::PokeToFail => socket.send_component::<Card>(1, false),
            BoardEvent::FailUpdate => self.round = FAIL,
            BoardEvent::PanicInUpdate => self.round = PANIC,
            BoardEvent::ForgetItems => self.can_restream = false,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            ul #items phx-update="stream" { @for (id, item) in &self.items { li id=(id) { (item) } } }
            @for id in 1..=3 { div key=(id) { (component::<Card>(id, self.round)) } }
            @for id in 1..=3 { div key=(id) { (component::<Row>(id, self.round)) } }
        }
    }
}

/// Loads what it shows by itself.
struct Card {
    pokes: u32,
    items: LiveStream<u32>,
    /// Streams of one view have different names, so one card shows its.
    is_streaming: bool,
}

#[derive(LiveEvent)]
enum CardEvent {
    Click,
    Stream,
    Fail,
    Spawn,
}

impl LiveComponent for Card {
    type Props = u32;
    type Event = CardEvent;
    type Message = bool;

    fn mount(_: &u32) -> Self {
        Self { pokes: 0, items: LiveStream::new("card", |item: &u32| *item), is_streaming: false }
    }

    async fn restream(&mut self, _: &mut ComponentSocket<'_>) -> Result<Restream> {
        select();
        self.items.reset([1]);
        Ok(Restream::Done)
    }

    async fn update(&mut self, round: u32, _: &mut ComponentSocket<'_>) -> Result {
        select();
        match round {
            FAIL => Err(TooManyTasks.into()),
            PANIC => panic!("an update panics on purpose"),
            _ => Ok(()),
        }
    }

    async fn handle_event(&mut self, event: CardEvent, socket: &mut ComponentSocket<'_>) -> Result {
        select();
        match event {
            CardEvent::Click => Ok(()),
            CardEvent::Stream => {
                self.is_streaming = true;
                self.items.append(1);
                Ok(())
            }
            CardEvent::Spawn => {
                let sender = socket.component_sender::<Self>(2);
                Ok(socket.spawn("load", async move {
                    let _ = sender.send(false);
                })?)
            }
            CardEvent::Fail => Err(TooManyTasks.into()),
        }
    }

    async fn handle_message(&mut self, is_well: bool, _: &mut ComponentSocket<'_>) -> Result {
        self.pokes += 1;
        if is_well { Ok(()) } else { Err(TooManyTasks.into()) }
    }

    fn render(&self, target: ComponentId) -> impl Element {
        live! {
            p {
                (self.pokes)
                button.click phx-click=(CardEvent::Click) phx-target=(target) {}
                button.stream phx-click=(CardEvent::Stream) phx-target=(target) {}
                @if self.is_streaming {
                    ul #card phx-update="stream" {
                        @for (id, item) in &self.items { li id=(id) { (item) } }
                    }
                }
                button.spawn phx-click=(CardEvent::Spawn) phx-target=(target) {}
                button.fail phx-click=(CardEvent::Fail) phx-target=(target) {}
            }
        }
    }
}

/// Is loaded together with the others of its kind.
struct Row;

impl LiveComponent for Row {
    type Props = u32;
    type Event = ();
    type Message = ();

    fn mount(_: &u32) -> Self {
        Self
    }

    async fn update(&mut self, _: u32, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn update_many(_: Vec<Update<'_, Self>>, _: &mut ComponentSocket<'_>) -> Result {
        select();
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { p {} }
    }
}

fn select() {
    query(&opentelemetry::global::tracer("domain"), "SELECT", "items", COUNT_ITEMS);
}

async fn board(path: &str) -> TestView {
    visitor::<Board>(path).get(path).await.join().await
}

/// The acts of this name, and what happened within the last of them.
fn last_act(board: &TestView, name: &str) -> (SpanData, Vec<SpanData>) {
    let mut acts = acts(board.trace_id());
    acts.retain(|act| act.name == name);
    let act = acts.pop().unwrap_or_else(|| panic!("no act is called {name}"));
    let trace = recorder().trace(act.span_context.trace_id());
    (act, trace)
}

/// The only span of this name, which stands directly below `parent`.
fn below<'a>(trace: &'a [SpanData], parent: &SpanData, name: &str) -> &'a SpanData {
    let named: Vec<_> = trace.iter().filter(|span| span.name == name).collect();
    let [span] = named[..] else { panic!("{} spans are called {name}", named.len()) };
    assert_eq!(span.parent_span_id, parent.span_context.span_id(), "{name}");
    span
}

fn failed() -> Status {
    Status::error("the view has 64 tasks, timers and subscriptions under way already")
}

#[tokio::test]
async fn the_components_of_a_page_load_within_its_trace_beside_the_mount() {
    let page = visitor::<Board>("/board").get("/board").await;
    let trace = recorder().trace(page.trace_id());
    let request = trace.iter().find(|span| span.name == "GET /board").unwrap();
    below(&trace, request, "Board mount");
    for (name, n_queries) in [("Board Card update", 3), ("Board Row update", 1)] {
        let update = below(&trace, request, name);
        assert_eq!(value_of(update, attribute::COMPONENTS), Some(&3.into()));
        assert!(update.links.is_empty(), "the page's trace needs no link to itself");
        let is_its = |span: &&SpanData| span.parent_span_id == update.span_context.span_id();
        assert_eq!(trace.iter().filter(is_its).count(), n_queries, "{name}");
    }
    let renders = trace.iter().filter(|span| span.name == "Board render");
    let renders: Vec<_> =
        renders.map(|span| value_of(span, attribute::DIFF_BYTES).is_some()).collect();
    assert_eq!(renders, [false, true], "the first finds out what is to be loaded");
}

#[tokio::test]
async fn components_that_load_one_by_one_are_an_n_plus_one() {
    let mut board = board("/n-plus-one").await;
    event(&mut board, "again").await;
    let page = recorder().trace(board.trace_id());
    let (_, act) = last_act(&board, "Board handle_event again");
    for trace in [page, act] {
        let named = |name| trace.iter().find(|span| span.name == name).expect("a span");
        let (cards, rows) = (named("Board Card update"), named("Board Row update"));
        assert_eq!(value_of(cards, N_PLUS_ONE), Some(&true.into()));
        assert_eq!(value_of(cards, COUNT), Some(&3.into()));
        assert_eq!(value_of(rows, N_PLUS_ONE), None);
        assert_eq!(value_of(rows, QUERIES), Some(&1.into()));
    }
}

#[tokio::test]
async fn changed_properties_are_taken_over_within_the_act_that_changed_them() {
    let mut board = board("/again").await;
    event(&mut board, "again").await;
    let (act, trace) = last_act(&board, "Board handle_event again");
    let update = below(&trace, &act, "Board Card update");
    assert_eq!(value_of(update, attribute::COMPONENTS), Some(&3.into()));
    assert_eq!(value_of(update, attribute::COMPONENT), Some(&"Card".into()));

    event(&mut board, "fail_update").await;
    let (act, trace) = last_act(&board, "Board handle_event fail_update");
    assert_eq!(below(&trace, &act, "Board Card update").status, failed());
    assert_eq!(act.status, Status::Unset, "the view's own callback went well");
}

#[tokio::test]
async fn a_panic_marks_the_components_callback_and_its_act() {
    let mut board = board("/panic-in-update").await;
    event(&mut board, "panic_in_update").await;
    let (act, trace) = last_act(&board, "Board handle_event panic_in_update");
    let panicked = Status::error("the callback panicked");
    assert_eq!(below(&trace, &act, "Board Card update").status, panicked);
    assert_eq!(act.status, panicked);
}

#[tokio::test]
async fn an_event_of_a_component_is_an_act_of_its_page() {
    let mut board = board("/click").await;
    board.click("div:nth-of-type(1) .click").await;
    let (act, trace) = last_act(&board, "Board Card handle_event click");
    let mount = recorder().trace(board.trace_id());
    let mount = mount.iter().find(|span| span.name == "Board mount").unwrap();
    let [link] = &act.links[..] else { panic!("one link") };
    assert_eq!(link.span_context.span_id(), mount.span_context.span_id());
    assert_eq!(value_of(&act, attribute::EVENT), Some(&"click".into()));
    assert_eq!(value_of(&act, attribute::COMPONENT), Some(&"Card".into()));
    assert_eq!(value_of(&act, QUERIES), Some(&1.into()));
    below(&trace, &act, "Board render");
    let counted = "live_view.events {live_view.component=Card,live_view.event=click,\
                   live_view.name=Board,live_view.outcome=handled}";
    assert!(series()[counted] >= 1.0);

    board.click("div:nth-of-type(1) .fail").await;
    assert_eq!(last_act(&board, "Board Card handle_event fail").0.status, failed());
}

#[tokio::test]
async fn a_message_of_the_view_is_handled_within_its_act() {
    let mut board = board("/poke").await;
    for (name, status) in [("poke", Status::Unset), ("poke_to_fail", failed())] {
        event(&mut board, name).await;
        let (act, trace) = last_act(&board, &format!("Board handle_event {name}"));
        let handled = below(&trace, &act, "Board Card handle_message");
        assert_eq!(value_of(handled, attribute::COMPONENTS), Some(&1.into()));
        assert_eq!(handled.status, status);
    }
}

#[tokio::test]
async fn a_components_work_and_its_messages_are_acts_of_the_page_linked_to_their_causes() {
    let mut board = board("/spawn-in-card").await;
    board.click("div:nth-of-type(1) .spawn").await;
    let (spawner, _) = last_act(&board, "Board Card handle_event spawn");
    let (work, _) = last_act(&board, "Board Card async load");
    let (message, trace) = last_act(&board, "Board Card handle_message");
    for (act, cause, meaning) in
        [(&work, &spawner, attribute::LINK_SPAWNER), (&message, &work, attribute::LINK_PUBLISHER)]
    {
        let [_page, link] = &act.links[..] else { panic!("two links") };
        assert_eq!(link.span_context.span_id(), cause.span_context.span_id());
        assert_eq!(link.attributes[0].value.as_str(), meaning);
        assert_eq!(value_of(act, attribute::COMPONENT), Some(&"Card".into()));
    }
    assert_eq!(message.status, failed());
    below(&trace, &message, "Board render");
}

#[tokio::test]
async fn items_are_told_again_within_the_join() {
    let mut board = board("/restream").await;
    board.click("div:nth-of-type(1) .stream").await;
    board.reconnect().await;
    let (join, trace) = last_act(&board, "Board join");
    assert_eq!(value_of(&join, attribute::ADOPTED), Some(&true.into()));
    let restream = below(&trace, &join, "Board restream");
    assert_eq!(value_of(restream, QUERIES), Some(&1.into()));
    below(&trace, &join, "Board connected");
    let restream = below(&trace, &join, "Board Card restream");
    assert_eq!(value_of(restream, QUERIES), Some(&1.into()));
    assert_eq!(value_of(restream, attribute::COMPONENT), Some(&"Card".into()));

    event(&mut board, "forget_items").await;
    board.reconnect().await;
    let joins: Vec<_> =
        acts(board.trace_id()).into_iter().filter(|act| act.name == "Board join").collect();
    let [_, _, failing, anew] = &joins[..] else { panic!("{} joins", joins.len()) };
    let trace = recorder().trace(failing.span_context.trace_id());
    assert_eq!(below(&trace, failing, "Board restream").status, failed());
    let trace = recorder().trace(anew.span_context.trace_id());
    below(&trace, anew, "Board mount");
    for join in [failing, anew] {
        assert_eq!(value_of(join, attribute::ADOPTED), Some(&false.into()));
    }
}
