//! Live components in a running view.

use std::collections::BTreeSet;

use axum::Router;
use belvedere::template::Element;
use belvedere::testing::{TestApp, TestView};
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveRouter, LiveRuntime, LiveView, MountError,
    Render, Result, Socket, component, live,
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::diff::duplicates::Log;
use crate::views::{Board, Loads, config, served};

fn app() -> (TestApp, Loads) {
    let loads = Loads::default();
    let router = Router::new().live::<Board>("/board").with_state(loads.clone());
    (served(LiveRuntime::new(config()), router), loads)
}

async fn board() -> TestView {
    app().0.get("/board").await.join().await
}

async fn arrange(board: &mut TestView, ids: &str, text: &str) -> String {
    board.send_event("click", "arrange", json!({ "ids": ids, "text": text }), None).await;
    last_diff(board)
}

fn last_diff(board: &TestView) -> String {
    board.replies().last().expect("a reply")["response"]["diff"].to_string()
}

#[tokio::test]
async fn the_page_shows_loaded_components_and_the_join_keeps_them() {
    let (app, loads) = app();
    let page = app.get("/board").await;
    assert_eq!(page.texts("p"), ["new", "new"]);
    assert_eq!(page.texts("a"), ["0/0", "0/0"]);
    let board = page.join().await;
    assert_eq!(board.texts("p"), ["new", "new"]);
    assert_eq!(*loads.0.lock().unwrap(), [2], "both cards in one batch, once");
}

#[tokio::test]
async fn an_event_of_a_component_is_answered_by_its_diff_alone() {
    let mut board = board().await;
    board.click("#card-1 .up").await;
    assert_eq!(last_diff(&board), r#"{"c":{"3":{"2":"1"}}}"#);
    board.click("#card-2 .click").await;
    assert_eq!(board.texts("a"), ["0/1", "1/0"]);
    assert_eq!(
        last_diff(&board),
        r#"{"c":{"2":{"4":{"k":{"0":{"0":"0"},"kc":1},"s":["<i>","</i>"]}},"4":{"1":"1"}}}"#
    );
}

#[tokio::test]
async fn components_of_one_message_share_their_statics() {
    let board = board().await;
    let components = &board.diffs()[0]["c"];
    assert_eq!(components["1"]["r"], 1);
    assert_eq!((&components["2"]["s"], &components["4"]["s"]), (&json!(1), &json!(3)));
    assert_eq!(components["4"].to_string(), r#"{"0":"4","1":"0","2":"0","3":"4","s":3}"#);
}

#[tokio::test]
async fn a_component_around_a_change_is_listed_when_the_page_changes_too() {
    let mut board = board().await;
    board.click("#card-1 .shout").await;
    let sent = last_diff(&board);
    assert!(sent.contains(r#""c":{"1":{},"3":{"2":"1"}}"#), "{sent}");
    assert!(board.html().contains("up to 1"));
}

#[tokio::test]
async fn an_unchanged_component_is_not_sent_with_its_view() {
    let mut board = board().await;
    board.send_event("click", "head", json!({ "text": "Head" }), None).await;
    assert_eq!(last_diff(&board), r#"{"1":"Head"}"#);
}

#[tokio::test]
async fn a_new_component_takes_statics_from_one_on_the_page() {
    let mut board = board().await;
    let sent = arrange(&mut board, "123", "new").await;
    assert_eq!(
        sent,
        r#"{"2":{"0":{"k":{"2":{"0":5},"kc":3}}},"c":{"5":{"0":"3","1":"5","2":"new","3":"","4":"","5":6,"6":"5","7":"5","8":"5","s":-1},"6":{"0":"6","1":"0","2":"0","3":"6","r":1,"s":["<a class=\"up\" phx-click=\"up\" phx-target=\"","\">","/","<span class=\"shout\" phx-click=\"shout\" phx-target=\"","\"></span></a>"]}}}"#
    );
}

#[tokio::test]
async fn changed_properties_are_loaded_together_and_keep_the_state() {
    let (app, loads) = app();
    let mut board = app.get("/board").await.join().await;
    board.click("#card-1 .click").await;
    arrange(&mut board, "21", "again").await;
    assert_eq!(board.texts("p"), ["again", "again"]);
    assert_eq!(board.texts("a"), ["0/0", "1/0"]);
    assert_eq!(*loads.0.lock().unwrap(), [2, 2]);
}

#[tokio::test]
async fn a_component_that_left_is_dropped_when_the_browser_says_so() {
    let mut board = board().await;
    board.click("#card-1 .click").await;
    arrange(&mut board, "2", "new").await;
    board.send("cids_will_destroy", json!({ "cids": [1, 3] })).await;
    board.send("cids_destroyed", json!({ "cids": [1, 3, 9] })).await;
    assert_eq!(board.replies().last().unwrap()["response"], json!({ "cids": [1, 3] }));
    arrange(&mut board, "12", "new").await;
    assert_eq!(board.texts("a"), ["0/0", "0/0"], "a new one, without the click");
}

#[tokio::test]
async fn a_component_placed_again_in_time_lives_on() {
    let mut board = board().await;
    board.click("#card-1 .click").await;
    arrange(&mut board, "2", "new").await;
    board.send("cids_will_destroy", json!({ "cids": [1, 3] })).await;
    let sent = arrange(&mut board, "21", "new").await;
    assert!(sent.contains(r#""5":{"#) && sent.contains(r#""6":{"#), "under new numbers: {sent}");
    board.send("cids_destroyed", json!({ "cids": [1, 3, 2] })).await;
    let gone = &board.replies().last().unwrap()["response"];
    assert_eq!(*gone, json!({ "cids": [1, 3] }), "the old numbers, and none that the page shows");
    assert_eq!(board.texts("a"), ["0/0", "1/0"]);
}

#[tokio::test]
async fn an_event_for_a_component_that_is_gone_is_acknowledged() {
    let mut board = board().await;
    let payload = json!({ "type": "click", "event": "click", "value": {}, "cid": 99 });
    board.send("event", payload).await;
    assert_eq!(board.replies().last().unwrap()["response"], json!({}));
}

#[tokio::test]
async fn an_event_that_a_component_cannot_read_is_said_on_the_page() {
    let mut board = board().await;
    let payload = json!({ "type": "click", "event": "nonsense", "value": {}, "cid": 1 });
    board.send("event", payload).await;
    assert_eq!(board.replies().last().unwrap()["status"], "ok");
    assert!(board.text(".flash.error").contains("unknown event \"nonsense\""));
    board.click("#card-1 .click").await;
    assert_eq!(board.texts("a")[0], "1/0");
}

#[tokio::test]
async fn a_view_sends_its_components_messages() {
    let mut board = board().await;
    board.send_event("click", "poke", json!({ "id": 2 }), None).await;
    assert_eq!(last_diff(&board), r#"{"c":{"2":{"2":"poked"}}}"#);
    board.send_event("click", "poke", json!({ "id": 8 }), None).await;
    assert_eq!(board.texts("p"), ["new", "poked"]);
}

#[tokio::test]
async fn flash_and_errors_of_a_component_are_shown_by_its_view() {
    let mut board = board().await;
    board.click("#card-1 .flash").await;
    assert!(board.html().contains("from a card"));
    board.click("#card-1 .fail").await;
    assert!(board.html().contains("Something went wrong"));
}

#[tokio::test]
async fn a_reconnect_finds_the_components_state() {
    let mut board = board().await;
    board.click("#card-1 .click").await;
    board.reconnect().await;
    assert_eq!(board.texts("a"), ["1/0", "0/0"]);
    board.click("#card-1 .up").await;
    assert_eq!(board.texts("a"), ["1/1", "0/0"]);
}

#[tokio::test]
async fn a_second_component_of_one_id_shows_nothing() {
    let log = Log::default();
    let _logged = tracing::subscriber::set_default(log.clone());
    let mut board = board().await;
    arrange(&mut board, "11", "twice").await;
    assert_eq!(board.texts("p"), ["twice"]);
    let log = log.text();
    assert!(log.contains("a component is placed twice with one id"), "{log}");
    assert!(log.contains("component=\"Card\" id=1"), "{log}");
    assert!(log.contains("template=\"crates/belvedere/tests/it/views/board.rs:"), "{log}");
}

/// Each of its kind places another.
struct Endless(u32);

impl LiveComponent for Endless {
    type Props = u32;
    type Event = ();
    type Message = ();

    fn mount(depth: &u32) -> Self {
        Self(*depth)
    }

    async fn update(&mut self, _: u32, _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        let depth = self.0 + 1;
        let next: Box<dyn Render> = Box::new(component::<Self>(depth, depth));
        live! { p { (next) } }
    }
}

impl LiveView for Endless {
    type Extract = ();
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self(0))
    }

    fn render(&self) -> impl Render {
        live! { (component::<Self>(0, 0)) }
    }
}

#[tokio::test]
async fn components_without_end_are_cut_off() {
    let log = Log::default();
    let _logged = tracing::subscriber::set_default(log.clone());
    let router = Router::new().live::<Endless>("/endless");
    let page = served(LiveRuntime::new(config()), router).get("/endless").await;
    let n_shown = page.html.matches("<p>").count();
    assert!((20..40).contains(&n_shown), "{n_shown}");
    assert!(log.text().contains("components place new components without end"));
    let endless = page.join().await;
    assert!((20..80).contains(&endless.html().matches("<p>").count()));
}

const HEADINGS: [&str; 2] = ["a", "b"];

#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// The cards' ids, what they say, and the heading.
    Arrange(Vec<u8>, &'static str, &'static str),
    Click(usize),
    Up(usize),
    Shout(usize),
    Head(&'static str),
    Destroy,
    Reconnect,
}

pub(crate) fn acts() -> impl Strategy<Value = Vec<Act>> {
    vec(act(), 1..14)
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (vec(0..8_u8, 0..5), select(&["one", "two"]), select(&HEADINGS))
            .prop_map(|(ids, text, heading)| Act::Arrange(ids, text, heading)),
        3 => (0..5_usize).prop_map(Act::Click),
        3 => (0..5_usize).prop_map(Act::Up),
        2 => (0..5_usize).prop_map(Act::Shout),
        1 => select(&HEADINGS).prop_map(Act::Head),
        2 => Just(Act::Destroy),
        1 => Just(Act::Reconnect),
    ]
}

/// What the test knows of one card.
#[derive(Clone, Debug, Default)]
struct Known {
    text: &'static str,
    clicks: u32,
    ups: u32,
}

/// The cards on the page, by what the page must show.
#[derive(Debug, Default)]
struct Model {
    heading: &'static str,
    shown: Vec<u8>,
    cards: std::collections::BTreeMap<u8, Known>,
}

impl Model {
    fn arrange(&mut self, ids: &[u8], text: &'static str, heading: &'static str) {
        self.heading = heading;
        let mut seen = BTreeSet::new();
        let n_shown = if ids.first().is_some_and(|id| *id > 6) { 1 } else { ids.len() };
        self.shown = ids[..n_shown].iter().copied().filter(|id| seen.insert(*id)).collect();
        for id in &self.shown {
            self.cards.entry(*id).or_default().text = text;
        }
    }

    fn texts(&self) -> Vec<String> {
        let card = |id| {
            let Known { text, clicks, .. } = &self.cards[id];
            if *clicks > 1 { format!("{text}{clicks}") } else { (*text).to_owned() }
        };
        self.shown.iter().map(card).collect()
    }

    fn badges(&self) -> Vec<String> {
        let badge = |id| format!("{}/{}", self.cards[id].clicks, self.cards[id].ups);
        self.shown.iter().map(badge).collect()
    }
}

/// The numbers of the components whose elements are on the page.
fn on_page(board: &TestView) -> BTreeSet<u64> {
    let html = board.html();
    let numbers = html.split("phx-target=\"").skip(1);
    numbers.filter_map(|rest| rest.split('"').next()?.parse().ok()).collect()
}

/// Acts on a board, checked after each; what was sent since the last join, and what it showed.
pub(crate) async fn play(acts: Vec<Act>) -> Vec<(Value, String)> {
    let mut steps = Vec::new();
    let mut board = board().await;
    let mut model = Model::default();
    model.arrange(&[1, 2], "new", "");
    let mut known = on_page(&board);
    steps.push((board.diffs()[0].clone(), board.html()));
    for act in acts {
        let place = |index: usize| model.shown.get(index).copied();
        match act.clone() {
            Act::Arrange(ids, text, heading) => {
                let digits: String = ids.iter().map(u8::to_string).collect();
                let arranged = json!({ "ids": digits, "text": text, "heading": heading });
                board.send_event("click", "arrange", arranged, None).await;
                model.arrange(&ids, text, heading);
            }
            Act::Click(index) => {
                let Some(id) = place(index) else { continue };
                board.click(&format!("#card-{id} .click")).await;
                model.cards.entry(id).or_default().clicks += 1;
            }
            Act::Up(index) => {
                let Some(id) = place(index) else { continue };
                board.click(&format!("#card-{id} .up")).await;
                model.cards.entry(id).or_default().ups += 1;
            }
            Act::Shout(index) => {
                let Some(id) = place(index) else { continue };
                board.click(&format!("#card-{id} .shout")).await;
                model.cards.entry(id).or_default().ups += 1;
            }
            Act::Head(heading) => {
                board.send_event("click", "head", json!({ "text": heading }), None).await;
                model.heading = heading;
            }
            Act::Destroy => {
                let gone: Vec<u64> = known.difference(&on_page(&board)).copied().collect();
                board.send("cids_will_destroy", json!({ "cids": gone })).await;
                board.send("cids_destroyed", json!({ "cids": gone })).await;
                known.retain(|number| !gone.contains(number));
                model.cards.retain(|id, _| model.shown.contains(id));
            }
            Act::Reconnect => {
                board.reconnect().await;
                steps.clear();
                known = on_page(&board);
                model.cards.retain(|id, _| model.shown.contains(id));
            }
        }
        known.extend(on_page(&board));
        // Only what shows something new is sent.
        if board.diffs().len() > steps.len() {
            steps.push((board.diffs()[steps.len()].clone(), board.html()));
        }
        assert_eq!(board.diffs().len(), steps.len());
        assert_eq!(board.texts("h1"), [model.heading], "{act:?} {model:?}");
        assert_eq!(board.texts("p"), model.texts(), "{act:?} {model:?}");
        assert_eq!(board.texts("a"), model.badges(), "{act:?} {model:?}");
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_happens_the_browser_shows_every_component_as_it_is(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(play(acts));
    }
}
