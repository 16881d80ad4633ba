//! Streams in a whole page: in an element that the browser skips, under a condition, in a row that
//! moves, with rows that share templates.

use belvedere::{LiveStream, live, template::Render, template::to_html};
use proptest::{collection::vec, prelude::*};
use serde_json::Value;

use super::stream::{Act as StreamAct, Browser, act as stream_act, apply, carry_out};

/// An item: its key and its text.
type Item = (u8, String);

#[derive(Clone, Debug)]
pub(crate) enum Act {
    Stream {
        is_second: bool,
        act: StreamAct,
    },
    Heading(String),
    /// The first stream disappears, or is filled again.
    Toggle,
    /// The row with the second stream moves.
    Rotate,
    Send,
}

pub(crate) fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => (any::<bool>(), stream_act()).prop_map(|(is_second, act)| Act::Stream { is_second, act }),
        1 => "[ab]".prop_map(Act::Heading),
        1 => Just(Act::Toggle),
        1 => Just(Act::Rotate),
        4 => Just(Act::Send),
    ];
    vec(act, 0..32)
}

/// What the page shows.
#[derive(Clone, Debug)]
struct Shown {
    heading: String,
    is_toggled: bool,
    order: [u8; 3],
    items: [Vec<Item>; 2],
}

fn badge(text: &str) -> impl Render {
    live! { b { (text) } }
}

fn item(id: &str, (key, text): &Item) -> impl Render {
    live! { (id) (badge(text)) @if *key > 1 { (badge("old")) i { (key) } } }
}

fn streamed(id: &'static str, stream: &LiveStream<Item>) -> impl Render {
    live! {
        ul #(id) phx-update="stream" { @for (id, shown) in stream { li id=(id) { (item(&id, &shown)) } } }
    }
}

fn listed(id: &'static str, items: &[Item]) -> impl Render {
    live! {
        ul #(id) phx-update="stream" {
            @for shown in items {
                @let dom_id = format!("{id}-{}", shown.0);
                li id=(dom_id) { (item(&dom_id, shown)) }
            }
        }
    }
}

/// The page around its lists, which are streams or what these must show.
fn page(shown: &Shown, lists: [impl Render; 2]) -> impl Render {
    let Shown { heading, is_toggled, order, .. } = shown;
    live! {
        h1 { (badge(heading)) }
        @if !is_toggled { (&lists[0]) }
        @for n in order, key=(n) { p { (n) @if *n == 1 { (&lists[1]) } @else { (badge("row")) } } }
    }
}

/// What is sent while the acts fall into frames, and what the browser shows after each.
pub(crate) fn play(acts: Vec<Act>) -> Vec<(Value, String)> {
    let mut streams = ["a", "b"].map(|name| LiveStream::new(name, |(key, _): &Item| *key));
    let (heading, items) = (String::new(), [Vec::new(), Vec::new()]);
    let mut shown = Shown { heading, is_toggled: false, order: [1, 2, 3], items };
    let (mut browser, mut steps) = (Browser::new(), Vec::new());
    for act in acts.into_iter().chain([Act::Send]) {
        match act {
            Act::Stream { is_second, act } => {
                let at = usize::from(is_second);
                apply(&mut shown.items[at], &act);
                carry_out(&mut streams[at], act);
            }
            Act::Heading(text) => shown.heading = text,
            Act::Toggle => {
                shown.is_toggled ^= true;
                streams[0].reset(shown.items[0].clone());
            }
            Act::Rotate => shown.order.rotate_left(1),
            Act::Send => {
                let [a, b] = &streams;
                let sent = browser.send(&page(&shown, [streamed("a", a), streamed("b", b)]));
                let [a, b] = &shown.items;
                let expected = to_html(&page(&shown, [listed("a", a), listed("b", b)]));
                assert_eq!(browser.html(), expected, "merged {sent}");
                steps.push((serde_json::from_str(&sent).expect("an object"), expected));
            }
        }
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn wherever_streams_stand_the_browser_shows_their_items(acts in acts()) {
        play(acts);
    }
}
