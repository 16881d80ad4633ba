//! What the person in front of the page should see.

use std::collections::BTreeMap;

use belvedere::testing::TestView;

use super::page::Store;

/// A value that a snapshot keeps.
#[derive(Clone, Debug)]
pub(super) struct Kept<T> {
    pub(super) now: T,
    /// What the browser may have been given last, the newest at the end.
    given: Vec<T>,
}

impl<T: Clone + Default + PartialEq> Kept<T> {
    pub(super) fn of(now: T) -> Self {
        Self { given: vec![now.clone()], now }
    }

    /// It has changed, and was answered.
    pub(super) fn set(&mut self, now: T) {
        self.now = now.clone();
        self.given.push(now);
    }

    /// The browser has it as it is now.
    pub(super) fn is_given(&mut self) {
        self.given = vec![self.now.clone()];
    }
}

/// The number and the mark.
pub(super) type Counts = (u32, u32);

/// Where the page's view is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    /// Number of the server.
    pub(super) server: u32,
    pub(super) build: u32,
}

/// What was answered.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) at: At,
    /// That view lives, and waits for its browser if that is gone.
    pub(super) lives: bool,
    pub(super) counts: Kept<Counts>,
    pub(super) said: Kept<u32>,
    pub(super) note: String,
    pub(super) fleeting: u32,
    pub(super) page: u32,
    pub(super) piece: Option<u32>,
    pub(super) rows: Vec<u32>,
    pub(super) rooms: BTreeMap<u32, u32>,
}

impl Person {
    /// A page that has just been loaded.
    pub(super) fn begins(at: At, page: u32, rows: Vec<u32>) -> Self {
        Self {
            at,
            lives: true,
            counts: Kept::of((0, 0)),
            said: Kept::of(0),
            note: String::new(),
            fleeting: 0,
            page,
            piece: None,
            rows,
            rooms: BTreeMap::new(),
        }
    }

    /// What may be shown when another server, or the same after a crash, has mounted the page anew.
    pub(super) fn mounted_anew(&self, at: At) -> Vec<Self> {
        let read = |(number, mark): Counts| match (self.at.build, at.build) {
            (1, _) => (number, 0),
            (2, 2) => (number, mark),
            // What the first build cannot read.
            _ => (0, 0),
        };
        let all = self.with_another_guest().into_iter().flat_map(|person| {
            let counts = person.counts.given.clone().into_iter().map(read);
            counts.map(move |counts| Self {
                counts: Kept::of(counts),
                fleeting: 0,
                piece: None,
                rooms: BTreeMap::new(),
                ..person.clone()
            })
        });
        all.collect()
    }

    /// The same, when the guest was mounted anew.
    pub(super) fn with_another_guest(&self) -> Vec<Self> {
        let said = self.said.given.iter();
        said.map(|said| Self { said: Kept::of(*said), ..self.clone() }).collect()
    }

    /// Everything that was answered, exactly once, and nothing else.
    pub(super) fn sees(&self) -> Seen {
        let (number, mark) = self.counts.now;
        let outputs = [number, mark, self.fleeting, self.page].map(|value| value.to_string());
        let piece = self.piece.map_or("none".to_owned(), |value| value.to_string());
        let rooms = self.rooms.iter().map(|(id, clicks)| format!("{id}:{clicks}"));
        Seen {
            outputs: outputs.into_iter().chain([piece, self.note.clone()]).collect(),
            rows: self.rows.iter().map(ToString::to_string).collect(),
            stored: self.rows.clone(),
            rooms: rooms.collect(),
            guest: self.said.now.to_string(),
        }
    }
}

/// What a page shows, and what is stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    outputs: Vec<String>,
    rows: Vec<String>,
    stored: Vec<u32>,
    rooms: Vec<String>,
    guest: String,
}

impl Seen {
    pub(super) fn of(life: &TestView, guest: &TestView, store: &Store) -> Self {
        let mut rooms = life.texts("section b");
        rooms.sort_unstable();
        Self {
            outputs: life.texts("output"),
            rows: life.texts("#rows li"),
            stored: store.rows(),
            rooms,
            guest: guest.text("i"),
        }
    }
}
