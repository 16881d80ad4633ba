//! `/rows/{n}`: the table with as many rows as its address says.

use axum::extract::{Path, Query};
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, live};
use serde::Deserialize;

use super::table::{SHUFFLE_SEED, User, first_users, shuffle, table};

/// The table of one browser.
#[derive(Debug)]
pub struct Rows {
    users: Vec<User>,
    random: u64,
    turn: u32,
}

/// What the load client asks for.
#[derive(Debug, LiveEvent)]
pub enum RowsEvent {
    /// The first of the rows, so many, are a year older.
    Age {
        /// Of the rows.
        n_rows: usize,
    },
    /// A random order.
    Mix,
    /// All names are so long, and other ones.
    Lengthen {
        /// Of one name.
        n_bytes: usize,
    },
}

/// What a patch changes.
#[derive(Debug, Deserialize)]
pub struct Turn {
    /// Shown above the table.
    #[serde(default)]
    turn: u32,
}

impl LiveView for Rows {
    type Extract = Path<u32>;
    type Params = Query<Turn>;
    type Event = RowsEvent;
    type Message = ();

    async fn mount(Path(n_rows): Path<u32>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        Ok(Self { users: first_users(n_rows), random: SHUFFLE_SEED, turn: 0 })
    }

    async fn handle_params(
        &mut self,
        Query(Turn { turn }): Query<Turn>,
        _: &mut Socket<Self>,
    ) -> Result<(), MountError> {
        self.turn = turn;
        Ok(())
    }

    async fn handle_event(&mut self, event: RowsEvent, _: &mut Socket<Self>) -> Result {
        match event {
            RowsEvent::Age { n_rows } => {
                self.users.iter_mut().take(n_rows).for_each(|user| user.age += 1);
            }
            RowsEvent::Mix => shuffle(&mut self.users, &mut self.random),
            RowsEvent::Lengthen { n_bytes } => {
                self.turn += 1;
                let letter = if self.turn.is_multiple_of(2) { "a" } else { "b" };
                self.users.iter_mut().for_each(|user| user.name = letter.repeat(n_bytes));
            }
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            p { "Turn " (self.turn) }
            (table(&self.users))
        }
    }
}
