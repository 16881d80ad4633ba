//! Components that leave the page and come back, while the browser says farewell to them: early,
//! late, or never. At each moment the page shows what the server holds, and a lost socket changes
//! nothing.

use axum::Router;
use belvedere::diff::{merge, to_html};
use belvedere::testing::TestView;
use belvedere::{DepartedLimits, LiveConfig, LiveRouter, LiveRuntime};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::diff::duplicates::Log;
use crate::views::{FIRST_ROW, Hall, MAX_ROWS, Room, Row, config, hall, served};
use browser::{Browser, brought, numbers};
use model::Model;

mod browser;
mod model;

async fn hall(config: LiveConfig) -> TestView {
    hall_of(LiveRuntime::new(config), "/hall/empty").await
}

async fn hall_of(live: LiveRuntime, path: &str) -> TestView {
    served(live, Router::new().live::<Hall>("/hall/{kept}")).get(path).await.join().await
}

async fn show(hall: &mut TestView, rooms: &[Room]) {
    hall.send_event("click", "show", json!({ "rooms": rooms }), None).await;
}

fn room(id: u32) -> Room {
    Room { id, inner: Vec::new() }
}

#[tokio::test]
async fn a_farewell_that_comes_after_the_return_ends_nothing() {
    let mut hall = hall(config()).await;
    show(&mut hall, &[room(0)]).await;
    hall.click("#room-0 button").await;
    show(&mut hall, &[]).await;
    show(&mut hall, &[room(0)]).await;
    hall.send("cids_will_destroy", json!({ "cids": [1] })).await;
    assert_eq!(hall.text("b"), "0:1");
    hall.reconnect().await;
    assert_eq!(hall.text("b"), "0:1", "the component was on the page all the time");
    let number = numbers(&hall.html())[&0];
    hall.send("cids_will_destroy", json!({ "cids": [number] })).await;
    hall.send("cids_destroyed", json!({ "cids": [number] })).await;
    assert_eq!(hall.replies().last().unwrap()["response"], json!({ "cids": [] }));
    hall.click("#room-0 button").await;
    assert_eq!(hall.text("b"), "0:2", "what the page shows cannot be said farewell to");
}

#[tokio::test]
async fn a_component_that_comes_back_tells_its_items_again_or_is_a_new_one() {
    let mut hall = hall(config()).await;
    let (able, unable) = (room(1), room(2));
    for shown in [&[able.clone(), unable.clone()][..], &[], &[unable, able]] {
        show(&mut hall, shown).await;
        if hall.texts("b") == ["1:0", "2:0"] {
            hall.click("#room-1 button").await;
            hall.click("#room-2 button").await;
            assert_eq!(hall.texts("#notes-2-list li"), ["0", "1"]);
        }
    }
    assert_eq!(hall.texts("b"), ["2:0", "1:1"]);
    assert_eq!(hall.texts("#notes-1-list li"), ["0", "1"]);
    assert_eq!(hall.texts("#notes-2-list li"), ["0"]);
}

#[tokio::test]
async fn a_click_on_what_the_page_showed_before_it_came_back_counts() {
    let mut hall = hall(config()).await;
    show(&mut hall, &[room(0)]).await;
    let before = numbers(&hall.html())[&0];
    show(&mut hall, &[]).await;
    show(&mut hall, &[room(0)]).await;
    let click = json!({ "type": "click", "event": "click", "value": {}, "cid": before });
    hall.send("event", click).await;
    assert_eq!(hall.text("b"), "0:1");
}

#[tokio::test]
async fn those_away_longest_are_forgotten_at_the_bound() {
    let limits = DepartedLimits { components: 2, ..DepartedLimits::default() };
    let mut hall = hall(LiveConfig { departed_limits: limits, ..config() }).await;
    let rooms = [0, 3, 6].map(room);
    show(&mut hall, &rooms).await;
    for id in [0, 3, 6] {
        hall.click(&format!("#room-{id} button")).await;
    }
    let log = Log::default();
    let logging = tracing::subscriber::set_default(log.clone());
    for n_left in (0..3).rev() {
        show(&mut hall, &rooms[3 - n_left..]).await;
    }
    drop(logging);
    assert!(log.text().contains("`departed_limits`"), "{}", log.text());
    show(&mut hall, &rooms).await;
    assert_eq!(hall.texts("b"), ["0:0", "3:1", "6:1"]);
    hall.click("#room-0 button").await;
    assert_eq!(hall.texts("b"), ["0:1", "3:1", "6:1"], "mounted anew, and alive");
}

#[tokio::test]
async fn bytes_and_time_bound_them_too() {
    let small = DepartedLimits { bytes: 1, ..DepartedLimits::default() };
    let short = DepartedLimits { time: std::time::Duration::ZERO, ..DepartedLimits::default() };
    for limits in [small, short] {
        let mut hall = hall(LiveConfig { departed_limits: limits, ..config() }).await;
        show(&mut hall, &[room(0), room(3)]).await;
        hall.click("#room-0 button").await;
        show(&mut hall, &[room(3)]).await;
        show(&mut hall, &[]).await;
        show(&mut hall, &[room(0)]).await;
        assert_eq!(hall.texts("b"), ["0:0"], "{limits:?}");
    }
}

#[tokio::test]
async fn a_browser_that_never_says_farewell_fills_no_memory() {
    let limits = DepartedLimits { components: 60, ..DepartedLimits::default() };
    let live = LiveRuntime::new(LiveConfig { departed_limits: limits, ..config() });
    let mut hall = hall_of(live.clone(), "/hall/empty").await;
    let mut heaviest = [0, 0];
    for turn in 0..16_u32 {
        let ids = (turn * 20..).map(|n| 1_000 + n * 3).take(20);
        let row = |n| Row { id: FIRST_ROW + turn * 3 + n, n_rooms: 1 };
        let rows: Vec<Row> = (0..3).map(row).collect();
        show(&mut hall, &ids.map(room).collect::<Vec<_>>()).await;
        hall.send_event("click", "reset", json!({ "rows": rows }), None).await;
        let half = &mut heaviest[usize::from(turn >= 8)];
        *half = (*half).max(live.views(1)[0].n_components);
    }
    assert_eq!(heaviest, [60 + 45, 60 + 45], "those away, and those on the page");
}

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Show(Vec<Room>),
    /// What stands beside the rows goes, which the browser sees; whether it fades. Then it comes back.
    Blink(bool),
    Click(usize),
    Head(bool),
    Put(Row),
    /// Of a row that may not be there.
    Update(Row),
    Take(u32),
    Move(Row),
    Reset(Vec<Row>),
    /// The browser takes this much of what waits for it; whether elements that leave fade.
    Apply(usize, bool),
    EndFades,
    /// The server takes this much of what waits for it.
    Deliver(usize),
    Reconnect,
}

/// Rooms that cannot tell their notes are rare, for with one of them a join mounts the page anew.
fn id() -> impl Strategy<Value = u32> {
    prop_oneof![8 => select(vec![0, 1, 3, 4]), 1 => Just(2)]
}

fn rooms() -> impl Strategy<Value = Vec<Room>> {
    vec((id(), any::<bool>()), 0..5).prop_map(|places| {
        let mut top: Vec<Room> = Vec::new();
        let mut seen = Vec::new();
        for (id, is_inner) in places {
            if seen.contains(&id) {
                continue;
            }
            seen.push(id);
            match top.last_mut().filter(|_| is_inner) {
                Some(outer) => outer.inner.push(room(id)),
                None => top.push(room(id)),
            }
        }
        top
    })
}

/// Whether the page keeps the first rows, and what happens.
pub(crate) fn acts() -> impl Strategy<Value = (bool, Vec<Act>)> {
    let row_id = || id().prop_map(|n| FIRST_ROW + n);
    let row = || (row_id(), 0..3_u32).prop_map(|(id, n_rooms)| Row { id, n_rooms });
    let act = prop_oneof![
        4 => rooms().prop_map(Act::Show),
        4 => any::<bool>().prop_map(Act::Blink),
        5 => (0..8_usize).prop_map(Act::Click),
        1 => any::<bool>().prop_map(Act::Head),
        3 => row().prop_map(Act::Put),
        3 => row().prop_map(Act::Update),
        2 => row_id().prop_map(Act::Take),
        1 => row().prop_map(Act::Move),
        1 => vec(row(), 0..2 * MAX_ROWS).prop_map(|mut rows| {
            rows.sort_unstable_by_key(|row| row.id);
            rows.dedup_by_key(|row| row.id);
            Act::Reset(rows)
        }),
        4 => (1..4_usize, any::<bool>()).prop_map(|(n, fades)| Act::Apply(n, fades)),
        2 => Just(Act::EndFades),
        5 => (1..3_usize).prop_map(Act::Deliver),
        3 => Just(Act::Reconnect),
    ];
    (any::<bool>(), vec(act, 1..40))
}

/// What each room of the page says, and its notes, in the page's order.
fn texts(html: &str) -> Vec<(String, Vec<String>)> {
    let inner = |text: &str, tag: &str| {
        let (text, _) = text.split_once(&format!("</{tag}>"))?;
        Some(text.rsplit_once('>').map_or(text, |(_, inner)| inner).to_owned())
    };
    let rooms = html.split("<section id=\"room-").skip(1).map(|room| {
        let notes = room.split_once("<ol ").and_then(|(_, rest)| rest.split_once("</ol>"));
        let notes = notes.map_or("", |(notes, _)| notes).split_inclusive("</li>");
        (inner(room, "b").unwrap_or_default(), notes.filter_map(|note| inner(note, "i")).collect())
    });
    rooms.collect()
}

/// The rows of the page.
fn row_ids(html: &str) -> Vec<String> {
    let rows = html.split("<li id=\"rows-").skip(1).filter_map(|row| row.split_once('"'));
    rows.map(|(id, _)| id.to_owned()).collect()
}

/// Acts on a hall, checked after each; what was sent since the last join, and what it showed.
pub(crate) async fn play((keeps_first, acts): (bool, Vec<Act>)) -> Vec<(Value, String)> {
    let path = if keeps_first { "/hall/first" } else { "/hall/last" };
    let mut view = hall_of(LiveRuntime::new(config()), path).await;
    let mut model = Model::new(keeps_first);
    let mut browser = Browser::joined(&view);
    let (mut steps, mut tree) = (Vec::new(), json!({}));
    for act in acts {
        act_on(&mut view, &mut model, &mut browser, act.clone()).await;
        if matches!(act, Act::Reconnect) {
            (steps, tree) = (Vec::new(), json!({}));
        }
        browser.read(&view);
        let html = view.html();
        assert_eq!(texts(&html), model.texts(), "{act:?} {model:?}");
        assert_eq!(row_ids(&html), model.row_ids(), "{act:?} {model:?}");
        for diff in view.diffs().get(steps.len()..).unwrap_or_default() {
            model.numbers.extend(brought(&tree, diff));
            merge(&mut tree, diff.clone()).unwrap();
            steps.push((diff.clone(), to_html(&tree).unwrap()));
        }
    }
    browser.apply(usize::MAX, false);
    assert_eq!(browser.html(), view.html(), "a browser that was behind shows the same");
    steps
}

async fn act_on(view: &mut TestView, model: &mut Model, browser: &mut Browser, act: Act) {
    let (name, value) = match act {
        Act::Show(rooms) => {
            let value = json!({ "rooms": rooms });
            model.changes(|model| model.rooms = rooms);
            ("show", value)
        }
        Act::Blink(fades) => return blink(view, model, browser, fades).await,
        Act::Head(text) => ("head", json!({ "text": if text { "a" } else { "b" } })),
        Act::Put(row) => {
            let value = json!({ "row": row });
            model.changes(|model| hall::put(&mut model.rows, row));
            ("put", value)
        }
        Act::Update(row) => {
            let value = json!({ "row": row });
            model.changes(|model| hall::update(&mut model.rows, row));
            ("update", value)
        }
        Act::Take(id) => {
            model.changes(|model| model.rows.retain(|row| row.id != id));
            ("take", json!({ "id": id }))
        }
        Act::Move(row) => {
            let value = json!({ "row": row });
            model.changes(|model| {
                model.rows.retain(|known| known.id != row.id);
                model.rows.push(row);
            });
            ("move", value)
        }
        Act::Reset(rows) => {
            let value = json!({ "rows": rows });
            model.changes(|model| model.rows = rows);
            ("reset", value)
        }
        Act::Click(index) => return click(view, model, index).await,
        Act::Apply(n_messages, fades) => return browser.apply(n_messages, fades),
        Act::EndFades => return browser.end_fades(),
        Act::Deliver(n_messages) => {
            for _ in 0..n_messages {
                if let Some(gone) = browser.deliver(view).await {
                    model.destroyed(&gone);
                }
            }
            return;
        }
        Act::Reconnect => {
            view.reconnect().await;
            model.joins();
            return browser.rejoined(view);
        }
    };
    view.send_event("click", name, value, None).await;
}

async fn click(view: &mut TestView, model: &mut Model, index: usize) {
    let shown = model.shown();
    if let Some(id) = shown.get(index % shown.len().max(1)) {
        view.click(&format!("#room-{id} > button")).await;
        *model.clicks.entry(*id).or_default() += 1;
    }
}

async fn blink(view: &mut TestView, model: &mut Model, browser: &mut Browser, fades: bool) {
    let rooms = model.rooms.clone();
    for shown in [Vec::new(), rooms] {
        show(view, &shown).await;
        browser.read(view);
        if shown.is_empty() {
            browser.apply(usize::MAX, fades);
        }
        model.changes(|model| model.rooms = shown);
    }
}

#[tokio::test]
async fn a_row_that_is_shown_again_without_its_room_lets_it_go() {
    let row = |n_rooms| Row { id: FIRST_ROW + 1, n_rooms };
    for act in [Act::Put, Act::Update] {
        play((false, vec![Act::Put(row(1)), act(row(0)), act(row(2)), Act::Reconnect])).await;
    }
}

#[tokio::test]
async fn a_row_that_comes_and_goes_in_one_message_brings_its_room() {
    let row = |n, n_rooms| Row { id: FIRST_ROW + n, n_rooms };
    let rows = vec![row(0, 1), row(1, 0), row(2, 0), row(3, 0)];
    let begins = [Act::Click(0), Act::Put(row(0, 0)), Act::Apply(9, false), Act::Deliver(1)];
    for ends in [
        vec![Act::Apply(9, false), Act::Reset(rows.clone()), Act::Deliver(1)],
        vec![
            Act::Reset(rows.clone()),
            Act::Apply(9, false),
            Act::Deliver(9),
            Act::Apply(9, false),
            Act::Deliver(9),
        ],
    ] {
        let ends = ends.into_iter().chain([Act::Put(row(0, 1))]);
        play((false, begins.iter().cloned().chain(ends).collect())).await;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    #[test]
    fn whatever_is_said_and_when_the_page_shows_what_the_server_holds(acts in acts()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        runtime.expect("a runtime").block_on(play(acts));
    }
}
