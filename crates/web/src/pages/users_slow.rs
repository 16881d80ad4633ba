//! `/users-slow`: the table of `/users-fast`, with one query more for every user.
//!
//! The infamous N+1, on purpose: [`users_fast`](super::users_fast) shows how to do it.

use std::time::Instant;

use axum::extract::State;
use belvedere::{LiveEvent, LiveView, MountError, Render, Result, Socket, flash, live};
use belvedere_diesel::{QueryError, Repo};
use domain::{todo_list_items, users};

use crate::pages::round_trip::RoundTrip;
use crate::pages::users_table::{Cost, MAX_SHOWN, UsersTable, cut};

/// The page's state.
#[derive(Debug)]
pub struct UsersSlow {
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

impl LiveView for UsersSlow {
    type Extract = (State<Repo>, RoundTrip);
    type Params = ();
    type Event = Event;
    type Message = ();

    async fn mount(
        (State(repo), round_trip): Self::Extract,
        socket: &mut Socket<Self>,
    ) -> Result<Self, MountError> {
        socket.set_title("Users, slow");
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
                    h1 { "Users, slow" }
                    p.lead { "One query for the users, and then one more for each of them." }
                }
                button type="button" id="refresh" phx-click=(Event::Refresh) { "Refresh" }
            }
            (self.round_trip.render("/users-slow"))
            (self.table.render(Cost::PerUser))
        }
    }
}

async fn load(repo: &Repo) -> Result<UsersTable, QueryError> {
    let (repo, count) = repo.counted();
    let started = Instant::now();
    let mut users = users::list(&repo, MAX_SHOWN + 1).await?;
    let has_more = cut(&mut users);
    let mut rows = Vec::new();
    for user in users {
        let n_items = todo_list_items::count_of_user(&repo, user.id).await?;
        rows.push((user, n_items));
    }
    Ok(UsersTable::loaded(rows, has_more, started, &count))
}
