//! One tiny live view per behaviour, and the application that serves them.

use std::time::{Duration, SystemTime};

use axum::Router;
use belvedere::testing::TestApp;
use belvedere::wire::token::{Keys, PageToken};
use belvedere::{LiveConfig, LiveRouter, LiveRuntime, SecretKeyBase, SnapshotOptions};
use serde_json::Value;

mod board;
mod catalog;
mod counter;
mod desk;
mod dialog;
mod feed;
mod folders;
mod gate;
pub(crate) mod hall;
mod inbox;
mod lobby;
mod meter;
mod panel;
mod player;
mod shelf;
mod signpost;
mod survey;
mod troubled;
mod wall;
mod workshop;

pub(crate) use board::{Board, Loads};
pub(crate) use catalog::{Calls, Catalog};
pub(crate) use counter::Counter;
pub(crate) use desk::Desk;
pub(crate) use dialog::Dialog;
pub(crate) use feed::Feed;
pub(crate) use folders::{Folder, Folders};
pub(crate) use gate::{Gate, Keeper};
pub(crate) use hall::{FIRST_ROW, Hall, MAX_NOTES, MAX_ROWS, Room, Row};
pub(crate) use inbox::{Inbox, Senders};
pub(crate) use lobby::{Book, Lobby};
pub(crate) use meter::{Meter, Probe};
pub(crate) use panel::{Lines, Panel, Reading};
pub(crate) use player::{Player, radio};
pub(crate) use shelf::{Rooms, Shelf, Showcase};
pub(crate) use signpost::Signpost;
pub(crate) use survey::Survey;
pub(crate) use troubled::Troubled;
pub(crate) use wall::{Asked, Wall};
pub(crate) use workshop::{Name, Plan, Work, Workshop};

/// The configuration of every test, with a fixed secret.
pub(crate) fn config() -> LiveConfig {
    LiveConfig::new(SecretKeyBase::new(&"s".repeat(64)).expect("64 bytes are enough"))
}

/// The token of a page that was rendered just now, as of a minute ago.
pub(crate) fn minute_old(token: &Value) -> Value {
    let keys = Keys::derive(&config().secret_key_base, "");
    let token = PageToken::verify(token.as_str().expect("a text"), &keys, SystemTime::now());
    let token = token.expect("a token of this server");
    PageToken { issued_at: token.issued_at - Duration::from_secs(60), ..token }.sign(&keys).into()
}

/// The configuration of a server that sends every snapshot at once.
pub(crate) fn prompt() -> LiveConfig {
    let snapshots = SnapshotOptions { interval: Duration::ZERO, ..SnapshotOptions::default() };
    LiveConfig { snapshots, ..config() }
}

/// All views of this module behind their routes.
pub(crate) fn router(senders: Senders) -> Router {
    Router::new()
        .live::<Counter>("/counter")
        .live::<Counter>("/counter/{start}")
        .live::<Feed>("/feed/{restream}")
        .live::<Inbox>("/inbox")
        .live::<Survey>("/survey/{kind}")
        .live::<Troubled>("/troubled/{trouble}")
        .route("/plain", axum::routing::get(|| async { "plain" }))
        .with_state(senders)
}

/// A visitor of the application with the default configuration.
pub(crate) fn app() -> TestApp {
    app_with(config())
}

/// A visitor of the application with this configuration.
pub(crate) fn app_with(config: LiveConfig) -> TestApp {
    served(LiveRuntime::new(config), router(Senders::default()))
}

/// A visitor of `router`, served by `live`.
pub(crate) fn served(live: LiveRuntime, router: Router) -> TestApp {
    TestApp::new(&live, live.clone().serve(router))
}
