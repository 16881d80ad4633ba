//! Forms as types: what was typed stays, all that is wrong is said at its input, once it was used.

use axum::routing::post;
use belvedere::testing::TestApp;
use belvedere::{Form, FormData, LiveConfig, LiveForm, LiveRouter, LiveRuntime};

use crate::views::{config, served};
use trip::{Booking, Day, Guest, Meal, Trip};

mod alike;
mod bytes;
mod garbage;
mod markup;
mod plain;
mod properties;
mod recovery;
mod rows;
mod state;
mod trip;
mod typed;

/// A visitor of the page with the form.
pub(crate) fn app() -> TestApp {
    app_with(config())
}

fn app_with(config: LiveConfig) -> TestApp {
    let router = axum::Router::new().live::<Booking>("/trip").route("/trip", post(trip::book));
    served(LiveRuntime::new(config), router)
}

/// What a browser sends, without marks of unused inputs but those that are written out.
fn sent<T>(encoded: &str) -> FormData<T> {
    FormData::parse(encoded, &Default::default()).expect("within the limits")
}

/// The texts of what is wrong with an input, as a page shows them.
fn error<T: Form, V>(
    form: &LiveForm<T>,
    field: impl FnOnce(T::Fields) -> belvedere::form::InputPath<V>,
) -> String {
    form.field(field).error().to_string()
}
