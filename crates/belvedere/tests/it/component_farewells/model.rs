//! What a person should see of a hall.

use std::collections::BTreeMap;

use super::browser::Numbers;
use crate::views::{MAX_NOTES, Room, Row, hall};

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) rooms: Vec<Room>,
    pub(super) rows: Vec<Row>,
    keeps_first: bool,
    /// Clicks of rooms that have not ended, by id; nothing is kept of others.
    pub(super) clicks: BTreeMap<u32, u32>,
    /// The number under which the page last showed a room.
    pub(super) numbers: BTreeMap<u32, u64>,
}

impl Model {
    pub(super) fn new(keeps_first: bool) -> Self {
        Self { rows: hall::first_rows(), keeps_first, ..Self::default() }
    }

    /// The rooms of the page in its order.
    pub(super) fn shown(&self) -> Vec<u32> {
        fn push(rooms: &[Room], shown: &mut Vec<u32>) {
            for room in rooms {
                shown.push(room.id);
                push(&room.inner, shown);
            }
        }
        let mut shown = Vec::new();
        push(&self.rooms, &mut shown);
        shown.extend(self.rows.iter().flat_map(Row::room_ids));
        shown
    }

    pub(super) fn row_ids(&self) -> Vec<String> {
        self.rows.iter().map(|row| row.id.to_string()).collect()
    }

    /// What each room says, and its notes.
    pub(super) fn texts(&self) -> Vec<(String, Vec<String>)> {
        let text = |id: u32| {
            let clicks = self.clicks.get(&id).copied().unwrap_or_default();
            let n_kept = if id.is_multiple_of(3) { 0 } else { MAX_NOTES };
            let notes = (clicks + 1).saturating_sub(n_kept)..clicks + 1;
            (format!("{id}:{clicks}"), notes.map(|note| note.to_string()).collect())
        };
        self.shown().into_iter().map(text).collect()
    }

    /// The page has changed: a room that is back and cannot tell its notes is a new one.
    pub(super) fn changes(&mut self, change: impl FnOnce(&mut Self)) {
        let before = self.shown();
        change(self);
        hall::limit(&mut self.rows, self.keeps_first);
        for id in self.shown() {
            if !before.contains(&id) && id % 3 == 2 {
                self.clicks.remove(&id);
            }
        }
    }

    /// The browser has said farewell.
    pub(super) fn destroyed(&mut self, numbers: &Numbers) {
        let shown = self.shown();
        let Self { clicks, numbers: known, .. } = self;
        clicks.retain(|id, _| {
            shown.contains(id) || !known.get(id).is_some_and(|number| numbers.contains(number))
        });
    }

    /// The browser joins again. A room that cannot tell its notes has the page mounted anew.
    pub(super) fn joins(&mut self) {
        let shown = self.shown();
        if shown.iter().any(|id| id % 3 == 2) {
            *self = Self::new(self.keeps_first);
        }
        self.clicks.retain(|id, _| shown.contains(id));
    }
}
