//! Diffs: a browser that merges each shows what a fresh render shows, and what is no diff is an error.

use belvedere::diff::{Memory, merge, to_html};
use belvedere::live;
use belvedere::template::{self, Render};
use serde_json::{Map, Value};

use crate::dice::Dice;

/// A template and its state.
enum Tree {
    Text(String),
    Attributes {
        is_on: bool,
        title: Option<String>,
        id: u8,
    },
    Branch(u8, Box<Self>),
    Pair(Box<Self>, Box<Self>),
    /// By their keys, of which some may be alike.
    Keyed(Vec<(u8, Self)>),
    /// By their numbers.
    Numbered(Vec<Self>),
    Maybe(Vec<Option<Self>>),
    Table(Vec<(u8, String, Vec<u8>)>),
}

/// How deep a tree may be.
const MAX_DEPTH: usize = 6;

impl Tree {
    fn of(dice: &mut Dice<'_>, depth: usize) -> Self {
        let n_kinds = if depth == 0 || dice.is_used_up() { 3 } else { 8 };
        let inner = |dice: &mut Dice<'_>| Self::of(dice, depth.saturating_sub(1));
        match dice.below(n_kinds) {
            0 => Self::Text(dice.text(8)),
            1 => {
                let (is_on, id) = (dice.flag(), dice.byte() % 4);
                Self::Attributes { is_on, title: dice.flag().then(|| dice.text(4)), id }
            }
            2 => Self::Table(
                (0..dice.below(6))
                    .map(|_| (dice.byte() % 8, dice.text(4), dice.bytes(3).into()))
                    .collect(),
            ),
            3 => Self::Branch(dice.byte() % 5, Box::new(inner(dice))),
            4 => Self::Pair(Box::new(inner(dice)), Box::new(inner(dice))),
            5 => Self::Keyed((0..dice.below(5)).map(|_| (dice.byte() % 6, inner(dice))).collect()),
            6 => Self::Numbered((0..dice.below(4)).map(|_| inner(dice)).collect()),
            _ => {
                Self::Maybe((0..dice.below(4)).map(|_| dice.flag().then(|| inner(dice))).collect())
            }
        }
    }
}

fn live(tree: &Tree) -> Box<dyn Render + '_> {
    match tree {
        Tree::Text(text) => Box::new(live! { p { (text) "!" } }),
        Tree::Attributes { is_on, title, id } => Box::new(live! {
            i title=[title] .a[*is_on] .b hidden[*is_on] #{ "i" (id) } lang={ (id) "-" (id) } {}
        }),
        Tree::Branch(branch, inner) => Box::new(live! {
            @if *branch == 0 { (live(inner)) }
            @else if *branch == 1 { b { (branch) (live(inner)) } }
            @match branch { 3 => (live(inner)), n if n % 2 == 0 => { "even" }, _ => {} }
        }),
        Tree::Pair(first, second) => Box::new(live! { div { (live(first)) } (live(second)) }),
        Tree::Keyed(rows) => {
            Box::new(live! { @for (key, tree) in rows, key=(key) { (live(tree)) } })
        }
        Tree::Numbered(rows) => Box::new(live! { @for tree in rows { b { (live(tree)) } } "." }),
        Tree::Maybe(trees) => {
            let trees: Vec<_> = trees.iter().map(|tree| tree.as_ref().map(live)).collect();
            Box::new(live! { (trees) })
        }
        Tree::Table(rows) => Box::new(live! {
            table {
                @for (key, text, cells) in rows {
                    tr key=(key) .is-long[text.len() > 2] {
                        th { (text) }
                        @for cell in cells { td key=(cell) { (cell) @if *cell > 99 { (text) } } }
                    }
                }
            }
            (rows.len())
        }),
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let mut dice = Dice::new(bytes);
    if dice.below(4) == 3 {
        return any_diff_is_merged(dice.rest());
    }
    let mut memory = Memory::default();
    let mut shown = Value::Object(Map::new());
    for _ in 0..8 {
        let tree = Tree::of(&mut dice, MAX_DEPTH);
        let tree = live(&tree);
        let mut sent = String::from("{");
        let changes = template::diff(&tree, &mut memory, &mut sent);
        sent.push('}');
        assert_eq!(changes.holes == 0, sent == "{}", "{changes:?} {sent}");
        let diff = serde_json::from_str(&sent).expect("a diff is an object");
        merge(&mut shown, diff).expect("a diff can be merged");
        let html = to_html(&shown).expect("a whole tree");
        assert_eq!(html, template::to_html(&tree), "merged {sent}");
        let mut again = String::new();
        let changes = template::diff(&tree, &mut memory, &mut again);
        assert_eq!((changes.holes, again.as_str()), (0, ""), "sent twice");
        if dice.is_used_up() {
            return;
        }
    }
}

/// JSON on each line, merged one after the other.
fn any_diff_is_merged(lines: &[u8]) {
    let mut tree = Value::Object(Map::new());
    for line in lines.split(|byte| *byte == b'\n') {
        let Ok(diff) = serde_json::from_slice(line) else { return };
        if merge(&mut tree, diff).is_err() {
            return;
        }
        let _ = to_html(&tree);
    }
}
