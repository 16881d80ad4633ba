//! Taking over what a browser sent: texts as they are, marks of use, rows in their order.

use serde_json::{Map, Value};

use super::schema::{Kind, Schema, Slot};
use super::state::{Group, InputState, Raw, RowsState, Shape, State};
use super::words::Words;

/// Prefixes of the names by which a list of rows is told of: before its key, beside it.
pub(super) const ORDER: &str = "_rows_";
pub(super) const ADD: &str = "_add_";
pub(super) const REMOVE: &str = "_drop_";
pub(super) const UP: &str = "_up_";
pub(super) const DOWN: &str = "_down_";

/// The key of the first input of a form, which nobody sees.
pub(super) const FIRST: &str = "_form";

/// Begins the number, among the keys of rows, of changes to the rows that the browser has seen.
pub(super) const VERSION: char = 'v';

/// Which rows a browser has, in its order.
struct Order {
    keys: Vec<u32>,
    /// How many changes to the rows it has seen; `None` when it says nothing of that.
    version: Option<u32>,
}

impl Order {
    fn of(sent: Sent<'_>, key: &str) -> Option<Self> {
        let texts = sent.marked(ORDER, key)?;
        let version = texts.iter().find_map(|text| text.strip_prefix(VERSION)?.parse().ok());
        Some(Self { keys: texts.iter().filter_map(|text| text.parse().ok()).collect(), version })
    }

    /// Whether the browser had seen all that happened to the rows here. What an older page says of
    /// them is out of date; a newer one knows of a server that is gone.
    fn is_of_now(&self, version: u32) -> bool {
        self.version.is_none_or(|seen| seen >= version)
    }
}

/// What was sent, as far as it concerns a form or a row.
#[derive(Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) fields: Option<&'a Map<String, Value>>,
    /// The keys of the input that a change came from, as seen from here; `None` when it came from
    /// elsewhere.
    pub(super) target: Option<&'a [&'a str]>,
    /// The browser has emptied the form, and nobody has used it since: a button of the type `reset`.
    pub(super) is_reset: bool,
    pub(super) words: &'static dyn Words,
}

impl<'a> Sent<'a> {
    fn within(&self, key: &str) -> Self {
        let fields = self.fields.and_then(|fields| fields.get(key)).and_then(Value::as_object);
        let target = self.target.and_then(<[_]>::split_first);
        let target = target.filter(|(first, _)| **first == key).map(|(_, rest)| rest);
        Self { fields, target, ..*self }
    }

    /// The texts under a mark of a list of rows.
    fn marked(&self, prefix: &str, key: &str) -> Option<Vec<&'a str>> {
        match self.fields?.get(&format!("{prefix}{key}"))? {
            Value::Array(items) => Some(items.iter().filter_map(Value::as_str).collect()),
            Value::String(text) => Some(vec![text]),
            _ => None,
        }
    }
}

impl Group {
    /// Takes over what was sent; says whether it asks for rows to be added, removed or moved.
    pub(super) fn apply(&mut self, name: &str, schema: &Schema, sent: Sent<'_>) -> bool {
        let mut asks = false;
        for (slot, state) in schema.slots.iter().zip(&mut self.slots) {
            let around = slot.keys[..slot.keys.len() - 1].iter();
            let sent = around.fold(sent, |sent, key| sent.within(key));
            match (state, slot.kind) {
                (State::Input(input), kind) => input.apply(slot, kind, sent),
                (State::Rows(rows), Kind::Rows(schema)) => {
                    let name = format!("{name}{}", slot.suffix);
                    asks |= rows.apply(&name, slot, schema(), sent);
                }
                (State::Rows(_), _) => unreachable!("a state is of its slot's kind"),
            }
        }
        asks
    }
}

impl InputState {
    fn apply(&mut self, slot: &Slot, kind: Kind, sent: Sent<'_>) {
        let is_target = sent.target == Some(&[slot.key()]);
        let value = sent.fields.and_then(|fields| fields.get(slot.key()));
        let raw = match (value, kind) {
            (Some(value), Kind::List) => list(value),
            (Some(value), Kind::Flag) if value == "" => Raw::Missing,
            (Some(value), _) => text(value),
            (None, Kind::List | Kind::Flag) if is_target => Raw::Missing,
            (None, Kind::Text) if is_target => Raw::One(String::new()),
            // It is not in the page, or nothing is chosen.
            (None, _) => {
                self.used &= !sent.is_reset;
                return;
            }
        };
        let is_marked = sent.fields.is_some_and(|fields| fields.contains_key(&slot.unused));
        self.used = if value.is_some() { !is_marked } else { self.used || is_target };
        if raw != self.raw {
            self.raw = raw;
            self.wrong.said.clear();
        }
    }
}

/// Of an input for one text.
fn text(value: &Value) -> Raw {
    match value {
        Value::String(text) => Raw::One(text.clone()),
        Value::Array(_) => Raw::Wrong(Shape::List),
        Value::Object(_) => Raw::Wrong(Shape::Object),
        Value::Null => Raw::One(String::new()),
        // Of a hook or a click.
        Value::Bool(_) | Value::Number(_) => Raw::One(value.to_string()),
    }
}

/// Of inputs for a list: an empty text stands for none.
fn list(value: &Value) -> Raw {
    let items: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(members) => members.values().collect(),
        other => vec![other],
    };
    let texts = items.into_iter().filter_map(Value::as_str).filter(|text| !text.is_empty());
    Raw::Many(texts.map(str::to_owned).collect())
}

impl RowsState {
    fn apply(&mut self, name: &str, slot: &Slot, schema: &Schema, sent: Sent<'_>) -> bool {
        let key = slot.key();
        let before = (!self.wrong.said.is_empty()).then(|| self.typed());
        let inner = sent.within(key);
        let order = Order::of(sent, key).filter(|order| order.is_of_now(self.version));
        let fields = inner.fields.into_iter().flat_map(Map::keys);
        let mut keys: Vec<u32> = fields.filter_map(|key| key.parse().ok()).collect();
        keys.sort_unstable();
        if let Some(order) = &order {
            keys = [&order.keys[..], &keys].concat();
        }
        let n_more = self.meet(&keys, name, slot, schema);
        if let Some(order) = &order {
            self.arrange(order, &keys);
        }
        let mut asks = false;
        for row in &mut self.rows {
            let sent = inner.within(&row.key.to_string());
            // Other rows the browser does not have yet, or this input does not speak of.
            if sent.fields.is_some() {
                asks |= row.group.apply(&row.name, schema, sent);
            }
        }
        let Edit { is_asked, found_no_room } = self.edit(name, slot, schema, sent);
        let is_too_many = n_more > 0 || found_no_room;
        if is_too_many || order.is_some() || !keys.is_empty() {
            self.wrong.too_many = is_too_many.then(|| sent.words.too_many_rows(slot.max_rows));
        }
        self.used = (self.used && !sent.is_reset) || is_asked || is_too_many;
        if before.is_some_and(|before| before != self.typed()) {
            self.wrong.said.clear();
        }
        asks || is_asked
    }

    /// Takes over rows that are not known here, as after a crash; returns how many found no room.
    fn meet(&mut self, keys: &[u32], name: &str, slot: &Slot, schema: &Schema) -> usize {
        let is_new = |key: u32, rows: &Self| rows.index(key).is_none() && !rows.is_gone(key);
        keys.iter()
            .filter(|key| is_new(**key, self) && !self.insert(**key, name, schema, slot.max_rows))
            .count()
    }

    /// Has the rows in the browser's order, and those alone that it has if it says so.
    fn arrange(&mut self, order: &Order, keys: &[u32]) {
        if let Some(version) = order.version {
            self.version = self.version.max(version);
            self.rows.retain(|row| keys.contains(&row.key));
        }
        let place = |key| keys.iter().position(|known| *known == key).unwrap_or(keys.len());
        self.rows.sort_by_cached_key(|row| place(row.key));
    }

    /// Does what a button or a box for rows asks for.
    fn edit(&mut self, name: &str, slot: &Slot, schema: &Schema, sent: Sent<'_>) -> Edit {
        let key = slot.key();
        let rows = |prefix| {
            let texts = sent.marked(prefix, key).unwrap_or_default();
            texts.into_iter().filter_map(|text| text.parse::<u32>().ok())
        };
        let mut edit = Edit::default();
        for key in rows(REMOVE) {
            edit.is_asked = true;
            self.remove(key);
        }
        for (prefix, is_up) in [(UP, true), (DOWN, false)] {
            for key in rows(prefix) {
                let place = self.index(key).unwrap_or_default();
                let place = if is_up { place.saturating_sub(1) } else { place + 1 };
                edit.is_asked = true;
                self.move_to(key, place);
            }
        }
        let wants = sent.marked(ADD, key).unwrap_or_default();
        for _ in wants.iter().filter(|text| !text.is_empty()) {
            edit.is_asked = true;
            edit.found_no_room |= self.add(name, schema, slot.max_rows).is_none();
        }
        edit
    }
}

/// What was asked of a list of rows.
#[derive(Default)]
struct Edit {
    /// Anything, done or not.
    is_asked: bool,
    found_no_room: bool,
}
