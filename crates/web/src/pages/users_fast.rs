//! `/users-fast`: users with their number of todo items, in one query however many there are.

use std::time::Instant;

use axum::extract::State;
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, flash, live};
use belvedere_diesel::{QueryError, Repo};
use domain::users;

use crate::pages::round_trip::RoundTrip;
use crate::pages::users_table::{Cost, MAX_SHOWN, UsersTable, cut};

/// The page's state.
#[derive(Debug)]
pub struct UsersFast {
    repo: Repo,
    round_trip: RoundTrip,
    table: UsersTable,
}

/// What its button asks for.
#[derive(Debug, LiveEvent)]
pub enum Event {
    /// Load the users again.
    Refresh,
}

impl LiveView for UsersFast {
    type Extract = (State<Repo>, RoundTrip);
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        (State(repo), round_trip): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Users, fast");
        let repo = round_trip.of(&repo);
        let table = load(&repo).await?;
        Ok(Self { repo, round_trip, table })
    }

    async fn handle_event(&mut self, event: Event, _socket: &mut Socket<Self>) -> Result {
        match event {
            Event::Refresh => self.table = load(&self.repo).await?,
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            (flash())
            div.page-head {
                div {
                    h1 { "Users, fast" }
                    p.lead { "One query, in which the database counts the todo items of everyone." }
                }
                button type="button" id="refresh" phx-click=(Event::Refresh) { "Refresh" }
            }
            (self.round_trip.render("/users-fast"))
            (self.table.render(Cost::Constant))
        }
    }
}

async fn load(repo: &Repo) -> Result<UsersTable, QueryError> {
    let (repo, count) = repo.counted();
    let started = Instant::now();
    let mut users = users::list_with_todo_counts(&repo, MAX_SHOWN + 1).await?;
    let has_more = cut(&mut users);
    Ok(UsersTable::loaded(users, has_more, started, &count))
}
