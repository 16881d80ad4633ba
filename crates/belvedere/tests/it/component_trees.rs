//! Components in components in elements that the browser skips: whatever changes where, the page
//! shows it.

use std::collections::BTreeMap;

use axum::Router;
use belvedere::diff::{merge, to_html};
use belvedere::template::{Element, Render};
use belvedere::testing::{Frames, TestView};
use belvedere::{
    ComponentId, ComponentSocket, LiveComponent, LiveEvent, LiveRouter, LiveRuntime, LiveStream,
    LiveView, MountError, Result, Socket, component, live,
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};

use crate::views::{Folder, Folders, config, served};

async fn folders(top: &[Folder]) -> TestView {
    let router = Router::new().live::<Folders>("/folders");
    let mut folders = served(LiveRuntime::new(config()), router).get("/folders").await.join().await;
    show(&mut folders, top).await;
    folders
}

async fn show(folders: &mut TestView, top: &[Folder]) {
    folders.send_event("click", "show", json!({ "top": top }), None).await;
}

fn folder(id: u32, inner: &[Folder]) -> Folder {
    Folder { id, inner: inner.into() }
}

fn last_diff(folders: &TestView) -> &Value {
    folders.diffs().last().expect("a diff")
}

#[tokio::test]
async fn the_way_to_a_changed_component_is_said_again() {
    let mut folders = folders(&[folder(1, &[folder(2, &[])])]).await;
    folders.click("#folder-2 .shout").await;
    let sent = last_diff(&folders);
    assert_eq!(
        sent["2"],
        json!({ "k": { "0": { "0": { "0": { "0": 1 } } }, "kc": 1 } }),
        "two elements"
    );
    assert_eq!(sent["c"]["1"], json!({ "7": { "k": { "0": { "0": { "0": 2 } }, "kc": 1 } } }));
    assert_eq!(sent["c"]["2"]["5"], "1");
}

#[tokio::test]
async fn a_change_of_one_component_says_nothing_of_the_way_to_it() {
    let mut folders = folders(&[folder(1, &[folder(2, &[])])]).await;
    folders.click("#folder-2 .click").await;
    let sent = last_diff(&folders).as_object().expect("an object");
    assert_eq!(sent.keys().collect::<Vec<_>>(), ["c"]);
    assert_eq!(sent["c"].as_object().expect("trees").keys().collect::<Vec<_>>(), ["2"]);
}

#[tokio::test]
async fn a_component_shares_statics_within_its_own_tree() {
    let mut folders = folders(&[folder(1, &[folder(2, &[]), folder(3, &[])])]).await;
    let tree = &last_diff(&folders)["c"]["1"];
    assert_eq!(tree["7"]["k"]["1"]["0"]["s"], 0);
    assert_eq!(tree["p"], json!({ "0": ["<section>", "</section>"] }));
    show(&mut folders, &[folder(1, &[folder(4, &[]), folder(5, &[])])]).await;
    let tree = &last_diff(&folders)["c"]["1"];
    assert_eq!(
        tree["p"],
        json!({ "1": ["<section>", "</section>"] }),
        "no number twice: the browser may merge two messages before it shows one"
    );
}

/// Counts messages.
pub(crate) struct Count(u32);

impl LiveComponent for Count {
    type Props = ();
    type Event = ();
    type Message = ();

    fn mount((): &()) -> Self {
        Self(0)
    }

    async fn update(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        Ok(())
    }

    async fn handle_message(&mut self, (): (), _: &mut ComponentSocket<'_>) -> Result {
        self.0 += 1;
        Ok(())
    }

    fn render(&self, _: ComponentId) -> impl Element {
        live! { b { (self.0) } }
    }
}

#[tokio::test]
async fn a_component_that_changes_as_the_page_is_replaced_is_not_sent() {
    let (mut frames, mut tree) = (Frames::default(), json!({}));
    let pages: [&dyn Render; 2] = [
        &live! { h1 { (component::<Count>(1, ())) } },
        &live! { h2 { (component::<Count>(2, ())) } },
    ];
    for page in pages {
        let mut members = String::from("{");
        frames.send::<Count>(&1, ()).await;
        frames.render(Some(page), &mut members).await;
        let sent = serde_json::from_str(&(members + "}")).expect("an object");
        merge(&mut tree, sent).unwrap();
    }
    assert_eq!(tree["c"].as_object().map(|trees| trees.len()), Some(1));
}

#[tokio::test]
async fn a_component_in_a_row_of_a_stream_is_sent_by_itself() {
    let mut rows = LiveStream::new("rows", |id: &u32| *id);
    rows.append(1);
    let page = |title: &'static str| {
        let rows = &rows;
        live! {
            h1 { (title) }
            ul #rows phx-update="stream" {
                @for (id, row) in rows { li id=(id) { (component::<Count>(*row, ())) } }
            }
        }
    };
    let mut frames = Frames::default();
    frames.render(Some(&page("one")), &mut String::new()).await;
    frames.send::<Count>(&1, ()).await;

    let mut with_the_page = String::new();
    frames.render(Some(&page("two")), &mut with_the_page).await;
    assert_eq!(with_the_page, r#""0":"two""#, "the browser has no tree of the row to show it in");
    let mut alone = String::new();
    frames.render(Some(&page("two")), &mut alone).await;
    assert_eq!(alone, r#""c":{"1":{"0":"1"}}"#);
}

/// A count in the row of a stream, bumped together with the title.
struct Rows {
    title: u32,
    rows: LiveStream<u32>,
}

#[derive(LiveEvent)]
enum RowsEvent {
    Bump,
}

impl LiveView for Rows {
    type Extract = ();
    type Params = ();
    type Event = RowsEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut rows = LiveStream::new("rows", |id: &u32| *id);
        rows.append(1);
        Ok(Self { title: 0, rows })
    }

    async fn handle_event(&mut self, event: RowsEvent, socket: &mut Socket<Self>) -> Result {
        match event {
            RowsEvent::Bump => {
                self.title += 1;
                socket.send_component::<Count>(1, ());
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 phx-click=(RowsEvent::Bump) { (self.title) }
            ul #rows phx-update="stream" {
                @for (id, row) in &self.rows { li id=(id) { (component::<Count>(*row, ())) } }
            }
        }
    }
}

#[tokio::test]
async fn what_the_answer_to_an_event_cannot_show_follows_it() {
    let router = Router::new().live::<Rows>("/rows");
    let mut rows = served(LiveRuntime::new(config()), router).get("/rows").await.join().await;
    rows.click("h1").await;
    assert_eq!((rows.text("h1"), rows.text("b")), ("1".into(), "1".into()));
    assert_eq!(*last_diff(&rows), json!({ "c": { "1": { "0": "1" } } }));
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Show(Vec<Folder>),
    Click(usize),
    Reverse(usize),
    Shout(usize),
    Head(bool),
    Reconnect,
}

/// Parents of folders by their index; one before it, or none.
fn top() -> impl Strategy<Value = Vec<Folder>> {
    vec((0..7_u32, 0..4_usize), 0..7).prop_map(|places| {
        let mut top: Vec<Folder> = Vec::new();
        let mut seen = Vec::new();
        for (id, depth) in places {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            let mut inner = &mut top;
            for _ in 0..depth {
                if inner.is_empty() {
                    break;
                }
                inner = &mut inner.last_mut().expect("not empty").inner;
            }
            inner.push(folder(id, &[]));
        }
        top
    })
}

pub(crate) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        3 => top().prop_map(Act::Show),
        4 => (0..7_usize).prop_map(Act::Click),
        3 => (0..7_usize).prop_map(Act::Reverse),
        4 => (0..7_usize).prop_map(Act::Shout),
        1 => any::<bool>().prop_map(Act::Head),
        1 => Just(Act::Reconnect),
    ];
    (top(), vec(act, 1..16)).prop_map(|(first, acts)| {
        let acts = acts.into_iter();
        [Act::Show(first)].into_iter().chain(acts).collect()
    })
}

/// Clicks, and whether what is within is shown in reverse.
type States = BTreeMap<u32, (u32, bool)>;

/// What the page must show, in its order.
fn texts(folders: &[Folder], states: &States, is_reversed: bool, texts: &mut Vec<String>) {
    let mut shown: Vec<_> = folders.iter().collect();
    if is_reversed {
        shown.reverse();
    }
    for folder in shown {
        let (clicks, is_reversed) = states.get(&folder.id).copied().unwrap_or_default();
        texts.push(format!("{}:{clicks}", folder.id));
        self::texts(&folder.inner, states, is_reversed, texts);
    }
}

/// Acts on folders, checked after each; what was sent since the last join, and what it showed.
pub(crate) async fn play(acts: Vec<Act>) -> Vec<(Value, String)> {
    let mut view = folders(&[]).await;
    let (mut steps, mut top, mut states) = (Vec::new(), Vec::new(), States::new());
    let mut tree = json!({});
    for act in acts {
        let shown = view.texts("p");
        let at = |index: usize| shown.get(index)?.split(':').next()?.parse().ok();
        let (index, button) = match &act {
            Act::Click(index) => (*index, "click"),
            Act::Reverse(index) => (*index, "reverse"),
            Act::Shout(index) => (*index, "shout"),
            _ => (usize::MAX, ""),
        };
        if let Some(id) = at(index) {
            view.click(&format!("#folder-{id} > .{button}")).await;
            let state: &mut (u32, bool) = states.entry(id).or_default();
            match button {
                "reverse" => state.1 ^= true,
                _ => state.0 += 1,
            }
        }
        match act {
            Act::Show(next) => {
                show(&mut view, &next).await;
                top = next;
            }
            Act::Head(text) => {
                let text = if text { "a" } else { "b" };
                view.send_event("click", "head", json!({ "text": text }), None).await;
            }
            Act::Reconnect => {
                view.reconnect().await;
                (steps, tree) = (Vec::new(), json!({}));
                let mut shown = Vec::new();
                texts(&top, &states, false, &mut shown);
                let is_shown = |id: &u32| {
                    shown.iter().any(|text| text.split(':').next() == Some(&id.to_string()))
                };
                states.retain(|id, _| is_shown(id));
            }
            _ => {}
        }
        for diff in view.diffs().get(steps.len()..).unwrap_or_default() {
            merge(&mut tree, diff.clone()).unwrap();
            steps.push((diff.clone(), to_html(&tree).unwrap()));
        }
        let mut expected = Vec::new();
        texts(&top, &states, false, &mut expected);
        assert_eq!(view.texts("p"), expected, "{:?}", view.diffs().last());
    }
    steps
}

#[tokio::test]
async fn a_component_that_comes_back_with_less_takes_nothing_along() {
    play(vec![
        Act::Show(vec![folder(4, &[folder(2, &[folder(0, &[])])])]),
        Act::Show(vec![folder(0, &[folder(1, &[])])]),
        Act::Show(vec![folder(4, &[])]),
    ])
    .await;
}

#[tokio::test]
async fn a_component_that_comes_back_gives_those_within_it_their_properties() {
    let first = vec![folder(3, &[folder(2, &[])])];
    play(vec![
        Act::Show(first.clone()),
        Act::Show(vec![folder(2, &[folder(4, &[])])]),
        Act::Show(first),
    ])
    .await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_changes_where_the_page_shows_it(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(play(acts));
    }
}
