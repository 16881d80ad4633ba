use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use axum::extract::Path;
use belvedere::{LiveView, MountError, Render, Result, Socket, live};

/// How many views there are and have been, by room. Each test has a room of its own.
static ROOMS: LazyLock<Mutex<HashMap<String, Room>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Room {
    n_views: usize,
    n_mounts: usize,
}

/// Counts itself for as long as it lives.
pub(crate) struct Tab {
    room: String,
    number: usize,
}

impl LiveView for Tab {
    type Extract = Path<String>;
    type Params = ();
    type Event = ();
    type Message = ();

    async fn mount(Path(room): Path<String>, _: &mut Socket<Self>) -> Result<Self, MountError> {
        let mut rooms = rooms();
        let counted = rooms.entry(room.clone()).or_default();
        counted.n_views += 1;
        counted.n_mounts += 1;
        Ok(Self { room, number: counted.n_mounts })
    }

    fn render(&self) -> impl Render {
        live! {
            output { (self.number) }
            a href=(format!("/tabs/{}/views", self.room)) { "Leave" }
        }
    }
}

impl Drop for Tab {
    fn drop(&mut self) {
        if let Some(room) = rooms().get_mut(&self.room) {
            room.n_views -= 1;
        }
    }
}

/// How many views of a room there are.
pub(crate) async fn views(Path(room): Path<String>) -> String {
    rooms().get(&room).map_or(0, |room| room.n_views).to_string()
}

fn rooms() -> MutexGuard<'static, HashMap<String, Room>> {
    ROOMS.lock().unwrap_or_else(PoisonError::into_inner)
}
