//! What a form or a row holds: the raw text of each input, whether it was used, what is wrong with it.

use std::hash::{BuildHasher as _, Hash, Hasher};

use super::schema::{Kind, Schema};
use crate::event::Found;

/// Rows that are gone and may still come in events under way, per list.
const MAX_GONE: usize = 64;

/// The state of a form or of a row: one for each slot of its schema.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) slots: Vec<State>,
}

/// The state of a slot.
#[derive(Debug, Clone)]
pub(super) enum State {
    Input(InputState),
    Rows(RowsState),
}

impl State {
    /// Whether a text in it cannot be read.
    pub(super) fn is_unread(&self) -> bool {
        match self {
            Self::Input(input) => input.wrong.is_unread,
            Self::Rows(rows) => {
                rows.rows.iter().any(|row| row.group.slots.iter().any(Self::is_unread))
            }
        }
    }
}

/// What stands in an input, as it was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) enum Raw {
    /// The browser has not sent it.
    #[default]
    Missing,
    One(String),
    Many(Vec<String>),
    /// No text at all, which no browser sends for this input.
    Wrong(Shape),
}

/// What came where a text was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Shape {
    List,
    Object,
}

impl From<Shape> for Found {
    fn from(shape: Shape) -> Self {
        match shape {
            Shape::List => Self::List,
            Shape::Object => Self::Object,
        }
    }
}

impl Raw {
    /// Its texts, in order.
    pub(super) fn texts(&self) -> &[String] {
        match self {
            Self::Missing | Self::Wrong(_) => &[],
            Self::One(text) => std::slice::from_ref(text),
            Self::Many(texts) => texts,
        }
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct InputState {
    pub(super) raw: Raw,
    pub(super) used: bool,
    pub(super) wrong: Wrong,
}

/// What is wrong with an input, with a list of rows, or with a form as a whole.
#[derive(Debug, Clone, Default)]
pub(super) struct Wrong {
    /// By reading and checking, each time anew.
    pub(super) found: Vec<String>,
    /// By the author, until the text changes or is sent again.
    pub(super) said: Vec<String>,
    /// More rows came than there is room for, until the rows come again.
    pub(super) too_many: Option<String>,
    /// Its text cannot be read at all.
    pub(super) is_unread: bool,
}

impl Wrong {
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> + Clone {
        self.said.iter().chain(&self.too_many).chain(&self.found).map(String::as_str)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty() && self.is_right()
    }

    /// Whether nothing was found that keeps a value from being right.
    pub(super) fn is_right(&self) -> bool {
        self.too_many.is_none() && self.found.is_empty()
    }

    /// Adds what an author says, once.
    pub(super) fn say(&mut self, text: String) {
        if !self.said.contains(&text) {
            self.said.push(text);
        }
    }

    /// Adds what a check has found, once, unless the text is not even readable.
    pub(super) fn find(&mut self, text: String) -> bool {
        let is_new = !self.is_unread && !self.found.contains(&text);
        if is_new {
            self.found.push(text);
        }
        is_new
    }
}

#[derive(Debug, Clone, Default)]
pub(super) struct RowsState {
    pub(super) rows: Vec<RowState>,
    pub(super) next_key: u32,
    /// Grows with every row that is added, removed or moved here.
    pub(super) version: u32,
    /// Removed here; an event under way may still name them.
    pub(super) gone: Vec<u32>,
    pub(super) used: bool,
    pub(super) wrong: Wrong,
}

#[derive(Debug, Clone)]
pub(super) struct RowState {
    pub(super) key: u32,
    /// How the names of its inputs begin: `user[members][3]`.
    pub(super) name: Box<str>,
    pub(super) group: Group,
}

impl Group {
    /// A group in which nothing was typed.
    pub(super) fn blank(schema: &Schema) -> Self {
        let state = |kind: &Kind| match kind {
            Kind::Rows(_) => State::Rows(RowsState::default()),
            Kind::Text | Kind::Flag | Kind::List => State::Input(InputState::default()),
        };
        Self { slots: schema.slots.iter().map(|slot| state(&slot.kind)).collect() }
    }

    pub(super) fn input(&self, slot: usize) -> &InputState {
        match &self.slots[slot] {
            State::Input(input) => input,
            State::Rows(_) => unreachable!("the path of an input leads to one"),
        }
    }

    pub(super) fn input_mut(&mut self, slot: usize) -> &mut InputState {
        match &mut self.slots[slot] {
            State::Input(input) => input,
            State::Rows(_) => unreachable!("the path of an input leads to one"),
        }
    }

    pub(super) fn rows(&self, slot: usize) -> &RowsState {
        match &self.slots[slot] {
            State::Rows(rows) => rows,
            State::Input(_) => unreachable!("the path of rows leads to some"),
        }
    }

    pub(super) fn rows_mut(&mut self, slot: usize) -> &mut RowsState {
        match &mut self.slots[slot] {
            State::Rows(rows) => rows,
            State::Input(_) => unreachable!("the path of rows leads to some"),
        }
    }

    /// Visits what is wrong with each input and each list, rows included, with whether it was used.
    pub(super) fn each(&mut self, visit: &mut dyn FnMut(&mut Wrong, &mut bool)) {
        for state in &mut self.slots {
            match state {
                State::Input(input) => visit(&mut input.wrong, &mut input.used),
                State::Rows(rows) => {
                    visit(&mut rows.wrong, &mut rows.used);
                    rows.rows.iter_mut().for_each(|row| row.group.each(visit));
                }
            }
        }
    }

    /// Takes what was typed, and which rows there are in which order, into account.
    pub(super) fn hash_typed<H: Hasher>(&self, hasher: &mut H) {
        for state in &self.slots {
            match state {
                State::Input(input) => hash_raw(&input.raw, hasher),
                State::Rows(rows) => rows.hash_typed(hasher),
            }
        }
    }
}

/// What is not sent looks like what is blank.
fn hash_raw<H: Hasher>(raw: &Raw, hasher: &mut H) {
    let is_typed = |text: &&String| !matches!(text.as_str(), "" | "false");
    raw.texts().iter().filter(is_typed).for_each(|text| text.hash(hasher));
    u8::MAX.hash(hasher);
}

impl RowsState {
    fn hash_typed<H: Hasher>(&self, hasher: &mut H) {
        self.rows.len().hash(hasher);
        for row in &self.rows {
            row.key.hash(hasher);
            row.group.hash_typed(hasher);
        }
    }

    /// A hash of which rows there are and what was typed into them.
    pub(super) fn typed(&self) -> u64 {
        let mut hasher = foldhash::fast::FixedState::default().build_hasher();
        self.hash_typed(&mut hasher);
        hasher.finish()
    }

    /// Adds a blank row at the end, unless there are `max_rows`; returns its key.
    pub(super) fn add(&mut self, name: &str, schema: &Schema, max_rows: usize) -> Option<u32> {
        let key = self.next_key;
        self.insert(key, name, schema, max_rows).then(|| {
            self.changed();
            key
        })
    }

    /// Adds a blank row with a key at the end, unless there are `max_rows`.
    pub(super) fn insert(
        &mut self,
        key: u32,
        name: &str,
        schema: &Schema,
        max_rows: usize,
    ) -> bool {
        if self.rows.len() >= max_rows || key == u32::MAX {
            return false;
        }
        self.next_key = self.next_key.max(key + 1);
        let name = format!("{name}[{key}]").into();
        self.rows.push(RowState { key, name, group: Group::blank(schema) });
        true
    }

    pub(super) fn index(&self, key: u32) -> Option<usize> {
        self.rows.iter().position(|row| row.key == key)
    }

    pub(super) fn remove(&mut self, key: u32) -> bool {
        let Some(index) = self.index(key) else { return false };
        self.rows.remove(index);
        if self.gone.len() == MAX_GONE {
            self.gone.remove(0);
        }
        self.gone.push(key);
        self.changed();
        true
    }

    /// Whether the row was removed here, lately.
    pub(super) fn is_gone(&self, key: u32) -> bool {
        self.gone.contains(&key)
    }

    /// Moves a row to a place, at most the last.
    pub(super) fn move_to(&mut self, key: u32, place: usize) -> bool {
        let Some(index) = self.index(key) else { return false };
        let place = place.min(self.rows.len() - 1);
        if place != index {
            let row = self.rows.remove(index);
            self.rows.insert(place, row);
            self.changed();
        }
        true
    }

    const fn changed(&mut self) {
        self.version = self.version.saturating_add(1);
        self.used = true;
    }
}
