//! Whether visitors may change what is in the database, and what refuses it where they may not.

use axum::Router;
use axum::extract::Request;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use belvedere::http::guard_events;
use belvedere::{EventRefusal, GuardedEvent};
use http::{Method, StatusCode};

/// Whether the database may be changed: the setting `READ_ONLY`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Writes {
    /// Everybody may.
    #[default]
    Allowed,
    /// Nobody may: the pages show, search and sort.
    Refused,
}

impl Writes {
    /// The pages of the database, which take from their visitors what this allows.
    pub fn guard<S: Clone + Send + Sync + 'static>(self, pages: Router<S>) -> Router<S> {
        match self {
            Self::Allowed => pages,
            Self::Refused => {
                pages.layer(guard_events(only_reads)).layer(middleware::from_fn(only_gets))
            }
        }
    }
}

fn only_reads(event: &GuardedEvent<'_>) -> Result<(), EventRefusal> {
    match event.only_reads {
        true => Ok(()),
        false => Err(EventRefusal::flash("error", "This server takes no changes.")),
    }
}

/// The same for forms that are sent without the socket.
async fn only_gets(request: Request, next: Next) -> Response {
    match *request.method() {
        Method::GET | Method::HEAD => next.run(request).await,
        _ => StatusCode::FORBIDDEN.into_response(),
    }
}
