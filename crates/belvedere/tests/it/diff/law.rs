//! The law: a browser that merges each diff shows what a fresh render shows, which is what maud
//! prints; over random templates, states and edits.

use belvedere::{
    LiveEvent, live,
    template::{Render, to_html},
};
use maud::{Markup, html};
use proptest::{collection::vec, option, prelude::*};

use super::Client;

/// What the rows' elements ask for.
#[derive(LiveEvent)]
enum Act {
    Open,
    Turn { key: u8, text: String, on: Option<bool> },
}

/// A template and its state. Each variant is a `live!` of its own, and its twin in `html!`.
#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Text(String),
    Attributes {
        on: [bool; 3],
        title: Option<String>,
        id: u8,
    },
    If {
        branch: u8,
        inner: Box<Self>,
    },
    Pair(Box<Self>, Box<Self>),
    /// Rows with a key on their root, which holds texts and a nested list.
    Rows(Vec<Row>),
    /// Rows that are components, with the key in the header.
    Keyed(Vec<(u8, Self)>),
    Indexed(Vec<Self>),
    /// A `Vec` of templates, a nested `Option`.
    Collection(Vec<Option<Self>>),
    /// Texts and numbers where templates are taken.
    Content {
        text: String,
        n: Option<u8>,
        alone: bool,
    },
    /// A list in a list, `@while`, skipped rows.
    Grid(Vec<Vec<u8>>),
}

#[derive(Clone, Debug)]
pub(crate) struct Row {
    key: u8,
    text: String,
    on: bool,
    inner: Vec<u8>,
}

fn live(tree: &Tree) -> Box<dyn Render + '_> {
    match tree {
        Tree::Text(text) => Box::new(live! { p { (text) "!" } }),
        Tree::Attributes { on: [a, b, c], title, id } => Box::new(live! {
            i title=[title] .a[*a] .b hidden[*b] #{ "i" (id) } .{ "c" (id) }[*c] lang={ (id) "-" (id) } {}
        }),
        Tree::If { branch, inner } => Box::new(live! {
            @if *branch == 0 { (live(inner)) }
            @else if *branch == 1 { b { (branch) (live(inner)) } }
            @else if let 2 = branch { hr; }
            @match branch { 3 => (live(inner)), n if n % 2 == 0 => { "even" }, _ => {} }
        }),
        Tree::Pair(a, b) => Box::new(live! { div { (live(a)) } (live(b)) }),
        Tree::Rows(rows) => Box::new(live! {
            ul {
                @for row in rows {
                    li key=(row.key) .on[row.on] {
                        (row.text)
                        @if row.on { b { (row.key) } } @else { (row.text) }
                        a phx-click=(Act::Open)
                            phx-blur=(Act::Turn { key: row.key, text: row.text, on: Some(row.on) }) {}
                        @for n in &row.inner { i key=(n) phx-click=(Act::Turn { key: *n, text: row.text, on: None }) { (n) } }
                    }
                }
            }
            (rows.len())
        }),
        Tree::Keyed(rows) => {
            Box::new(live! { @for (key, tree) in rows, key=(key) { (live(tree)) } })
        }
        Tree::Indexed(rows) => Box::new(live! { @for tree in rows { b { (live(tree)) } } "." }),
        Tree::Collection(trees) => {
            let trees: Vec<_> = trees.iter().map(|tree| tree.as_ref().map(live)).collect();
            Box::new(live! { (trees) })
        }
        Tree::Content { text, alone: true, .. } => Box::new(text.as_str()),
        Tree::Content { text, n, .. } => Box::new(live! {
            (framed(text.as_str())) (framed(*n)) (framed(vec![text, text])) (n.is_none())
        }),
        Tree::Grid(rows) => Box::new(live! {
            @for row in rows {
                @let Some(first) = row.first() else { continue };
                tr key=(first) {
                    @for cell in row, key=(cell) { @if cell % 3 > 0 { td { (cell) } } }
                    @let mut left = row.len();
                    @while left > 0 { (left) @let () = left -= 1; }
                }
            }
        }),
    }
}

/// A function that takes content.
fn framed(content: impl Render) -> impl Render {
    live! { p { (content) } }
}

fn markup(tree: &Tree) -> Markup {
    match tree {
        Tree::Text(text) => html! { p { (text) "!" } },
        Tree::Attributes { on: [a, b, c], title, id } => html! {
            i title=[title] .a[*a] .b hidden[*b] #{ "i" (id) } .{ "c" (id) }[*c] lang={ (id) "-" (id) } {}
        },
        Tree::If { branch, inner } => html! {
            @if *branch == 0 { (markup(inner)) }
            @else if *branch == 1 { b { (branch) (markup(inner)) } }
            @else if let 2 = branch { hr; }
            @match branch { 3 => (markup(inner)), n if n % 2 == 0 => { "even" }, _ => {} }
        },
        Tree::Pair(a, b) => html! { div { (markup(a)) } (markup(b)) },
        Tree::Rows(rows) => html! {
            ul {
                @for row in rows {
                    li .on[row.on] {
                        (row.text)
                        @if row.on { b { (row.key) } } @else { (row.text) }
                        a phx-click=(Act::Open)
                            phx-blur=(Act::Turn { key: row.key, text: row.text.clone(), on: Some(row.on) }) {}
                        @for n in &row.inner { i phx-click=(Act::Turn { key: *n, text: row.text.clone(), on: None }) { (n) } }
                    }
                }
            }
            (rows.len())
        },
        Tree::Keyed(rows) => html! { @for (_, tree) in rows { (markup(tree)) } },
        Tree::Indexed(rows) => html! { @for tree in rows { b { (markup(tree)) } } "." },
        Tree::Collection(trees) => html! { @for tree in trees.iter().flatten() { (markup(tree)) } },
        Tree::Content { text, alone: true, .. } => html! { (text) },
        Tree::Content { text, n, .. } => html! {
            p { (text) } p { @if let Some(n) = n { (n) } } p { (text) (text) } (n.is_none())
        },
        Tree::Grid(rows) => html! {
            @for row in rows {
                @if !row.is_empty() {
                    tr {
                        @for cell in row { @if cell % 3 > 0 { td { (cell) } } }
                        @for left in (1..=row.len()).rev() { (left) }
                    }
                }
            }
        },
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "[ab]", "[<&\"'\\\\\n\u{e000}\u{1}é]{0,3}"]
}

fn row() -> impl Strategy<Value = Row> {
    (0..6_u8, text(), any::<bool>(), vec(0..5_u8, 0..4)).prop_map(|(key, text, on, inner)| Row {
        key,
        text,
        on,
        inner,
    })
}

pub(crate) fn tree() -> impl Strategy<Value = Tree> {
    let leaf =
        prop_oneof![
            text().prop_map(Tree::Text),
            (any::<[bool; 3]>(), option::of(text()), 0..3_u8)
                .prop_map(|(on, title, id)| Tree::Attributes { on, title, id }),
            (text(), option::of(0..3_u8), any::<bool>())
                .prop_map(|(text, n, alone)| Tree::Content { text, n, alone }),
            vec(row(), 0..5).prop_map(Tree::Rows),
            vec(vec(0..5_u8, 0..4), 0..4).prop_map(Tree::Grid),
        ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        prop_oneof![
            (0..6_u8, boxed.clone()).prop_map(|(branch, inner)| Tree::If { branch, inner }),
            (boxed.clone(), boxed).prop_map(|(a, b)| Tree::Pair(a, b)),
            vec((0..6_u8, inner.clone()), 0..5).prop_map(Tree::Keyed),
            vec(inner.clone(), 0..4).prop_map(Tree::Indexed),
            vec(option::of(inner), 0..4).prop_map(Tree::Collection),
        ]
    })
}

/// Random numbers that decide what an edit does where.
struct Dice<'a>(std::slice::Iter<'a, u8>);

impl Dice<'_> {
    /// A number below `n`; 0, which changes nothing, when the dice are used up.
    fn roll(&mut self, n: usize) -> usize {
        self.0.next().map_or(0, |&number| number as usize % n)
    }
}

fn edit(tree: &mut Tree, dice: &mut Dice<'_>) {
    match tree {
        Tree::Text(text) => match dice.roll(3) {
            1 => text.push('x'),
            2 => text.clear(),
            _ => {}
        },
        Tree::Attributes { on, title, id } => {
            on[dice.roll(3)] ^= dice.roll(2) == 1;
            if dice.roll(2) == 1 {
                *title = title.is_none().then(|| "new".to_owned());
            }
            *id += dice.roll(2) as u8;
        }
        Tree::If { branch, inner } => {
            *branch = (*branch + dice.roll(6) as u8) % 6;
            edit(inner, dice);
        }
        Tree::Pair(a, b) => {
            edit(a, dice);
            edit(b, dice);
        }
        Tree::Rows(rows) => edit_list(rows, dice, edit_row),
        Tree::Keyed(rows) => edit_list(rows, dice, |(_, tree), dice| edit(tree, dice)),
        Tree::Indexed(rows) => edit_list(rows, dice, edit),
        Tree::Collection(trees) => edit_list(trees, dice, |tree, dice| match dice.roll(3) {
            1 => *tree = None,
            2 => tree.iter_mut().for_each(|tree| edit(tree, dice)),
            _ => {}
        }),
        Tree::Content { text, n, alone } => match dice.roll(5) {
            1 => text.push('z'),
            2 => text.clear(),
            3 => *n = n.is_none().then_some(7),
            4 => *alone ^= true,
            _ => {}
        },
        Tree::Grid(rows) => edit_list(rows, dice, |row, dice| edit_list(row, dice, |_, _| {})),
    }
}

fn edit_row(row: &mut Row, dice: &mut Dice<'_>) {
    row.on ^= dice.roll(2) == 1;
    if dice.roll(2) == 1 {
        row.text.push('y');
    }
    edit_list(&mut row.inner, dice, |_, _| {});
}

fn edit_list<T: Clone>(
    list: &mut Vec<T>,
    dice: &mut Dice<'_>,
    mut edit: impl FnMut(&mut T, &mut Dice<'_>),
) {
    list.iter_mut().for_each(|item| edit(item, dice));
    let n = list.len();
    match dice.roll(8) {
        1 => list.clear(),
        2 if n > 0 => drop(list.remove(dice.roll(n))),
        3 if n > 1 => list.swap(dice.roll(n), dice.roll(n)),
        4 if n > 1 => list.rotate_left(1),
        5 => list.reverse(),
        // Doubles a key, too.
        6 if n > 0 => list.insert(dice.roll(n), list[dice.roll(n)].clone()),
        7 => list.truncate(n / 2),
        _ => {}
    }
}

/// What is sent for a tree and its edits, and what the browser shows after each.
pub(crate) fn play(mut tree: Tree, edits: &[Vec<u8>]) -> Vec<(serde_json::Value, String)> {
    let mut client = Client::new();
    let mut steps = Vec::new();
    let mut send = |tree: &Tree| {
        let sent = client.render(&live(tree));
        steps.push((serde_json::from_str(&sent).expect("an object"), client.html()));
    };
    send(&tree);
    for edits in edits {
        edit(&mut tree, &mut Dice(edits.iter()));
        send(&tree);
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_browser_that_merges_shows_what_the_server_rendered(
        first in tree(),
        second in tree(),
        edits in vec(vec(any::<u8>(), 0..24), 1..6),
    ) {
        let mut client = Client::new();
        for mut tree in [first, second] {
            client.render(&live(&tree));
            for edits in &edits {
                edit(&mut tree, &mut Dice(edits.iter()));
                let template = live(&tree);
                prop_assert_eq!(to_html(&template), markup(&tree).into_string());
                client.render(&template);
            }
        }
    }
}
