//! Examples of `belvedere` within this application: their own files, which serve themselves as well.

use axum::Router;
use belvedere::{LivePath as _, LiveRouter as _};

#[path = "../../belvedere/examples/chat.rs"]
#[expect(dead_code, reason = "its `main` serves it alone")]
mod chat;

#[path = "../../belvedere/examples/search.rs"]
#[expect(dead_code, reason = "its `main` serves it alone")]
mod search;

#[path = "../../belvedere/examples/todos.rs"]
#[expect(dead_code, reason = "its `main` serves it alone")]
mod todos;

/// Their pages.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let chat = Router::new().live::<chat::Chat>("/chat").with_state(chat::Room::default());
    let todos = Router::new().live::<todos::Todos>("/todos").with_state(todos::Store::default());
    let search = Router::new().live::<search::Mountains>(search::Search::ROUTE);
    chat.merge(todos).merge(search)
}
