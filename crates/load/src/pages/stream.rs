//! `/stream/{n}`: a list that the browser keeps, with as many items at first as its address says.

use axum::extract::Path;
use belvedere::{LiveEvent, LiveStream, LiveView, MountError, Render, Result, Socket, live};

use super::table::{User, first_users};

/// The stream of one browser.
#[derive(Debug)]
pub struct Streamed {
    users: LiveStream<User>,
    last: u32,
}

/// What the load client asks for.
#[derive(Debug, LiveEvent)]
pub enum StreamEvent {
    /// So many new items at the end.
    Append {
        /// Of items.
        n_items: u32,
    },
    /// The first item is shown anew.
    Update,
}

impl LiveView for Streamed {
    type Extract = Path<u32>;
    type Params = ();
    type Event = StreamEvent;
    type Message = ();

    async fn mount(Path(n_items): Path<u32>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut users = LiveStream::new("users", |user: &User| user.id);
        users.extend(first_users(n_items));
        Ok(Self { users, last: n_items })
    }

    async fn handle_event(&mut self, event: StreamEvent, _: &mut Socket<Self>) -> Result {
        let mut user = |id| User { id, name: "New Row".to_owned(), age: 1 };
        match event {
            StreamEvent::Append { n_items } => {
                self.users.extend((self.last + 1..=self.last + n_items).map(&mut user));
                self.last += n_items;
            }
            StreamEvent::Update => self.users.update(user(1)),
        }
        Ok(())
    }

    fn render(&self) -> impl Render {
        live! {
            h1 { "Stream" }
            ul #users phx-update="stream" {
                @for (id, user) in &self.users {
                    li id=(id) { b { (user.name) } " " (user.age) }
                }
            }
        }
    }
}
