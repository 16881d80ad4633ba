//! `/table`: 200 keyed rows, changed one at a time, all at once, or only in their order.

use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};

/// Rows of the table.
pub const N_ROWS: u32 = 200;

/// Starts the random order of the first shuffle; every view shuffles alike.
pub(super) const SHUFFLE_SEED: u64 = 0x9e37_79b9_7f4a_7c15;

const FIRST_NAMES: [&str; 10] =
    ["Ada", "Alan", "Barbara", "Claude", "Donald", "Edsger", "Frances", "Grace", "Haskell", "Ivan"];

/// With the first names 2,500 bytes for all rows, as in the reference server's table.
const LAST_NAMES: [&str; 10] = [
    "Lovelace", "Turing", "Liskov", "Shannon", "Knuth", "Dijkstra", "Allen", "Hopper", "Curry",
    "Gray",
];

/// A row.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct User {
    /// The row's key.
    pub id: u32,
    /// First and last name.
    pub name: String,
    /// In years; what a bump adds to.
    pub age: u32,
}

/// The rows as they are at first.
#[must_use]
pub fn users() -> Vec<User> {
    first_users(N_ROWS)
}

/// So many rows as they are at first.
pub(super) fn first_users(n_rows: u32) -> Vec<User> {
    (1..=n_rows)
        .map(|id| {
            let first = FIRST_NAMES[id as usize % 10];
            let last = LAST_NAMES[id as usize / 10 % 10];
            User { id, name: [first, " ", last].concat(), age: 20 + id * 7 % 60 }
        })
        .collect()
}

/// The page's content. Here and not in the view, for benchmarks without one.
#[must_use]
pub fn table(users: &[User]) -> impl Render {
    live! {
        h1 { "Table" }
        // The bare name, as on the reference page: the event's id is optional.
        button #bump phx-click="bump" { "Bump one" }
        button #bump-all phx-click=(TableEvent::BumpAll) { "Bump all" }
        button #shuffle phx-click=(TableEvent::Shuffle) { "Shuffle" }
        button #reverse phx-click=(TableEvent::Reverse) { "Reverse" }
        table {
            thead { tr { th { "Id" } th { "Name" } th { "Age" } } }
            tbody #rows {
                @for user in users {
                    tr #{ "row-" (user.id) } key=(user.id) {
                        td { (user.id) } td { (user.name) } td { (user.age) }
                    }
                }
            }
        }
    }
}

/// The same page by maud alone, with nothing to be kept live.
#[must_use]
pub fn plain_table(users: &[User]) -> Markup {
    html! {
        h1 { "Table" }
        button #bump phx-click="bump" { "Bump one" }
        button #bump-all phx-click=(TableEvent::BumpAll) { "Bump all" }
        button #shuffle phx-click=(TableEvent::Shuffle) { "Shuffle" }
        button #reverse phx-click=(TableEvent::Reverse) { "Reverse" }
        table {
            thead { tr { th { "Id" } th { "Name" } th { "Age" } } }
            tbody #rows {
                @for user in users {
                    tr #{ "row-" (user.id) } {
                        td { (user.id) } td { (user.name) } td { (user.age) }
                    }
                }
            }
        }
    }
}

/// The table of one browser.
#[derive(Debug)]
pub struct Table {
    users: Vec<User>,
    random: u64,
}

/// What the page's buttons, and the load client beyond them, ask for.
#[derive(Debug, LiveEvent)]
pub enum TableEvent {
    /// One row is a year older: the first, unless an id says which.
    Bump {
        /// Its key.
        id: Option<u32>,
    },
    /// All rows are a year older.
    BumpAll,
    /// A random order.
    Shuffle,
    /// Last row first.
    Reverse,
    /// Last row first, and the old first is a year older.
    ReverseBump,
    /// A new row at the end.
    Append,
    /// The first row goes.
    Delete,
}

impl LiveView for Table {
    type Extract = ();
    type Params = ();
    type Event = TableEvent;
    type Message = ();

    async fn mount((): (), _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self::of(users()))
    }

    async fn handle_event(&mut self, event: TableEvent, _: &mut Socket<Self>) -> Result {
        self.handle(&event);
        Ok(())
    }

    fn render(&self) -> impl Render {
        table(&self.users)
    }
}

impl Table {
    pub(super) const fn of(users: Vec<User>) -> Self {
        Self { users, random: SHUFFLE_SEED }
    }

    pub(super) fn users(&self) -> &[User] {
        &self.users
    }

    pub(super) fn handle(&mut self, event: &TableEvent) {
        match event {
            TableEvent::Bump { id: None } => self.bump_first(),
            TableEvent::Bump { id: Some(id) } => {
                self.users.iter_mut().filter(|user| user.id == *id).for_each(|user| user.age += 1);
            }
            TableEvent::BumpAll => self.users.iter_mut().for_each(|user| user.age += 1),
            TableEvent::Shuffle => shuffle(&mut self.users, &mut self.random),
            TableEvent::Reverse => self.users.reverse(),
            TableEvent::ReverseBump => {
                self.bump_first();
                self.users.reverse();
            }
            TableEvent::Append => self.append(),
            TableEvent::Delete => drop(self.users.drain(..1.min(self.users.len()))),
        }
    }

    fn bump_first(&mut self) {
        if let Some(first) = self.users.first_mut() {
            first.age += 1;
        }
    }

    fn append(&mut self) {
        let id = 800 + self.users.len() as u32;
        self.users.push(User { id, name: "New Row".to_owned(), age: 1 });
    }
}

/// Fisher and Yates', with a generator too small to be measured.
pub(super) fn shuffle(users: &mut [User], random: &mut u64) {
    let mut number = *random;
    for last in (1..users.len()).rev() {
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        users.swap(last, (number % (last as u64 + 1)) as usize);
    }
    *random = number;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn live_and_plain_table_are_the_same_page() {
        let users = users();
        assert_eq!(belvedere::template::to_html(&table(&users)), plain_table(&users).into_string());
    }

    #[test]
    fn names_are_as_long_as_the_reference_servers() {
        assert_eq!(users().iter().map(|user| user.name.len()).sum::<usize>(), 2500);
    }
}
